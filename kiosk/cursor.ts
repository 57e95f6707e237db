/**
 * The outbox's cursor: up to where the ledger is known to hold the log, as it lies on disk. Acks may come faster than the
 * disk takes them: one is written at a time, and of those that wait only the newest.
 */
import type { Instant } from "../shared/terms.ts";
import type { LogStore } from "./ports.ts";

export type Cursor = {
  /** As it lies on disk. */
  readonly seq: () => number;
  /** An edge key signed at `at` that the ledger has everything up to `seq`. */
  readonly move: (seq: number, at: Instant) => void;
  /** An ack waits for one before it to be written. */
  readonly isBehind: () => boolean;
  /** Resolves when all are written; rejects where one could not be, and forgets those behind it. */
  readonly settled: () => Promise<void>;
};

export const createCursor = (log: Pick<LogStore, "acknowledge">, ackedSeq: number, onMoved: () => void): Cursor => {
  let written = ackedSeq;
  let newest: { readonly seq: number; readonly at: Instant } | null = null;
  let writing: Promise<void> | null = null;

  const write = async (): Promise<void> => {
    while (newest !== null) {
      const { seq, at } = newest;
      newest = null;
      await log.acknowledge(seq, at);
      written = seq;
      onMoved();
    }
    writing = null;
  };

  return {
    seq: () => written,
    move: (seq, at) => {
      newest = { seq, at };
      if (writing !== null) return;
      writing = write();
      writing.catch(() => {}); // heard of in `settled`
    },
    isBehind: () => newest !== null,
    settled: async () => {
      try {
        await writing;
      } catch (reason) {
        [writing, newest] = [null, null];
        throw reason;
      }
    },
  };
};
