/**
 * What this phone asks about a receipt that is its own (shared/own-receipt): why, in full, and an objection as the one it is
 * about. A case's secret is shown once and forgotten: whoever finds the phone does not find it.
 */
import { toBase64url } from "../../shared/bytes.ts";
import { signOwnReceipt } from "../../shared/own-receipt.ts";
import { readReceiptCode } from "../../shared/receipt-code.ts";
import type { Held } from "./held.ts";
import type { Explainer, WalletClock } from "./ports.ts";
import { failureOf, type ReceiptAsked } from "./state.ts";

export type Receipts = {
  readonly ask: (held: Held, typed: string) => Promise<void>;
  /** To what was just explained. */
  readonly object: (held: Held, text: string) => Promise<void>;
  /** Forgets what was shown. */
  readonly drop: () => void;
  readonly shown: () => ReceiptAsked | null;
};

export type ReceiptEdges = {
  readonly explainer: Explainer;
  readonly clock: Pick<WalletClock, "now">;
  readonly onChange: () => void;
};

export const createReceipts = ({ explainer, clock, onChange }: ReceiptEdges): Receipts => {
  let asked: ReceiptAsked | null = null;

  const show = (next: ReceiptAsked): void => {
    asked = next;
    onChange();
  };
  const isShown = (what: ReceiptAsked): boolean => asked === what;

  const sign = async ({ key, credential }: Held, code: string): Promise<string | null> =>
    credential === null ? null : toBase64url(await signOwnReceipt({ credential, code, at: clock.now() }, key));

  return {
    ask: async (held, typed) => {
      if (asked?.kind === "asking") return;
      if (readReceiptCode(typed) === null) return show({ kind: "mistyped" });
      const asking: ReceiptAsked = { kind: "asking" };
      show(asking);
      const own = await sign(held, typed);
      const answer = own === null ? null : await explainer.why({ code: typed, own });
      // Put away meanwhile.
      if (!isShown(asking)) return;
      if (answer?.kind === "answered") return show({ kind: "told", why: answer.value, sent: null });
      show({ kind: "failed", ...failureOf(answer ?? { kind: "unreachable", cause: "there is no credential" }) });
    },
    object: async (held, text) => {
      if (asked?.kind !== "told" || asked.sent?.kind === "asking" || asked.sent?.kind === "opened") return;
      const { why } = asked;
      const asking: ReceiptAsked = { kind: "told", why, sent: { kind: "asking" } };
      show(asking);
      const own = await sign(held, why.code);
      const answer = own === null ? null : await explainer.object({ code: why.code, own, text });
      if (!isShown(asking)) return;
      const failure = answer?.kind === "answered" ? null : failureOf(answer ?? { kind: "unreachable", cause: "" });
      if (answer?.kind === "answered") {
        show({ kind: "told", why, sent: { kind: "opened", secret: answer.value.secret } });
      } else if (failure !== null) show({ kind: "told", why, sent: { kind: "failed", ...failure } });
    },
    drop: () => {
      asked = null;
    },
    shown: () => asked,
  };
};
