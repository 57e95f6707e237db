/** Unusual overrides: one row a rule, just below it and just at it. */
import { describe, expect, it } from "vitest";
import { findPatterns, type OverrideRow, patternLimits, patternRules } from "../edge-server/override-patterns.ts";

let next = 0;
const row = (at: number, change: Partial<OverrideRow> = {}): OverrideRow => ({
  terminal: "gate-1",
  epoch: "e",
  seq: ++next,
  at,
  staff: ["ann"],
  effect: "permit",
  reason: `reason-${next}`,
  person: null,
  ...change,
});
const rowsOf = (count: number, every: number, change: Partial<OverrideRow> = {}): readonly OverrideRow[] =>
  Array.from({ length: count }, (_, index) => row(1000 + index * every, change));
const rulesIn = (rows: readonly OverrideRow[]) => findPatterns(rows).map(({ rule, staff }) => `${rule} ${staff}`);

describe("a pattern is found at its limit, and not below", () => {
  const { badgeHour, reasonMin, personDay, minute } = patternLimits;
  it.each<[string, readonly OverrideRow[], readonly OverrideRow[]]>([
    ["one-badge", rowsOf(badgeHour - 1, 120), rowsOf(badgeHour, 120)],
    ["one-badge", rowsOf(badgeHour, 125), rowsOf(badgeHour, 124)],
    ["one-minute", rowsOf(minute - 1, 11), rowsOf(minute, 11)],
    ["one-minute", rowsOf(minute, 12), rowsOf(minute, 11)],
    ["one-person", rowsOf(personDay - 1, 7200, { person: "p" }), rowsOf(personDay, 7200, { person: "p" })],
    ["one-person", rowsOf(personDay, 43_200, { person: "p" }), rowsOf(personDay, 43_199, { person: "p" })],
    ["one-reason", rowsOf(reasonMin - 1, 1800, { reason: "x" }), rowsOf(reasonMin, 1800, { reason: "x" })],
    ["two-places", [row(0), row(60, { terminal: "gate-2" })], [row(0), row(59, { terminal: "gate-2" })]],
  ])("%s", (rule, below, at) => {
    expect(rulesIn(below)).toEqual([]);
    expect(rulesIn(at)).toEqual([`${rule} ann`]);
  });

  it("one reason is nine in ten of them", () => {
    const same = rowsOf(18, 1800, { reason: "x" });
    const others = [row(1500), row(2500)];
    expect(rulesIn([...others, ...same])).toEqual(["one-reason ann"]);
    expect(rulesIn([row(1600), row(1700), ...others, ...same])).toEqual([]);
  });
});

it("is of each badge by itself, also of the second of two people, in whatever order entries come", () => {
  const rows = rowsOf(6, 5, { staff: ["ann", "ben"] });
  expect(rulesIn(rows)).toEqual(["one-minute ann", "one-minute ben"]);
  expect(findPatterns(rows.toReversed())).toEqual(findPatterns(rows));
  const apart = rows.map((each, index) => ({ ...each, staff: [index % 2 === 0 ? "ann" : "ben"] }));
  expect(rulesIn(apart)).toEqual([]);
});

it("names every entry that it is about, once", () => {
  const rows = rowsOf(40, 10);
  const [found] = findPatterns(rows).filter(({ rule }) => rule === "one-minute");
  expect(found?.rows).toEqual(rows);
});

it("every rule can be read in both languages", () => {
  for (const { zh, en } of Object.values(patternRules)) expect([zh, en].every((text) => text.length > 10)).toBe(true);
});
