/** What screens are told of a decision: on which terms, what there is to confirm, what it costs. */
import type { Profile } from "../shared/messages.ts";
import { packOf, rulesOf, type ServiceRules } from "../shared/policy.ts";
import { dueFor, type Use } from "../shared/tariff.ts";
import { priceDue } from "../shared/terms.ts";
import type { Lane, Permit, Permitted } from "./lane.ts";
import type { Shown } from "./reading.ts";
import type { Cost, Granted, Offer } from "./session.ts";

export const grantedOf = (decision: Permit): Granted => ({
  terms: decision.perk === null ? "ordinary" : "perk",
  reason: decision.reason,
});

export const rulesHere = (profile: Profile, shown: Shown): ServiceRules | null => {
  const pack = packOf(shown.facts.policy, profile.programme);
  return pack === null ? null : rulesOf(pack, profile.service);
};

export const offerOf = (lane: Lane, answered: Permitted): Offer => {
  const { terms, owed } = answered.decision;
  const price = rulesHere(lane.profile, answered.shown)?.tariff?.price ?? null;
  return {
    deposit: terms.deposit,
    currency: answered.shown.facts.policy.currency,
    freeSeconds: terms.freeSeconds,
    loanSeconds: terms.loanSeconds,
    itemsMax: terms.itemsMax,
    ours: owed,
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
  const rules = rulesHere(lane.profile, answered.shown);
  const { terms } = answered.decision;
  const price = rules?.tariff?.price ?? null;
  if (price !== null) return dueFor(price, use, terms);
  const fullPrice = rules?.fullPrice ?? null;
  return fullPrice === null ? null : priceDue(fullPrice, terms);
};

export const costOf = (lane: Lane, answered: Permitted): Cost => {
  const rules = rulesHere(lane.profile, answered.shown);
  const fullPrice = rules?.fullPrice ?? null;
  return {
    fullPrice,
    due: fullPrice === null ? null : priceDue(fullPrice, answered.decision.terms),
    priceFactor: answered.decision.terms.priceFactor,
    currency: answered.shown.facts.policy.currency,
    ours: answered.decision.owed,
  };
};
