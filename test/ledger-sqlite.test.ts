import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";

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
