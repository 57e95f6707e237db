/** Who carries others' entries: stored before it is said, sent, and kept until signed acks say that it is all there. */
import { beforeEach, describe, expect, it, test } from "vitest";
import type { Answer, Carried, Identity, Uplink } from "../kiosk/ports.ts";
import { type Carrier, createCarrier } from "../kiosk/rescue/carrier.ts";
import { type Bytes, concatBytes, fromBase64url, toBase64url, toUtf8 } from "../shared/bytes.ts";
import type { RescueAnswer } from "../shared/messages.ts";
import { readStatement, signStatement } from "../shared/sync.ts";
import { createFakeClock, type FakeClock, foundCity, noChance } from "./city.ts";
import { gunzip, importOperatorKey, makeRescue } from "./rescue-sample.ts";
import { drawKey } from "./sample.ts";
import { createWorld, sendSigned, type TestTerminal, type World } from "./world.ts";

let world: World;
let identity: Identity;
let broken: TestTerminal;
let clock: FakeClock;
let stored: Map<string, Carried>;
let isDiskFull: boolean;
let isOnline: boolean;
let hasKeys: boolean;
let sent: number;
let pauses: number[];
let returned: () => void;
/** What becomes of the server's answer on its way. */
let alter: (answer: RescueAnswer) => Answer<RescueAnswer> | Promise<Answer<RescueAnswer>>;

beforeEach(async () => {
  world = await createWorld();
  const own = await world.addTerminal("gate-2");
  identity = { ...(await foundCity()).identity, terminal: "gate-2", key: own.key };
  broken = await world.addTerminal("gate-1");
  for (let i = 0; i < 6; i++) await broken.write({ kind: "fault", part: "gate", cause: "a test" });
  clock = createFakeClock();
  stored = new Map();
  [isDiskFull, isOnline, hasKeys, sent, pauses] = [false, true, true, 0, []];
  alter = (value) => ({ kind: "answered", value });
});

const rescue = async (...cuts: readonly (readonly [number, number])[]): Promise<Bytes> =>
  makeRescue(
    "gate-1",
    await Promise.all(cuts.map(([from, to]) => broken.batch(from, to))),
    await importOperatorKey(toUtf8("operator")),
  );

const uplink = (): Uplink => ({
  enrol: () => Promise.reject(new Error("not asked here")),
  fetchManifest: () => Promise.reject(new Error("not asked here")),
  fetchArtefact: () => Promise.reject(new Error("not asked here")),
  packBatch: () => Promise.reject(new Error("not asked here")),
  sendBatch: () => Promise.reject(new Error("not asked here")),
  sendRescue: async (_, sealed) => {
    sent += 1;
    if (!isOnline) return { kind: "unreachable", cause: "no network" };
    const headers = { "content-type": "application/greenlane-rescue" };
    const response = await sendSigned(world.app, { id: "gate-2", key: identity.key }, "/v1/rescues", sealed, {
      headers,
    });
    if (response.ok) return alter(await response.json());
    return { kind: "rejected", status: response.status, problem: await response.json() };
  },
  onReturn: (callback) => {
    returned = callback;
    return () => {};
  },
});

const open = (): Carrier =>
  createCarrier({
    store: {
      list: async () => [...stored.values()],
      put: async (carried) => {
        if (isDiskFull) throw new Error("the disk is full");
        stored.set(carried.id, carried);
      },
      drop: async (id) => void stored.delete(id),
    },
    identity,
    uplink: uplink(),
    edgeKeys: () => (hasKeys ? [world.edge] : []),
    gunzip,
    clock: {
      after: (seconds, callback) => {
        pauses.push(seconds);
        return clock.after(seconds, callback);
      },
    },
    random: noChance,
  });

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await isSo()) && tries < 1000; tries++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(await isSo()).toBe(true);
};
/** So many rounds of sending are over, each with a pause before the next. */
const rounds = (count: number): Promise<void> => until(() => pauses.length >= count);

describe("what is taken over", () => {
  it("goes to the ledger, and is then kept no longer", async () => {
    const carrier = open();
    expect(await carrier.take(await rescue([1, 4], [5, 6]))).toEqual({ entries: 6, refused: null });
    await until(() => carrier.pending() === 0);
    expect([stored.size, await world.ledger.count(), carrier.alarms()]).toEqual([0, 6, []]);
  });

  it("is durable before it is said, and waits for the network, over a restart", async () => {
    isOnline = false;
    const carrier = open();
    await carrier.take(await rescue([1, 6]));
    expect([stored.size, carrier.pending()]).toEqual([1, 6]);
    await rounds(1);
    const again = open();
    await again.start();
    expect(again.pending()).toBe(6);
    isOnline = true;
    returned();
    await until(() => again.pending() === 0);
    expect([stored.size, await world.ledger.count()]).toEqual([0, 6]);
  });

  it("is not said to be where the disk does not take it", async () => {
    isDiskFull = true;
    const carrier = open();
    await expect(carrier.take(await rescue([1, 6]))).rejects.toThrow("the disk is full");
    expect([carrier.pending(), sent]).toEqual([0, 0]);
  });

  it("is one, however often it is taken over", async () => {
    isOnline = false;
    const carrier = open();
    const sealed = await rescue([1, 6]);
    await carrier.take(sealed);
    await carrier.take(concatBytes(sealed, sealed));
    expect([stored.size, carrier.pending()]).toEqual([1, 6]);
  });

  it.each([
    ["foreign", async () => makeRescue("gate-1", [await broken.batch()], await importOperatorKey(toUtf8("another")))],
    ["truncated", async () => (await rescue([1, 6])).slice(0, -1)],
    ["not-a-rescue", async () => toUtf8("a picture")],
    ["not-a-rescue", async () => new Uint8Array(0)],
  ] as const)("is refused as %s, and nothing is stored", async (fault, make) => {
    const carrier = open();
    expect(await carrier.take(await make())).toEqual({ entries: 0, refused: fault });
    expect([stored.size, sent]).toEqual([0, 0]);
  });

  it("is what is whole of a file that was cut off", async () => {
    const carrier = open();
    const file = concatBytes(await rescue([1, 3]), (await rescue([4, 6])).slice(0, 99));
    expect(await carrier.take(file)).toEqual({ entries: 3, refused: "truncated" });
  });

  it("waits while there is no bundle, whose keys would tell an ack from another thing", async () => {
    hasKeys = false;
    const carrier = open();
    await carrier.take(await rescue([1, 6]));
    await rounds(1);
    expect(sent).toBe(0);
    hasKeys = true;
    clock.move(2);
    await until(() => carrier.pending() === 0);
  });
});

describe("nothing but the very acks lets it go", () => {
  type Batches = RescueAnswer["batches"];
  const acking = (make: (ack: NonNullable<Awaited<ReturnType<typeof readStatement>>>) => Promise<Bytes>) =>
    (async (answer: RescueAnswer) => ({
      kind: "answered",
      value: { ...answer, batches: (await Promise.all(answer.batches.map((each) => again(each, make)))) as Batches },
    })) as typeof alter;
  const again = async (each: Batches[number], make: Parameters<typeof acking>[0]): Promise<Batches[number]> => {
    const ack =
      each.kind === "acked" ? await readStatement("ack", fromBase64url(each.ack) ?? toUtf8(""), [world.edge]) : null;
    if (each.kind !== "acked" || ack === null) throw new Error("an ack");
    return { ...each, ack: toBase64url(await make(ack)) };
  };
  const sign = (change: object, key = world.edge) => acking((ack) => signStatement("ack", { ...ack, ...change }, key));

  test.each<[string, () => typeof alter | Promise<typeof alter>, string]>([
    ["no answer", () => () => ({ kind: "unreachable", cause: "cut" }), ""],
    [
      "too few acks",
      () => (answer) => ({ kind: "answered", value: { ...answer, batches: answer.batches.slice(1) } }),
      "ack",
    ],
    ["no acks", () => (answer) => ({ kind: "answered", value: { ...answer, batches: [] } }), "not whole"],
    [
      "acks in another order",
      () => (answer) => ({ kind: "answered", value: { ...answer, batches: answer.batches.toReversed() } }),
      "an ack of something else",
    ],
    ["an ack by another key", async () => sign({}, await drawKey()), "an ack that no edge key signed"],
    ["no ack at all", () => acking(async () => toUtf8("thanks")), "an ack that no edge key signed"],
    ["an ack for another terminal", () => sign({ terminal: "gate-2" }), "an ack of something else"],
    ["an ack of another epoch", () => sign({ epoch: new Uint8Array(16) }), "an ack of something else"],
    ["an ack of another place", () => sign({ seq: 7 }), "an ack of something else"],
    ["an ack of another hash", () => sign({ hash: new Uint8Array(32) }), "an ack of something else"],
    ["a server that fails", () => () => ({ kind: "rejected", status: 500, problem: null }), "500"],
  ])("not %s", async (_, make, alarm) => {
    alter = await make();
    const carrier = open();
    await carrier.take(await rescue([1, 4], [5, 6]));
    await rounds(1);
    expect([stored.size, carrier.pending()]).toEqual([1, 6]);
    expect(carrier.alarms().join()).toContain(alarm);
    // It comes again by itself, and then rightly.
    alter = (value) => ({ kind: "answered", value });
    clock.move(10);
    await until(() => carrier.pending() === 0);
    expect([stored.size, carrier.alarms(), await world.ledger.count()]).toEqual([0, [], 6]);
  });

  it("stays, with an alarm, where the ledger refuses a part of it, and the other part is in the ledger", async () => {
    const carrier = open();
    await carrier.take(await rescue([1, 2], [5, 6]));
    await rounds(1);
    expect([stored.size, await world.ledger.count()]).toEqual([1, 2]);
    expect(carrier.alarms()).toEqual([
      "entries taken over from gate-1: not in the ledger: Entries are missing before these",
    ]);
    // The terminal itself came back meanwhile.
    await sendSigned(world.app, broken, "/v1/log", await broken.batch(3, 4));
    clock.move(10);
    await until(() => carrier.pending() === 0);
    expect([stored.size, carrier.alarms(), await world.ledger.count()]).toEqual([0, [], 6]);
  });

  it("does not keep another one waiting", async () => {
    const carrier = open();
    isOnline = false;
    await carrier.take(await rescue([5, 6]));
    await carrier.take(await rescue([1, 2]));
    await rounds(1);
    isOnline = true;
    carrier.nudge();
    await until(() => stored.size === 1);
    expect(await world.ledger.count()).toBe(2);
  });

  it("is asked for less and less often while it fails", async () => {
    isOnline = false;
    const carrier = open();
    await carrier.take(await rescue([1, 6]));
    for (let round = 1; round <= 12; round++) {
      await rounds(round);
      clock.move(pauses.at(-1) ?? 0);
    }
    await rounds(13);
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 300]);
  });
});
