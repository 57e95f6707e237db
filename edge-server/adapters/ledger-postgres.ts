/**
 * The ledger on PostgreSQL, for one server or several at once. Insert-only and keyed as the one on SQLite (see the
 * schema). A chain is settled under a lock of its own and judged by what is read under it, so that servers take turns at
 * it; and whatever became of that lock, entries that start at the same place exclude each other by their key, all of a
 * batch or nothing. Committed, durably, when `settle` resolves.
 */
import { toUtf8 } from "../../shared/bytes.ts";
import type { Chain, Head } from "../../shared/log.ts";
import { checkFollows, evidenceMax } from "../ledger-addition.ts";
import { weighBatch } from "../ledger-doubts.ts";
import type { Addition, Arrival, HeldChain, Ledger, LedgerSnapshot, PersonalRow } from "../ports.ts";
import { explainUnavailable } from "../unavailable.ts";
import { readPostgresDoubts } from "./ledger-postgres-doubts.ts";
import { createPostgresReader, personalTextOf } from "./ledger-postgres-reader.ts";
import { ledgerMigrations } from "./ledger-postgres-schema.ts";
import { type Ask, arrayOf, byteaArrayOf, openPostgres, openPostgresSnapshot, textArrayOf } from "./postgres.ts";
import { migratePostgres } from "./postgres-migrations.ts";

/** Longer than any wait within the database. */
const answerSecondsMax = 12;

/** `url`: postgres://... Throws one clear line where the database cannot be asked or is of a newer version. */
export const createPostgresLedger = async (url: string, secondsMax = answerSecondsMax): Promise<Ledger> => {
  await migratePostgres(url, ledgerMigrations);
  const postgres = openPostgres(url, secondsMax);
  return {
    ...createPostgresReader(postgres.ask),
    settle: async (arrival, judge) => {
      try {
        const answer = await postgres.transact(async (ask) => {
          const held = await holdChain(ask, arrival);
          const judged = await judge(held);
          if (judged.addition !== null) await add(ask, arrival, held, judged.addition);
          return judged.answer;
        });
        return { kind: "settled", answer };
      } catch (error) {
        const cause = explainUnavailable(error);
        if (cause === null) throw error;
        return { kind: "unavailable", cause };
      }
    },
    settlingMax: 4,
    personal: async ({ terminal, epoch }, seq, rowsMax) => {
      const rows = await postgres.ask<PersonalSelected>(selectPersonal, [terminal, epoch, seq, rowsMax]);
      return rows.map((row) => ({ seq: row.seq, text: personalTextOf(row.text), receivedAt: row.received_at }));
    },
    erase: ({ terminal, epoch }, seqs, { at, cause, by }) =>
      postgres.transact(async (ask) => {
        await lockChain(ask, { terminal, epoch });
        const { length: entries } = await ask(deletePersonal, [terminal, epoch, arrayOf(seqs)]);
        if (entries > 0) await ask(insertErasure, [terminal, at, cause, by, entries]);
        return entries;
      }),
    head: async ({ terminal, epoch }) => {
      const [head] = await postgres.ask<Head>(selectHead, [terminal, epoch]);
      return head ?? null;
    },
    doubts: (rowsMax) => readPostgresDoubts(postgres.ask, rowsMax),
    count: async () => (await postgres.ask<{ count: number }>("SELECT count(*) AS count FROM entry"))[0]?.count ?? 0,
    snapshot: async (): Promise<LedgerSnapshot> => {
      const { ask, close } = await openPostgresSnapshot(url, secondsMax);
      await ask("SELECT FROM chain LIMIT 0"); // the moment is that of the first reading
      return { ...createPostgresReader(ask), close };
    },
    close: postgres.close,
  };
};

const selectHead = "SELECT seq, hash FROM entry WHERE terminal = $1 AND epoch = $2 ORDER BY seq DESC LIMIT 1";

/** From here to the end of the transaction nobody else adds to the chain. What is read is read after the lock is had. */
const holdChain = async (ask: Ask, { terminal, epoch, from, to }: Arrival): Promise<HeldChain> => {
  await lockChain(ask, { terminal, epoch });
  const rows = await ask<Head>(
    `SELECT seq, hash FROM entry WHERE terminal = $1 AND epoch = $2
       AND (seq BETWEEN $3 AND $4 OR seq = (SELECT max(seq) FROM entry WHERE terminal = $1 AND epoch = $2))
     ORDER BY seq`,
    [terminal, epoch, from - 1, to],
  );
  const hashes = new Map(rows.map(({ seq, hash }) => [seq, hash]));
  return { head: rows.at(-1) ?? null, hashAt: (seq) => hashes.get(seq) ?? null };
};

const lockChain = async (ask: Ask, { terminal, epoch }: Chain): Promise<void> => {
  await ask("SELECT pg_advisory_xact_lock(hashtextextended($1::text || encode($2::bytea, 'hex'), 0))", [
    terminal,
    epoch,
  ]);
};

const add = async (ask: Ask, arrival: Arrival, held: HeldChain, addition: Addition): Promise<void> => {
  checkFollows(held.head, addition);
  const { terminal, epoch, to, receivedAt, isAfterRevocation } = arrival;
  if (addition.kind === "evidence") {
    await addEvidence(ask, arrival, addition);
    return;
  }

  const { entries, receipt } = addition;
  const withPersonal = entries.flatMap(({ seq, personal }) => (personal === null ? [] : [{ seq, ...personal }]));
  await ask(insertChain, [terminal, epoch, receivedAt]);
  await ask(insertEntries, [
    ...[terminal, epoch, receivedAt, isAfterRevocation],
    arrayOf(entries.map(({ seq }) => seq)),
    byteaArrayOf(entries.map(({ hash }) => hash)),
    byteaArrayOf(entries.map(({ bytes }) => bytes)),
    arrayOf(entries.map(({ at }) => at)),
    textArrayOf(entries.map(({ kind }) => kind)),
  ]);
  await ask(insertPersonal, [
    ...[terminal, epoch],
    arrayOf(withPersonal.map(({ seq }) => seq)),
    byteaArrayOf(withPersonal.map(({ text }) => toUtf8(text))),
    byteaArrayOf(withPersonal.map(({ salt }) => salt)),
  ]);
  await ask(insertReceipt, [terminal, epoch, to, receipt.checkpoint, receipt.ack]);
};

const addEvidence = async (
  ask: Ask,
  { terminal, epoch, receivedAt }: Arrival,
  { seq, hash, cause, batch }: Extract<Addition, { readonly kind: "evidence" }>,
): Promise<void> => {
  if (cause === "gap" && (await ask(selectForked, [terminal, epoch])).length === 0) return;
  if ((await ask(selectKnown, [terminal, epoch, seq, hash])).length > 0) return;
  const [kept] = await ask<Kept>(selectKept, [terminal]);
  const bytes = (kept?.bytes ?? 0) + batch.length;
  if ((kept?.batches ?? 0) >= evidenceMax.batches || bytes > evidenceMax.bytes) {
    const nothing = [terminal, epoch, seq, hash, "full", new Uint8Array(0), receivedAt, 1, 0];
    if (kept?.full !== true) await ask(insertEvidence, nothing);
    return;
  }
  const { entries, overrides } = weighBatch(batch);
  const fork = [terminal, epoch, seq, batch, receivedAt, hash, entries, overrides];
  const isFirst = cause === "fork" && (await ask(insertFork, fork)).length > 0;
  if (!isFirst) await ask(insertEvidence, [terminal, epoch, seq, hash, cause, batch, receivedAt, entries, overrides]);
};

/** Null before there is any. */
type Kept = { readonly batches: number; readonly bytes: number | null; readonly full: boolean | null };

type PersonalSelected = Omit<PersonalRow, "text" | "receivedAt"> & {
  readonly text: Uint8Array;
  readonly received_at: PersonalRow["receivedAt"];
};

const insertChain = "INSERT INTO chain (terminal, epoch, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const insertEntries = `
  INSERT INTO entry (terminal, epoch, seq, hash, bytes, at, kind, received_at, after_revocation)
  SELECT $1, $2, seq, hash, bytes, at, kind, $3, $4
  FROM unnest($5::bigint[], $6::bytea[], $7::bytea[], $8::bigint[], $9::text[]) AS row (seq, hash, bytes, at, kind)`;
const insertPersonal = `
  INSERT INTO personal (terminal, epoch, seq, text, salt)
  SELECT $1, $2, seq, text, salt FROM unnest($3::bigint[], $4::bytea[], $5::bytea[]) AS row (seq, text, salt)`;
const insertReceipt = `
  INSERT INTO receipt (terminal, epoch, seq, checkpoint, ack) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;
const insertFork = `
  INSERT INTO fork (terminal, epoch, seq, batch, received_at, hash, entries, overrides)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT DO NOTHING RETURNING seq`;
const insertEvidence = `
  INSERT INTO evidence (terminal, epoch, seq, hash, cause, batch, received_at, entries, overrides)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT DO NOTHING`;
const selectForked = "SELECT FROM fork WHERE terminal = $1 AND epoch = $2 LIMIT 1";
const selectKnown = `
  SELECT FROM fork WHERE terminal = $1 AND epoch = $2 AND seq = $3 AND hash = $4
  UNION ALL SELECT FROM evidence WHERE terminal = $1 AND epoch = $2 AND seq = $3 AND hash = $4`;
const selectKept = `
  SELECT count(*) AS batches, sum(length(batch))::bigint AS bytes, bool_or(cause = 'full') AS full FROM (
    SELECT batch, '' AS cause FROM fork WHERE terminal = $1
    UNION ALL SELECT batch, cause FROM evidence WHERE terminal = $1) AS kept`;
const selectPersonal = `
  SELECT seq, text, received_at FROM personal JOIN entry USING (terminal, epoch, seq)
  WHERE terminal = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4`;
const deletePersonal = `
  DELETE FROM personal WHERE terminal = $1 AND epoch = $2 AND seq = ANY ($3::bigint[]) RETURNING seq`;
const insertErasure = "INSERT INTO erasure (terminal, at, cause, by, entries) VALUES ($1, $2, $3, $4, $5)";
