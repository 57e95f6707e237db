/**
 * What can wait is done in a lull: once it was not asked for again for 0.2 s, and in any case 0.5 s after it was first
 * asked for: whoever watches the console sees a tap within a second of it. A person before the gate does not wait for it, and
 * what belongs to them is done together.
 */
import type { Clock } from "./ports.ts";

const quietSeconds = 0.2;
const waitSecondsMax = 0.5;

/** Returns what asks for the task. */
export const inLull = (clock: Pick<Clock, "after" | "ticks">, task: () => void): (() => void) => {
  let askedAt: number | null = null;
  let cancel = (): void => {};

  const begin = (): void => {
    askedAt = null;
    task();
  };

  return () => {
    askedAt ??= clock.ticks();
    const left = waitSecondsMax - (clock.ticks() - askedAt) / 1000;
    cancel();
    cancel = clock.after(Math.max(0, Math.min(quietSeconds, left)), begin);
  };
};
