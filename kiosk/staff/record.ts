/**
 * What this terminal remembers of staff: which badges were shown, who did what in this shift, who tried keys that were not
 * right, and what is not as usual since. All of it follows from the log, so a restart forgets nothing.
 */
import type { SpentCode } from "../../shared/messages.ts";
import { readByStaff } from "../../shared/override.ts";
import { keyTriesMax, lockOutSeconds } from "../../shared/staff.ts";
import {
  type CountedOverride,
  isModeEffect,
  type OverrideEffect,
  overrideEffects,
  type ServiceMode,
} from "../../shared/staff-rules.ts";
import type { Instant } from "../../shared/terms.ts";
import { rememberedSeconds } from "../memory.ts";

export type StaffRecord = {
  /** Takes in an entry that was written down; others than those of staff are passed over. */
  readonly take: (transaction: { readonly kind: string; readonly [field: string]: unknown }) => void;
  readonly seenAt: (identity: string) => Instant | null;
  /** A code that was shown to another terminal. */
  readonly hear: (spent: SpentCode) => void;
  readonly overrides: () => readonly CountedOverride[];
  readonly lockedUntil: (staff: string) => Instant;
  readonly mode: () => ServiceMode;
  /** When the mode was switched last; null: not in memory. */
  readonly switchedAt: () => Instant | null;
  readonly isReleased: () => boolean;
  readonly blocked: () => ReadonlySet<string>;
};

export const createStaffRecord = (): StaffRecord => {
  const seen = new Map<string, { readonly at: Instant; readonly until: Instant }>();
  const failing = new Map<string, readonly Instant[]>();
  let overrides: readonly CountedOverride[] = [];
  let mode: ServiceMode = "serve";
  let switchedAt: Instant | null = null;
  let isReleased = false;
  let blocked: ReadonlySet<string> = new Set();

  const forget = (at: Instant): void => {
    for (const [identity, { until }] of seen) if (until < at) seen.delete(identity);
  };

  /** `thing`: a dock, or an item. */
  const done = (staff: readonly string[], effect: OverrideEffect, at: Instant, thing: string | undefined): void => {
    overrides = [
      ...overrides.filter((each) => at - each.at < rememberedSeconds),
      ...staff.map((each) => ({ staff: each, effect, at })),
    ];
    if (isModeEffect(effect)) [mode, switchedAt] = [effect, at];
    if (effect === "end-release") isReleased = false;
    if (effect === "block" && thing !== undefined) blocked = new Set([...blocked, thing]);
    if (effect === "free") blocked = new Set([...blocked].filter((each) => each !== thing));
  };

  /** Only a key that was right makes up for those that were not. */
  const confirmed = ({
    staff: [first = ""],
    factor,
  }: {
    readonly staff: readonly string[];
    readonly factor: string;
  }) => {
    if (factor === "badge+key") failing.delete(first);
  };

  const tried = (staff: string, at: Instant): void => {
    const recent = (failing.get(staff) ?? []).filter((each) => Math.abs(at - each) < lockOutSeconds);
    failing.set(staff, [...recent, at].slice(-keyTriesMax));
  };

  return {
    take: (transaction) => {
      const entry = readByStaff(transaction);
      switch (entry?.kind) {
        case "badge":
          forget(entry.at);
          seen.set(entry.identity, { at: entry.at, until: entry.windowUntil });
          return;
        case "attempt":
          return tried(entry.staff, entry.at);
        case "override": {
          const effect = overrideEffects.find((each) => each === entry.effect);
          // What goes on with what was permitted is no other override.
          if (effect !== undefined && entry.under === undefined)
            done(entry.staff, effect, entry.at, entry.dock ?? entry.blocked);
          return confirmed(entry);
        }
        case "annulled":
          done(entry.staff, "annul", entry.at, undefined);
          return confirmed(entry);
        case "release":
          isReleased = true;
          return;
        case "standing":
          [mode, isReleased, blocked] = [entry.mode, entry.released, new Set(entry.blocked)];
          return;
      }
    },
    seenAt: (identity) => seen.get(identity)?.at ?? null,
    hear: ({ identity, at, windowUntil }) => {
      forget(at);
      if (!seen.has(identity)) seen.set(identity, { at, until: windowUntil });
    },
    overrides: () => overrides,
    lockedUntil: (staff) => {
      const tries = failing.get(staff) ?? [];
      return tries.length < keyTriesMax ? 0 : (tries.at(-1) ?? 0) + lockOutSeconds;
    },
    mode: () => mode,
    switchedAt: () => switchedAt,
    isReleased: () => isReleased,
    blocked: () => blocked,
  };
};
