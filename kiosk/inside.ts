/**
 * How many are inside a venue, a shuttle or a car park, as far as this terminal has seen them go in and come out within the
 * last day. It follows from the log: who was let in and passed, without those who were let out and passed.
 */
import { createPassReader, type Way } from "../shared/passes.ts";
import type { Instant } from "../shared/terms.ts";
import { rememberedSeconds, type WrittenEntry } from "./memory.ts";

export type Inside = {
  readonly count: (at: Instant) => number;
  /** How many more went in than out since then, which may be less than none. */
  readonly since: (from: Instant) => number;
  /** Somebody has gone through. */
  readonly pass: (way: Way, at: Instant) => void;
};

export const createInside = (): Inside => {
  let passed: { readonly at: Instant; readonly by: number }[] = [];
  return {
    count: (at) => {
      passed = passed.filter((each) => at - each.at < rememberedSeconds);
      return passed.reduce((inside, { by }) => Math.max(0, inside + by), 0);
    },
    since: (from) => passed.reduce((inside, { at, by }) => (at >= from ? inside + by : inside), 0),
    pass: (way, at) => void passed.push({ at, by: way === "entry" ? 1 : -1 }),
  };
};

/** Brings back what the log knows. */
export const recount = (inside: Inside, entries: readonly WrittenEntry[]): void => {
  const read = createPassReader();
  for (const { written, seq } of entries) {
    const pass = written === null ? null : read(seq, written, () => null);
    if (pass !== null) inside.pass(pass.way, pass.passedAt);
  }
};
