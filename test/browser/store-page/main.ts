/** A page with nothing but the terminal's stores, for store.test.ts, and ways to damage what lies in them. */
import { type Database, openDatabase } from "../../../kiosk/adapters/database.ts";
import { makeKeyPair } from "../../../kiosk/adapters/key-pair.ts";
import { holdForGood } from "../../../kiosk/adapters/locks.ts";
import { browserRandom } from "../../../kiosk/adapters/random.ts";
import { bundleStore } from "../../../kiosk/adapters/store-bundle.ts";
import { identityStore } from "../../../kiosk/adapters/store-identity.ts";
import { logStore } from "../../../kiosk/adapters/store-log.ts";
import type { LogStore, StoredLog } from "../../../kiosk/ports.ts";
import { toHex } from "../../../shared/bytes.ts";
import { type Head, makeEntry } from "../../../shared/log.ts";

const durabilities: (string | undefined)[] = [];
const { transaction } = IDBDatabase.prototype;
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  if (mode === "readwrite" && !isDamaging) durabilities.push(options?.durability);
  return transaction.call(this, stores, mode, options);
};
let isDamaging = false;

const openLog = async (slot: string, terminal = "t-1"): Promise<{ log: LogStore; stored: StoredLog }> => {
  const log = logStore(await openDatabase(slot), browserRandom);
  return { log, stored: await log.open(terminal) };
};

const append = async (log: LogStore, head: Head, at: number): Promise<Head> => {
  const stamp = { v: 1, at, boot: "b", clock: "device" } as const;
  const entry = await makeEntry(
    head,
    { ...stamp, kind: "fault", part: "gate", cause: "a test" },
    {},
    new Uint8Array(16),
  );
  await log.append(entry);
  return entry;
};

const fill = async (log: LogStore, from: Head, count: number): Promise<Head> => {
  let head = from;
  for (let each = 0; each < count; each++) head = await append(log, head, 1000 + head.seq);
  return head;
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
  openDatabase,
  openLog,
  append,
  fill,
  describeLog,
  damage,
  holdForGood,
  makeKeyPair,
  bundleOf: (db: Database) => bundleStore(db),
  identityOf: (db: Database) => identityStore(db),
};

declare global {
  var stores: typeof page;
}
globalThis.stores = page;
document.body.dataset.ready = "yes";
