/** What the ledger on SQLite keeps and does not believe: by the indexes alone, but for batches that nobody has weighed. */
import { addDoubt, weighBatch, weightOf } from "../ledger-doubts.ts";
import type { Doubts, Evidence } from "../ports.ts";
import { blobOf, type DatabaseSync } from "./sqlite.ts";

export const readSqliteDoubts = (database: DatabaseSync, rowsMax: number): Doubts => {
  let sums: Doubts["sums"] = database
    .prepare(selectSums)
    .all()
    .map((row) => ({
      ...{ cause: row.cause as Evidence["cause"], batches: Number(row.batches) },
      ...{ entries: Number(row.entries), overrides: Number(row.overrides) },
    }));
  for (const row of database.prepare(selectUnweighed).iterate()) {
    sums = addDoubt(sums, row.cause as Evidence["cause"], weighBatch(blobOf(row.batch)));
  }
  const newest = database
    .prepare(selectNewest)
    .all(rowsMax)
    .map((row) => ({
      ...{ terminal: String(row.terminal), epoch: blobOf(row.epoch), seq: Number(row.seq) },
      ...{ cause: row.cause as Evidence["cause"], receivedAt: Number(row.received_at) },
      ...weightOf({
        entries: row.entries as number | null,
        overrides: row.overrides as number | null,
        batch: row.batch === null ? null : blobOf(row.batch),
      }),
    }));
  return { sums, newest };
};

const selectSums = `
  SELECT cause, count(*) AS batches, sum(entries) AS entries, sum(overrides) AS overrides FROM (
    SELECT 'fork' AS cause, entries, overrides FROM fork WHERE entries IS NOT NULL
    UNION ALL SELECT cause, entries, overrides FROM evidence WHERE entries IS NOT NULL)
  GROUP BY cause ORDER BY cause`;
const selectUnweighed = `
  SELECT 'fork' AS cause, batch FROM fork WHERE entries IS NULL
  UNION ALL SELECT cause, batch FROM evidence WHERE entries IS NULL`;
const newestOf = (table: string, cause: string): string => `
  SELECT * FROM (
    SELECT terminal, epoch, seq, ${cause}, received_at, entries, overrides,
      CASE WHEN entries IS NULL THEN batch END AS batch
    FROM ${table} ORDER BY received_at DESC LIMIT ?1)`;
const selectNewest = `
  ${newestOf("fork", "'fork' AS cause")} UNION ALL ${newestOf("evidence", "cause")}
  ORDER BY received_at DESC, terminal, epoch, seq LIMIT ?1`;
