/**
 * The ledger on PostgreSQL, for one server or several at once. Insert-only and keyed as the one on SQLite (see the
 * schema). A chain is settled under a lock of its own and judged by what is read under it, so that servers take turns at
 * it; were the lock ever lost with its connection, entries that start at the same place exclude each other by their key,
 * all of a batch or nothing. Committed, durably, when `settle` resolves.
 *
 * No wait is without an end. When the database does not answer in time the connections are given up for new ones.
 */
import { toUtf8 } from "../../shared/bytes.ts";
import { checkFollows } from "../ledger-addition.ts";
import type { Addition, Arrival, HeldChain, Ledger, LedgerSnapshot } from "../ports.ts";
import { createPostgresReader } from "./ledger-postgres-reader.ts";
import { migrateLedger } from "./ledger-postgres-schema.ts";
import { arrayOf, byteaArrayOf, connectPostgres, explainUnavailable, type Query, textArrayOf } from "./postgres.ts";

/** Longer than any wait within the database. */
const deadlineSeconds = 15;

/** `url`: postgres://... Throws one clear line where the database cannot be reached or is of a newer version. */
export const createPostgresLedger = async (url: string, secondsMax = deadlineSeconds): Promise<Ledger> => {
  let pool = connectPostgres(url);
  const renew = (): void => {
    void pool.end({ timeout: 0 });
    pool = connectPostgres(url);
  };
  const within = async <T>(work: Promise<T>): Promise<T> => {
    const asked = pool;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        if (pool === asked) renew();
        reject(Object.assign(new Error("no answer in time"), { code: "CONNECT_TIMEOUT" }));
      }, secondsMax * 1000);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  };

  try {
    await migrateLedger(pool);
  } catch (error) {
    await pool.end({ timeout: 0 });
    const cause = explainUnavailable(error);
    throw cause === null ? error : new Error(`the database of the ledger cannot be asked: ${cause}`);
  }

  return {
    ...createPostgresReader(() => pool),
    settle: async (arrival, judge) => {
      const settling = pool.begin("isolation level read committed read write", async (query) => {
        const held = await holdChain(query, arrival);
        const { answer, addition } = await judge(held);
        if (addition !== null) await add(query, arrival, held, addition);
        return { answer };
      });
      try {
        return { kind: "settled", answer: (await within(settling)).answer };
      } catch (error) {
        const cause = explainUnavailable(error);
        if (cause === null) throw error;
        return { kind: "unavailable", cause };
      }
    },
    settlingMax: 4,
    head: ({ terminal, epoch }) =>
      within(
        pool`SELECT seq, hash FROM entry WHERE terminal = ${terminal} AND epoch = ${epoch} ORDER BY seq DESC LIMIT 1`.then(
          ([row]) => (row === undefined ? null : { seq: row.seq, hash: row.hash }),
        ),
      ),
    count: async () => (await pool`SELECT count(*) AS count FROM entry`)[0]?.count,
    snapshot: () => openSnapshot(url),
    close: () => pool.end({ timeout: 1 }),
  };
};

/** From here to the end of the transaction nobody else adds to the chain. What is read is read after the lock is had. */
const holdChain = async (query: Query, { terminal, epoch, from, to }: Arrival): Promise<HeldChain> => {
  const [, rows] = await Promise.all([
    query`SELECT pg_advisory_xact_lock(hashtextextended(${terminal} || encode(${epoch}, 'hex'), 0))`,
    query`
      SELECT seq, hash FROM entry WHERE terminal = ${terminal} AND epoch = ${epoch}
        AND (seq BETWEEN ${from - 1} AND ${to}
          OR seq = (SELECT max(seq) FROM entry WHERE terminal = ${terminal} AND epoch = ${epoch}))
      ORDER BY seq`,
  ]);
  const hashes = new Map(rows.map(({ seq, hash }) => [seq, hash]));
  const last = rows.at(-1);
  return {
    head: last === undefined ? null : { seq: last.seq, hash: last.hash },
    hashAt: (seq) => hashes.get(seq) ?? null,
  };
};

/** What is personal goes first: should the transaction be lost halfway, it is not what is missing. */
const add = async (query: Query, arrival: Arrival, held: HeldChain, addition: Addition): Promise<void> => {
  checkFollows(held.head, addition);
  const { terminal, epoch, to, receivedAt, isAfterRevocation } = arrival;
  if (addition.kind === "fork") {
    await query`
      INSERT INTO fork (terminal, epoch, seq, batch, received_at)
      VALUES (${terminal}, ${epoch}, ${addition.seq}, ${addition.batch}, ${receivedAt}) ON CONFLICT DO NOTHING`;
    return;
  }

  const { entries, receipt } = addition;
  const withPersonal = entries.flatMap(({ seq, personal }) => (personal === null ? [] : [{ seq, ...personal }]));
  await Promise.all([
    query`
      INSERT INTO chain (terminal, epoch, received_at) VALUES (${terminal}, ${epoch}, ${receivedAt})
      ON CONFLICT DO NOTHING`,
    query`
      INSERT INTO personal (terminal, epoch, seq, text, salt)
      SELECT ${terminal}, ${epoch}, seq, text, salt FROM unnest(
        ${arrayOf(withPersonal.map(({ seq }) => seq))}::bigint[],
        ${byteaArrayOf(withPersonal.map(({ text }) => toUtf8(text)))}::bytea[],
        ${byteaArrayOf(withPersonal.map(({ salt }) => salt))}::bytea[]) AS row (seq, text, salt)`,
    query`
      INSERT INTO entry (terminal, epoch, seq, hash, bytes, at, kind, received_at, after_revocation)
      SELECT ${terminal}, ${epoch}, seq, hash, bytes, at, kind, ${receivedAt}, ${isAfterRevocation} FROM unnest(
        ${arrayOf(entries.map(({ seq }) => seq))}::bigint[],
        ${byteaArrayOf(entries.map(({ hash }) => hash))}::bytea[],
        ${byteaArrayOf(entries.map(({ bytes }) => bytes))}::bytea[],
        ${arrayOf(entries.map(({ at }) => at))}::bigint[],
        ${textArrayOf(entries.map(({ kind }) => kind))}::text[]) AS row (seq, hash, bytes, at, kind)`,
    query`
      INSERT INTO receipt (terminal, epoch, seq, checkpoint, ack)
      VALUES (${terminal}, ${epoch}, ${to}, ${receipt.checkpoint}, ${receipt.ack}) ON CONFLICT DO NOTHING`,
  ]);
};

/** A connection of its own in one transaction. Lost, it is not made anew: that would be another moment. */
const openSnapshot = async (url: string): Promise<LedgerSnapshot> => {
  let isOpen = true;
  const one = connectPostgres(url, 1, () => {
    isOpen = false;
  });
  const ask = (): Query => {
    if (!isOpen) throw new Error("the connection to the ledger's database was lost");
    return one;
  };
  await one.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await one`SET LOCAL idle_in_transaction_session_timeout = 0`;
  await one`SELECT FROM chain LIMIT 0`;
  return { ...createPostgresReader(ask), close: () => one.end({ timeout: 1 }) };
};
