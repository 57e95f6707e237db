import { beforeEach, describe, expect, it } from "vitest";
import { createPassages } from "../edge-server/passages.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { decide } from "../shared/decide.ts";
import type { Way } from "../shared/passes.ts";
import type { Acted, Decided, Outcome } from "../shared/transaction.ts";
import { now } from "./sample.ts";
import { servicesPolicy } from "./services-sample.ts";
import { createWorld, problemWord, sendSigned, type TestTerminal, type World } from "./world.ts";

/** What the terminals of a site are told of what the others have seen: the ledger's knowledge, and only of their own site. */

const ann = "A".repeat(22);
const bob = "B".repeat(22);
const atSquare = { service: "parking", site: "square" } as const;

let world: World;
let entrance: TestTerminal;
let barrier: TestTerminal;
beforeEach(async () => {
  world = await createWorld();
  entrance = await world.addTerminal("in", { ...atSquare, action: "entry" });
  barrier = await world.addTerminal("out", { ...atSquare, action: "exit" });
});

const decided = (way: Way): Decided => {
  const request = { service: "parking", action: way, programme: "here", place: { site: "square" } } as const;
  const reading = { kind: "verified", form: "presentation", use: "citizen", programme: "here" } as const;
  const knowledge = { standing: 2, cuts: 7, checkedAt: { trust: now, policy: now, list: now } } as const;
  const history = { seenAt: null, sameActionAt: null, cardTaps: 0 };
  const result = decide({ ...request, at: now }, reading, { policy: servicesPolicy, knowledge, history });
  const artefacts = { manifest: 1, policy: world.policyHash, list: 1 };
  return { kind: "decided", request, reading, knowledge, history, artefacts, result };
};

/** When it was decided. */
const pass = async (at: TestTerminal, way: Way, person = ann, outcome: Outcome = "completed"): Promise<number> => {
  const { seq } = await at.write(decided(way), { pseudonym: person });
  const of = { terminal: at.id, epoch: "e", seq };
  await at.write({ kind: "acted", of, outcome } satisfies Acted);
  return now + seq - 1;
};
const send = async (from: TestTerminal): Promise<void> => {
  const response = await sendSigned(world.app, from, "/v1/log", await from.batch());
  expect(response.status).toBe(200);
  world.clock.now += 1;
};
const json = { headers: { "content-type": "application/json" } };
const ask = (from: TestTerminal, pseudonym: unknown = ann): Promise<Response> => {
  const createdAt = world.clock.now;
  return sendSigned(world.app, from, "/v1/stays", toUtf8(JSON.stringify({ pseudonym })), { ...json, createdAt });
};
const stay = async (from: TestTerminal, person = ann) => (await ask(from, person)).json();

describe("POST /v1/stays", () => {
  it("says when somebody came in at another barrier and left, as the ledger hears of it", async () => {
    expect(await stay(barrier)).toEqual({ enteredAt: null, leftAt: null });
    const enteredAt = await pass(entrance, "entry");
    expect(await stay(barrier)).toEqual({ enteredAt: null, leftAt: null });
    await send(entrance);
    expect(await stay(barrier)).toEqual({ enteredAt, leftAt: null });
    const leftAt = await pass(barrier, "exit");
    await send(barrier);
    expect(await stay(barrier)).toEqual({ enteredAt, leftAt });
    const again = await pass(entrance, "entry");
    await send(entrance);
    expect(await stay(barrier)).toEqual({ enteredAt: again, leftAt });
    expect(await stay(barrier, bob)).toEqual({ enteredAt: null, leftAt: null });
  });

  it("counts nobody who did not drive through", async () => {
    await pass(entrance, "entry", ann, "timed-out");
    await send(entrance);
    expect(await stay(barrier)).toEqual({ enteredAt: null, leftAt: null });
  });

  it("counts whom staff let through after a refusal", async () => {
    const refused = await entrance.write(decided("entry"), { pseudonym: ann });
    const by = {
      staff: ["s"],
      badges: [],
      factor: "badge",
      reason: "r",
      effect: "permit",
      terms: null,
      perk: null,
    } as const;
    const of = { terminal: "in", epoch: "e", seq: refused.seq };
    const override = await entrance.write({ kind: "override", ...by, of, service: "parking" });
    await entrance.write({ kind: "acted", of: { ...of, seq: override.seq }, outcome: "completed" });
    await send(entrance);
    expect(await stay(barrier)).toEqual({ enteredAt: now + override.seq - 1, leftAt: null });
  });

  it("says nothing of another site, nor of whoever was erased", async () => {
    const elsewhere = await world.addTerminal("far", { ...atSquare, site: "station", action: "exit" });
    await pass(entrance, "entry");
    await send(entrance);
    expect(await stay(elsewhere)).toEqual({ enteredAt: null, leftAt: null });
    await world.ledger.erase(entrance.chain, [1], { at: now, cause: "pseudonym", by: "test" });
    const readAnew = createPassages({ ledger: world.ledger, registry: world.registry });
    const row = world.rows.get("out");
    expect(row && (await readAnew.at(row, world.clock.now))).toMatchObject([
      { terminal: "in", passes: [{ way: "entry", pseudonym: null }] },
    ]);
  });

  it("finds a stay of yesterday behind thousands of others, and one of last week no more", async () => {
    const enteredAt = await pass(entrance, "entry");
    for (let times = 0; times < 1100; times++) await pass(entrance, "entry", bob);
    for (const from of [1, 1001, 2001]) {
      const body = await entrance.batch(from, Math.min(from + 999, entrance.entries.length));
      expect((await sendSigned(world.app, entrance, "/v1/log", body)).status).toBe(200);
    }
    world.clock.now += 1;
    expect(await stay(barrier)).toEqual({ enteredAt, leftAt: null });
    world.clock.now += 7 * 86_400;
    expect(await stay(barrier)).toEqual({ enteredAt: null, leftAt: null });
  });

  it("refuses what is no question, and who is no terminal any more", async () => {
    for (const pseudonym of ["", "A".repeat(23), 7, null]) {
      const response = await ask(barrier, pseudonym);
      expect([response.status, await problemWord(response)]).toEqual([400, "malformed"]);
    }
    world.revokeTerminal("out");
    expect(await problemWord(await ask(barrier))).toBe("terminal-revoked");
  });
});

describe("GET /v1/places", () => {
  const places = async (from: TestTerminal) => {
    const createdAt = world.clock.now;
    return (await sendSigned(world.app, from, "/v1/places", null, { createdAt })).json();
  };
  const enrolledAt = (id: string, at: number): void => {
    const row = world.rows.get(id);
    if (row !== undefined) world.rows.set(id, { ...row, enrolledAt: at });
  };
  const day = 86_400;

  it("tells how the gates of a place stand today, as the ledger hears of it", async () => {
    for (const id of ["in", "out"]) enrolledAt(id, now - day);
    await pass(entrance, "entry", bob, "timed-out");
    for (const person of [ann, bob]) await pass(entrance, "entry", person);
    await entrance.write({ kind: "gave", to: "other", places: 3 });
    await entrance.write({ kind: "gave", to: "other", places: 1 });
    await pass(barrier, "exit", ann);
    for (const each of [entrance, barrier]) await send(each);
    expect((await places(barrier)).gates).toEqual([
      { terminal: "in", letsIn: true, hasShare: true, inside: 2, given: { other: 4 } },
      { terminal: "out", letsIn: false, hasShare: false, inside: -1, given: {} },
    ]);
    world.clock.now += day;
    expect((await places(barrier)).gates).toMatchObject([{ inside: 0, given: {} }, { inside: 0 }]);
  });

  it("gives a share to who was there when the day began, or else to the first", async () => {
    await world.addTerminal("late", { ...atSquare, action: "both" });
    const sharing = async () => (await places(barrier)).gates.flatMap((each: { hasShare: boolean }) => each.hasShare);
    enrolledAt("late", now + 1);
    expect(await sharing()).toEqual([true, false, false]);
    enrolledAt("late", now - day);
    world.clock.now += 1;
    expect(await sharing()).toEqual([false, false, true]);
    world.revokeTerminal("late");
    world.clock.now += 1;
    expect(await sharing()).toEqual([false, false, true]);
    world.clock.now += day;
    expect(await sharing()).toEqual([true, false, false]);
  });

  it("says nothing to who is no terminal any more", async () => {
    world.revokeTerminal("out");
    const response = await sendSigned(world.app, barrier, "/v1/places", null, { createdAt: world.clock.now });
    expect(await problemWord(response)).toBe("terminal-revoked");
  });
});
