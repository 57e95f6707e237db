/** A new version looks at itself: one row a thing that may be wrong, and the cause that staff read. */
import { describe, expect, test } from "vitest";
import { createProof, type ProofParts } from "../kiosk/update/proof.ts";
import { checkSelf, type HandOver, handOverOf, type SelfCheckParts, type Started } from "../kiosk/update/self-check.ts";
import type { Entry } from "../shared/log.ts";

const entryAt = (seq: number, fill = seq): Entry => ({
  seq,
  hash: new Uint8Array(32).fill(fill),
  bytes: new Uint8Array(0),
  personal: null,
});
const entries = [1, 2, 3].map((seq) => entryAt(seq));

const well: Started = {
  chain: { terminal: "t-1", epoch: new Uint8Array(16).fill(7) },
  head: () => entryAt(3),
  log: {
    read: async (seq, max) => entries.filter((each) => each.seq >= seq).slice(0, max),
    settled: async () => {},
    alarms: () => [],
  },
  hasBundle: () => true,
  screen: () => ({ name: "ready", service: "metro", action: "entry", hint: null }),
};
const left = handOverOf({ ...well, head: () => entryAt(2) });

const parts = (change: Partial<SelfCheckParts> = {}): SelfCheckParts => ({
  left,
  started: well,
  loadRest: async () => {},
  decode: async () => ["GREENLANE"],
  beat: async () => {},
  ...change,
});

const fail = (cause: string) => async () => {
  throw new Error(cause);
};
const sick = (change: Partial<Started>) => ({ started: { ...well, ...change } });
const logOf = (change: Partial<Started["log"]>) => sick({ log: { ...well.log, ...change } });
const outOfService = () => ({ name: "out-of-service", cause: "storage", detail: "full" }) as const;

describe("a new version", () => {
  test("that finds all as it was left is well, also where it has written since", async () => {
    expect(await checkSelf(parts())).toBeNull();
  });

  test("is well where it was left nothing, or an empty chain", async () => {
    expect(await checkSelf(parts({ left: null }))).toBeNull();
    expect(await checkSelf(parts({ left: null, started: null }))).toBeNull();
    expect(await checkSelf(parts({ left: { ...left, seq: 0, hash: "" } }))).toBeNull();
  });

  test.each<[string, Partial<SelfCheckParts>]>([
    ["code: Error: chunk", { loadRest: fail("chunk") }],
    ["code: Error: decoder", { decode: fail("decoder") }],
    ['code: read ["GREE"] for GREENLANE', { decode: async () => ["GREE"] }],
    ["code: read [] for GREENLANE", { decode: async () => [] }],
    ["log: it was not opened", { started: null }],
    ["log: it is another chain", sick({ chain: { terminal: "t-1", epoch: new Uint8Array(16) } })],
    ["log: it ended at entry 2, and ends at 1", sick({ head: () => entryAt(1) })],
    ["log: entry 2 is not the one that it was", logOf({ read: async () => [entryAt(2, 9)] })],
    ["log: entry 2 is not the one that it was", logOf({ read: async () => [entryAt(3, 2)] })],
    ["log: entry 2 is not the one that it was", logOf({ read: async () => [] })],
    ["log: Error: unreadable", logOf({ read: fail("unreadable") })],
    ["twin: the second copy fails", logOf({ alarms: () => ["the second copy fails"] })],
    ["disk: Error: full", { beat: fail("full") }],
    ["bundle: what was in force is not accepted", sick({ hasBundle: () => false })],
    ["service: out of service, storage: full", sick({ screen: outOfService })],
  ])("says: %s", async (cause, change) => {
    expect(await checkSelf(parts(change))).toBe(cause);
  });

  test("is not blamed for what was so before", async () => {
    const before: HandOver = { ...left, isTwin: false, hasBundle: false, isServing: false };
    const change = { hasBundle: () => false, screen: outOfService };
    const started = { ...well, ...change, log: { ...well.log, alarms: () => ["the second copy fails"] } };
    expect(await checkSelf(parts({ left: before, started }))).toBeNull();
  });
});

describe("proving it", () => {
  const createWorld = (isOn: boolean, change: Partial<ProofParts> = {}) => {
    const happened: string[] = [];
    let kept: HandOver | null = left;
    const proof = createProof({
      askTrial: async () => ({ isOn, failure: null }),
      passTrial: () => void happened.push("passed"),
      failTrial: (cause) => void happened.push(`failed ${cause}`),
      handOver: {
        read: () => kept,
        write: (next) => {
          kept = next;
          happened.push("left");
        },
        drop: () => {
          kept = null;
          happened.push("dropped");
        },
      },
      finish: async () => void happened.push("finished"),
      loadRest: async () => {},
      decode: async () => ["GREENLANE"],
      ...change,
    });
    return { proof, happened };
  };
  const beat = async () => {};

  test("it says that it is well, and only then serves", async () => {
    const { proof, happened } = createWorld(true);
    await proof.prove(well, beat);
    expect(happened).toEqual(["passed", "dropped"]);
  });

  test("staff are told of one that failed, but by none that followed it and is well", async () => {
    const before = createWorld(false, { askTrial: async () => ({ isOn: false, failure: "B failed" }) });
    expect(await before.proof.prove(well, beat)).toBe("B failed");
    const next = createWorld(true, { askTrial: async () => ({ isOn: true, failure: "B failed" }) });
    expect(await next.proof.prove(well, beat)).toBeNull();
  });

  test("off trial it looks at nothing", async () => {
    const { proof, happened } = createWorld(false, { decode: fail("never") });
    await proof.prove(well, beat);
    expect(happened).toEqual(["dropped"]);
  });

  test("where it is ill it writes down what is open, says so, keeps what was left for it, and never serves", async () => {
    const { proof, happened } = createWorld(true, { decode: fail("ill") });
    let serves = false;
    void proof.prove(well, beat).then(() => {
      serves = true;
    });
    await expect.poll(() => happened).toEqual(["finished", "failed code: Error: ill"]);
    expect(serves).toBe(false);
  });

  test("what cannot be written down does not keep it from saying so", async () => {
    const { proof, happened } = createWorld(true, { decode: fail("ill"), finish: fail("disk") });
    void proof.prove(well, beat);
    await expect.poll(() => happened).toEqual(["failed code: Error: ill"]);
  });

  test("one that does not start is failed only where it is on trial", async () => {
    const [on, off] = [createWorld(true), createWorld(false)];
    await on.proof.giveUp("no database");
    await off.proof.giveUp("no database");
    expect([on.happened, off.happened]).toEqual([["failed start: no database"], []]);
  });

  test("giving way, it leaves word once all is written", async () => {
    const { proof, happened } = createWorld(false);
    await proof.giveWay(well);
    expect(happened).toEqual(["finished", "left"]);
  });
});
