/**
 * How long fifty terminals wait for their acks of a few entries, while one terminal sends a backlog as fast as it is let;
 * beside it, in the same run, the same fifty without it. Over HTTP, from the real server in a process of its own, since the
 * terminals are elsewhere too; on SQLite and, where there is one, on PostgreSQL.
 */
import type { Hono } from "hono";
import { createSqliteRegistry } from "../../edge-server/adapters/registry-sqlite.ts";
import { pathsIn } from "../../edge-server/settings.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { type City, createCity } from "../live-city.ts";
import { startPostgres } from "../postgres.ts";
import { drawKey } from "../sample.ts";
import { createTerminal, sendSigned, type TestTerminal } from "../world.ts";
import type { Row } from "./main.ts";

const terminals = 50;
const roundsEach = 8;
const pauseMilliseconds = 400;
const backlogEntries = 100_000;
const largeEntries = 500;
const goal = 5;

export const measureFairness = async (): Promise<readonly Row[]> => {
  const behind = await createTerminal("behind", await drawKey("P-256"));
  const backlog = await writeBacklog(behind);
  const onSqlite = await measureOn("SQLite", {}, behind, backlog);
  const cluster = await startPostgres();
  if (cluster === null) return [onSqlite];
  try {
    return [onSqlite, await measureOn("PostgreSQL", { DATABASE_URL: await cluster.addDatabase() }, behind, backlog)];
  } finally {
    await cluster.stop();
  }
};

const measureOn = async (
  database: string,
  settings: Readonly<Record<string, string>>,
  behind: TestTerminal,
  backlog: readonly Bytes[],
): Promise<Row> => {
  const city = await createCity(settings);
  try {
    await city.start();
    const others: TestTerminal[] = [];
    for (let number = 0; number < terminals; number++) {
      others.push(await createTerminal(`gate-${number}`, await drawKey("P-256")));
    }
    enrol(city, [behind, ...others]);
    const app = { request: (path: string, init: RequestInit) => fetch(`${city.url}${path}`, init) } as unknown as Hono;
    const send = async (by: TestTerminal, body: Bytes): Promise<number> => {
      const startedAt = performance.now();
      const response = await sendSigned(app, by, "/v1/log", body, { createdAt: nowSeconds() });
      if (!response.ok) throw new Error(`log: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
      return performance.now() - startedAt;
    };
    await sendSmall(others.slice(0, 10), send); // to be warm
    const alone = await sendSmall(others, send);
    let isDone = false;
    let sent = 0;
    const sending = (async () => {
      for (; !isDone && sent < backlog.length; sent++) await send(behind, backlog[sent] ?? new Uint8Array(0));
    })();
    const beside = await sendSmall(others, send);
    isDone = true;
    await sending;
    const [value, peer] = [percentile95(beside), percentile95(alone)];
    const ratio = Math.round((10 * value) / peer) / 10;
    const among = `p95 of ${terminals} terminals, beside a backlog, of which ${sent * largeEntries} entries came`;
    return {
      part: "log",
      name: `ack of a few entries on ${database}, ${among}`,
      ...{ value: Math.round(value), unit: "ms", peer: `without it: ${Math.round(peer)} ms`, ratio },
      goal: `ratio <= ${goal}`,
      met: ratio <= goal,
    };
  } finally {
    await city.close();
  }
};

const enrol = (city: City, all: readonly TestTerminal[]): void => {
  const registry = createSqliteRegistry(pathsIn(city.environment.GREENLANE_DATA ?? "").registry);
  for (const { id, key } of all) {
    const times = { enrolledAt: nowSeconds(), revokedAt: null, lastSeenAt: null };
    registry.putTerminal({ id, profile: { ...profile, name: id }, key: key.jwk, ...times });
  }
  registry.close();
};
const profile = {
  service: "metro",
  action: "entry",
  programme: "fuzhou-moli",
  site: "bench",
  actuator: "simulated",
} as const;

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

type Send = (by: TestTerminal, body: Bytes) => Promise<number>;

/** How long each took, in milliseconds. */
const sendSmall = async (by: readonly TestTerminal[], send: Send): Promise<readonly number[]> => {
  const each = await Promise.all(
    by.map(async (terminal, index) => {
      const times: number[] = [];
      await pause((pauseMilliseconds * index) / by.length);
      for (let round = 0; round < roundsEach; round++) {
        const from = terminal.entries.length + 1;
        for (let i = 0; i < 3; i++) await terminal.write({ kind: "fault", part: "gate", cause: "a test" });
        times.push(await send(terminal, await terminal.batch(from)));
        await pause(pauseMilliseconds);
      }
      return times;
    }),
  );
  return each.flat();
};

const writeBacklog = async (terminal: TestTerminal): Promise<readonly Bytes[]> => {
  const batches: Bytes[] = [];
  for (let from = 1; from <= backlogEntries; from += largeEntries) {
    for (let i = 0; i < largeEntries; i++) {
      await terminal.write({ kind: "fault", part: "gate", cause: "x".repeat(700) }, { item: `item-${from + i}` });
    }
    batches.push(await terminal.batch(from));
  }
  return batches;
};

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const percentile95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
