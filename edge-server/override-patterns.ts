/**
 * What is unusual about overrides, by rules that staff can read: each has a sentence in both languages, and that sentence is
 * all that it does. A pattern accuses nobody; it says which entries somebody should look at first.
 */
import type { Bilingual } from "../shared/policy.ts";
import type { Instant } from "../shared/terms.ts";

/** `person`: the pseudonym of whom it was for, where a code was genuine. */
export type OverrideRow = {
  readonly terminal: string;
  readonly epoch: string;
  readonly seq: number;
  readonly at: Instant;
  readonly staff: readonly string[];
  readonly effect: string;
  readonly reason: string;
  readonly person: string | null;
};

export type PatternName = "one-badge" | "one-reason" | "one-person" | "one-minute" | "two-places";

/** `rows` are those that it is about, oldest first. */
export type Pattern = { readonly rule: PatternName; readonly staff: string; readonly rows: readonly OverrideRow[] };

const hour = 3600;
const day = 24 * hour;
export const patternLimits = { badgeHour: 30, reasonMin: 20, reasonShare: 0.9, personDay: 3, minute: 6 } as const;

/** As they are put up where staff are. */
export const patternRules: Readonly<Record<PatternName, Bilingual>> = {
  "one-badge": {
    zh: `同一张工作证一小时内办理 ${patternLimits.badgeHour} 次以上`,
    en: `One badge, ${patternLimits.badgeHour} times or more within an hour`,
  },
  "one-reason": {
    zh: `同一张工作证一天内 ${patternLimits.reasonMin} 次以上，其中九成以上是同一个原因`,
    en: `One badge, ${patternLimits.reasonMin} times or more within a day, nine in ten of them with one reason`,
  },
  "one-person": {
    zh: `同一张工作证一天内为同一个人办理 ${patternLimits.personDay} 次以上`,
    en: `One badge for one person, ${patternLimits.personDay} times or more within a day`,
  },
  "one-minute": {
    zh: `同一张工作证一分钟内办理 ${patternLimits.minute} 次以上`,
    en: `One badge, ${patternLimits.minute} times or more within a minute`,
  },
  "two-places": {
    zh: "同一张工作证一分钟内出现在两台终端：可能有人复制了它",
    en: "One badge at two terminals within a minute: it may have been copied",
  },
};

/** Each pattern once for each badge, with all the rows that belong to it. The order of `rows` is free. */
export const findPatterns = (rows: readonly OverrideRow[]): readonly Pattern[] => {
  const sorted = rows.toSorted((a, b) => a.at - b.at || a.seq - b.seq);
  const all = new Set(sorted.flatMap(({ staff }) => staff));
  return [...all].flatMap((staff) => {
    const own = sorted.filter((row) => row.staff.includes(staff));
    const found: Readonly<Record<PatternName, readonly OverrideRow[]>> = {
      "one-badge": crowdsIn(own, hour, patternLimits.badgeHour),
      "one-reason": oneReasonIn(own),
      "one-person": onePersonIn(own),
      "one-minute": crowdsIn(own, 60, patternLimits.minute),
      "two-places": twoPlacesIn(own),
    };
    return patternNames.flatMap((rule) => (found[rule].length === 0 ? [] : [{ rule, staff, rows: found[rule] }]));
  });
};

const patternNames = Object.keys(patternRules) as readonly PatternName[];

/** All that stand in some window of so many seconds together with at least `min - 1` others. */
const crowdsIn = (rows: readonly OverrideRow[], seconds: number, min: number): readonly OverrideRow[] => {
  const crowded = new Set<OverrideRow>();
  for (let from = 0, to = 0; to < rows.length; to++) {
    while ((rows[to]?.at ?? 0) - (rows[from]?.at ?? 0) >= seconds) from++;
    if (to - from + 1 >= min) for (const row of rows.slice(from, to + 1)) crowded.add(row);
  }
  return [...crowded];
};

const oneReasonIn = (rows: readonly OverrideRow[]): readonly OverrideRow[] => {
  const found = new Set<OverrideRow>();
  for (let from = 0, to = 0; to < rows.length; to++) {
    while ((rows[to]?.at ?? 0) - (rows[from]?.at ?? 0) >= day) from++;
    const window = rows.slice(from, to + 1);
    const same = window.filter(({ reason }) => reason === rows[to]?.reason);
    const isMost = same.length >= patternLimits.reasonShare * window.length;
    if (window.length >= patternLimits.reasonMin && isMost) for (const row of same) found.add(row);
  }
  return [...found];
};

const onePersonIn = (rows: readonly OverrideRow[]): readonly OverrideRow[] => {
  const people = new Set(rows.flatMap(({ person }) => (person === null ? [] : [person])));
  return [...people].flatMap((person) =>
    crowdsIn(
      rows.filter((row) => row.person === person),
      day,
      patternLimits.personDay,
    ),
  );
};

const twoPlacesIn = (rows: readonly OverrideRow[]): readonly OverrideRow[] => {
  const found = new Set<OverrideRow>();
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (before === undefined || before.terminal === row.terminal || row.at - before.at >= 60) continue;
    found.add(before).add(row);
  }
  return [...found];
};
