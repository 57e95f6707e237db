/** `POST /v1/health`: how a terminal fares, as it says itself (shared/health.ts). Signed as everything from a terminal. */
import { Hono } from "hono";
import * as v from "valibot";
import { fromUtf8 } from "../../shared/bytes.ts";
import { type HealthReport, healthReport } from "../../shared/health.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Authenticate } from "../auth.ts";
import { jsonBytesMax, readBytes } from "../body.ts";
import { describe } from "../describe.ts";
import type { WriteLog } from "../events.ts";
import { answerProblem } from "../problem.ts";
import type { SurveyStore } from "../survey.ts";
import { identifySender } from "./sender.ts";

export type TerminalHealthDeps = {
  readonly authenticate: Authenticate;
  readonly survey: Pick<SurveyStore, "putHealth">;
  readonly now: () => Instant;
  readonly writeLog: WriteLog;
};

export const terminalHealthRoutes = (deps: TerminalHealthDeps): Hono =>
  new Hono().post("/health", describe(description), async (c) => {
    const sent = await readBytes(c, "application/json", jsonBytesMax);
    if ("refusal" in sent) return sent.refusal;
    const sender = await identifySender(deps, c, sent.value);
    if ("refusal" in sender) return sender.refusal;
    const report = readReport(fromUtf8(sent.value) ?? "");
    if (report === null) return answerProblem(c, "malformed", { detail: "No health report." });
    deps.survey.putHealth({ terminal: sender.value.terminal.id, at: deps.now(), report });
    return c.json({ status: "kept" }, 200, { "Cache-Control": "no-store" });
  });

const readReport = (text: string): HealthReport | null => {
  try {
    const read = v.safeParse(healthReport, JSON.parse(text));
    return read.success ? read.output : null;
  } catch {
    return null;
  }
};

const description = {
  summary: "Say how a terminal fares",
  isSigned: true,
  takes: { "application/json": healthReport },
  gives: { "application/json": v.object({ status: v.string() }) },
  refuses: ["malformed", "not-signed", "too-large", "unsupported-media-type", "too-many"],
} as const;
