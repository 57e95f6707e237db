/** Cases that citizens opened, and their answers. An answer is given once, and is an entry of the ledger like the objection. */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { answerRequest, type CaseRow, casePage, caseView } from "../../shared/admin.ts";
import { receiptCodeOf } from "../../shared/receipt-code.ts";
import { readJson, readQuery } from "../body.ts";
import { describe } from "../describe.ts";
import { findEntries, findEntry, viewEntry } from "../entry-view.ts";
import type { Case } from "../objections.ts";
import { identifyOperator } from "../operator-auth.ts";
import type { LedgerEntry } from "../ports.ts";
import { answerProblem } from "../problem.ts";
import type { AdminDeps } from "./admin.ts";

const pageRows = 50;
const states = ["open", "answered"] as const;
const query = v.object({
  state: v.optional(v.picklist(states)),
  before: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))),
});

export const objectionRoutes = (deps: AdminDeps): Hono => {
  const { objections, operators, ledger, now } = deps;

  const answerCase = async (c: Context, number: number): Promise<Response> => {
    const found = await objections.at(number);
    if (found === null) return answerProblem(c, "not-found");
    const entry = await findEntry(ledger, found.of);
    const { answer } = found;
    const view = {
      row: await rowOf(found, entry),
      text: await objections.said(number),
      // What staff wrote beside a reason is for the review of overrides alone.
      entry: entry === null ? null : await viewEntry(deps, entry, "viewer"),
      answer: answer === null ? null : { ...answer, text: await objections.said(answer.number) },
    };
    return c.json(view, 200, notStored);
  };

  return new Hono()
    .get("/objections", describe(listDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const asked = readQuery(c, query);
      if ("refusal" in asked) return asked.refusal;
      const { state = null, before = Number.MAX_SAFE_INTEGER } = asked.value;
      const cases = await objections.list(state, before, pageRows);
      const entries = await findEntries(
        ledger,
        cases.map(({ of }) => of),
      );
      const rows = await Promise.all(cases.map((each, index) => rowOf(each, entries[index] ?? null)));
      const next = rows.length === pageRows ? (rows.at(-1)?.number ?? null) : null;
      return c.json({ open: objections.openCount(), rows, next }, 200, notStored);
    })
    .get("/objections/:number{[1-9][0-9]{0,14}}", describe(caseDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      return answerCase(c, Number(c.req.param("number")));
    })
    .post("/objections/:number{[1-9][0-9]{0,14}}", describe(answerDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, answerRequest);
      if ("refusal" in request) return request.refusal;
      const [at, by, number] = [now(), who.value.name, Number(c.req.param("number"))];
      const answered = await objections.answer({ number, by, ...request.value }, at);
      if (answered.kind === "unavailable") return answerProblem(c, "unavailable", {}, { "Retry-After": "10" });
      if (answered.kind === "not-there") return answerProblem(c, "not-found");
      if (answered.kind === "answered-before") return answerProblem(c, "answered-before");
      await operators.recordAct({ at, by, act: "objection-answered", what: `${number} ${request.value.outcome}` });
      return answerCase(c, number);
    });
};

const rowOf = async ({ number, at, isOwn, answer }: Case, entry: LedgerEntry | null): Promise<CaseRow> => ({
  ...{ number, at, isOwn },
  code: entry === null ? "" : await receiptCodeOf(entry, entry.seq, entry.hash),
  outcome: answer?.outcome ?? null,
});

const notStored = { "Cache-Control": "no-store" };
const path = { number: "^[1-9][0-9]{0,14}$" } as const;

const listDescription = {
  summary: "Objections, newest first",
  role: "viewer",
  query: { state: `^(${states.join("|")})$`, before: "^\\d{1,15}$" },
  gives: { "application/json": casePage },
  refuses: ["malformed"],
} as const;
const caseDescription = {
  summary: "An objection, with the entry that it is about and its answer",
  role: "operator",
  path,
  gives: { "application/json": caseView },
  refuses: ["not-found"],
} as const;
const answerDescription = {
  summary: "Answer an objection, once",
  role: "operator",
  path,
  takes: { "application/json": answerRequest },
  gives: { "application/json": caseView },
  refuses: ["malformed", "too-large", "unsupported-media-type", "not-found", "answered-before", "unavailable"],
} as const;
