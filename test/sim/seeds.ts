/**
 * Runs worlds, one seed after another, in this process alone, and prints an outcome a line as JSON:
 * `node test/sim/seeds.ts '{"from": 1, "count": 10, "taps": 300, "terminals": 2, "share": 0.01}'`.
 * `untilFound`: ends with the first seed that finds something.
 */

import { replaceCrypto } from "./crypto.ts";
import { replaceKeyRange } from "./database.ts";
import type { Place } from "./faults.ts";
import type { Outcome } from "./world.ts";

export type SeedsJob = {
  readonly from: number;
  readonly count: number;
  /** Every `step`th seed, so that several processes share a range. */
  readonly step?: number;
  readonly taps: number;
  readonly terminals: number;
  readonly share: number;
  readonly shares?: Partial<Record<Place, number>>;
  readonly untilFound?: boolean;
  readonly isLoud?: boolean;
};

export type OutcomeLine = Omit<Outcome, "faults"> & { readonly faults: Readonly<Record<string, number>> };

replaceCrypto();
replaceKeyRange();
const { runWorld } = await import("./world.ts");

const job: SeedsJob = JSON.parse(process.argv[2] ?? "{}");
const { from, count, step = 1, untilFound = false, isLoud = false, ...options } = job;
for (let at = 0; at < count; at++) {
  const seed = from + at * step;
  const say = isLoud ? { say: (line: string) => void process.stderr.write(line) } : {};
  const outcome = await runWorld({ ...options, seed, ...say });
  console.log(JSON.stringify({ ...outcome, faults: Object.fromEntries(outcome.faults) } satisfies OutcomeLine));
  if (untilFound && outcome.violations.length > 0) break;
}
