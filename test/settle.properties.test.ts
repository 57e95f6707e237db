import fc from "fast-check";
import { expect, it } from "vitest";
import { createReconciliation } from "../edge-server/reconciliation.ts";
import { type Line, settleJourneys } from "../edge-server/settle.ts";
import type { Piece } from "../edge-server/tap.ts";
import type { Standing } from "../shared/status-list.ts";
import type { Terms } from "../shared/terms.ts";
import { now } from "./sample.ts";
import { causes, createLogs, piecesOf, pricedPolicy, rulesForOf, settlingOf, type Written } from "./taps.ts";

/**
 * Settlement of generated cities: people who ride, rent and borrow at terminals whose data is at times too old or not
 * there. What is settled does not depend on the order in which entries come; and what was granted, with what is owed, is
 * what an always-online terminal would have granted, for every cause.
 */

const people = ["A".repeat(22), "B".repeat(22), "C".repeat(22)] as const;
const sites = ["east", "west", "north"] as const;
const day = 86_400;

const standing = fc.constantFrom<Standing>("none", 1, 2, 3, "suspended", "revoked");
const visit = fc.record({
  service: fc.constantFrom("metro", "metro", "bike", "library"),
  who: fc.constantFrom(0, 1, 2),
  thing: fc.constantFrom("v1", "v2", "v3"),
  from: fc.constantFrom(...sites),
  to: fc.constantFrom(...sites),
  seconds: fc.integer({ min: 0, max: 2 * day }),
  hasEnd: fc.boolean(),
  startCause: fc.constantFrom(...causes),
  endCause: fc.constantFrom(...causes),
  standing,
  outcome: fc.constantFrom("completed", "completed", "completed", "timed-out", null),
  accepted: fc.constantFrom(true, true, true, false),
} as const);
/** `gap`: seconds from one to the next; often the same day, so that caps matter. */
const city = fc.array(fc.tuple(fc.integer({ min: 60, max: 20_000 }), visit), { minLength: 1, maxLength: 12 });

type City = typeof city extends fc.Arbitrary<infer C> ? C : never;

const write = (visits: City, isOnline: boolean): readonly Written[] => {
  const logs = createLogs(pricedPolicy);
  let at = now;
  for (const [gap, each] of visits) {
    at += gap;
    const [start, end] = (
      { metro: ["entry", "exit"], bike: ["trip_start", "trip_end"], library: ["checkout", "checkin"] } as const
    )[each.service];
    const person = people[each.who] ?? null;
    const { service, thing, outcome } = each;
    const common = { service, standing: each.standing, thing: service === "metro" ? undefined : thing };
    const spread = service === "metro" ? { service, standing: each.standing } : { ...common, thing };
    const terms = service === "bike" ? { accepted: each.accepted } : {};
    const startCause = isOnline ? "fresh" : each.startCause;
    logs.ask(`t-${each.from}`, {
      ...spread,
      ...terms,
      action: start,
      at,
      site: each.from,
      person,
      cause: startCause,
      outcome,
    });
    if (!each.hasEnd) continue;
    const back = service === "metro" ? person : null;
    const endCause = isOnline ? "fresh" : each.endCause;
    logs.ask(`t-${each.to}`, {
      ...spread,
      action: end,
      at: at + each.seconds,
      site: each.to,
      person: back,
      cause: endCause,
    });
  }
  return logs.written;
};

/** The programme knows what everybody's standing was. */
const truthOf = (visits: City): ((ref: string) => Standing | undefined) => {
  const [stale, fresh] = [write(visits, false), write(visits, true)];
  const known = new Map<string, Standing>();
  stale.forEach(({ ref, transaction }) => {
    if (transaction.kind !== "decided" || transaction.result.effect !== "permit" || !transaction.result.owed) return;
    const there = fresh.find(
      (each) =>
        each.transaction.kind === "decided" &&
        each.transaction.at === transaction.at &&
        each.ref.terminal === ref.terminal &&
        each.transaction.request.action === transaction.request.action,
    );
    if (there?.transaction.kind === "decided") {
      known.set(`${ref.terminal}/${ref.epoch}/${ref.seq}`, there.transaction.knowledge.standing);
    }
  });
  return (ref) => known.get(ref);
};

const settle = (pieces: readonly (readonly Piece[])[], answerFor = (_: string): Standing | undefined => undefined) => {
  const found = createReconciliation(rulesForOf(pricedPolicy));
  for (const batch of pieces) found.add(batch);
  return {
    people: found.people().map(({ pseudonym, journeys, conflicts }) => ({
      pseudonym,
      conflicts,
      journeys: journeys.map(({ start }) => start.ref),
      lines: settleJourneys(journeys, settlingOf(pricedPolicy, { answerFor })),
    })),
    conflicts: found.conflicts(),
  };
};

it("does not depend on the order, the batches or the repetitions in which entries come", () => {
  const disorder = fc.tuple(city, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 7 }));
  fc.assert(
    fc.property(disorder, ([visits, draws, batchSize]) => {
      const pieces = piecesOf(write(visits, false));
      const twice = [...pieces, ...pieces.filter(() => (draws.next().value ?? 0) % 3 === 0)];
      const mixed = twice.map((piece) => ({ piece, by: draws.next().value ?? 0 })).sort((a, b) => a.by - b.by);
      const batches: Piece[][] = [];
      for (let i = 0; i < mixed.length; i += batchSize)
        batches.push(mixed.slice(i, i + batchSize).map(({ piece }) => piece));
      expect(settle(batches)).toEqual(settle([pieces]));
    }),
    { numRuns: 300 },
  );
});

/** A revoked code is refused by an always-online terminal, and charged nothing by ours: not the same entries, but the same money. */
const totalsOf = (lines: readonly Line[]) => {
  const sum = (kind: Line["kind"]) =>
    lines.filter((line) => line.kind === kind).reduce((total, { amount, owed }) => total + amount - owed, 0);
  return { use: sum("use"), held: sum("deposit-held"), over: sum("deposit-released") + sum("deposit-forfeited") };
};

const allLines = (settled: ReturnType<typeof settle>): readonly Line[] => settled.people.flatMap(({ lines }) => lines);

it("granted and owed together are what an always-online terminal would have granted", () => {
  fc.assert(
    fc.property(city, (visits) => {
      // Who was let through with a stolen phone pairs with entries that an online terminal would not have.
      const honest = visits.map(
        ([gap, each]) => [gap, each.standing === "revoked" ? { ...each, standing: "none" } : each] as const,
      );
      const ours = settle([piecesOf(write(honest as City, false))], truthOf(honest as City));
      const online = settle([piecesOf(write(honest as City, true))]);
      for (const { pseudonym, lines } of online.people) {
        const same = ours.people.find((each) => each.pseudonym === pseudonym)?.lines ?? [];
        expect(totalsOf(same)).toEqual(totalsOf(lines));
      }
      expect(allLines(ours).every(({ pending }) => pending.length === 0)).toBe(true);
      expect(allLines(online).every(({ owed, causes: why }) => owed === 0 && why.length === 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("terms: granted with what was missed is what was due", () => {
  const one = fc.tuple(visit, fc.constantFrom(...causes.slice(1)));
  fc.assert(
    fc.property(one, ([each, cause]) => {
      const visits: City = [
        [60, { ...each, startCause: cause, hasEnd: each.service !== "metro", outcome: "completed", accepted: true }],
      ];
      const grantedTo = (isOnline: boolean): Terms | null => {
        const [first] = piecesOf(write(visits, isOnline));
        return first?.kind === "tap" ? first.tap.terms : null;
      };
      const [granted, due] = [grantedTo(false), grantedTo(true)];
      const lines = allLines(settle([piecesOf(write(visits, false))], truthOf(visits)));
      const missed = Object.assign({}, ...lines.map((line) => line.missed));
      if (each.standing === "revoked") expect(totalsOf(lines)).toEqual({ use: 0, held: 0, over: 0 });
      else expect({ ...granted, ...missed }).toEqual(due);
    }),
  );
});

it("a stolen phone is charged nothing, whatever its thief did while we could not tell", () => {
  fc.assert(
    fc.property(city, (visits) => {
      const stolen = visits.map(([gap, each]) => {
        const cause = each.startCause === "fresh" ? "list-stale" : each.startCause;
        const endCause = each.endCause === "fresh" ? "list-stale" : each.endCause;
        return [gap, { ...each, standing: "revoked", startCause: cause, endCause } as const] as const;
      }) as City;
      const lines = allLines(settle([piecesOf(write(stolen, false))], truthOf(stolen)));
      expect(totalsOf(lines)).toEqual({ use: 0, held: 0, over: 0 });
    }),
  );
});

it("money adds up: whole units, nothing below zero, each deposit once, no day above its cap", () => {
  fc.assert(
    fc.property(city, (visits) => {
      for (const answerFor of [truthOf(visits), () => undefined]) {
        for (const { lines } of settle([piecesOf(write(visits, false))], answerFor).people) {
          expect(lines.every(({ amount, owed }) => Number.isSafeInteger(amount) && owed >= 0 && owed <= amount)).toBe(
            true,
          );
          expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
          const days = new Map<number, number>();
          for (const { kind, service, at, amount } of lines) {
            if (kind !== "use" || service !== "metro") continue;
            days.set(Math.floor(at / day), (days.get(Math.floor(at / day)) ?? 0) + amount);
          }
          expect(Math.max(0, ...days.values())).toBeLessThanOrEqual(1000);
          for (const held of lines.filter(({ kind }) => kind === "deposit-held")) {
            const over = lines.filter(
              ({ kind, entries }) =>
                kind.startsWith("deposit-") && kind !== "deposit-held" && entries[0] === held.entries[0],
            );
            expect(over.length).toBeLessThanOrEqual(1);
            expect(over.every(({ amount }) => amount === held.amount - held.owed)).toBe(true);
          }
        }
      }
    }),
  );
});

it("nobody who has no code, or whose code is suspended or unknown, pays less than who has a band, nor more than without one", () => {
  fc.assert(
    fc.property(city, standing, (visits, better) => {
      const as = (each: Standing) =>
        visits.map(
          ([gap, one]) => [gap, { ...one, standing: each, startCause: "fresh", endCause: "fresh" }] as const,
        ) as City;
      const pays = (each: Standing) => totalsOf(allLines(settle([piecesOf(write(as(each), true))])));
      const ordinary = pays("none");
      expect(pays("suspended")).toEqual(ordinary);
      expect(pays("unknown")).toEqual(ordinary);
      if (better !== "revoked") expect(pays(better).use).toBeLessThanOrEqual(ordinary.use);
    }),
  );
});
