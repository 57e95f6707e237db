/**
 * What can wait is done in a lull: once it was not asked for again for 0.2 s, and in any case 0.5 s after it was first
 * asked for: whoever watches the console sees a tap within a second of it. A person before the gate does not wait for it, and
 * what belongs to them is done together. Where no lull comes in those 0.5 s, it is done as soon as somebody has been served,
 * and not when the next one may stand there.
 */
import type { Clock } from "./ports.ts";

const quietSeconds = 0.2;
const waitSecondsMax = 0.5;
/** As long as a gate takes to answer. */
const breathSeconds = 0.01;

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
    const left = Math.max(0, waitSecondsMax - (clock.ticks() - askedAt) / 1000);
    cancel();
    cancel = clock.after(left < quietSeconds ? Math.min(breathSeconds, left) : quietSeconds, begin);
  };
};
