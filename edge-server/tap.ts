/**
 * A tap: one decision that let somebody through, with what became of it, as settlement looks at it. It is put together
 * from entries that may come in any order and more than once: the decision, the outcome, the citizen's yes or no to the
 * deposit, and what staff said. Whatever cannot be read is no piece of a tap, and nothing is charged for it.
 *
 * What is personal lies beside entries and may be erased: then the tap is nobody's, and is counted as that.
 */
import type { Instant, Terms } from "../shared/terms.ts";
import {
  type EntryRef,
  type Outcome,
  type Personal,
  type ReadTransaction,
  type RecordedDecision,
  readDecided,
  readPersonal,
} from "../shared/transaction.ts";

/** TERMINAL/EPOCH/SEQ: names an entry for good. */
export type Ref = string;

export type Tap = {
  readonly ref: Ref;
  readonly at: Instant;
  readonly service: string;
  readonly action: string;
  /** Whose rules hold at the terminal, and whose citizen it was. */
  readonly programme: string;
  readonly home: string | null;
  readonly site: string;
  readonly pseudonym: string | null;
  /** The item or vehicle. */
  readonly thing: string | null;
  /** Of a presentation, which is good for one tap; null of a card, which is shown again and again. */
  readonly identity: string | null;
  /** The entry that opened the session that this is a part of. */
  readonly session: Ref | null;
  /** Null: referred to the ordinary way in, unless staff let somebody through (`isOverridden`). */
  readonly terms: Terms | null;
  readonly isOverridden: boolean;
  /** SHA-256 (hex) of the policy that was decided by. */
  readonly policy: string;
  readonly outcome: Outcome | null;
  /** Of the entry that says so: of several, the last one of its log holds. */
  readonly outcomeSeq: number;
  /** Null where nobody was asked. */
  readonly accepted: boolean | null;
  readonly deposit: number;
  /** Taken through the payment system for this entry; `isReleased`: and whatever stood under it was given back. */
  readonly taken: number;
  readonly isReleased: boolean;
  /** The geofencing zone in which a vehicle was put down. */
  readonly zone: string | null;
  readonly isAnnulled: boolean;
  readonly isErased: boolean;
  /** What to decide again: the terms may be worse than the citizen's due, for a cause of ours. */
  readonly owed: RecordedDecision | null;
};

/** What an entry adds to a tap. */
export type Piece =
  | { readonly kind: "tap"; readonly tap: Tap }
  | {
      readonly kind: "acted";
      readonly of: Ref;
      readonly outcome: Outcome;
      readonly seq: number;
      readonly thing: string | null;
      readonly zone: string | null;
      readonly isErased: boolean;
    }
  | { readonly kind: "payment"; readonly of: Ref; readonly order: string; readonly amount: number }
  | { readonly kind: "agreed"; readonly of: Ref; readonly accepted: boolean; readonly deposit: number }
  | { readonly kind: "override"; readonly of: Ref; readonly ref: Ref; readonly terms: Terms }
  | { readonly kind: "annulled"; readonly of: Ref };

/** `done`; `open`: nobody wrote down what became of it; `void`: it did not happen, or was taken back. */
export const stateOf = (tap: Tap): "done" | "open" | "void" => {
  if (tap.isAnnulled || tap.accepted === false || tap.terms === null) return "void";
  if (tap.outcome !== null) return tap.outcome === "completed" ? "done" : "void";
  return tap.isOverridden ? "done" : "open";
};

/** What the citizen has paid for this and not got back. */
export const paidOf = ({ taken, isReleased }: Tap): number => (isReleased ? 0 : taken);

export const refOf = ({ terminal, epoch, seq }: EntryRef): Ref => `${terminal}/${epoch}/${seq}`;
export const terminalOf = (ref: Ref): string => ref.slice(0, ref.indexOf("/"));
export const seqOf = (ref: Ref): number => Number(ref.slice(ref.lastIndexOf("/") + 1));

/** Null where the entry says nothing of a tap. Never throws. */
export const readPiece = (ref: Ref, transaction: ReadTransaction, beside: string | null): Piece | null => {
  if (transaction.v !== 1) return null;
  const personal = beside === null ? null : readPersonal(beside);
  const isErased = beside === null && transaction.personal !== undefined;
  if (transaction.kind === "decided") return readTap(ref, transaction, personal, isErased);
  const of = readRef(transaction.of);
  if (of === null) return null;
  switch (transaction.kind) {
    case "acted":
      if (!isOutcome(transaction.outcome)) return null;
      return {
        ...{ kind: "acted", of, outcome: transaction.outcome, seq: seqOf(ref), thing: thingIn(personal), isErased },
        zone: typeof transaction.zone === "string" ? transaction.zone : null,
      };
    case "agreed": {
      const { accepted, deposit } = transaction;
      return typeof accepted === "boolean" && isAmount(deposit) ? { kind: "agreed", of, accepted, deposit } : null;
    }
    case "payment": {
      const { order, amount, outcome } = transaction;
      return outcome === "done" && typeof order === "string" && isAmount(amount)
        ? { kind: "payment", of, order, amount }
        : null;
    }
    case "override":
      return isTerms(transaction.terms) ? { kind: "override", of, ref, terms: transaction.terms } : null;
    case "annulled":
      return { kind: "annulled", of };
    default:
      return null;
  }
};

/** The same whatever order the pieces come in, and however often. */
export const addPiece = (tap: Tap, piece: Piece): Tap => {
  switch (piece.kind) {
    case "tap":
      return tap;
    case "acted": {
      const isLater = tap.outcome === null || piece.seq > tap.outcomeSeq;
      const thing = tap.thing ?? piece.thing;
      const isErased = tap.isErased || piece.isErased;
      const zone = tap.zone ?? piece.zone;
      return isLater
        ? { ...tap, thing, zone, isErased, outcome: piece.outcome, outcomeSeq: piece.seq }
        : { ...tap, thing, zone, isErased };
    }
    case "agreed":
      return {
        ...tap,
        accepted: tap.accepted !== false && piece.accepted,
        deposit: piece.accepted ? Math.max(tap.deposit, piece.deposit) : tap.deposit,
      };
    case "payment":
      if (piece.order === "release") return { ...tap, isReleased: true };
      return piece.order === "charge" ? { ...tap, taken: Math.max(tap.taken, piece.amount) } : tap;
    case "override":
      return tap.terms === null || tap.isOverridden ? overridden(tap, piece.terms) : tap;
    case "annulled":
      return { ...tap, isAnnulled: true };
  }
};

/** The same tap, found twice: in its log, and told again after that was lost. */
export const mergeTaps = (a: Tap, b: Tap): Tap => {
  const [first, later] = a.outcomeSeq <= b.outcomeSeq ? [a, b] : [b, a];
  const terms = a.terms === null || b.terms === null ? (a.terms ?? b.terms) : a.terms;
  return {
    ...later,
    terms,
    isOverridden: a.isOverridden || b.isOverridden,
    pseudonym: later.pseudonym ?? first.pseudonym,
    thing: later.thing ?? first.thing,
    accepted: a.accepted === null ? b.accepted : b.accepted === null ? a.accepted : a.accepted && b.accepted,
    deposit: Math.max(a.deposit, b.deposit),
    taken: Math.max(a.taken, b.taken),
    isReleased: a.isReleased || b.isReleased,
    zone: later.zone ?? first.zone,
    isAnnulled: a.isAnnulled || b.isAnnulled,
    isErased: a.isErased && b.isErased,
  };
};

/** Of two overrides of one refusal, the one that is named first by its terms: any, but always the same. */
const overridden = (tap: Tap, terms: Terms): Tap => {
  const kept = tap.terms !== null && JSON.stringify(tap.terms) < JSON.stringify(terms) ? tap.terms : terms;
  return { ...tap, terms: kept, isOverridden: true };
};

/** By hand: a city's month is asked for. Only what is owed is read in full, since it is decided again. */
const readTap = (
  ref: Ref,
  transaction: ReadTransaction,
  personal: Personal | null,
  isErased: boolean,
): Piece | null => {
  const { request, reading, result, artefacts, identity, of } = transaction as Partial<RecordedDecision>;
  if (!isObject(request) || !isObject(reading) || !isObject(result) || !isObject(artefacts)) return null;
  const { service, action, programme, place } = request;
  const isText = [service, action, programme, place?.site, artefacts.policy].every((each) => typeof each === "string");
  const isPermit = result.effect === "permit";
  if (!isText || (isPermit && !isTerms(result.terms)) || transaction.at > Number.MAX_SAFE_INTEGER) return null;
  const isOwed = isPermit && result.owed === true;
  const owed = isOwed ? readDecided(transaction) : null;
  const isVerified = reading.kind === "verified";
  if (!isPermit && !isVerified) return null; // nobody whom staff could have let through on this account
  return {
    kind: "tap",
    tap: {
      ...{ ref, at: transaction.at, service, action, programme, site: place.site },
      home: isVerified ? reading.programme : null,
      pseudonym: personal?.pseudonym ?? null,
      thing: thingIn(personal),
      identity: isVerified && reading.form === "presentation" ? (identity ?? null) : null,
      session: readRef(of),
      terms: isPermit ? result.terms : null,
      isOverridden: false,
      policy: artefacts.policy,
      ...{
        outcome: null,
        outcomeSeq: 0,
        accepted: null,
        deposit: 0,
        taken: 0,
        isReleased: false,
        zone: null,
        isAnnulled: false,
        isErased,
      },
      owed,
    },
  };
};

const thingIn = (personal: Personal | null): string | null => personal?.item ?? personal?.vehicle ?? null;

const readRef = (of: unknown): Ref | null => {
  if (!isObject(of)) return null;
  const { terminal, epoch, seq } = of as Readonly<Record<string, unknown>>;
  return typeof terminal === "string" && typeof epoch === "string" && Number.isSafeInteger(seq)
    ? refOf({ terminal, epoch, seq: seq as number })
    : null;
};

const outcomes: readonly unknown[] = ["completed", "annulled", "timed-out", "fault"] satisfies readonly Outcome[];
const isOutcome = (value: unknown): value is Outcome => outcomes.includes(value);

const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isTerms = (value: unknown): value is Terms => {
  if (!isObject(value)) return false;
  const { deposit, priceFactor, freeSeconds, loanSeconds, itemsMax } = value as Readonly<Record<string, unknown>>;
  return [deposit, priceFactor, freeSeconds, loanSeconds, itemsMax].every(isAmount);
};
