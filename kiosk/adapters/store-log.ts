/**
 * The first copy of the log: a `FirstCopy` over the database.
 *
 * `append` adds and never overwrites, and writes the head beside the entry in the same transaction, provided that the
 * stored head is the entry's predecessor; `rewrite` ends with one, provided that the stored head is the one that was
 * found. So whoever else may be writing, the chain cannot fork here, and nothing of theirs is swept away.
 *
 * `find` believes nothing: databases come back empty, or cut short, without an error (log-repair.ts judges).
 *
 * What counts by itself is written in two transactions (database.ts says why), and a head whose entry a power cut took is
 * taken back where nobody can have been answered by it.
 */

import { toHex } from "../../shared/bytes.ts";
import { type Chain, type Entry, genesisOf, type Head } from "../../shared/log.ts";
import type { FirstCopy, LogContent } from "../ports.ts";
import type { Database, Meta, Reading, Writing } from "./database.ts";

const chunk = 500;
const partRows = 250;
const ackNotedEverySeconds = 3600;

export const databaseCopy = (db: Database): FirstCopy => {
  const read = (seq: number, max: number): Promise<readonly Entry[]> =>
    db.look(["log"], async (tx) => {
      const store = tx.objectStore("log");
      const entries = max > partRows ? await readParts(store, seq, max) : [];
      // Otherwise some are missing, or the log ends before.
      return entries.length === max ? entries : store.getAll(IDBKeyRange.lowerBound(seq), max);
    });
  /** The head as it stood when this page last looked or wrote. */
  let known: Head | null = null;

  return {
    read,
    find: async () => {
      await takeBackTorn(db);
      await dropLeftovers(db);
      return db.look(["meta"], async (tx) => {
        const [chain = null, head = null] = [await meta(tx, "chain"), await meta(tx, "head")];
        const [ackedSeq = 0, floorAt = 0] = [await meta(tx, "ackedSeq"), await meta(tx, "floorAt")];
        const keptFrom = await meta(tx, "keptFrom");
        known = head;
        const found = { chain, head, isTorn: false, ackedSeq, floorAt, read };
        return [keptFrom === undefined ? found : { ...found, keptFrom }];
      });
    },
    rewrite: async (content) => {
      const { firstSeq, head } = content;
      const there = await db.look(["log"], (tx) => tx.objectStore("log").getAllKeys());
      const gone = there.filter((seq) => seq < firstSeq || seq > head.seq);
      for (let seq = firstSeq; seq <= head.seq; ) {
        const entries = await content.read(seq, chunk);
        const newest = entries.at(-1);
        if (newest === undefined) throw new Error(`entry ${seq} cannot be read`);
        known = await db.change(["log", "meta"], async (tx) => {
          checkAlone(await meta(tx, "head"), known);
          if (seq === firstSeq) await claim(tx, content);
          for (const entry of entries) await tx.objectStore("log").put(entry);
          return (await meta(tx, "head")) ?? null;
        });
        seq = newest.seq + 1;
      }
      // Twice: a chain that begins may be nowhere else yet.
      for (let times = 0; times < 2; times++) {
        await db.change(["log", "meta"], async (tx) => {
          checkAlone(await meta(tx, "head"), known);
          await settle(tx, content, gone);
        });
        known = head;
      }
    },
    append: async (after, entries) => {
      const newest = entries.at(-1);
      if (newest === undefined) return;
      await add(db, after, entries, false);
      known = { seq: newest.seq, hash: newest.hash };
    },
    appendAlone: async (after, entry) => {
      await add(db, after, [entry], true);
      known = { seq: entry.seq, hash: entry.hash };
      await repeat(db, entry);
    },
    acknowledge: (seq, floorAt) =>
      db.change(["meta"], async (tx) => {
        // Asked for all at once, and written all at once: each one by itself may have to wait behind a batch that is read.
        const asked = [meta(tx, "head"), meta(tx, "ackedSeq"), meta(tx, "floorAt"), meta(tx, "acks")] as const;
        const [head, ackedSeq = 0, floorBefore = 0, acks = []] = await Promise.all(asked);
        if (head === undefined || seq > head.seq) throw new Error(`nothing is written at ${seq}`);
        const noted = acks.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
        const store = tx.objectStore("meta");
        await Promise.all([
          seq > ackedSeq && store.put(seq, "ackedSeq"),
          floorAt > floorBefore && store.put(floorAt, "floorAt"),
          floorAt - noted >= ackNotedEverySeconds && store.put([...acks, { seq, at: floorAt }], "acks"),
        ]);
      }),
    firstKept: (keptSeconds) =>
      db.look(["meta"], async (tx) => {
        // A server that went back to a backup asks again for what it had acknowledged, however old the entries were.
        const until = ((await meta(tx, "floorAt")) ?? 0) - keptSeconds;
        const due = (await meta(tx, "acks"))?.findLast(({ at }) => at <= until)?.seq ?? 0;
        // The newest acknowledged entry stays, so that the next one can be checked against it.
        return Math.min(due + 1, (await meta(tx, "ackedSeq")) ?? 0);
      }),
    dropBefore: (seq) =>
      db.change(["log", "meta"], async (tx) => {
        await tx.objectStore("log").delete(IDBKeyRange.upperBound(seq - 1));
        const acks = ((await meta(tx, "acks")) ?? []).filter((ack) => ack.seq >= seq - 1);
        await tx.objectStore("meta").put(acks, "acks");
        await tx.objectStore("meta").put(seq, "keptFrom");
      }),
    keepRemains: async ({ chain, head, ackedSeq }, entries) => {
      const row = { chain, head, ackedSeq, entries };
      const key = await db.change(["remains"], (tx) => tx.objectStore("remains").add(row));
      // As `repeat`: what it is kept from may go next.
      await db.change(["remains"], (tx) => tx.objectStore("remains").put(row, key));
    },
    remains: (after) =>
      db.look(["remains"], async (tx) => {
        const cursor = await tx.objectStore("remains").openCursor(IDBKeyRange.lowerBound(after, true));
        return cursor === null ? null : { key: cursor.key, chain: cursor.value.chain, entries: cursor.value.entries };
      }),
    dropRemains: (key) => db.change(["remains"], (tx) => tx.objectStore("remains").delete(key)),
  };
};

/** `isAlone`: nobody is answered by what this alone has written, so that it can be taken back (`takeBackTorn`). */
const add = (db: Database, after: Head, entries: readonly Entry[], isAlone: boolean): Promise<void> =>
  db.change(["log", "meta"], async (tx) => {
    // Asked for all at once: each answer awaited would cost a citizen its way to the disk's thread and back.
    const head = meta(tx, "head");
    const { seq, hash } = entries.at(-1) ?? after;
    const written = Promise.all([
      ...entries.map((entry) => tx.objectStore("log").add(entry)),
      tx.objectStore("meta").put({ seq, hash }, "head"),
      isAlone && tx.objectStore("meta").put(after.seq, "twiceSeq"),
    ]);
    written.catch(() => {});
    checkAlone(await head, after);
    await written;
  });

const repeat = (db: Database, newest: Entry): Promise<void> =>
  db.change(["log", "meta"], async (tx) => {
    const head = meta(tx, "head");
    const written = Promise.all([
      tx.objectStore("log").put(newest),
      tx.objectStore("meta").put({ seq: newest.seq, hash: newest.hash }, "head"),
      tx.objectStore("meta").put(newest.seq, "twiceSeq"),
    ]);
    written.catch(() => {});
    checkAlone(await head, newest);
    await written;
  });

/**
 * A head whose entry is not there, but the one before, behind which it was to count by itself: a power cut took the first
 * part of the transaction that wrote both, before the entry was written twice. Nobody was answered by it, so the head is what
 * it was. One whose entry is there counts as written twice from now on.
 */
const takeBackTorn = async (db: Database): Promise<void> => {
  const { head, chain, twiceSeq } = await db.look(["meta"], async (tx) => ({
    head: await meta(tx, "head"),
    chain: await meta(tx, "chain"),
    twiceSeq: await meta(tx, "twiceSeq"),
  }));
  if (head === undefined || chain === undefined || twiceSeq === head.seq) return;
  const range = IDBKeyRange.bound(head.seq - 1, head.seq);
  const rows = await db.look(["log"], (tx) => tx.objectStore("log").getAll(range, 2));
  const isThere = rows.at(-1)?.seq === head.seq;
  const before = head.seq === 1 ? await genesisOf(chain) : rows[0];
  if (!isThere && (twiceSeq !== head.seq - 1 || before?.seq !== twiceSeq)) return;
  await db.change(["meta"], async (tx) => {
    checkAlone(await meta(tx, "head"), head);
    if (isThere) await tx.objectStore("meta").put(head.seq, "twiceSeq");
    else if (before !== undefined) await tx.objectStore("meta").put({ seq: before.seq, hash: before.hash }, "head");
  });
};

/** A chain that has begun, and no more, has no entries: a power cut took back that those of the one before were deleted. */
const dropLeftovers = async (db: Database): Promise<void> => {
  const isLeft = await db.look(["log", "meta"], async (tx) => {
    const head = await meta(tx, "head");
    return head?.seq === 0 && (await tx.objectStore("log").count()) > 0;
  });
  if (isLeft) await db.change(["log"], (tx) => tx.objectStore("log").clear());
};

/** What is there of `max` in a row. While one part comes over and is unpacked here, the disk's thread reads the next. */
const readParts = async (store: LogReading, seq: number, max: number): Promise<readonly Entry[]> => {
  const end = seq + max;
  const parts: Promise<readonly Entry[]>[] = [];
  for (let from = seq; from < end; from += partRows) {
    parts.push(store.getAll(IDBKeyRange.bound(from, Math.min(from + partRows, end) - 1)));
  }
  return (await Promise.all(parts)).flat();
};

type LogReading = { readonly getAll: (range: IDBKeyRange) => Promise<readonly Entry[]> };

/**
 * Broken off, a rewriting leaves entries that were never acknowledged: they are to stand under the name of their chain, and
 * its cursor. What there was of another chain goes; nothing of the content is read from there.
 */
const claim = async (tx: Writing<"log" | "meta">, { chain, ackedSeq }: LogContent): Promise<void> => {
  const before = await meta(tx, "chain");
  const isOther = before !== undefined && nameOfChain(before) !== nameOfChain(chain);
  await tx.objectStore("meta").put(chain, "chain");
  await tx.objectStore("meta").put(ackedSeq, "ackedSeq");
  if (isOther) await tx.objectStore("log").clear();
  if (isOther) await tx.objectStore("meta").delete("head");
};

/**
 * The rest of a rewriting, all at once: the names are those of the content, and what does not belong here goes. In this order,
 * here and above: where a power cut takes the beginning of it, what is left is nobody's chain. What goes is put before it is
 * deleted: of what is not there a second transaction deletes nothing, and a power cut may take back the first one's.
 */
const settle = async (
  tx: Writing<"log" | "meta">,
  { chain, head, firstSeq, ackedSeq, floorAt }: LogContent,
  gone: readonly number[],
) => {
  const [store, log] = [tx.objectStore("meta"), tx.objectStore("log")];
  await store.put(chain, "chain");
  await store.put(ackedSeq, "ackedSeq");
  await store.put(ackedSeq > 0 ? [{ seq: ackedSeq, at: floorAt }] : [], "acks");
  await store.put(floorAt, "floorAt");
  await store.put(firstSeq, "keptFrom");
  await store.put(head.seq, "twiceSeq");
  await Promise.all(gone.flatMap((seq) => [log.put({ ...noEntry, seq }), log.delete(seq)]));
  await store.put(head, "head");
};

const noEntry: Omit<Entry, "seq"> = { hash: new Uint8Array(0), bytes: new Uint8Array(0), personal: null };

const meta = async <K extends keyof Meta>(
  tx: Pick<Reading<"meta">, "objectStore"> | Pick<Writing<"meta">, "objectStore">,
  key: K,
): Promise<Meta[K] | undefined> => (await tx.objectStore("meta").get(key)) as Meta[K] | undefined;

const checkAlone = (stored: Head | undefined, before: Head | null): void => {
  if (nameOf(stored ?? null) !== nameOf(before)) throw new Error("somebody else writes this log");
};

const nameOfChain = ({ terminal, epoch }: Partial<Chain>): string =>
  `${terminal} ${epoch instanceof Uint8Array ? toHex(epoch) : epoch}`;

/** A damaged store gives back anything. */
const nameOf = (head: Partial<Head> | null): string =>
  head?.hash instanceof Uint8Array ? `${head.seq} ${toHex(head.hash)}` : String(head);
