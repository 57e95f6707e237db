/** Which terminal a request comes from, or the problem to answer with. */
import type { Context } from "hono";
import type { Bytes } from "../../shared/bytes.ts";
import { contentDigestOf, signatureAgeMaxSeconds } from "../../shared/http-signature.ts";
import type { Instant } from "../../shared/terms.ts";
import { digest } from "../at-once.ts";
import type { Authenticate, Sender } from "../auth.ts";
import type { Read } from "../body.ts";
import type { WriteLog } from "../events.ts";
import { answerProblem } from "../problem.ts";
import { logCause } from "../request-log.ts";

type Deps = { readonly authenticate: Authenticate; readonly now: () => Instant; readonly writeLog: WriteLog };

/** `body` null: there is none, or it is still to be read and then to be compared (`fitsDigest`). */
export const identifySender = async (deps: Deps, c: Context, body: Bytes | null): Promise<Read<Sender>> => {
  const request = { method: c.req.method, url: c.req.url, headers: c.req.header() };
  const authentication = await deps.authenticate(request, body, deps.now());
  if (authentication.kind === "signed") return { value: authentication.sender };
  if (authentication.kind === "too-many") {
    return { refusal: answerProblem(c, "too-many", {}, { "Retry-After": String(signatureAgeMaxSeconds) }) };
  }
  return refuseUnsigned(deps, c, authentication.cause);
};

/** The digest is among what was signed, where it is there. */
export const fitsDigest = async (c: Context, body: Bytes): Promise<boolean> =>
  c.req.header("content-digest") === (await contentDigestOf(body, digest));

export const refuseUnsigned = (deps: Pick<Deps, "writeLog">, c: Context, cause: string) => {
  logCause(deps.writeLog, c, "not-signed", cause);
  return { refusal: answerProblem(c, "not-signed", {}, { "WWW-Authenticate": "Signature" }) };
};
