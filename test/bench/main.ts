/**
 * `npm run bench [-- PART ...] [--json]`: runs the benchmarks and prints a table, or an array of the same rows. A figure
 * stands beside its peer, measured in the same run, wherever there is one: this says more than a time on some machine.
 * Exits non-zero when a goal is not met.
 */
import { parseArgs } from "node:util";
import { measureConsole, usualEntries } from "./console.ts";
import { measureDecide } from "./decide.ts";
import { measureLists } from "./lists.ts";
import { measureLog } from "./log.ts";
import { measureRehearse } from "./rehearse.ts";
import { measureScanner } from "./scanner.ts";
import { measureSettle, usualTaps } from "./settle.ts";
import { measureTap } from "./tap.ts";

/** `peer`: the other thing measured, in the same unit; `ratio` = value / peer. `goal` is said as it is checked. */
export type Row = {
  readonly part: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly ratio: number | null;
  readonly goal: string | null;
  readonly met: boolean | null;
};

/** `--soak`: ten minutes more of the scanner. `--taps`: how many are settled. `--entries`: under the console. */
const options = {
  json: { type: "boolean" },
  soak: { type: "boolean" },
  taps: { type: "string" },
  entries: { type: "string" },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  scanner: () => measureScanner(folder, values.soak === true),
  tap: measureTap,
  decide: measureDecide,
  lists: measureLists,
  log: measureLog,
  console: () => measureConsole(Number(values.entries ?? usualEntries)),
  rehearse: measureRehearse,
  settle: () => measureSettle(Number(values.taps ?? usualTaps)),
};

/** `scanner FOLDER` reads the photos in it. */
const scannerAt = positionals.indexOf("scanner");
const folder = scannerAt < 0 ? undefined : positionals.slice(scannerAt + 1).find((each) => !(each in parts));

const printTable = (rows: readonly Row[]): void => {
  const titles = ["part", "name", "value", "unit", "peer", "ratio", "goal", "met"] as const;
  const cells = rows.map((row) =>
    titles.map((title) => {
      const cell = row[title];
      return cell === null ? "" : typeof cell === "boolean" ? (cell ? "yes" : "NO") : String(cell);
    }),
  );
  const widths = titles.map((title, at) => Math.max(title.length, ...cells.map((each) => each[at]?.length ?? 0)));
  const line = (each: readonly string[]): string => each.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  console.log([line(titles), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n"));
};

const main = async (): Promise<void> => {
  const unknown = positionals.find((each) => !(each in parts) && each !== folder);
  if (unknown !== undefined) {
    console.error(`There is no benchmark ${unknown}. There are: ${Object.keys(parts).join(", ")}`);
    process.exit(2);
  }
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (positionals.length === 0 || positionals.includes(name)) rows.push(...(await measure()));
  }
  if (values.json === true) console.log(JSON.stringify(rows, null, 2));
  else printTable(rows);
  process.exitCode = rows.some((row) => row.met === false) ? 1 : 0;
};

await main();
