/**
 * `kill -9` while a terminal writes and its outbox sends: of the browser, of the server, of PostgreSQL whole and in part.
 * All come back. What was acknowledged is in the ledger each time that the database returns, and in the end it holds what
 * the terminal wrote, each entry once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { querySql, startPostgres } from "../postgres.ts";
import { undoAtEnd } from "./leftovers.ts";
import { compareLedger, openCity, openTerminal } from "./live-terminal.ts";
import type { Row } from "./main.ts";

const rounds = 3;
const secondsBetween = { min: 1, max: 4 };

export const killAll = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-kills-"));
  const work = undoAtEnd(() => rmSync(folder, { recursive: true, force: true }));
  const cluster = await startPostgres();
  const database = undoAtEnd(() => void cluster?.stop());
  const databaseUrl = cluster === null ? null : await cluster.addDatabase();
  const city = await openCity(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl });
  const terminal = await openTerminal(city, join(folder, "profile"), city.url);

  let vanished = 0;
  const expectAcked = async (): Promise<void> => {
    if (databaseUrl === null) return;
    const acked = terminal.ackedSeq();
    const [row] = await querySql(databaseUrl, `SELECT count(DISTINCT seq) AS held FROM entry WHERE seq <= ${acked}`);
    vanished += Math.max(0, acked - Number(row?.held));
  };
  const faults: Readonly<Record<string, () => Promise<void>>> = {
    browser: terminal.killAndStart,
    server: async () => {
      await city.kill();
      await pause();
      await city.start();
    },
    ...(cluster === null || databaseUrl === null
      ? {}
      : {
          "PostgreSQL, stopped at once": async () => cluster.crash(),
          "PostgreSQL, killed": cluster.killAndStart,
          "PostgreSQL, one session killed": async () => {
            const sessions = await querySql(
              databaseUrl,
              "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
            );
            for (const { pid } of sessions.slice(0, 1)) process.kill(Number(pid), "SIGKILL");
          },
        }),
  };

  terminal.arrive();
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, fault] of shuffle(Object.entries(faults))) {
      await pause();
      await fault();
      await whenBack(expectAcked);
      kills += 1;
      console.log(`kill: ${name}; ${terminal.told.size} entries told, ${terminal.ackedSeq()} acknowledged`);
    }
  }
  await terminal.leave();
  const found = await compareLedger(city, terminal, await terminal.drain());
  await terminal.close();
  await city.close();
  database.now();
  work.now();
  for (const each of found.faults) console.error(each);
  const { entries, lost, doubled } = found;
  return [
    {
      part: "kill",
      name: databaseUrl === null ? "browser, server" : "browser, server, PostgreSQL",
      found: `${kills} kills, ${entries} entries, ${lost} lost, ${doubled} doubled, ${vanished} acked and gone`,
      goal: "0, 0, 0; audit passes",
      isKept: entries > 0 && lost + doubled + vanished + found.faults.length === 0,
    },
  ];
};

/** A database that starts again refuses connections for a while. */
const whenBack = async (ask: () => Promise<void>): Promise<void> => {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (reason) {
      if (tries === 300) throw reason;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};

const pause = (): Promise<void> => {
  const { min, max } = secondsBetween;
  return new Promise((resolve) => setTimeout(resolve, (min + Math.random() * (max - min)) * 1000));
};

const shuffle = <T>(all: readonly T[]): readonly T[] =>
  all
    .map((each) => ({ each, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each);
