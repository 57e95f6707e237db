/** The browser's time. The device may be wrong: whoever needs a time to trust takes the journal's. */
import type { Clock } from "../ports.ts";

export const browserClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
  ticks: () => performance.now(),
  after: (seconds, callback) => {
    const timer = setTimeout(callback, seconds * 1000);
    return () => clearTimeout(timer);
  },
};
