/**
 * The simulation bites: every bug of the corpus is found, by the seed that is known to find it. Where the code around it has
 * changed, that seed may lead elsewhere; then by another one of a few.
 */
import { expect, it } from "vitest";
import { harshWorld, planted, plantedWorld } from "./sim/planted.ts";
import { runAll, runJob } from "./sim/pool.ts";

const othersMax = 40;

it(`finds each of ${planted.length} planted bugs`, async () => {
  expect(new Set(planted.map(({ name }) => name)).size).toBe(planted.length);
  const missed = await runAll(
    planted.map(({ name, seed, isRare }) => async () => {
      const world = isRare ? harshWorld : plantedWorld;
      for (const [from, count] of [
        [seed, 1],
        [1, othersMax],
      ] as const) {
        const { outcomes, crash } = await runJob({ ...world, from, count, untilFound: true }, name);
        if (crash !== null) return `${name}: ${crash}`;
        if (outcomes.some(({ violations }) => violations.length > 0)) return null;
      }
      return `${name}: neither seed ${seed} nor 1 to ${othersMax} find it`;
    }),
  );
  expect(missed.filter((each) => each !== null)).toEqual([]);
}, 400_000);

it("finds nothing with the same seeds where nothing is planted", async () => {
  const seeds = [...new Set(planted.map(({ seed, isRare }) => (isRare ? -seed : seed)))];
  const ends = await runAll(
    seeds.map((seed) => () => {
      const world = seed < 0 ? harshWorld : plantedWorld;
      return runJob({ ...world, from: Math.abs(seed), count: 1 });
    }),
  );
  const violations = ends.flatMap(({ outcomes, crash }) => crash ?? outcomes.flatMap((each) => each.violations));
  expect(violations).toEqual([]);
}, 400_000);
