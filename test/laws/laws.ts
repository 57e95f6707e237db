/**
 * What holds of every decision and of every pack that is taken, whoever wrote it (promise 1, and the technical half of
 * promise 6). A law is tried on a `Core`, so that it can be tried on one with a bug in it too (mutants.ts).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type * as decideModule from "../../shared/decide.ts";
import type { Facts, Knowledge, Reading } from "../../shared/decide.ts";
import type * as policyModule from "../../shared/policy.ts";
import type { Pack, Policy, Recognition, ServiceRules } from "../../shared/policy.ts";
import type { Band, Standing } from "../../shared/status-list.ts";
import { dueFor, type Use } from "../../shared/tariff.ts";
import {
  type Action,
  actionsOf,
  isNoWorse,
  priceDue,
  type Request,
  type ServiceName,
  serviceNames,
} from "../../shared/terms.ts";
import {
  anyTerms,
  facts,
  join,
  knownWell,
  noHistory,
  now,
  packIn,
  pairs,
  phoneOf,
  policies,
  readings,
  requests,
  rulesIn,
  standings,
} from "./drawn.ts";
import { countsHere, dueTo, excessIn, firstReason } from "./ladder.ts";

export type Core = {
  readonly decide: typeof decideModule.decide;
  readonly decodePolicy: typeof policyModule.decodePolicy;
};

export type Law = {
  readonly name: string;
  /** Throws where it does not hold. */
  readonly tryOn: (core: Core, how: Pick<fc.Parameters, "numRuns" | "seed" | "endOnFailure">) => void;
};

const law = <T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [at in keyof T]: fc.Arbitrary<T[at]> },
  holds: (core: Core, ...drawn: T) => void,
): Law => ({
  name,
  tryOn: (core, how) =>
    fc.assert(
      fc.property(fc.tuple<T>(...arbitraries), (drawn) => holds(core, ...drawn)),
      how,
    ),
});

const short = fc.integer({ min: 0, max: 100 });
const count = fc.integer({ min: 0, max: 100_000 });

const uses: fc.Arbitrary<Use> = fc.oneof(
  fc.record({ kind: fc.constant("time" as const), seconds: fc.nat(4_000_000) }),
  fc.record({ kind: fc.constant("order" as const), items: fc.nat(6) }),
);

/** As JSON: drawn objects have no prototype now and then. */
const same = (a: unknown, b: unknown): void => assert.deepEqual(plain(a), plain(b));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What makes a perk uncertain, or takes it. */
const spoilers: readonly ((known: Knowledge) => Knowledge)[] = [
  (known) => ({ ...known, standing: "none" }),
  (known) => ({ ...known, standing: "suspended" }),
  (known) => ({ ...known, standing: "unknown" }),
  (known) => ({ ...known, cuts: null }),
  (known) => ({ ...known, cuts: 99 }),
  ...(["trust", "policy", "list"] as const).flatMap((artefact) =>
    [null, now - 101, now + 101].map((checkedAt) => (known: Knowledge) => ({
      ...known,
      checkedAt: { ...known.checkedAt, [artefact]: checkedAt },
    })),
  ),
];

const decisions: readonly Law[] = [
  law<[Policy]>("policies are drawn that the decoder takes", [policies], ({ decodePolicy }, policy) => {
    same(decodePolicy(JSON.stringify(policy)), { kind: "decoded", value: policy });
  }),

  law<[Request, Reading, Facts]>(
    "nobody is permitted on terms worse than the ordinary ones, but by a choice of their own",
    [requests, readings, facts],
    ({ decide }, request, reading, known) => {
      const decision = decide(request, reading, known);
      const rules = rulesIn(request, known.policy);
      if (decision.effect !== "permit" || rules === undefined) return;
      const chosen = rules.tiers?.find((each) => each.id === request.tier);
      if (chosen === undefined || decision.reason === "no-code-needed") {
        assert.ok(isNoWorse(decision.terms, rules.ordinary));
      } else same(decision.terms, { ...rules.ordinary, ...chosen.terms });
    },
  ),

  law<[Request, Reading, Facts, number, Use]>(
    "a price with any credential is at most the price without, and so is a deposit",
    [requests, readings, facts, count, uses],
    ({ decide }, { tier, ...request }, reading, known, fullPrice, use) => {
      const decision = decide(request, reading, known);
      const rules = rulesIn(request, known.policy);
      if (decision.effect !== "permit" || rules === undefined) return;
      const { terms } = decision;
      assert.ok(priceDue(fullPrice, terms) <= priceDue(fullPrice, rules.ordinary));
      assert.ok(terms.deposit <= rules.ordinary.deposit);
      const price = rules.tariff?.price ?? null;
      if (price === null) return;
      assert.ok((dueFor(price, use, terms) ?? 0) <= (dueFor(price, use, rules.ordinary) ?? 0));
    },
  ),

  law<[Request, Reading, Facts]>(
    "access with any credential is no less than access without",
    [requests, readings, facts],
    ({ decide }, request, reading, known) => {
      const without = decide(request, { kind: "none" }, { ...known, history: noHistory });
      if (without.effect === "permit") same(decide(request, reading, known), without);
      else assert.ok(["unreadable", "not-offered"].includes(without.reason));
    },
  ),

  law<[Request, Policy, number, number, string]>(
    "a higher band is never worse, of a visitor either",
    [requests, policies, short, short, fc.constantFrom("here", "there")],
    ({ decide }, request, policy, a, b, programme) => {
      const cuts = packIn(policy, programme)?.cuts.at ?? [];
      fc.pre(cuts.length > 0);
      const [low, high] = [a, b].map((each) => 1 + (each % cuts.length)).sort() as [Band, Band];
      const answer = (standing: Standing) =>
        decide(request, phoneOf(programme), knownWell(policy, programme, standing));
      for (const [worse, better] of [
        [answer("none"), answer(low)],
        [answer(low), answer(high)],
      ] as const) {
        if (worse.effect === "permit") {
          assert.ok(better.effect === "permit" && isNoWorse(better.terms, worse.terms));
        } else if (better.effect === "refer") assert.equal(better.reason, worse.reason);
        else assert.ok(["items-max", "renewals-max"].includes(worse.reason));
      }
    },
  ),

  law<[Request, Policy, Standing, (known: Knowledge) => Knowledge, string]>(
    "suspended, unknown and stale are exactly ordinary, and so is no band",
    [requests, policies, standings, fc.constantFrom(...spoilers), fc.constantFrom("here", "there")],
    ({ decide }, { tier, ...request }, policy, standing, spoil, programme) => {
      fc.pre(standing !== "revoked");
      const known = knownWell(policy, programme, standing);
      const decision = decide(request, phoneOf(programme), { ...known, knowledge: spoil(known.knowledge) });
      if (decision.effect !== "permit") return;
      same([decision.terms, decision.perk], [rulesIn(request, policy)?.ordinary, null]);
    },
  ),

  law<[Request, Policy, Standing, string]>(
    "a restriction withholds perks and nothing else: what is left is what one without a score has",
    [requests, policies, standings, fc.constantFrom("here", "there")],
    ({ decide }, request, policy, standing, programme) => {
      fc.pre(typeof standing === "number");
      const answer = (each: Standing) => decide(request, phoneOf(programme), knownWell(policy, programme, each));
      const [restricted, before] = [answer("none"), answer(standing)];
      if (restricted.effect === "permit") {
        assert.equal(before.effect, "permit");
        assert.ok(restricted.perk === null && !restricted.owed);
      } else if (!["items-max", "renewals-max"].includes(restricted.reason)) same(before, restricted);
    },
  ),

  law<[Request, Reading, Facts]>(
    "a revoked credential is neither trusted nor charged: its bearer is served like anyone without one",
    [requests, readings, facts],
    ({ decide }, request, reading, known) => {
      const revoked = { ...known, knowledge: { ...known.knowledge, standing: "revoked" as const } };
      const [decision, without] = [decide(request, reading, revoked), decide(request, { kind: "none" }, revoked)];
      assert.equal(decision.effect, without.effect);
      if (decision.effect === "permit") same(decision, without);
    },
  ),

  law<[Request, Reading, Facts]>(
    "the reason is the first that holds, and the terms are what is due",
    [requests, readings, facts],
    ({ decide }, request, reading, known) => {
      const decision = decide(request, reading, known);
      const first = firstReason(request, reading, known);
      if (first === "no-code-needed") {
        const terms = rulesIn(request, known.policy)?.ordinary;
        same(decision, { effect: "permit", terms, perk: null, reason: first, owed: false });
      } else if (first !== null) same(decision, { effect: "refer", reason: first });
      else if (reading.kind === "verified") {
        const due = dueTo(request, reading, known);
        const excess = excessIn(request, due.terms);
        const expected = excess === null ? { effect: "permit", ...due } : { effect: "refer", reason: excess };
        same(decision, expected);
      }
    },
  ),

  law<[Request, Policy, Standing, number, number]>(
    "the same, where all is known and nothing refers anybody elsewhere",
    [requests, policies, standings, fc.nat(3), fc.nat(3)],
    ({ decide }, asked, policy, standing, itemsBefore, renewalsBefore) => {
      const { tier, inside, places, ...more } = asked;
      const request = { ...more, itemsBefore, kindBefore: Math.min(itemsBefore, more.kindBefore ?? 0), renewalsBefore };
      const [reading, known] = [phoneOf("here"), knownWell(policy, "here", standing)] as const;
      if (firstReason(request, reading, known) !== null || reading.kind !== "verified") return;
      const due = dueTo(request, reading, known);
      const excess = excessIn(request, due.terms);
      const expected = excess === null ? { effect: "permit", ...due } : { effect: "refer", reason: excess };
      same(decide(request, reading, known), expected);
    },
  ),

  law<[Request, Policy, Band, string]>(
    "a visitor is served as one of here whose score it counts as, by the visitor's own list, or as without a score",
    [requests, policies, fc.constantFrom<Band>(1, 2, 3, 4, 5), fc.constantFrom("here", "third")],
    ({ decide }, request, policy, band, programme) => {
      const there = packIn(policy, "there")?.cuts.at ?? [];
      fc.pre(there[band - 1] !== undefined);
      const asked = { ...request, programme };
      const visited = decide(asked, phoneOf("there"), knownWell(policy, "there", band));
      const counts = countsHere(asked, "there", { policy });
      const here = packIn(policy, programme)?.cuts.at ?? [];
      const score = counts?.scoreOf(there[band - 1] ?? 0) ?? Number.NEGATIVE_INFINITY;
      const standing = here.filter((cut) => cut <= score).length;
      const asLocal = decide(
        asked,
        phoneOf(programme),
        knownWell(policy, programme, standing === 0 ? "none" : (standing as Band)),
      );
      const { reason: _, ...terms } = visited;
      const { reason: __, ...local } = asLocal;
      same(terms, local);
      if (counts === null && visited.effect === "permit" && visited.reason !== "no-code-needed") {
        assert.ok(visited.reason === "other-programme" || asked.tier !== undefined);
      }
    },
  ),

  law<[Request, Reading, Facts]>(
    "whatever is brought is taken back, with any code or none",
    [requests, readings, facts],
    ({ decide }, request, reading, known) => {
      for (const [service, action] of [
        ["library", "checkin"],
        ["bike", "trip_end"],
        ["umbrella", "trip_end"],
        ["power-bank", "trip_end"],
        ["venue", "exit"],
        ["shuttle", "exit"],
      ] as const) {
        const rules = rulesIn({ ...request, service }, known.policy);
        if (rules === undefined) continue;
        const decision = decide({ ...request, service, action }, reading, known);
        assert.ok(decision.effect === "permit" && !decision.owed);
        same(decision.terms, rules.ordinary);
      }
    },
  ),

  law<[Request, Reading, Facts]>(
    "the order of the perks changes nothing",
    [requests, readings, facts],
    ({ decide }, request, reading, known) => {
      const policy = structuredClone(known.policy);
      for (const pack of policy.packs) for (const rules of Object.values(pack.services)) rules?.perks.reverse();
      same(decide(request, reading, { ...known, policy }), decide(request, reading, known));
    },
  ),

  law<[Policy, ServiceName, ServiceName]>(
    "the actions of one service are not another's",
    [policies, fc.constantFrom(...serviceNames), fc.constantFrom(...serviceNames)],
    ({ decide }, policy, service, other) => {
      const own: readonly Action[] = actionsOf[service];
      for (const action of actionsOf[other].filter((each) => !own.includes(each))) {
        const request = { service, action, programme: "here", place: { site: "north" }, at: now };
        const decision = decide(request, phoneOf("here"), knownWell(policy, "here", 1));
        same(decision, { effect: "refer", reason: "not-offered" });
      }
    },
  ),

  law<[Policy, "trust" | "policy" | "list", boolean, Standing]>(
    "no perk is given by a clock that is no number",
    [policies, fc.constantFrom("trust", "policy", "list"), fc.boolean(), standings],
    ({ decide }, policy, artefact, isClock, standing) => {
      const known = knownWell(policy, "here", standing);
      const checkedAt = { ...known.knowledge.checkedAt, [artefact]: isClock ? now : Number.NaN };
      const at = isClock ? Number.NaN : now;
      for (const pair of pairs) {
        const request = { ...pair, programme: "here", place: { site: "north" }, at };
        const decision = decide(request, phoneOf("here"), { ...known, knowledge: { ...known.knowledge, checkedAt } });
        assert.ok(decision.effect === "refer" || decision.perk === null);
      }
    },
  ),
];

/* What the decoder takes. */

type Change = { readonly policy: Policy; readonly isRight: boolean };

/** Where kinds are named, every limit is of one of them. */
const namesItsKinds = ({ kinds, ordinary, perks, tiers = [] }: ServiceRules): boolean => {
  const known = kinds?.map(({ id }) => id);
  const limits = [ordinary, ...perks.map(({ terms }) => terms), ...tiers.map(({ terms }) => terms)];
  const named = limits.flatMap(({ itemsByKind = {} }) => Object.keys(itemsByKind));
  return known === undefined || named.every((each) => known.includes(each));
};

/** A perk with one dimension changed at random, and whether nobody is worse off by it. */
const changedPerk: fc.Arbitrary<Change> = fc
  .record({ policy: policies, terms: anyTerms, at: fc.tuple(short, short, short), isFull: fc.boolean() })
  .map(({ policy, terms, at, isFull }): Change => {
    const changed = structuredClone(policy);
    const services = Object.values(changed.packs[at[0] % 2]?.services ?? {}).filter(
      (each) => (each?.perks.length ?? 0) > 0,
    );
    const rules = services[at[1] % Math.max(1, services.length)];
    const perk = rules?.perks[at[2] % Math.max(1, rules.perks.length)];
    if (rules === undefined || perk === undefined) return { policy, isRight: true };
    const entries = Object.entries(terms);
    const [dimension, value] = entries[at[1] % entries.length] ?? ["deposit", 0];
    perk.terms = isFull ? terms : { ...perk.terms, [dimension]: value };
    const whole = (each: typeof perk) => ({ ...rules.ordinary, ...each.terms }) as typeof terms;
    const rising = rules.perks
      .filter((each) => each.atLeast !== "unknown")
      .sort((a, b) => Number(a.atLeast) - Number(b.atLeast));
    const isRight =
      namesItsKinds(rules) &&
      rules.perks.every((each) => isNoWorse(whole(each), rules.ordinary)) &&
      rising.every((each, index) => {
        const before = rising[index - 1];
        return before === undefined || isNoWorse(whole(each), whole(before));
      });
    return { policy: changed, isRight };
  });

const mended = (pack: Pack, change: Partial<Pack>): Pack => ({ ...structuredClone(pack), ...change });

const scores = fc.integer({ min: -2, max: 6 });

/** A pack with small bands: right ones and wrong ones. */
const bands: fc.Arbitrary<Change> = fc
  .record({
    policy: policies,
    min: fc.oneof(scores, fc.constant("unknown" as const)),
    max: fc.oneof(scores, fc.constant("unknown" as const)),
    at: fc.oneof(
      fc.array(scores, { maxLength: 6 }),
      fc.uniqueArray(scores, { minLength: 5, maxLength: 6 }).map((at) => at.sort((a, b) => a - b)),
    ),
  })
  .map(({ policy, min, max, at }) => {
    const [here, there] = policy.packs;
    if (here === undefined || there === undefined) throw new Error("two were drawn");
    const pack = mended(here, { scale: { min, max }, cuts: { version: 1, at }, services: {} });
    const { recognises: _, ...rest } = policy;
    const low = min === "unknown" ? Number.NEGATIVE_INFINITY : min;
    const high = max === "unknown" ? Number.POSITIVE_INFINITY : max;
    const isRising = at.every((cut, index) => cut > (index === 0 ? low : (at[index - 1] ?? 0)) && cut <= high);
    return { policy: { ...rest, packs: [pack, there] }, isRight: low < high && isRising && at.length <= 5 };
  });

/** Perks at thresholds of which some are cuts, and some stand there twice. */
const thresholds: fc.Arbitrary<Change> = fc
  .record({
    policy: policies,
    starts: fc.array(fc.tuple(fc.constantFrom(1, 2, 3, "unknown" as const), fc.nat(3)), { maxLength: 4 }),
  })
  .map(({ policy, starts }) => {
    const [here, there] = policy.packs;
    const rules = Object.values(here?.services ?? {})[0];
    if (here === undefined || there === undefined || rules === undefined) return { policy, isRight: true };
    const perk = { terms: {}, certainty: "operator", source: "drawn", since: null } as const;
    const perks = starts.map(([atLeast, id]) => ({ ...perk, id: `perk-${id}`, atLeast }));
    const services = { metro: { ...rules, perks: perks.map((each) => ({ ...each })) } };
    const pack = mended(here, { scale: { min: 0, max: 9 }, cuts: { version: 1, at: [1, 3] }, services });
    const { recognises: _, ...rest } = policy;
    const set = starts.map(([atLeast]) => atLeast).filter((each) => each !== "unknown");
    const isRight =
      set.every((each) => each !== 2) &&
      new Set(set).size === set.length &&
      new Set(starts.map(([, id]) => id)).size === starts.length;
    return { policy: { ...rest, packs: [pack, there] }, isRight };
  });

/** Choices of a deposit: right where only the deposit is dearer, and each has its own name. */
const tiers: fc.Arbitrary<Change> = fc
  .record({
    policy: policies,
    terms: fc.array(fc.tuple(anyTerms, fc.boolean()), { maxLength: 2 }),
    isTwice: fc.boolean(),
  })
  .map(({ policy, terms, isTwice }) => {
    const [here, there] = policy.packs;
    const rules = Object.values(here?.services ?? {})[0];
    if (here === undefined || there === undefined || rules === undefined) return { policy, isRight: true };
    const { ordinary } = rules;
    const tier = { name: { zh: "字", en: "text" }, certainty: "operator", source: "drawn", since: null } as const;
    const all = terms.map(([each, isGood], index) => {
      const given = isGood ? { ...join(ordinary, each), deposit: each.deposit } : each;
      return { ...tier, id: isTwice ? "same" : `tier-${index}`, terms: given };
    });
    const offering = { ...rules, tiers: all };
    const pack = mended(here, { services: { metro: offering } });
    const { recognises: _, ...rest } = policy;
    const isRight =
      namesItsKinds(offering) &&
      (!isTwice || all.length < 2) &&
      all.every((each) => isNoWorse({ ...ordinary, ...each.terms, deposit: ordinary.deposit }, ordinary));
    return { policy: { ...rest, packs: [pack, there] }, isRight };
  });

/** Kinds of items, right where each has its own name and its own beginnings, and no limit is of another. */
const kindsOfItems: fc.Arbitrary<Change> = fc
  .record({
    policy: policies,
    named: fc.array(
      fc.record({
        id: fc.constantFrom("novels", "maps", "films"),
        startsWith: fc.array(fc.constantFrom("A", "AB", "B-"), { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
    limited: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom("novels", "maps", undefined))),
  })
  .map(({ policy, named, limited }) => {
    const [here, there] = policy.packs;
    const rules = Object.values(here?.services ?? {})[0];
    if (here === undefined || there === undefined || rules === undefined) return { policy, isRight: true };
    const [usual, better, chosen] = limited.map((kind) => (kind === undefined ? {} : { itemsByKind: { [kind]: 9 } }));
    const { itemsByKind: _, ...ordinary } = rules.ordinary;
    const from = { certainty: "operator", source: "drawn", since: null } as const;
    const name = { zh: "字", en: "text" };
    const lending: ServiceRules = {
      ...rules,
      ordinary: { ...ordinary, itemsMax: 9, ...usual },
      perks: [{ ...from, id: "perk", atLeast: "unknown", terms: { ...better } }],
      tiers: [{ ...from, id: "tier", name, terms: { ...chosen } }],
      kinds: named.map((kind) => ({ ...kind, name })),
    };
    const { recognises, ...rest } = policy;
    const starts = named.flatMap(({ startsWith }) => startsWith);
    const isRight =
      new Set(named.map(({ id }) => id)).size === named.length &&
      new Set(starts).size === starts.length &&
      limited.every((kind) => kind === undefined || named.some(({ id }) => id === kind));
    return { policy: { ...rest, packs: [mended(here, { services: { library: lending } }), there] }, isRight };
  });

/** What is said of visitors, right and wrong. */
const leaves: fc.Arbitrary<Change> = fc
  .record({
    policy: policies,
    visitor: fc.constantFrom("there", "there", "there", "here", "nowhere"),
    here: fc.constantFrom("here", "here", "here", "there", "nowhere"),
    rows: fc.array(fc.record({ atLeast: fc.constantFrom(1, 2, 3), as: fc.constantFrom(1, 2, 3) }), {
      minLength: 1,
      maxLength: 3,
    }),
    isTwice: fc.boolean(),
  })
  .map(({ policy, visitor, here, rows, isTwice }) => {
    const cut = (each: Pack, at: number[]) =>
      mended(each, { scale: { min: 0, max: 9 }, cuts: { version: 1, at }, services: {} });
    const [first, second] = policy.packs;
    if (first === undefined || second === undefined) throw new Error("two were drawn");
    const leave: Recognition = { visitor, here, scores: rows };
    const [from, to] =
      visitor === "there"
        ? [
            [1, 2],
            [2, 3],
          ]
        : [
            [2, 3],
            [1, 2],
          ];
    const isRight =
      !isTwice &&
      visitor !== here &&
      visitor !== "nowhere" &&
      here !== "nowhere" &&
      rows.every(({ atLeast, as }, index) => {
        const before = rows[index - 1];
        const isKnown = from?.includes(atLeast) === true && to?.includes(as) === true;
        return isKnown && (before === undefined || (before.atLeast < atLeast && before.as <= as));
      });
    const packs = [cut(first, [2, 3]), cut(second, [1, 2])];
    return { policy: { ...policy, packs, recognises: isTwice ? [leave, leave] : [leave] }, isRight };
  });

const others: fc.Arbitrary<Change> = fc
  .record({ policy: policies, which: fc.constantFrom("currency", "own-currency", "twice", "inquiry", "none") })
  .map(({ policy, which }): Change => {
    const [here, there] = policy.packs;
    if (here === undefined || there === undefined) throw new Error("two were drawn");
    const { recognises: _, ...rest } = policy;
    const rules = Object.values(here.services)[0];
    const asked = { ...rules, card: { perks: false, tapsMaxPerDay: 1 } } as NonNullable<typeof rules>;
    switch (which) {
      case "currency":
        return { policy: { ...rest, packs: [mended(here, { currency: "EUR" }), there] }, isRight: false };
      case "own-currency":
        return { policy: { ...rest, packs: [mended(here, { currency: "CNY" }), there] }, isRight: true };
      case "twice":
        return { policy: { ...rest, packs: [here, there, here] }, isRight: false };
      case "inquiry":
        return rules === undefined
          ? { policy, isRight: true }
          : { policy: { ...rest, packs: [mended(here, { services: { inquiry: asked } }), there] }, isRight: false };
      default:
        return { policy, isRight: true };
    }
  });

const decoding = (name: string, changes: fc.Arbitrary<Change>): Law =>
  law<[Change]>(name, [changes], ({ decodePolicy }, { policy, isRight }) => {
    const decoded = decodePolicy(JSON.stringify(policy));
    assert.equal(decoded.kind, isRight ? "decoded" : "invalid");
    if (decoded.kind === "invalid") assert.ok(decoded.errors.length > 0);
  });

export const laws: readonly Law[] = [
  ...decisions,
  decoding("a pack is taken exactly where no perk is worse than ordinary, or than one that asks for less", changedPerk),
  decoding("bands are taken exactly where they rise inside the scale, five at most", bands),
  decoding("perks are taken exactly where each has its own name and its own cut", thresholds),
  decoding("a choice of deposits is taken exactly where whoever leaves one gets no less", tiers),
  decoding("kinds of items are taken exactly where no item is of two, and no limit of none", kindsOfItems),
  decoding("visitors are recognised exactly where a higher score counts for no less", leaves),
  decoding(
    "what is in another currency, stands there twice, or shows terms to whoever holds a card is refused",
    others,
  ),
];
