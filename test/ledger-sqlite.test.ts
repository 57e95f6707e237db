import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { migrations } from "../edge-server/adapters/ledger-sqlite-schema.ts";
import { openSqlite } from "../edge-server/adapters/sqlite.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { collect } from "./collect.ts";
import { append, chainA, keepFork, makePersonal } from "./ledger-entries.ts";

/** What is particular to the ledger on SQLite. */

const folder = mkdtempSync(join(tmpdir(), "greenlane-ledger-"));
afterAll(() => rmSync(folder, { recursive: true }));

const openTables = async (name: string): Promise<DatabaseSync> => {
  await createSqliteLedger(join(folder, name)).close();
  return new DatabaseSync(join(folder, name));
};

it("has strict tables whose every unique key contains the terminal", async () => {
  const database = await openTables("tables.sqlite");
  const tables = database.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all();
  expect(tables.length).toBeGreaterThan(5);
  for (const { name, strict } of tables) {
    if (String(name).startsWith("sqlite_")) continue;
    expect(strict, `${name}`).toBe(1);
    for (const index of database.prepare(`SELECT name FROM pragma_index_list('${name}') WHERE "unique"`).all()) {
      const columns = database.prepare(`SELECT name FROM pragma_index_info('${index.name}')`).all();
      expect(columns[0]?.name, `${name}`).toBe("terminal");
    }
  }
  database.close();
});

it("refuses the file of a newer version", async () => {
  const database = await openTables("newer.sqlite");
  database.exec("PRAGMA user_version = 99");
  database.close();
  expect(() => createSqliteLedger(join(folder, "newer.sqlite"))).toThrow("newer version");
});

it("goes on with a file of the version before: its forks stay, and one that is sent again is kept beside", async () => {
  const path = join(folder, "before.sqlite");
  const before = openSqlite(path, migrations.slice(0, 1));
  before.prepare("INSERT INTO fork VALUES (?, ?, ?, ?, ?)").run("gate-1", chainA.epoch, 4, toUtf8("a batch"), 700);
  before.close();
  const ledger = createSqliteLedger(path);
  const kept = { ...chainA, seq: 4, batch: toUtf8("a batch"), receivedAt: 700 };
  expect(await collect(ledger.forks())).toEqual([kept]);
  expect(await ledger.doubts(9)).toEqual({
    sums: [{ cause: "fork", batches: 1, entries: 1, overrides: 0 }],
    newest: [{ ...chainA, seq: 4, cause: "fork", receivedAt: 700, entries: 1, overrides: 0 }],
  });
  await keepFork(ledger, chainA, 4, "a batch", 800);
  expect(await collect(ledger.forks())).toEqual([kept]);
  expect(await collect(ledger.evidence())).toMatchObject([{ seq: 4, cause: "fork", receivedAt: 800 }]);
  await ledger.close();
});

it("leaves nothing in the file of what was erased", async () => {
  const path = join(folder, "erased.sqlite");
  const ledger = createSqliteLedger(path);
  const secret = "a-pseudonym-of-somebody";
  const entries = await makePersonal(chainA, 40);
  const named = entries.map((entry) => ({ ...entry, personal: { text: secret, salt: new Uint8Array(16) } }));
  await append(ledger, chainA, named);
  await ledger.close();
  expect(readFileSync(path).includes(secret)).toBe(true);
  const again = createSqliteLedger(path);
  const seqs = entries.map(({ seq }) => seq);
  await again.erase(chainA, seqs, { at: 900, cause: "terminal", by: "somebody" });
  await again.close();
  expect(readFileSync(path).includes(secret)).toBe(false);
});
