import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Way } from "../shared/passes.ts";
import { dayStartOf, type Gate, giftFrom, leftOf, shareOf } from "../shared/places.ts";
import { now } from "./sample.ts";
import { serviceProfiles, servicesPolicy } from "./services-sample.ts";
import { createWorld, indexOf, replayAll, type World } from "./terminal-world.ts";

/** Gates that count together: never more inside than there is room for, whoever hears of whom and how late. */

const gate = (terminal: string, changes: Partial<Gate> = {}): Gate => ({
  ...{ terminal, letsIn: true, hasShare: true, inside: 0, given: {} },
  ...changes,
});

describe("shares", () => {
  it.each([1, 2, 3, 7])("of %i gates add up to the capacity", (count) => {
    const gates = Array.from({ length: count }, (_, index) => gate(`g${index}`));
    for (const capacity of [0, 1, 2, 12, 20]) {
      const shares = gates.map(({ terminal }) => shareOf(terminal, gates, capacity));
      expect(shares.reduce((sum, each) => sum + each, 0)).toBe(capacity);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }
  });
  it("begin anew at four in the morning in China", () => {
    const four = Date.UTC(2026, 10, 27, 20) / 1000;
    expect([four - 1, four, four + 86_399].map(dayStartOf)).toEqual([four - 86_400, four, four]);
  });
});

describe("gifts", () => {
  const gates = [gate("a"), gate("b", { inside: 9 }), gate("out", { letsIn: false, hasShare: false, inside: -4 })];
  it.each<[string, Gate, unknown]>([
    ["half of what it has more goes to the poorest", gate("a"), { to: "b", places: 4 }],
    ["nothing goes where the other has half as much", gate("a", { inside: 8 }), null],
    ["its last one is kept", gate("a", { inside: 9, given: { b: 0 } }), null],
    ["what it gave is gone", gate("a", { given: { b: 4 } }), null],
    ["who goes out by an exit makes room where people come in", gates[2] as Gate, { to: "b", places: 4 }],
    ["and once", gate("out", { letsIn: false, hasShare: false, inside: -4, given: { b: 4 } }), null],
  ])("%s", (_, from, gift) => expect(giftFrom(from, gates, 20)).toEqual(gift));
  it("never more than half, however many staff let in elsewhere", () => {
    const overfull = [gate("a"), gate("b", { inside: 50 })];
    expect(giftFrom(gate("a"), overfull, 20)).toEqual({ to: "b", places: 5 });
  });
});

type Step = readonly [what: "entry" | "exit" | "tell" | "hear", gate: number];

describe("together", () => {
  const isIn = ["a", "b", "c"].map((terminal) => gate(terminal));
  const all = [...isIn, gate("out", { letsIn: false, hasShare: false })];
  const steps = fc.array(
    fc.tuple(fc.constantFrom<Step[0]>("entry", "entry", "exit", "tell", "hear"), fc.nat(all.length - 1)),
    { maxLength: 300 },
  );

  /** Each gate knows itself, and of the others what the ledger had when it last asked. */
  const play = (capacity: number, played: readonly Step[]) => {
    const own = all.map((each) => ({ ...each }));
    const ledger = all.map((each) => ({ ...each }));
    const heard = all.map(() => all as readonly Gate[]);
    let inside = 0;
    let most = 0;
    for (const [what, at] of played) {
      const me = own[at] as Gate;
      const known = (heard[at] as readonly Gate[]).map((each, index) => (index === at ? me : each));
      if (what === "entry" && me.letsIn && leftOf(me, known, capacity) > 0) {
        own[at] = { ...me, inside: me.inside + 1 };
        inside += 1;
      }
      if (what === "exit" && inside > 0) {
        own[at] = { ...me, inside: me.inside - 1 };
        inside -= 1;
      }
      if (what === "tell") ledger[at] = me;
      if (what === "hear") {
        heard[at] = [...ledger];
        const gift = giftFrom(me, ledger, capacity);
        if (gift !== null) {
          own[at] = { ...me, given: { ...me.given, [gift.to]: (me.given[gift.to] ?? 0) + gift.places } };
        }
      }
      most = Math.max(most, inside);
    }
    return { most, inside };
  };

  it("never let in more than there is room for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), steps, (capacity, played) => {
        expect(play(capacity, played).most).toBeLessThanOrEqual(capacity);
      }),
      { numRuns: 2000 },
    );
  });

  it("fill the place by one gate alone, but for one place at each other, once all hear of each other", () => {
    const round = all.flatMap((_, at): Step[] => [
      ["tell", at],
      ["hear", at],
    ]);
    const busy: Step[] = [["entry", 0], ["entry", 0], ...round];
    expect(play(20, Array.from({ length: 40 }, () => busy).flat()).inside).toBeGreaterThanOrEqual(18);
  });

  it("and each by itself lets in its share", () => {
    expect(
      play(
        20,
        Array.from({ length: 40 }, (): Step => ["entry", 0]),
      ).inside,
    ).toBe(7);
  });
});

describe("a gate of several", () => {
  const { none: ordinary } = indexOf;
  const open = () => createWorld(serviceProfiles.shuttle, servicesPolicy); // with room for two
  const come = async (world: World): Promise<void> => world.scan(await (await world.phone(ordinary)).code());
  const enter = async (world: World): Promise<void> => {
    await come(world);
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "result", action: "entry", stage: "done" });
    await world.pass(6);
  };
  const hear = async (world: World, ...gates: readonly Gate[]): Promise<void> => {
    world.faults.gates = () => ({ from: dayStartOf(world.now()), gates: [...gates] });
    const before = world.written("share").length;
    for (let second = 0; second < 20 && world.written("share").length === before; second++) await world.pass(1);
  };
  const isFull = (world: World) => expect(world.screen()).toMatchObject({ name: "refer", reason: "full" });
  const asked = (world: World, way: Way) =>
    world.written("decided").flatMap(({ request }) => {
      const { action, inside, places } = request as { action: string; inside?: number; places?: number };
      return action === way ? [[inside, places]] : [];
    });

  it("lets in its share, is full for everybody then, and lets out whoever wants out", async () => {
    const world = await open();
    await hear(world, gate("t-1"), gate("t-2"));
    expect(world.written("share")).toMatchObject([{ places: 1, gates: 2 }]);
    await enter(world);
    await come(world);
    isFull(world);
    await world.pass(9);
    await world.press({ kind: "start-return" });
    expect(world.screen()).toMatchObject({ name: "result", action: "exit", stage: "done" });
    await world.pass(6);
    await enter(world);
    expect(asked(world, "entry")).toEqual([
      [0, 1],
      [1, 1],
      [0, 1],
    ]);
    expect(replayAll(world.entries(), servicesPolicy)).not.toContain(false);
  });

  it("takes what another gave it, and goes on with that when nobody answers any more", async () => {
    const world = await open();
    await hear(world, gate("t-1"), gate("t-2", { inside: -1, given: { "t-1": 1 } }));
    world.faults.gates = null;
    await enter(world);
    await enter(world);
    await come(world);
    isFull(world);
  });

  it("keeps to its share after a restart without a network", async () => {
    const world = await open();
    await hear(world, gate("t-1"), gate("t-2"));
    await enter(world);
    world.faults.gates = null;
    await world.restart();
    await come(world);
    isFull(world);
    expect(world.written("share")).toHaveLength(1);
  });

  it("gives away what it has more, written down first, and has it no more, also after a restart", async () => {
    const world = await open();
    const wide = servicesPolicy.packs.map((pack) => ({
      ...pack,
      services: { ...pack.services, shuttle: { ...pack.services.shuttle, capacity: 8 } },
    }));
    await world.setBundle((bundle) => ({ ...bundle, policy: { ...servicesPolicy, packs: wide as never } }));
    await hear(world, gate("t-1"), gate("t-2", { inside: 4 }));
    await world.pass(6);
    expect(world.written("gave")).toMatchObject([{ to: "t-2", places: 2 }]);
    world.faults.gates = null;
    await world.restart();
    await enter(world);
    await enter(world);
    await come(world);
    isFull(world);
  });

  it("counts alone where there is no other, nor anybody to ask, and writes nothing of it", async () => {
    const world = await open();
    world.faults.gates = () => ({ from: dayStartOf(now), gates: [gate("t-1")] });
    await world.pass(12);
    await enter(world);
    await enter(world);
    await come(world);
    isFull(world);
    expect(asked(world, "entry")).toEqual([
      [0, undefined],
      [1, undefined],
      [2, undefined],
    ]);
    expect(world.written("share")).toEqual([]);
  });

  it("that came today has no share, and takes nothing that was said of another day", async () => {
    const world = await open();
    await hear(world, gate("t-1", { hasShare: false }), gate("t-2"));
    world.faults.gates = () => ({ from: dayStartOf(world.now()) - 86_400, gates: [gate("t-1"), gate("t-2")] });
    await world.pass(12);
    expect(world.written("share")).toMatchObject([{ places: 0, gates: 2 }]);
    await come(world);
    isFull(world);
  });
});
