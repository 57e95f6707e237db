/**
 * How tables on PostgreSQL come about. Migrations only go forward and run by themselves, one server at a time. Each says the
 * oldest version of this program that can work with what it leads to: servers of that version or later go on beside newer
 * ones, others do not start.
 */
import { explainUnavailable } from "../unavailable.ts";
import { type Ask, openPostgres, type Postgres } from "./postgres.ts";

/** `name`: of what is kept, as it is said to people and begins the name of the table that remembers. */
export type Migrations = {
  readonly name: "ledger" | "operators" | "orders";
  /** Of the lock under which they run. */
  readonly lock: number;
  readonly steps: readonly { readonly oldestReader: number; readonly sql: string }[];
};

/** Takes its time, and so does waiting for the server that is at it. Throws one clear line where it cannot be done. */
export const migratePostgres = async (url: string, migrations: Migrations): Promise<void> => {
  const unhurried = openPostgres(url, 0);
  try {
    await migrate(unhurried, migrations);
  } catch (error) {
    const cause = explainUnavailable(error);
    throw cause === null ? error : new Error(`the database of the ${migrations.name} cannot be asked: ${cause}`);
  } finally {
    await unhurried.close();
  }
};

const migrate = (postgres: Postgres, { name, lock, steps }: Migrations): Promise<void> =>
  postgres.transact(async (ask) => {
    await ask("SELECT pg_advisory_xact_lock($1)", [lock]);
    const { version, oldestReader } = await readVersion(ask, name);
    if (oldestReader > steps.length) {
      throw new Error(
        `the ${name}'s database was changed by a newer version of this program, which this one cannot read`,
      );
    }
    for (const [index, step] of steps.entries()) {
      if (index < version) continue;
      await ask(step.sql);
      await ask(`INSERT INTO ${name}_migration VALUES ($1, $2)`, [index + 1, step.oldestReader]);
    }
  });

const readVersion = async (
  ask: Ask,
  name: Migrations["name"],
): Promise<{ readonly version: number; readonly oldestReader: number }> => {
  const [table] = await ask<{ missing: boolean }>(`SELECT to_regclass('${name}_migration') IS NULL AS missing`);
  if (table?.missing === true) {
    await ask(`CREATE TABLE ${name}_migration (version integer PRIMARY KEY, oldest_reader integer NOT NULL)`);
  }
  const [row] = await ask<Migrated>(
    `SELECT max(version) AS version, max(oldest_reader) AS oldest FROM ${name}_migration`,
  );
  return { version: row?.version ?? 0, oldestReader: row?.oldest ?? 0 };
};

/** Null before the first. */
type Migrated = { readonly version: number | null; readonly oldest: number | null };
