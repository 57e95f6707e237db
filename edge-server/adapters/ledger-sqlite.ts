/**
 * The ledger on SQLite. Insert-only: triggers refuse to change or delete an entry, a receipt or a fork. Every key
 * contains the terminal, so that the tables can be spread by it. What is personal lies in a table of its own under the
 * key of its entry, the only one that rows may be deleted from: erasing leaves every chain whole.
 *
 * Entries and the receipt that answers them are one transaction, durable when `settle` resolves. It begins only after the
 * judgement and first looks whether the head is still the one that was judged by; if not, there is another judgement.
 */
import type { Bytes } from "../../shared/bytes.ts";
import type { Chain, Entry, Head } from "../../shared/log.ts";
import { checkFollows } from "../ledger-addition.ts";
import type {
  Addition,
  Arrival,
  Columns,
  Fork,
  Judge,
  Ledger,
  LedgerEntry,
  LedgerReader,
  Receipt,
  Settled,
} from "../ports.ts";
import { atomically, blobOf, type DatabaseSync, openSqlite, openSqliteToRead } from "./sqlite.ts";

/** `path`: the file, or `:memory:`. Throws where it is no ledger, or one of a newer version. */
export const createSqliteLedger = (path: string): Ledger => {
  const database = openSqlite(path, migrations);
  const prepare = (sql: string) => database.prepare(sql);
  const selectHead = prepare("SELECT seq, hash FROM entry WHERE terminal = ? AND epoch = ? ORDER BY seq DESC LIMIT 1");
  const selectHash = prepare("SELECT hash FROM entry WHERE terminal = ? AND epoch = ? AND seq = ?");
  const insertChain = prepare("INSERT INTO chain VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const insertEntry = prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const insertPersonal = prepare("INSERT INTO personal VALUES (?, ?, ?, ?, ?)");
  const insertReceipt = prepare("INSERT INTO receipt VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  // The first batch that shows a fork is evidence enough: a terminal sends it again and again, each time longer.
  const insertFork = prepare("INSERT INTO fork VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");

  const headOf = (chain: Chain): Head | null => {
    const row = selectHead.get(chain.terminal, chain.epoch);
    return row === undefined ? null : { seq: row.seq as number, hash: blobOf(row.hash) };
  };
  const hashAt = (chain: Chain, seq: number): Bytes | null => {
    const row = selectHash.get(chain.terminal, chain.epoch, seq);
    return row === undefined ? null : blobOf(row.hash);
  };

  const addEntry = ({ terminal, epoch, receivedAt, isAfterRevocation }: Arrival, entry: Entry & Columns): void => {
    const { at, kind } = entry;
    const flag = isAfterRevocation ? 1 : 0;
    insertEntry.run(terminal, epoch, entry.seq, entry.hash, entry.bytes, at, kind, receivedAt, flag);
    if (entry.personal === null) return;
    insertPersonal.run(terminal, epoch, entry.seq, entry.personal.text, entry.personal.salt);
  };
  const add = (arrival: Arrival, addition: Addition): void => {
    const { terminal, epoch, to, receivedAt } = arrival;
    if (addition.kind === "fork") {
      insertFork.run(terminal, epoch, addition.seq, addition.batch, receivedAt);
      return;
    }
    insertChain.run(terminal, epoch, receivedAt);
    for (const entry of addition.entries) addEntry(arrival, entry);
    insertReceipt.run(terminal, epoch, to, addition.receipt.checkpoint, addition.receipt.ack);
  };

  const settle = async <T>(arrival: Arrival, judge: Judge<T>): Promise<Settled<T>> => {
    for (;;) {
      const head = headOf(arrival);
      const { answer, addition } = await judge({ head, hashAt: (seq) => hashAt(arrival, seq) });
      if (addition === null) return { kind: "settled", answer };
      checkFollows(head, addition);
      const isAdded = atomically(database, () => {
        if (headOf(arrival)?.seq !== head?.seq) return false;
        add(arrival, addition);
        return true;
      });
      if (isAdded) return { kind: "settled", answer };
    }
  };

  return {
    ...readerOf(database),
    settle,
    settlingMax: 2,
    head: async (chain) => headOf(chain),
    count: async () => prepare("SELECT count(*) AS count FROM entry").get()?.count as number,
    snapshot: async () => {
      const reading = path === ":memory:" ? null : openSqliteToRead(path);
      return { ...readerOf(reading ?? database), close: async () => reading?.close() };
    },
    close: async () => database.close(),
  };
};

/** A statement of its own for each reading: two may be under way at once. */
const readerOf = (database: DatabaseSync): LedgerReader => {
  const readAll = async function* <T>(sql: string, of: readonly (string | Bytes)[], read: (row: Row) => T) {
    for (const row of database.prepare(sql).iterate(...of)) yield read(row);
  };
  return {
    chains: async () => database.prepare(selectChains).all().map(chainOf),
    entries: (chain) => readAll(selectEntries, [chain.terminal, chain.epoch], entryOf),
    receipts: (chain) => readAll(selectReceipts, [chain.terminal, chain.epoch], receiptOf),
    forks: () => readAll(selectForks, [], forkOf),
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

const selectChains = "SELECT terminal, epoch FROM chain ORDER BY received_at, terminal, epoch";
const selectForks = "SELECT * FROM fork ORDER BY received_at, terminal, epoch, seq";
const selectEntries = `
  SELECT entry.*, personal.text, personal.salt FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
  WHERE terminal = ? AND epoch = ? ORDER BY seq`;
const selectReceipts = "SELECT * FROM receipt WHERE terminal = ? AND epoch = ? ORDER BY seq";

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
