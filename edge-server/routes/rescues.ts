/**
 * `POST /v1/rescues`: what another terminal could not send itself, carried here by this one (shared/rescue.ts). The answer
 * has an ack or a problem for each of its batches, in their order. The request is signed by whoever carries it, which is
 * known before any of the body is read; what is in it proves whose it is by itself.
 */
import { Hono } from "hono";
import { toBase64url } from "../../shared/bytes.ts";
import { problemType, type RescueAnswer, rescueAnswer } from "../../shared/messages.ts";
import { rescueBytesMax } from "../../shared/rescue.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import { answerProblem, problems } from "../problem.ts";
import { logCause } from "../request-log.ts";
import type { BatchVerdict, RescueIntake } from "../rescue-intake.ts";
import { createPlaces } from "../turn.ts";
import { fitsDigest, identifySender, refuseUnsigned } from "./sender.ts";

export type RescueDeps = {
  readonly authenticate: Authenticate;
  readonly takeRescue: RescueIntake;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

const mediaType = "application/greenlane-rescue";

export const rescueRoutes = (deps: RescueDeps): Hono => {
  const bodies = createPlaces(bodiesMax);
  return new Hono().post("/rescues", describe(description), async (c) => {
    const sender = await identifySender(deps, c, null);
    if ("refusal" in sender) return sender.refusal;
    const taken = await bodies(sender.value.terminal.id, async () => {
      const sent = await readBytes(c, mediaType, rescueBytesMax);
      if ("refusal" in sent) return sent;
      if (!(await fitsDigest(c, sent.value))) return refuseUnsigned(deps, c, "content-digest does not fit the body");
      return { value: await deps.takeRescue(sent.value, deps.now()) };
    });
    if (taken === "full") return answerProblem(c, "too-many", {}, { "Retry-After": String(retrySeconds) });
    if ("refusal" in taken) return taken.refusal;
    const verdict = taken.value;
    if (verdict.kind === "refused") return answerProblem(c, "rescue-refused", { detail: verdict.cause });
    if (verdict.kind === "unavailable") {
      logCause(deps.writeLog, c, "unavailable", verdict.cause);
      return answerProblem(c, "unavailable", {}, { "Retry-After": String(retrySeconds) });
    }
    const { terminal, verdicts } = verdict;
    const answer: RescueAnswer = { terminal, batches: verdicts.map(answerOf) };
    return c.json(answer, 200, { "Cache-Control": "no-store" });
  });
};

/** A terminal brings one after another; one more may still hang from before its network went. */
const bodiesMax = 2;

const retrySeconds = 5;

const answerOf = (verdict: BatchVerdict): RescueAnswer["batches"][number] => {
  if (verdict.kind === "acked") return { kind: "acked", ack: toBase64url(verdict.ack), added: verdict.added };
  const [status, title] = problems[verdict.kind];
  const next = verdict.kind === "gap" ? { next: verdict.next } : {};
  return { kind: "refused", problem: { type: problemType(verdict.kind), title, status, ...next } };
};

const description = {
  summary: "Hand in what another terminal could not send",
  isSigned: true,
  takes: { [mediaType]: "bytes" },
  gives: { "application/json": rescueAnswer },
  refuses: ["not-signed", "too-large", "unsupported-media-type", "rescue-refused", "too-many", "unavailable"],
} as const;
