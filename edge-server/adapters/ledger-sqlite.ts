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
import { checkFollows, evidenceMax } from "../ledger-addition.ts";
import { weighBatch } from "../ledger-doubts.ts";
import type {
  Addition,
  Arrival,
  ArrivedEntry,
  Columns,
  Erasure,
  Evidence,
  Fork,
  Judge,
  Ledger,
  LedgerEntry,
  LedgerParts,
  PersonalRow,
  Receipt,
  Settled,
  WholeReader,
} from "../ports.ts";
import { readSqliteDoubts } from "./ledger-sqlite-doubts.ts";
import { migrations } from "./ledger-sqlite-schema.ts";
import { atomically, blobOf, type DatabaseSync, openSqlite, openSqliteToRead } from "./sqlite.ts";

/** `path`: the file, or `:memory:`. Throws where it is no ledger, or one of a newer version. */
export const createSqliteLedger = (path: string): Ledger => {
  const database = openSqlite(path, migrations);
  database.exec("PRAGMA secure_delete = ON"); // what is erased is overwritten
  const prepare = (sql: string) => database.prepare(sql);
  const selectHead = prepare("SELECT seq, hash FROM entry WHERE terminal = ? AND epoch = ? ORDER BY seq DESC LIMIT 1");
  const selectHash = prepare("SELECT hash FROM entry WHERE terminal = ? AND epoch = ? AND seq = ?");
  const insertChain = prepare("INSERT INTO chain VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const insertEntry = prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const insertPersonal = prepare("INSERT INTO personal VALUES (?, ?, ?, ?, ?)");
  const insertReceipt = prepare("INSERT INTO receipt VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const insertFork = prepare(
    `INSERT INTO fork (terminal, epoch, seq, batch, received_at, hash, entries, overrides) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const insertEvidence = prepare(
    `INSERT INTO evidence (terminal, epoch, seq, hash, cause, batch, received_at, entries, overrides)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const selectKnown = prepare(`
    SELECT 1 FROM fork WHERE terminal = ?1 AND epoch = ?2 AND seq = ?3 AND hash = ?4
    UNION ALL SELECT 1 FROM evidence WHERE terminal = ?1 AND epoch = ?2 AND seq = ?3 AND hash = ?4`);
  const selectForked = prepare("SELECT 1 FROM fork WHERE terminal = ? AND epoch = ?");
  const selectKept = prepare(`
    SELECT count(*) AS batches, sum(length(batch)) AS bytes, max(cause = 'full') AS full FROM (
      SELECT batch, '' AS cause FROM fork WHERE terminal = ?1
      UNION ALL SELECT batch, cause FROM evidence WHERE terminal = ?1)`);
  const selectPersonal = prepare(`
    SELECT seq, text, received_at FROM personal JOIN entry USING (terminal, epoch, seq)
    WHERE terminal = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT ?`);
  const deletePersonal = prepare("DELETE FROM personal WHERE terminal = ? AND epoch = ? AND seq = ?");
  const insertErasure = prepare("INSERT INTO erasure VALUES (?, ?, ?, ?, ?)");

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
  const addEvidence = (
    { terminal, epoch, receivedAt }: Arrival,
    { seq, hash, cause, batch }: Extract<Addition, { readonly kind: "evidence" }>,
  ): void => {
    if (cause === "gap" && selectForked.get(terminal, epoch) === undefined) return;
    if (selectKnown.get(terminal, epoch, seq, hash) !== undefined) return;
    const kept = selectKept.get(terminal);
    const bytes = Number(kept?.bytes ?? 0) + batch.length;
    if (Number(kept?.batches) >= evidenceMax.batches || bytes > evidenceMax.bytes) {
      if (kept?.full !== 1) insertEvidence.run(terminal, epoch, seq, hash, "full", new Uint8Array(0), receivedAt, 1, 0);
      return;
    }
    const { entries, overrides } = weighBatch(batch);
    const weighed = [receivedAt, hash, entries, overrides] as const;
    if (cause === "fork" && insertFork.run(terminal, epoch, seq, batch, ...weighed).changes === 1) return;
    insertEvidence.run(terminal, epoch, seq, hash, cause, batch, receivedAt, entries, overrides);
  };
  const add = (arrival: Arrival, addition: Addition): void => {
    const { terminal, epoch, to, receivedAt } = arrival;
    if (addition.kind === "evidence") {
      addEvidence(arrival, addition);
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
    personal: async ({ terminal, epoch }, seq, rowsMax) =>
      selectPersonal.all(terminal, epoch, seq, rowsMax).map(personalRowOf),
    erase: async ({ terminal, epoch }, seqs, { at, cause, by }) =>
      atomically(database, () => {
        const changes = seqs.map((seq) => Number(deletePersonal.run(terminal, epoch, seq).changes));
        const entries = changes.reduce((sum, each) => sum + each, 0);
        if (entries > 0) insertErasure.run(terminal, at, cause, by, entries);
        return entries;
      }),
    head: async (chain) => headOf(chain),
    doubts: async (rowsMax) => readSqliteDoubts(database, rowsMax),
    count: async () => prepare("SELECT count(*) AS count FROM entry").get()?.count as number,
    snapshot: async () => {
      const reading = path === ":memory:" ? null : openSqliteToRead(path);
      return { ...readerOf(reading ?? database), close: async () => reading?.close() };
    },
    close: async () => database.close(),
  };
};

/** A statement of its own for each reading: two may be under way at once. */
const readerOf = (database: DatabaseSync): WholeReader & LedgerParts => {
  const readAll = async function* <T>(sql: string, of: readonly (string | Bytes)[], read: (row: Row) => T) {
    for (const row of database.prepare(sql).iterate(...of)) yield read(row);
  };
  return {
    chains: async () => database.prepare(selectChains).all().map(chainOf),
    heads: async () => {
      const select = database.prepare(selectLast);
      const heads: (Chain & { readonly seq: number })[] = [];
      for (const [index, chain] of database.prepare(selectChains).all().map(chainOf).entries()) {
        // Thousands of places of a large file that nobody has read yet: whoever waits for an ack goes in between.
        if (index % headsAtOnce === headsAtOnce - 1) await new Promise<void>((resolve) => setImmediate(resolve));
        heads.push({ ...chain, seq: select.get(chain.terminal, chain.epoch)?.seq as number });
      }
      return heads;
    },
    at: async (places) => {
      const select = database.prepare(selectPart);
      return places.map(({ terminal, epoch, seq }) => {
        const row = select.get(terminal, epoch, seq - 1, 1);
        return row?.seq === seq ? entryOf(row) : null;
      });
    },
    part: async ({ terminal, epoch }, seq, rowsMax) =>
      database.prepare(selectPart).all(terminal, epoch, seq, rowsMax).map(entryOf),
    entries: (chain) => readAll(selectEntries, [chain.terminal, chain.epoch], entryOf),
    everything: () => readEverything(database),
    receipts: (chain) => readAll(selectReceipts, [chain.terminal, chain.epoch], receiptOf),
    forks: () => readAll(selectForks, [], forkOf),
    evidence: () => readAll(selectEvidence, [], evidenceOf),
    erasures: () => readAll("SELECT * FROM erasure ORDER BY rowid", [], erasureOf),
  };
};

const selectChains = "SELECT terminal, epoch FROM chain ORDER BY received_at, terminal, epoch";
const headsAtOnce = 50;
const selectLast = "SELECT max(seq) AS seq FROM entry WHERE terminal = ? AND epoch = ?";
const selectPart = `
  SELECT entry.*, personal.text, personal.salt FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
  WHERE terminal = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT ?`;
const selectForks = "SELECT * FROM fork ORDER BY received_at, terminal, epoch, seq";
const selectEvidence = "SELECT * FROM evidence ORDER BY received_at, terminal, epoch, seq, hash";
const selectEntries = `
  SELECT entry.*, personal.text, personal.salt FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
  WHERE terminal = ? AND epoch = ? ORDER BY seq`;
/**
 * As they came: one after another on the disk, and of a chain none before those that it follows. A blob costs as much as
 * everything else of a row, so there is none.
 */
const selectEverything = `
  SELECT entry.terminal, hex(entry.epoch), entry.seq, CAST(bytes AS TEXT), at, kind, after_revocation, text
  FROM entry LEFT JOIN personal USING (terminal, epoch, seq) ORDER BY entry.rowid`;

const readEverything = async function* (database: DatabaseSync): AsyncIterable<ArrivedEntry> {
  const select = database.prepare(selectEverything);
  select.setReturnArrays(true);
  const chains = new Map<string, Chain>();
  for (const row of select.iterate() as Iterable<unknown> as Iterable<EverythingRow>) {
    const [terminal, epoch, seq, text, at, kind, afterRevocation, personal] = row;
    const name = `${epoch}${terminal}`;
    const chain = chains.get(name) ?? { terminal, epoch: new Uint8Array(Buffer.from(epoch, "hex")) };
    chains.set(name, chain);
    yield { chain, seq, text, at, kind, personal, isAfterRevocation: afterRevocation === 1 };
  }
};

type EverythingRow = readonly [
  ...[terminal: string, epoch: string, seq: number, text: string],
  ...[at: number | null, kind: string | null, afterRevocation: number, personal: string | null],
];

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

const evidenceOf = (row: Row): Evidence => ({
  ...chainOf(row),
  seq: row.seq as number,
  hash: blobOf(row.hash),
  cause: row.cause as Evidence["cause"],
  batch: blobOf(row.batch),
  receivedAt: row.received_at as number,
});

const erasureOf = (row: Row): Erasure => ({
  terminal: row.terminal as string,
  at: row.at as number,
  cause: row.cause as Erasure["cause"],
  by: row.by as string,
  entries: row.entries as number,
});

const personalRowOf = (row: Row): PersonalRow => ({
  seq: row.seq as number,
  text: row.text as string,
  receivedAt: row.received_at as number,
});
