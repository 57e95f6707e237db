import { describe, expect, it } from "vitest";
import { compareLists } from "../edge-server/list-change.ts";
import { createRehearsing } from "../edge-server/rehearse.ts";
import type { KnownCuts } from "../edge-server/rehearse-standings.ts";
import { decide, type Knowledge, type Reading } from "../shared/decide.ts";
import type { Pack, Policy, ServiceRules } from "../shared/policy.ts";
import { packStatuses, type Standing, valueOf as valueOfStanding } from "../shared/status-list.ts";
import type { ServiceName } from "../shared/terms.ts";
import type { RecordedDecision } from "../shared/transaction.ts";
import { now, samplePack, samplePolicy, sampleRules } from "./sample.ts";

/** What the sample's terminals recorded: the sample policy decided it, with a list by its cuts. */
const recorded = (
  asked: { readonly service?: ServiceName; readonly action?: string; readonly standing?: Standing } = {},
  changes: Partial<Omit<RecordedDecision, "knowledge">> & { readonly knowledge?: Partial<Knowledge> } = {},
): RecordedDecision => {
  const { service = "metro", action = "entry", standing = 2 } = asked;
  const request = { service, action, programme: "here", place: { site: "east" } } as RecordedDecision["request"];
  const reading: Reading = changes.reading ?? {
    ...({ kind: "verified", form: "presentation", use: "citizen", programme: "here" } as const),
  };
  const checkedAt = { trust: now, policy: now, list: now };
  const knowledge: Knowledge = { standing, cuts: 7, checkedAt, ...changes.knowledge };
  const history = changes.history ?? { seenAt: null, sameActionAt: null, cardTaps: 0 };
  const result = decide({ ...request, at: now }, reading, { policy: samplePolicy, knowledge, history });
  const artefacts = { manifest: 1, policy: "00".repeat(32), list: 1 };
  const stamp = { v: 1, at: now, boot: "boot", clock: "device" } as const;
  return { ...stamp, kind: "decided", request, reading, history, artefacts, result, ...changes, knowledge };
};

const withService = (service: ServiceName, rules: Partial<ServiceRules>, pack: Partial<Pack> = {}): Policy => ({
  ...samplePolicy,
  packs: [
    {
      ...samplePack,
      version: 4,
      ...pack,
      services: { ...samplePack.services, [service]: { ...sampleRules(service), ...rules } },
    },
  ],
});

const perk = { certainty: "S", source: "a notice", since: null } as const;
const sampleCuts: KnownCuts = { programme: "here", version: 7, at: samplePack.cuts.at };
const chain = { terminal: "gate-1", epoch: new Uint8Array(16) };

const rehearse = (after: Policy, decisions: readonly (RecordedDecision | null)[], cuts = [sampleCuts]) => {
  const rehearsing = createRehearsing({ kind: "policy", before: samplePolicy, after }, cuts);
  for (const [index, each] of decisions.entries()) rehearsing.add(each, { chain, seq: index + 1 });
  return rehearsing.result();
};

describe("a rehearsal of a policy", () => {
  it("finds nothing where nothing is different, and says how much it looked at", () => {
    const { services, groups, untold } = rehearse(samplePolicy, [recorded(), recorded({ standing: "none" })]);
    expect(services).toMatchObject([{ service: "metro", decisions: 2, unchanged: 2, more: 0, less: 0 }]);
    expect([groups, untold]).toEqual([[], { unreadable: 0, "other-cuts": 0 }]);
  });

  it("counts who gets more, with the terms, the money and the receipts", () => {
    const dearer = withService("metro", {
      perks: [{ ...perk, id: "more-off", atLeast: 697, terms: { priceFactor: 500 } }],
    });
    const people = [recorded(), recorded({ standing: 3 }), recorded({ standing: "none" }), recorded({ standing: 1 })];
    const { services, groups } = rehearse(dearer, [...people, recorded(), recorded()]);
    // 400 at 80 % is 320; at 50 % it is 200. The green channel is not named any more.
    expect(services).toMatchObject([{ decisions: 6, mixed: 4, unchanged: 2, price: -480, deposit: 0 }]);
    expect(groups).toMatchObject([
      {
        ...{ service: "metro", action: "entry", direction: "mixed", decisions: 4, price: -480 },
        before: { effect: "permit", reason: "perk", terms: { priceFactor: 800, greenChannel: true } },
        after: { effect: "permit", reason: "perk", terms: { priceFactor: 500, greenChannel: false } },
      },
    ]);
    expect(groups[0]?.examples.map(({ seq }) => seq)).toEqual([1, 2, 5]);
  });

  it.each([
    ["a better perk", { priceFactor: 500, greenChannel: true }, "more", -120],
    ["a smaller perk", { priceFactor: 850, greenChannel: true }, "less", 20],
  ] as const)("%s is %s", (_, terms, direction, price) => {
    const after = withService("metro", { perks: [{ ...perk, id: "other", atLeast: 697, terms }] });
    expect(rehearse(after, [recorded()]).groups).toMatchObject([{ direction, price, decisions: 1 }]);
  });

  it("calls a dearer full price less, though the terms are the same", () => {
    const { groups, services } = rehearse(withService("metro", { fullPrice: 500 }), [
      recorded(),
      recorded({ standing: "none" }),
    ]);
    expect(groups.map(({ direction, price }) => [direction, price])).toEqual([
      ["less", 80],
      ["less", 90],
    ]);
    expect(services[0]).toMatchObject({ less: 2, price: 170 });
    expect(rehearse(withService("metro", { fullPrice: 300 }), [recorded()]).groups).toMatchObject([
      { direction: "more", price: -80 },
    ]);
  });

  it("charges a use where it begins, and tells of a price that is as it was nothing", () => {
    const exits = rehearse(withService("metro", { fullPrice: 500 }), [recorded({ action: "exit" })]);
    expect(exits.services).toMatchObject([{ unchanged: 1, price: 0 }]);
    const after = withService("library", { ordinary: { ...sampleRules("library").ordinary, itemsMax: 3 } });
    const { groups } = rehearse(after, [recorded({ service: "library", action: "checkout", standing: "none" })]);
    expect(groups).toMatchObject([{ direction: "more", price: 0, deposit: 0 }]);
  });

  it("says nothing of a price that depends on the whole use", () => {
    const price = { kind: "time", unitSeconds: 60, unitPrice: 10, capPerDay: null, capInAll: null } as const;
    const after = withService("bike", { tariff: { price, forfeitAfterSeconds: null } });
    const { groups } = rehearse(after, [recorded({ service: "bike", action: "trip_start" })]);
    expect(groups).toMatchObject([{ direction: "mixed", price: null }]);
  });

  it("counts a deposit where it is held, and not at each item", () => {
    const after = withService("library", { ordinary: { ...sampleRules("library").ordinary, deposit: 4_000 } });
    const asked = (action: string) => recorded({ service: "library", action, standing: "none" });
    const { services } = rehearse(after, [asked("session"), asked("checkout"), asked("renew")]);
    expect(services).toMatchObject([{ decisions: 3, more: 3, deposit: -6_000 }]);
  });

  it("sees who would be let through, and who would not any more", () => {
    const history = { seenAt: null, sameActionAt: now - 100, cardTaps: 0 };
    const { groups } = rehearse(withService("metro", { passbackSeconds: 300 }), [recorded({}, { history })]);
    expect(groups).toMatchObject([{ direction: "less", after: { effect: "refer", reason: "passback", terms: null } }]);
    const soon = { ...history, sameActionAt: now - 30 };
    const sooner = rehearse(withService("metro", { passbackSeconds: 10 }), [recorded({}, { history: soon })]);
    expect(sooner.groups).toMatchObject([{ direction: "more", before: { reason: "passback" } }]);
  });

  it("counts a run of refusals by its count, and whatever cannot be made again by its cause", () => {
    const reading: Reading = { kind: "fault", fault: "expired" };
    const run = recorded({}, { reading, count: 7 });
    const stranger = recorded({}, { request: { ...recorded().request, programme: "elsewhere" } });
    const nothing = recorded({}, { request: { ...recorded().request, service: "constructor" as ServiceName } });
    const { services, untold } = rehearse(withService("metro", { fullPrice: 1 }), [run, null, stranger, nothing]);
    expect(services).toMatchObject([{ decisions: 7, unchanged: 7 }]);
    expect(untold).toEqual({ unreadable: 3, "other-cuts": 0 });
  });

  it("leaves what was our fault our fault", () => {
    const missing = recorded({}, { knowledge: { cuts: null } });
    const after = withService("metro", { perks: [] });
    expect(rehearse(after, [missing]).services).toMatchObject([{ unchanged: 1 }]);
  });
});

describe("where the cuts differ", () => {
  const cutAt = (at: readonly number[], atLeast: number) =>
    withService(
      "metro",
      {
        perks: [
          {
            ...sampleRules("metro").perks[0],
            ...perk,
            id: "fare-20-off",
            atLeast,
            terms: { priceFactor: 800, greenChannel: true },
          },
        ],
      },
      { cuts: { version: 8, at: [...at] } },
    );

  it("tells of every score that a band may stand for, and counts as either where they would fare differently", () => {
    // The perk starts at 680 in place of 697: who had 650 to 697 may have either.
    const { services, groups } = rehearse(cutAt([650, 680, 750], 680), [
      recorded({ standing: "none" }),
      recorded({ standing: 1 }),
      recorded({ standing: 2 }),
      recorded({ standing: 3 }),
      recorded({ standing: "suspended" }),
    ]);
    expect(services).toMatchObject([{ decisions: 5, unchanged: 4, either: 1, more: 0, less: 0 }]);
    expect(groups).toEqual([]);
  });

  it("is certain where the new cut is an old one, too", () => {
    const { services } = rehearse(cutAt([650, 750], 650), [recorded({ standing: 1 }), recorded({ standing: 2 })]);
    expect(services).toMatchObject([{ more: 1, unchanged: 1, either: 0 }]);
    expect(rehearse(cutAt([750], 750), [recorded({ standing: 2 })]).services).toMatchObject([{ less: 1 }]);
  });

  it("leaves a list that was sorted by other cuts at that moment what it was", () => {
    const then = recorded({ standing: 1 }, { knowledge: { cuts: 6 } });
    expect(then.result.reason).toBe("cuts-differ");
    const known = [sampleCuts, { ...sampleCuts, version: 6 }];
    const { services } = rehearse(cutAt([650, 697, 750], 650), [then, recorded({ standing: 1 })], known);
    expect(services).toMatchObject([{ unchanged: 1, more: 1 }]);
  });

  it("says so where nobody knows what a band stood for", () => {
    expect(rehearse(cutAt([750], 750), [recorded()], [])).toMatchObject({
      services: [],
      untold: { unreadable: 0, "other-cuts": 1 },
    });
  });
});

describe("a new list", () => {
  const listOf = (standings: readonly Exclude<Standing, "unknown">[], cuts = 7) => ({
    packed: packStatuses(standings.map(valueOfStanding)),
    entries: standings.length,
    cuts,
  });

  it("says how many places stand where, what moved, and for which services terms change", () => {
    const old = listOf([2, 2, "none", 3, "revoked", "suspended", 1]);
    const { standings, moved, services } = compareLists(old, listOf([2, 3, 2, "none", "revoked", 1]), samplePack);
    const counts = Object.fromEntries(standings.map(({ standing, before, after }) => [standing, [before, after]]));
    expect(counts).toEqual({
      ...{ "5": [0, 0], "4": [0, 0], "3": [1, 1], "2": [2, 2], "1": [1, 1] },
      ...{ none: [1, 2], suspended: [1, 0], revoked: [1, 1] },
    });
    expect(moved).toEqual({ added: 1, removed: 2, changed: 2 });
    // Metro asks for band 2, the library gives band 3 more, the bike asks for band 1.
    expect(services).toEqual([
      { service: "metro", more: 1, less: 1 },
      { service: "library", more: 2, less: 1 },
      { service: "bike", more: 2, less: 2 },
    ]);
  });

  it("counts who is served like anybody again as better off", () => {
    const { services } = compareLists(listOf(["revoked", "none"]), listOf(["none", "revoked"]), samplePack);
    expect(services[0]).toEqual({ service: "metro", more: 1, less: 1 });
  });

  it("compares no bands that were cut differently, and nothing with nothing", () => {
    expect(compareLists(listOf([1], 6), listOf([2]), samplePack)).toMatchObject({
      moved: null,
      services: [],
      moves: null,
    });
    expect(compareLists(null, listOf([2, "none"]), samplePack)).toMatchObject({
      moved: { added: 1, removed: 0, changed: 0 },
      moves: null,
    });
  });

  it("is estimated on the past as its places moved", () => {
    const { moves } = compareLists(listOf([2, 2, 2, 2, 1]), listOf([2, 2, 2, 1, 1]), samplePack);
    if (moves === null) throw new Error("the cuts are the same");
    const rehearsing = createRehearsing({ kind: "list", policy: samplePolicy, programme: "here", moves }, []);
    for (let seq = 1; seq <= 8; seq++) rehearsing.add(recorded(), { chain, seq });
    rehearsing.add(recorded({ standing: 1 }), { chain, seq: 9 });
    rehearsing.add(recorded({}, { knowledge: { cuts: 6 } }), { chain, seq: 10 });
    const { isEstimate, services, untold } = rehearsing.result();
    // A quarter of those with the perk lose it: 40 fen each.
    expect(isEstimate).toBe(true);
    expect(services).toMatchObject([{ decisions: 9, less: 2, unchanged: 7, price: 80 }]);
    expect(untold["other-cuts"]).toBe(1);
  });
});
