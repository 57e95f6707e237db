/** Promise 3 in small worlds: a few hundred seeds, and that a seed is exact. `npm run sim` runs more and larger ones. */
import { describe, expect, it } from "vitest";
import { runAll, runJob } from "./sim/pool.ts";

const world = { taps: 30, terminals: 2, share: 0.01, shares: { delivery: 0.1, server: 0.02 } } as const;
const seeds = 240;
const timeout = 240_000;

describe("the simulation", () => {
  it(
    `loses, doubles and reorders nothing in ${seeds} worlds`,
    async () => {
      const step = 4;
      const parts = Array.from({ length: step }, (_, at) => ({ ...world, from: 1 + at, count: seeds / step, step }));
      const ends = await runAll(parts.map((part) => () => runJob(part)));
      expect(ends.flatMap(({ crash }) => crash ?? [])).toEqual([]);
      const outcomes = ends.flatMap((end) => end.outcomes);
      expect(outcomes.flatMap(({ seed, violations }) => violations.map((each) => `seed ${seed}: ${each}`))).toEqual([]);
      expect(outcomes).toHaveLength(seeds);
      const opened = outcomes.reduce((sum, each) => sum + each.opened, 0);
      const met = outcomes.reduce((sum, each) => sum + each.faultedDeliveries, 0);
      // A simulation in which nothing happens finds nothing.
      expect(opened).toBeGreaterThan(10 * seeds);
      expect(met).toBeGreaterThan(seeds);
    },
    timeout,
  );

  it(
    "does the same to the byte from the same seed, in whatever process and after whatever seeds",
    async () => {
      const job = { ...world, taps: 120 };
      const traces = async (from: number, count: number) =>
        (await runJob({ ...job, from, count })).outcomes.map(({ seed, trace }) => `${seed} ${trace}`);
      const [all, alone] = await runAll([() => traces(900, 3), () => traces(902, 1)]);
      expect(all?.at(-1)).toBe(alone?.[0]);
      expect(new Set(all?.map((each) => each.split(" ")[1])).size).toBe(3);
    },
    timeout,
  );
});
