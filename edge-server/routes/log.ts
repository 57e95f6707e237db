/**
 * `POST /v1/log`: a batch from a terminal, and the ack that moves its outbox (FORMATS, "Log" and "HTTP"). Who sends is known
 * by the signed headers before any of the body is read: a stranger's body is not, and of a terminal only so many at once.
 */
import { Hono } from "hono";
import { batchBytesMax } from "../../shared/batch.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { inflateBody, readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import type { LogIntake } from "../log-intake.ts";
import { answerProblem } from "../problem.ts";
import { logCause } from "../request-log.ts";
import { createPlaces } from "../turn.ts";
import { fitsDigest, identifySender, refuseUnsigned } from "./sender.ts";

export type LogDeps = {
  readonly authenticate: Authenticate;
  readonly takeBatch: LogIntake;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const logRoutes = (deps: LogDeps): Hono => {
  const bodies = createPlaces(bodiesMax);
  return new Hono().post("/log", describe(description), async (c) => {
    const sender = await identifySender(deps, c, null);
    if ("refusal" in sender) return sender.refusal;
    const { id } = sender.value.terminal;
    const judged = await bodies(id, async () => {
      const sent = await readBytes(c, "application/cbor", batchBytesMax);
      if ("refusal" in sent) return sent;
      if (!(await fitsDigest(c, sent.value))) return refuseUnsigned(deps, c, "content-digest does not fit the body");
      return deps.takeBatch(sender.value, () => inflateBody(c, sent.value, batchBytesMax), deps.now());
    });
    if (judged === "full") return answerProblem(c, "too-many", {}, { "Retry-After": String(retrySeconds) });
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
};

/** A terminal sends one batch after another; a few more may be on their way when its network comes and goes. */
export const bodiesMax = 16;

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
