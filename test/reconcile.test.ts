import { describe, expect, it } from "vitest";
import { createReconciliation } from "../edge-server/reconciliation.ts";
import { now } from "./sample.ts";
import { type Asking, createLogs, piecesOf, pricedPolicy, rulesForOf } from "./taps.ts";

/** What is paired with what, what is not there, and what is named. */

const ann = "A".repeat(22);
const entry = { service: "metro", action: "entry", site: "east", person: ann } as const;
const exit = { ...entry, action: "exit", site: "west" } as const;
const start = { service: "bike", action: "trip_start", site: "east", person: ann, accepted: true } as const;
const end = { service: "bike", action: "trip_end", site: "west", person: null } as const;
const checkout = { service: "library", action: "checkout", site: "lib", person: ann, thing: "book" } as const;
const checkin = { ...checkout, action: "checkin", person: null } as const;

type Step = readonly [terminal: string, seconds: number, asking: Omit<Asking, "at">];

const reconcile = (
  steps: readonly Step[],
  also: (
    logs: ReturnType<typeof createLogs>,
    refs: ReturnType<ReturnType<typeof createLogs>["ask"]>[],
  ) => void = () => {},
) => {
  const logs = createLogs(pricedPolicy);
  const refs = steps.map(([terminal, seconds, asking]) => logs.ask(terminal, { ...asking, at: now + seconds }));
  also(logs, refs);
  const found = createReconciliation(rulesForOf(pricedPolicy));
  found.add(piecesOf(logs.written));
  const people = found.people();
  const named = [...people.flatMap((each) => each.conflicts), ...found.conflicts()];
  const place = (ref: string): number =>
    refs.findIndex(({ terminal, seq }) => ref.startsWith(`${terminal}/`) && ref.endsWith(`/${seq}`));
  return {
    journeys: people.flatMap((each) =>
      each.journeys.map(({ start, end, endedAt }) => [
        place(start.ref),
        end === null ? null : place(end.ref),
        endedAt === null ? null : endedAt - now,
      ]),
    ),
    conflicts: named.map(({ kind, entries }) => [kind, ...entries.map(place)]),
  };
};

describe("pairs", () => {
  it.each<[string, readonly Step[], readonly unknown[], readonly unknown[]]>([
    [
      "an entry and an exit at another gate",
      [
        ["a", 0, entry],
        ["b", 900, exit],
      ],
      [[0, 1, 900]],
      [],
    ],
    [
      "an entry whose outcome is not known, by its exit",
      [
        ["a", 0, { ...entry, outcome: null }],
        ["b", 900, exit],
      ],
      [[0, 1, 900]],
      [],
    ],
    [
      "nothing with an entry that timed out",
      [
        ["a", 0, { ...entry, outcome: "timed-out" }],
        ["b", 900, exit],
      ],
      [],
      [["exit-without-entry", 1]],
    ],
    [
      "nothing with an exit that did not open",
      [
        ["a", 0, entry],
        ["b", 900, { ...exit, outcome: "fault" }],
      ],
      [[0, null, 86_400]],
      [["entry-without-exit", 0]],
    ],
    ["no entry that nobody saw through", [["a", 0, { ...entry, outcome: null }]], [], []],
    [
      "two journeys of a day",
      [
        ["a", 0, entry],
        ["b", 900, exit],
        ["b", 9000, { ...entry, site: "west" }],
        ["a", 9900, { ...exit, site: "east" }],
      ],
      [
        [0, 1, 900],
        [2, 3, 9900],
      ],
      [],
    ],
    [
      "an entry with nothing, until the next one",
      [
        ["a", 0, entry],
        ["b", 100, entry],
      ],
      [
        [0, null, 100],
        [1, null, 86_500],
      ],
      [
        ["entry-without-exit", 0],
        ["entry-without-exit", 1],
      ],
    ],
    [
      "an exit that came a day late with nobody",
      [
        ["a", 0, entry],
        ["b", 86_401, exit],
      ],
      [[0, null, 86_400]],
      [
        ["entry-without-exit", 0],
        ["exit-without-entry", 1],
      ],
    ],
    [
      "the last second of the day",
      [
        ["a", 0, entry],
        ["b", 86_400, exit],
      ],
      [[0, 1, 86_400]],
      [],
    ],
    [
      "a trip by its vehicle",
      [
        ["a", 0, { ...start, thing: "v1" }],
        ["b", 5000, { ...end, thing: "v1" }],
      ],
      [[0, 1, 5000]],
      [],
    ],
    ["no trip whose terms were not accepted", [["a", 0, { ...start, accepted: false, outcome: "annulled" }]], [], []],
    [
      "no trip whose lock did not open",
      [
        ["a", 0, { ...start, thing: "v1", outcome: "fault" }],
        ["b", 100, { ...end, thing: "v1" }],
      ],
      [],
      [["end-without-start", 1]],
    ],
    [
      "a return that was taken in rather than one that may not have been",
      [
        ["l", 0, checkout],
        ["m", 50, { ...checkin, outcome: null }],
        ["m", 90, checkin],
      ],
      [[0, 2, 90]],
      [],
    ],
    [
      "a return that may not have been taken in, where there is no other",
      [
        ["l", 0, checkout],
        ["m", 50, { ...checkin, outcome: null }],
      ],
      [[0, 1, 50]],
      [],
    ],
    [
      "a loan by its item",
      [
        ["l", 0, checkout],
        ["m", 900, checkin],
      ],
      [[0, 1, 900]],
      [],
    ],
    [
      "a loan that is out",
      [
        ["l", 0, checkout],
        ["l", 10, { ...checkout, action: "renew" }],
      ],
      [[0, null, null]],
      [],
    ],
  ])("%s", (_, steps, journeys, conflicts) => {
    expect(reconcile(steps)).toEqual({ journeys, conflicts });
  });

  it("a loan and its return in one second, wherever in the log they stand", () => {
    const nothing = { ...entry, outcome: null };
    for (let before = 0; before < 13; before++) {
      const steps: Step[] = Array.from({ length: before }, () => ["l", 0, nothing]);
      const found = reconcile([...steps, ["l", 50, checkout], ["l", 50, checkin]]);
      expect(found.journeys).toEqual([[before, before + 1, 50]]);
    }
  });

  it("nothing that staff took back", () => {
    const taken = reconcile([["a", 0, entry]], (logs, [of]) => {
      logs.write("s", now + 50, { kind: "annulled", of, staff: ["s"], reason: "mistake" } as never, {});
    });
    expect(taken).toEqual({ journeys: [], conflicts: [] });
  });

  it("what staff let through after a refusal, on the terms that they gave", () => {
    const refused = { ...entry, standing: "revoked" } as const;
    const let1 = (terms: unknown) =>
      reconcile(
        [
          ["a", 0, refused],
          ["b", 900, exit],
        ],
        (logs, [of]) => {
          logs.write("a", now + 5, { kind: "override", of, staff: ["s"], effect: "pass", terms } as never, {});
        },
      );
    expect(let1({ deposit: 0, priceFactor: 900, freeSeconds: 0, loanSeconds: 0, itemsMax: 0 })).toEqual({
      journeys: [[0, 1, 900]],
      conflicts: [],
    });
    expect(let1(null).journeys).toEqual([]);
  });
});

describe("what became of it", () => {
  it("is what the last entry of the log says", () => {
    const acted = (of: unknown, outcome: string) => ({ kind: "acted", of, outcome }) as never;
    const lastSaid = (...outcomes: readonly string[]) =>
      reconcile([["a", 0, { ...entry, outcome: null }]], (logs, [of]) => {
        for (const outcome of outcomes) logs.write("a", now + 5, acted(of, outcome), {});
      }).journeys.length;
    expect([lastSaid("fault", "completed"), lastSaid("completed", "fault"), lastSaid("completed")]).toEqual([1, 0, 1]);
  });

  it("needs no word of the gate where staff let somebody through", () => {
    const terms = { deposit: 0, priceFactor: 900, freeSeconds: 0, loanSeconds: 0, itemsMax: 0 };
    const alone = reconcile([["a", 0, { ...entry, standing: "revoked" }]], (logs, [of]) => {
      logs.write("a", now + 5, { kind: "override", of, staff: ["s"], effect: "pass", terms } as never, {});
    });
    expect(alone.journeys).toEqual([[0, null, 86_400]]);
    const nobodyPassed = reconcile([["a", 0, { ...entry, standing: "revoked" }]], (logs, [of]) => {
      const by = { kind: "override", of, staff: ["s"], effect: "pass", terms } as never;
      const override = logs.write("a", now + 5, by, {});
      logs.write("a", now + 9, { kind: "acted", of: override, outcome: "timed-out" }, {});
    });
    expect(nobodyPassed.journeys).toEqual([]);
  });
});

describe("names", () => {
  it.each<[string, readonly Step[], string]>([
    [
      "two entries within a minute at two gates",
      [
        ["a", 0, entry],
        ["b", 59, entry],
      ],
      "passback",
    ],
    ["an exit without an entry", [["b", 0, exit]], "exit-without-entry"],
    [
      "an entry and no exit, however",
      [
        ["a", 0, entry],
        ["b", 60, entry],
      ],
      "entry-without-exit",
    ],
    [
      "two returns",
      [
        ["l", 0, checkout],
        ["l", 90, checkin],
        ["m", 95, checkin],
      ],
      "two-returns",
    ],
    ["a return of what nobody borrowed", [["l", 0, checkin]], "end-without-start"],
    ["a renewal of what nobody borrowed", [["l", 0, { ...checkout, action: "renew" }]], "renewal-without-loan"],
    [
      "a start of what was not given back",
      [
        ["a", 0, { ...start, thing: "v" }],
        ["b", 9000, { ...start, thing: "v" }],
      ],
      "start-without-end",
    ],
    [
      "a trip of 40 days",
      [
        ["a", 0, { ...start, thing: "v" }],
        ["b", 40 * 86_400, { ...end, thing: "v" }],
      ],
      "long-trip",
    ],
    [
      "a way that is too long for the time",
      [
        ["a", 0, entry],
        ["b", 599, exit],
      ],
      "impossible-journey",
    ],
    [
      "a way to the next entry, too",
      [
        ["a", 0, entry],
        ["b", 700, exit],
        ["c", 800, { ...entry, site: "north" }],
      ],
      "impossible-journey",
    ],
    [
      "an end before its start, by another clock",
      [
        ["a", 100, { ...start, thing: "v" }],
        ["b", 0, { ...end, thing: "v" }],
      ],
      "clock-went-back",
    ],
    [
      "a presentation that was spent twice",
      [
        ["a", 0, { ...entry, identity: "x" }],
        ["b", 40, { ...entry, identity: "x" }],
      ],
      "spent-twice",
    ],
    [
      "one spent for two bikes",
      [
        ["a", 0, { ...start, thing: "v", identity: "x" }],
        ["b", 5, { ...start, thing: "w", identity: "x" }],
      ],
      "spent-twice",
    ],
  ])("%s", (_, steps, kind) => {
    expect(reconcile(steps).conflicts.map(([each]) => each)).toContain(kind);
  });

  it.each<[string, readonly Step[]]>([
    [
      "a way just long enough",
      [
        ["a", 0, entry],
        ["b", 600, exit],
      ],
    ],
    [
      "a trip of 30 days",
      [
        ["a", 0, { ...start, thing: "v" }],
        ["b", 30 * 86_400, { ...end, thing: "v" }],
      ],
    ],
    [
      "a card that is shown again",
      [
        ["a", 0, { ...entry, identity: "x", form: "bearer" }],
        ["b", 700, { ...exit, identity: "x", form: "bearer" }],
      ],
    ],
    [
      "items of one session",
      [
        ["l", 0, { ...checkout, session: { terminal: "l", epoch: "e", seq: 9 }, identity: "x" }],
        ["l", 1, { ...checkout, thing: "other", session: { terminal: "l", epoch: "e", seq: 9 }, identity: "x" }],
      ],
    ],
    [
      "a return and the next loan a little later",
      [
        ["l", 0, checkout],
        ["l", 10, checkin],
        ["m", 20, checkout],
      ],
    ],
  ])("nothing in %s", (_, steps) => {
    expect(reconcile(steps).conflicts).toEqual([]);
  });

  it("who spent a presentation twice is charged once", () => {
    expect(
      reconcile([
        ["a", 0, { ...entry, identity: "x" }],
        ["b", 40, { ...entry, identity: "x" }],
      ]).journeys,
    ).toHaveLength(1);
  });

  it("nobody where what is personal was erased", () => {
    const logs = createLogs(pricedPolicy);
    logs.ask("a", { ...entry, at: now });
    const erased = logs.written.map((each) => ({ ...each, personal: {} }));
    const found = createReconciliation(rulesForOf(pricedPolicy));
    found.add(piecesOf(erased));
    expect([found.people(), found.conflicts()]).toEqual([[], []]);
  });
});
