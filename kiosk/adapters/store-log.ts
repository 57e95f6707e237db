/**
 * The chained log on disk: a `LogStore` over the database.
 *
 * `append` adds and never overwrites, and writes the head beside the entry in the same transaction, provided that the
 * stored head is the entry's predecessor: whoever else may be writing, the chain cannot fork here.
 *
 * `open` believes nothing: databases come back empty, or cut short, without an error. The newest entries have to follow
 * one from the other up to the stored head, and what is not acknowledged has to be there. Where it is not so, a chain is
 * begun in a new epoch, never continued; what is left and was never acknowledged moves to `remains`.
 */

import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import { type Chain, type Entry, extendChain, firstBreak, genesisOf, type Head } from "../../shared/log.ts";
import type { LogStore, Random, StoredLog } from "../ports.ts";
import type { Database, Meta, Reading, Writing } from "./database.ts";

const checkedEntriesMax = 200;
const ackNotedEverySeconds = 3600;

export const logStore = (db: Database, random: Random): LogStore => {
  let head: Head | null = null;
  return {
    open: async (terminal) => {
      const found = await readLog(db);
      const stored =
        (await wholeOf(found, terminal)) ?? (await beginChain(db, { terminal, epoch: random.bytes(16) }, found));
      head = stored.head;
      return stored;
    },
    append: async (entry) => {
      const before = head;
      if (before === null) throw new Error("the log is not open");
      const next = await extendChain(before, entry.bytes);
      if (!isSame(next, entry)) throw new Error("the entry does not follow from the head");
      await db.change(["log", "meta"], async (tx) => {
        const stored = await meta(tx, "head");
        if (stored === undefined || !isSame(stored, before)) throw new Error("somebody else writes this log");
        await tx.objectStore("log").add(entry);
        await tx.objectStore("meta").put(next, "head");
      });
      head = next;
    },
    read: (seq, max) => db.look(["log"], (tx) => tx.objectStore("log").getAll(IDBKeyRange.lowerBound(seq), max)),
    acknowledge: (seq, floorAt) =>
      db.change(["meta"], async (tx) => {
        const last = await meta(tx, "head");
        if (last === undefined || seq > last.seq) throw new Error(`nothing is written at ${seq}`);
        await raise(tx, "ackedSeq", seq);
        await raise(tx, "floorAt", floorAt);
        const acks = (await meta(tx, "acks")) ?? [];
        const noted = acks.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
        if (floorAt - noted < ackNotedEverySeconds) return;
        await tx.objectStore("meta").put([...acks, { seq, at: floorAt }], "acks");
      }),
    prune: (keptSeconds) =>
      db.change(["log", "meta"], async (tx) => {
        // A server that went back to a backup asks again for what it had acknowledged, however old the entries were.
        const acks = (await meta(tx, "acks")) ?? [];
        const until = ((await meta(tx, "floorAt")) ?? 0) - keptSeconds;
        const due = acks.findLast(({ at }) => at <= until);
        const newest = (await meta(tx, "head"))?.seq ?? 0;
        // The newest entry stays, so that the stored head can be checked against it.
        const last = Math.min(due?.seq ?? 0, newest - 1);
        if (last < 1) return;
        await tx.objectStore("log").delete(IDBKeyRange.upperBound(last));
        const { at: pruned } = due ?? { at: 0 };
        await tx.objectStore("meta").put(
          acks.filter(({ at }) => at >= pruned),
          "acks",
        );
      }),
  };
};

/** As it was found: any of it may be missing. */
type Found = {
  readonly chain: Chain | undefined;
  readonly head: Head | undefined;
  readonly ackedSeq: number;
  readonly floorAt: number;
  readonly unacked: number;
  readonly newest: readonly Entry[];
};

const readLog = (db: Database): Promise<Found> =>
  db.look(["log", "meta"], async (tx) => {
    const [chain, head] = [await meta(tx, "chain"), await meta(tx, "head")];
    const ackedSeq = (await meta(tx, "ackedSeq")) ?? 0;
    const floorAt = (await meta(tx, "floorAt")) ?? 0;
    const unacked = await tx.objectStore("log").count(IDBKeyRange.lowerBound(ackedSeq, true));
    const from = Math.max(1, (head?.seq ?? 0) - checkedEntriesMax);
    const newest = await tx.objectStore("log").getAll(IDBKeyRange.lowerBound(from), checkedEntriesMax + 2);
    return { chain, head, ackedSeq, floorAt, unacked, newest };
  });

const wholeOf = async (found: Found, terminal: string): Promise<StoredLog | null> => {
  const { chain, head, ackedSeq, floorAt, unacked, newest } = found;
  if (chain?.terminal !== terminal || chain.epoch?.length !== 16 || head === undefined) return null;
  if (unacked !== head.seq - ackedSeq) return null;
  const genesis = await genesisOf(chain);
  const oldest = newest[0];
  // Older ones may have been pruned: then the oldest here is where the check begins.
  const [base, entries] = oldest === undefined || oldest.seq === 1 ? [genesis, newest] : [oldest, newest.slice(1)];
  if ((await firstBreak(base, entries)) !== null || !isSame(head, newest.at(-1) ?? genesis)) return null;
  // Cut off before it could say so, a new chain is still to be said.
  return { chain, head, ackedSeq, floorAt, isNew: head.seq === 0 };
};

const beginChain = async (db: Database, chain: Chain, found: Found): Promise<StoredLog> => {
  const head = await genesisOf(chain);
  await db.change(["log", "meta", "remains"], async (tx) => {
    const entries = await tx.objectStore("log").getAll(IDBKeyRange.lowerBound(found.ackedSeq, true));
    if (entries.length > 0) {
      const { chain: lost = null, head: lostHead = null, ackedSeq } = found;
      await tx.objectStore("remains").add({ chain: lost, head: lostHead, ackedSeq, entries });
    }
    await tx.objectStore("log").clear();
    const store = tx.objectStore("meta");
    await store.put(chain, "chain");
    await store.put(head, "head");
    await store.put(0, "ackedSeq");
    await store.put([], "acks");
    await store.put(found.floorAt, "floorAt");
  });
  return { chain, head, ackedSeq: 0, floorAt: found.floorAt, isNew: true };
};

const raise = async (tx: Writing<"meta">, key: "ackedSeq" | "floorAt", value: number): Promise<void> => {
  if (value > ((await meta(tx, key)) ?? 0)) await tx.objectStore("meta").put(value, key);
};

const meta = async <K extends keyof Meta>(
  tx: Pick<Reading<"meta">, "objectStore"> | Pick<Writing<"meta">, "objectStore">,
  key: K,
): Promise<Meta[K] | undefined> => (await tx.objectStore("meta").get(key)) as Meta[K] | undefined;

const isSame = (a: Head, b: { readonly seq: number; readonly hash: Bytes }): boolean =>
  a.seq === b.seq && equalBytes(a.hash, b.hash);
