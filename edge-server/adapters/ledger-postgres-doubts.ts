/** What the ledger on PostgreSQL keeps and does not believe: by the indexes alone, but for batches that nobody has weighed. */
import type { Bytes } from "../../shared/bytes.ts";
import type { Instant } from "../../shared/terms.ts";
import { addDoubt, type WeighedRow, weighBatch, weightOf } from "../ledger-doubts.ts";
import type { Doubt, Doubts, Evidence } from "../ports.ts";
import type { Ask } from "./postgres.ts";

/** A batch may be 4 MiB. */
const pageBatches = 8;

export const readPostgresDoubts = async (ask: Ask, rowsMax: number): Promise<Doubts> => {
  let sums = await ask<Doubts["sums"][number]>(selectSums);
  for (let from = 0; ; from += pageBatches) {
    const rows = await ask<Unweighed>(selectUnweighed, [pageBatches, from]);
    for (const { cause, batch } of rows) sums = addDoubt(sums, cause, weighBatch(batch));
    if (rows.length < pageBatches) break;
  }
  const rows = await ask<DoubtRow>(selectNewest, [rowsMax]);
  const newest = rows.map(({ terminal, epoch, seq, cause, received_at, ...weighed }) => ({
    ...{ terminal, epoch, seq, cause, receivedAt: received_at },
    ...weightOf(weighed),
  }));
  return { sums, newest };
};

type Unweighed = { readonly cause: Evidence["cause"]; readonly batch: Bytes };
type DoubtRow = Omit<Doubt, "receivedAt" | "entries" | "overrides"> & WeighedRow & { readonly received_at: Instant };

const selectSums = `
  SELECT cause, count(*) AS batches, sum(entries) AS entries, sum(overrides) AS overrides FROM (
    SELECT 'fork' AS cause, entries, overrides FROM fork WHERE entries IS NOT NULL
    UNION ALL SELECT cause, entries, overrides FROM evidence WHERE entries IS NOT NULL) AS kept
  GROUP BY cause ORDER BY cause`;
const selectUnweighed = `
  SELECT cause, batch FROM (
    SELECT 'fork' AS cause, batch, received_at, terminal, epoch, seq FROM fork WHERE entries IS NULL
    UNION ALL SELECT cause, batch, received_at, terminal, epoch, seq FROM evidence WHERE entries IS NULL) AS kept
  ORDER BY received_at, terminal, epoch, seq LIMIT $1 OFFSET $2`;
const newestOf = (table: string, cause: string): string => `
  (SELECT terminal, epoch, seq, ${cause}, received_at, entries, overrides,
     CASE WHEN entries IS NULL THEN batch END AS batch
   FROM ${table} ORDER BY received_at DESC LIMIT $1)`;
const selectNewest = `
  ${newestOf("fork", "'fork' AS cause")} UNION ALL ${newestOf("evidence", "cause")}
  ORDER BY received_at DESC, terminal, epoch, seq LIMIT $1`;
