import { beforeEach, describe, expect, it } from "vitest";
import { auditLedger } from "../edge-server/audit.ts";
import { listQuarantine, type QuarantineCause } from "../edge-server/quarantine.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { decodeBatch, encodeBatch } from "../shared/batch.ts";
import { toBase64url, toUtf8 } from "../shared/bytes.ts";
import { extendChain } from "../shared/log.ts";
import { readStatement } from "../shared/sync.ts";
import type { Happening } from "../shared/transaction.ts";
import { collect } from "./collect.ts";
import { now } from "./sample.ts";
import { createTerminal, createWorld, problemWord, sendSigned, type TestTerminal, type World } from "./world.ts";

/** What a terminal sends that nobody can believe: it is answered as ever, kept, listed, and stands in nobody's way. */

let world: World;
let terminal: TestTerminal;
beforeEach(async () => {
  world = await createWorld();
  terminal = await world.addTerminal("gate-1");
});

const started = { kind: "started", app: "1", newEpoch: true } as const;
const writeMany = async (to: TestTerminal, count: number, app = "1"): Promise<void> => {
  for (let i = 0; i < count; i++) await to.write({ ...started, app }, { pseudonym: "somebody" });
};
const send = async (batch: Uint8Array<ArrayBuffer>, by: TestTerminal = terminal): Promise<number | string> => {
  const response = await sendSigned(world.app, by, "/v1/log", batch, { createdAt: world.clock.now });
  return response.status === 200 ? 200 : problemWord(response);
};
const placeOf = (seq: number, of: TestTerminal = terminal): string => `${of.id}/${toBase64url(of.chain.epoch)}/${seq}`;
const listed = async () =>
  (await listQuarantine(world.ledger)).listed.map(({ cause, where, entries }) => [cause, where, entries]);
const counts = async (): Promise<Partial<Record<QuarantineCause, number>>> => {
  const { counts: all } = await listQuarantine(world.ledger);
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
};

it("is empty where everything fits", async () => {
  await writeMany(terminal, 3);
  expect(await send(await terminal.batch())).toBe(200);
  expect(await listQuarantine(world.ledger)).toMatchObject({ listed: [], leftOut: 0 });
  expect(await counts()).toEqual({});
});

it("has entries that are no transactions, and what comes behind them is taken", async () => {
  await writeMany(terminal, 1);
  const bytes = toUtf8("not JSON");
  const head = await extendChain(terminal.entries[0] ?? terminal.genesis, bytes);
  terminal.entries.push({ ...head, bytes, personal: null });
  await writeMany(terminal, 2);
  expect(await send(await terminal.batch())).toBe(200);
  expect(await listed()).toEqual([["unreadable", placeOf(2), 1]]);
  expect(await world.ledger.count()).toBe(4);
});

it("has what came after a revocation, as one line a chain", async () => {
  await writeMany(terminal, 2);
  await send(await terminal.batch());
  world.revokeTerminal("gate-1");
  await writeMany(terminal, 3);
  world.clock.now = now + 5;
  expect(await send(await terminal.batch())).toBe(200);
  expect((await listQuarantine(world.ledger)).listed).toEqual([
    { cause: "after-revocation", where: placeOf(3), entries: 3, receivedAt: now + 5 },
  ]);
});

describe("a branch of a forked chain", () => {
  let branch: TestTerminal;
  beforeEach(async () => {
    await writeMany(terminal, 6);
    await send(await terminal.batch(1, 4));
    branch = await terminal.sibling();
    branch.entries.push(...terminal.entries.slice(0, 2));
    await writeMany(branch, 8, "2");
  });

  it("is kept whole: where it parts, longer, and what goes on from it", async () => {
    expect(await send(await branch.batch(1, 4))).toBe("fork");
    expect(await send(await branch.batch(1, 6))).toBe("fork");
    expect(await send(await branch.batch(5, 7))).toBe("altered"); // it does not follow what is held before it
    expect(await send(await branch.batch(8, 10))).toBe("gap");
    expect(await listed()).toEqual([
      ["fork", placeOf(3), 4],
      ["fork", placeOf(3), 6],
      ["altered", placeOf(5), 3],
      ["gap", placeOf(8), 3],
    ]);
    expect(await counts()).toEqual({ fork: 10, altered: 3, gap: 3 });
  });

  it("is kept once, however often it is sent, and never merged", async () => {
    for (let i = 0; i < 3; i++) {
      for (const [from, to] of [
        [1, 6],
        [5, 7],
        [8, 10],
      ] as const)
        await send(await branch.batch(from, to));
    }
    expect(await counts()).toEqual({ fork: 6, altered: 3, gap: 3 });
    expect(await send(await terminal.batch())).toBe(200);
    const kept = await collect(world.ledger.entries(terminal.chain));
    expect(kept.map(({ hash }) => hash)).toEqual(terminal.entries.map(({ hash }) => hash));
  });

  it("proves itself by the terminal's signature, without what is personal", async () => {
    await send(await branch.batch(1, 4));
    await send(await branch.batch(5, 7));
    const batches = [...(await collect(world.ledger.forks())), ...(await collect(world.ledger.evidence()))];
    for (const [index, to] of [4, 7].entries()) {
      const batch = decodeBatch(batches[index]?.batch ?? toUtf8(""));
      expect(batch?.entries.map(({ personal }) => personal)).toEqual(batch?.entries.map(() => null));
      const last = branch.entries[to - 1];
      expect(batch?.entries.at(-1)?.bytes).toEqual(last?.bytes);
      expect(await readStatement("checkpoint", batch?.checkpoint ?? toUtf8(""), [terminal.key])).toMatchObject({
        seq: to,
        hash: last?.hash,
      });
    }
  });
});

it("has bytes that are not what the terminal signed", async () => {
  await writeMany(terminal, 3);
  const batch = decodeBatch(await terminal.batch());
  if (batch === null) throw new Error("a batch");
  const entries = batch.entries.map((each, index) => (index === 1 ? { ...each, bytes: toUtf8("{}") } : each));
  expect(await send(encodeBatch({ ...batch, entries }))).toBe("altered");
  expect(await listed()).toEqual([["altered", placeOf(1), 3]]);
  expect(await send(await terminal.batch())).toBe(200);
});

it("has nothing of a gap that is only early, nor of what another key signed", async () => {
  await writeMany(terminal, 4);
  expect(await send(await terminal.batch(3, 4))).toBe("gap");
  const other = await world.addTerminal("gate-2");
  expect(await send(await terminal.batch(1, 4, other.key))).toBe("not-signed");
  expect(await counts()).toEqual({});
});

it("has entries about others that are not there, and none about those that come later from elsewhere", async () => {
  const other = await world.addTerminal("gate-2");
  const about = (of: unknown): Happening => ({ kind: "acted", of, outcome: "completed" }) as Happening;
  const ref = (of: TestTerminal, seq: number) => ({ terminal: of.id, epoch: toBase64url(of.chain.epoch), seq });
  const stranger = await createTerminal("gate-9", terminal.key);
  await writeMany(terminal, 1);
  await terminal.write(about(ref(terminal, 1)));
  await terminal.write(about(ref(terminal, 3))); // itself
  await terminal.write(about(ref(terminal, 9)));
  await terminal.write(about("nothing"));
  await terminal.write(about(ref(stranger, 1)));
  await terminal.write(about(ref(other, 2)));
  await terminal.write(about(ref(other, 3)));
  await terminal.write({ ...about(ref(stranger, 1)), kind: "recovered" } as unknown as Happening);
  await send(await terminal.batch());
  await writeMany(other, 2);
  await send(await other.batch(), other);
  expect(await listed()).toEqual([3, 4, 5, 6, 8].map((seq) => ["no-such-entry", placeOf(seq), 1]));
});

it("is counted by the audit, and makes nothing else of it wrong", async () => {
  await writeMany(terminal, 2);
  await send(await terminal.batch());
  world.revokeTerminal("gate-1");
  await terminal.write({ kind: "acted", of: { terminal: "x", epoch: "y", seq: 1 }, outcome: "fault" });
  await send(await terminal.batch());
  const keys = { roots: await openAllRoots(world.rootBytes, []), registry: world.registry };
  expect(await auditLedger(world.ledger, keys)).toMatchObject({
    quarantined: { "after-revocation": 1, "no-such-entry": 1, unreadable: 0 },
    problems: [],
  });
});

it("lists a thousand, and counts the others", async () => {
  let head = terminal.genesis;
  for (let i = 0; i < 1005; i++) {
    const bytes = toUtf8(`no ${i}`);
    head = await extendChain(head, bytes);
    terminal.entries.push({ ...head, bytes, personal: null });
  }
  for (const [from, to] of [
    [1, 1000],
    [1001, 1005],
  ] as const)
    await send(await terminal.batch(from, to));
  const result = await listQuarantine(world.ledger);
  expect([result.listed.length, result.leftOut, result.counts.unreadable]).toEqual([1000, 5, 1005]);
});
