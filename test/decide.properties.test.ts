import fc from "fast-check";
import { expect, it } from "vitest";
import { decide, type Facts, type History, type Knowledge, type Reading } from "../shared/decide.ts";
import { decodePolicy, encodePolicy, type Pack, type Policy, type ServiceRules } from "../shared/policy.ts";
import type { Band, Standing } from "../shared/status-list.ts";
import {
  type Action,
  actionsOf,
  actionsWithoutCode,
  isNoWorse,
  priceDue,
  type Request,
  type ServiceName,
  serviceNames,
  type Terms,
} from "../shared/terms.ts";
import { faults } from "../shared/verify.ts";
import { now } from "./sample.ts";

/** Promise 1 (the score only adds) and the technical half of promise 6, over policies and situations nobody thought of. */

const count = fc.integer({ min: 0, max: 100_000 });
const short = fc.integer({ min: 0, max: 100 });

const anyTerms: fc.Arbitrary<Terms> = fc.record({
  deposit: count,
  priceFactor: fc.integer({ min: 0, max: 1000 }),
  freeSeconds: count,
  loanSeconds: count,
  itemsMax: fc.integer({ min: 0, max: 6 }),
  payLater: fc.boolean(),
  greenChannel: fc.boolean(),
});

/** The better of two in every dimension. */
const join = (a: Terms, b: Terms): Terms => ({
  deposit: Math.min(a.deposit, b.deposit),
  priceFactor: Math.min(a.priceFactor, b.priceFactor),
  freeSeconds: Math.max(a.freeSeconds, b.freeSeconds),
  loanSeconds: Math.max(a.loanSeconds, b.loanSeconds),
  itemsMax: Math.max(a.itemsMax, b.itemsMax),
  payLater: a.payLater || b.payLater,
  greenChannel: a.greenChannel || b.greenChannel,
});

const card = fc.option(fc.record({ perks: fc.boolean(), tapsMaxPerDay: short }), { nil: null });

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
      passbackSeconds: short,
    })
    .map(({ ordinary, steps, unset, turn, ...rules }) => {
      let best = ordinary;
      const rising = steps.flatMap((step, index) => {
        if (step === null) return [];
        best = join(best, step);
        return [perkOf(`from-cut-${index}`, cuts[index] ?? 0, best)];
      });
      const perks = unset === null ? rising : [...rising, perkOf("unset", "unknown", join(ordinary, unset))];
      const at = perks.length === 0 ? 0 : turn % perks.length;
      return { ...rules, ordinary, perks: [...perks.slice(at), ...perks.slice(0, at)] };
    });

const perkOf = (id: string, atLeast: number | "unknown", terms: Terms): ServiceRules["perks"][number] => ({
  id,
  atLeast,
  terms,
  certainty: "operator",
  source: "drawn",
  since: null,
});

const text = { zh: "字", en: "text" };

const packOf = (programme: string): fc.Arbitrary<Pack> =>
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
        services: fc.record(
          { metro: rulesWith(at), library: rulesWith(at), bike: rulesWith(at) },
          { requiredKeys: ["metro", "library"] },
        ),
      }),
    );

const policies: fc.Arbitrary<Policy> = fc
  .record({ here: packOf("here"), there: packOf("there"), perkGraceSeconds: short })
  .map(({ here, there, perkGraceSeconds }) => ({
    v: 1,
    operator: "drawn",
    currency: "CNY",
    help: text,
    presentationSeconds: 90,
    ageingSeconds: 0,
    perkGraceSeconds,
    packs: [here, there],
  }));

const pairs = serviceNames.flatMap((service) => actionsOf[service].map((action) => ({ service, action })));

const requests: fc.Arbitrary<Request> = fc
  .record({
    pair: fc.constantFrom(...pairs),
    programme: fc.constantFrom("here", "here", "there"),
    itemsBefore: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
  })
  .map(({ pair, programme, itemsBefore }) => ({
    ...pair,
    programme,
    place: { site: "north" },
    at: now,
    ...(itemsBefore === undefined ? {} : { itemsBefore }),
  }));

const verified = fc.record({
  kind: fc.constant("verified" as const),
  form: fc.constantFrom("presentation" as const, "bearer" as const),
  use: fc.constantFrom("citizen" as const, "citizen" as const, "staff" as const),
  programme: fc.constantFrom("here", "here", "there", null),
});
const readings: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Reading>({ kind: "none" }) },
  { weight: 1, arbitrary: fc.constantFrom(...faults).map((fault): Reading => ({ kind: "fault", fault })) },
  { weight: 8, arbitrary: verified },
);

const standings = fc.constantFrom<Standing>(1, 2, 3, 4, 5, "none", "suspended", "revoked", "unknown");
const ago = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 6, arbitrary: fc.integer({ min: -120, max: 120 }).map((seconds) => now - seconds) },
);
const knowledge: fc.Arbitrary<Knowledge> = fc.record({
  standing: standings,
  cuts: fc.constantFrom(0, 1, 2, null),
  checkedAt: fc.record({ trust: ago, policy: ago, list: ago }),
});
const histories: fc.Arbitrary<History> = fc.record({
  seenAt: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant(now - 5) }),
  sameActionAt: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: ago }),
  cardTaps: short,
});
const facts: fc.Arbitrary<Facts> = fc.record({ policy: policies, knowledge, history: histories });

/** All is well with the code and the terminal: what is left is the standing. */
const wellKnown = fc
  .record({ policy: policies, standing: standings })
  .map(
    ({ policy, standing }): { readonly policy: Policy; readonly knowledge: Knowledge; readonly history: History } => ({
      policy,
      knowledge: { standing, cuts: cutsOf(policy), checkedAt: { trust: now, policy: now, list: now } },
      history: { seenAt: null, sameActionAt: null, cardTaps: 0 },
    }),
  );
const phone: Reading = { kind: "verified", form: "presentation", use: "citizen", programme: "here" };
const cutsOf = (policy: Policy): number | null => policy.packs[0]?.cuts.version ?? null;

const rulesFor = (request: Request, { policy }: Facts): ServiceRules | undefined =>
  policy.packs.find((each) => each.programme === request.programme)?.services[request.service];

/** Over 500 situations. */
const check = <T extends [unknown, ...unknown[]]>(
  arbitraries: { [at in keyof T]: fc.Arbitrary<T[at]> },
  property: (...args: T) => void,
): void =>
  fc.assert(
    fc.property(fc.tuple<T>(...arbitraries), (args) => property(...args)),
    { numRuns: 500 },
  );

it("draws policies that the decoder takes", () => {
  check<[Policy]>([policies], (policy) => {
    expect(decodePolicy(encodePolicy(policy))).toEqual({ kind: "decoded", value: policy });
  });
});

it("permits on no terms that are worse than the ordinary ones", () => {
  check<[Request, Reading, Facts]>([requests, readings, facts], (request, reading, known) => {
    const decision = decide(request, reading, known);
    if (decision.effect !== "permit") return;
    const ordinary = rulesFor(request, known)?.ordinary;
    expect(ordinary !== undefined && isNoWorse(decision.terms, ordinary)).toBe(true);
  });
});

it("asks no more of anybody with a credential than of somebody without", () => {
  check<[Request, Reading, Facts, number]>([requests, readings, facts, count], (request, reading, known, fullPrice) => {
    const decision = decide(request, reading, known);
    const ordinary = rulesFor(request, known)?.ordinary;
    if (decision.effect !== "permit" || ordinary === undefined) return;
    expect(priceDue(fullPrice, decision.terms)).toBeLessThanOrEqual(priceDue(fullPrice, ordinary));
    expect(decision.terms.deposit).toBeLessThanOrEqual(ordinary.deposit);
  });
});

it("gives a higher band no worse an answer", () => {
  check<[Request, Facts, number, number]>([requests, wellKnown, short, short], (request, known, a, b) => {
    const cuts = known.policy.packs.find((each) => each.programme === request.programme)?.cuts;
    fc.pre(cuts !== undefined && cuts.at.length > 0);
    const [low, high] = [a, b].map((each) => 1 + (each % cuts.at.length)).sort() as [Band, Band];
    const answer = (standing: Standing) =>
      decide(
        request,
        { ...phone, programme: request.programme },
        {
          ...known,
          knowledge: { ...known.knowledge, standing, cuts: cuts.version },
        },
      );
    for (const [worse, better] of [
      [answer("none"), answer(low)],
      [answer(low), answer(high)],
    ] as const) {
      if (worse.effect === "permit") {
        expect(better.effect === "permit" && isNoWorse(better.terms, worse.terms)).toBe(true);
      }
    }
  });
});

const withoutBand: fc.Arbitrary<{ readonly why: string; readonly spoil: (known: Knowledge) => Knowledge }> =
  fc.constantFrom(
    { why: "no band", spoil: (known) => ({ ...known, standing: "none" }) },
    { why: "suspended", spoil: (known) => ({ ...known, standing: "suspended" }) },
    { why: "unknown", spoil: (known) => ({ ...known, standing: "unknown" }) },
    { why: "no list", spoil: (known) => ({ ...known, cuts: null }) },
    { why: "other cuts", spoil: (known) => ({ ...known, cuts: 99 }) },
    ...(["trust", "policy", "list"] as const).flatMap((artefact) => [
      { why: `${artefact} never`, spoil: withAge(artefact, null) },
      { why: `${artefact} stale`, spoil: withAge(artefact, now - 101) },
    ]),
  );

function withAge(artefact: "trust" | "policy" | "list", checkedAt: number | null) {
  return (known: Knowledge): Knowledge => ({ ...known, checkedAt: { ...known.checkedAt, [artefact]: checkedAt } });
}

it("serves exactly as ordinary where there is no band, or none to be sure of", () => {
  check<[Request, Facts, Standing, { why: string; spoil: (known: Knowledge) => Knowledge }]>(
    [requests, wellKnown, standings, withoutBand],
    (request, known, standing, { spoil }) => {
      fc.pre(standing !== "revoked");
      const spoilt = { ...known, knowledge: spoil({ ...known.knowledge, standing }) };
      const decision = decide({ ...request, programme: "here", itemsBefore: 0 }, phone, spoilt);
      const ordinary = rulesFor({ ...request, programme: "here" }, known)?.ordinary;
      if (decision.effect !== "permit") return;
      expect(decision).toMatchObject({ terms: ordinary, perk: null });
    },
  );
});

/** Written without looking at the ladder: whether what is missing here is missing for a cause of ours. */
const isOurFault = (request: Request, reading: Reading, { policy, knowledge }: Facts): boolean => {
  const pack = policy.packs.find((each) => each.programme === request.programme);
  if (actionsWithoutCode.includes(request.action) || reading.kind !== "verified" || pack === undefined) return false;
  const cardWithoutPerks = reading.form === "bearer" && pack.services[request.service]?.card?.perks !== true;
  if (reading.programme !== request.programme || cardWithoutPerks) return false;
  const { standing, cuts, checkedAt } = knowledge;
  const isStale = Object.values(checkedAt).some(
    (each) => each === null || Math.abs(request.at - each) > policy.perkGraceSeconds,
  );
  const hasNoCut = typeof standing === "number" && standing > pack.cuts.at.length;
  return isStale || cuts === null || cuts !== pack.cuts.version || standing === "unknown" || hasNoCut;
};

it("owes what was missed for a cause of ours, and nothing else", () => {
  check<[Request, Reading, Facts]>([requests, readings, facts], (request, reading, known) => {
    const decision = decide(request, reading, known);
    if (decision.effect === "permit") expect(decision.owed).toBe(isOurFault(request, reading, known));
  });
});

it("takes back whatever is brought, with any code or none", () => {
  check<[Request, Reading, Facts]>([requests, readings, facts], (request, reading, known) => {
    for (const [service, action] of [
      ["library", "checkin"],
      ["bike", "trip_end"],
    ] as const) {
      const rules = rulesFor({ ...request, service }, known);
      if (rules === undefined) continue;
      expect(decide({ ...request, service, action }, reading, known)).toMatchObject({
        effect: "permit",
        terms: rules.ordinary,
        owed: false,
      });
    }
  });
});

it("says the same whatever the order of the perks", () => {
  check<[Request, Reading, Facts]>([requests, readings, facts], (request, reading, known) => {
    const reversed = structuredClone(known.policy);
    for (const pack of reversed.packs) for (const rules of Object.values(pack.services)) rules?.perks.reverse();
    expect(decide(request, reading, { ...known, policy: reversed })).toEqual(decide(request, reading, known));
  });
});

const weirdNumber = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -1, -0, 2 ** 53, Number.MAX_VALUE, -Infinity));
const weirdWord = fc.oneof(
  fc.string(),
  fc.constantFrom("constructor", "__proto__", "toString", "hasOwnProperty", "metro", "entry", "here"),
);

it("answers whatever it is asked, and never throws", () => {
  const weird = fc.record({
    service: weirdWord,
    action: weirdWord,
    programme: weirdWord,
    at: weirdNumber,
    itemsBefore: weirdNumber,
    standing: fc.oneof(weirdNumber, weirdWord),
    cuts: fc.oneof(weirdNumber, fc.constant(null)),
    checkedAt: fc.oneof(weirdNumber, fc.constant(null)),
    seenAt: fc.oneof(weirdNumber, fc.constant(null)),
    cardTaps: weirdNumber,
  });
  fc.assert(
    fc.property(weird, readings, policies, (drawn, reading, policy) => {
      const { standing, cuts, checkedAt, seenAt, cardTaps, ...asked } = drawn;
      const request = { ...asked, place: { site: "" } } as Request;
      const decision = decide(request, reading, {
        policy,
        knowledge: {
          standing: standing as Standing,
          cuts,
          checkedAt: { trust: checkedAt, policy: checkedAt, list: checkedAt },
        },
        history: { seenAt, sameActionAt: seenAt, cardTaps },
      });
      expect(["permit", "refer"]).toContain(decision.effect);
    }),
    { numRuns: 1000 },
  );
});

it.each(["trust", "policy", "list"] as const)("gives no perk by a clock that is no number (%s)", (artefact) => {
  check<[Facts, boolean]>([wellKnown, fc.boolean()], (known, isClock) => {
    const stamped = { ...known.knowledge.checkedAt, [artefact]: isClock ? now : Number.NaN };
    const request = { service: "metro", action: "entry", programme: "here", place: { site: "north" } } as const;
    const decision = decide({ ...request, at: isClock ? Number.NaN : now }, phone, {
      ...known,
      knowledge: { ...known.knowledge, checkedAt: stamped },
    });
    expect(decision).not.toMatchObject({ reason: "perk" });
  });
});

it("keeps the actions of one service from another", () => {
  const names = Object.keys(actionsOf) as ServiceName[];
  check<[Facts, ServiceName, ServiceName]>(
    [wellKnown, fc.constantFrom(...names), fc.constantFrom(...names)],
    (known, service, other) => {
      const own: readonly Action[] = actionsOf[service];
      for (const action of actionsOf[other].filter((each) => !own.includes(each))) {
        const request = { service, action, programme: "here", place: { site: "north" }, at: now };
        expect(decide(request, phone, known)).toEqual({ effect: "refer", reason: "not-offered" });
      }
    },
  );
});
