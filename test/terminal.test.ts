/** The terminal's loop, requirement by requirement, on the real code with ports in memory. */
import { describe, expect, test } from "vitest";
import { fromUtf8 } from "../shared/bytes.ts";
import type { Policy } from "../shared/policy.ts";
import { readRecovered } from "../shared/recovered.ts";
import { readTransaction } from "../shared/transaction.ts";
import { chainOf } from "./log-copies.ts";
import { samplePack, samplePolicy } from "./sample.ts";
import { createWorld, indexOf, profiles, replayAll, spentCodeOf, type World } from "./terminal-world.ts";

const decidedOf = (world: Awaited<ReturnType<typeof createWorld>>) => world.written("decided");

describe("a visitor with another programme's score", () => {
  const there = {
    ...samplePack,
    programme: "there",
    cuts: { version: 3, at: [10, 20, 30] },
    scale: { min: 0, max: 40 },
    services: {},
  };
  const scores = [{ atLeast: 20, as: 697 }];
  const leave = {
    ...samplePolicy,
    packs: [samplePack, there],
    recognises: [{ visitor: "there", here: "here", scores }],
  };
  const visit = async (policy: Policy, index: number) => {
    const world = await createWorld(profiles.metro, policy);
    await world.setBundle((bundle) => ({
      ...bundle,
      trust: new Map(
        [...bundle.trust].map(([kid, each]) => [kid, { ...each, entry: { ...each.entry, programme: "there" } }]),
      ),
      lists: bundle.lists.map((each) => ({ ...each, programme: "there", cuts: 3 })),
    }));
    await world.scan(await (await world.phone(index)).code());
    expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
    expect(replayAll(world.entries(), policy)).toEqual([true]);
    return world.written("decided")[0];
  };

  test.each([
    ["the perk that the score counts for", leave, indexOf.band2, { perk: "fare-20-off", reason: "perk" }],
    ["no perk below it", leave, indexOf.band1, { perk: null, reason: "ordinary" }],
    [
      "ordinary terms where the policy says nothing",
      { ...samplePolicy, packs: [samplePack, there] },
      indexOf.band3,
      { perk: null, reason: "other-programme" },
    ],
  ] as const)("has %s, by the visitor's own list", async (_name, policy, index, result) => {
    const decided = await visit(policy as Policy, index);
    expect(decided).toMatchObject({ result, knowledge: { cuts: 3 }, reading: { programme: "there" } });
  });
});

describe("a metro gate", () => {
  test("says of a sighting when what it began has ended; one that begins nothing says so", async () => {
    const world = await createWorld(profiles.metro);
    const text = await (await world.phone(indexOf.band2)).code();
    const sight = () => world.terminal().sight({ text, seenAt: 0 });
    const began = sight();
    expect(sight()).toBeUndefined();
    await began;
    expect([world.written("decided").length, world.written("acted").length]).toEqual([1, 1]);
    expect(sight()).toBeUndefined();
  });

  test("opens for a perk only after the decision is durable, and writes down that somebody passed", async () => {
    const world = await createWorld(profiles.metro);
    const phone = await world.phone(indexOf.band2);
    await world.scan(await phone.code());

    expect(world.screen()).toMatchObject({ name: "result", stage: "done", granted: { terms: "perk", reason: "perk" } });
    expect(world.written().map((each) => each.kind)).toEqual(["started", "installed", "decided", "acted"]);
    expect(world.commands).toEqual([{ command: { kind: "open-gate" }, entriesBefore: 3 }]);
    expect(world.written("acted")[0]).toMatchObject({ outcome: "completed", of: { terminal: "t-1", seq: 3 } });
  });

  test.each([
    ["no band", indexOf.none, "ordinary"],
    ["suspended", indexOf.suspended, "ordinary"],
    ["a band without a perk", indexOf.band1, "ordinary"],
    ["an index past the end of the list", indexOf.pastTheEnd, "band-unknown"],
  ])("opens on ordinary terms for %s", async (_name, index, reason) => {
    const world = await createWorld(profiles.metro);
    await world.scan(await (await world.phone(index)).code());
    expect(world.screen()).toMatchObject({ name: "result", granted: { terms: "ordinary", reason } });
    expect(world.commands).toHaveLength(1);
  });

  test("shows everyone who is let through the same, whatever the terms", async () => {
    const stages = async (index: number) => {
      const world = await createWorld(profiles.metro);
      await world.scan(await (await world.phone(index)).code());
      // What is shown to who asks, alone.
      const onRequest = { granted: null, cost: null };
      return world.screens.map((each) =>
        each.name === "result" ? { ...each, ...onRequest, receipt: { ...each.receipt, code: null, own: null } } : each,
      );
    };
    expect(await stages(indexOf.band3)).toEqual(await stages(indexOf.none));
  });

  test("does not open when the disk does not take the decision, and is out of service", async () => {
    const world = await createWorld(profiles.metro);
    world.faults.failAppend = true;
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.commands).toEqual([]);
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "storage" });

    world.faults.failAppend = false;
    await world.pass(3);
    await world.scan(await (await world.phone(indexOf.band3)).code());
    expect(world.commands).toEqual([]);
  });

  test("writes down that nobody passed", async () => {
    const world = await createWorld(profiles.metro);
    world.faults.outcome = "timed-out";
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.screen()).toMatchObject({ name: "result", stage: "timed-out" });
    expect(world.written("acted")[0]).toMatchObject({ outcome: "timed-out" });
  });

  test("lets who did not get through try again at once, with a new code, also after a restart; who passed not", async () => {
    for (const restarts of [false, true]) {
      const world = await createWorld(profiles.metro);
      const phone = await world.phone(indexOf.band2);
      world.faults.outcome = "timed-out";
      await world.scan(await phone.code());
      await world.pass(6);
      if (restarts) await world.restart();
      world.faults.outcome = "completed";
      await world.scan(await phone.code());
      expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
      await world.pass(6);
      await world.scan(await phone.code());
      expect(world.screen()).toMatchObject({ name: "refer", reason: "passback" });
      expect(world.written("acted").map(({ outcome }) => outcome)).toEqual(["timed-out", "completed"]);
    }
  });

  test("is out of service after a fault of the gate, once who stands there was told, and writes on", async () => {
    const world = await createWorld(profiles.metro);
    world.faults.outcome = "fault";
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.screen()).toMatchObject({ name: "result", stage: "broken" });
    expect(world.terminal().isIdle()).toBe(false);
    await world.scan(await (await world.phone(indexOf.band3)).code());
    await world.pass(6);
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "gate" });
    expect(world.terminal().isIdle()).toBe(true);
    await world.scan(await (await world.phone(indexOf.band3)).code());
    expect(world.commands).toHaveLength(1);
    expect(world.written().map(({ kind }) => kind)).toEqual(["started", "installed", "decided", "acted", "mode"]);
    expect(world.written("mode")).toMatchObject([{ mode: "out-of-service", cause: "gate" }]);

    // The log is not what is broken.
    await world.setBundle((bundle) => ({ ...bundle, policyHash: "bb".repeat(32) }));
    expect(world.written("installed")).toHaveLength(2);
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "gate" });

    world.faults.outcome = "completed";
    await world.press({ kind: "try-again" });
    expect(world.screen()).toMatchObject({ name: "ready" });
    expect(world.written("mode")).toMatchObject([{}, { mode: "in-service", cause: "gate" }]);
    await world.scan(await (await world.phone(indexOf.band1)).code());
    expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
  });

  test("goes out of service for its disk although its gate is already", async () => {
    const world = await createWorld(profiles.metro);
    world.faults.outcome = "fault";
    await world.scan(await (await world.phone(indexOf.band2)).code());
    await world.pass(6);
    world.terminal().takeOutOfService("storage", "the disk is full");
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "storage" });
    await world.press({ kind: "try-again" });
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "storage" });
  });

  test("lets nobody reopen a lane that is open, nor before the fault was told", async () => {
    const world = await createWorld(profiles.metro);
    await world.press({ kind: "try-again" });
    world.faults.outcome = "fault";
    await world.scan(await (await world.phone(indexOf.band2)).code());
    await world.press({ kind: "try-again" });
    expect(world.screen()).toMatchObject({ name: "result", stage: "broken" });
    expect(world.written("mode")).toHaveLength(1);
  });

  test("takes a code that is held up, thirty times a second, for one tap", async () => {
    const world = await createWorld(profiles.metro);
    const code = await (await world.phone(indexOf.band2)).code();
    for (let second = 0; second < 25; second++) {
      await world.scan(code);
      await world.pass(1);
    }
    expect(decidedOf(world)).toHaveLength(1);
    expect(world.commands).toHaveLength(1);
  });

  test("refers the same code after it was gone for more than the bounce, and after a restart", async () => {
    const world = await createWorld(profiles.metro);
    const code = await (await world.phone(indexOf.band2)).code();
    await world.scan(code);
    await world.pass(3);
    await world.scan(code);
    expect(world.screen()).toMatchObject({ name: "refer", reason: "replay" });

    await world.restart();
    await world.scan(code);
    expect(world.screen()).toMatchObject({ name: "refer", reason: "replay" });
    expect(world.commands).toHaveLength(1);
  });

  describe("a code that was shown to another terminal of the site", () => {
    test("is the same tap for a moment, then a replay, and the decision says when it was seen", async () => {
      const world = await createWorld(profiles.metro);
      const code = await (await world.phone(indexOf.band2)).code();
      const spent = await spentCodeOf(code, world.now() - 1);
      world.faults.tellSpent(spent);
      await world.pass(1);
      await world.scan(code);
      expect(decidedOf(world)).toEqual([]);
      await world.pass(3);
      await world.scan(code);
      expect(world.screen()).toMatchObject({ name: "refer", reason: "replay" });
      expect(world.written("decided")).toMatchObject([{ history: { seenAt: spent.at } }]);
      expect(replayAll(world.entries(), samplePolicy)).not.toContain(false);
      expect(world.commands).toEqual([]);
    });

    test("says nothing of the same phone's next code", async () => {
      const world = await createWorld(profiles.metro);
      const phone = await world.phone(indexOf.band2);
      world.faults.tellSpent(await spentCodeOf(await phone.code(), world.now()));
      await world.pass(3);
      await world.scan(await phone.code());
      expect(world.screen()).toMatchObject({ name: "result" });
    });

    test("changes nothing of what this terminal knows of its own", async () => {
      const world = await createWorld(profiles.metro);
      const code = await (await world.phone(indexOf.band2)).code();
      await world.scan(code);
      const [{ at, identity, windowUntil } = {}] = world.written("decided");
      await world.pass(3);
      const spent = await spentCodeOf(code, world.now());
      expect(spent).toMatchObject({ identity, windowUntil });
      world.faults.tellSpent(spent);
      await world.scan(code);
      expect(world.written("decided").at(-1)).toMatchObject({ history: { seenAt: at }, result: { reason: "replay" } });
    });
  });

  test("refers a phone that is handed back over the gate, for as long as the policy says", async () => {
    const world = await createWorld(profiles.metro);
    const phone = await world.phone(indexOf.band2);
    await world.scan(await phone.code());
    await world.pass(59);
    await world.scan(await phone.code());
    expect(world.screen()).toMatchObject({ name: "refer", reason: "passback" });
    await world.pass(3);
    await world.scan(await phone.code());
    expect(world.screen()).toMatchObject({ name: "result" });
  });

  test("still knows who passed after a restart", async () => {
    const world = await createWorld(profiles.metro);
    const phone = await world.phone(indexOf.band2);
    await world.scan(await phone.code());
    await world.restart();
    await world.pass(5);
    await world.scan(await phone.code());
    expect(world.screen()).toMatchObject({ name: "refer", reason: "passback" });
  });

  test("writes a foreign code held up for a minute as one entry with a count, and serves the next at once", async () => {
    const world = await createWorld(profiles.metro);
    for (let second = 0; second < 59; second++) {
      await world.scan("https://example.org/ticket/1");
      await world.pass(1);
    }
    expect(world.screen()).toMatchObject({ name: "ready" });
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.screen()).toMatchObject({ name: "result" });

    const [refusal, permit] = decidedOf(world);
    expect(decidedOf(world)).toHaveLength(2);
    expect(refusal).toMatchObject({ count: 59, result: { effect: "refer", reason: "not-ours" } });
    expect(Number(refusal?.lastAt) - Number(refusal?.at)).toBe(58);
    expect(permit).toMatchObject({ result: { effect: "permit" } });
  });

  test("counts codes that change every time as one run, and another kind of fault as another", async () => {
    const world = await createWorld(profiles.metro);
    for (let each = 0; each < 10; each++) await world.scan(`foreign ${each}`);
    await world.scan("GL2:ANYTHING");
    await world.pass(5);
    expect(decidedOf(world)).toMatchObject([
      { count: 10, result: { reason: "not-ours" } },
      { count: 1, result: { reason: "update-terminal" } },
    ]);
  });

  test("is not idle while a run of refusals is open, and is while it is out of service", async () => {
    const world = await createWorld(profiles.metro);
    expect(world.terminal().isIdle()).toBe(true);
    await world.scan("foreign");
    await world.press({ kind: "leave" });
    expect([world.screen().name, decidedOf(world).length]).toEqual(["ready", 0]);
    expect(world.terminal().isIdle()).toBe(false);
    await world.pass(70);
    expect(world.terminal().isIdle()).toBe(true);
    world.terminal().takeOutOfService("revoked", "by the operator");
    expect(world.terminal().isIdle()).toBe(true);
  });

  test("writes down an open run of refusals when it stops", async () => {
    const world = await createWorld(profiles.metro);
    await world.scan("foreign");
    await world.terminal().stop();
    expect(decidedOf(world)).toHaveLength(1);
  });

  test("writes down an open run of refusals before it goes out of service", async () => {
    const world = await createWorld(profiles.metro);
    await world.scan("foreign");
    world.terminal().takeOutOfService("revoked", "by the operator");
    await expect
      .poll(() => world.written().map((each) => each.kind))
      .toEqual(["started", "installed", "decided", "mode"]);
  });

  test("does not lose the next person who shows a code while the gate is still open", async () => {
    const world = await createWorld(profiles.metro);
    let closeGate = (): void => {};
    world.faults.holdGate = new Promise((resolve) => {
      closeGate = resolve;
    });
    await world.scan(await (await world.phone(indexOf.band2)).code());
    const next = await (await world.phone(indexOf.none)).code();
    await world.scan(next);
    expect(decidedOf(world)).toHaveLength(1);

    world.faults.holdGate = null;
    closeGate();
    await world.pass(1);
    await world.scan(next);
    expect(decidedOf(world)).toHaveLength(2);
    expect(world.commands).toHaveLength(2);
  });

  test("grants no perk on knowledge past its grace, and owes it", async () => {
    const world = await createWorld(profiles.metro);
    world.setCheckedAt(world.now() - samplePolicy.perkGraceSeconds - 1);
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(decidedOf(world)[0]).toMatchObject({
      result: { effect: "permit", perk: null, reason: "trust-stale", owed: true },
    });
  });

  test("keeps the result twice as long for who asks what it costs", async () => {
    const world = await createWorld(profiles.metro);
    const tap = async (index: number) => world.scan(await (await world.phone(index)).code());
    await tap(indexOf.none);
    await world.pass(4);
    expect(world.screen()).toMatchObject({ name: "result" });
    await world.pass(1);
    expect(world.screen()).toMatchObject({ name: "ready" });

    await tap(indexOf.band2);
    await world.pass(4);
    const shown = world.screens.length;
    await world.press({ kind: "more-time" });
    await world.pass(9);
    expect(world.screen()).toMatchObject({ name: "result" });
    expect(world.screens).toHaveLength(shown);
    await world.pass(1);
    expect(world.screen()).toMatchObject({ name: "ready" });
    await world.press({ kind: "more-time" });
    await world.pass(11);
    expect(world.screens).toHaveLength(shown + 1);
  });

  test("tells what phones say of the time, also those that are refused for it, and decides without", async () => {
    const world = await createWorld(profiles.metro);
    const made = world.now();
    const late = await (await world.phone(indexOf.band2)).code();
    await world.scan(await (await world.phone(indexOf.band3)).code());
    await world.pass(91);
    await world.scan(late);
    await world.scan("foreign");
    await world.scan(await (await world.phone(indexOf.band3, "card")).card());
    expect(world.presented).toEqual([
      { issuedAt: made, at: made, isRefused: false },
      { issuedAt: made, at: made + 91, isRefused: true },
    ]);
    await world.terminal().stop();
    expect(decidedOf(world)[1]).toMatchObject({ reading: { kind: "fault", fault: "stale" } });
    expect(decidedOf(world)[1]?.reading).toEqual({ kind: "fault", fault: "stale" });
  });

  test("names a bundle in a decision only after the log says that it is in force", async () => {
    const world = await createWorld(profiles.metro);
    await world.setBundle((bundle) => ({
      ...bundle,
      policyHash: "bb".repeat(32),
      manifest: { ...bundle.manifest, version: 2 },
    }));
    await world.scan(await (await world.phone(indexOf.band2)).code());
    expect(world.written().map((each) => each.policy ?? each.kind)).toEqual([
      "started",
      "aa".repeat(32),
      "bb".repeat(32),
      "decided",
      "acted",
    ]);
    expect(decidedOf(world)[0]).toMatchObject({ artefacts: { manifest: 2, policy: "bb".repeat(32) } });
  });

  test("takes a card more than once, up to the policy's limit a day", async () => {
    const metro = {
      ...samplePolicy.packs[0]?.services.metro,
      card: { perks: false, tapsMaxPerDay: 2 },
      passbackSeconds: 0,
    };
    const packs = samplePolicy.packs.map((pack) => ({ ...pack, services: { ...pack.services, metro } }));
    const world = await createWorld(profiles.metro, { ...samplePolicy, packs: packs as typeof samplePolicy.packs });
    const card = await (await world.phone(indexOf.band3, "card")).card();
    for (const expected of ["result", "result", "refer"]) {
      await world.scan(card);
      expect(world.screen()).toMatchObject({ name: expected });
      await world.pass(10);
    }
    expect(decidedOf(world).at(-1)).toMatchObject({ result: { reason: "card-limit" } });
  });
});

describe("a library desk", () => {
  const open = async (index: number) => {
    const world = await createWorld(profiles.library);
    await world.scan(await (await world.phone(index)).code());
    return world;
  };

  test("asks everyone to confirm the terms before anything is held, and lends what they say", async () => {
    const world = await open(indexOf.none);
    expect(world.screen()).toMatchObject({
      name: "session",
      stage: "terms",
      offer: { deposit: 10_000, currency: "CNY" },
    });
    await world.press({ kind: "agree" });
    expect(world.written("agreed")[0]).toMatchObject({ accepted: true, deposit: 10_000, currency: "CNY" });

    await world.scan("9787020002207");
    await world.scan("B-100045");
    await world.scan("B-100046");
    expect(world.screen()).toMatchObject({
      stage: "items",
      items: [{ item: "9787020002207" }, { item: "B-100045" }],
      notice: { kind: "too-many", item: "B-100046" },
    });
    const dueAt = world.now() + 1_209_600;
    expect(world.screen()).toMatchObject({ items: [{ dueAt }, { dueAt }] });
    expect(world.commands.map((each) => each.command.kind)).toEqual(["release-item", "release-item"]);

    await world.press({ kind: "finish" });
    expect(world.screen()).toMatchObject({ stage: "receipt", items: [{}, {}] });
    await world.press({ kind: "leave" });
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  test("takes no deposit from a band that waives it, on the same screens", async () => {
    const [perk, ordinary] = [await open(indexOf.band3), await open(indexOf.none)];
    expect(perk.screen()).toMatchObject({ offer: { deposit: 0 } });
    expect(perk.screens.map((each) => each.name)).toEqual(ordinary.screens.map((each) => each.name));
  });

  test("ends politely when the terms are declined, and writes that down", async () => {
    const world = await open(indexOf.none);
    await world.press({ kind: "decline" });
    expect(world.screen()).toMatchObject({ name: "ready" });
    expect(world.written("agreed")[0]).toMatchObject({ accepted: false });
    expect(world.written("acted")[0]).toMatchObject({ outcome: "annulled" });
    expect(world.commands).toEqual([]);
  });

  test("names an item that was scanned twice, and one that is none", async () => {
    const world = await open(indexOf.band3);
    await world.press({ kind: "agree" });
    await world.scan("B-100045");
    await world.pass(3);
    await world.scan("B-100045");
    expect(world.screen()).toMatchObject({ notice: { kind: "twice" }, items: [{ item: "B-100045" }] });
    await world.scan("not a barcode!");
    expect(world.screen()).toMatchObject({ notice: { kind: "not-an-item" } });
    expect(world.written("acted")).toHaveLength(1);
  });

  test("does not mind the codes that the phone goes on showing, nor another's", async () => {
    const world = await open(indexOf.band3);
    const before = world.screen();
    await world.scan(await (await world.phone(indexOf.none)).code());
    expect(world.screen()).toEqual(before);
    expect(decidedOf(world)).toHaveLength(1);
  });

  test("warns before it ends by itself, for 25 s, and can be put off", async () => {
    const world = await open(indexOf.band3);
    await world.press({ kind: "agree" });
    await world.pass(61);
    expect(world.screen()).toMatchObject({ name: "session", warning: expect.any(Number) });
    await world.press({ kind: "more-time" });
    expect(world.screen()).toMatchObject({ name: "session", warning: null });
    await world.pass(59);
    expect(world.screen()).toMatchObject({ name: "session", warning: null });
    await world.pass(30);
    expect(world.screen()).toMatchObject({ name: "ready" });
  });

  test("takes items back without a code", async () => {
    const world = await createWorld(profiles.library);
    await world.press({ kind: "start-return" });
    await world.scan("B-100045");
    expect(world.screen()).toMatchObject({ stage: "returns", items: [{ item: "B-100045", dueAt: null }] });
    expect(decidedOf(world)[0]).toMatchObject({ request: { action: "checkin" }, result: { effect: "permit" } });
    expect(world.commands[0]?.command).toEqual({ kind: "accept-item", item: "B-100045" });
  });

  test("renews", async () => {
    const world = await open(indexOf.band3);
    await world.press({ kind: "agree" });
    await world.press({ kind: "switch-to", action: "renew" });
    await world.scan("B-100045");
    expect(decidedOf(world).at(-1)).toMatchObject({ request: { action: "renew" } });
    expect(world.screen()).toMatchObject({ action: "renew", items: [{ dueAt: world.now() + 2_592_000 }] });
  });

  test("does not count a renewed item among those that one may borrow", async () => {
    const world = await open(indexOf.none);
    await world.press({ kind: "agree" });
    await world.press({ kind: "switch-to", action: "renew" });
    await world.scan("B-100045");
    await world.press({ kind: "switch-to", action: "checkout" });
    await world.scan("B-100046");
    await world.scan("B-100047");
    expect(world.screen()).toMatchObject({ items: [{}, {}, {}], notice: { kind: "done" } });
    await world.scan("B-100048");
    expect(world.screen()).toMatchObject({ notice: { kind: "too-many" } });
  });

  test("says what to do to who shows an item first", async () => {
    const world = await createWorld(profiles.library);
    await world.scan("B-100045");
    expect(world.screen()).toMatchObject({ name: "ready", hint: "item-first" });
    expect(decidedOf(world)).toEqual([]);
  });

  test("keeps what was done when its pad breaks, and is out of service once the session is left", async () => {
    const world = await createWorld(profiles.library);
    await world.press({ kind: "start-return" });
    await world.scan("B-100045");
    world.faults.outcome = "fault";
    await world.scan("B-100046");
    expect(world.screen()).toMatchObject({ stage: "returns", notice: { kind: "failed", item: "B-100046" } });
    await world.scan("B-100047");
    expect(world.commands).toHaveLength(2);
    await world.press({ kind: "finish" });
    expect(world.screen()).toMatchObject({ stage: "receipt", items: [{ item: "B-100045" }] });
    await world.press({ kind: "leave" });
    expect(world.screen()).toMatchObject({ name: "out-of-service", cause: "gate" });
  });
});

describe("a bike station", () => {
  test("unlocks the chosen dock once the terms are agreed, and writes the trip down", async () => {
    const world = await createWorld(profiles.bike);
    await world.scan(await (await world.phone(indexOf.band1)).code());
    expect(world.screen()).toMatchObject({ stage: "dock", docks: [{ dock: "1", vehicle: "bike-7" }, {}] });
    await world.press({ kind: "choose-dock", dock: "1" });
    expect(world.screen()).toMatchObject({ stage: "terms", offer: { deposit: 20_000, freeSeconds: 3600 } });
    expect(world.commands).toEqual([]);
    await world.press({ kind: "agree" });
    expect(world.commands[0]?.command).toEqual({ kind: "unlock-dock", dock: "1" });
    expect(world.screen()).toMatchObject({ name: "result", action: "trip_start", stage: "done", dock: "1" });
    expect(world.written("acted")[0]).toMatchObject({ outcome: "completed", dock: "1" });
    expect(world.entries().at(-1)?.personal?.text).toBe('{"vehicle":"bike-7"}');
  });

  test("takes a bike back at any dock without a code", async () => {
    const world = await createWorld(profiles.bike);
    await world.press({ kind: "start-return" });
    await world.press({ kind: "choose-dock", dock: "2" });
    expect(decidedOf(world)[0]).toMatchObject({ request: { action: "trip_end", place: { dock: "2" } } });
    expect(world.screen()).toMatchObject({ name: "result", action: "trip_end", stage: "done" });
  });

  test("serves on at its other docks when one of them is broken", async () => {
    const world = await createWorld(profiles.bike);
    world.faults.outcome = "fault";
    await world.press({ kind: "start-return" });
    await world.press({ kind: "choose-dock", dock: "2" });
    expect(world.screen()).toMatchObject({ name: "result", stage: "broken" });
    await world.pass(10);
    expect(world.screen()).toMatchObject({ name: "ready" });
    expect(world.written("mode")).toEqual([]);
  });

  test("annuls what was left undone", async () => {
    const world = await createWorld(profiles.bike);
    await world.scan(await (await world.phone(indexOf.none)).code());
    await world.pass(90);
    expect(world.screen()).toMatchObject({ name: "ready" });
    expect(world.written("acted")[0]).toMatchObject({ outcome: "annulled" });
    expect(world.commands).toEqual([]);
  });
});

test("every decision of a busy day comes out the same when it is decided again", async () => {
  for (const profile of Object.values(profiles)) {
    const world = await createWorld(profile);
    for (const index of Object.values(indexOf)) {
      await world.scan(await (await world.phone(index)).code());
      await world.press({ kind: "agree" });
      await world.scan("B-100045");
      await world.press({ kind: "leave" });
      await world.pass(3);
    }
    await world.scan("foreign");
    await world.terminal().stop();
    const replayed = replayAll(world.entries(), samplePolicy);
    expect(replayed.length).toBeGreaterThan(6);
    expect(replayed.every(Boolean)).toBe(true);
  }
});

test("no entry carries a subject, a pseudonym, an item or a vehicle in what is chained", async () => {
  for (const profile of Object.values(profiles)) {
    const world = await createWorld(profile);
    const phone = await world.phone(indexOf.band3);
    await world.scan(await phone.code());
    await world.press({ kind: "choose-dock", dock: "1" });
    await world.press({ kind: "agree" });
    await world.scan("B-100045");
    const texts = world.entries().map((entry) => fromUtf8(entry.bytes) ?? "");
    const personal = world.entries().flatMap((entry) => Object.values(JSON.parse(entry.personal?.text ?? "{}")));
    expect(personal.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text).not.toContain("person-");
      for (const value of personal) expect(text).not.toContain(`"${value}"`);
    }
  }
});

describe("what is left of a lost chain", () => {
  const lostTap = async (world: World) => {
    const phone = await world.phone(indexOf.band2);
    const code = await phone.code();
    await world.scan(code);
    const entries = world.entries().slice(-2);
    return { code, remains: { key: 3, chain: chainOf(9), entries } };
  };

  test("is told again, each entry once, and forgotten then", async () => {
    const { remains } = await lostTap(await createWorld(profiles.metro));
    const world = await createWorld(profiles.metro);
    const many = Array.from({ length: 3 }, (_, at) => ({ ...remains, key: at + 1 }));
    await world.restart([...many, { key: 9, chain: null, entries: [{ seq: 4 }] }]);
    expect(world.written("recovered")).toHaveLength(2);
    await world.pass(5);
    const told = world.entries().slice(-6);
    expect(world.written("recovered").map(({ of }) => of)).toMatchObject([3, 4, 3, 4, 3, 4].map((seq) => ({ seq })));
    expect(told.map(({ bytes, personal }) => readRecovered(readTransaction(bytes) ?? never(), personal))).toMatchObject(
      many.flatMap(({ entries }) => entries.map(({ hash, bytes, personal }) => ({ hash, bytes, personal }))),
    );
    expect(world.remains()).toEqual([]);
  });

  test("opens no gate a second time, while it is still to be told and after", async () => {
    const before = await createWorld(profiles.metro);
    const { code, remains } = await lostTap(before);
    const world = await createWorld(profiles.metro, undefined, before.issuer);
    await world.restart([remains]);
    await world.scan(code);
    expect(world.screen()).toMatchObject({ name: "refer", reason: "replay" });
    expect(world.commands).toEqual([]);
    await world.restart();
    await world.scan(code);
    expect(world.screen()).toMatchObject({ name: "refer", reason: "replay" });
  });
});

const never = (): never => {
  throw new Error("not there");
};
