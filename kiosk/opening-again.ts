/**
 * A terminal that its disk took out of service is opened again by itself, as staff would do it: whoever held a file may have
 * let go of it, and there may be room again. A start puts right what it finds (twin-log.ts), or is refused once more. Not
 * before a minute has passed, and not while staff take entries off it, or it is known that the disk takes nothing.
 */
import type { Clock } from "./ports.ts";
import type { Screen } from "./session.ts";

export type OpeningAgain = {
  readonly clock: Pick<Clock, "after">;
  readonly isHeld: () => boolean;
  readonly openAgain: () => void;
};

const pauseSeconds = 60;

/** Returns what is to be told of each screen. */
export const watchForOpeningAgain = ({ clock, isHeld, openAgain }: OpeningAgain): ((screen: Screen) => void) => {
  let isDue = false;
  const wait = (): void => void clock.after(pauseSeconds, () => (isHeld() ? wait() : openAgain()));
  return (screen) => {
    if (isDue || screen.name !== "out-of-service" || screen.cause !== "storage") return;
    isDue = true;
    wait();
  };
};
