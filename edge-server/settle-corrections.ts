/**
 * What has become of lines that were stated in earlier periods: an entry that came late, staff who took something back, an
 * answer of the programme. Each is one correction in the period that is settled now, and what was stated stays as it is.
 *
 * What is personal may have been erased since. A line that rests on such an entry stays as it was stated, and its other
 * entries make no new line.
 */
import { byMoment, type Line } from "./settle.ts";
import type { Ref } from "./tap.ts";

export type Correction = Omit<Line, "kind"> & {
  readonly kind: "correction";
  readonly corrects: Line["kind"];
  /** In which it was stated, or would have been. */
  readonly period: string;
  /** `amount`, `owed` and `paid` of the correction are what has changed: `now` less `was`. */
  readonly was: Stated;
  readonly now: Stated;
};

type Stated = Pick<Line, "amount" | "owed" | "paid" | "missed">;

/** A line of an earlier statement, or a correction of one; by their periods, earliest first. */
export type Earlier = { readonly period: string; readonly line: Line | Correction };

export type Corrected = { readonly lines: readonly Line[]; readonly corrections: readonly Correction[] };

/**
 * `lines`: everything known of one person until the end of the period. `periodOf`: the stated period that a moment is in, or
 * null. `present`: the entries that still say whose they are.
 */
export const correctStated = (
  lines: readonly Line[],
  earlier: readonly Earlier[],
  from: number,
  periodOf: (at: number) => string | null,
  present: ReadonlySet<Ref>,
): Corrected => {
  const stated = new Map(earlier.map((each) => [each.line.key, each]));
  const erased = new Set(
    [...stated.values()].flatMap(({ line: { entries } }) => (entries.every((ref) => present.has(ref)) ? [] : entries)),
  );
  const isLeft = ({ entries }: { readonly entries: readonly Ref[] }): boolean =>
    !entries.some((ref) => erased.has(ref));
  const current = lines.filter(isLeft);

  const late = current.flatMap((line): readonly Correction[] => {
    if (line.at >= from) return [];
    const before = stated.get(line.key);
    const period = before?.period ?? periodOf(line.at);
    const was = before === undefined ? nothing : lastOf(before.line);
    return period === null || isSame(was, line) ? [] : [correctionOf(line, line.kind, period, was, line)];
  });
  const known = new Set(current.filter(({ at }) => at < from).map(({ key }) => key));
  const gone = [...stated.values()].flatMap(({ period, line }): readonly Correction[] => {
    const was = lastOf(line);
    if (known.has(line.key) || !isLeft(line) || isSame(was, nothing)) return [];
    return [correctionOf(line, line.kind === "correction" ? line.corrects : line.kind, period, was, nothing)];
  });
  return {
    lines: current.filter(({ at }) => at >= from),
    corrections: [...late, ...gone].sort(byMoment),
  };
};

const nothing: Stated = { amount: 0, owed: 0, paid: 0, missed: {} };

const lastOf = (line: Line | Correction): Stated => (line.kind === "correction" ? line.now : line);

const isSame = (a: Stated, b: Stated): boolean =>
  a.amount === b.amount &&
  a.owed === b.owed &&
  a.paid === b.paid &&
  JSON.stringify(a.missed) === JSON.stringify(b.missed);

const correctionOf = (
  line: Line | Correction,
  corrects: Line["kind"],
  period: string,
  was: Stated,
  now: Stated,
): Correction => ({
  ...line,
  ...{ kind: "correction", corrects, period, was: statedOf(was), now: statedOf(now) },
  ...{ amount: now.amount - was.amount, owed: now.owed - was.owed, paid: now.paid - was.paid, missed: now.missed },
});

const statedOf = ({ amount, owed, paid, missed }: Stated): Stated => ({ amount, owed, paid, missed });
