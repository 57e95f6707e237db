import { describe, expect, it } from "vitest";
import { createReconciliation } from "../edge-server/reconciliation.ts";
import { type Line, type Settling, settleJourneys } from "../edge-server/settle.ts";
import { correctStated } from "../edge-server/settle-corrections.ts";
import type { Policy } from "../shared/policy.ts";
import type { Price } from "../shared/tariff.ts";
import type { EntryRef, Happening } from "../shared/transaction.ts";
import { now } from "./sample.ts";
import { servicesPolicy } from "./services-sample.ts";
import {
  type Asking,
  createLogs,
  distance,
  inForceOf,
  piecesOf,
  pricedPolicy,
  rulesForOf,
  settlingOf,
  withPrices,
} from "./taps.ts";

/** Lines of one person, case by case: what is in them, and when they fall due. */

const ann = "A".repeat(22);
const [hour, day] = [3600, 86_400];
const order: Price = { kind: "order", fee: 300, itemsIncluded: 3, feePerItem: 100, itemsMax: 5 };

type Logs = ReturnType<typeof createLogs>;
const settle = (policy: Policy, write: (logs: Logs) => void, changes: Partial<Settling> = {}): readonly Line[] => {
  const logs = createLogs(policy);
  write(logs);
  const found = createReconciliation(rulesForOf(policy));
  found.add(piecesOf(logs.written));
  return found.people().flatMap(({ journeys }) => settleJourneys(journeys, settlingOf(policy, changes)));
};
const brief = (lines: readonly Line[]) =>
  lines.map(({ kind, at, amount, owed, paid }) => [kind, at - now, amount, owed, paid]);

const entry = { service: "metro", action: "entry", site: "east", person: ann } as const;
const exit = { ...entry, action: "exit", site: "west" } as const;
const start = { service: "bike", action: "trip_start", site: "east", person: ann, thing: "v" } as const;
const end = { service: "bike", action: "trip_end", site: "west", person: null, thing: "v" } as const;
const session = { service: "library", action: "session", site: "lib", person: ann, outcome: null } as const;
const item = { service: "library", site: "lib", person: ann } as const;
const paid = (of: EntryRef, order: "hold" | "charge" | "release", amount: number, outcome = "done"): Happening =>
  ({ kind: "payment", of, order, amount, currency: "CNY", outcome }) as never;

describe("orders", () => {
  const parcel = (items: number, outcome: Asking["outcome"] = "completed") =>
    settle(withPrices({ library: order }), (logs) => {
      const opened = logs.ask("l", { ...session, at: now });
      for (let i = 0; i < items; i++) {
        const action = "order" as const;
        logs.ask("l", {
          ...item,
          action,
          thing: `b${i}`,
          at: now + 10 + i,
          session: opened,
          identity: `${i}`,
          outcome,
        });
      }
    });
  it.each([
    [1, 300],
    [3, 300],
    [4, 400],
    [5, 500],
  ])("of %i items cost %i, once", (items, due) => {
    expect(brief(parcel(items))).toEqual([["use", 10, due, 0, 0]]);
  });
  it("that was not sent costs nothing", () => expect(parcel(3, "annulled")).toEqual([]));
});

describe("a car park with several barriers", () => {
  const minute = 60;
  const park = { service: "parking", site: "square", person: ann } as const;
  const parking = (write: (logs: Logs, leave: (terminal: string, at: number, took: number) => void) => void) =>
    settle(servicesPolicy, (logs) =>
      write(logs, (terminal, at, took) => {
        const of = logs.ask(terminal, { ...park, action: "exit", at: now + at });
        if (took > 0) logs.write(terminal, now + at + 1, paid(of, "charge", took), {});
      }),
    );
  it("has the fee follow where the barrier at the exit could not tell it", () => {
    const lines = parking((logs, leave) => {
      leave("out", 90 * minute, 0);
      logs.ask("in", { ...park, action: "entry", at: now });
    });
    expect(brief(lines)).toEqual([["use", 90 * minute, 1000, 0, 0]]);
  });
  it("gives back what was paid at a second exit, and for a stay that nobody saw begin", () => {
    const lines = parking((logs, leave) => {
      logs.ask("in", { ...park, action: "entry", at: now });
      leave("out-1", 90 * minute, 1000);
      leave("out-2", 91 * minute, 1000);
      leave("out-1", 300 * minute, 500);
    });
    expect(brief(lines)).toEqual([
      ["use", 90 * minute, 1000, 0, 1000],
      ["refund", 91 * minute, 0, 0, 1000],
      ["refund", 300 * minute, 0, 0, 500],
    ]);
  });
  it("charges nobody for an exit by itself", () => {
    expect(parking((_, leave) => leave("out", 0, 0))).toEqual([]);
  });
});

describe("what the payment system did", () => {
  const ride = (write: (logs: Logs, of: EntryRef) => void, changes: Partial<Asking> = {}) =>
    settle(pricedPolicy, (logs) => {
      logs.ask("a", { ...start, at: now, ...changes });
      const of = logs.ask("b", { ...end, at: now + 2 * hour });
      write(logs, of);
    });
  it("is told beside what is due", () => {
    expect(brief(ride((logs, of) => logs.write("b", now + 2 * hour, paid(of, "charge", 202), {})))).toEqual([
      ["use", 2 * hour, 202, 0, 202],
    ]);
  });
  it("and gave back is none", () => {
    const lines = ride((logs, of) => {
      logs.write("b", now + 2 * hour, paid(of, "charge", 202), {});
      logs.write("b", now + 3 * hour, paid(of, "release", 202), {});
    });
    expect(brief(lines)).toEqual([["use", 2 * hour, 202, 0, 0]]);
  });
  it("may have done without an answer is none, and nobody is charged twice", () => {
    const lines = ride((logs, of) => {
      logs.write("b", now + 2 * hour, paid(of, "charge", 202, "unknown"), {});
      logs.write("b", now + 2 * hour, paid(of, "charge", 202), {});
      logs.write("b", now + 2 * hour, paid(of, "charge", 202), {});
    });
    expect(brief(lines)).toEqual([["use", 2 * hour, 202, 0, 202]]);
  });
  it("may have done, and nobody knows, is none", () => {
    const lines = ride((logs, of) => logs.write("b", now + 2 * hour, paid(of, "charge", 202, "unknown"), {}));
    expect(brief(lines)).toEqual([["use", 2 * hour, 202, 0, 0]]);
  });
  it("took for what did not happen is given back", () => {
    const lines = settle(pricedPolicy, (logs) => {
      const of = logs.ask("a", { ...entry, at: now, outcome: "fault" });
      logs.write("a", now + 1, paid(of, "charge", 360), {});
    });
    expect(brief(lines)).toEqual([["refund", 0, 0, 0, 360]]);
  });
  it("held is no payment", () => {
    expect(brief(ride((logs, of) => logs.write("b", now, paid(of, "hold", 20_000), {})))[0]?.[4]).toBe(0);
  });
});

describe("deposits", () => {
  const kept = withPrices(
    { bike: { kind: "time", unitSeconds: hour, unitPrice: 101, capPerDay: null, capInAll: null } },
    day,
  );
  const trip = (seconds: number | null, until = now + 400 * day) =>
    brief(
      settle(
        kept,
        (logs) => {
          logs.ask("a", { ...start, at: now, accepted: true });
          if (seconds !== null) logs.ask("b", { ...end, at: now + seconds });
        },
        { until },
      ),
    ).filter(([kind]) => String(kind).startsWith("deposit"));
  const held = ["deposit-held", 0, 20_000, 0, 0];

  it("come back with what was lent", () => {
    expect(trip(day - 1)).toEqual([held, ["deposit-released", day - 1, 20_000, 0, 0]]);
  });
  it("are kept from the moment that the rules say", () => {
    const forfeited = ["deposit-forfeited", day, 20_000, 0, 0];
    expect(trip(day)).toEqual([held, forfeited]);
    expect(trip(null)).toEqual([held, forfeited]);
    expect(trip(null, now + day)).toEqual([held]);
  });
  it("of a thing that no reader told apart are held, and never kept", () => {
    const lines = settle(kept, (logs) => {
      const { thing, ...untold } = start;
      expect(thing).toBe("v");
      logs.ask("a", { ...untold, at: now, accepted: true });
    });
    expect(brief(lines)).toEqual([held]);
  });
  it("of a session come back with the last of its items", () => {
    const lines = settle(pricedPolicy, (logs) => {
      const opened = logs.ask("l", { ...session, at: now, accepted: true });
      for (const [thing, at] of [
        ["x", 10],
        ["y", 20],
      ] as const) {
        logs.ask("l", { ...item, action: "checkout", thing, at: now + at, session: opened, identity: thing });
        logs.ask("m", { ...item, action: "checkin", person: null, thing, at: now + at * day });
      }
    });
    expect(brief(lines)).toEqual([
      ["deposit-held", 0, 10_000, 0, 0],
      ["deposit-released", 20 * day, 10_000, 0, 0],
    ]);
  });
  it("of a session stay while an item is out, and come back at once where none was taken", () => {
    const out = (isOut: boolean) =>
      settle(pricedPolicy, (logs) => {
        const opened = logs.ask("l", { ...session, at: now, accepted: true });
        if (isOut) logs.ask("l", { ...item, action: "checkout", thing: "x", at: now + 9, session: opened });
      });
    expect(out(true).map(({ kind }) => kind)).toEqual(["deposit-held"]);
    expect(out(false).map(({ kind }) => kind)).toEqual(["deposit-held", "deposit-released"]);
  });
  it("that need not have been held go back at once, and not twice", () => {
    const lines = settle(
      pricedPolicy,
      (logs) => {
        const opened = logs.ask("l", { ...session, at: now, accepted: true, cause: "list-missing" });
        logs.ask("l", { ...item, action: "checkout", thing: "x", at: now + 9, session: opened });
        logs.ask("m", { ...item, action: "checkin", person: null, thing: "x", at: now + day });
      },
      { answerFor: () => 2 },
    );
    expect(brief(lines)).toEqual([["deposit-held", 0, 10_000, 10_000, 0]]);
  });
  it("and terms are nothing where they were not accepted, whatever else was not written down", () => {
    const declined = { ...session, at: now, accepted: false, cause: "list-missing" } as const;
    expect(settle(pricedPolicy, (logs) => logs.ask("l", declined), { answerFor: () => 2 })).toEqual([]);
  });
  it("are not held where the terms were not accepted", () => {
    expect(
      settle(pricedPolicy, (logs) => logs.ask("a", { ...start, at: now, accepted: false, outcome: "annulled" })),
    ).toEqual([]);
  });
});

describe("decided again", () => {
  const stale = (changes: Partial<Settling>, cause: Asking["cause"] = "trust-stale") => {
    const lines = settle(
      pricedPolicy,
      (logs) => {
        logs.ask("a", { ...entry, at: now, standing: 2, cause });
        logs.ask("b", { ...exit, at: now + hour, standing: 2, cause });
      },
      changes,
    );
    return lines.map(({ amount, owed, pending, causes }) => [amount, owed, pending.length, causes]);
  };
  const at = (version: number, cuts = 7) => ({ ...inForceOf(pricedPolicy), listAt: () => ({ version, cuts }) });

  it("without asking anybody, where the terminal had the very list that was in force", () => {
    expect(stale({ inForce: at(1) })).toEqual([[364, 40, 0, ["trust-stale"]]]);
  });
  it.each([
    ["another version was in force", at(2)],
    ["it was sorted by other cuts", at(1, 6)],
    ["nobody knows which was in force", inForceOf(pricedPolicy)],
  ])("by asking, where %s", (_, inForce) => {
    expect(stale({ inForce })).toEqual([[364, 0, 2, ["trust-stale"]]]);
  });
  it("by asking, where the list that was in force did not fit the rules either", () => {
    expect(stale({ inForce: at(1, 8) }, "cuts-differ")).toEqual([[364, 0, 2, ["cuts-differ"]]]);
  });
  it("by asking, where the terminal could not read the band", () => {
    expect(stale({ inForce: at(1) }, "band-unknown")).toEqual([[364, 0, 2, ["band-unknown"]]]);
  });
  it("by the rules that were in force, and never by dearer ones", () => {
    const cheaper = withPrices({ metro: { kind: "flat", fare: 100, capPerDay: null } });
    const dearer = withPrices({ metro: { kind: "flat", fare: 900, capPerDay: null } });
    const by = (policy: Policy) => stale({ inForce: { ...at(1), policyAt: () => policy } }, "policy-stale");
    expect([by(cheaper)[0]?.[1], by(dearer)[0]?.[1]]).toEqual([364 - 80, 0]);
    const owed = settle(
      pricedPolicy,
      (logs) => {
        for (const from of [now, now + 5 * hour]) {
          logs.ask("a", { ...entry, at: from, standing: 2, cause: "policy-stale" });
          logs.ask("b", { ...exit, at: from + hour, standing: 2, cause: "policy-stale" });
        }
      },
      { inForce: { ...at(1), policyAt: (then) => (then < now + 3 * hour ? dearer : cheaper) }, dayOf: () => 0 },
    ).map((line) => line.owed);
    expect(owed).toEqual([0, 364 - 80]);
  });
  it("only once it is over", () => {
    const ridden = settle(pricedPolicy, (logs) => logs.ask("a", { ...start, at: now, cause: "list-missing" }), {
      answerFor: () => 1,
    });
    expect(ridden).toEqual([]);
  });
});

describe("rules that have changed", () => {
  it("are owed where they are better, and take nothing back where they are worse", () => {
    const [pack] = pricedPolicy.packs;
    const library = pack?.services.library;
    if (pack === undefined || library === undefined) throw new Error("the sample has a library");
    const ordinary = { ...library.ordinary, deposit: 90_000, loanSeconds: 90 * day };
    const changed = { ...pack, services: { ...pack.services, library: { ...library, ordinary, perks: [] } } };
    const inForce = { ...inForceOf(pricedPolicy), policyAt: () => ({ ...pricedPolicy, packs: [changed] }) };
    const lines = settle(
      pricedPolicy,
      (logs) => {
        logs.ask("l", { ...item, action: "checkout", thing: "x", at: now, cause: "policy-stale" });
      },
      { inForce, answerFor: () => "none" },
    );
    expect(lines.map(({ kind, missed }) => [kind, missed])).toEqual([["terms", { loanSeconds: 90 * day }]]);
  });
});

describe("days", () => {
  // 542 each and no more than 1000 a day, where 482 would have been due.
  it.each([
    [1, [[542, 60]]],
    [
      2,
      [
        [542, 36],
        [458, 0],
      ],
    ],
    [
      3,
      [
        [542, 0],
        [458, 0],
        [0, 0],
      ],
    ],
  ])(
    "of %i journeys cost no more than their cap, and owed is what the whole day would have cost less",
    (many, money) => {
      const lines = settle(
        pricedPolicy,
        (logs) => {
          for (let i = 0; i < many; i++) {
            const at = now + i * 3 * hour;
            logs.ask("n", { ...entry, site: "north", at, cause: "list-missing" });
            logs.ask("e", { ...exit, site: "east", at: at + hour, cause: "list-missing" });
          }
        },
        { answerFor: () => 2, dayOf: () => 0 },
      );
      expect(lines.map(({ amount, owed }) => [amount, owed])).toEqual(money);
      expect(lines.reduce((sum, { amount, owed }) => sum + amount - owed, 0)).toBe(Math.min(1000, many * 482));
    },
  );
  it("owe no more than the day, and by the first of its lines", () => {
    const roomy = withPrices({ metro: { ...distance, capPerDay: 1500 } });
    const lines = settle(
      roomy,
      (logs) => {
        for (const at of [now, now + 2 * hour, now + 4 * hour]) {
          logs.ask("n", { ...entry, site: "north", at, cause: "list-missing" });
          logs.ask("e", { ...exit, site: "east", at: at + hour, cause: "list-missing" });
        }
      },
      { answerFor: () => 2, dayOf: () => 0 },
    );
    expect(lines.map(({ amount, owed }) => [amount, owed])).toEqual([
      [542, 54],
      [542, 0],
      [416, 0],
    ]);
  });
  it("of one service are not filled by another", () => {
    const lines = settle(
      pricedPolicy,
      (logs) => {
        logs.ask("a", { ...start, at: now });
        logs.ask("b", { ...end, at: now + 6 * hour });
        logs.ask("n", { ...entry, site: "north", at: now + 6 * hour });
        logs.ask("e", { ...exit, site: "east", at: now + 7 * hour });
      },
      { dayOf: () => 0 },
    );
    expect(lines.map(({ amount }) => amount)).toEqual([606, 542]);
  });
  it("are apart from each other", () => {
    const rides = (dayOf: Settling["dayOf"]) =>
      settle(
        pricedPolicy,
        (logs) => {
          for (const at of [now, now + 2 * hour, now + 4 * hour]) {
            logs.ask("n", { ...entry, site: "north", at });
            logs.ask("e", { ...exit, site: "east", at: at + hour });
          }
        },
        { dayOf },
      ).map(({ amount }) => amount);
    expect([rides(() => 0), rides((at) => at)]).toEqual([
      [542, 458, 0],
      [542, 542, 542],
    ]);
  });
});

describe("corrections", () => {
  const line: Line = {
    ...{ key: "t/e/1#use", kind: "use", at: 10, programme: "here", service: "metro", currency: "CNY" },
    ...{ amount: 100, owed: 0, paid: 0, missed: {}, causes: [], pending: [], entries: ["t/e/1", "u/e/1"] },
  };
  const all = new Set(line.entries);
  const stated = [{ period: "p1", line }];
  const correct = (
    lines: readonly Line[],
    present: ReadonlySet<string> = all,
    earlier: Parameters<typeof correctStated>[1] = stated,
  ) =>
    correctStated(lines, earlier, 50, () => "p1", present).corrections.map(({ amount, owed, period }) => [
      amount,
      owed,
      period,
    ]);

  it.each<[string, readonly Line[], ReadonlySet<string>, readonly unknown[]]>([
    ["none where it is as it was", [line], all, []],
    ["what has changed", [{ ...line, amount: 70, owed: 5 }], all, [[-30, 5, "p1"]]],
    ["what is not there any more", [], all, [[-100, 0, "p1"]]],
    ["none where what is personal was erased", [], new Set(["u/e/1"]), []],
    ["none by the entries that are left of it", [{ ...line, amount: 10, entries: ["t/e/1"] }], new Set(["t/e/1"]), []],
    [
      "what came late",
      [line, { ...line, key: "t/e/9#use", entries: ["t/e/9"], amount: 7 }],
      new Set([...all, "t/e/9"]),
      [[7, 0, "p1"]],
    ],
  ])("%s", (_, lines, present, corrections) => {
    expect(correct(lines, present)).toEqual(corrections);
  });

  it("of a month that was never stated are none", () => {
    expect(correctStated([line], [], 50, () => null, all).corrections).toEqual([]);
  });
  it("start from the last one", () => {
    const [first] = correctStated([{ ...line, amount: 70 }], stated, 50, () => "p1", all).corrections;
    const earlier = first === undefined ? stated : [...stated, { period: "p1", line: first }];
    expect(correct([{ ...line, amount: 70 }], all, earlier)).toEqual([]);
    expect(correct([line], all, earlier)).toEqual([[30, 0, "p1"]]);
  });
  it("leave lines of the period itself alone", () => {
    const own = { ...line, at: 50 };
    expect(correctStated([own], [], 50, () => "p1", all)).toEqual({ lines: [own], corrections: [] });
  });
});
