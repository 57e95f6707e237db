/** The receipts that a terminal shows: each names its entry, and says what was decided only to whom it may. */
import { describe, expect, it } from "vitest";
import type { Receipt } from "../shared/receipt.ts";
import { leadOf, readReceiptCode, receiptCodeOf } from "../shared/receipt-code.ts";
import type { ReadTransaction } from "../shared/transaction.ts";
import { chainOf } from "./log-copies.ts";
import { samplePack } from "./sample.ts";
import { createWorld, indexOf, profiles, type World } from "./terminal-world.ts";

const receiptOn = (world: World): Receipt => {
  const screen = world.screen();
  if (!("receipt" in screen) || screen.receipt === undefined) throw new Error(`no receipt on ${screen.name}`);
  return screen.receipt;
};

/** The transaction that a code names, found as the server finds it. */
const named = async (world: World, code: string): Promise<ReadTransaction> => {
  const read = readReceiptCode(code);
  const entry = world.entries().find(({ seq, hash }) => seq === read?.seq && leadOf(hash) === read.hash);
  if (read === null || entry === undefined) throw new Error(`${code} names nothing`);
  expect(code).toBe(await receiptCodeOf(chainOf(7), entry.seq, entry.hash));
  return world.written()[entry.seq - 1] as ReadTransaction;
};

describe("a receipt", () => {
  it("of a gate names the tap, by which rule, in which versions, and where to object", async () => {
    const world = await createWorld(profiles.metro);
    await world.scan(await (await world.phone(indexOf.band2)).code());
    const receipt = receiptOn(world);
    expect(receipt).toMatchObject({
      page: "edge.example.org/why",
      programme: { name: samplePack.name, version: 3, objection: samplePack.objection },
      own: { perk: "fare-20-off", reason: "perk" },
    });
    expect(await named(world, receipt.code)).toMatchObject({ kind: "decided", result: { perk: "fare-20-off" } });
  });

  it("of a card says nothing of what was decided: anybody may have photographed it", async () => {
    const world = await createWorld(profiles.metro);
    await world.scan(await (await world.phone(indexOf.band2, "card")).card());
    expect(world.screen()).toMatchObject({ name: "result", granted: { terms: "perk" } });
    expect(receiptOn(world).own).toBeNull();
  });

  it("of a refusal names the refusal, once it is written down; a code that could not be read has none", async () => {
    const world = await createWorld(profiles.metro);
    const phone = await world.phone(indexOf.band2);
    await world.scan(await phone.code());
    await world.pass(10);
    await world.scan(await phone.code());
    expect(world.screen()).toMatchObject({ name: "refer", reason: "passback" });
    expect(await named(world, receiptOn(world).code)).toMatchObject({
      result: { effect: "refer", reason: "passback" },
    });
    await world.scan("https://example.org/x");
    expect(world.screen()).toMatchObject({ name: "refer", reason: "not-ours" });
    expect(world.screen()).not.toHaveProperty("receipt");
  });

  it("of a library names the session, and of a return the last return", async () => {
    const world = await createWorld(profiles.library);
    await world.scan(await (await world.phone(indexOf.band2)).code());
    const { code } = receiptOn(world);
    await world.press({ kind: "agree" });
    await world.scan("B0001");
    await world.press({ kind: "finish" });
    expect(world.screen()).toMatchObject({ stage: "receipt", items: [{ item: "B0001" }] });
    expect(receiptOn(world).code).toBe(code);
    expect(await named(world, code)).toMatchObject({ request: { action: "session" } });
    await world.press({ kind: "leave" });
    await world.press({ kind: "start-return" });
    for (const item of ["B0001", "B0002"]) await world.scan(item);
    await world.press({ kind: "finish" });
    const returned = receiptOn(world);
    expect(returned.own).toBeNull();
    expect(await named(world, returned.code)).toMatchObject({ request: { action: "checkin" } });
    expect(world.written("decided").at(-1)).toEqual(await named(world, returned.code));
  });

  it("of a library where nothing was returned is none", async () => {
    const world = await createWorld(profiles.library);
    await world.press({ kind: "start-return" });
    await world.press({ kind: "finish" });
    expect(world.screen()).toMatchObject({ stage: "receipt", items: [] });
    expect(world.screen()).not.toHaveProperty("receipt");
  });

  it("of a station stands on the terms and on the result, of taking and of giving back", async () => {
    const world = await createWorld(profiles.bike);
    await world.scan(await (await world.phone(indexOf.band1)).code());
    await world.press({ kind: "choose-dock", dock: "1" });
    const { code } = receiptOn(world);
    await world.press({ kind: "agree" });
    expect(world.screen()).toMatchObject({ name: "result", stage: "done" });
    expect(receiptOn(world)).toMatchObject({ code, own: { perk: "longer" } });
    await world.press({ kind: "leave" });
    await world.press({ kind: "start-return" });
    await world.press({ kind: "choose-dock", dock: "1" });
    const back = receiptOn(world);
    expect(back.own).toBeNull();
    expect(await named(world, back.code)).toMatchObject({ request: { action: "trip_end" } });
  });
});

describe("who reads why", () => {
  it("is given a minute at a result, and at a refusal", async () => {
    const world = await createWorld(profiles.bike);
    await world.scan(await (await world.phone(indexOf.band1)).code());
    await world.press({ kind: "choose-dock", dock: "1" });
    await world.press({ kind: "agree" });
    await world.press({ kind: "read-why" });
    await world.pass(59);
    expect(world.screen().name).toBe("result");
    await world.pass(2);
    expect(world.screen().name).toBe("ready");
    const gate = await createWorld(profiles.metro);
    const phone = await gate.phone(indexOf.revoked);
    await gate.scan(await phone.code());
    await gate.press({ kind: "read-why" });
    await gate.pass(59);
    expect(gate.screen()).toMatchObject({ name: "refer", reason: "revoked" });
    await gate.pass(2);
    expect(gate.screen().name).toBe("ready");
  });

  it("has more time in a session, and opens nothing by it", async () => {
    const world = await createWorld(profiles.bike);
    await world.scan(await (await world.phone(indexOf.band1)).code());
    await world.press({ kind: "choose-dock", dock: "1" });
    const before = world.entries().length;
    await world.press({ kind: "read-why" });
    expect(world.screen()).toMatchObject({ stage: "terms", warning: null });
    expect([world.entries().length, world.commands.length]).toEqual([before, 0]);
  });
});
