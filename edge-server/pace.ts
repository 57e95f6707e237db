/**
 * How often something may be asked by whoever has not signed in: so often from one address, so often by all, in each span of
 * time. What is counted is forgotten when the span is over. Behind a proxy that nobody named (sender-address) everybody
 * comes from one address, and shares what is one's.
 */
import type { Instant } from "../shared/terms.ts";

export type Pace = (address: string, now: Instant) => number;

/** Gives 0 where it may go on, else how many seconds to wait. */
export const createPace = (limits: {
  readonly seconds: number;
  readonly byOne: number;
  readonly byAll: number;
}): Pace => {
  const counts = new Map<string, number>();
  let span = 0;
  let all = 0;
  return (address, now) => {
    const current = Math.floor(now / limits.seconds);
    if (current !== span) {
      counts.clear();
      [span, all] = [current, 0];
    }
    const before = counts.get(address) ?? 0;
    if (before >= limits.byOne || all >= limits.byAll) return (span + 1) * limits.seconds - now;
    counts.set(address, before + 1);
    all += 1;
    return 0;
  };
};
