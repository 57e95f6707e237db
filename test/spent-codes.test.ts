import { beforeEach, describe, expect, it } from "vitest";
import { createSpentCodes } from "../edge-server/spent-codes.ts";
import type { SpentCode } from "../shared/messages.ts";
import { now } from "./sample.ts";
import { createWorld, decidedTap, problemWord, sendSigned, type TestTerminal, type World } from "./world.ts";

/** `GET /v1/site/events`: what a terminal hears of the codes that the others of its place have taken. */

let world: World;
let gate: TestTerminal;
let beside: TestTerminal;
beforeEach(async () => {
  world = await createWorld();
  gate = await world.addTerminal("gate");
  beside = await world.addTerminal("beside");
});

const identityOf = (number: number): string => String(number).padStart(64, "0");

const show = (
  at: TestTerminal,
  number: number,
  windowUntil = now + 90,
  form: "presentation" | "bearer" = "presentation",
) => {
  const decided = decidedTap(world.policyHash);
  const reading = { kind: "verified", form, use: "citizen", programme: "here" } as const;
  return at.write({ ...decided, reading, identity: identityOf(number), windowUntil, pseudonymKey: 1 });
};
const showBadge = (at: TestTerminal, number: number, form: "presentation" | "bearer") =>
  at.write({
    ...{
      kind: "badge",
      staff: "s",
      role: "assistant",
      sites: ["gate-1"],
      issuer: "i",
      form,
      site: "gate-1",
      result: "good",
    },
    ...{ identity: identityOf(number), windowUntil: now + 90 },
  });
const send = async (from: TestTerminal): Promise<void> => {
  expect((await sendSigned(world.app, from, "/v1/log", await from.batch())).status).toBe(200);
};

const ask = (from: TestTerminal) =>
  sendSigned(world.app, from, "/v1/site/events", null, { createdAt: world.clock.now });

/** What is heard, as it comes. `line` is the next one that is not empty; null at the end. */
const listen = async (from: TestTerminal) => {
  const response = await ask(from);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  return {
    line: async (): Promise<SpentCode | null> => {
      for (;;) {
        const end = heard.indexOf("\n");
        const line = heard.slice(0, end);
        if (end >= 0) heard = heard.slice(end + 1);
        if (line !== "") return JSON.parse(line);
        if (end >= 0) continue;
        const part = await reader?.read();
        if (part?.value === undefined) return null;
        heard += part.value;
      }
    },
    leave: () => reader?.cancel(),
  };
};

describe("GET /v1/site/events", () => {
  it("tells of the codes that are used up there, and then of each that comes", async () => {
    const { seq } = await show(gate, 1);
    await send(gate);
    const heard = await listen(beside);
    expect(await heard.line()).toEqual({ identity: identityOf(1), at: now + seq - 1, windowUntil: now + 90 });
    await show(gate, 2);
    await send(gate);
    expect(await heard.line()).toMatchObject({ identity: identityOf(2) });
    await showBadge(gate, 3, "presentation");
    await send(gate);
    expect(await heard.line()).toMatchObject({ identity: identityOf(3) });
    await heard.leave();
  });

  it("tells each once, and to whoever comes later, too", async () => {
    const first = await listen(beside);
    for (const number of [1, 2]) {
      await show(gate, number);
      await send(gate);
      expect(await first.line()).toMatchObject({ identity: identityOf(number) });
    }
    const third = await listen(await world.addTerminal("third"));
    expect([await third.line(), await third.line()]).toMatchObject(
      [1, 2].map((each) => ({ identity: identityOf(each) })),
    );
    await Promise.all([first.leave(), third.leave()]);
  });

  it("tells nothing of cards, of printed badges, of refusals without a code, and of what nobody would take any more", async () => {
    await show(gate, 1, now + 90, "bearer");
    await showBadge(gate, 2, "bearer");
    await gate.write(decidedTap(world.policyHash));
    await show(gate, 3, now - 1);
    await gate.write({ ...decidedTap(world.policyHash), identity: "no identity", windowUntil: now + 90 });
    await show(gate, 4);
    await send(gate);
    const heard = await listen(beside);
    expect(await heard.line()).toMatchObject({ identity: identityOf(4) });
    await heard.leave();
  });

  it("believes no window that is longer than any", async () => {
    const { seq } = await show(gate, 1, now + 1_000_000);
    await send(gate);
    const heard = await listen(beside);
    expect((await heard.line())?.windowUntil).toBe(now + seq - 1 + 240);
    await heard.leave();
  });

  it("tells nothing of another site, nor of another service", async () => {
    const far = await world.addTerminal("far", { site: "gate-2" });
    const other = await world.addTerminal("other", { service: "venue" });
    for (const [number, each] of [far, other].entries()) {
      await show(each, number);
      await send(each);
    }
    await show(gate, 9);
    await send(gate);
    const heard = await listen(beside);
    expect(await heard.line()).toMatchObject({ identity: identityOf(9) });
    await heard.leave();
  });

  it("finds what is new behind a long log", async () => {
    world.clock.now += 1500;
    for (let times = 0; times < 1500; times++) await show(gate, times);
    const at = gate.entries.length;
    await gate.write({
      ...decidedTap(world.policyHash),
      ...{ identity: identityOf(9999), windowUntil: world.clock.now + 60 },
    });
    for (const from of [1, 1001]) {
      const body = await gate.batch(from, Math.min(from + 999, at + 1));
      expect((await sendSigned(world.app, gate, "/v1/log", body, { createdAt: world.clock.now })).status).toBe(200);
    }
    const heard = await listen(beside);
    expect((await heard.line())?.identity).toBe(identityOf(9999));
    await heard.leave();
  });

  it("ends when the terminal listens anew, and when it was revoked", async () => {
    const first = await listen(beside);
    const second = await listen(beside);
    expect(await first.line()).toBe(null);
    world.revokeTerminal("beside");
    await show(gate, 1);
    await send(gate);
    expect(await second.line()).toMatchObject({ identity: identityOf(1) });
    expect(await second.line()).toBe(null);
    expect(await problemWord(await ask(beside))).toBe("terminal-revoked");
  });

  it("answers nobody who did not sign", async () => {
    expect(await problemWord(await world.app.request("/v1/site/events"))).toBe("not-signed");
  });
});

describe("the codes that are used up", () => {
  /** Timers stand still until they are run. */
  const createEdges = (onFailed: (cause: string) => void = () => {}) => {
    const timers = new Map<() => void, number>();
    const edges = {
      ...{ ledger: world.ledger, registry: world.registry, now: () => world.clock.now, onFailed },
      after: (seconds: number, callback: () => void) => {
        if (seconds < listening) timers.set(callback, seconds);
        return () => void timers.delete(callback);
      },
    };
    const runTimers = (): void => {
      for (const timer of [...timers.keys()]) {
        timers.delete(timer);
        timer();
      }
    };
    return { edges, timers, runTimers };
  };
  const listening = 60;
  const rowOf = (id: string) => {
    const row = world.rows.get(id);
    if (row === undefined) throw new Error(id);
    return row;
  };

  it("are heard of, too, where another server took them in", async () => {
    const { edges, timers, runTimers } = createEdges();
    const spent = createSpentCodes(edges);
    const feed = spent.listen(rowOf("beside"));
    await expect.poll(() => timers.size).toBe(1);
    await show(gate, 1);
    await send(gate);
    const came = feed?.next(listening);
    runTimers();
    expect((await came)?.flat()).toMatchObject([{ identity: identityOf(1) }]);
    await spent.stop();
  });

  it("are read on once the database is there again; that it was away is said", async () => {
    const causes: string[] = [];
    const { edges, timers, runTimers } = createEdges((cause) => causes.push(cause));
    let isAway = true;
    const heads = async () => (isAway ? Promise.reject(new Error("away")) : world.ledger.heads());
    const spent = createSpentCodes({ ...edges, ledger: { ...world.ledger, heads } });
    await show(gate, 1);
    await send(gate);
    const feed = spent.listen(rowOf("beside"));
    await expect.poll(() => causes).toEqual(["away"]);
    expect([...timers.values()]).toEqual([15]);
    isAway = false;
    const came = feed?.next(listening);
    runTimers();
    expect((await came)?.flat()).toMatchObject([{ identity: identityOf(1) }]);
    await spent.stop();
  });

  it("are told to a thousand at once and to no more; who leaves makes room, and at the end everybody is told that it is over", async () => {
    const spent = createSpentCodes(createEdges().edges);
    const row = rowOf("beside");
    const feeds = Array.from({ length: 1000 }, (_, at) => spent.listen({ ...row, id: `t-${at}` }));
    expect(feeds).not.toContain(null);
    expect(spent.listen({ ...row, id: "late" })).toBe(null);
    expect(spent.listen({ ...row, id: "t-1" })).not.toBe(null);
    feeds[0]?.close();
    expect(spent.listen({ ...row, id: "late" })).not.toBe(null);
    await spent.stop();
    expect(feeds.map((feed) => feed?.isClosed())).not.toContain(false);
    expect(spent.listen({ ...row, id: "later" })).toBe(null);
  });
});
