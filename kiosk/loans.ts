/**
 * What people took from this library terminal within the last day and did not bring back to it, and how often they renewed
 * it here. It follows from the log. What was done elsewhere, or earlier, it does not know, and holds against nobody.
 */
import type { Action, Instant } from "../shared/terms.ts";
import { readDecided, readPersonal } from "../shared/transaction.ts";
import { rememberedSeconds, seqOfActed, type WrittenEntry } from "./memory.ts";

/** What was done with an item. `deposit`: what was held for the visit in which it was. */
export type ItemMove = {
  readonly action: Action;
  readonly item: string;
  readonly pseudonym: string | null;
  readonly kind: string | null;
  readonly deposit: number;
};

export type Loans = {
  /** How many of a kind somebody has without a deposit: one that is held is for what was taken in its own visit. */
  readonly countOf: (pseudonym: string, kind: string, at: Instant) => number;
  readonly renewalsOf: (pseudonym: string, item: string, at: Instant) => number;
  /** It is done. */
  readonly move: (moved: ItemMove, at: Instant) => void;
};

type Loan = ItemMove & { readonly at: Instant; readonly renewals: number };

export const createLoans = (): Loans => {
  let loans: readonly Loan[] = [];

  const of = (pseudonym: string, at: Instant): readonly Loan[] => {
    loans = loans.filter((each) => at - each.at < rememberedSeconds);
    return loans.filter((each) => each.pseudonym === pseudonym);
  };

  return {
    countOf: (pseudonym, kind, at) =>
      of(pseudonym, at).filter((each) => each.kind === kind && each.deposit === 0).length,
    renewalsOf: (pseudonym, item, at) => of(pseudonym, at).find((each) => each.item === item)?.renewals ?? 0,
    move: (moved, at) => {
      if (!(moves as readonly Action[]).includes(moved.action)) return;
      const before = loans.find(({ item, pseudonym }) => item === moved.item && pseudonym === moved.pseudonym);
      loans = loans.filter(({ item }) => item !== moved.item);
      if (moved.action === "checkin") return;
      const isRenewed = moved.action === "renew";
      const renewals = isRenewed ? (before?.renewals ?? 0) + 1 : 0;
      loans = [...loans, { ...(isRenewed ? (before ?? { ...moved, kind: null }) : moved), at, renewals }];
    },
  };
};

const moves = ["checkout", "pickup", "renew", "checkin"] as const satisfies readonly Action[];

/** Brings back what the log knows. */
export const recallLoans = (loans: Loans, entries: readonly WrittenEntry[]): void => {
  const permitted = new Map<number, ItemMove>();
  for (const { written, seq, personal } of entries) {
    const beside = written?.kind === "decided" && personal !== null ? readPersonal(personal.text) : null;
    const { item, pseudonym = null } = beside ?? {};
    // Most terminals have no items: a decision is read only where there is one.
    const decided = written === null || item === undefined ? null : readDecided(written);
    if (decided?.result.effect === "permit" && item !== undefined) {
      const { action, kind = null } = decided.request;
      permitted.set(seq, { action, item, pseudonym, kind, deposit: decided.result.terms.deposit });
    }
    const moved = written === null ? undefined : permitted.get(seqOfActed(written));
    if (written !== null && moved !== undefined && written.outcome === "completed") loans.move(moved, written.at);
  }
};
