/**
 * What a citizen asks with the code of a receipt, without signing in: `POST /v1/why`, and `POST /v1/objections` with its
 * answer, `POST /v1/objections/answers`. What is asked stands in the body, so that neither a code nor a secret stays in an
 * address or in a log; and it is asked at a pace (pace.ts), since codes are short.
 */
import { type Context, Hono } from "hono";
import { formatRecoveryCode, readRecoveryCode, recoveryCodeBytes } from "../../shared/recovery.ts";
import type { Instant } from "../../shared/terms.ts";
import { caseAnswer, caseRequest, objectionAnswer, objectionRequest, whyAnswer, whyRequest } from "../../shared/why.ts";
import { readJson } from "../body.ts";
import { describe } from "../describe.ts";
import type { ObjectionBook } from "../objections.ts";
import { createPace, type Pace } from "../pace.ts";
import { answerProblem } from "../problem.ts";
import { randomBytes } from "../random.ts";
import type { AddressOf } from "../sender-address.ts";
import { explain, findReceipt, type WhyEdges } from "../why.ts";

export type WhyDeps = WhyEdges & {
  readonly objections: ObjectionBook;
  readonly addressOf: AddressOf;
  readonly now: () => Instant;
};

export const whyPace = { seconds: 60, byOne: 60, byAll: 1200 } as const;
export const objectionPace = { seconds: 3600, byOne: 30, byAll: 600 } as const;

export const whyRoutes = (deps: WhyDeps): Hono => {
  const { objections, addressOf, now } = deps;
  const [askPace, objectPace] = [createPace(whyPace), createPace(objectionPace)];

  const refuseHaste = (c: Context, pace: Pace): Response | null => {
    const seconds = pace(addressOf(c), now());
    return seconds === 0 ? null : answerProblem(c, "too-many", {}, { "Retry-After": String(seconds) });
  };

  return new Hono()
    .post("/why", describe(whyDescription), async (c) => {
      const haste = refuseHaste(c, askPace);
      if (haste !== null) return haste;
      const request = await readJson(c, whyRequest);
      if ("refusal" in request) return request.refusal;
      const found = await findReceipt(deps, request.value, now());
      if (typeof found === "string") return answerMissing(c, found);
      return c.json(await explain(deps, found), 200, notStored);
    })
    .post("/objections", describe(objectionDescription), async (c) => {
      const haste = refuseHaste(c, askPace);
      if (haste !== null) return haste;
      const request = await readJson(c, objectionRequest);
      if ("refusal" in request) return request.refusal;
      const at = now();
      const found = await findReceipt(deps, request.value, at);
      if (typeof found === "string") return answerMissing(c, found);
      const slow = refuseHaste(c, objectPace);
      if (slow !== null) return slow;
      const secret = randomBytes(recoveryCodeBytes);
      const { text } = request.value;
      const opened = await objections.open({ of: found.of, secret, text, pseudonym: found.owner }, at);
      if (opened.kind === "unavailable") return answerProblem(c, "unavailable", {}, { "Retry-After": "10" });
      if (opened.kind === "too-many") return answerProblem(c, "too-many", { detail: fullDetail });
      return c.json({ secret: formatRecoveryCode(secret), at }, 200, notStored);
    })
    .post("/objections/answers", describe(caseDescription), async (c) => {
      const haste = refuseHaste(c, askPace);
      if (haste !== null) return haste;
      const request = await readJson(c, caseRequest);
      if ("refusal" in request) return request.refusal;
      const found = await findReceipt(deps, { code: request.value.code }, now());
      if (typeof found === "string") return answerMissing(c, found);
      const secret = readRecoveryCode(request.value.secret);
      const known = secret === null ? null : await objections.find(found.of, secret);
      if (known === null) return answerProblem(c, "not-found", { detail: caseDetail });
      const { at, number, answer } = known;
      const answered =
        answer === null ? null : { at: answer.at, outcome: answer.outcome, text: await objections.said(answer.number) };
      return c.json({ at, text: await objections.said(number), answer: answered }, 200, notStored);
    });
};

const notHereDetail =
  "No receipt of this code is here: look at it again. A terminal without a network hands its records in later.";
const caseDetail = "No case of this receipt has this secret: look at it again.";
const fullDetail =
  "Several cases about this receipt are still open: wait for their answers, or ask at the place it names.";

const answerMissing = (c: Context, cause: "not-here" | "not-yours"): Response =>
  cause === "not-yours" ? answerProblem(c, "not-yours") : answerProblem(c, "not-found", { detail: notHereDetail });

const notStored = { "Cache-Control": "no-store" };
const ofBody = ["malformed", "too-large", "unsupported-media-type", "too-many", "not-found", "unavailable"] as const;

const whyDescription = {
  summary: "The rules that a receipt rests on; to the phone that it is about, what was decided",
  takes: { "application/json": whyRequest },
  gives: { "application/json": whyAnswer },
  refuses: [...ofBody, "not-yours"],
} as const;
const objectionDescription = {
  summary: "Object to what a receipt is about: opens a case, and gives its secret once",
  takes: { "application/json": objectionRequest },
  gives: { "application/json": objectionAnswer },
  refuses: [...ofBody, "not-yours"],
} as const;
const caseDescription = {
  summary: "A case and its answer, by the code of the receipt and the secret of the case",
  takes: { "application/json": caseRequest },
  gives: { "application/json": caseAnswer },
  refuses: ofBody,
} as const;
