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
  bus: ["entry", "exit"],
  library: ["session", "checkout", "checkin", "renew", "pickup", "order"],
  bike: ["trip_start", "trip_end"],
  umbrella: ["trip_start", "trip_end"],
  "power-bank": ["trip_start", "trip_end"],
  venue: ["entry", "exit"],
  shuttle: ["entry", "exit"],
  parking: ["entry", "exit"],
  desk: ["deposit", "pay-later", "ticket", "shift"],
  inquiry: ["inquiry"],
} as const;

export type ServiceName = keyof typeof actionsOf;
export const serviceNames = Object.keys(actionsOf) as readonly ServiceName[];

export type Action = (typeof actionsOf)[ServiceName][number];

/** Giving something back needs no code: nobody is kept from it by an empty battery. */
export const actionsWithoutCode: readonly Action[] = ["checkin", "trip_end"];

/** Where people only walk out, nothing is owed that a code would have to show. */
const servicesLeftFreely: readonly ServiceName[] = ["venue", "shuttle"];

export const needsNoCode = ({ service, action }: Pick<Request, "service" | "action">): boolean =>
  actionsWithoutCode.includes(action) || (action === "exit" && servicesLeftFreely.includes(service));

/** Where it stands. `dock` only where a dock was chosen. */
export type Place = { readonly site: string; readonly dock?: string };

/**
 * What is asked of `decide`. Where something is not said, it is none.
 *
 * - `itemsBefore`: items already checked out in the same library session; `kind`: of the item now asked for, and
 *   `kindBefore`: how many of that kind somebody has: of that session, and where no deposit is held for it, of those before,
 *   as far as the terminal remembers. `renewalsBefore`: how often this item was renewed, likewise.
 * - `tier`: which of the deposits that everybody may choose among was chosen.
 * - `inside`: how many are in a venue, a shuttle or a car park now. `places`: how many of those that fit in are this gate's
 *   share, where there are several; then `inside` is how many count against it.
 */
export type Request = {
  readonly service: ServiceName;
  readonly action: Action;
  readonly programme: string;
  readonly place: Place;
  readonly at: Instant;
  readonly itemsBefore?: number;
  readonly kind?: string;
  readonly kindBefore?: number;
  readonly renewalsBefore?: number;
  readonly tier?: string;
  readonly inside?: number;
  readonly places?: number;
};

/**
 * On which terms somebody is served, in dimensions that two terms can be compared by: `deposit` (minor units, held until
 * the return), `priceFactor` (permille of the full price), `freeSeconds`, `loanSeconds`, `itemsMax` (a session),
 * `payLater`, `greenChannel` (the priority line). None of them opens or closes anything: a door opens on any terms.
 *
 * The others are limits, and none where they are not named: `itemsByKind`, how many of the items may be of a kind;
 * `renewalsMax` of one loan; `payLaterMax` (minor units) and `payLaterSeconds`, how much may be paid later, and how late.
 */
export type Terms = {
  readonly deposit: number;
  readonly priceFactor: number;
  readonly freeSeconds: number;
  readonly loanSeconds: number;
  readonly itemsMax: number;
  readonly payLater: boolean;
  readonly greenChannel: boolean;
  readonly itemsByKind?: Readonly<Record<string, number>>;
  readonly renewalsMax?: number;
  readonly payLaterMax?: number;
  readonly payLaterSeconds?: number;
};

/** True when `a` is at least as good for the citizen as `b` in every dimension. A partial order. */
export const isNoWorse = (a: Terms, b: Terms): boolean =>
  a.deposit <= b.deposit &&
  a.priceFactor <= b.priceFactor &&
  a.freeSeconds >= b.freeSeconds &&
  a.loanSeconds >= b.loanSeconds &&
  a.itemsMax >= b.itemsMax &&
  Number(a.payLater) >= Number(b.payLater) &&
  Number(a.greenChannel) >= Number(b.greenChannel) &&
  kindsIn(a, b).every((kind) => itemsMaxOf(a, kind) >= itemsMaxOf(b, kind)) &&
  limitOf(a.renewalsMax) >= limitOf(b.renewalsMax) &&
  payLaterOf(a, "payLaterMax") >= payLaterOf(b, "payLaterMax") &&
  payLaterOf(a, "payLaterSeconds") >= payLaterOf(b, "payLaterSeconds");

/** How many items of one kind a session may have. */
export const itemsMaxOf = ({ itemsMax, itemsByKind = {} }: Terms, kind: string): number =>
  Math.min(itemsMax, limitOf(Object.hasOwn(itemsByKind, kind) ? itemsByKind[kind] : undefined));

const kindsIn = (a: Terms, b: Terms): readonly string[] =>
  Object.keys(a.itemsByKind ?? {}).concat(Object.keys(b.itemsByKind ?? {}));

/** Who cannot pay later can pay nothing later. */
const payLaterOf = (terms: Terms, limit: "payLaterMax" | "payLaterSeconds"): number =>
  terms.payLater ? limitOf(terms[limit]) : 0;

export const limitOf = (limit: number | undefined): number => limit ?? Number.POSITIVE_INFINITY;

/** What is due of a full price, in minor units; a fraction of a unit is the citizen's. */
export const priceDue = (fullPrice: number, terms: Terms): number => Math.floor((fullPrice * terms.priceFactor) / 1000);

/** Reasons to refer somebody that are decisions, not faults of the code: they rest on what was before. */
export const referReasons = [
  "not-offered",
  "staff-badge",
  "replay",
  "revoked",
  "card-not-accepted",
  "card-limit",
  "passback",
  "full",
  "items-max",
  "renewals-max",
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
