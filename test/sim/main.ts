/**
 * `npm run sim`: worlds from seeds (world.ts), on all processors, and what the observer says of them.
 *
 *     --seed N          the first seed, 1 unless told; the same seed does the same to the byte, its `trace` says so
 *     --seeds COUNT     how many, one unless told
 *     --taps N          codes shown in each world, 300 unless told; --terminals N, two unless told
 *     --deliveries N    as many seeds as it takes until N deliveries met a fault, on a network that is far worse than usual
 *     --planted         plants each bug of the corpus (planted.ts) and says which seed found it, the one that is known to or
 *                       one of forty from --seed on; --only NAME, just that one
 *     --trace           says everything that happens, in order
 *     --json            the outcomes as JSON
 *
 * Exits with 1 where something was violated, or a planted bug was not found.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { harshWorld, planted, plantedWorld } from "./planted.ts";
import { type JobEnd, runAll, runJob } from "./pool.ts";
import type { SeedsJob } from "./seeds.ts";
import { sumUp } from "./totals.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    taps: { type: "string", default: "300" },
    terminals: { type: "string", default: "2" },
    deliveries: { type: "string" },
    planted: { type: "boolean", default: false },
    only: { type: "string" },
    trace: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const count = (name: "seed" | "seeds" | "taps" | "terminals" | "deliveries"): number => {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  console.error(`--${name} takes a whole number above 0`);
  process.exit(2);
};

const share = 0.01;
const job = (from: number, seeds: number): SeedsJob => ({
  ...{ from, count: seeds, taps: count("taps"), terminals: count("terminals"), share, isLoud: values.trace },
});

const runSeeds = async (): Promise<boolean> => {
  const [from, seeds] = [count("seed"), count("seeds")];
  const step = Math.min(availableParallelism(), seeds);
  const parts = Array.from({ length: step }, (_, at) => ({
    ...job(from + at, Math.floor((seeds - at + step - 1) / step)),
    step,
  }));
  const began = performance.now();
  const ends = await runAll(parts.map((part) => () => runJob(part)));
  return tell(ends, (performance.now() - began) / 1000);
};

/** Four deliveries in ten meet a fault; others find no network at all. The server fails three times as often as the disks. */
const badNetwork = { delivery: 0.8, server: 0.03 } as const;
/** Enough that a process's start, and what it compiles then, is little of its time. */
const seedsAtOnce = 300;

/** Said at once: such a run takes an hour. */
const wrongIn = ({ outcomes }: JobEnd): string => {
  const seeds = outcomes.flatMap(({ seed, violations }) => (violations.length > 0 ? [seed] : []));
  return seeds.length > 0 ? `; went wrong in seed ${seeds.join(", ")}` : "";
};

const runDeliveries = async (): Promise<boolean> => {
  const wanted = count("deliveries");
  let [from, met] = [count("seed"), 0];
  const ends: JobEnd[] = [];
  const began = performance.now();
  const work = async (): Promise<void> => {
    while (met < wanted) {
      const part = { ...job(from, seedsAtOnce), shares: badNetwork };
      from += seedsAtOnce;
      const end = await runJob(part, null, ({ faultedDeliveries }) => {
        met += faultedDeliveries;
      });
      ends.push(end);
      if (!values.json) console.error(`${met} of ${wanted} deliveries that met a fault${wrongIn(end)}`);
      if (end.crash !== null) return;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return tell(ends, (performance.now() - began) / 1000);
};

const tell = (ends: readonly JobEnd[], seconds: number): boolean => {
  const outcomes = ends.flatMap((end) => end.outcomes).toSorted((a, b) => a.seed - b.seed);
  const totals = sumUp(outcomes, seconds);
  if (values.json) console.log(JSON.stringify({ totals, outcomes }, null, 2));
  else {
    console.table(totals.figures);
    console.table(totals.faults);
    if (outcomes.length <= 4) for (const { seed, trace } of outcomes) console.log(`seed ${seed}: trace ${trace}`);
  }
  for (const { seed, violations } of outcomes) {
    for (const violation of violations.slice(0, 5)) console.error(`seed ${seed}: ${violation}`);
  }
  const crashes = ends.flatMap(({ crash }) => crash ?? []);
  for (const crash of crashes) console.error(crash);
  return crashes.length === 0 && outcomes.every(({ violations }) => violations.length === 0);
};

const seedsPerBug = 40;

const runPlanted = async (): Promise<boolean> => {
  const chosen = planted.filter(({ name }) => values.only === undefined || name === values.only);
  const rows = await runAll(
    chosen.map(({ name, seed, why, isRare }) => async () => {
      const world = { ...(isRare ? harshWorld : plantedWorld), untilFound: true };
      const known = await runJob({ ...world, from: seed, count: 1 }, name);
      const isFound = known.outcomes.some(({ violations }) => violations.length > 0);
      const end = isFound ? known : await runJob({ ...world, from: count("seed"), count: seedsPerBug }, name);
      const found = end.outcomes.at(-1);
      const by = found !== undefined && found.violations.length > 0 ? found.seed : null;
      const what = found?.violations[0] ?? end.crash?.split("\n").find((line) => /Error/.test(line)) ?? "";
      if (!values.json) console.error(`${by ?? (end.crash === null ? "NOT FOUND" : "crash")} ${name}: ${what}`);
      return { name, why, seed: by, what, isCrash: end.crash !== null };
    }),
  );
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows.map(({ name, seed, what }) => ({ bug: name, seed, found: what.slice(0, 100) })));
  return rows.every(({ seed, isCrash }) => seed !== null && !isCrash);
};

const isGood = await (values.planted ? runPlanted() : values.deliveries === undefined ? runSeeds() : runDeliveries());
process.exitCode = isGood ? 0 : 1;
