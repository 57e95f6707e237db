/** Every service in the terminal's real loop, each turn of it that goes well or badly, with ports in memory. */
import { describe, expect, test } from "vitest";
import type { PaymentAnswer, PaymentOrder } from "../kiosk/payments.ts";
import { fromUtf8 } from "../shared/bytes.ts";
import { type ServiceName, serviceNames } from "../shared/terms.ts";
import { serviceProfiles, servicesPolicy } from "./services-sample.ts";
import { badgeFor, override, showBadge } from "./staff-world.ts";
import { createWorld, indexOf, replayAll, type World } from "./terminal-world.ts";

const open = (service: ServiceName): Promise<World> => createWorld(serviceProfiles[service], servicesPolicy);
const show = async (world: World, index: number): Promise<void> => world.scan(await (await world.phone(index)).code());
const kinds = (world: World) =>
  world.written().map(({ kind, outcome }) => (outcome === undefined ? kind : `${kind} ${outcome}`));
const { band2: perk, none: ordinary } = indexOf;

describe.each(["metro", "bus"] as const)("%s", (service) => {
  test.each([
    ["perk", perk, 800],
    ["ordinary", ordinary, 900],
  ])(
    "opens on %s terms, and a fare is paid later: nothing is asked for at the gate",
    async (terms, index, priceFactor) => {
      const world = await open(service);
      await show(world, index);
      expect(world.screen()).toMatchObject({
        name: "result",
        service,
        stage: "done",
        granted: { terms },
        cost: { priceFactor },
      });
      expect(world.payments.asked).toEqual([]);
    },
  );
});

describe.each(["venue", "shuttle"] as const)("%s", (service) => {
  test("asks everyone to confirm the price, takes it, and opens", async () => {
    const world = await open(service);
    await show(world, ordinary);
    const due = service === "venue" ? 3000 : 1000;
    expect(world.screen()).toMatchObject({ name: "session", stage: "terms", offer: { due, paid: "now" } });
    expect(world.commands).toEqual([]);
    await world.press({ kind: "agree" });
    expect(kinds(world).slice(2)).toEqual(["decided", "agreed", "payment done", "acted completed"]);
    expect(world.written("agreed")[0]).toMatchObject({ accepted: true, deposit: 0, price: due });
    expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
    expect([...world.payments.standing().values()]).toEqual([due]);
  });

  test("a perk sees the same screens, and pays less or later", async () => {
    const [perks, others] = [await open(service), await open(service)];
    await show(perks, perk);
    await show(others, ordinary);
    expect(perks.screens.map(({ name }) => name)).toEqual(others.screens.map(({ name }) => name));
    await perks.press({ kind: "agree" });
    expect(perks.screen()).toMatchObject({ name: "result", stage: "done", granted: { terms: "perk" } });
    expect(perks.payments.asked).toEqual([]);
  });

  test("is full for everybody alike, until somebody leaves, without a code; also after a restart", async () => {
    const world = await open(service);
    for (const index of [perk, ordinary]) {
      await show(world, index);
      await world.press({ kind: "agree" });
      await world.pass(6);
    }
    await world.restart();
    await show(world, indexOf.band3);
    expect(world.screen()).toMatchObject({ name: "refer", reason: "full" });
    await world.pass(9);
    await world.press({ kind: "start-return" });
    expect(world.screen()).toMatchObject({ name: "result", action: "exit", stage: "done" });
    await world.pass(6);
    await show(world, indexOf.band3);
    expect(world.screen()).toMatchObject({ stage: "terms" });
  });

  test("counts nobody who did not go through, and gives the price back", async () => {
    const world = await open(service);
    world.faults.outcome = "timed-out";
    for (let times = 0; times < 3; times++) {
      await show(world, ordinary);
      await world.press({ kind: "agree" });
      expect(world.screen()).toMatchObject({ name: "result", stage: "timed-out" });
      await world.pass(6);
    }
    await world.restart();
    world.faults.outcome = "completed";
    await show(world, ordinary);
    expect(world.screen()).toMatchObject({ stage: "terms" });
    expect([...world.payments.standing()]).toEqual([]);
    expect(world.written("payment").filter(({ order }) => order === "release")).toHaveLength(3);
  });
});

describe("parking", () => {
  const stay = async (index: number, minutes: number): Promise<World> => {
    const world = await open("parking");
    await show(world, index);
    await world.pass(minutes * 60);
    world.setCheckedAt(world.now());
    await world.press({ kind: "start-return" });
    expect(world.screen()).toMatchObject({ name: "ready", action: "exit", wayOut: "asked" });
    await show(world, index);
    return world;
  };

  test.each([
    ["within the free minutes", ordinary, 14, 0, "now"],
    ["beyond them", ordinary, 20, 500, "now"],
    ["with longer free minutes", perk, 29, 0, "later"],
    ["and leaves first, to pay later", perk, 100, 1000, "later"],
  ])("%s", async (_, index, minutes, due, paid) => {
    const world = await stay(index, minutes);
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { due, paid } });
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "result", action: "exit", stage: "done" });
    expect(world.payments.asked.map(({ amount }) => amount)).toEqual(paid === "now" && due > 0 ? [due] : []);
  });

  test("keeps nobody in whose stay it does not know", async () => {
    const world = await open("parking");
    await world.press({ kind: "start-return" });
    await show(world, ordinary);
    expect(world.screen()).toMatchObject({ name: "result", action: "exit", stage: "done" });
  });

  test.each([
    ["whose stay began at another barrier pays for it, once the server knows", 5400, null, 1000],
    ["who has left by another barrier since: the fee follows", 5400, 1800, null],
    ["who left, and came in again elsewhere", 1800, 5400, 500],
    ["whose clocks differ: a stay that has not begun yet costs nothing", -60, null, 0],
    ["of whom the server knows nothing: the fee follows", null, null, null],
  ])("lets out %s", async (_, enteredAgo, leftAgo, due) => {
    const world = await open("parking");
    const ago = (seconds: number | null) => (seconds === null ? null : world.now() - seconds);
    world.faults.seenElsewhere = () => ({ enteredAt: ago(enteredAgo), leftAt: ago(leftAgo) });
    await world.press({ kind: "start-return" });
    await show(world, ordinary);
    if (due !== null) {
      expect(world.screen()).toMatchObject({ stage: "terms", offer: { due, paid: "now" } });
      await world.press({ kind: "agree" });
    }
    expect(world.screen()).toMatchObject({ name: "result", action: "exit", stage: "done" });
    expect(world.payments.asked.map(({ amount }) => amount)).toEqual(due === null || due === 0 ? [] : [due]);
    expect(replayAll(world.entries(), servicesPolicy)).not.toContain(false);
  });

  test("asks by the pseudonym alone, and takes the later of what it and the others have seen", async () => {
    const world = await open("parking");
    const phone = await world.phone(ordinary);
    await world.scan(await phone.code());
    await world.pass(7200);
    const asked: string[] = [];
    world.faults.seenElsewhere = (pseudonym) => {
      asked.push(pseudonym);
      return { enteredAt: world.now() - 1200, leftAt: world.now() - 3600 };
    };
    await world.press({ kind: "start-return" });
    await world.scan(await phone.code());
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { due: 500 } });
    expect(asked).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{22}$/)]);
  });

  test("a payment that times out at the exit is given back, and who comes again leaves: the fee follows", async () => {
    const world = await open("parking");
    world.faults.seenElsewhere = () => ({ enteredAt: world.now() - 5400, leftAt: null });
    world.faults.payments = "mute";
    const phone = await world.phone(ordinary);
    await world.press({ kind: "start-return" });
    await world.scan(await phone.code());
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "refer", reason: "payment-away" });
    world.faults.payments = "answer";
    await world.pass(30);
    expect([...world.payments.standing()]).toEqual([]);
    await world.press({ kind: "start-return" });
    await world.scan(await phone.code());
    expect(world.screen()).toMatchObject({ name: "result", action: "exit", stage: "done" });
  });

  test("asks nobody twice for one stay", async () => {
    const world = await open("parking");
    const phone = await world.phone(ordinary);
    await world.scan(await phone.code());
    await world.pass(3600);
    for (const expected of ["session", "result"]) {
      await world.press({ kind: "start-return" });
      await world.scan(await phone.code());
      expect(world.screen()).toMatchObject({ name: expected });
      await world.press({ kind: "agree" });
      await world.pass(6);
    }
    expect(world.payments.moves()).toBe(1);
  });

  test("lets in on, when nobody comes to leave", async () => {
    const world = await open("parking");
    await world.press({ kind: "start-return" });
    await world.pass(90);
    expect(world.screen()).toMatchObject({ name: "ready", action: "entry" });
    await show(world, ordinary);
    expect(world.screen()).toMatchObject({ name: "result", action: "entry" });
  });
});

describe.each(["bike", "umbrella", "power-bank"] as const)("%s", (service) => {
  const choose = async (index: number, payments: World["faults"]["payments"] = "answer"): Promise<World> => {
    const world = await open(service);
    world.faults.payments = payments;
    await show(world, index);
    await world.press({ kind: "choose-dock", dock: "1" });
    return world;
  };

  test("holds the deposit that was agreed to, before the lock opens", async () => {
    const world = await choose(ordinary);
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { rate: { unitSeconds: 3600 } } });
    await world.press({ kind: "agree" });
    expect(kinds(world).slice(2)).toEqual(["decided", "agreed", "payment done", "acted completed"]);
    expect(world.commands.at(-1)).toMatchObject({ command: { kind: "unlock-dock" }, entriesBefore: 5 });
    expect(world.payments.asked).toMatchObject([{ order: "hold", of: { seq: 3 }, account: expect.any(String) }]);
    expect(world.screens.map(({ name }) => name)).toContain("paying");
  });

  test("needs no deposit for a perk, on the same screens but for that", async () => {
    const world = await choose(perk);
    await world.press({ kind: "agree" });
    expect(kinds(world).slice(2)).toEqual(["decided", "agreed", "acted completed"]);
    expect(world.screen()).toMatchObject({ name: "result", stage: "done", granted: { terms: "perk" } });
  });

  test("declined terms end politely, are written down, and nothing was asked for", async () => {
    const world = await choose(ordinary);
    await world.press({ kind: "decline" });
    expect(kinds(world).slice(2)).toEqual(["decided", "agreed", "acted annulled"]);
    expect(world.payments.asked).toEqual([]);
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  test("a deposit that is refused: nothing goes, the ordinary way is shown", async () => {
    const world = await choose(ordinary, "refuse");
    await world.press({ kind: "agree" });
    expect(kinds(world).slice(2)).toEqual(["decided", "agreed", "payment refused", "acted annulled"]);
    expect(world.commands).toEqual([]);
    expect(world.screen()).toMatchObject({ name: "refer", reason: "payment-refused" });
    expect(world.payments.asked).toHaveLength(1);
  });

  test("an answer that was lost: asked again under the same key, held once", async () => {
    const world = await choose(ordinary);
    let times = 0;
    const { ask } = world.payments;
    Object.assign(world.payments, {
      ask: async (order: Parameters<typeof ask>[0]) => {
        const answer = await ask(order);
        return times++ === 0 ? { outcome: "unknown", cause: "lost" } : answer;
      },
    });
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
    expect(world.payments.asked.map(({ order, of }) => [order, of.seq])).toEqual([
      ["hold", 3],
      ["hold", 3],
    ]);
    expect(world.payments.moves()).toBe(1);
    expect(world.written("payment")).toHaveLength(1);
  });

  test("answers that never come after it was taken: nothing goes, and it is given back as soon as somebody answers", async () => {
    const world = await choose(ordinary, "mute");
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "refer", reason: "payment-away" });
    expect(world.commands).toEqual([]);
    await world.pass(30);
    world.faults.payments = "answer";
    await world.pass(30);
    expect([...world.payments.standing()]).toEqual([]);
    expect(world.written("payment").map(({ order, outcome }) => `${order} ${outcome}`)).toEqual([
      "hold unknown",
      "release unknown",
      "release done",
    ]);
    const asked = world.payments.asked.length;
    await world.pass(100);
    expect(world.payments.asked).toHaveLength(asked);
  });

  test("a payment system that is away is asked again after a restart, until nothing can stand there", async () => {
    const world = await choose(ordinary, "silent");
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "refer", reason: "payment-away" });
    await world.restart();
    world.faults.payments = "answer";
    await world.pass(30);
    expect(world.written("payment").at(-1)).toMatchObject({ order: "release", outcome: "done", of: { seq: 3 } });
    const asked = world.payments.asked.length;
    await world.restart();
    await world.pass(30);
    expect(world.payments.asked).toHaveLength(asked);
  });

  /** The payment system answers, but for what `then` says. */
  const answering = (world: World, then: (order: PaymentOrder) => Promise<PaymentAnswer> | null): void => {
    const { ask } = world.payments;
    Object.assign(world.payments, { ask: (order: PaymentOrder) => then(order) ?? ask(order) });
  };

  test("a power cut after it was held and before that was written down gives it back at the next start", async () => {
    const world = await choose(ordinary);
    const { ask } = world.payments;
    answering(world, async (order) => {
      const answer = await ask(order);
      world.faults.failAppend = order.order === "hold";
      return answer;
    });
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "storage" });
    expect(world.payments.standing().size).toBe(1);
    world.faults.failAppend = false;
    await world.restart();
    await world.pass(1);
    expect(world.payments.standing().size).toBe(0);
    expect(kinds(world)).not.toContain("acted completed");
  });

  test("a power cut after the lock did not open and before the deposit was given back, likewise", async () => {
    const world = await choose(ordinary);
    world.faults.outcome = "timed-out";
    let isCut = true;
    answering(world, ({ order }) => (isCut && order === "release" ? new Promise(() => {}) : null));
    await world.press({ kind: "agree" });
    expect(world.payments.standing().size).toBe(1);
    isCut = false;
    await world.restart();
    await world.pass(1);
    expect(world.payments.standing().size).toBe(0);
  });

  test("what somebody has taken stays held through a restart", async () => {
    const world = await choose(ordinary);
    await world.press({ kind: "agree" });
    await world.restart();
    await world.pass(30);
    expect([...world.payments.standing().values()]).toEqual([service === "bike" ? 19_900 : 9_900]);
  });

  test.each(["timed-out", "fault"] as const)(
    "a lock that does not open (%s) gives the deposit back",
    async (outcome) => {
      const world = await choose(ordinary);
      world.faults.outcome = outcome;
      await world.press({ kind: "agree" });
      await world.pass(1);
      expect([...world.payments.standing()]).toEqual([]);
      expect(world.written("payment").at(-1)).toMatchObject({ order: "release", outcome: "done" });
      expect(world.screen()).toMatchObject({ name: "result", stage: outcome === "fault" ? "broken" : "timed-out" });
    },
  );

  test("takes back at any dock without a code, and writes down the zone in which it stands", async () => {
    const world = await open(service);
    await world.press({ kind: "start-return" });
    await world.press({ kind: "choose-dock", dock: "2" });
    expect(world.screen()).toMatchObject({ name: "result", service, action: "trip_end", stage: "done" });
    expect(world.written("acted")[0]).toMatchObject({ outcome: "completed", dock: "2", zone: "fence-1" });
  });
});

describe("library", () => {
  const session = async (index: number): Promise<World> => {
    const world = await open("library");
    await show(world, index);
    await world.press({ kind: "agree" });
    return world;
  };
  const order = async (world: World, items: number): Promise<void> => {
    await world.press({ kind: "switch-to", action: "order" });
    for (let item = 1; item <= items; item++) await world.scan(`BOOK-${item}`);
  };

  test("holds the deposit for what is lent, and gives it back where nothing was", async () => {
    const [lent, renewed] = [await session(ordinary), await session(ordinary)];
    await lent.scan("BOOK-1");
    await renewed.press({ kind: "switch-to", action: "renew" });
    await renewed.scan("BOOK-1");
    for (const world of [lent, renewed]) {
      await world.press({ kind: "finish" });
      expect(world.screen()).toMatchObject({ stage: "receipt", items: [{ item: "BOOK-1" }] });
      await world.pass(1);
    }
    expect([...lent.payments.standing().values()]).toEqual([10_000]);
    expect([...renewed.payments.standing()]).toEqual([]);
  });

  test("hands out what was reserved", async () => {
    const world = await session(perk);
    await world.press({ kind: "switch-to", action: "pickup" });
    await world.scan("BOOK-9");
    expect(world.written("decided").at(-1)).toMatchObject({ request: { action: "pickup" } });
    expect(world.commands.at(-1)?.command).toEqual({ kind: "release-item", item: "BOOK-9" });
  });

  test.each([
    [1, 300],
    [3, 300],
    [5, 500],
  ])("brings %i books to the door for one fee of %i, once it is confirmed", async (items, due) => {
    const world = await session(perk);
    await order(world, items);
    expect(world.commands).toEqual([]);
    await world.press({ kind: "finish" });
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { due, paid: "now" } });
    await world.press({ kind: "agree" });
    expect(world.payments.asked).toMatchObject([{ order: "charge", amount: due }]);
    expect(world.commands).toMatchObject([{ command: { kind: "order-parcel", items: { length: items } } }]);
    expect(world.written("acted")).toHaveLength(items);
    expect(world.screen()).toMatchObject({ stage: "receipt", items: Array(items).fill({ isOrdered: true }) });
  });

  test("puts no sixth book into a parcel", async () => {
    const world = await session(perk);
    await order(world, 6);
    expect(world.screen()).toMatchObject({ notice: { kind: "parcel-full", item: "BOOK-6" }, items: { length: 5 } });
    expect(
      world.written("decided").filter(({ request }) => (request as { action: string }).action === "order"),
    ).toHaveLength(5);
  });

  test("a fee that is not wanted, refused, or for a parcel that does not go: nothing is ordered, nothing is paid", async () => {
    const declined = await session(perk);
    await order(declined, 2);
    await declined.press({ kind: "finish" });
    await declined.press({ kind: "decline" });
    expect(declined.screen()).toMatchObject({ name: "ready" });
    expect(declined.written("acted").map(({ outcome }) => outcome)).toEqual(["annulled", "annulled"]);

    const refused = await session(perk);
    await order(refused, 2);
    await refused.press({ kind: "finish" });
    refused.faults.payments = "refuse";
    await refused.press({ kind: "agree" });
    expect(refused.screen()).toMatchObject({ name: "refer", reason: "payment-refused" });
    expect(refused.written("acted").map(({ outcome }) => outcome)).toEqual(["annulled", "annulled"]);

    const stuck = await session(perk);
    await order(stuck, 2);
    await stuck.press({ kind: "finish" });
    stuck.faults.outcome = "timed-out";
    await stuck.press({ kind: "agree" });
    await stuck.pass(1);
    expect(stuck.screen()).toMatchObject({ stage: "receipt", items: [] });
    expect(stuck.written("acted").map(({ outcome }) => outcome)).toEqual(["timed-out", "timed-out"]);
    for (const world of [declined, refused, stuck]) expect([...world.payments.standing()]).toEqual([]);
  });

  test("what was to be ordered is not, when the session ends before its fee was asked", async () => {
    const world = await session(perk);
    await order(world, 2);
    await world.pass(90);
    expect(world.written("acted").map(({ outcome }) => outcome)).toEqual(["annulled", "annulled"]);
    expect(world.payments.asked).toEqual([]);
  });
});

describe("desk", () => {
  const choose = async (task: "deposit" | "pay-later" | "ticket", index: number): Promise<World> => {
    const world = await open("desk");
    await world.press({ kind: "choose-task", action: task });
    await show(world, index);
    return world;
  };

  test.each([
    ["waives the deposit for a perk", perk, 0],
    ["holds it otherwise", ordinary, 50_000],
  ])("%s", async (_, index, deposit) => {
    const world = await choose("deposit", index);
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { deposit } });
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "result", action: "deposit", stage: "done" });
    expect([...world.payments.standing().values()]).toEqual(deposit > 0 ? [deposit] : []);
    expect(world.written("acted")).toMatchObject([{ outcome: "completed" }]);
  });

  test.each([
    ["use now, pay later, up to a limit", perk, { paid: "later", payLaterMax: 100_000, payLaterSeconds: 864_000 }],
    ["pay at the counter as usual", ordinary, { paid: "now", payLaterMax: 0 }],
  ])("%s", async (_, index, offer) => {
    const world = await choose("pay-later", index);
    expect(world.screen()).toMatchObject({ stage: "terms", offer });
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "result", action: "pay-later", stage: "done" });
    expect(world.payments.asked).toEqual([]);
  });

  test.each([
    ["priority", perk, "A001"],
    ["ordinary", ordinary, "B001"],
  ])("draws a number in the %s line", async (line, index, ticket) => {
    const world = await choose("ticket", index);
    expect(world.commands.at(-1)?.command).toEqual({ kind: "draw-ticket", line });
    expect(world.screen()).toMatchObject({ name: "result", stage: "done", ticket });
    expect(world.written("acted")).toMatchObject([{ outcome: "completed", ticket }]);
  });

  test("says what to do to who shows a code first, and puts nobody in a queue for it", async () => {
    const world = await open("desk");
    await show(world, perk);
    expect(world.screen()).toMatchObject({ name: "ready", hint: "task-first" });
    expect(world.written("decided")).toEqual([]);
  });

  test("terms that are not wanted are written down; a choice that is left is none", async () => {
    const world = await choose("deposit", ordinary);
    await world.press({ kind: "decline" });
    expect(kinds(world).slice(2)).toEqual(["decided", "agreed", "acted annulled"]);
    await world.press({ kind: "choose-task", action: "ticket" });
    await world.press({ kind: "leave" });
    await show(world, perk);
    expect(world.written("decided")).toHaveLength(1);
  });

  describe("where volunteers come together", () => {
    const openPost = () => createWorld({ ...serviceProfiles.desk, tasks: ["shift"] }, servicesPolicy);
    const checkIn = async (index: number): Promise<World> => {
      const world = await openPost();
      expect(world.screen()).toMatchObject({ name: "ready", tasks: ["shift"] });
      await world.press({ kind: "choose-task", action: "shift" });
      await show(world, index);
      return world;
    };

    test.each([perk, ordinary])("checks somebody in for a shift, the same whatever the band", async (index) => {
      const world = await checkIn(index);
      expect(world.screen()).toMatchObject({ name: "result", action: "shift", stage: "done" });
      expect(kinds(world).slice(2)).toEqual(["decided", "acted completed"]);
      expect([world.commands, world.payments.asked]).toEqual([[], []]);
      expect(replayAll(world.entries(), servicesPolicy)).not.toContain(false);
    });

    test("checks nobody in by a code that was taken back, nor twice by one code", async () => {
      const stolen = await checkIn(indexOf.revoked);
      expect(stolen.screen()).toMatchObject({ name: "refer", reason: "revoked" });
      expect(stolen.written("acted")).toEqual([]);
      const world = await openPost();
      const code = await (await world.phone(ordinary)).code();
      for (let times = 0; times < 2; times++) {
        await world.press({ kind: "choose-task", action: "shift" });
        await world.scan(code);
        await world.pass(9);
      }
      expect(world.written("acted")).toHaveLength(1);
    });

    test("is nothing that other desks offer, nor takes what they do", async () => {
      const desk = await open("desk");
      await desk.press({ kind: "choose-task", action: "shift" });
      expect(desk.screen()).toMatchObject({ task: null, tasks: ["deposit", "pay-later", "ticket"] });
      const post = await openPost();
      await post.press({ kind: "choose-task", action: "ticket" });
      expect(post.screen()).toMatchObject({ task: null });
    });
  });

  test("no ticket: it says so, and is out of service after a fault", async () => {
    const world = await open("desk");
    world.faults.outcome = "fault";
    await world.press({ kind: "choose-task", action: "ticket" });
    await show(world, perk);
    expect(world.screen()).toMatchObject({ name: "result", stage: "broken" });
    await world.pass(9);
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "gate" });
  });
});

describe("inquiry", () => {
  test("shows who holds the phone what the code gives at each service, and by which rule", async () => {
    const world = await open("inquiry");
    await show(world, perk);
    const screen = world.screen();
    expect(screen).toMatchObject({ stage: "perks", programme: { version: 3 } });
    const lines = screen.name === "session" && screen.stage === "perks" ? screen.lines : [];
    expect(lines.map(({ service }) => service)).toEqual(serviceNames.filter((each) => each !== "inquiry"));
    expect(lines.find(({ service }) => service === "bike")).toMatchObject({
      perk: "better",
      terms: { deposit: 0 },
      ordinary: { deposit: 19_900 },
    });
    await world.press({ kind: "leave" });
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  test("shows ordinary terms to who has no band, and says so where we could not tell", async () => {
    const world = await open("inquiry");
    await show(world, ordinary);
    expect(JSON.stringify(world.screen())).not.toContain('"perk":"');
    await world.press({ kind: "leave" });
    await world.pass(3);
    await show(world, indexOf.pastTheEnd);
    const screen = world.screen();
    const lines = screen.name === "session" && screen.stage === "perks" ? screen.lines : [];
    expect(lines.every(({ ours }) => ours)).toBe(true);
  });

  test("never to a printed card, of which anybody may have a photograph", async () => {
    const world = await open("inquiry");
    await world.scan(await (await world.phone(perk, "card")).card());
    expect(world.screen()).toMatchObject({ name: "refer", reason: "card-not-accepted" });
    expect(world.screens.some((each) => each.name === "session")).toBe(false);
  });

  test("is gone when nobody looks any more", async () => {
    const world = await open("inquiry");
    await show(world, perk);
    await world.pass(86);
    expect(world.screen()).toMatchObject({ name: "ready" });
  });
});

describe("what staff do", () => {
  const openWithBadges = (service: ServiceName): Promise<World> =>
    createWorld(serviceProfiles[service], servicesPolicy, null, true);

  const refused = async (service: ServiceName): Promise<World> => {
    const world = await openWithBadges(service);
    await show(world, indexOf.revoked);
    await showBadge(world, await badgeFor(world, "supervisor"));
    await override(world, "permit");
    return world;
  };

  test("asks no account: least of all that of a code that was taken back", async () => {
    const [stand, gate] = [await refused("umbrella"), await refused("venue")];
    await stand.press({ kind: "choose-dock", dock: "1" });
    for (const world of [stand, gate]) {
      await world.press({ kind: "agree" });
      expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
      expect(world.payments.asked).toEqual([]);
    }
  });

  test("goes on at a desk with what was asked for", async () => {
    const world = await openWithBadges("desk");
    await world.press({ kind: "choose-task", action: "deposit" });
    await show(world, indexOf.revoked);
    await showBadge(world, await badgeFor(world, "supervisor"));
    await override(world, "permit");
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { deposit: 50_000 } });
  });

  test.each([false, true])(
    "takes back the price with what it was for, also after a restart (%s)",
    async (isRestarted) => {
      const world = await openWithBadges("venue");
      await show(world, ordinary);
      await world.press({ kind: "agree" });
      expect(world.payments.standing().size).toBe(1);
      await showBadge(world, await badgeFor(world, "supervisor"));
      await override(world, "annul");
      if (isRestarted) await world.restart();
      await world.pass(1);
      expect(world.payments.standing().size).toBe(0);
      expect(world.written("payment").at(-1)).toMatchObject({ order: "release", outcome: "done" });
    },
  );
});

describe("at every service", () => {
  const begin = async (world: World): Promise<void> => {
    if (world.screen().name === "ready") await world.press({ kind: "choose-task", action: "ticket" });
  };

  test.each(serviceNames)(
    "%s: a code that was taken back is sent the ordinary way, and nothing is asked of an account",
    async (service) => {
      const world = await open(service);
      await begin(world);
      await show(world, indexOf.revoked);
      expect(world.screen()).toMatchObject({ name: "refer", service, reason: "revoked" });
      expect(world.commands).toEqual([]);
      expect(world.payments.asked).toEqual([]);
    },
  );

  test.each(serviceNames.filter((each) => each !== "inquiry"))(
    "%s: takes the bearer card that the policy takes",
    async (service) => {
      const world = await open(service);
      await begin(world);
      await world.scan(await (await world.phone(perk, "card")).card());
      expect(world.screen()).toMatchObject({ granted: { terms: "perk" } });
    },
  );

  test.each(serviceNames)("%s: every decision comes out the same again, and names nobody", async (service) => {
    const world = await open(service);
    for (const index of Object.values(indexOf)) {
      await begin(world);
      await show(world, index);
      for (const press of [{ kind: "choose-dock", dock: "1" }, { kind: "agree" }, { kind: "leave" }] as const) {
        await world.press(press);
      }
      await world.pass(10);
    }
    expect(replayAll(world.entries(), servicesPolicy).every(Boolean)).toBe(true);
    for (const { bytes, personal } of world.entries()) {
      const text = fromUtf8(bytes) ?? "";
      expect(text).not.toContain("person-");
      for (const value of Object.values(JSON.parse(personal?.text ?? "{}"))) expect(text).not.toContain(`"${value}"`);
    }
  });
});
