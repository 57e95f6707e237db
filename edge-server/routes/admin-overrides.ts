/** Overrides and their review. A review is one more record: whatever it says, the override stays in the list and the ledger. */
import { Hono } from "hono";
import * as v from "valibot";
import { type OverrideRow, overridePage, reviewRequest, reviewRow, verdicts } from "../../shared/admin.ts";
import { readJson, readQuery } from "../body.ts";
import { describe } from "../describe.ts";
import { refText } from "../entry-ref.ts";
import { findEntry } from "../entry-view.ts";
import { identifyOperator } from "../operator-auth.ts";
import { findPatterns, type PatternName } from "../override-patterns.ts";
import { createOverriddenReader, type Overridden } from "../override-person.ts";
import { answerProblem } from "../problem.ts";
import { daySeconds } from "../survey.ts";
import { isReviewed } from "../survey-reading.ts";
import type { AdminDeps } from "./admin.ts";

const pageRows = 50;
const states = ["open", ...verdicts] as const;
const query = v.object({
  state: v.optional(v.picklist(states)),
  before: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))),
});

export const overrideRoutes = (deps: AdminDeps): Hono => {
  const { survey, operators, registry, ledger, now } = deps;
  const readOverridden = createOverriddenReader(ledger, now);

  /** The rules look at a day; those of the day before and after the page are among what they look at, the nearest first. */
  const withPatterns = async (rows: readonly OverrideRow[]): Promise<OverrideRow[]> => {
    const times = rows.map(({ at }) => at);
    const last = Math.max(...times);
    const near = [
      ...survey.overridesUpTo(last, Math.min(...times) - daySeconds, nearMax),
      ...survey.overridesFrom(last + 1, last + daySeconds, nearMax),
    ];
    const overridden = await readOverridden(near.map(({ of }) => of));
    const found = findPatterns(
      near.flatMap(({ of, at, staff, effect, reason }, index) => {
        const { person, goesOn } = overridden[index] ?? nobody;
        return goesOn ? [] : [{ ...of, at, staff, effect, reason, person }];
      }),
    );
    const rules = new Map<string, Set<PatternName>>();
    for (const { rule, rows: about } of found) {
      for (const one of about) rules.set(refText(one), (rules.get(refText(one)) ?? new Set()).add(rule));
    }
    return rows.map((row) => ({ ...row, patterns: [...(rules.get(refText(row.of)) ?? [])] }));
  };

  return new Hono()
    .get("/overrides", describe(listDescription), async (c) => {
      const who = await identifyOperator(deps, c, "viewer");
      if ("refusal" in who) return who.refusal;
      const asked = readQuery(c, query);
      if ("refusal" in asked) return asked.refusal;
      const { state = null, before = Number.MAX_SAFE_INTEGER } = asked.value;
      const packs = registry.packs();
      const rows = survey.overrides(state, before, pageRows).map((row) => {
        const profile = registry.terminal(row.of.terminal)?.profile;
        const pack = packs.find(({ programme }) => programme === profile?.programme);
        const reasonName = pack?.overrides?.reasons.find(({ id }) => id === row.reason)?.name ?? null;
        return { ...row, reasonName, site: profile?.site ?? null };
      });
      const next = rows.length === pageRows ? (rows.at(-1)?.number ?? null) : null;
      return c.json({ open: survey.openOverrides(), rows: await withPatterns(rows), next }, 200, notStored);
    })
    .post("/reviews", describe(reviewDescription), async (c) => {
      const who = await identifyOperator(deps, c, "operator");
      if ("refusal" in who) return who.refusal;
      const request = await readJson(c, reviewRequest);
      if ("refusal" in request) return request.refusal;
      const { of, verdict, note } = request.value;
      const entry = await findEntry(ledger, of);
      if (entry === null || !isReviewed(entry.kind)) {
        return answerProblem(c, "not-found", { detail: "No override stands there." });
      }
      const [at, by] = [now(), who.value.name];
      await operators.atomically(async (records) => {
        await records.recordReview({ of, at, by, verdict, note });
        await records.recordAct({ at, by, act: `override-${verdict}`, what: refText(of) });
      });
      survey.putVerdict(of, verdict);
      return c.json({ at, by, verdict, note }, 200, notStored);
    });
};

const nobody: Overridden = { person: null, goesOn: false };
const nearMax = 2000;
const notStored = { "Cache-Control": "no-store" };

const listDescription = {
  summary: "Overrides, newest first",
  role: "viewer",
  query: { state: `^(${states.join("|")})$`, before: "^\\d{1,15}$" },
  gives: { "application/json": overridePage },
  refuses: ["malformed"],
} as const;
const reviewDescription = {
  summary: "Review an override",
  role: "operator",
  takes: { "application/json": reviewRequest },
  gives: { "application/json": reviewRow },
  refuses: ["malformed", "too-large", "unsupported-media-type", "not-found"],
} as const;
