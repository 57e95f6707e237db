/** The simulation's speed, on all processors, from seeds that the tests do not use. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Row } from "./main.ts";

/** A process is slow for its first few seeds; in an hour that is nothing. */
const seeds = 300;
/** Ten million taps in an hour of two processors. */
const tapsPerSecondMin = Math.round(10_000_000 / 3600);

export const measureSimulation = async (): Promise<readonly Row[]> => {
  const program = join(import.meta.dirname, "../sim/main.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--no-warnings", program, "--seed", "1001", "--seeds", String(seeds), "--json"],
    { maxBuffer: 2 ** 28 },
  ).catch((failed: { readonly stdout: string }) => failed); // a violation is told below
  const { figures } = (JSON.parse(stdout) as { readonly totals: { readonly figures: Record<string, number> } }).totals;
  const { violations = 0, "taps a second": taps = 0, "terminal-years an hour": years = 0 } = figures;
  const said = { part: "log", peer: null, ratio: null } as const;
  const faults = `simulation of ${seeds} seeds, ${figures["faults of disks, pages and gates"]} faults`;
  return [
    { ...said, name: `${faults}: violations`, value: violations, unit: "", goal: "0", met: violations === 0 },
    {
      ...said,
      name: "simulation, two processors",
      value: taps,
      unit: "taps/s",
      goal: `>= ${tapsPerSecondMin}`,
      met: taps >= tapsPerSecondMin,
    },
    { ...said, name: "simulated time", value: years, unit: "terminal-years/h", goal: null, met: null },
  ];
};
