/**
 * The end of a session that nobody uses any more: warned of early enough to be put off, as often as one likes
 * (WCAG 2.2, 2.2.1: at least 20 s to answer, at least ten times).
 */
import type { Clock } from "./ports.ts";

export const idleSeconds = 60;
export const warningSeconds = 25;

export type Idle = {
  /** Somebody did something: the time starts again. */
  readonly touch: () => void;
  readonly stop: () => void;
};

/** `onWarning` with the seconds left, every second; null when the warning is over. */
export const createIdle = (clock: Clock, onWarning: (left: number | null) => void, onEnd: () => void): Idle => {
  let cancel = (): void => {};
  let isWarning = false;

  const countDown = (left: number): void => {
    if (left === 0) {
      onEnd();
      return;
    }
    isWarning = true;
    onWarning(left);
    cancel = clock.after(1, () => countDown(left - 1));
  };

  return {
    touch: () => {
      cancel();
      if (isWarning) onWarning(null);
      isWarning = false;
      cancel = clock.after(idleSeconds, () => countDown(warningSeconds));
    },
    stop: () => {
      cancel();
      isWarning = false;
    },
  };
};
