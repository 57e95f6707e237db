/**
 * Policies, people and situations nobody thought of: drawn ones, and the city packs, two at a time, with their unknown
 * thresholds set as an operator might. The two programmes are always called `here` and `there`; `third` has the rules of
 * `here`, and recognises nobody.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import type { Facts, History, Knowledge, Reading } from "../../shared/decide.ts";
import { sortedPerks } from "../../shared/pack.ts";
import type { Tier } from "../../shared/pack-schema.ts";
import { decodePack, type Pack, type Policy, type Recognition, type ServiceRules } from "../../shared/policy.ts";
import type { Standing } from "../../shared/status-list.ts";
import {
  actionsOf,
  itemsMaxOf,
  limitOf,
  type Request,
  type ServiceName,
  serviceNames,
  type Terms,
} from "../../shared/terms.ts";
import { faults } from "../../shared/verify.ts";

export const now = 1_800_000_000;

const count = fc.integer({ min: 0, max: 100_000 });
const short = fc.integer({ min: 0, max: 100 });
/** Limits in seconds and taps that what was before often meets exactly. */
const edge = fc.constantFrom(0, 20, 60, 100);
const few = fc.integer({ min: 0, max: 6 });
const kinds = ["novels", "maps"] as const;

const always = [
  "deposit",
  "priceFactor",
  "freeSeconds",
  "loanSeconds",
  "itemsMax",
  "payLater",
  "greenChannel",
] as const;

export const anyTerms: fc.Arbitrary<Terms> = fc.record(
  {
    deposit: count,
    priceFactor: fc.integer({ min: 0, max: 1000 }),
    freeSeconds: count,
    loanSeconds: count,
    itemsMax: few,
    payLater: fc.boolean(),
    greenChannel: fc.boolean(),
    itemsByKind: fc.dictionary(fc.constantFrom(...kinds), few),
    renewalsMax: few,
    payLaterMax: count,
    payLaterSeconds: count,
  },
  { requiredKeys: [...always] },
) as fc.Arbitrary<Terms>;

/** As good as without a limit, and can be said in a perk. */
const noLimit = 1_000_000_000;

/** The better of two in every dimension, as a perk of one whose ordinary terms are `a`, or lead up to it. */
export const join = (a: Terms, b: Terms): Terms => {
  const itemsMax = Math.max(a.itemsMax, b.itemsMax);
  const later = [a, b].filter((each) => each.payLater);
  /** Without a limit before, it needs none. */
  const best = (name: "renewalsMax" | "payLaterMax" | "payLaterSeconds", among: readonly Terms[]) =>
    a[name] === undefined
      ? {}
      : { [name]: Math.min(noLimit, Math.max(0, ...among.map((each) => limitOf(each[name])))) };
  return {
    deposit: Math.min(a.deposit, b.deposit),
    priceFactor: Math.min(a.priceFactor, b.priceFactor),
    freeSeconds: Math.max(a.freeSeconds, b.freeSeconds),
    loanSeconds: Math.max(a.loanSeconds, b.loanSeconds),
    itemsMax,
    payLater: a.payLater || b.payLater,
    greenChannel: a.greenChannel || b.greenChannel,
    itemsByKind: Object.fromEntries(kinds.map((kind) => [kind, Math.max(itemsMaxOf(a, kind), itemsMaxOf(b, kind))])),
    ...best("renewalsMax", [a, b]),
    ...best("payLaterMax", later),
    ...best("payLaterSeconds", later),
  };
};

const provenance = { certainty: "operator", source: "drawn", since: null } as const;
const text = { zh: "字", en: "text" };

const perkOf = (id: string, atLeast: number | "unknown", terms: Partial<Terms>): ServiceRules["perks"][number] => ({
  id,
  atLeast,
  terms,
  ...provenance,
});

const tierOf = (ordinary: Terms, more: number, index: number): Tier => ({
  id: `tier-${index}`,
  name: text,
  terms: { deposit: ordinary.deposit + more, itemsMax: ordinary.itemsMax + (more % 5) },
  ...provenance,
});

const card = fc.option(fc.record({ perks: fc.boolean(), tapsMaxPerDay: edge }), { nil: null });

/** Perks that rise with the cuts, some cuts without one, one of unknown threshold, in any order. */
const rulesWith = (cuts: readonly number[]): fc.Arbitrary<ServiceRules> =>
  fc
    .record({
      ordinary: anyTerms,
      fullPrice: fc.option(count, { nil: null }),
      steps: fc.array(fc.option(anyTerms, { nil: null }), { minLength: cuts.length, maxLength: cuts.length }),
      unset: fc.option(anyTerms, { nil: null }),
      turn: short,
      card,
      passbackSeconds: edge,
      tiers: fc.array(count, { maxLength: 2 }),
      capacity: fc.option(few, { nil: undefined }),
    })
    .map(({ ordinary, steps, unset, turn, tiers, capacity, ...rules }) => {
      let best = ordinary;
      const rising = steps.flatMap((step, index) => {
        if (step === null) return [];
        best = join(best, step);
        return [perkOf(`from-cut-${index}`, cuts[index] ?? 0, best)];
      });
      const perks = unset === null ? rising : [...rising, perkOf("unset", "unknown", join(ordinary, unset))];
      const at = perks.length === 0 ? 0 : turn % perks.length;
      return {
        ...rules,
        ordinary,
        perks: [...perks.slice(at), ...perks.slice(0, at)],
        ...(tiers.length === 0 ? {} : { tiers: tiers.map((more, index) => tierOf(ordinary, more, index)) }),
        ...(capacity === undefined ? {} : { capacity }),
      };
    });

/** Two kinds of rules, dealt to the services; one in three has none. */
const servicesWith = (cuts: readonly number[]): fc.Arbitrary<Pack["services"]> =>
  fc
    .record({
      rules: fc.tuple(rulesWith(cuts), rulesWith(cuts)),
      dealt: fc.tuple(...serviceNames.map(() => fc.constantFrom(0, 1, 2))),
    })
    .map(({ rules, dealt }) =>
      Object.fromEntries(
        serviceNames.flatMap((name, index): [string, ServiceRules][] => {
          const each = [...rules, undefined][dealt[index] ?? 2];
          return each === undefined ? [] : [[name, name === "inquiry" ? { ...each, card: null } : each]];
        }),
      ),
    );

const drawnPack = (programme: string): fc.Arbitrary<Pack> =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 5 })
    .map((cuts) => [...cuts].sort((a, b) => a - b))
    .chain((at) =>
      fc.record({
        v: fc.constant(1 as const),
        programme: fc.constant(programme),
        version: short,
        name: fc.constant(text),
        context: fc.constant("drawn"),
        scale: fc.constant({ min: 0, max: 1000 }),
        cuts: fc.record({ version: fc.integer({ min: 0, max: 2 }), at: fc.constant(at) }),
        objection: fc.constant(text),
        services: servicesWith(at),
      }),
    );

/* The city packs. */

const folder = new URL("../../shared/programmes/", import.meta.url);

export const cityPacks: readonly Pack[] = readdirSync(folder)
  .filter((file) => file !== "pack.schema.json")
  .map((file) => {
    const decoded = decodePack(readFileSync(new URL(file, folder), "utf8"));
    if (decoded.kind === "invalid") throw new Error(`${file}: ${decoded.errors.join("; ")}`);
    return decoded.value;
  });

const setAt = 950;

/** As an operator might set what nobody knows: the first unknown perk of each service above all others. */
const withThresholds = (pack: Pack): Pack => {
  const at = [...new Set([...pack.cuts.at, setAt])].sort((a, b) => a - b);
  const services = Object.fromEntries(
    Object.entries(pack.services).map(([name, rules]) => {
      const unknown = rules?.perks.find((each) => each.atLeast === "unknown");
      if (rules === undefined || unknown === undefined) return [name, rules];
      const terms = { ...sortedPerks(rules).at(-1)?.terms, greenChannel: true, ...unknown.terms };
      return [
        name,
        { ...rules, perks: rules.perks.map((each) => (each === unknown ? { ...each, atLeast: setAt, terms } : each)) },
      ];
    }),
  );
  const decoded = decodePack(JSON.stringify({ ...pack, cuts: { ...pack.cuts, at }, services }));
  if (decoded.kind === "invalid") throw new Error(`${pack.programme}, set: ${decoded.errors.join("; ")}`);
  return decoded.value;
};

const cityPack = (programme: string): fc.Arbitrary<Pack> =>
  fc.constantFrom(...cityPacks, ...cityPacks.map(withThresholds)).map((pack) => ({ ...pack, programme }));

const packOf = (programme: string): fc.Arbitrary<Pack> =>
  fc.oneof({ weight: 3, arbitrary: drawnPack(programme) }, { weight: 2, arbitrary: cityPack(programme) });

/** Whom `here` recognises of `there`: a higher score never for less. */
const recognitionOf = (here: Pack, there: Pack): fc.Arbitrary<readonly Recognition[]> =>
  here.cuts.at.length === 0 || there.cuts.at.length === 0
    ? fc.constant([])
    : fc
        .array(fc.tuple(fc.nat(there.cuts.at.length - 1), fc.nat(here.cuts.at.length - 1)), { maxLength: 3 })
        .map((pairs) => {
          const from = [...new Set(pairs.map(([a]) => a))].sort();
          const to = pairs.map(([, b]) => b).sort();
          const scores = from.map((a, index) => ({
            atLeast: there.cuts.at[a] ?? 0,
            as: here.cuts.at[to[index] ?? 0] ?? 0,
          }));
          return scores.length === 0 ? [] : [{ visitor: "there", here: "here", scores }];
        });

export const policies: fc.Arbitrary<Policy> = fc
  .record({ here: packOf("here"), there: packOf("there"), perkGraceSeconds: edge })
  .chain(({ here, there, perkGraceSeconds }) =>
    recognitionOf(here, there).map(
      (recognises): Policy => ({
        v: 1,
        operator: "drawn",
        currency: "CNY",
        help: text,
        presentationSeconds: 90,
        ageingSeconds: 0,
        perkGraceSeconds,
        packs: [here, there, { ...here, programme: "third" }],
        ...(recognises.length === 0 ? {} : { recognises: [...recognises] }),
      }),
    ),
  );

export const pairs = serviceNames.flatMap((service) => actionsOf[service].map((action) => ({ service, action })));

export const requests: fc.Arbitrary<Request> = fc
  .record({
    pair: fc.constantFrom(...pairs),
    programme: fc.constantFrom("here", "here", "there", "third"),
    more: fc.record(
      {
        itemsBefore: fc.nat(8),
        kind: fc.constantFrom(...kinds, "constructor"),
        kindBefore: few,
        renewalsBefore: few,
        tier: fc.constantFrom("tier-0", "tier-1", "tier-9", "deposit-100", "toString"),
        inside: few,
        places: fc.constantFrom(1, 3, 99, 99, 99, 99, 99, 99),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ pair, programme, more }) => ({ ...pair, programme, place: { site: "north" }, at: now, ...more }) as Request);

const verified = fc.record({
  kind: fc.constant("verified" as const),
  form: fc.constantFrom("presentation" as const, "bearer" as const),
  use: fc.constantFrom("citizen" as const, "citizen" as const, "citizen" as const, "staff" as const),
  programme: fc.constantFrom("here", "here", "there", "nowhere", null),
});
export const readings: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Reading>({ kind: "none" }) },
  { weight: 1, arbitrary: fc.constantFrom(...faults).map((fault): Reading => ({ kind: "fault", fault })) },
  { weight: 8, arbitrary: verified },
);

export const standings = fc.constantFrom<Standing>(1, 2, 3, 4, 5, "none", "suspended", "revoked", "unknown");
const ago = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: fc.integer({ min: -120, max: 120 }).map((seconds) => now - seconds) },
  { weight: 2, arbitrary: edge.map((seconds) => now - seconds) },
  { weight: 1, arbitrary: edge.map((seconds) => now + seconds) },
);
const knowledge: fc.Arbitrary<Knowledge> = fc.record({
  standing: standings,
  cuts: fc.constantFrom(0, 1, 2, null),
  checkedAt: fc.record({ trust: ago, policy: ago, list: ago }),
});
const histories: fc.Arbitrary<History> = fc.record({
  seenAt: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant(now - 5) }),
  sameActionAt: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: ago }),
  cardTaps: fc.oneof(short, edge),
});
export const facts: fc.Arbitrary<Facts> = fc.record({ policy: policies, knowledge, history: histories });

export const noHistory: History = { seenAt: null, sameActionAt: null, cardTaps: 0 };

/** A phone of `programme`, about which all is known and fresh; what is left is the standing. */
export const knownWell = (policy: Policy, programme: string, standing: Standing): Facts => ({
  policy,
  knowledge: {
    standing,
    cuts: packIn(policy, programme)?.cuts.version ?? null,
    checkedAt: { trust: now, policy: now, list: now },
  },
  history: noHistory,
});
export const phoneOf = (programme: string): Reading => ({
  kind: "verified",
  form: "presentation",
  use: "citizen",
  programme,
});

export const packIn = (policy: Policy, programme: string): Pack | undefined =>
  policy.packs.find((each) => each.programme === programme);

export const rulesIn = ({ service, programme }: Pick<Request, "service" | "programme">, policy: Policy) =>
  packIn(policy, programme)?.services[service as ServiceName];
