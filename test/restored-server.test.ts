import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { auditLedger } from "../edge-server/audit.ts";
import type { Ledger } from "../edge-server/ports.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { createUplink } from "../kiosk/adapters/uplink.ts";
import { createOutbox, type Outbox, type OutboxParts } from "../kiosk/outbox.ts";
import { createFakeClock, foundCity } from "./city.ts";
import { collect } from "./collect.ts";
import { type Cluster, startPostgres } from "./postgres.ts";
import { backUp, makeRecords, must, nowhere } from "./records.ts";
import { createWorld, type TestTerminal, type World } from "./world.ts";

vi.setConfig({ testTimeout: 60_000 }); // a database on a busy machine takes its time

/** The real server over HTTP, brought back from a backup by the command line, and a real outbox. */

/** Where a ledger lies, how it is opened, and a backup of it that is taken while it is open and comes back elsewhere. */
type Place = {
  readonly make: () => Promise<string>;
  readonly open: (at: string) => Promise<Ledger>;
  readonly backUp: (at: string) => Promise<string>;
  readonly restore: (backup: string) => Promise<string>;
};

const onSqlite: Place = {
  make: makeRecords,
  open: async (folder) => createSqliteLedger(pathsIn(folder).ledger),
  backUp,
  restore: async (backup) => {
    const again = nowhere();
    await must(again, "restore", backup);
    return again;
  },
};

let cluster: Cluster | null;
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(() => cluster?.stop());
const addDatabase = async (): Promise<string> => (await cluster?.addDatabase()) ?? "";
const runBeside = (program: string, ...words: readonly string[]) =>
  promisify(execFile)(join(dirname(cluster?.psql ?? ""), program), words);

/** As the help of `backup` and `restore` says. */
const onPostgres: Place = {
  make: addDatabase,
  open: (url) => createPostgresLedger(url),
  backUp: async (url) => {
    const file = nowhere();
    await runBeside("pg_dump", "--format=custom", `--file=${file}`, url);
    return file;
  },
  restore: async (file) => {
    const again = await addDatabase();
    await runBeside("pg_restore", `--dbname=${again}`, file);
    return again;
  },
};

describe.each([
  ["SQLite", onSqlite],
  ["PostgreSQL", onPostgres],
] as const)("a server restored to before its acks, on %s", (_, place) => {
  let data: string;
  let world: World;
  let ledger: Ledger;
  let server: Server;
  let terminal: TestTerminal;
  let outbox: Outbox | null;
  let acked: number;
  let keptFrom: number;
  const clock = createFakeClock();

  /** The same city each time: it is the ledger that goes back in time. */
  const startServer = async (at: string): Promise<void> => {
    ledger = await place.open(at);
    const { registry, edge } = world;
    const { app } = await createWorld({ ledger, registry, edgeKey: async () => edge, now: clock.now });
    server = createServer(getRequestListener(app.fetch));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  };
  const stopServer = async (): Promise<void> => {
    outbox?.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await ledger.close();
  };

  beforeEach(async ({ skip }) => {
    if (place === onPostgres && cluster === null) return skip("no PostgreSQL");
    [outbox, acked, keptFrom] = [null, 0, 1];
    data = await place.make();
    world = await createWorld();
    terminal = await world.addTerminal("gate-1");
    await startServer(data);
    return stopServer;
  });

  const startOutbox = async (): Promise<Outbox> => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
    const log: OutboxParts["log"] = {
      read: async (seq, max) => terminal.entries.slice(Math.max(seq, keptFrom) - 1).slice(0, max),
      acknowledge: async (seq) => {
        acked = Math.max(acked, seq);
      },
      prune: async () => {},
    };
    const city = await foundCity();
    outbox = createOutbox({
      log,
      chain: terminal.chain,
      ackedSeq: acked,
      uplink: {
        ...createUplink({ origin: `http://127.0.0.1:${port}`, now: clock.now, random }),
        onReturn: () => () => {},
      },
      identity: { ...city.identity, terminal: terminal.id, key: terminal.key },
      edgeKeys: () => [world.edge],
      clock,
      random,
      now: clock.now,
      head: () => terminal.entries.at(-1) ?? terminal.genesis,
      lock: (_, work) => work(),
      onSigned: () => {},
      onDeadEnd: () => {},
    });
    outbox.start();
    return outbox;
  };
  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await terminal.write({ kind: "fault", part: "gate", cause: "a test" });
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let tries = 0; !isSo() && tries < 1000; tries++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(isSo()).toBe(true);
  };

  it("gets again from the outbox what it had acknowledged, once and in order, and audits", async () => {
    await write(4);
    let sender = await startOutbox();
    await until(() => sender.pending() === 0);
    const backup = await place.backUp(data);
    await write(700);
    sender.nudge();
    await until(() => sender.pending() === 0);
    expect([acked, await ledger.count()]).toEqual([704, 704]);
    await stopServer();

    await startServer(await place.restore(backup));
    expect(await ledger.count()).toBe(4);
    sender = await startOutbox();
    expect(sender.pending()).toBe(0); // all is acknowledged: nobody knows yet
    await write(1);
    sender.nudge();
    await until(() => sender.pending() === 0);
    expect([acked, sender.alarms()]).toEqual([705, []]);
    const kept = await collect(ledger.entries(terminal.chain));
    expect(kept.map(({ seq, hash }) => ({ seq, hash }))).toEqual(
      terminal.entries.map(({ seq, hash }) => ({ seq, hash })),
    );
    const keys = { roots: await openAllRoots(world.rootBytes, []), registry: world.registry };
    expect(await auditLedger(ledger, keys)).toMatchObject({
      entries: 705,
      checkpoints: { bad: 0, unknown: 0 },
      acks: { bad: 0, unknown: 0 },
      problems: [],
    });
  });

  it("is an alarm at the terminal where it no longer keeps what is missing", async () => {
    const backup = await place.backUp(data);
    await write(4);
    let sender = await startOutbox();
    await until(() => sender.pending() === 0);
    await stopServer();
    await startServer(await place.restore(backup));
    keptFrom = 3; // 72 h later
    sender = await startOutbox();
    await write(1);
    sender.nudge();
    await until(() => sender.alarms().length > 0);
    expect(sender.alarms()).toEqual(["the ledger misses entry 1, which is no longer kept here"]);
    expect([sender.pending(), await ledger.count()]).toEqual([1, 0]);
  });
});
