/** `POST /v1/health`, signed as everything from a terminal. Rejects where there is no answer in time. */
import { toBase64url, toUtf8 } from "../../shared/bytes.ts";
import type { HealthReport } from "../../shared/health.ts";
import { contentDigestOf, signRequest } from "../../shared/http-signature.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import { browserRandom } from "./random.ts";

const answerSeconds = 10;

export const postHealth = async ({ terminal, key }: Identity, report: HealthReport, at: Instant): Promise<void> => {
  const url = new URL("/v1/health", location.origin).href;
  const body = toUtf8(JSON.stringify(report));
  const headers = { "content-type": "application/json", "content-digest": await contentDigestOf(body) };
  const nonce = toBase64url(browserRandom.bytes(16));
  const signature = await signRequest({ method: "POST", url, headers }, key, terminal, at, nonce);
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, ...signature },
    body,
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(answerSeconds * 1000),
  });
  await response.body?.cancel();
};
