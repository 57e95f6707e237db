/** What screens are told of a decision: on which terms, what there is to confirm, what it costs. */
import type { Profile } from "../shared/messages.ts";
import { type Policy, packOf, rulesOf, type ServiceRules } from "../shared/policy.ts";
import { dueFor, type Use } from "../shared/tariff.ts";
import { itemsMaxOf, priceDue, type Terms } from "../shared/terms.ts";
import type { Lane, Permit, Permitted } from "./lane.ts";
import type { Cost, Granted, Offer } from "./session-offer.ts";

export const grantedOf = (decision: Permit): Granted => ({
  terms: decision.perk === null ? "ordinary" : "perk",
  reason: decision.reason,
});

export const rulesHere = (profile: Profile, policy: Policy): ServiceRules | null => {
  const pack = packOf(policy, profile.programme);
  return pack === null ? null : rulesOf(pack, profile.service);
};

export const offerOf = (lane: Lane, { shown, decision }: Permitted): Offer =>
  offerOn(decision.terms, decision.owed, rulesHere(lane.profile, shown.facts.policy), shown.facts.policy.currency);

/** The same of any terms that these rules give. */
export const offerOn = (terms: Terms, owed: boolean, rules: ServiceRules | null, currency: string): Offer => {
  const price = rules?.tariff?.price ?? null;
  return {
    deposit: terms.deposit,
    currency,
    freeSeconds: terms.freeSeconds,
    loanSeconds: terms.loanSeconds,
    itemsMax: terms.itemsMax,
    ours: owed,
    ...(terms.itemsByKind === undefined || rules?.kinds === undefined
      ? {}
      : { kinds: rules.kinds.map(({ id, name }) => ({ name, max: itemsMaxOf(terms, id) })) }),
    ...(price?.kind === "time" ? { rate: { ...price, unitPrice: priceDue(price.unitPrice, terms) } } : {}),
  };
};

/** The same with a price that is due now, or later where the terms say so. */
export const pricedOfferOf = (lane: Lane, answered: Permitted, due: number): Offer => ({
  ...offerOf(lane, answered),
  due,
  paid: answered.decision.terms.payLater ? "later" : "now",
});

/** What this use costs, by the tariff or else by the one full price; null where neither says. */
export const dueOf = (lane: Lane, answered: Permitted, use: Use): number | null => {
  const rules = rulesHere(lane.profile, answered.shown.facts.policy);
  const { terms } = answered.decision;
  const price = rules?.tariff?.price ?? null;
  if (price !== null) return dueFor(price, use, terms);
  const fullPrice = rules?.fullPrice ?? null;
  return fullPrice === null ? null : priceDue(fullPrice, terms);
};

export const costOf = (lane: Lane, answered: Permitted): Cost => {
  const rules = rulesHere(lane.profile, answered.shown.facts.policy);
  const fullPrice = rules?.fullPrice ?? null;
  return {
    fullPrice,
    due: fullPrice === null ? null : priceDue(fullPrice, answered.decision.terms),
    priceFactor: answered.decision.terms.priceFactor,
    currency: answered.shown.facts.policy.currency,
    ours: answered.decision.owed,
  };
};
