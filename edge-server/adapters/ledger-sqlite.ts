/**
 * The ledger on SQLite. Insert-only: triggers refuse to change or delete an entry, a receipt or a fork. Every key
 * contains the terminal, so that the tables can be spread by it. What is personal lies in a table of its own under the
 * key of its entry, the only one that rows may be deleted from: erasing leaves every chain whole.
 *
 * Entries and the receipt that answers them are one transaction, durable when `append` returns.
 */
import type { Bytes } from "../../shared/bytes.ts";
import type { Chain, Entry } from "../../shared/log.ts";
import { readTransaction } from "../../shared/transaction.ts";
import type { Fork, Ledger, LedgerEntry, Receipt } from "../ports.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

/** `path`: the file, or `:memory:`. Throws where it is no ledger, or one of a newer version. */
export const createSqliteLedger = (path: string): Ledger => {
  const database = openSqlite(path, migrations);
  const prepare = (sql: string) => database.prepare(sql);
  const selectHead = prepare("SELECT seq, hash FROM entry WHERE terminal = ? AND epoch = ? ORDER BY seq DESC LIMIT 1");
  const selectHash = prepare("SELECT hash FROM entry WHERE terminal = ? AND epoch = ? AND seq = ?");
  const insertChain = prepare("INSERT INTO chain VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const insertEntry = prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const insertPersonal = prepare("INSERT INTO personal VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const insertReceipt = prepare("INSERT INTO receipt VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  // The first batch that shows a fork is evidence enough: a terminal sends it again and again, each time longer.
  const insertFork = prepare("INSERT INTO fork VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");

  const appendEntry = (chain: Chain, entry: Entry, receivedAt: number, isAfterRevocation: boolean): void => {
    const { at, kind } = columnsOf(entry.bytes);
    const key = [chain.terminal, chain.epoch, entry.seq] as const;
    const flag = isAfterRevocation ? 1 : 0;
    const { changes } = insertEntry.run(...key, entry.hash, entry.bytes, at, kind, receivedAt, flag);
    if (changes === 0 || entry.personal === null) return; // what was erased does not come back by being sent again
    insertPersonal.run(...key, entry.personal.text, entry.personal.salt);
  };

  /** A statement of its own for each reader: two may be under way at once. */
  const readAll = function* <T>(sql: string, of: readonly (string | Bytes)[], read: (row: Row) => T): Iterable<T> {
    for (const row of prepare(sql).iterate(...of)) yield read(row);
  };

  return {
    head: (chain) => {
      const row = selectHead.get(chain.terminal, chain.epoch);
      return row === undefined ? null : { seq: row.seq as number, hash: blobOf(row.hash) };
    },
    hashAt: (chain, seq) => {
      const row = selectHash.get(chain.terminal, chain.epoch, seq);
      return row === undefined ? null : blobOf(row.hash);
    },
    append: (chain, entries, receipt, receivedAt, isAfterRevocation) =>
      atomically(database, () => {
        insertChain.run(chain.terminal, chain.epoch, receivedAt);
        for (const entry of entries) appendEntry(chain, entry, receivedAt, isAfterRevocation);
        insertReceipt.run(chain.terminal, chain.epoch, receipt.seq, receipt.checkpoint, receipt.ack);
      }),
    keepFork: (fork) => {
      insertFork.run(fork.terminal, fork.epoch, fork.seq, fork.batch, fork.receivedAt);
    },
    forks: () => readAll("SELECT * FROM fork ORDER BY rowid", [], forkOf),
    chains: () => prepare("SELECT terminal, epoch FROM chain ORDER BY rowid").all().map(chainOf),
    entries: (chain) => readAll(selectEntries, [chain.terminal, chain.epoch], entryOf),
    receipts: (chain) => readAll(selectReceipts, [chain.terminal, chain.epoch], receiptOf),
    count: () => prepare("SELECT count(*) AS count FROM entry").get()?.count as number,
    close: () => database.close(),
  };
};

const refuseChanges = (table: string): string =>
  ["UPDATE", "DELETE"]
    .map(
      (change) => `CREATE TRIGGER ${table}_${change.toLowerCase()} BEFORE ${change} ON ${table}
        BEGIN SELECT RAISE(ABORT, 'nothing recorded is edited'); END;`,
    )
    .join("\n");

const migrations: readonly string[] = [
  `
  CREATE TABLE chain (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, received_at INTEGER NOT NULL,
    UNIQUE (terminal, epoch)
  ) STRICT;
  CREATE TABLE entry (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0),
    hash BLOB NOT NULL, bytes BLOB NOT NULL, at INTEGER, kind TEXT,
    received_at INTEGER NOT NULL, after_revocation INTEGER NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  CREATE TABLE personal (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, salt BLOB NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  CREATE TABLE receipt (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, checkpoint BLOB NOT NULL, ack BLOB NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  CREATE TABLE fork (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, batch BLOB NOT NULL, received_at INTEGER NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  ${["chain", "entry", "receipt", "fork"].map(refuseChanges).join("\n")}
  `,
];

const selectEntries = `
  SELECT entry.*, personal.text, personal.salt FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
  WHERE terminal = ? AND epoch = ? ORDER BY seq`;
const selectReceipts = "SELECT * FROM receipt WHERE terminal = ? AND epoch = ? ORDER BY seq";

/** A terminal may write what it likes: what does not fit a column is null there, and stands in the bytes. */
const columnsOf = (bytes: Bytes): { readonly at: number | null; readonly kind: string | null } => {
  const transaction = readTransaction(bytes);
  if (transaction === null || !Number.isSafeInteger(transaction.at)) return { at: null, kind: null };
  return { at: transaction.at, kind: transaction.kind };
};

type Row = Readonly<Record<string, unknown>>;

const chainOf = (row: Row): Chain => ({ terminal: row.terminal as string, epoch: blobOf(row.epoch) });

const entryOf = (row: Row): LedgerEntry => ({
  ...chainOf(row),
  seq: row.seq as number,
  hash: blobOf(row.hash),
  bytes: blobOf(row.bytes),
  personal: row.text === null ? null : { text: row.text as string, salt: blobOf(row.salt) },
  at: row.at as number | null,
  kind: row.kind as string | null,
  receivedAt: row.received_at as number,
  isAfterRevocation: row.after_revocation === 1,
});

const receiptOf = (row: Row): Receipt => ({
  ...chainOf(row),
  seq: row.seq as number,
  checkpoint: blobOf(row.checkpoint),
  ack: blobOf(row.ack),
});

const forkOf = (row: Row): Fork => ({
  ...chainOf(row),
  seq: row.seq as number,
  batch: blobOf(row.batch),
  receivedAt: row.received_at as number,
});
