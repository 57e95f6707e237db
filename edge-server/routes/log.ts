/** `POST /v1/log`: a batch from a terminal, and the ack that moves its outbox (FORMATS, "Log" and "HTTP"). */
import { Hono } from "hono";
import { batchBytesMax } from "../../shared/sync.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { inflateBody, readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { LogIntake } from "../log-intake.ts";
import { answerProblem } from "../problem.ts";
import { logCause, type WriteLog } from "../request-log.ts";
import { identifySender } from "./sender.ts";

export type LogDeps = {
  readonly authenticate: Authenticate;
  readonly takeBatch: LogIntake;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const logRoutes = (deps: LogDeps): Hono =>
  new Hono().post("/log", describe(description), async (c) => {
    const sent = await readBytes(c, "application/cbor", batchBytesMax);
    if ("refusal" in sent) return sent.refusal;
    const sender = await identifySender(deps, c, sent.value);
    if ("refusal" in sender) return sender.refusal;
    const unpack = () => inflateBody(c, sent.value, batchBytesMax);
    const judged = await deps.takeBatch(sender.value, unpack, deps.now());
    if ("refusal" in judged) return judged.refusal;
    const judgement = judged.value;
    if (judgement.kind === "acked") {
      return c.body(judgement.ack, 200, { "Content-Type": "application/cose", "Cache-Control": "no-store" });
    }
    if (judgement.kind === "unavailable") {
      logCause(deps.writeLog, c, "unavailable", judgement.cause);
      return answerProblem(c, "unavailable", {}, { "Retry-After": String(retrySeconds) });
    }
    return answerProblem(c, judgement.kind, judgement.kind === "gap" ? { next: judgement.next } : {});
  });

/** A database that is just failing over is back by then. */
const retrySeconds = 5;

const description = {
  summary: "Hand in log entries",
  isSigned: true,
  takes: { "application/cbor": "bytes" },
  gives: { "application/cose": "bytes" },
  refuses: [
    "malformed",
    "not-signed",
    "gap",
    "fork",
    "altered",
    "too-large",
    "unsupported-media-type",
    "too-many",
    "unavailable",
  ],
} as const;
