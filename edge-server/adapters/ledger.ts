/** The ledger that the settings name: PostgreSQL with a `DATABASE_URL`, else a file. */
import type { Ledger } from "../ports.ts";
import { pathsIn, type Settings } from "../settings.ts";
import { createPostgresLedger } from "./ledger-postgres.ts";
import { createSqliteLedger } from "./ledger-sqlite.ts";

export const openLedger = async ({ folder, databaseUrl }: Pick<Settings, "folder" | "databaseUrl">): Promise<Ledger> =>
  databaseUrl === null ? createSqliteLedger(pathsIn(folder).ledger) : await createPostgresLedger(databaseUrl);
