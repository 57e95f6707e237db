/**
 * How long fifty terminals wait for their acks of a few entries, while one terminal sends a backlog as fast as it is let;
 * beside it, in the same run, the same fifty without it. Over HTTP, on SQLite.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { createWorld, sendSigned, type TestTerminal } from "../world.ts";
import type { Row } from "./main.ts";

const terminals = 50;
const roundsEach = 8;
const pauseMilliseconds = 400;
const backlogEntries = 100_000;
const largeEntries = 500;
const goal = 5;

export const measureFairness = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-bench-"));
  const ledger = createSqliteLedger(join(folder, "ledger.sqlite"));
  const world = await createWorld({ ledger });
  const server = createServer(getRequestListener(world.app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const app = { request: (path: string, init: RequestInit) => fetch(`${origin}${path}`, init) } as unknown as Hono;
  const send = async (by: TestTerminal, body: Bytes): Promise<number> => {
    const startedAt = performance.now();
    const response = await sendSigned(app, by, "/v1/log", body);
    if (!response.ok) throw new Error(`log: ${response.status} ${await response.text()}`);
    return performance.now() - startedAt;
  };
  try {
    const others = await Promise.all(
      Array.from({ length: terminals }, (_, number) => world.addTerminal(`gate-${number}`)),
    );
    await sendSmall(others.slice(0, 10), send); // to be warm
    const alone = await sendSmall(others, send);
    const behind = await world.addTerminal("behind");
    const backlog = await writeBacklog(behind);
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
    return [
      {
        part: "log",
        name: `ack of a few entries, p95 of ${terminals} terminals, beside a backlog, of which ${sent * largeEntries} entries came`,
        ...{ value: Math.round(value), unit: "ms", peer: `without it: ${Math.round(peer)} ms`, ratio },
        goal: `ratio <= ${goal}`,
        met: ratio <= goal,
      },
    ];
  } finally {
    server.closeAllConnections();
    server.close();
    await ledger.close();
    rmSync(folder, { recursive: true });
  }
};

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
