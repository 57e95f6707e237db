/**
 * How many are inside a venue, a shuttle or a car park, as far as this terminal has seen them go in and come out within the
 * last day. It follows from the log: who was let in and passed, without those who were let out and passed.
 */
import type { Entry } from "../shared/log.ts";
import type { Action, Instant } from "../shared/terms.ts";
import { readDecided, readTransaction } from "../shared/transaction.ts";
import { rememberedSeconds, seqOfActed } from "./memory.ts";

export type Inside = {
  readonly count: (at: Instant) => number;
  /** Somebody has gone through. */
  readonly pass: (action: Action, at: Instant) => void;
};

export const createInside = (): Inside => {
  let passed: readonly { readonly at: Instant; readonly by: number }[] = [];
  return {
    count: (at) => {
      passed = passed.filter((each) => at - each.at < rememberedSeconds);
      return passed.reduce((inside, { by }) => Math.max(0, inside + by), 0);
    },
    pass: (action, at) => {
      if (action === "entry") passed = [...passed, { at, by: 1 }];
      if (action === "exit") passed = [...passed, { at, by: -1 }];
    },
  };
};

/** Brings back what the log knows. */
export const recount = (inside: Inside, entries: readonly Entry[]): void => {
  const permitted = new Map<number, Action>();
  for (const { bytes, seq } of entries) {
    const written = readTransaction(bytes);
    const decided = written?.kind === "decided" ? readDecided(written) : null;
    if (decided?.result.effect === "permit") permitted.set(seq, decided.request.action);
    const action = written === null ? undefined : permitted.get(seqOfActed(written));
    if (written !== null && action !== undefined && written.outcome === "completed") inside.pass(action, written.at);
  }
};
