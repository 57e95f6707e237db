/**
 * The terminal's database: one IndexedDB database a slot, `greenlane/SLOT`, since several terminals may share an origin.
 *
 *     log        seq -> Entry                the chain, in order
 *     meta       word -> what it names       identity, chain, head, ackedSeq, acks, floorAt, keptFrom, twiceSeq
 *     bundle     word -> what it names       roots, newestRoots, manifest, checkedAt; artefacts by version 1
 *     artefacts  name -> bytes               each by itself, so that one that cannot be read does not take the others
 *     parts      [SHA-256, from] -> bytes    of artefacts that are still being fetched
 *     remains    1, 2, ... -> RemainsRow     what was left of lost chains, never acknowledged, and not yet told again
 *     carried    id -> Carried               other terminals' rescues, until the ledger has them
 *
 * A later version of the app may have raised the database, and have failed: what is there is opened all the same. So a
 * change of this layout only ever adds: no store and no row that an earlier version reads or writes may go or change.
 *
 * Every write goes through `change`: all of it or nothing, `durability: "strict"`, resolved once it is complete.
 *
 * What is strict is not always durable, and what is one transaction not always whole. Where LevelDB begins a new file in the
 * middle of a transaction, only the new one is flushed: a power cut within the next moments takes the part that went to the
 * old one, or all of it, and keeps the next transaction. It was met in one of some hundred cuts at random, and in about a
 * third of those at such a moment (Chromium 156; `npm run chaos -- switch`). What counts by itself from the moment it is
 * written is therefore written in two transactions (`changeTwice`): the same cut never takes both.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { Bytes } from "../../shared/bytes.ts";
import type { Chain, Entry, Head } from "../../shared/log.ts";
import type { EnrolmentAnswer } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Carried } from "../ports.ts";

/** Keys as WebCrypto has them: a structured clone of a non-extractable key is as closed as the key. */
export type IdentityRow = Omit<EnrolmentAnswer, "operatorKey" | "root"> & {
  readonly pair: CryptoKeyPair;
  readonly operatorKey: CryptoKey;
  readonly firstRoot: Bytes;
  readonly rootHash: Bytes;
};

export type Meta = {
  readonly identity: IdentityRow;
  readonly chain: Chain;
  readonly head: Head;
  readonly ackedSeq: number;
  /** Some of the acks, an hour apart or more: by then everything up to `seq` was acknowledged. */
  readonly acks: readonly { readonly seq: number; readonly at: Instant }[];
  readonly floorAt: Instant;
  /** The oldest entry that was to stay. Absent in a store of an earlier version that dropped none since. */
  readonly keptFrom: number;
  /**
   * The newest entry that was written in two transactions, found at an opening, or there when one that counts by itself was
   * begun. Absent as `keptFrom` may be.
   */
  readonly twiceSeq: number;
  readonly beatAt: number;
};

export type BundleRows = {
  readonly roots: readonly Bytes[];
  readonly newestRoots: readonly Bytes[];
  readonly manifest: Bytes;
  /** As version 1 kept them, all in one. */
  readonly artefacts: ReadonlyMap<string, Bytes>;
  readonly checkedAt: Instant;
};

/** `chain` and `head` are null where they were lost themselves. */
export type RemainsRow = {
  readonly chain: Chain | null;
  readonly head: Head | null;
  readonly ackedSeq: number;
  readonly entries: readonly Entry[];
};

interface Schema extends DBSchema {
  readonly log: { key: number; value: Entry };
  readonly meta: { key: keyof Meta; value: Meta[keyof Meta] };
  readonly bundle: { key: keyof BundleRows; value: BundleRows[keyof BundleRows] };
  readonly artefacts: { key: string; value: Bytes };
  readonly parts: { key: [sha256: string, from: number]; value: Bytes };
  readonly remains: { key: number; value: RemainsRow };
  readonly carried: { key: string; value: Carried };
}

export type StoreName = StoreNames<Schema>;
export type Reading<S extends StoreName = StoreName> = IDBPTransaction<Schema, readonly S[], "readonly">;
export type Writing<S extends StoreName = StoreName> = IDBPTransaction<Schema, readonly S[], "readwrite">;

export type Database = {
  /** `steps` awaits nothing but requests of this transaction: anything else would end it. */
  readonly look: <T, S extends StoreName>(stores: readonly S[], steps: (tx: Reading<S>) => Promise<T>) => Promise<T>;
  /** Where `steps` throws, nothing is written, and its error is the rejection. */
  readonly change: <T, S extends StoreName>(stores: readonly S[], steps: (tx: Writing<S>) => Promise<T>) => Promise<T>;
  readonly close: () => void;
};

/** `steps` write the same the second time. */
export const changeTwice = async <S extends StoreName>(
  db: Database,
  stores: readonly S[],
  steps: (tx: Writing<S>) => Promise<unknown>,
): Promise<void> => {
  for (let times = 0; times < 2; times++) await db.change(stores, steps);
};

export const openDatabase = async (slot: string): Promise<Database> => {
  const db = await openOrRaise(`greenlane/${slot}`);
  return {
    look: async (stores, steps) => {
      const tx = db.transaction(stores, "readonly");
      const [result] = await Promise.all([steps(tx), tx.done]);
      return result;
    },
    change: async (stores, steps) => {
      const tx = db.transaction(stores, "readwrite", { durability: "strict" });
      // Awaited below; a transaction that fails early must not count as unhandled.
      tx.done.catch(() => {});
      try {
        const result = await steps(tx);
        await tx.done;
        return result;
      } catch (reason) {
        abort(tx);
        throw reason;
      }
    },
    close: () => db.close(),
  };
};

const openOrRaise = async (name: string): Promise<IDBPDatabase<Schema>> => {
  try {
    return await openDB<Schema>(name, 3, {
      upgrade: (old, version) => {
        if (version < 1) {
          old.createObjectStore("log", { keyPath: "seq" });
          old.createObjectStore("meta");
          old.createObjectStore("bundle");
          old.createObjectStore("remains", { autoIncrement: true });
        }
        if (version < 2) {
          old.createObjectStore("artefacts");
          old.createObjectStore("parts");
        }
        if (version < 3) old.createObjectStore("carried", { keyPath: "id" });
      },
    });
  } catch (reason) {
    if (!(reason instanceof DOMException && reason.name === "VersionError")) throw reason;
    return openDB<Schema>(name);
  }
};

const abort = (tx: { readonly abort: () => void }): void => {
  try {
    tx.abort();
  } catch {
    // It has ended by itself: that is what was wanted.
  }
};
