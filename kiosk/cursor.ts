/**
 * The outbox's cursor: up to where the ledger is known to hold the log, as it lies on disk. Acks may come faster than it pays
 * to write them down, since what was acknowledged may be sent again: one is written at a time, the next not before a second
 * has passed or somebody asks for it (`settled`), and of those that wait only the newest.
 */
import type { Instant } from "../shared/terms.ts";
import type { Clock, LogStore } from "./ports.ts";

export type Cursor = {
  /** As it lies on disk. */
  readonly seq: () => number;
  /** An edge key signed at `at` that the ledger has everything up to `seq`. */
  readonly move: (seq: number, at: Instant) => void;
  /** An ack waits for one before it to be written. */
  readonly isBehind: () => boolean;
  /** Writes what waits. Resolves when all are written; rejects where one could not be, and forgets those behind it. */
  readonly settled: () => Promise<void>;
};

const restMilliseconds = 1000;

export const createCursor = (
  log: Pick<LogStore, "acknowledge">,
  clock: Pick<Clock, "ticks">,
  ackedSeq: number,
  onMoved: () => void,
): Cursor => {
  let written = ackedSeq;
  let writtenTicks = Number.NEGATIVE_INFINITY;
  let newest: { readonly seq: number; readonly at: Instant } | null = null;
  let writing: Promise<void> | null = null;

  const write = async (): Promise<void> => {
    while (newest !== null) {
      const { seq, at } = newest;
      newest = null;
      writtenTicks = clock.ticks();
      await log.acknowledge(seq, at);
      written = seq;
      onMoved();
    }
    writing = null;
  };

  const begin = (): void => {
    writing = write();
    writing.catch(() => {}); // heard of in `settled`
  };

  return {
    seq: () => written,
    move: (seq, at) => {
      newest = { seq, at };
      if (writing === null && clock.ticks() - writtenTicks >= restMilliseconds) begin();
    },
    isBehind: () => writing !== null && newest !== null,
    settled: async () => {
      if (writing === null && newest !== null) begin();
      try {
        await writing;
      } catch (reason) {
        [writing, newest] = [null, null];
        throw reason;
      }
    },
  };
};
