/**
 * `POST /v1/stays`: when somebody came in and left where the asking terminal stands, as far as the ledger knows. An exit
 * barrier asks it for a fee that it can have confirmed; without an answer it opens all the same. A terminal is told only
 * of its own site and service.
 */
import { Hono } from "hono";
import { fromUtf8 } from "../../shared/bytes.ts";
import { readAnswer, stay, stayRequest } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { jsonBytesMax, readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import { type Passages, stayOf } from "../passages.ts";
import { answerProblem } from "../problem.ts";
import { identifySender } from "./sender.ts";

export type StayDeps = {
  readonly authenticate: Authenticate;
  readonly passages: Passages;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const stayRoutes = (deps: StayDeps): Hono =>
  new Hono().post("/stays", describe(description), async (c) => {
    const sent = await readBytes(c, "application/json", jsonBytesMax);
    if ("refusal" in sent) return sent.refusal;
    const sender = await identifySender(deps, c, sent.value);
    if ("refusal" in sender) return sender.refusal;
    const { terminal } = sender.value;
    if (terminal.revokedAt !== null) return answerProblem(c, "terminal-revoked");
    const asked = readAnswer(stayRequest, parseJson(fromUtf8(sent.value) ?? ""));
    if (asked === null) return answerProblem(c, "malformed", { detail: "No question about a stay." });
    const passes = await deps.passages(terminal, deps.now());
    return c.json(stayOf(passes, asked.pseudonym), 200, { "Cache-Control": "no-store" });
  });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const description = {
  summary: "Ask when somebody came in and left here",
  isSigned: true,
  takes: { "application/json": stayRequest },
  gives: { "application/json": stay },
  refuses: ["malformed", "not-signed", "terminal-revoked", "too-large", "unsupported-media-type", "too-many"],
} as const;
