/** Something done again and again, one at a time: each next time within one to two times `secondsMin`, by chance. */
import type { Clock, Random } from "./ports.ts";

export type PollingParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly secondsMin: () => number;
  /** Never rejects. */
  readonly poll: () => Promise<void>;
};

export type Polling = {
  /** At once, or with the one that is under way. */
  readonly now: () => Promise<void>;
  readonly stop: () => void;
};

export const createPolling = ({ clock, random, secondsMin, poll }: PollingParts): Polling => {
  let running: Promise<void> | null = null;
  let cancel = (): void => {};
  let isStopped = false;

  const run = async (): Promise<void> => {
    cancel();
    await poll();
    running = null;
    const jitter = 1 + (random.bytes(1)[0] ?? 0) / 256;
    if (!isStopped) cancel = clock.after(secondsMin() * jitter, () => void begin());
  };

  const begin = (): Promise<void> => {
    running ??= run();
    return running;
  };

  return {
    now: begin,
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
};
