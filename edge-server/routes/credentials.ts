/** `POST /v1/credentials`, where this server is a programme's issuer: a proof by the holder's key buys a credential. */
import { Hono } from "hono";
import type { Bytes } from "../../shared/bytes.ts";
import { proofBytesMax } from "../../shared/proof.ts";
import type { Instant } from "../../shared/terms.ts";
import { readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { Issued } from "../issuer.ts";
import { answerProblem } from "../problem.ts";

export type CredentialDeps = {
  readonly issue: (proof: Bytes, now: Instant) => Promise<Issued>;
  readonly now: () => Instant;
};

export const credentialRoutes = ({ issue, now }: CredentialDeps): Hono =>
  new Hono().post("/credentials", describe(description), async (c) => {
    const proof = await readBytes(c, "application/cose", proofBytesMax);
    if ("refusal" in proof) return proof.refusal;
    const issued = await issue(proof.value, now());
    if (issued.kind === "refused") return answerProblem(c, issued.problem, { detail: issued.detail });
    return c.body(issued.credential, 200, { "Content-Type": "application/cose", "Cache-Control": "no-store" });
  });

const description = {
  summary: "Issue or renew a credential",
  takes: { "application/cose": "bytes" },
  gives: { "application/cose": "bytes" },
  refuses: ["malformed", "proof-refused", "too-large", "unsupported-media-type"],
} as const;
