/**
 * The words of the field: what is asked at a terminal, what is answered, and on which terms.
 *
 * Instants are Unix seconds and end in `At`, `From` or `Until`; durations end in `Seconds`; money is in minor units
 * of the one currency that the policy names. Nothing here knows a score: the best a terminal can learn about
 * somebody is a band, and no band says anything bad (FORMATS, "Score list").
 */

/** Unix seconds. */
export type Instant = number;

/** What each service lets people do. The first word of each is what a code starts. */
export const actionsOf = {
  metro: ["entry", "exit"],
  library: ["session", "checkout", "checkin", "renew"],
  bike: ["trip_start", "trip_end"],
} as const;

export type ServiceName = keyof typeof actionsOf;
export const serviceNames = Object.keys(actionsOf) as readonly ServiceName[];

export type Action = (typeof actionsOf)[ServiceName][number];

/** Giving something back needs no code: nobody is kept from it by an empty battery. */
export const actionsWithoutCode: readonly Action[] = ["checkin", "trip_end"];

/** Where it stands. `dock` only where a dock was chosen. */
export type Place = { readonly site: string; readonly dock?: string };

/** What is asked of `decide`. `itemsBefore`: items already checked out in the same library session. */
export type Request = {
  readonly service: ServiceName;
  readonly action: Action;
  readonly programme: string;
  readonly place: Place;
  readonly at: Instant;
  readonly itemsBefore?: number;
};

/**
 * On which terms somebody is served. Every dimension is always there, so that two terms can be compared:
 * `deposit` (minor units, held until the return), `priceFactor` (permille of the full price), `freeSeconds`,
 * `loanSeconds`, `itemsMax` (a session), `payLater`, `greenChannel`.
 */
export type Terms = {
  readonly deposit: number;
  readonly priceFactor: number;
  readonly freeSeconds: number;
  readonly loanSeconds: number;
  readonly itemsMax: number;
  readonly payLater: boolean;
  readonly greenChannel: boolean;
};

/** True when `a` is at least as good for the citizen as `b` in every dimension. A partial order. */
export const isNoWorse = (a: Terms, b: Terms): boolean =>
  a.deposit <= b.deposit &&
  a.priceFactor <= b.priceFactor &&
  a.freeSeconds >= b.freeSeconds &&
  a.loanSeconds >= b.loanSeconds &&
  a.itemsMax >= b.itemsMax &&
  Number(a.payLater) >= Number(b.payLater) &&
  Number(a.greenChannel) >= Number(b.greenChannel);

/** What is due of a full price, in minor units; a fraction of a unit is the citizen's. */
export const priceDue = (fullPrice: number, terms: Terms): number => Math.floor((fullPrice * terms.priceFactor) / 1000);

/** Reasons to refer somebody that are decisions, not faults of the code: they rest on the terminal's history. */
export const referReasons = [
  "not-offered",
  "staff-badge",
  "replay",
  "revoked",
  "card-not-accepted",
  "card-limit",
  "passback",
  "items-max",
] as const;

/** Reasons for ordinary terms that are ours, not the citizen's: re-decided later, and what was missed is owed. */
export const owedReasons = [
  "trust-stale",
  "policy-stale",
  "list-missing",
  "list-stale",
  "cuts-differ",
  "band-unknown",
] as const;

/** Reasons for the terms given. `no-code-needed`: a return. */
export const permitReasons = ["perk", "ordinary", "other-programme", "no-code-needed", ...owedReasons] as const;

export type ReferReason = (typeof referReasons)[number];
export type PermitReason = (typeof permitReasons)[number];

/**
 * The answer. `permit` always has terms. `refer` never closes anything: it sends the person to the ordinary way in,
 * and `reason` says why. `owed`: the terms may be worse than the citizen's due, for a cause on our side.
 */
export type Decision<Fault extends string = string> =
  | {
      readonly effect: "permit";
      readonly terms: Terms;
      readonly perk: string | null;
      readonly reason: PermitReason;
      readonly owed: boolean;
    }
  | { readonly effect: "refer"; readonly reason: ReferReason | Fault };
