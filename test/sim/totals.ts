/** What many worlds come to together. */
import type { OutcomeLine } from "./seeds.ts";

export type Totals = {
  readonly figures: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
};

const yearSeconds = 365.25 * 86_400;

export const sumUp = (outcomes: readonly OutcomeLine[], seconds: number): Totals => {
  const sum = (of: (outcome: OutcomeLine) => number): number => outcomes.reduce((all, each) => all + of(each), 0);
  const faults: Record<string, number> = {};
  for (const outcome of outcomes) {
    for (const [kind, count] of Object.entries(outcome.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  }
  const taps = sum((each) => each.taps);
  const years = sum((each) => each.terminalSeconds) / yearSeconds;
  return {
    figures: {
      seeds: outcomes.length,
      taps,
      "gates opened": sum((each) => each.opened),
      "entries in ledgers": sum((each) => each.entries),
      operations: sum((each) => each.operations),
      "faults of disks, pages and gates": sum((each) =>
        Object.values(each.faults).reduce((all, some) => all + some, 0),
      ),
      deliveries: sum((each) => each.deliveries),
      "deliveries that met a fault": sum((each) => each.faultedDeliveries),
      lost: sum((each) => each.lost),
      doubled: sum((each) => each.doubled),
      reordered: sum((each) => each.reordered),
      violations: sum((each) => each.violations.length),
      "told again after a loss": sum((each) => each.recovered),
      "destroyed in every copy": sum((each) => each.excused.destroyed),
      "dropped in two disasters": sum((each) => each.excused.dropped),
      "seconds of this machine": Math.round(seconds),
      "taps a second": Math.round(taps / seconds),
      "terminal-years an hour": Math.round((years * 3600) / seconds),
    },
    faults: Object.fromEntries(Object.entries(faults).toSorted(([a], [b]) => a.localeCompare(b))),
  };
};
