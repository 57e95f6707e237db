/** A page with nothing but the terminal's stores, for store.test.ts, and ways to damage what lies in them. */
import { browserClock } from "../../../kiosk/adapters/clock.ts";
import { type Database, openDatabase } from "../../../kiosk/adapters/database.ts";
import { fileJournal } from "../../../kiosk/adapters/file-journal.ts";
import { makeKeyPair } from "../../../kiosk/adapters/key-pair.ts";
import { holdForGood, withLock } from "../../../kiosk/adapters/locks.ts";
import { logMark } from "../../../kiosk/adapters/log-mark.ts";
import { leaveOldLogFile } from "../../../kiosk/adapters/old-log-file.ts";
import { browserRandom } from "../../../kiosk/adapters/random.ts";
import { bundleStore } from "../../../kiosk/adapters/store-bundle.ts";
import { carriedStore } from "../../../kiosk/adapters/store-carried.ts";
import { identityStore } from "../../../kiosk/adapters/store-identity.ts";
import { databaseCopy } from "../../../kiosk/adapters/store-log.ts";
import type { FoundCopy, LogStore, StoredLog } from "../../../kiosk/ports.ts";
import { createTwinLog, type TwinLog } from "../../../kiosk/twin-log.ts";
import { toHex } from "../../../shared/bytes.ts";
import { type Entry, firstBreak, genesisOf, type Head, makeEntry, personalHash } from "../../../shared/log.ts";
import { readTransaction } from "../../../shared/transaction.ts";

const durabilities: (string | undefined)[] = [];
const { transaction } = IDBDatabase.prototype;
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  if (mode === "readwrite" && !isDamaging) durabilities.push(options?.durability);
  return transaction.call(this, stores, mode, options);
};
let isDamaging = false;

const createLog = async (slot: string): Promise<TwinLog> => {
  const second = fileJournal(slot);
  const marks = logMark(slot, localStorage);
  const parts = { second, marks, clock: browserClock, random: browserRandom, isNewHere: () => false };
  return createTwinLog({ first: databaseCopy(await openDatabase(slot)), ...parts });
};

/** One writer a slot, as on a terminal. */
const logs = new Map<string, Promise<TwinLog>>();
const openLog = async (slot: string, terminal = "t-1"): Promise<{ log: TwinLog; stored: StoredLog }> => {
  const created = logs.get(slot) ?? createLog(slot);
  logs.set(slot, created);
  const log = await created;
  return { log, stored: await log.open(terminal) };
};

/** What lies in each copy; nobody else has them open. */
const readCopies = async (slot: string) => {
  const [first] = await databaseCopy(await openDatabase(slot)).find();
  const [second, ...others] = await fileJournal(slot).find();
  if (others.length > 0) throw new Error("more than one journal");
  return { first: await describeCopy(first), second: await describeCopy(second) };
};

const describeCopy = async (copy: FoundCopy | undefined) =>
  copy === undefined
    ? null
    : {
        epoch: copy.chain === null ? null : toHex(copy.chain.epoch),
        head: copy.head?.seq ?? null,
        ackedSeq: copy.ackedSeq,
        entries: (await copy.read(1, 10_000)).map(({ seq, hash, bytes, personal }) =>
          [seq, toHex(hash), bytes.length, personal?.text].join(" "),
        ),
      };

/** The one journal of a slot that nobody has open: its bytes, and others in their place (null: gone). */
const journalFolder = async (slot: string): Promise<FileSystemDirectoryHandle> =>
  (await (await navigator.storage.getDirectory()).getDirectoryHandle("greenlane")).getDirectoryHandle(slot);

const readJournal = async (slot: string): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> => {
  const folder = await journalFolder(slot);
  for await (const name of folder.keys()) {
    const file = await (await folder.getFileHandle(name)).getFile();
    const isSpare = (await file.slice(0, 4).text()) === "GLJ0";
    if (!isSpare) return { name, bytes: new Uint8Array(await file.arrayBuffer()) };
  }
  throw new Error("no journal");
};

const replaceJournal = async (slot: string, name: string, bytes: Uint8Array<ArrayBuffer> | null): Promise<void> => {
  const folder = await journalFolder(slot);
  if (bytes === null) return folder.removeEntry(name);
  await addJournal(slot, name, bytes);
};

const addJournal = async (slot: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
  const file = await (await journalFolder(slot)).getFileHandle(name, { create: true });
  const writing = await file.createWritable();
  await writing.write(bytes);
  await writing.close();
};

const deleteDatabase = (slot: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(`greenlane/${slot}`);
    deleting.onsuccess = () => resolve();
    deleting.onerror = () => reject(deleting.error);
    deleting.onblocked = () => reject(new Error("the database is open"));
  });

const makeNext = async (head: Head, at = 1000 + head.seq, cause = "a test"): Promise<{ entry: Entry }> => {
  const stamp = { v: 1, at, boot: "b", clock: "device" } as const;
  const fault = { kind: "fault", part: "gate", cause } as const;
  const personal = head.seq % 2 === 0 ? { item: `item ${head.seq}` } : {};
  return { entry: await makeEntry(head, { ...stamp, ...fault }, personal, new Uint8Array(16)) };
};

const append = async (log: LogStore, head: Head, at: number): Promise<Head> => {
  const { entry } = await makeNext(head, at);
  await log.append(entry);
  return entry;
};

const fill = async (log: LogStore, from: Head, count: number): Promise<Head> => {
  let head = from;
  for (let each = 0; each < count; each++) head = await append(log, head, 1000 + head.seq);
  return head;
};

/** All that the log gives back: seq and "hash personal" of each entry, and what is wrong with their chain. */
const readChain = async (log: LogStore, { chain, head, ackedSeq }: StoredLog) => {
  const faults: string[] = [];
  const found: [number, string][] = [];
  let last: Head | null = null;
  for (let entries = await log.read(1, 500); entries.length > 0; entries = await log.read((last?.seq ?? 0) + 1, 500)) {
    for (const entry of entries) {
      const before: Head | null = last ?? (entry.seq === 1 ? await genesisOf(chain) : null);
      if (before === null && entry.seq > Math.max(1, ackedSeq)) faults.push(`entries before ${entry.seq} are missing`);
      if (before !== null && (await firstBreak(before, [entry])) !== null)
        faults.push(`the chain breaks at ${entry.seq}`);
      const bound = entry.personal === null ? undefined : await personalHash(entry.personal);
      if (readTransaction(entry.bytes)?.personal !== bound) faults.push(`entry ${entry.seq} has other personal fields`);
      found.push([entry.seq, `${toHex(entry.hash)} ${entry.personal?.text ?? ""}`]);
      last = entry;
    }
  }
  if ((last?.seq ?? 0) !== head.seq) faults.push(`the head is ${head.seq}, the newest entry ${last?.seq ?? 0}`);
  return { entries: found, faults };
};

const describeLog = ({ chain, head, ackedSeq, floorAt, isNew }: StoredLog) => ({
  terminal: chain.terminal,
  epoch: toHex(chain.epoch),
  seq: head.seq,
  hash: toHex(head.hash),
  ackedSeq,
  floorAt,
  isNew,
});

/** Behind the store's back. */
const damage = async (slot: string, steps: (tx: IDBTransaction) => void): Promise<void> => {
  isDamaging = true;
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open(`greenlane/${slot}`);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const db = opening.result;
      const tx = db.transaction(["log", "meta", "bundle", "remains"], "readwrite", { durability: "strict" });
      steps(tx);
      tx.oncomplete = () => {
        db.close();
        resolve();
      };
      tx.onabort = () => reject(tx.error);
    };
  });
  isDamaging = false;
};

const page = {
  durabilities,
  logs,
  createLog,
  openCopy: async (slot: string) => databaseCopy(await openDatabase(slot)),
  makeNext,
  readChain,
  readCopies,
  readJournal,
  replaceJournal,
  addJournal,
  deleteDatabase,
  openDatabase,
  leaveOldLogFile,
  openLog,
  append,
  fill,
  describeLog,
  damage,
  holdForGood,
  withLock,
  makeKeyPair,
  bundleOf: (db: Database) => bundleStore(db),
  carriedOf: (db: Database) => carriedStore(db),
  identityOf: (db: Database) => identityStore(db),
};

declare global {
  var stores: typeof page;
}
globalThis.stores = page;
document.body.dataset.ready = "yes";
