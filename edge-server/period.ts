/** Months and days in the operator's time. All of China has one time, without summer time. */
import type { Instant } from "../shared/terms.ts";

export const operatorOffsetSeconds = 8 * 3600;

/** From `from` until just before `until`. */
export type Period = { readonly name: string; readonly from: Instant; readonly until: Instant };

/** Such as 2026-11; null where it is no month. */
export const readPeriod = (name: string): Period | null => {
  const [, year, month] = /^(2\d{3})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  if (year === undefined || month === undefined) return null;
  const startOf = (index: number): Instant => Date.UTC(Number(year), index) / 1000 - operatorOffsetSeconds;
  return { name, from: startOf(Number(month) - 1), until: startOf(Number(month)) };
};

export const periodNameAt = (at: Instant): string =>
  new Date((at + operatorOffsetSeconds) * 1000).toISOString().slice(0, 7);

export const dayOf = (at: Instant): number => Math.floor((at + operatorOffsetSeconds) / 86_400);
