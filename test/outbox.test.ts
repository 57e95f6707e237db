/**
 * The outbox against a real uplink and a ledger over HTTP that answers rightly, wrongly, twice, too late or not at all.
 * Whatever it answers, the cursor is never past what the ledger holds, and in the end the ledger holds every entry once.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createUplink } from "../kiosk/adapters/uplink.ts";
import { createOutbox, type Outbox, type OutboxParts } from "../kiosk/outbox.ts";
import type { Identity, Uplink } from "../kiosk/ports.ts";
import { type Batch, decodeBatch } from "../shared/batch.ts";
import { type Bytes, equalBytes } from "../shared/bytes.ts";
import { checkRequest } from "../shared/http-signature.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Chain, type Entry, genesisOf, makeEntry } from "../shared/log.ts";
import { problemType } from "../shared/messages.ts";
import { receiveBatch, signStatement } from "../shared/sync.ts";
import { type City, createFakeClock, type FakeClock, foundCity } from "./city.ts";
import { drawKey, now } from "./sample.ts";

/** How the ledger answers the next batch; rightly again after that. */
type Answering = (response: ServerResponse, ack: Bytes, batch: Batch, commit: () => void) => void;

type Ledger = {
  entries: Entry[];
  batches: Batch[];
  inFlight: number;
  inFlightMax: number;
  next: Answering[];
  bad: string[];
};

let city: City;
let clock: FakeClock;
let chain: Chain;
let log: OutboxParts["log"] & { readonly append: (entry: Entry) => Promise<void> } & {
  entries: Entry[];
  acked: number;
  floorAt: number;
  pruned: number;
};
let ledger: Ledger;
let server: Server;
let deadEnds: number[];
let returned: () => void;
const rounds = { open: 0, ended: 0 };

beforeAll(async () => {
  city = await foundCity();
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => void answer(request, response, Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  clock = createFakeClock();
  chain = { terminal: city.identity.terminal, epoch: new Uint8Array(16).fill(3) };
  log = createLog();
  ledger = { entries: [], batches: [], inFlight: 0, inFlightMax: 0, next: [], bad: [] };
  deadEnds = [];
});

const answer = async (
  request: { readonly url?: string | undefined; readonly headers: NodeJS.Dict<string | string[]> },
  response: ServerResponse,
  sent: Buffer<ArrayBuffer>,
): Promise<void> => {
  ledger.inFlight += 1;
  ledger.inFlightMax = Math.max(ledger.inFlight, ledger.inFlightMax);
  response.on("close", () => {
    ledger.inFlight -= 1;
  });
  const url = `http://${request.headers.host}${request.url}`;
  const headers = request.headers as Record<string, string>;
  const keyFor = async (id: string) => (id === chain.terminal ? city.identity.key : null);
  const check = await checkRequest({ method: "POST", url, headers }, new Uint8Array(sent), keyFor, clock.now());
  if (check.kind === "bad") ledger.bad.push(check.cause);
  const batch = decodeBatch(new Uint8Array(gunzipSync(sent)));
  if (batch === null) throw new Error("not a batch");
  ledger.batches.push(batch);

  const last = ledger.entries.at(-1);
  const held = {
    head: last ?? (await genesisOf(chain)),
    hashAt: (seq: number) => ledger.entries[seq - 1]?.hash ?? null,
  };
  const received = await receiveBatch(chain.terminal, batch, [city.identity.key], held);
  if (received.kind !== "append") {
    return sendProblem(response, received.kind, received.kind === "gap" ? { next: received.next } : {});
  }
  const commit = (): void => {
    ledger.entries.push(...received.entries);
  };
  const ack = await signStatement("ack", { ...chain, ...received.head, at: clock.now() }, city.keys.edge);
  const answering = ledger.next.shift() ?? rightly;
  answering(response, ack, batch, commit);
};

const sendAck = (response: ServerResponse, ack: Bytes): void => {
  response.writeHead(200, { "content-type": "application/cose" }).end(ack);
};
const sendProblem = (response: ServerResponse, word: string, extra: object = {}): void => {
  const body = JSON.stringify({ type: problemType(word), title: word, status: 409, ...extra });
  response.writeHead(409, { "content-type": "application/problem+json" }).end(body);
};

const rightly: Answering = (response, ack, _, commit) => {
  commit();
  sendAck(response, ack);
};

const createLog = () => {
  const fake = {
    entries: [] as Entry[],
    acked: 0,
    floorAt: 0,
    pruned: 0,
    append: async (entry: Entry) => {
      fake.entries.push(entry);
    },
    read: async (seq: number, max: number) => fake.entries.filter((entry) => entry.seq >= seq).slice(0, max),
    acknowledge: async (seq: number, floorAt: number) => {
      const held = ledger.entries[seq - 1];
      const ours = fake.entries.find((entry) => entry.seq === seq);
      if (held === undefined || ours === undefined || !equalBytes(held.hash, ours.hash)) {
        throw new Error(`the cursor moves to ${seq}, which the ledger has not`);
      }
      fake.acked = Math.max(fake.acked, seq);
      fake.floorAt = Math.max(fake.floorAt, floorAt);
    },
    prune: async (keptSeconds: number) => {
      fake.pruned = keptSeconds;
    },
  };
  return fake;
};

const write = async (count: number, cause = "a test"): Promise<void> => {
  for (let each = 0; each < count; each++) {
    const head = log.entries.at(-1) ?? (await genesisOf(chain));
    const stamp = { v: 1, at: now, boot: "b", clock: "device" } as const;
    await log.append(await makeEntry(head, { ...stamp, kind: "fault", part: "gate", cause }, {}, new Uint8Array(16)));
  }
};

const open = async (parts: Partial<OutboxParts> = {}): Promise<Outbox> => {
  const { port } = server.address() as AddressInfo;
  let nonce = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(nonce++ % 256) };
  const uplink: Uplink = {
    ...createUplink({ origin: `http://127.0.0.1:${port}`, now: clock.now, random }),
    onReturn: (callback) => {
      returned = callback;
      return () => {};
    },
  };
  const genesis = await genesisOf(chain);
  const identity: Identity = city.identity;
  return createOutbox({
    log,
    chain,
    ackedSeq: log.acked,
    uplink,
    identity,
    edgeKeys: () => [city.keys.edge],
    clock,
    random: { bytes: (length) => new Uint8Array(length) },
    now: clock.now,
    head: () => log.entries.at(-1) ?? genesis,
    lock: async (_, work) => {
      rounds.open += 1;
      await work().finally(() => {
        rounds.open -= 1;
        rounds.ended += 1;
      });
    },
    onSigned: () => {},
    onDeadEnd: (from) => {
      deadEnds.push(from);
    },
    ...parts,
  });
};

/** Until a round of sending is over, here and at the ledger. */
const settle = async (start: () => void): Promise<void> => {
  const before = rounds.ended;
  start();
  while (rounds.ended === before || rounds.open > 0 || ledger.inFlight > 0) await wait(1);
};

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const drainFully = async (outbox: Outbox): Promise<void> => {
  for (let tries = 0; outbox.pending() > 0 && tries < 50; tries++) await settle(outbox.nudge);
};

const seqs = (): readonly number[] => ledger.entries.map(({ seq }) => seq);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("an outbox", () => {
  it("sends what is written, signed, and moves by the signed ack", async () => {
    await write(3);
    const outbox = await open();
    expect(outbox.pending()).toBe(3);
    await settle(outbox.start);
    expect([outbox.pending(), outbox.ackedSeq(), log.acked, log.floorAt]).toEqual([0, 3, 3, now]);
    expect(seqs()).toEqual([1, 2, 3]);
    expect(ledger.bad).toEqual([]);
    await write(1);
    await settle(outbox.nudge);
    expect(seqs()).toEqual([1, 2, 3, 4]);
    expect(ledger.batches.map(({ from }) => from)).toEqual([1, 4]);
  });

  it("sends at most 1000 entries and 2 MiB at once, and one batch at a time", async () => {
    await write(1020);
    await write(6, "x".repeat(400_000));
    const outbox = await open();
    outbox.start();
    outbox.nudge();
    await drainFully(outbox);
    expect(seqs()).toEqual(upTo(1026));
    expect(ledger.batches.map(({ entries }) => entries.length)).toEqual([1000, 25, 1]);
    expect(ledger.inFlightMax).toBe(1);
  });

  it("makes the next batch ready while one is under way, and no more than that", async () => {
    await write(3500);
    const reads: number[] = [];
    const waiting: (() => void)[] = [];
    ledger.next = [1, 2].map(() => (...[response, ack, , commit]: Parameters<Answering>) => {
      waiting.push(() => {
        commit();
        sendAck(response, ack);
      });
    });
    const read: OutboxParts["log"]["read"] = (seq, max) => {
      reads.push(seq);
      return log.read(seq, max);
    };
    const outbox = await open({ log: { ...log, read } });
    const settled = settle(outbox.start);
    for (const upToNow of [
      [1, 1001],
      [1, 1001, 2001],
    ]) {
      while (waiting.length === 0) await wait(1);
      await wait(20);
      expect(reads).toEqual(upToNow);
      waiting.shift()?.();
    }
    await settled;
    expect(reads).toEqual([1, 1001, 2001, 3001]);
    expect([seqs(), outbox.pending()]).toEqual([upTo(3500), 0]);
  });

  it("does not wait for the cursor on its way to the disk, unless that is two batches behind", async () => {
    await write(3500);
    const [notes, writings]: [number[], (() => void)[]] = [[], []];
    const acknowledge: OutboxParts["log"]["acknowledge"] = async (seq, floorAt) => {
      notes.push(seq);
      if (notes.length === 1) await new Promise<void>((resolve) => writings.push(resolve));
      await log.acknowledge(seq, floorAt);
    };
    const outbox = await open({ log: { ...log, acknowledge } });
    const settled = settle(outbox.start);
    await vi.waitUntil(() => ledger.entries.length >= 3000, { timeout: 5000 });
    await wait(20);
    const meanwhile = [ledger.batches.length, [...notes], outbox.pending()];
    writings[0]?.();
    await settled;
    expect(meanwhile).toEqual([3, [1000], 3500]);
    expect([notes, log.acked]).toEqual([[1000, 2000, 3500], 3500]);
    expect([seqs(), outbox.pending()]).toEqual([upTo(3500), 0]);
  });

  it("sends again what it could not note as acknowledged", async () => {
    await write(2);
    let isFull = true;
    const acknowledge: OutboxParts["log"]["acknowledge"] = async (seq, floorAt) => {
      if (isFull) throw new Error("the disk is full");
      await log.acknowledge(seq, floorAt);
    };
    const outbox = await open({ log: { ...log, acknowledge } });
    await settle(outbox.start);
    await wait(1);
    expect([outbox.ackedSeq(), outbox.pending()]).toEqual([0, 2]);
    expect(outbox.alarms()).toEqual(["the outbox stopped: Error: the disk is full"]);
    isFull = false;
    await drainFully(outbox);
    expect([outbox.ackedSeq(), log.acked, outbox.alarms()]).toEqual([2, 2, []]);
    expect(seqs()).toEqual([1, 2]);
  });

  it("asks with one entry whether anybody is there, and then with more and more", async () => {
    await write(1400);
    const outbox = await open();
    ledger.next = [(response) => void response.destroy()];
    await settle(outbox.start);
    ledger.next = [rightly, rightly, (response) => void response.destroy()];
    await settle(outbox.nudge);
    await settle(outbox.nudge);
    expect(ledger.batches.map(({ from, entries }) => [from, entries.length])).toEqual([
      [1, 1000],
      [1, 1],
      [2, 16],
      [18, 256],
      [18, 1],
      [19, 16],
      [35, 256],
      [291, 1000],
      [1291, 110],
    ]);
    expect([seqs(), outbox.pending()]).toEqual([upTo(1400), 0]);
  });

  it("reads no more than a million waiting entries make necessary", async () => {
    const head = { seq: 1_000_000, hash: new Uint8Array(32) };
    await write(2000);
    let readMost = 0;
    const read: OutboxParts["log"]["read"] = async (seq, max) => {
      const entries = await log.read(seq, max);
      readMost = Math.max(readMost, entries.length);
      return entries;
    };
    const outbox = await open({ log: { ...log, read }, head: () => head });
    expect(outbox.pending()).toBe(1_000_000);
    await settle(outbox.start);
    expect([outbox.ackedSeq(), outbox.pending(), readMost]).toEqual([2000, 998_000, 1000]);
    outbox.stop();
  });

  it("keeps what is acknowledged for 72 h", async () => {
    await write(1);
    const outbox = await open();
    await settle(outbox.start);
    expect(log.pruned).toBe(72 * 3600);
  });

  it("sends nothing while it knows no key that an ack could be checked by", async () => {
    await write(1);
    let keys: readonly SigningKey[] = [];
    const outbox = await open({ edgeKeys: () => keys });
    outbox.start();
    await wait(20);
    expect(ledger.batches).toHaveLength(0);
    keys = [city.keys.edge];
    await settle(outbox.nudge);
    expect(outbox.pending()).toBe(0);
  });

  it("sends under a lock, and nothing without it", async () => {
    await write(1);
    let release = (): void => {};
    const free = new Promise<void>((resolve) => {
      release = resolve;
    });
    const names: string[] = [];
    const outbox = await open({
      lock: async (name, work) => {
        names.push(name);
        rounds.open += 1;
        await free;
        await work();
        rounds.open -= 1;
        rounds.ended += 1;
      },
    });
    const settled = settle(outbox.start);
    await wait(20);
    expect(ledger.batches).toHaveLength(0);
    release();
    await settled;
    expect(names).toEqual(["greenlane/outbox/t-1"]);
    expect(outbox.pending()).toBe(0);
  });
});

describe("moves nothing, and sends again, after", () => {
  const answers: Readonly<Record<string, Answering>> = {
    "a web page where the ledger should be": (response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome to the airport</h1>");
    },
    "a web page that passes itself off": (response) => {
      response.writeHead(200, { "content-type": "application/cose" }).end("<h1>Welcome to the airport</h1>");
    },
    "a redirect": (response) => {
      response.writeHead(302, { location: "/elsewhere" }).end();
    },
    "a redirect after it was stored": (response, _, __, commit) => {
      commit();
      response.writeHead(307, { location: "/v1/log" }).end();
    },
    "500 before it was stored": (response) => {
      response.writeHead(500).end();
    },
    "500 after it was stored": (response, _, __, commit) => {
      commit();
      response.writeHead(500).end();
    },
    "204, and nothing stored": (response) => {
      response.writeHead(204).end();
    },
    "200 with nothing in it": (response) => {
      response.writeHead(200, { "content-type": "application/cose" }).end();
    },
    "202 with an ack, before it was stored": (response, ack) => {
      response.writeHead(202, { "content-type": "application/cose" }).end(ack);
    },
    "an ack cut short": (response, ack, _, commit) => {
      commit();
      response
        .writeHead(200, { "content-type": "application/cose", "content-length": ack.length })
        .write(ack.slice(0, 20));
      setTimeout(() => response.destroy(), 5);
    },
    "an ack that never ends": (response) => {
      response.writeHead(200, { "content-type": "application/cose" }).end(new Uint8Array(200_000));
    },
    "a dropped connection": (response, _, __, commit) => {
      commit();
      response.destroy();
    },
    "an ack by another key": (response, _, { from }) => {
      void lie(response, { seq: from }, otherKey);
    },
    "an ack of another hash": (response, _, { from }) => {
      void lie(response, { seq: from, hash: new Uint8Array(32).fill(1) }, city.keys.edge);
    },
    "an ack for another terminal": (response, _, { from }) => {
      void lie(response, { seq: from, terminal: "t-2" }, city.keys.edge);
    },
    "an ack of another epoch": (response, _, { from }) => {
      void lie(response, { seq: from, epoch: new Uint8Array(16) }, city.keys.edge);
    },
    "an ack of what is not written yet": (response) => {
      void lie(response, { seq: 99 }, city.keys.edge);
    },
    "an old ack": (response) => {
      void lie(response, { seq: 2 }, city.keys.edge);
    },
    "a gap that is none": (response) => sendProblem(response, "gap", { next: 99 }),
    "a gap without a place": (response) => sendProblem(response, "gap"),
    altered: (response) => sendProblem(response, "altered"),
  };
  let otherKey: SigningKey;
  beforeAll(async () => {
    otherKey = await drawKey();
  });

  const lie = async (
    response: ServerResponse,
    said: { readonly seq: number; readonly hash?: Bytes; readonly terminal?: string; readonly epoch?: Bytes },
    key: SigningKey,
  ): Promise<void> => {
    const hash = log.entries[said.seq - 1]?.hash ?? new Uint8Array(32);
    sendAck(response, await signStatement("ack", { ...chain, hash, at: now, ...said }, key));
  };

  /** What staff is told; nothing where it could as well be a network that is away. */
  const alarms: Readonly<Record<string, string>> = {
    "a web page that passes itself off": "an ack that no edge key signed",
    "200 with nothing in it": "an ack that no edge key signed",
    "500 before it was stored": "the server refuses the log: 500",
    "500 after it was stored": "the server refuses the log: 500",
    "an ack by another key": "an ack that no edge key signed",
    "an ack of another hash": "an ack of something else than our log",
    "an ack for another terminal": "an ack of something else than our log",
    "an ack of another epoch": "an ack of something else than our log",
    "an ack of what is not written yet": "an ack of something else than our log",
    "an old ack": "an old ack",
    "a gap that is none": "a gap where there is none",
    "a gap without a place": "a gap where there is none",
  };

  it.each(Object.entries(answers))("%s", async (name, answering) => {
    await write(2);
    const outbox = await open();
    await settle(outbox.start);
    await write(3);
    ledger.next = [answering];
    await settle(outbox.nudge);
    expect([outbox.ackedSeq(), log.acked, outbox.pending()]).toEqual([2, 2, 3]);
    expect(outbox.alarms()).toEqual(alarms[name] === undefined ? [] : [alarms[name]]);

    clock.move(1);
    await drainFully(outbox);
    expect([outbox.ackedSeq(), log.acked, outbox.pending()]).toEqual([5, 5, 0]);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(outbox.alarms()).toEqual([]);
  });
});

describe("between the two histories", () => {
  it("a ledger that lost entries gets them again", async () => {
    await write(4);
    const outbox = await open();
    await settle(outbox.start);
    ledger.entries.length = 1;
    await write(1);
    await settle(outbox.nudge);
    await drainFully(outbox);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(ledger.batches.map(({ from }) => from)).toEqual([1, 5, 2]);
    expect([outbox.ackedSeq(), log.acked]).toEqual([5, 5]);
  });

  it("what was made ready for another answer is dropped", async () => {
    await write(1200);
    const outbox = await open();
    await settle(outbox.start);
    ledger.entries.length = 500;
    ledger.batches.length = 0;
    await write(2300);
    await settle(outbox.nudge);
    expect(ledger.batches.map(({ from }) => from)).toEqual([1201, 501, 1501, 2501]);
    expect([seqs(), outbox.pending(), outbox.alarms()]).toEqual([upTo(3500), 0, []]);
  });

  it("what was acknowledged once stays so while it is sent again", async () => {
    await write(8, "x".repeat(500_000));
    const outbox = await open();
    await settle(outbox.start);
    ledger.entries.length = 0;
    ledger.batches.length = 0;
    const acked: number[] = [];
    outbox.onChange(() => acked.push(outbox.ackedSeq()));
    await write(1);
    await settle(outbox.nudge);
    await drainFully(outbox);
    expect(ledger.batches.map(({ from, entries }) => [from, entries.length])).toEqual([
      [9, 1],
      [1, 4],
      [5, 5],
    ]);
    expect(Math.min(...acked)).toBe(8);
    expect(seqs()).toEqual(upTo(9));
  });

  it("a ledger that lost what is no longer kept is an alarm", async () => {
    await write(4);
    const outbox = await open();
    await settle(outbox.start);
    const backup = [...ledger.entries];
    ledger.entries.length = 1;
    log.entries.splice(0, 3);
    await write(1);
    await settle(outbox.nudge);
    expect(outbox.alarms()).toEqual(["the ledger misses entry 2, which is no longer kept here"]);
    expect([outbox.ackedSeq(), outbox.pending()]).toEqual([4, 1]);

    ledger.entries = backup;
    await settle(outbox.nudge);
    expect([outbox.pending(), outbox.alarms()]).toEqual([0, []]);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it("a ledger that says so three times ends the chain: what is kept from there on is to be told in another", async () => {
    await write(4);
    const outbox = await open();
    await settle(outbox.start);
    ledger.entries.length = 1;
    log.entries.splice(0, 3);
    await write(1);
    for (const ends of [[], [], [2]]) {
      await settle(outbox.nudge);
      expect(deadEnds).toEqual(ends);
    }
    const sent = ledger.batches.length;
    outbox.nudge();
    returned();
    clock.move(3600);
    await wait(20);
    expect([deadEnds, ledger.batches.length, outbox.ackedSeq()]).toEqual([[2], sent, 4]);
    expect(outbox.alarms()).toEqual(["the ledger misses entry 2, which is no longer kept here"]);
  });

  it("an ack in between shows that it goes on", async () => {
    await write(4);
    const outbox = await open();
    await settle(outbox.start);
    log.entries.splice(0, 3);
    for (let rounds = 0; rounds < 3; rounds++) {
      const backup = ledger.entries;
      ledger.entries = backup.slice(0, 1);
      await write(1);
      for (let times = 0; times < 2; times++) await settle(outbox.nudge);
      ledger.entries = backup;
      await settle(outbox.nudge);
    }
    expect([deadEnds, outbox.pending(), seqs()]).toEqual([[], 0, upTo(7)]);
  });

  it("an entry that was never acknowledged and cannot be read ends nothing", async () => {
    await write(3);
    const outbox = await open();
    const [first] = log.entries.splice(0, 1);
    await settle(outbox.start);
    for (let times = 0; times < 5; times++) await settle(outbox.nudge);
    expect([deadEnds, ledger.batches.length]).toEqual([[], 0]);
    if (first !== undefined) log.entries.unshift(first);
    await drainFully(outbox);
    expect([outbox.pending(), seqs()]).toEqual([0, upTo(3)]);
  });

  it("a ledger that already has it all moves the cursor past what was sent", async () => {
    await write(600);
    ledger.entries = [...log.entries];
    const outbox = await open();
    await settle(outbox.start);
    expect([outbox.ackedSeq(), ledger.batches.length]).toEqual([600, 1]);
    expect(ledger.entries).toHaveLength(600);
  });

  it("a ledger that is ahead on another way says where they part, however little is sent at once", async () => {
    await write(3);
    const [shared, other] = [[...log.entries], [] as Entry[]];
    await write(4);
    other.push(...log.entries.slice(3));
    log.entries = [...shared];
    await write(3, "another test");
    const outbox = await open();
    ledger.next = [(response) => sendProblem(response, "unavailable")]; // one at a time after this
    await settle(outbox.start);
    ledger.entries = [...shared, ...other];
    await settle(outbox.nudge);
    expect([deadEnds, log.acked, ledger.entries.length]).toEqual([[2], 0, 7]);
    expect(ledger.batches.map(({ from, entries }) => [from, entries.length])).toEqual([
      [1, 6],
      [1, 1],
      [2, 5],
    ]);
    expect(outbox.alarms()).toEqual([expect.stringContaining("another history")]);
  });

  it("a fork stops it, once and for all", async () => {
    await write(2);
    const outbox = await open();
    ledger.next = [(response) => sendProblem(response, "fork")];
    await settle(outbox.start);
    outbox.nudge();
    returned();
    clock.move(3600);
    await wait(20);
    expect([deadEnds, ledger.batches.length, log.acked]).toEqual([[1], 1, 0]);
    expect(outbox.alarms()).toEqual([expect.stringContaining("another history")]);
  });

  it("personal fields that were damaged here hold up nothing behind them: the entry goes without", async () => {
    const stamp = { v: 1, at: now, boot: "b", clock: "device" } as const;
    for (const item of ["one", "two", "three"]) {
      const head = log.entries.at(-1) ?? (await genesisOf(chain));
      const fault = { kind: "fault", part: "gate", cause: "a test" } as const;
      await log.append(await makeEntry(head, { ...stamp, ...fault }, { item }, new Uint8Array(16)));
    }
    const [first, damaged, third] = log.entries as [Entry, Entry, Entry];
    log.entries = [first, { ...damaged, personal: { text: '{"item":"twp"}', salt: new Uint8Array(16) } }, third];
    const outbox = await open();
    await settle(outbox.start);
    await settle(outbox.nudge);
    expect(outbox.pending()).toBe(0);
    expect(ledger.entries.map(({ personal }) => personal?.text ?? null)).toEqual([
      '{"item":"one"}',
      null,
      '{"item":"three"}',
    ]);
  });

  it("altered again and again is an alarm", async () => {
    await write(1);
    const outbox = await open();
    ledger.next = Array.from({ length: 3 }, (): Answering => (response) => sendProblem(response, "altered"));
    await settle(outbox.start);
    await settle(outbox.nudge);
    expect(outbox.alarms()).toEqual([]);
    await settle(outbox.nudge);
    expect(outbox.alarms()).toEqual([expect.stringContaining("altered")]);
  });
});

it("pauses longer and longer, up to a minute, and not at all when the network returns", async () => {
  await write(1);
  const outbox = await open();
  ledger.next = Array.from({ length: 9 }, (): Answering => (response) => void response.writeHead(503).end());
  await settle(outbox.start);
  for (const pause of [0.5, 1, 2, 4, 8, 16, 30]) {
    const batches = ledger.batches.length;
    await wait(10);
    clock.move(pause - 0.1);
    await wait(10);
    expect(ledger.batches).toHaveLength(batches);
    await settle(() => clock.move(0.2));
    expect(ledger.batches).toHaveLength(batches + 1);
  }
  await settle(returned);
  await settle(returned);
  expect(outbox.pending()).toBe(0);
});

it("holds every entry exactly once in the end, whatever happens on the way", async () => {
  const wrong: readonly Answering[] = [
    rightly,
    (response) => void response.writeHead(500).end(),
    (response, _, __, commit) => {
      commit();
      response.destroy();
    },
    (response) => sendProblem(response, "altered"),
    (response) => sendProblem(response, "gap", { next: 1 }),
    (response, _, __, commit) => {
      commit();
      response.writeHead(200, { "content-type": "text/html" }).end("<p>");
    },
  ];
  const steps = fc.array(fc.tuple(fc.nat(3), fc.nat(wrong.length - 1)), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      log = createLog();
      ledger = { entries: [], batches: [], inFlight: 0, inFlightMax: 0, next: [], bad: [] };
      const outbox = await open();
      for (const [count, how] of plan) {
        await write(count);
        ledger.next = [wrong[how] ?? rightly];
        if (outbox.pending() > 0) await settle(outbox.nudge);
        clock.move(3600);
      }
      ledger.next = [];
      await drainFully(outbox);
      outbox.stop();
      expect(seqs()).toEqual(upTo(log.entries.length));
      expect(log.acked).toBe(log.entries.length);
    }),
    { numRuns: 25 },
  );
});
