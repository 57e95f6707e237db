/** Fujian's library in the terminal's real loop: deposits to choose among, kinds of items, one renewal. */
import { describe, expect, test } from "vitest";
import { createReconciliation } from "../edge-server/reconciliation.ts";
import { settleJourneys } from "../edge-server/settle.ts";
import { readPiece } from "../edge-server/tap.ts";
import { toBase64url } from "../shared/bytes.ts";
import type { Policy } from "../shared/policy.ts";
import { readTransaction } from "../shared/transaction.ts";
import { cityPackOf } from "./city-packs.ts";
import { samplePolicy } from "./sample.ts";
import { badgeFor, override, showBadge } from "./staff-world.ts";
import { rulesForOf, settlingOf } from "./taps.ts";
import { createWorld, indexOf, profiles, replayAll, type World } from "./terminal-world.ts";

const { programme: _, cuts, ...fujian } = cityPackOf("fujian-library");
/** Of the sample's three bands the highest is the one that the perk starts at. */
const pack = { ...fujian, programme: "here", cuts: { version: 7, at: [650, 750, ...cuts.at] } };
const policy: Policy = { ...samplePolicy, packs: [pack] };
const { band3: perk, none: ordinary } = indexOf;

const open = (hasBadges = false): Promise<World> => createWorld(profiles.library, policy, null, hasBadges);

const visit = async (world: World, phone: { code: () => Promise<string> }, tier: string | null): Promise<void> => {
  await world.pass(3);
  await world.scan(await phone.code());
  await world.press({ kind: "choose-tier", tier });
  await world.press({ kind: "agree" });
};

const take = async (world: World, ...items: readonly string[]): Promise<void> => {
  for (const item of items) await world.scan(item);
};

const leave = async (world: World): Promise<void> => {
  await world.press({ kind: "finish" });
  await world.press({ kind: "leave" });
};

const lastRequest = (world: World) => world.written("decided").at(-1)?.request;

describe("the choice of a deposit", () => {
  test("comes before the terms, with the same deposits for everybody, and with what the code has without one", async () => {
    for (const [index, itemsMax] of [
      [perk, 4],
      [ordinary, 0],
    ] as const) {
      const world = await open();
      await world.scan(await (await world.phone(index)).code());
      expect(world.screen()).toMatchObject({
        name: "session",
        stage: "tiers",
        choices: [
          { tier: null, offer: { deposit: 0, itemsMax } },
          {
            tier: "deposit-100",
            offer: { deposit: 10_000, itemsMax: 15, kinds: [{ max: 5 }, { max: 5 }, { max: 5 }] },
          },
          { tier: "deposit-200", offer: { deposit: 20_000, itemsMax: 30 } },
          {
            tier: "deposit-300",
            offer: { deposit: 30_000, itemsMax: 35, kinds: [{ max: 15 }, { max: 10 }, { max: 10 }] },
          },
        ],
      });
    }
  });

  test("is a decision of its own, with its terms, and the deposit is held for it", async () => {
    const world = await open();
    await visit(world, await world.phone(ordinary), "deposit-200");
    expect(
      world.written("decided").map(({ request, of }) => [(request as { tier?: string }).tier, of !== undefined]),
    ).toEqual([
      [undefined, false],
      ["deposit-200", true],
    ]);
    expect(world.payments.asked).toMatchObject([{ order: "hold", amount: 20_000, of: { seq: 4 } }]);
    await take(world, "CHINESE-1");
    expect(lastRequest(world)).toMatchObject({
      action: "checkout",
      tier: "deposit-200",
      kind: "chinese",
      kindBefore: 0,
    });
    expect(world.screen()).toMatchObject({ items: [{ item: "CHINESE-1" }], offer: { deposit: 20_000 } });
    expect(replayAll(world.entries(), policy)).toEqual([true, true, true]);
  });

  test("is open to who would be lent something without a deposit, too", async () => {
    const world = await open();
    await visit(world, await world.phone(perk), "deposit-100");
    await take(world, "THIRD-1");
    expect(world.screen()).toMatchObject({ granted: { terms: "ordinary" }, notice: { kind: "done" } });
  });

  test("not made, or terms not wanted, is written down, and holds nothing", async () => {
    const [unmade, unwanted] = [await open(), await open()];
    await unmade.scan(await (await unmade.phone(ordinary)).code());
    await unmade.press({ kind: "decline" });
    await unwanted.scan(await (await unwanted.phone(ordinary)).code());
    await unwanted.press({ kind: "choose-tier", tier: "deposit-100" });
    await unwanted.press({ kind: "decline" });
    for (const world of [unmade, unwanted]) {
      expect(world.screen()).toMatchObject({ name: "ready" });
      expect(world.written("agreed")).toMatchObject([{ accepted: false }]);
      expect(world.written("acted")).toMatchObject([{ outcome: "annulled" }]);
      expect(world.payments.asked).toEqual([]);
    }
  });

  test("ends by itself when nobody touches it", async () => {
    const world = await open();
    await world.scan(await (await world.phone(ordinary)).code());
    await world.pass(90);
    expect(world.screen()).toMatchObject({ name: "ready" });
    expect(world.written("agreed")).toMatchObject([{ accepted: false }]);
  });

  test("says what is our fault of what the code has without one, and a deposit is nothing that is owed", async () => {
    const world = await open();
    await world.pass(1200);
    await world.scan(await (await world.phone(perk)).code());
    expect(world.screen()).toMatchObject({ choices: [{ offer: { ours: true } }, { offer: { ours: false } }, {}, {}] });
    await world.press({ kind: "choose-tier", tier: "deposit-100" });
    expect(world.written("decided").map(({ result }) => (result as { owed: boolean }).owed)).toEqual([true, false]);
  });

  test("is not asked for by staff, who take no account's money", async () => {
    const world = await open(true);
    await world.scan(await (await world.phone(indexOf.revoked)).code());
    await showBadge(world, await badgeFor(world, "supervisor"));
    await override(world, "permit", "needs-assistance");
    expect(world.screen()).toMatchObject({ stage: "terms" });
    await world.press({ kind: "agree" });
    await world.press({ kind: "switch-to", action: "renew" });
    await take(world, "CHINESE-1");
    expect(world.screen()).toMatchObject({ items: [{ item: "CHINESE-1" }] });
    await world.press({ kind: "switch-to", action: "checkout" });
    await take(world, "CHINESE-2");
    expect(world.screen()).toMatchObject({ items: [{}], notice: { kind: "too-many", item: "CHINESE-2" } });
  });
});

describe("kinds of items", () => {
  test("each have a limit, and an item of no kind has that of all items alone", async () => {
    const world = await open();
    await visit(world, await world.phone(ordinary), "deposit-100");
    await take(world, ...["1", "2", "3", "4", "5", "6"].map((each) => `CHINESE-${each}`));
    expect(world.screen()).toMatchObject({
      items: { length: 5 },
      notice: { kind: "kind-full", item: "CHINESE-6", of: { en: "Chinese books" } },
    });
    await take(world, ...["1", "2", "3", "4", "5"].map((each) => `CHILDREN-${each}`), "DVD-1", "DVD-2");
    expect(lastRequest(world)).not.toHaveProperty("kind");
    expect(world.screen()).toMatchObject({ items: { length: 12 }, notice: { kind: "done", item: "DVD-2" } });
    await take(world, "DVD-3", "DVD-4", "DVD-5", "DVD-6");
    expect(world.screen()).toMatchObject({ items: { length: 15 }, notice: { kind: "too-many", item: "DVD-6" } });
    expect(replayAll(world.entries(), policy)).not.toContain(false);
  });

  test("of which a code gives none are left out from the first", async () => {
    const world = await open();
    await visit(world, await world.phone(perk), null);
    await take(world, "THIRD-1", "CHINESE-1", "CHILDREN-1");
    expect(world.screen()).toMatchObject({ items: { length: 2 }, granted: { terms: "perk" } });
  });

  test("are counted over the visits without a deposit, until something is brought back; also after a restart", async () => {
    const world = await open();
    const [phone, other] = [await world.phone(perk), await world.phone(ordinary)];
    await visit(world, phone, null);
    await take(world, "CHINESE-1", "CHINESE-2");
    await leave(world);
    for (const isRestarted of [false, true]) {
      if (isRestarted) await world.restart();
      await visit(world, phone, null);
      await take(world, "CHINESE-3");
      expect(world.screen()).toMatchObject({ items: [], notice: { kind: "kind-full" } });
      await leave(world);
    }
    await world.press({ kind: "start-return" });
    await take(world, "CHINESE-1");
    await leave(world);
    await visit(world, phone, null);
    await take(world, "CHINESE-3");
    expect(world.screen()).toMatchObject({ items: [{ item: "CHINESE-3" }] });
    await leave(world);
    await visit(world, other, "deposit-100");
    await take(world, "CHINESE-4");
    expect(lastRequest(world)).toMatchObject({ kindBefore: 0 });
    expect(replayAll(world.entries(), policy)).not.toContain(false);
  });

  test("are counted anew for each deposit, which is for the items of its own visit", async () => {
    const world = await open();
    const phone = await world.phone(perk);
    for (const first of [1, 6]) {
      await visit(world, phone, "deposit-100");
      await take(world, ...[0, 1, 2, 3, 4].map((more) => `CHINESE-${first + more}`));
      expect(world.screen()).toMatchObject({ items: { length: 5 } });
      await leave(world);
    }
    await visit(world, phone, null);
    await take(world, "CHINESE-11", "CHINESE-12");
    expect(world.screen()).toMatchObject({ items: { length: 2 } });
    await world.pass(86);
    expect(world.payments.standing().size).toBe(2);
  });

  test("that did not leave with anybody are not counted", async () => {
    const world = await open();
    await visit(world, await world.phone(perk), null);
    world.faults.outcome = "timed-out";
    await take(world, "CHINESE-1", "CHINESE-2");
    world.faults.outcome = "completed";
    await world.restart();
    await visit(world, await world.phone(perk), null);
    await take(world, "CHINESE-1", "CHINESE-2", "CHINESE-3");
    expect(world.screen()).toMatchObject({ items: { length: 2 }, notice: { kind: "kind-full" } });
  });
});

describe("a renewal", () => {
  const renew = async (world: World, phone: { code: () => Promise<string> }): Promise<void> => {
    await visit(world, phone, null);
    await world.press({ kind: "switch-to", action: "renew" });
    await take(world, "CHINESE-1");
  };

  test("is given as often as the rules say, also after a restart; another's counts for nothing", async () => {
    const world = await open();
    const [phone, other] = [await world.phone(ordinary), await world.phone(perk)];
    await renew(world, phone);
    expect(world.screen()).toMatchObject({ items: [{ dueAt: world.now() + 2_592_000 }] });
    await leave(world);
    for (const isRestarted of [false, true]) {
      if (isRestarted) await world.restart();
      await renew(world, phone);
      expect(world.screen()).toMatchObject({ items: [], notice: { kind: "renewed", item: "CHINESE-1" } });
      expect(lastRequest(world)).toMatchObject({ renewalsBefore: 1 });
      await leave(world);
    }
    for (const items of [[{ item: "CHINESE-1" }], []]) {
      await renew(world, other);
      expect(world.screen()).toMatchObject({ items });
      await leave(world);
    }
    expect(replayAll(world.entries(), policy)).not.toContain(false);
  });

  test("is given again for what was brought back and lent anew", async () => {
    const world = await open();
    const phone = await world.phone(perk);
    await renew(world, phone);
    await leave(world);
    await world.press({ kind: "start-return" });
    await take(world, "CHINESE-1");
    await leave(world);
    await visit(world, phone, null);
    await take(world, "CHINESE-1");
    await leave(world);
    await renew(world, phone);
    expect(world.screen()).toMatchObject({ items: [{ item: "CHINESE-1" }] });
  });

  test("is remembered for a day, and then held against nobody", async () => {
    const world = await open();
    const phone = await world.phone(ordinary);
    await renew(world, phone);
    await leave(world);
    await world.pass(12 * 3600);
    await world.pass(13 * 3600);
    world.setCheckedAt(world.now());
    await renew(world, await world.phone(ordinary));
    expect(world.screen()).toMatchObject({ items: [{ item: "CHINESE-1" }] });
  });
});

test("the deposit that was chosen is settled once: held, and released when all of its visit is back", async () => {
  const world = await open();
  await visit(world, await world.phone(ordinary), "deposit-100");
  await take(world, "CHINESE-1", "CHILDREN-1");
  await leave(world);
  const lines = () => {
    const found = createReconciliation(rulesForOf(policy));
    const epoch = toBase64url(new Uint8Array(16).fill(7));
    found.add(
      world.entries().flatMap(({ seq, bytes, personal }) => {
        const transaction = readTransaction(bytes);
        return (transaction && readPiece(`t-1/${epoch}/${seq}`, transaction, personal?.text ?? null)) ?? [];
      }),
    );
    expect(found.people().flatMap(({ conflicts }) => conflicts)).toEqual([]);
    return found
      .people()
      .flatMap(({ journeys }) => settleJourneys(journeys, settlingOf(policy)))
      .map(({ kind, amount, owed }) => ({ kind, amount, owed }));
  };
  const held = { kind: "deposit-held", amount: 10_000, owed: 0 };
  expect(lines()).toEqual([held]);
  await world.pass(60);
  await world.press({ kind: "start-return" });
  await take(world, "CHINESE-1");
  expect(lines()).toEqual([held]);
  await take(world, "CHILDREN-1");
  expect(lines()).toEqual([held, { kind: "deposit-released", amount: 10_000, owed: 0 }]);
});
