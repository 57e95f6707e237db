/** What is taken off a terminal, from whatever can be read of it: exactly what the ledger misses, and the ledger takes it. */
import { beforeEach, describe, expect, it } from "vitest";
import type { FoundCopy, Identity } from "../kiosk/ports.ts";
import { type Gathered, gatherRescues } from "../kiosk/rescue/gather.ts";
import { decodeBatch, encodeBatch } from "../shared/batch.ts";
import type { Chain, Entry } from "../shared/log.ts";
import type { RescueAnswer } from "../shared/messages.ts";
import { openRescue, type RescuedBatch } from "../shared/rescue.ts";
import { signStatement } from "../shared/sync.ts";
import { foundCity } from "./city.ts";
import { collect } from "./collect.ts";
import { chainOf, copyOf, writeChain, writeEntries } from "./log-copies.ts";
import { drawSalt, gunzip, gzip } from "./rescue-sample.ts";
import { now } from "./sample.ts";
import { createWorld, sendSigned, type World } from "./world.ts";

let identity: Identity;
let world: World;
let chain: Chain;
let log: readonly Entry[];
beforeEach(async () => {
  ({ identity } = await foundCity());
  world = await createWorld();
  const carrier = await world.addTerminal(identity.terminal);
  const row = world.rows.get(carrier.id);
  if (row === undefined) throw new Error("a row");
  world.rows.set(carrier.id, { ...row, key: identity.key.jwk });
  chain = chainOf(7, identity.terminal);
  log = await writeChain(chain, 9);
});

const spare: { copies: readonly FoundCopy[]; asked: number } = { copies: [], asked: 0 };
const gather = (...copies: readonly FoundCopy[]): Promise<Gathered> => {
  Object.assign(spare, { asked: 0 });
  return gatherRescues({
    identity,
    sources: () => [async () => copies],
    spare: async () => {
      spare.asked += 1;
      return spare.copies;
    },
    gzip: async (bytes) => gzip(bytes),
    random: { bytes: drawSalt },
    now: () => now,
  });
};

const operator = async () => ({ key: identity.operatorKey, version: identity.operatorKeyVersion });
const batchesIn = async ({ rescues }: Gathered): Promise<readonly RescuedBatch[]> => {
  const batches: RescuedBatch[] = [];
  for (const sealed of rescues) {
    const opened = await openRescue(sealed, await operator(), gunzip);
    if (opened.kind === "refused") throw new Error(opened.fault);
    batches.push(...opened.rescue.batches);
  }
  return batches;
};
const placesIn = async (gathered: Gathered) =>
  (await batchesIn(gathered)).map(({ epoch, from, head }) => [epoch[0], from, head.seq]);

/** What the server makes of it. */
const deliver = async ({ rescues }: Gathered): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const sealed of rescues) {
    const headers = { "content-type": "application/greenlane-rescue" };
    const sender = { id: identity.terminal, key: identity.key };
    const answer: RescueAnswer = await (await sendSigned(world.app, sender, "/v1/rescues", sealed, { headers })).json();
    said.push(...answer.batches.map((each) => (each.kind === "acked" ? `acked ${each.added}` : each.problem.type)));
  }
  return said;
};
const sendFirst = async (count: number): Promise<void> => {
  const entries = log.slice(0, count);
  const hash = entries.at(-1)?.hash ?? new Uint8Array(32);
  const checkpoint = await signStatement("checkpoint", { ...chain, seq: count, hash, at: now }, identity.key);
  const body = encodeBatch({ epoch: chain.epoch, from: 1, entries, checkpoint });
  const sender = { id: identity.terminal, key: identity.key };
  expect((await sendSigned(world.app, sender, "/v1/log", body)).status).toBe(200);
};
const inLedger = async (of: Chain = chain) => (await collect(world.ledger.entries(of))).map(({ seq }) => seq);

describe("what is taken off", () => {
  it("is what was never acknowledged, and nothing else", async () => {
    await sendFirst(4);
    const gathered = await gather(copyOf(chain, log, { ackedSeq: 4 }));
    expect([gathered.entries, gathered.unread]).toEqual([5, []]);
    expect(await placesIn(gathered)).toEqual([[7, 5, 9]]);
    expect(await deliver(gathered)).toEqual(["acked 5"]);
    expect(await collect(world.ledger.entries(chain))).toMatchObject(log);
  });

  it("is nothing where everything was", async () => {
    expect(await gather(copyOf(chain, log, { ackedSeq: 9 }))).toEqual({ entries: 0, rescues: [], unread: [] });
    expect(await gather(copyOf(chain, []))).toEqual({ entries: 0, rescues: [], unread: [] });
    expect(await gather()).toEqual({ entries: 0, rescues: [], unread: [] });
  });

  it("is woven from copies of which none is whole", async () => {
    const holed = log.filter(({ seq }) => seq !== 3 && seq !== 6);
    const torn = log.slice(0, 7);
    const gathered = await gather(copyOf(chain, holed), copyOf(chain, torn, { isTorn: true }));
    expect(await placesIn(gathered)).toEqual([[7, 1, 9]]);
    expect(await deliver(gathered)).toEqual(["acked 9"]);
  });

  it("is every stretch where something is missing everywhere: the ledger takes what follows from what it has", async () => {
    const gathered = await gather(
      copyOf(
        chain,
        log.filter(({ seq }) => seq !== 4),
      ),
    );
    expect([gathered.entries, await placesIn(gathered)]).toEqual([
      8,
      [
        [7, 1, 3],
        [7, 5, 9],
      ],
    ]);
    expect(await deliver(gathered)).toEqual(["acked 3", "urn:greenlane:problem:gap"]);
  });

  it("goes apart where an entry was altered: what is whole is taken", async () => {
    const [, , third] = log;
    if (third === undefined) throw new Error("an entry");
    const altered = { ...third, bytes: third.bytes.with(20, 0x58) as Entry["bytes"] };
    const gathered = await gather(copyOf(chain, log.with(2, altered)));
    expect(await deliver(gathered)).toEqual(["acked 2", "urn:greenlane:problem:altered"]);
    expect(await inLedger()).toEqual([1, 2]);
  });

  it("is of every chain that this terminal has had, and of no other terminal", async () => {
    const lost = chainOf(6, identity.terminal);
    const remains = await writeChain(lost, 5);
    const strange = chainOf(5, "t-9");
    const gathered = await gather(
      copyOf(chain, log),
      copyOf(lost, remains.slice(0, 3)),
      copyOf(lost, remains.slice(3)),
      copyOf(strange, await writeChain(strange, 2)),
    );
    expect(await placesIn(gathered)).toEqual([
      [7, 1, 9],
      [6, 1, 5],
    ]);
    expect(await deliver(gathered)).toEqual(["acked 9", "acked 5"]);
    expect([await inLedger(), await inLedger(lost)]).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [1, 2, 3, 4, 5],
    ]);
  });

  it("tells both histories where two copies tell two: the ledger keeps the second as evidence", async () => {
    const [, second] = log;
    if (second === undefined) throw new Error("an entry");
    const other = [...log.slice(0, 2), ...(await writeEntries(second, 4, "something else"))];
    const gathered = await gather(copyOf(chain, log), copyOf(chain, other));
    expect(await deliver(gathered)).toEqual(["acked 9", "urn:greenlane:problem:fork"]);
    expect((await collect(world.ledger.forks())).length).toBe(1);
  });
});

describe("a copy that cannot be read", () => {
  const broken = (): FoundCopy => ({
    ...copyOf(chain, log),
    read: () => Promise.reject(new Error("the disk does not answer")),
  });

  it("is passed over: the spare one is asked, and only then", async () => {
    spare.copies = [copyOf(chain, log)];
    expect((await gather(copyOf(chain, log))).entries).toBe(9);
    expect(spare.asked).toBe(0);
    const gathered = await gather(broken());
    expect([gathered.entries, spare.asked]).toEqual([9, 1]);
    expect(gathered.unread).toContain("the disk does not answer");
    expect(await deliver(gathered)).toEqual(["acked 9"]);
  });

  it("is said where nothing can be read at all", async () => {
    spare.copies = [];
    const gathered = await gather(broken());
    expect([gathered.entries, gathered.rescues, new Set(gathered.unread)]).toEqual([
      0,
      [],
      new Set(["the disk does not answer"]),
    ]);
  });
});

it("cuts a long log into batches, and batches into rescues, that the server takes", async () => {
  const long = await writeChain(chain, 1200);
  const gathered = await gather(copyOf(chain, long));
  expect(await placesIn(gathered)).toEqual([
    [7, 1, 500],
    [7, 501, 1000],
    [7, 1001, 1200],
  ]);
  expect(gathered.rescues).toHaveLength(1);
  expect(await deliver(gathered)).toEqual(["acked 500", "acked 500", "acked 200"]);

  // Seventy lost chains: more batches than one rescue holds.
  const chains = await Promise.all(
    Array.from({ length: 70 }, async (_, at) => {
      const each = { ...chain, epoch: new Uint8Array(16).fill(100 + at) };
      return copyOf(each, await writeChain(each, 1));
    }),
  );
  const many = await gather(...chains);
  expect([many.entries, many.rescues.length]).toEqual([70, 2]);
  expect(await deliver(many)).toEqual(Array(70).fill("acked 1"));
  for (const { bytes } of await batchesIn(many)) expect(decodeBatch(bytes)).not.toBeNull();
}, 60_000);
