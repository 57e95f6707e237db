/**
 * How much a library lends: the choice of a deposit, where the rules give one, and what `decide` is told of each item: of
 * which kind it is, how many of those somebody has, how often it was renewed.
 */
import { improve, kindOf } from "../../shared/pack.ts";
import type { Kind } from "../../shared/pack-schema.ts";
import { itemsMaxOf } from "../../shared/terms.ts";
import type { Asked, Lane, Permitted } from "../lane.ts";
import type { Shown } from "../reading.ts";
import type { ItemAction, ItemNotice, TierChoice } from "../session-library.ts";
import { offerOf, offerOn, rulesHere } from "../told.ts";

/** `tier`: the deposit that was chosen. `lent`: the kind of each item that left with somebody in this visit. */
export type Lending = {
  readonly answered: Permitted;
  readonly tier: string | null;
  readonly action: ItemAction;
  readonly lent: readonly (string | null)[];
};

/** None where the rules have no choice, and where staff serve: they take a deposit as they take it from anyone. */
export const choicesOf = (lane: Lane, answered: Permitted): readonly TierChoice[] => {
  const rules = rulesHere(lane.profile, answered.shown.facts.policy);
  const { tiers = [] } = rules ?? {};
  if (rules === null || tiers.length === 0 || answered.override !== undefined) return [];
  const { currency } = answered.shown.facts.policy;
  return [
    { tier: null, name: null, offer: offerOf(lane, answered) },
    ...tiers.map((each) => ({
      tier: each.id,
      name: each.name,
      offer: offerOn(improve(rules.ordinary, each), false, rules, currency),
    })),
  ];
};

/** The person was judged when the session was opened: what goes on in it asks only about that. */
export const inSession = (shown: Shown): Shown => ({
  ...shown,
  facts: { ...shown.facts, history: { ...shown.facts.history, sameActionAt: null } },
});

export const kindHere = (lane: Lane, { shown }: Permitted, item: string): Kind | null => {
  const rules = rulesHere(lane.profile, shown.facts.policy);
  return rules === null ? null : kindOf(rules, item);
};

/** What is asked for one item. */
export const askedFor = (lane: Lane, { answered, tier, action, lent }: Lending, item: string): Asked => {
  const kind = kindHere(lane, answered, item)?.id;
  const { pseudonym } = answered.shown;
  const at = lane.journal.now();
  const isCounted = pseudonym !== null && answered.decision.terms.deposit === 0;
  const kindBefore = (id: string): number =>
    isCounted ? lane.loans.countOf(pseudonym, id, at) : lent.filter((each) => each === id).length;
  const renewals = pseudonym === null || action !== "renew" ? 0 : lane.loans.renewalsOf(pseudonym, item, at);
  return {
    ...{ action, item, of: answered.ref, under: answered, itemsBefore: lent.length },
    ...(kind === undefined ? {} : { kind, kindBefore: kindBefore(kind) }),
    ...(renewals === 0 ? {} : { renewalsBefore: renewals }),
    ...(tier === null ? {} : { tier }),
  };
};

/** Why it was left out. */
export const leftOut = (lane: Lane, { answered }: Lending, asked: Asked, item: string, reason: string): ItemNotice => {
  if (reason === "renewals-max") return { kind: "renewed", item };
  const kind = kindHere(lane, answered, item);
  const { terms } = answered.decision;
  const isOfKind = kind !== null && (asked.itemsBefore ?? 0) < terms.itemsMax;
  return isOfKind && (asked.kindBefore ?? 0) >= itemsMaxOf(terms, kind.id)
    ? { kind: "kind-full", item, of: kind.name }
    : { kind: "too-many", item };
};
