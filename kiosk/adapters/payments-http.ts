/**
 * The operator's payment system behind a local gateway over HTTP, at the URL in the terminal's profile:
 *
 *     POST URL/payments   {"key": "TERMINAL/EPOCH/SEQ", "order": "hold" | "charge" | "release",
 *                          "account": "PSEUDONYM" or null, "amount": 19900, "currency": "CNY"}
 *                      -> {"outcome": "done"} or {"outcome": "refused", "cause"?: "..."}
 *
 * `amount` is in minor units. `account` is the pseudonym under which the citizen has an account with this operator. A key
 * and an order are carried out once: the same again gets the first answer again, however late. `release` undoes what
 * stands under the key, and is `done` where nothing does; a hold or charge that comes after the release of its key is
 * `refused`. An answer comes within 5 s; anything else than these, and none, is an outcome that nobody knows, and the
 * terminal asks again with the same key. The gateway lets the terminal's origin ask (CORS: POST, content-type).
 */
import * as v from "valibot";
import { fromUtf8 } from "../../shared/bytes.ts";
import type { PaymentAnswer, PaymentOrder, Payments } from "../payments.ts";
import { readBounded } from "./bounded-body.ts";

const askSeconds = 5;
const bytesMax = 16 * 1024;

const answered = v.variant("outcome", [
  v.object({ outcome: v.literal("done") }),
  v.object({ outcome: v.literal("refused"), cause: v.optional(v.pipe(v.string(), v.maxLength(200)), "") }),
]);

export const httpPayments = (url: string): Payments => ({
  ask: async ({ of, ...order }) => {
    try {
      const response = await fetch(`${url}/payments`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ key: keyOf(of), ...order }),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(askSeconds * 1000),
      });
      if (!response.ok) return unknown(`the payment system answers ${response.status}`);
      const bytes = await readBounded(response, bytesMax);
      const answer = v.safeParse(answered, bytes === null ? null : JSON.parse(fromUtf8(bytes) ?? ""));
      return answer.success ? answer.output : unknown("the payment system answers something else than agreed");
    } catch (reason) {
      return unknown(`the payment system does not answer: ${reason}`);
    }
  },
});

const keyOf = ({ terminal, epoch, seq }: PaymentOrder["of"]): string => `${terminal}/${epoch}/${seq}`;

const unknown = (cause: string): PaymentAnswer => ({ outcome: "unknown", cause });
