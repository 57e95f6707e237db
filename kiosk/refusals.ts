/**
 * Refusals in a row of the same kind, such as a foreign code held up for a minute, are one entry with a count
 * (FORMATS, "Log"). A refusal moves nothing, so it may wait for its run to end: until something else is written, until
 * nothing was seen for the bounce, or until a minute is full, so that a power cut loses a minute of refusals at most.
 */
import type { Instant } from "../shared/terms.ts";
import type { Decided, EntryRef } from "../shared/transaction.ts";
import { bounceMs } from "./memory.ts";
import type { Clock } from "./ports.ts";

export type Refusals = {
  /** One more sighting of this kind. A run of another kind ends first. */
  readonly add: (refused: Decided, at: Instant) => Promise<void>;
  /** The code of the run is still held up. */
  readonly again: (at: Instant) => void;
  /** A run is not written down yet. */
  readonly isOpen: () => boolean;
  /** Writes down the run, if there is one. */
  readonly flush: () => Promise<void>;
  /** The newest run that was written down here; null before the first. */
  readonly written: () => EntryRef | null;
};

const runSecondsMax = 60;

type Run = { readonly refused: Decided; readonly firstAt: Instant; lastAt: Instant; lastTicks: number; count: number };

export const createRefusals = (
  clock: Clock,
  write: (refused: Decided, at: Instant) => Promise<EntryRef>,
  later: (task: () => Promise<void>) => void,
): Refusals => {
  let run: Run | null = null;
  let written: EntryRef | null = null;
  let stopTimer = (): void => {};

  const flush = async (): Promise<void> => {
    const ended = run;
    run = null;
    stopTimer();
    if (ended === null) return;
    written = await write({ ...ended.refused, count: ended.count, lastAt: ended.lastAt }, ended.firstAt);
  };

  const watch = (): void => {
    stopTimer = clock.after(1, () => {
      if (run === null) return;
      const isQuiet = clock.ticks() - run.lastTicks > bounceMs;
      if (isQuiet || run.lastAt - run.firstAt >= runSecondsMax) later(flush);
      else watch();
    });
  };

  const extend = (open: Run, at: Instant): void => {
    open.count += 1;
    open.lastAt = at;
    open.lastTicks = clock.ticks();
  };

  return {
    add: async (refused, at) => {
      if (run !== null && run.refused.result.reason === refused.result.reason) return extend(run, at);
      await flush();
      run = { refused, firstAt: at, lastAt: at, lastTicks: clock.ticks(), count: 1 };
      watch();
    },
    again: (at) => {
      if (run !== null) extend(run, at);
    },
    isOpen: () => run !== null,
    flush,
    written: () => written,
  };
};
