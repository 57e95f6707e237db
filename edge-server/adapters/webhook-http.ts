/** A programme's webhook over HTTP: each request signed by RFC 9421, no redirects, an answer within 20 s. */
import { toBase64url } from "../../shared/bytes.ts";
import { contentDigestOf, signRequest } from "../../shared/http-signature.ts";
import type { SigningKey } from "../../shared/keys.ts";
import type { Webhook } from "../event-delivery.ts";
import { randomBytes } from "../random.ts";

const answerSecondsMax = 20;

/** The operator's edge key vouches for what its ledger has, as in an ack; the root names it. */
export const createHttpWebhook = (url: string, edgeKey: () => Promise<SigningKey>, now: () => number): Webhook => ({
  post: async (body, contentType) => {
    const key = await edgeKey();
    const headers = { "content-type": contentType, "content-digest": await contentDigestOf(body) };
    const nonce = toBase64url(randomBytes(16));
    const signature = await signRequest({ method: "POST", url, headers }, key, key.kid, now(), nonce);
    try {
      const response = await fetch(url, {
        ...{ method: "POST", headers: { ...headers, ...signature }, body, redirect: "manual" },
        signal: AbortSignal.timeout(answerSecondsMax * 1000),
      });
      await response.body?.cancel();
      const { status } = response;
      if (status >= 200 && status < 300) return { kind: "taken" };
      const isPassing = status === 408 || status === 429 || status >= 500;
      return { kind: isPassing ? "away" : "refused", cause: `it answered ${status}` };
    } catch (error) {
      const cause = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : "";
      return { kind: "away", cause: cause || "no answer" };
    }
  },
  wait: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
});
