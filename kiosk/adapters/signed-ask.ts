/**
 * Asks the server something as JSON, signed as everything from a terminal: a POST where there is something to say. Rejects
 * where there is no answer.
 */
import { toBase64url, toUtf8 } from "../../shared/bytes.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import { browserRandom } from "./random.ts";

export type SignedAsk = {
  readonly path: string;
  readonly json?: unknown;
  readonly at: Instant;
  /** Gives up. */
  readonly signal: AbortSignal;
};

export const askSigned = async ({ terminal, key }: Identity, { path, json, at, signal }: SignedAsk) => {
  const { contentDigestOf, signRequest } = await import("../../shared/http-signature.ts");
  const url = new URL(path, location.origin).href;
  const body = json === undefined ? null : toUtf8(JSON.stringify(json));
  const method = body === null ? "GET" : "POST";
  const headers: Record<string, string> =
    body === null ? {} : { "content-type": "application/json", "content-digest": await contentDigestOf(body) };
  const nonce = toBase64url(browserRandom.bytes(16));
  const signature = await signRequest({ method, url, headers }, key, terminal, at, nonce);
  return fetch(url, {
    method,
    headers: { ...headers, ...signature },
    body,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    signal,
  });
};
