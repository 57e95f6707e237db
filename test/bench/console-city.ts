/**
 * The city that the console is measured on: its records in a folder of its own, filled quickly and with the product's own
 * adapters where there is little: terminals and where they stand, what they report of themselves, what is kept and not
 * believed. What the console shows at once is counted by the surveyor itself.
 */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createPostgresLedger } from "../../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import { createSqliteRegistry } from "../../edge-server/adapters/registry-sqlite.ts";
import { createSqliteSurvey } from "../../edge-server/adapters/survey-sqlite.ts";
import type { Ledger } from "../../edge-server/ports.ts";
import { pathsIn } from "../../edge-server/settings.ts";
import { createSurveyor } from "../../edge-server/surveyor.ts";
import { encodeBatch } from "../../shared/batch.ts";
import type { HealthReport } from "../../shared/health.ts";
import type { PublicJwk, SigningKey } from "../../shared/keys.ts";
import { genesisOf, makeEntry } from "../../shared/log.ts";
import { type City, createCity, succeed } from "../live-city.ts";
import type { Cluster } from "../postgres.ts";
import { drawKey } from "../sample.ts";
import { fillPostgres, fillSqlite, nameOf, profileOf, terminals } from "./console-ledger.ts";

/** Folders of records, each for one server; all of them know the same terminals. */
export type Founded = {
  readonly entries: number;
  readonly key: SigningKey;
  readonly counted: number;
  readonly empty: string;
  readonly sqlite: string;
  readonly postgres: { readonly url: string; readonly folders: readonly [string, string] } | null;
};

export const foundCity = async (folder: string, entries: number, cluster: Cluster | null): Promise<Founded> => {
  const empty = join(folder, "empty");
  await foundEmpty(empty);
  const sqlite = join(folder, "sqlite");
  cpSync(empty, sqlite, { recursive: true });
  const key = await drawKey("P-256");
  const now = Math.floor(Date.now() / 1000);
  await addTerminals(sqlite, key.jwk, now);
  const { ledger: path, survey } = pathsIn(sqlite);
  rmSync(path, { force: true });
  await fillSqlite(path, entries, now);
  const ledger = createSqliteLedger(path);
  await addEvidence(ledger, now);
  const startedAt = performance.now();
  await countAll(ledger, survey, entries);
  const counted = Math.round((1000 * entries) / (performance.now() - startedAt));
  await ledger.close();
  return {
    entries,
    key,
    counted,
    empty,
    sqlite,
    postgres: await foundOnPostgres(folder, sqlite, entries, now, cluster),
  };
};

const foundOnPostgres = async (
  folder: string,
  sqlite: string,
  entries: number,
  now: number,
  cluster: Cluster | null,
): Promise<Founded["postgres"]> => {
  if (cluster === null) return null;
  const url = await cluster.addDatabase();
  await fillPostgres(url, cluster.psql, entries, now);
  const ledger = await createPostgresLedger(url);
  await addEvidence(ledger, now);
  await ledger.close();
  const folders = [join(folder, "first"), join(folder, "second")] as const;
  const own = pathsIn(sqlite).ledger;
  for (const each of folders) cpSync(sqlite, each, { recursive: true, filter: (path) => !path.startsWith(own) });
  return { url, folders };
};

const foundEmpty = async (folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const city = await openCity(folder);
  try {
    await succeed(city, "programme", "add", join(import.meta.dirname, "../../shared/programmes/fuzhou-moli.json"));
  } finally {
    await city.close();
  }
};

export const openCity = (folder: string, more: Readonly<Record<string, string>> = {}): Promise<City> =>
  createCity({ GREENLANE_DEMO: "off", GREENLANE_HOST: "127.0.0.1", GREENLANE_DATA: folder, ...more });

/** The first is the one that taps. */
const addTerminals = async (folder: string, key: PublicJwk, now: number): Promise<void> => {
  const { registry: path, survey: counted } = pathsIn(folder);
  const registry = createSqliteRegistry(path);
  registry.atomically(() => {
    for (let number = 0; number < terminals; number++) {
      const seen = { enrolledAt: 1, revokedAt: null, lastSeenAt: now };
      registry.putTerminal({ id: nameOf(number), profile: profileOf(number), key, ...seen });
      const { site } = profileOf(number);
      registry.putPlace(site, { lat: 26 + (number % 13) / 100, lon: 119 + (number % 11) / 100 });
    }
  });
  registry.close();
  const survey = createSqliteSurvey(counted);
  for (let number = 0; number < terminals; number++) {
    survey.putHealth({ terminal: nameOf(number), at: now, report: reportOf(number, now) });
  }
  survey.close();
};

const reportOf = (number: number, now: number): HealthReport => ({
  ...{ v: 1, app: "1.4.0", mode: "normal", manifest: 3, checkedAt: now, ordinaryFrom: now + 6 * 86_400 },
  ...{ pending: number % 40, storage: 0.1 + (number % 7) / 100 },
  alarms: number % 97 === 0 ? ["The camera is gone."] : [],
  latency: (["decode", "verify", "decide", "append", "act", "all"] as const).map((stage, index) => ({
    ...{ stage, count: 500, p50: 1 + index, p95: 3 + index + (number % 5), p99: 9 + index },
  })),
});

/** One terminal kept forking as long as it was listened to, two hundred did once. */
const addEvidence = async (ledger: Ledger, now: number): Promise<void> => {
  const of = [...Array.from({ length: 250 }, () => 0), ...Array.from({ length: 200 }, (_, index) => index + 1)];
  for (const [number, terminal] of of.entries()) {
    const epoch = new Uint8Array(16).fill(1);
    const chain = { terminal: nameOf(terminal), epoch };
    const entries = [];
    let head = await genesisOf({ terminal: nameOf(terminal), epoch: crypto.getRandomValues(new Uint8Array(16)) });
    for (let seq = 1; seq <= 100; seq++) {
      const stamp = { v: 1, at: now, boot: "bench", clock: "device" } as const;
      const entry = await makeEntry(
        head,
        { ...stamp, kind: "fault", part: "bench", cause: "x".repeat(500) },
        {},
        epoch,
      );
      entries.push(entry);
      head = entry;
    }
    const batch = encodeBatch({ epoch, from: 1, entries, checkpoint: new Uint8Array(80) });
    const arrival = { ...chain, from: 1, to: 100, receivedAt: now - number, isAfterRevocation: false };
    await ledger.settle(arrival, async () => ({
      answer: null,
      addition: { kind: "evidence", seq: 1, hash: head.hash, cause: "fork", batch },
    }));
  }
};

/** By the surveyor, as a server does that is put before a full ledger; without its rests. */
const countAll = async (ledger: Ledger, path: string, entries: number): Promise<void> => {
  const survey = createSqliteSurvey(path);
  let fail = (_: Error): void => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let isDone = (): void => {};
  const done = new Promise<void>((resolve) => {
    isDone = resolve;
  });
  const surveyor = createSurveyor({
    ...{ ledger, survey, operators: { reviewsAfter: async () => [] } },
    after: (_, callback) => {
      const soon = setImmediate(callback);
      return () => clearImmediate(soon);
    },
    onFailed: (cause) => fail(new Error(cause)),
  });
  surveyor.listen(() => {
    if (survey.count() === entries) isDone();
  });
  surveyor.start();
  try {
    await Promise.race([done, failed]);
  } finally {
    await surveyor.stop();
    survey.close();
  }
};
