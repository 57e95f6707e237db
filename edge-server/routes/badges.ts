/** `POST /v1/badges`: a link's code, or the badge of before, buys a phone its staff badge (phone-badge.ts). */
import { Hono } from "hono";
import { badgeProofBytesMax } from "../../shared/badge-proof.ts";
import type { Bytes } from "../../shared/bytes.ts";
import type { Instant } from "../../shared/terms.ts";
import { readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import type { BadgeIssued } from "../phone-badge.ts";
import { answerProblem } from "../problem.ts";
import { logCause } from "../request-log.ts";

export type BadgeDeps = {
  readonly issue: (proof: Bytes, now: Instant) => Promise<BadgeIssued>;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const badgeRoutes = ({ issue, now, writeLog }: BadgeDeps): Hono =>
  new Hono().post("/badges", describe(description), async (c) => {
    const proof = await readBytes(c, "application/cose", badgeProofBytesMax);
    if ("refusal" in proof) return proof.refusal;
    const issued = await issue(proof.value, now());
    if (issued.kind === "refused") {
      logCause(writeLog, c, "badge-refused", issued.detail);
      return answerProblem(c, issued.problem, { detail: issued.detail });
    }
    return c.body(issued.credential, 200, { "Content-Type": "application/cose", "Cache-Control": "no-store" });
  });

const description = {
  summary: "Give a phone its staff badge, or renew it",
  takes: { "application/cose": "bytes" },
  gives: { "application/cose": "bytes" },
  refuses: ["malformed", "badge-refused", "too-large", "unsupported-media-type"],
} as const;
