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

/** How exact a day is. To count a busy gate's day anew at every tap would hold up each of them by a millisecond. */
const forgetSeconds = 60;

export const createInside = (): Inside => {
  let passed: Passed[] = [];
  /** Of all of them. */
  let inside = 0;
  let forgotAt = Number.NEGATIVE_INFINITY;

  const forget = (now: Instant): void => {
    if (Math.abs(now - forgotAt) < forgetSeconds) return;
    forgotAt = now;
    passed = passed.filter(({ at }) => now - at < rememberedSeconds);
    inside = passed.reduce(goOn, 0);
  };

  return {
    count: (at) => {
      forget(at);
      return inside;
    },
    since: (from) => passed.reduce((inside, { at, by }) => (at >= from ? inside + by : inside), 0),
    pass: (way, at) => {
      const pass = { at, by: way === "entry" ? 1 : -1 };
      passed.push(pass);
      inside = goOn(inside, pass);
    },
  };
};

type Passed = { readonly at: Instant; readonly by: number };

const goOn = (inside: number, { by }: Passed): number => Math.max(0, inside + by);

/** Brings back what the log knows. */
export const recount = (inside: Inside, entries: readonly WrittenEntry[]): void => {
  const read = createPassReader();
  for (const { written, seq } of entries) {
    const pass = written === null ? null : read(seq, written, () => null);
    if (pass !== null) inside.pass(pass.way, pass.passedAt);
  }
};
