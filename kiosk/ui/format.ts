/** Amounts, durations and dates as people write them. Money comes in minor units of an ISO 4217 currency. */
import type { Instant } from "../../shared/terms.ts";
import { type Language, localeOf } from "./language.ts";

export const formatMoney = (minor: number, currency: string, language: Language): string => {
  const format = new Intl.NumberFormat(localeOf[language], {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};

/** `permille` as a percentage. */
export const formatShare = (permille: number, language: Language): string =>
  new Intl.NumberFormat(localeOf[language], { style: "percent", maximumFractionDigits: 1 }).format(permille / 1000);

/** Nothing is rounded away: 90 minutes are not an hour. */
export const formatDuration = (seconds: number, language: Language): string => {
  const [unit, size] =
    units.find(([unit, size]) => seconds % size === 0 && (seconds > 0 || unit === "minute")) ?? second;
  return formatUnit(seconds / size, unit, "long", language);
};

/** In the largest unit that fits, rounded down; null below a minute. */
export const formatAge = (seconds: number, language: Language): string | null => {
  const found = units.find(([unit, size]) => unit !== "second" && seconds >= size);
  return found === undefined ? null : formatUnit(Math.floor(seconds / found[1]), found[0], "short", language);
};

/** The day, where the terminal stands. */
export const formatDay = (at: Instant, language: Language): string =>
  new Intl.DateTimeFormat(localeOf[language], {
    year: "numeric",
    month: language === "zh" ? "long" : "short",
    day: "numeric",
  }).format(at * 1000);

/** The day and the minute. */
export const formatMoment = (at: Instant, language: Language): string =>
  new Intl.DateTimeFormat(localeOf[language], { dateStyle: "medium", timeStyle: "short" }).format(at * 1000);

type Unit = "day" | "hour" | "minute" | "second";

const second = ["second", 1] as const;
const units: readonly (readonly [Unit, number])[] = [["day", 86_400], ["hour", 3_600], ["minute", 60], second];

const formatUnit = (count: number, unit: Unit, unitDisplay: "long" | "short", language: Language): string =>
  new Intl.NumberFormat(localeOf[language], { style: "unit", unit, unitDisplay }).format(count);
