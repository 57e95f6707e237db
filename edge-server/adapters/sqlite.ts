/**
 * A SQLite file as every adapter here opens it: WAL, `synchronous = FULL` (what is committed survives a power cut),
 * waiting 10 s for another process, foreign keys on. Migrations only go forward: the file's `user_version` counts those
 * done, and a file from a newer program is refused rather than guessed at. New files are for their owner alone.
 */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";

export type { DatabaseSync };

/** `:memory:` is a database that nobody keeps. Each migration is the SQL that leads to the next version. */
export const openSqlite = (path: string, migrations: readonly string[]): DatabaseSync => {
  if (path !== ":memory:") makeFile(path);
  const database = new DatabaseSync(path, { timeout: 10_000 });
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${checkpointBytes / pageBytes}; PRAGMA foreign_keys = ON`);
  atomically(database, () => {
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (version > migrations.length) throw new Error(`${path} was written by a newer version of this program`);
    for (const migration of migrations.slice(version)) database.exec(migration);
    if (version < migrations.length) database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
  return database;
};

/** Of a new file; an old one keeps its own. Ours are written in long runs: a third of the time of SQLite's 4 KiB is saved. */
const pageBytes = 16 * 1024;
const checkpointBytes = 4 * 1024 * 1024;

/** As the file is at this moment, whatever others write meanwhile. */
export const openSqliteToRead = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 10_000, readOnly: true });
  database.exec("BEGIN; SELECT count(*) FROM sqlite_schema"); // the moment is that of the first reading
  return database;
};

/** The database as it is at one moment, into a new file, while others write. */
export const copySqlite = async (path: string, copy: string): Promise<void> => {
  makeFile(copy);
  const database = new DatabaseSync(path, { timeout: 10_000, readOnly: true });
  try {
    await backup(database, copy, { rate: allPages });
  } finally {
    database.close();
  }
};
/** In steps it would begin again whenever somebody has written meanwhile. */
const allPages = 2 ** 31 - 1;

export const isWholeSqlite = (path: string): boolean => {
  try {
    const database = new DatabaseSync(path);
    const found = database.prepare("PRAGMA integrity_check").get();
    database.close();
    return found?.integrity_check === "ok";
  } catch {
    return false; // not even a database
  }
};

/** For nobody else to read: it may hold keys of lists, or who somebody is. */
const makeFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
};

/** Runs `change` in one transaction; inside another one it is part of that. */
export const atomically = <T>(database: DatabaseSync, change: () => T): T => {
  if (database.isTransaction) return change();
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = change();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
};

/** A blob column as bytes of their own. Another type there is a bug: throws. */
export const blobOf = (value: unknown): Uint8Array<ArrayBuffer> => {
  if (!(value instanceof Uint8Array)) throw new TypeError("not a blob");
  return value.buffer instanceof ArrayBuffer
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
};
