/** The programme's issuer, and who explains receipts, over HTTP (FORMATS, "HTTP"). Every answer is a value, and none is waited for beyond 15 s. */
import type { Bytes } from "../../../shared/bytes.ts";
import { demoCitizens, orderAnswer, problem, readAnswer } from "../../../shared/messages.ts";
import { objectionAnswer, whyAnswer } from "../../../shared/why.ts";
import type { BadgeIssuer } from "../badge.ts";
import type { Answer, Explainer, Issuer } from "../ports.ts";

const waitMilliseconds = 15_000;
/** More would not fit into a code of 1,024 characters beside the holder's signature. */
const credentialBytesMax = 596;

export const createIssuer = (): Issuer => ({
  citizens: () =>
    exchange("/v1/demo/citizens", {}, async (response) => readAnswer(demoCitizens, await response.json())),
  sendProof: (proof) => exchange("/v1/credentials", cose(proof), readCredential),
  sendRecovery: (recovery) => exchange("/v1/recoveries", cose(recovery), async () => "registered" as const),
  sendLoss: (loss) => exchange("/v1/losses", cose(loss), readCredential),
  sendOrder: (order) => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", body: JSON.stringify(order), headers };
    return exchange("/v1/orders", init, async (response) => readAnswer(orderAnswer, await response.json()));
  },
  onReturn,
});

/** The operator of the terminals, who issues staff badges. */
export const createBadgeIssuer = (): BadgeIssuer => ({
  sendBadgeProof: (proof) => exchange("/v1/badges", cose(proof), readCredential),
  onReturn,
});

const onReturn: Issuer["onReturn"] = (callback) => {
  addEventListener("online", callback);
  return () => removeEventListener("online", callback);
};

export const createExplainer = (): Explainer => ({
  why: (asked) => exchange("/v1/why", json(asked), async (response) => readAnswer(whyAnswer, await response.json())),
  object: (asked) =>
    exchange("/v1/objections", json(asked), async (response) => readAnswer(objectionAnswer, await response.json())),
});

const json = (asked: object): RequestInit => ({
  method: "POST",
  body: JSON.stringify(asked),
  headers: { "content-type": "application/json" },
});

const cose = (body: Bytes): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": "application/cose" },
});

const readCredential = async (response: Response): Promise<Bytes | null> => {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length <= credentialBytesMax ? bytes : null;
};

const exchange = async <T>(
  url: string,
  init: RequestInit,
  read: (response: Response) => Promise<T | null>,
): Promise<Answer<T>> => {
  try {
    const response = await fetch(url, { ...init, cache: "no-store", signal: AbortSignal.timeout(waitMilliseconds) });
    if (!response.ok) {
      const said = await response.json().catch(() => null);
      return { kind: "rejected", status: response.status, problem: readAnswer(problem, said) };
    }
    const value = await read(response);
    return value === null
      ? { kind: "unreachable", cause: "an answer that makes no sense" }
      : { kind: "answered", value };
  } catch (reason) {
    return { kind: "unreachable", cause: reason instanceof Error ? reason.message : String(reason) };
  }
};
