/**
 * A month of a city, reconciled and settled by the command line in a process of its own, beside what the database alone
 * takes for a plain aggregate over the same rows: taps by person, first and last. Ten million taps unless told otherwise
 * (`--taps`); on PostgreSQL, where there is one, a tenth of them.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { createSqlitePublishedStore } from "../../edge-server/adapters/published-sqlite.ts";
import { runCli } from "../../edge-server/cli.ts";
import { readPeriod } from "../../edge-server/period.ts";
import { hashesOf } from "../../edge-server/published.ts";
import { pathsIn } from "../../edge-server/settings.ts";
import { sha256, toBase64url, toHex } from "../../shared/bytes.ts";
import { decide } from "../../shared/decide.ts";
import { startPostgres } from "../postgres.ts";
import { now, samplePolicy } from "../sample.ts";
import { pricedPolicy } from "../taps.ts";
import type { Row } from "./main.ts";
import { copyPostgresMonth, type Month, writeSqliteMonth } from "./settle-ledger.ts";

const period = "2024-10";
export const usualTaps = 10_000_000;
const memoryMax = 1024;

export const measureSettle = async (taps: number): Promise<readonly Row[]> => {
  const data = mkdtempSync(join(tmpdir(), "greenlane-bench-"));
  try {
    const month = await foundCity(data);
    const { ledger } = pathsIn(data);
    rmSync(ledger, { force: true });
    writeSqliteMonth(ledger, taps, month);
    const plain = aggregate(ledger);
    const { seconds, memory } = await settle(data);
    return [
      measureDecide(),
      ...rowsOf("SQLite", taps, seconds, plain, memory),
      ...(await measureOnPostgres(data, month, Math.ceil(taps / 10))),
    ];
  } finally {
    rmSync(data, { recursive: true });
  }
};

const measureOnPostgres = async (data: string, month: Month, taps: number): Promise<readonly Row[]> => {
  const cluster = await startPostgres();
  if (cluster === null) return [];
  try {
    const url = await cluster.addDatabase();
    await copyPostgresMonth(url, cluster.psql, data, taps, month);
    const startedAt = performance.now();
    await promisify(execFile)(cluster.psql, ["-qX", url, "-c", aggregateSql]);
    const plain = (performance.now() - startedAt) / 1000;
    rmSync(join(data, "settlements"), { recursive: true });
    const { seconds, memory } = await settle(data, { DATABASE_URL: url });
    return rowsOf("PostgreSQL", taps, seconds, plain, memory);
  } finally {
    await cluster.stop();
  }
};

const aggregateSql = `
  SELECT count(*), sum(taps), max(length) FROM (
    SELECT count(*) AS taps, max(at) - min(at) AS length
    FROM entry JOIN personal USING (terminal, epoch, seq) GROUP BY text) AS people`;

/** An operator with the sample's rules, which its terminals have installed. */
const foundCity = async (data: string): Promise<Month> => {
  const pack = join(data, "pack.json");
  writeFileSync(pack, JSON.stringify(pricedPolicy.packs[0]));
  const quiet = { write: () => true } as unknown as NodeJS.WritableStream & { readonly isTTY?: boolean };
  const code = await runCli(["programme", "add", pack], { GREENLANE_DATA: data }, {
    out: quiet,
    err: process.stderr,
  } as never);
  if (code !== 0) throw new Error("no programme");
  const store = createSqlitePublishedStore(pathsIn(data).published);
  const artefact = store.read()?.artefacts.find(({ entry }) => entry.name === "policy");
  const signed = artefact === undefined ? null : store.artefact(hashesOf(artefact)[0] ?? "");
  store.close();
  const from = readPeriod(period)?.from;
  if (signed == null || from === undefined) throw new Error("no policy");
  return { from, policy: toHex(await sha256(signed)), signedPolicy: toBase64url(signed) };
};

const aggregate = (path: string): number => {
  const database = new DatabaseSync(path, { readOnly: true });
  const startedAt = performance.now();
  database.prepare(aggregateSql).get();
  const seconds = (performance.now() - startedAt) / 1000;
  database.close();
  return seconds;
};

/** Seconds, and MB of memory at most. */
const settle = (
  data: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly seconds: number; readonly memory: number }> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(
      process.execPath,
      ["--no-warnings", join(import.meta.dirname, "settle-child.ts"), "settle", "--period", period, "--json"],
      { env: { PATH: process.env.PATH, GREENLANE_DATA: data, ...more }, stdio: ["ignore", "ignore", "pipe"] },
    );
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-1000);
    });
    child.on("close", (code) => {
      const seconds = (performance.now() - startedAt) / 1000;
      if (code === 0) resolve({ seconds, memory: Math.round(Number(said.trim().split("\n").at(-1)) / 1024) });
      else reject(new Error(`settle failed: ${said}`));
    });
  });

const rowsOf = (on: string, taps: number, ours: number, plain: number, memory: number): readonly Row[] => {
  const [value, peer] = [Math.round(taps / ours), Math.round(taps / plain)];
  const name = `${taps} taps settled on ${on}`;
  const said = { part: "settle", name } as const;
  return [
    {
      ...{ ...said, value, unit: "taps/s", peer: `plain aggregate: ${peer}` },
      ...{ ratio: Math.round((100 * value) / peer) / 100, goal: null, met: null },
    },
    {
      ...{ ...said, name: `${name}: memory at most`, value: memory, unit: "MB", peer: null, ratio: null },
      ...{ goal: `<= ${memoryMax}`, met: memory <= memoryMax },
    },
  ];
};

/** How often `decide` answers in a second, with a perk. */
const measureDecide = (): Row => {
  const request = { service: "metro", action: "entry", programme: "here", place: { site: "gate-1" }, at: now } as const;
  const reading = { kind: "verified", form: "presentation", use: "citizen", programme: "here" } as const;
  const knowledge = { standing: 2, cuts: 7, checkedAt: { trust: now, policy: now, list: now } } as const;
  const facts = { policy: samplePolicy, knowledge, history: { seenAt: null, sameActionAt: null, cardTaps: 0 } };
  const times = 1_000_000;
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now();
    let perks = 0;
    for (let i = 0; i < times; i++) {
      const answer = decide({ ...request, at: now + (i % 100) }, reading, facts);
      if (answer.effect === "permit" && answer.perk !== null) perks += 1;
    }
    if (perks !== times) throw new Error("not decided");
    best = Math.max(best, times / ((performance.now() - startedAt) / 1000));
  }
  const [value, goal] = [Math.round(best), 1_000_000];
  const said = { part: "settle", name: "decide, one core", peer: null, ratio: null } as const;
  return { ...said, value, unit: "decisions/s", goal: `>= ${goal}`, met: value >= goal };
};
