/** What the order desk remembers, where the ledger is: on PostgreSQL with a `DATABASE_URL`, else in this server alone. */
import { createOrderMemory, type OrderMemory } from "../order-memory.ts";
import type { Settings } from "../settings.ts";
import { createPostgresOrderMemory } from "./order-memory-postgres.ts";

export const openOrderMemory = async ({ databaseUrl }: Pick<Settings, "databaseUrl">): Promise<OrderMemory> =>
  databaseUrl === null ? createOrderMemory() : createPostgresOrderMemory(databaseUrl);
