/**
 * What the console shows at once, counted as entries come: the port of a store beside the ledger. It holds nothing that
 * the ledger does not, and is counted anew where it is gone, but for the newest health report of each terminal. Entries
 * are numbered as they were counted, from 1, without gaps, so that any page of all of them is found by its number.
 */
import type { OverrideRow, Verdict } from "../shared/admin.ts";
import type { HealthReport } from "../shared/health.ts";
import type { Chain } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import type { EntryRef } from "../shared/transaction.ts";
import type { SeenEntry } from "./survey-reading.ts";

export type Arrived = Chain & { readonly number: number; readonly seq: number };

/** Of a terminal, whichever of its chains. */
export type Latest = {
  readonly terminal: string;
  readonly at: Instant;
  readonly app: string | null;
  readonly manifest: number | null;
  readonly mode: string | null;
};

export type HourCount = {
  readonly hour: Instant;
  readonly service: string;
  readonly word: string;
  readonly count: number;
};

export type DayCount = { readonly terminal: string; readonly permits: number; readonly technical: number };

export type KeptHealth = { readonly terminal: string; readonly at: Instant; readonly report: HealthReport };

/** Entries in a row that are kept and not believed. */
export type OddRun = Chain & {
  readonly number: number;
  readonly seq: number;
  readonly cause: "unreadable" | "after-revocation";
  readonly entries: number;
  readonly receivedAt: Instant;
};

export type OverrideState = OverrideRow["state"];

export type SurveyStore = {
  /** The last entry of the chain that was counted; 0 before the first. */
  readonly seqOf: (chain: Chain) => number;
  /** Entries of one chain, in order, after those counted. `lead`: of its genesis (receipt-code). The first number. */
  readonly add: (chain: Chain, lead: number, entries: readonly SeenEntry[]) => number;
  readonly count: () => number;
  /** Newest first, those below `before`. */
  readonly arrivals: (before: number, rowsMax: number) => readonly Arrived[];
  readonly chainsWith: (lead: number) => readonly Chain[];
  readonly hours: (from: Instant) => readonly HourCount[];
  /** By terminal, of the days from `from` on. */
  readonly days: (from: Instant) => readonly DayCount[];
  readonly latest: () => readonly Latest[];
  /** Newest first, those below `before`; `state` null: all. */
  readonly overrides: (state: OverrideState | null, before: number, rowsMax: number) => readonly OverrideRow[];
  /** Newest first, those since `from`. */
  readonly overridesUpTo: (at: Instant, from: Instant, rowsMax: number) => readonly OverrideRow[];
  /** Oldest first. */
  readonly overridesFrom: (at: Instant, until: Instant, rowsMax: number) => readonly OverrideRow[];
  readonly openOverrides: () => number;
  /** Newest first. */
  readonly odd: (rowsMax: number) => readonly OddRun[];
  readonly oddSums: () => readonly {
    readonly cause: OddRun["cause"];
    readonly runs: number;
    readonly entries: number;
  }[];
  /** The newest review of an override says so, whether that was counted already or not. */
  readonly putVerdict: (of: EntryRef, verdict: Verdict) => void;
  readonly health: () => readonly KeptHealth[];
  readonly putHealth: (health: KeptHealth) => void;
  /** Everything is to be counted anew. */
  readonly clear: () => void;
  readonly close: () => void;
};

export const hourSeconds = 3600;
export const daySeconds = 86_400;
