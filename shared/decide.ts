/**
 * The decision: a total function of what is asked, what was read, and what the terminal knows. No clock, no I/O, never
 * throws. The same function runs on the terminal, on the server and in the audit (promise 5), so everything that it
 * looks at is written down with its result, and nothing else is looked at.
 *
 * The ladder below is meant to be read aloud. Above the line are the causes to refer somebody to the ordinary way in;
 * below it everyone is let through, and the only question left is on which terms. Whatever fails on our side ends in
 * the ordinary terms, marked as owed (promises 1 and 6).
 */
import {
  homeOf,
  type Pack,
  type Policy,
  packOf,
  perkFrom,
  rulesOf,
  type ServiceRules,
  termsOfPerk,
  termsOfTier,
} from "./policy.ts";
import type { Standing } from "./status-list.ts";
import {
  actionsOf,
  type Decision,
  type Instant,
  itemsMaxOf,
  limitOf,
  needsNoCode,
  type PermitReason,
  type Request,
  type Terms,
} from "./terms.ts";
import type { Fault, VerifiedPresentation } from "./verify.ts";

/** What `decide` needs to know of a code: no more than can be written down without naming anyone. */
export type Reading =
  | { readonly kind: "none" }
  | { readonly kind: "fault"; readonly fault: Fault }
  | {
      readonly kind: "verified";
      readonly form: "presentation" | "bearer";
      readonly use: "citizen" | "staff";
      readonly programme: string | null;
    };

/** `standing` is what the score list says; `cuts` the version of the cuts it was made with, null without a list. */
export type Knowledge = {
  readonly standing: Standing;
  readonly cuts: number | null;
  /** When each artefact was last confirmed by its publisher; null: never. */
  readonly checkedAt: {
    readonly trust: Instant | null;
    readonly policy: Instant | null;
    readonly list: Instant | null;
  };
};

/** What this terminal remembers: when this identity was seen, when the same person last did the same, cards today. */
export type History = {
  readonly seenAt: Instant | null;
  readonly sameActionAt: Instant | null;
  readonly cardTaps: number;
};

export type Facts = { readonly policy: Policy; readonly knowledge: Knowledge; readonly history: History };

/** Reads what `decide` needs off a verified presentation. */
export const readingOf = (presentation: VerifiedPresentation): Reading => ({
  kind: "verified",
  form: presentation.form,
  use: presentation.use,
  programme: presentation.programme ?? null,
});

export const decide = (request: Request, reading: Reading, facts: Facts): Decision<Fault> => {
  const pack = packOf(facts.policy, request.programme);
  const rules = pack === null ? null : rulesOf(pack, request.service);

  if (pack === null || rules === null || !offers(request)) return refer("not-offered");
  if (needsNoCode(request)) return permit(rules.ordinary, "no-code-needed");
  if (reading.kind === "none") return refer("unreadable");
  if (reading.kind === "fault") return refer(reading.fault);
  if (reading.use === "staff") return refer("staff-badge");
  if (reading.form === "presentation" && facts.history.seenAt !== null) return refer("replay");
  if (facts.knowledge.standing === "revoked") return refer("revoked");
  if (reading.form === "bearer" && rules.card === null) return refer("card-not-accepted");
  if (reading.form === "bearer" && isCardUsedUp(rules, facts)) return refer("card-limit");
  if (isPassback(request, rules, facts)) return refer("passback");
  if (isFull(request, rules)) return refer("full");

  const granted = termsFor(request, reading, facts, pack, rules);
  if (itemsLeft(request, granted) <= 0) return refer("items-max");
  if (renewalsLeft(request, granted) <= 0) return refer("renewals-max");
  return granted;
};

type Permit = Extract<Decision, { readonly effect: "permit" }>;
type Verified = Extract<Reading, { readonly kind: "verified" }>;

/** From here on everyone is let through. */
const termsFor = (request: Request, reading: Verified, facts: Facts, pack: Pack, rules: ServiceRules): Permit => {
  const { policy, knowledge } = facts;
  const isOld = (checkedAt: Instant | null): boolean =>
    checkedAt === null || !(timeBetween(checkedAt, request.at) <= policy.perkGraceSeconds);

  const tier = termsOfTier(rules, request.tier);
  const home = homeOf(policy, pack, reading.programme);

  if (tier !== null) return permit(tier, "ordinary");
  if (home === null) return permit(rules.ordinary, "other-programme");
  if (reading.form === "bearer" && rules.card?.perks !== true) return permit(rules.ordinary, "ordinary");
  if (isOld(knowledge.checkedAt.trust)) return owe(rules.ordinary, "trust-stale");
  if (isOld(knowledge.checkedAt.policy)) return owe(rules.ordinary, "policy-stale");
  if (knowledge.cuts === null) return owe(rules.ordinary, "list-missing");
  if (isOld(knowledge.checkedAt.list)) return owe(rules.ordinary, "list-stale");
  if (knowledge.cuts !== home.pack.cuts.version) return owe(rules.ordinary, "cuts-differ");
  if (isUnknown(knowledge.standing, home.pack)) return owe(rules.ordinary, "band-unknown");
  if (typeof knowledge.standing !== "number") return permit(rules.ordinary, "ordinary");

  const perk = perkFrom(rules, home.scoreHere(knowledge.standing));
  if (perk === null) return permit(rules.ordinary, "ordinary");
  return { effect: "permit", terms: termsOfPerk(rules, perk), perk: perk.id, reason: "perk", owed: false };
};

const offers = (request: Request): boolean =>
  (actionsOf[request.service] as readonly string[]).includes(request.action);

const isCardUsedUp = (rules: ServiceRules, facts: Facts): boolean =>
  facts.history.cardTaps >= (rules.card?.tapsMaxPerDay ?? 0);

const isPassback = (request: Request, rules: ServiceRules, facts: Facts): boolean =>
  facts.history.sameActionAt !== null && timeBetween(facts.history.sameActionAt, request.at) < rules.passbackSeconds;

/** A clock that was set back makes nothing fresher, and keeps nobody waiting until it is there again. */
const timeBetween = (a: Instant, b: Instant): number => Math.abs(b - a);

/** A band that the pack has no cut for was not sorted by its cuts. */
const isUnknown = (standing: Standing, pack: Pack): boolean =>
  standing === "unknown" || (typeof standing === "number" && pack.cuts.at[standing - 1] === undefined);

/** The same for everybody. */
const isFull = ({ action, inside = 0, places }: Request, rules: ServiceRules): boolean =>
  action === "entry" && inside >= Math.min(limitOf(rules.capacity), limitOf(places));

const itemsLeft = (request: Request, { terms }: Permit): number => {
  if (request.action !== "checkout") return 1;
  const ofAll = terms.itemsMax - (request.itemsBefore ?? 0);
  return request.kind === undefined
    ? ofAll
    : Math.min(ofAll, itemsMaxOf(terms, request.kind) - (request.kindBefore ?? 0));
};

const renewalsLeft = ({ action, renewalsBefore = 0 }: Request, { terms }: Permit): number =>
  action === "renew" ? limitOf(terms.renewalsMax) - renewalsBefore : 1;

const permit = (terms: Terms, reason: PermitReason): Permit => ({
  effect: "permit",
  terms,
  perk: null,
  reason,
  owed: false,
});

const owe = (terms: Terms, reason: PermitReason): Permit => ({ ...permit(terms, reason), owed: true });

const refer = (reason: Extract<Decision<Fault>, { readonly effect: "refer" }>["reason"]): Decision<Fault> => ({
  effect: "refer",
  reason,
});
