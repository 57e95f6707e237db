/**
 * `npm run chaos [-- PART ...] [--cuts N]`: real faults on a real machine. Prints a table; exits with 1 when a promise is
 * broken, with 2 where this machine cannot do it.
 *
 *     power     the power of a terminal's disk is cut N times (200), beside a control that has to lose; N/10 times so that
 *               the database's own file is torn
 *     switch    the power is cut N/10 times as the database begins another of its files, beside a control that has to lose
 *     kill      kill -9 of browser, server and PostgreSQL while a terminal writes and sends
 *     corrupt   damaged files of each store of a terminal, and of the ledger
 *     proxy     all that can happen to a batch and its answer on the way
 */
import { parseArgs } from "node:util";
import { corruptFiles } from "./corrupt.ts";
import { whyNoDisk } from "./disk.ts";
import { killAll } from "./kills.ts";
import { troubleNetwork } from "./network.ts";
import { cutAtNewFile, cutPower } from "./power.ts";
import { tearDatabase } from "./torn-database.ts";

export type Row = {
  readonly part: string;
  readonly name: string;
  readonly found: string;
  readonly goal: string;
  readonly isKept: boolean;
};

/** What takes long for each cut has fewer. */
const fewOf = (cuts: number): number => Math.max(3, Math.ceil(cuts / 10));

const parts: Readonly<Record<string, (cuts: number) => Promise<readonly Row[]>>> = {
  power: async (cuts) => [...(await cutPower(cuts)), ...(await tearDatabase(fewOf(cuts)))],
  switch: (cuts) => cutAtNewFile(fewOf(cuts)),
  kill: killAll,
  corrupt: corruptFiles,
  proxy: troubleNetwork,
};

const printTable = (rows: readonly Row[]): void => {
  const cells = rows.map(({ part, name, found, goal, isKept }) => [
    part,
    name,
    found,
    goal,
    isKept ? "kept" : "BROKEN",
  ]);
  const lines = [["part", "what", "found", "promised", ""], ...cells];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  for (const line of lines)
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    );
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: { cuts: { type: "string", default: "200" } },
    allowPositionals: true,
  });
  const unknown = positionals.find((each) => !(each in parts));
  const cuts = Number(values.cuts);
  if (unknown !== undefined || !Number.isInteger(cuts) || cuts < 1) {
    console.error(`npm run chaos -- [${Object.keys(parts).join("|")}] [--cuts N]`);
    return 2;
  }
  const wanted = Object.entries(parts).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const cause = wanted.some(([name]) => name === "power" || name === "switch") ? whyNoDisk() : null;
  if (cause !== null) {
    console.error(`No power can be cut here: ${cause}. The other parts: npm run chaos -- kill corrupt proxy`);
    return 2;
  }
  const rows: Row[] = [];
  for (const [, run] of wanted) rows.push(...(await run(cuts)));
  printTable(rows);
  return rows.every(({ isKept }) => isKept) ? 0 : 1;
};

process.exit(
  await main().catch((reason: unknown) => {
    console.error(reason);
    return 1;
  }),
);
