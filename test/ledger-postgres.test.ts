import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import type { Ledger } from "../edge-server/ports.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { collect } from "./collect.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";
import { append, arrivalOf, chainA, keepFork, makeEntries } from "./ledger-entries.ts";
import { type Cluster, querySql, runSql, startPostgres } from "./postgres.ts";
import { createWorld, problemWord, sendSigned } from "./world.ts";

/** What is particular to the ledger on PostgreSQL: its tables, its migrations, and a database that is not there. */

vi.setConfig({ testTimeout: 60_000 }); // a database that starts again takes its time on a busy machine

let cluster: Cluster | null;
let proxy: FaultyProxy;
let url: string;
let opened: Ledger[];
beforeAll(async () => {
  cluster = await startPostgres();
  proxy = await startFaultyProxy(cluster?.port ?? 0);
}, 60_000);
afterAll(async () => {
  proxy.close();
  await cluster?.stop();
}, 60_000);
beforeEach(async ({ skip }) => {
  if (cluster === null) return skip("no PostgreSQL");
  url = await cluster.addDatabase();
  opened = [];
  return async () => {
    proxy.hold(false);
    for (const each of opened) await each.close();
  };
});
const open = async (at = url, secondsMax?: number): Promise<Ledger> => {
  const ledger = await createPostgresLedger(at, secondsMax);
  opened.push(ledger);
  return ledger;
};
const throughProxy = (): string => url.replace(/:\d+\//, `:${proxy.port}/`);

describe("the tables", () => {
  it("can be spread by the terminal: it is in every key, and nothing points from one to another", async () => {
    await open();
    const keys = await querySql(
      url,
      `SELECT i.indrelid::regclass::text AS name, array_to_string(array_agg(a.attname::text), ',') AS columns
       FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
       WHERE i.indisunique AND i.indrelid::regclass::text IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
       GROUP BY i.indexrelid, i.indrelid`,
    );
    const tables = keys.filter(({ name }) => name !== "ledger_migration");
    expect(tables.map(({ name }) => name).toSorted()).toEqual([
      "chain",
      "entry",
      "evidence",
      "fork",
      "personal",
      "receipt",
    ]);
    for (const { name, columns } of tables) expect(String(columns).split(","), String(name)).toContain("terminal");
    expect(await querySql(url, "SELECT FROM pg_constraint WHERE contype = 'f'")).toHaveLength(0);
    expect(await querySql(url, "SELECT FROM pg_sequences")).toHaveLength(0);
  });

  it("are not emptied either", async () => {
    await open();
    for (const table of ["chain", "entry", "receipt", "fork", "evidence", "erasure"]) {
      await expect(runSql(url, `TRUNCATE ${table}`)).rejects.toThrow("nothing recorded is edited");
    }
  });
});

describe("migrations", () => {
  const versions = () => querySql(url, "SELECT version, oldest_reader FROM ledger_migration ORDER BY version");

  it("run once, however many servers start at once and again", async () => {
    await Promise.all([open(), open(), open(), open()]);
    await open();
    expect(await versions()).toEqual([
      { version: 1, oldest_reader: 1 },
      { version: 2, oldest_reader: 1 },
      { version: 3, oldest_reader: 1 },
    ]);
  });

  it("run once from several processes at once, which then share the ledger", async () => {
    const adapter = new URL("../edge-server/adapters/ledger-postgres.ts", import.meta.url).href;
    const entries = new URL("./ledger-entries.ts", import.meta.url).href;
    const program = `
      const { createPostgresLedger } = await import(${JSON.stringify(adapter)});
      const { append, chainA, makeEntries } = await import(${JSON.stringify(entries)});
      const ledger = await createPostgresLedger(${JSON.stringify(url)});
      const entries = await makeEntries(chainA, 100);
      for (let to = 5; to <= 100; to += 5) await append(ledger, chainA, entries.slice(0, to));
      await ledger.close();`;
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
    await Promise.all([run(), run(), run()]);
    expect(await versions()).toHaveLength(3);
    const [chained] = await querySql(url, "SELECT count(*)::int AS count, max(seq)::int AS last FROM entry");
    expect(chained).toEqual({ count: 100, last: 100 });
  });

  it("lets servers of the version before go on beside us", async () => {
    const ledger = await open();
    await append(ledger, chainA, await makeEntries(chainA, 1));
    await runSql(
      url,
      `INSERT INTO fork (terminal, epoch, seq, batch, received_at) VALUES ('gate-1', '\\x${"01".repeat(16)}', 1, '\\x61', 7)
       ON CONFLICT DO NOTHING`,
    );
    expect(await collect(ledger.forks())).toEqual([{ ...chainA, seq: 1, batch: toUtf8("a"), receivedAt: 7 }]);
    expect(await ledger.doubts(9)).toEqual({
      sums: [{ cause: "fork", batches: 1, entries: 1, overrides: 0 }],
      newest: [{ ...chainA, seq: 1, cause: "fork", receivedAt: 7, entries: 1, overrides: 0 }],
    });
    await keepFork(ledger, chainA, 1, "a", 8);
    expect(await collect(ledger.evidence())).toMatchObject([{ seq: 1, cause: "fork", receivedAt: 8 }]);
  });

  it("of newer versions are used as long as they say so, and refused in one line from then on", async () => {
    const ledger = await open();
    await runSql(url, "ALTER TABLE entry ADD COLUMN later text; INSERT INTO ledger_migration VALUES (4, 1)");
    await append(ledger, chainA, await makeEntries(chainA, 1));
    const other = await open();
    await append(other, chainA, await makeEntries(chainA, 2));
    expect(await other.count()).toBe(2);
    await runSql(url, "INSERT INTO ledger_migration VALUES (5, 5)");
    await expect(createPostgresLedger(url)).rejects.toThrow("newer version");
    expect(await versions()).toHaveLength(5);
  });
});

describe("a database that is not there", () => {
  it("is one line at the start, without the password", async () => {
    const nowhere = "postgres://greenlane:secret@127.0.0.1:1/ledger";
    const refusal = await createPostgresLedger(nowhere, 1).catch((error: Error) => error.message);
    expect(refusal).toMatch(/^the database of the ledger cannot be asked: ECONNREFUSED/);
    expect(refusal).not.toContain("secret");
  });

  it("takes nothing when it goes away during the judgement, and all of it afterwards", async () => {
    const ledger = await open(throughProxy());
    const entries = await makeEntries(chainA, 3);
    const settled = await ledger.settle(arrivalOf(chainA, 1, 3), async () => {
      proxy.cut();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return {
        answer: null,
        addition: { kind: "entries", entries, receipt: { checkpoint: new Uint8Array(1), ack: new Uint8Array(1) } },
      };
    });
    expect(settled).toMatchObject({ kind: "unavailable", cause: expect.stringMatching(/connection|ECONNRESET/i) });
    expect(await querySql(url, "SELECT seq FROM entry")).toEqual([]);
    expect(await append(ledger, chainA, entries)).toEqual({ kind: "settled", answer: 3 });
  });

  it("crashes between insert and commit: nothing is there, and the terminal sends again", async () => {
    const ledger = await open();
    await runSql(
      url,
      `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(9); RETURN NULL; END $$;
       CREATE CONSTRAINT TRIGGER late AFTER INSERT ON receipt DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION wait()`,
    );
    const entries = await makeEntries(chainA, 3);
    const settling = append(ledger, chainA, entries);
    const isCommitting = "SELECT FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'PgSleep'";
    while ((await querySql(url, isCommitting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    cluster?.crash();
    expect(await settling).toMatchObject({ kind: "unavailable" });
    expect(await querySql(url, "SELECT FROM entry")).toHaveLength(0);
    expect(await querySql(url, "SELECT FROM chain")).toHaveLength(0);
    await runSql(url, "DROP TRIGGER late ON receipt");
    expect(await append(ledger, chainA, entries)).toEqual({ kind: "settled", answer: 3 });
  });

  it("has committed, and its word of it is lost: the same again is no more", async () => {
    const ledger = await open(throughProxy());
    const entries = await makeEntries(chainA, 3);
    proxy.cutAtAnswer("COMMIT");
    expect(await append(ledger, chainA, entries)).toMatchObject({ kind: "unavailable" });
    expect(await querySql(url, "SELECT FROM entry")).toHaveLength(3);
    expect(await append(ledger, chainA, entries)).toEqual({ kind: "settled", answer: 0 });
    expect(await querySql(url, "SELECT FROM entry")).toHaveLength(3);
  });

  it("says nothing: there is an end to waiting, and new connections", async () => {
    const ledger = await open(throughProxy(), 0.3);
    proxy.hold(true);
    const entries = await makeEntries(chainA, 3);
    const settled = await Promise.all(Array.from({ length: 12 }, () => append(ledger, chainA, entries)));
    expect(settled.map(({ kind }) => kind)).toEqual(Array(12).fill("unavailable"));
    await expect(ledger.head(chainA)).rejects.toThrow(/timeout/);
    proxy.hold(false);
    expect(await append(ledger, chainA, entries)).toEqual({ kind: "settled", answer: 3 });
  });

  it("falls silent halfway: there is an end to that too", async () => {
    const ledger = await open(throughProxy(), 0.3);
    const entries = await makeEntries(chainA, 3);
    await append(ledger, chainA, entries.slice(0, 1));
    const receipt = { checkpoint: new Uint8Array(1), ack: new Uint8Array(1) };
    const settled = await ledger.settle(arrivalOf(chainA, 2, 3), async () => {
      proxy.hold(true);
      return { answer: null, addition: { kind: "entries", entries: entries.slice(1), receipt } };
    });
    expect(settled).toMatchObject({ kind: "unavailable", cause: expect.stringContaining("timeout") });
    proxy.cut(); // as its system would notice in the end
    proxy.hold(false);
    expect(await append(ledger, chainA, entries)).toEqual({ kind: "settled", answer: 2 });
  });

  it("is left with no transaction open by what went wrong here", async () => {
    const ledger = await open();
    const noBytes = null as unknown as Uint8Array<ArrayBuffer>;
    const entries = (await makeEntries(chainA, 1)).map((entry) => ({ ...entry, bytes: noBytes }));
    for (let i = 0; i < 9; i++) await expect(append(ledger, chainA, entries)).rejects.toThrow(TypeError);
    const isOpen = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`;
    while ((await querySql(url, isOpen)).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await append(ledger, chainA, await makeEntries(chainA, 1))).toEqual({ kind: "settled", answer: 1 });
  });

  it("is 503 to a terminal, with when to come again, no ack, and not ready", async () => {
    const ledger = await open(throughProxy(), 0.5);
    const world = await createWorld({ ledger });
    const terminal = await world.addTerminal("gate-1");
    await terminal.write({ kind: "started", app: "1", newEpoch: true });
    proxy.hold(true);
    const refused = await sendSigned(world.app, terminal, "/v1/log", await terminal.batch());
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await problemWord(refused)).toBe("unavailable");
    expect(world.lines).toContainEqual(expect.objectContaining({ event: "unavailable", cause: expect.any(String) }));
    expect((await world.app.request("/readyz")).status).toBe(503);
    proxy.hold(false);
    expect((await sendSigned(world.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
    expect((await world.app.request("/readyz")).status).toBe(200);
  });

  it("is lost under a snapshot: that ends, rather than going on at another moment", async () => {
    const ledger = await open(throughProxy());
    await append(ledger, chainA, await makeEntries(chainA, 300));
    const snapshot = await ledger.snapshot();
    const reading = snapshot.entries(chainA)[Symbol.asyncIterator]();
    expect((await reading.next()).value?.seq).toBe(1);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(
      (async () => {
        while ((await reading.next()).done !== true);
      })(),
    ).rejects.toThrow(/connection|terminated/i);
    await snapshot.close();
  });
});

it("waits for what is on disk, whatever the database was told", async () => {
  await runSql(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
  const ledger = await open();
  await runSql(
    url,
    `CREATE TABLE seen (setting text);
     CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO seen SELECT current_setting('synchronous_commit'); RETURN NULL; END $$;
     CREATE TRIGGER see AFTER INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION see()`,
  );
  await append(ledger, chainA, await makeEntries(chainA, 1));
  expect(await querySql(url, "SELECT setting FROM seen")).toEqual([{ setting: "on" }]);
});
