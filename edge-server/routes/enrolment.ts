/** `POST /v1/enrolments`: a one-time code and a public key make a terminal. */
import { Hono } from "hono";
import { type EnrolmentRequest, enrolmentAnswer, enrolmentRequest } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import { readJson } from "../body.ts";
import { describe } from "../describe.ts";
import type { Enrolled } from "../enrolment.ts";
import { answerProblem } from "../problem.ts";

export type EnrolmentDeps = {
  readonly enrol: (request: EnrolmentRequest, now: Instant) => Promise<Enrolled>;
  readonly now: () => Instant;
};

export const enrolmentRoutes = ({ enrol, now }: EnrolmentDeps): Hono =>
  new Hono().post("/enrolments", describe(description), async (c) => {
    const request = await readJson(c, enrolmentRequest);
    if ("refusal" in request) return request.refusal;
    const enrolled = await enrol(request.value, now());
    if (enrolled.kind === "refused") return answerProblem(c, enrolled.problem, { detail: enrolled.detail });
    return c.json(enrolled.answer, 200, { "Cache-Control": "no-store" });
  });

const description = {
  summary: "Enrol a terminal",
  takes: { "application/json": enrolmentRequest },
  gives: { "application/json": enrolmentAnswer },
  refuses: ["malformed", "code-refused", "too-large", "unsupported-media-type"],
} as const;
