import { beforeAll, describe, expect, it } from "vitest";
import { type AuditKeys, auditExport, auditLedger } from "../edge-server/audit.ts";
import { readEarlierHeads } from "../edge-server/audit-earlier.ts";
import type { AuditFault, AuditResult } from "../edge-server/audit-tally.ts";
import { exportLedger } from "../edge-server/export.ts";
import type { LedgerEntry, LedgerReader, Receipt } from "../edge-server/ports.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { fromUtf8, toBase64url, toHex, toUtf8 } from "../shared/bytes.ts";
import { extendChain, type Head } from "../shared/log.ts";
import { retell } from "../shared/recovered.ts";
import { signStatement } from "../shared/sync.ts";
import type { Decided } from "../shared/transaction.ts";
import { collect, streamOf } from "./collect.ts";
import { drawKey, now } from "./sample.ts";
import { createTerminal, createWorld, decidedTap, sendSigned, type TestTerminal, type World } from "./world.ts";

let world: World;
let gate: TestTerminal;
let keys: AuditKeys;

/** Two terminals; the first has 10 entries in checkpoints at 4, 7 and 10, and sent 5 to 6 once more at the end. */
beforeAll(async () => {
  world = await createWorld();
  gate = await world.addTerminal("gate-1");
  keys = { roots: await openAllRoots(world.rootBytes, []), registry: world.registry };
  await gate.write({ kind: "started", app: "1", newEpoch: true });
  await gate.write(world.installed);
  for (const standing of [2, 3, "none"] as const) await gate.write(decidedTap(world.policyHash, standing), someone);
  await gate.write({ kind: "mode", mode: "out-of-service", cause: "gate" });
  for (let i = 0; i < 4; i++) await gate.write(decidedTap(world.policyHash), someone);
  const batches = [await gate.batch(1, 4), await gate.batch(5, 7), await gate.batch(8, 10), await gate.batch(5, 6)];

  const desk = await world.addTerminal("gate-2");
  await desk.write(decidedTap(world.policyHash)); // before any policy is on its chain: nobody can tell
  for (const body of batches) await sendSigned(world.app, gate, "/v1/log", body);
  await sendSigned(world.app, desk, "/v1/log", await desk.batch());
});

const someone = { pseudonym: "someone" };

/** The ledger as a damage would leave it. */
const damaged = (
  entries: (entry: LedgerEntry) => LedgerEntry | null,
  receipts: (receipt: Receipt) => Receipt | null = (receipt) => receipt,
): LedgerReader => ({
  chains: world.ledger.chains,
  forks: world.ledger.forks,
  evidence: world.ledger.evidence,
  erasures: world.ledger.erasures,
  entries: (chain) => changed(world.ledger.entries(chain), entries),
  receipts: (chain) => changed(world.ledger.receipts(chain), receipts),
});
const changed = async function* <T>(items: AsyncIterable<T>, change: (item: T) => T | null): AsyncIterable<T> {
  for await (const item of items) {
    const next = change(item);
    if (next !== null) yield next;
  }
};
const whole = (entry: LedgerEntry) => entry;
const isAt = ({ terminal, seq }: { readonly terminal: string; readonly seq: number }, wanted: number): boolean =>
  terminal === "gate-1" && seq === wanted;

/** Writes other bytes at a place, and all hashes after it anew, as somebody with the whole database would. */
const rewritten = async (seq: number, change: (text: string) => string): Promise<LedgerReader> => {
  let head: Head | null = null;
  const entries: LedgerEntry[] = [];
  for await (const entry of world.ledger.entries(gate.chain)) {
    const bytes = entry.seq === seq ? toUtf8(change(fromUtf8(entry.bytes) ?? "")) : entry.bytes;
    head = entry.seq < seq || head === null ? entry : await extendChain(head, bytes);
    entries.push({ ...entry, bytes, hash: head.hash });
  }
  return {
    ...damaged(whole),
    entries: (chain) => (chain.terminal === "gate-1" ? streamOf(entries) : world.ledger.entries(chain)),
  };
};

const exported = (ledger: LedgerReader): Promise<readonly string[]> =>
  collect(exportLedger(ledger, { format: "ndjson", since: null }));
const auditText = (text: string, by: AuditKeys = keys): Promise<AuditResult> =>
  auditExport(
    (async function* () {
      // Cut where no line ends, inside a character too.
      const bytes = toUtf8(text);
      for (let from = 0; from < bytes.length; from += 1000) yield bytes.subarray(from, from + 1000);
    })(),
    by,
  );
const faultsOf = (result: AuditResult): readonly string[] =>
  result.problems.map(({ fault, where }) => `${fault} ${where.replace(/\/[^/]*\//, "/")}`);

const nothingQuarantined = {
  ...{ unreadable: 0, "after-revocation": 0, "no-such-entry": 0 },
  ...{ fork: 0, gap: 0, altered: 0, full: 0 },
};
const wellCounted = {
  entries: 11,
  chains: 2,
  checkpoints: { good: 5, bad: 0, unknown: 0 },
  acks: { good: 5, bad: 0, unknown: 0 },
  decisions: { same: 7, different: 0, unknown: 1 },
  erased: { entries: 0, recorded: 0 },
  quarantined: nothingQuarantined,
  problems: [],
  problemsLeftOut: 0,
};

describe("a ledger where nothing is wrong", () => {
  it("passes, and tells what nobody can tell", async () => {
    expect(await auditLedger(world.ledger, keys)).toEqual(wellCounted);
  });

  it("passes as an export, also with its chains mixed", async () => {
    const lines = await exported(world.ledger);
    const counted = { ...wellCounted, erased: null };
    expect(await auditText(lines.join(""))).toEqual(counted);
    expect(await auditText([...lines.slice(10), ...lines.slice(0, 10)].join(""))).toEqual(counted);
  });

  it("passes nothing for which no key is at hand", async () => {
    expect(await auditText((await exported(world.ledger)).join(""), { roots: [], registry: null })).toEqual({
      ...wellCounted,
      erased: null,
      checkpoints: { good: 0, bad: 0, unknown: 5 },
      acks: { good: 0, bad: 0, unknown: 5 },
      decisions: { same: 0, different: 0, unknown: 8 },
    });
  });

  it("believes an edge key only for the time in which a root names it", async () => {
    const roots = (validFrom: number, validUntil: number) =>
      keys.roots.map((root) => ({ ...root, edges: root.edges.map(({ key }) => ({ key, validFrom, validUntil })) }));
    expect((await auditLedger(world.ledger, { ...keys, roots: roots(now, now) })).acks.good).toBe(5);
    expect((await auditLedger(world.ledger, { ...keys, roots: roots(now + 1, now + 9) })).acks.bad).toBe(5);
    expect((await auditLedger(world.ledger, { ...keys, roots: roots(now - 9, now - 1) })).acks.bad).toBe(5);
  });

  it("passes when what is personal was erased", async () => {
    const erased = damaged((entry) => ({ ...entry, personal: null }));
    expect(await auditLedger(erased, keys)).toEqual({ ...wellCounted, erased: { entries: 7, recorded: 0 } });
  });
});

describe("one damage is named, and only that one", () => {
  const damages: readonly [string, () => LedgerReader | Promise<LedgerReader>, readonly string[]][] = [
    [
      "altered bytes",
      () => damaged((entry) => (isAt(entry, 6) ? { ...entry, bytes: swap(entry, "gate", "door") } : entry)),
      ["altered gate-1/6"],
    ],
    [
      "altered hash",
      () => damaged((entry) => (isAt(entry, 6) ? { ...entry, hash: new Uint8Array(32) } : entry)),
      ["altered gate-1/6", "checkpoint gate-1/6", "altered gate-1/7"],
    ],
    [
      "a missing entry",
      () => damaged((entry) => (isAt(entry, 6) ? null : entry)),
      ["missing gate-1/6", "cut gate-1/6"],
    ],
    [
      "a cut tail",
      () => damaged((entry) => (entry.terminal === "gate-1" && entry.seq > 8 ? null : entry)),
      ["cut gate-1/10", "cut gate-1/10", "unsigned gate-1/8"],
    ],
    [
      "a tail cut off with its receipt",
      () =>
        damaged(
          (entry) => (entry.terminal === "gate-1" && entry.seq > 7 ? null : entry),
          (receipt) => (isAt(receipt, 10) ? null : receipt),
        ),
      ["cut gate-1/10"],
    ],
    [
      "a missing receipt",
      () => damaged(whole, (receipt) => (isAt(receipt, 10) ? null : receipt)),
      ["unsigned gate-1/8"],
    ],
    [
      "a rewritten history",
      () => rewritten(8, (text) => text.replace("gate-1", "gate-2")),
      ["ack gate-1/10", "checkpoint gate-1/10", "ack gate-1/10"],
    ],
    [
      "a checkpoint by another key",
      async () => {
        const checkpoint = await gate.checkpointAt(7, await drawKey());
        return damaged(whole, (receipt) => (isAt(receipt, 7) ? { ...receipt, checkpoint } : receipt));
      },
      ["checkpoint gate-1/7"],
    ],
    [
      "another chain's checkpoint",
      async () => {
        const [other] = await collect(world.ledger.receipts(gate.chain));
        return damaged(whole, (receipt) =>
          isAt(receipt, 7) && other ? { ...receipt, checkpoint: other.checkpoint } : receipt,
        );
      },
      ["checkpoint gate-1/7"],
    ],
    [
      "an ack by another key",
      async () => {
        const said = { ...gate.chain, seq: 7, hash: gate.entries[6]?.hash ?? new Uint8Array(32), at: now };
        const ack = await signStatement("ack", said, await drawKey());
        return damaged(whole, (receipt) => (isAt(receipt, 7) ? { ...receipt, ack } : receipt));
      },
      ["ack gate-1/7"],
    ],
    [
      "another personal text",
      () => {
        const personal = { text: '{"pseudonym":"another"}', salt: new Uint8Array(16) };
        return damaged((entry) => (isAt(entry, 3) ? { ...entry, personal } : entry));
      },
      ["personal gate-1/3"],
    ],
    [
      "another time beside the bytes",
      () => damaged((entry) => (isAt(entry, 3) ? { ...entry, at: 5 } : entry)),
      ["columns gate-1/3"],
    ],
    [
      "another kind beside the bytes",
      () => damaged((entry) => (isAt(entry, 3) ? { ...entry, kind: "mode" } : entry)),
      ["columns gate-1/3"],
    ],
  ];

  it.each(damages)("%s", async (_, damage, expected) => {
    const result = await auditLedger(await damage(), keys);
    expect(faultsOf(result)).toEqual(expected);
  });

  const swap = (entry: LedgerEntry, from: string, to: string) =>
    toUtf8((fromUtf8(entry.bytes) ?? "").replace(from, to));
});

describe("against an earlier export", () => {
  const headsOf = async (ledger: LedgerReader) =>
    readEarlierHeads(streamOf((await exported(ledger)).map((line) => toUtf8(line))));
  /** All that came with the last batch, its receipts too, and all that was said again after it. */
  const cutWhole = () =>
    damaged(
      (entry) => (entry.terminal === "gate-1" && entry.seq > 7 ? null : entry),
      (receipt) => (receipt.terminal === "gate-1" && (receipt.seq > 7 || receipt.seq === 6) ? null : receipt),
    );

  it("passes what is as it was, or longer", async () => {
    const heads = await headsOf(world.ledger);
    expect(heads?.size).toBe(2);
    expect((await auditLedger(world.ledger, keys, heads ?? new Map())).problems).toEqual([]);
    expect((await auditLedger(world.ledger, keys, (await headsOf(cutWhole())) ?? new Map())).problems).toEqual([]);
  });

  it("names an end that was cut off with all that answered it, which nothing else can", async () => {
    const heads = (await headsOf(world.ledger)) ?? new Map();
    expect(faultsOf(await auditLedger(cutWhole(), keys))).toEqual([]);
    expect(faultsOf(await auditLedger(cutWhole(), keys, heads))).toEqual(["cut gate-1/10"]);
    const lines = (await exported(cutWhole())).join("");
    expect(faultsOf(await auditExport(streamOf([toUtf8(lines)]), keys, heads))).toEqual(["cut gate-1/10"]);
  });

  it("names a chain that is gone, and one in the place of another", async () => {
    const heads = (await headsOf(world.ledger)) ?? new Map();
    const gone = { ...damaged(whole), chains: async () => [gate.chain] };
    expect(faultsOf(await auditLedger(gone, keys, heads))).toEqual(["cut gate-2/1"]);
    const other = await rewritten(10, (text) => text.replace("gate-1", "gate-2"));
    expect(faultsOf(await auditLedger(other, keys, heads))).toContain("altered gate-1/10");
  });

  it("is not one with another file", async () => {
    expect(await readEarlierHeads(streamOf([toUtf8("no export\n")]))).toBeNull();
  });
});

describe("what a terminal itself wrote wrongly", () => {
  const auditOf = async (write: (terminal: TestTerminal, at: World) => Promise<void>): Promise<AuditResult> => {
    const at = await createWorld();
    const terminal = await at.addTerminal("gate-1");
    await write(terminal, at);
    expect((await sendSigned(at.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
    return auditLedger(at.ledger, { roots: await openAllRoots(at.rootBytes, []), registry: at.registry });
  };

  const wrongDecisions: readonly [string, (good: Decided) => unknown][] = [
    ["better terms than its band", (good) => ({ ...good, knowledge: { ...good.knowledge, standing: "none" } })],
    ["another reason", (good) => ({ ...good, result: { ...good.result, reason: "ordinary" } })],
    ["no history", (good) => ({ ...good, history: undefined })],
    ["a service that is none", (good) => ({ ...good, request: { ...good.request, service: "constructor" } })],
  ];
  it.each(wrongDecisions)("a decision with %s", async (_, change) => {
    const result = await auditOf(async (terminal, at) => {
      await terminal.write(at.installed);
      await terminal.write(change(decidedTap(at.policyHash)) as Decided);
    });
    expect(result.decisions).toEqual({ same: 0, different: 1, unknown: 0 });
    expect(faultsOf(result)).toEqual(["decision gate-1/2"]);
  });

  it("a policy that no publisher signed: its decisions cannot be told", async () => {
    const result = await auditOf(async (terminal, at) => {
      const other = await createWorld();
      await terminal.write(other.installed);
      await terminal.write(decidedTap(other.policyHash));
      const wrongHash = "ab".repeat(32);
      await terminal.write({ ...at.installed, policy: wrongHash });
      await terminal.write(decidedTap(wrongHash));
    });
    expect(result.decisions).toEqual({ same: 0, different: 0, unknown: 2 });
    expect(faultsOf(result)).toEqual(["policy gate-1/1", "policy gate-1/3"]);
  });

  it("two histories", async () => {
    const at = await createWorld();
    const terminal = await at.addTerminal("gate-1");
    await terminal.write({ kind: "started", app: "1", newEpoch: true });
    const other = await terminal.sibling();
    await other.write({ kind: "started", app: "2", newEpoch: true });
    await sendSigned(at.app, terminal, "/v1/log", await terminal.batch());
    await sendSigned(at.app, terminal, "/v1/log", await other.batch());
    expect(faultsOf(await auditLedger(at.ledger, { roots: [], registry: at.registry }))).toEqual(["fork gate-1/1"]);
  });

  it("bytes that are no transaction are kept, exported and verified", async () => {
    const at = await createWorld();
    const terminal = await at.addTerminal("gate-1");
    const head = await extendChain(
      { seq: 0, hash: (await terminal.sibling()).genesis.hash },
      Uint8Array.of(0xff, 0x0a),
    );
    terminal.entries.push({ ...head, bytes: Uint8Array.of(0xff, 0x0a), personal: null });
    expect((await sendSigned(at.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
    const lines = await exported(at.ledger);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ at: null, kind: null, transaction: null, bytes64: "_wo" });
    const atHand = { roots: await openAllRoots(at.rootBytes, []), registry: at.registry };
    expect(faultsOf(await auditText(lines.join(""), atHand))).toEqual([]);
  });
});

describe("an export", () => {
  const lineAt = async (index: number) => JSON.parse((await exported(world.ledger))[index] ?? "");

  it("has what its columns say, and nothing personal", async () => {
    const [, , third] = gate.entries;
    expect(await lineAt(2)).toEqual({
      terminal: "gate-1",
      epoch: toBase64url(gate.chain.epoch),
      seq: 3,
      hash: toHex(third?.hash ?? new Uint8Array(0)),
      at: now + 2,
      kind: "decided",
      transaction: JSON.parse(fromUtf8(third?.bytes ?? new Uint8Array(0)) ?? ""),
      bytes: fromUtf8(third?.bytes ?? new Uint8Array(0)),
    });
    const lines = await exported(world.ledger);
    expect(lines.flatMap((line, index) => (line.includes('"checkpoint"') ? [index] : []))).toEqual([3, 5, 6, 9, 10]);
    expect(lines.join("")).not.toContain("someone");
  });

  it("keeps what was written since a time", async () => {
    const since = await collect(exportLedger(world.ledger, { format: "ndjson", since: now + 8 }));
    expect(since.map((line) => JSON.parse(line).seq)).toEqual([9, 10]);
  });

  it("is CSV that reads back", async () => {
    const [header, ...rows] = await collect(exportLedger(world.ledger, { format: "csv", since: null }));
    expect(header).toBe("terminal,epoch,seq,hash,at,kind,transaction,bytes,bytes64,checkpoint,ack\r\n");
    expect(rows).toHaveLength(11);
    const cells = [...(rows[3] ?? "").matchAll(/(?:"((?:[^"]|"")*)"|([^",\r]*))[,\r]/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
    );
    expect(cells.slice(0, 3)).toEqual(["gate-1", toBase64url(gate.chain.epoch), "4"]);
    expect(cells[7]).toBe(fromUtf8(gate.entries[3]?.bytes ?? new Uint8Array(0)));
    expect(JSON.parse(cells[6] ?? "")).toEqual(JSON.parse(cells[7] ?? ""));
  });

  const edits: readonly [string, (lines: string[]) => readonly string[], readonly string[]][] = [
    ["a line that is missing", (lines) => lines.toSpliced(4, 1), ["missing gate-1/5"]],
    ["a line that is there twice", (lines) => lines.toSpliced(4, 0, lines[4] ?? ""), ["out-of-order gate-1/5"]],
    ["a tail that is missing", (lines) => lines.toSpliced(7, 3), ["cut gate-1/10"]],
    ["another text", (lines) => lines.with(5, (lines[5] ?? "").replaceAll("out-of", "in-of")), ["altered gate-1/6"]],
    [
      "another transaction",
      (lines) => lines.with(5, (lines[5] ?? "").replace("out-of", "in-of")),
      ["columns gate-1/6"],
    ],
    [
      "a line that is none",
      (lines) => lines.toSpliced(10, 0, "{}\n", "no JSON\n"),
      ["unreadable line 11", "unreadable line 12"],
    ],
    [
      "a line that is too long, and no other",
      (lines) => lines.with(8, `${" ".repeat(9_000_000)}${lines[8]}`),
      ["unreadable line 9", "missing gate-1/9"],
    ],
  ];
  it.each(edits)("names %s", async (_, edit, expected) => {
    expect(faultsOf(await auditText(edit([...(await exported(world.ledger))]).join("")))).toEqual(
      expected satisfies readonly (AuditFault | string)[],
    );
  });
});

describe("entries of a lost chain, told again", () => {
  const told = async (change: (text: string) => string = (text) => text) => {
    const own = await createWorld();
    const lost = await createTerminal("gate-1", await drawKey());
    await lost.write(own.installed);
    await lost.write(decidedTap(own.policyHash), someone);
    const next = await own.addTerminal("gate-1");
    for (const entry of lost.entries) {
      const bytes = toUtf8(change(fromUtf8(entry.bytes) ?? ""));
      const { happening, personal } = retell(lost.chain, { ...entry, bytes });
      await next.write(happening, personal);
    }
    await sendSigned(own.app, next, "/v1/log", await next.batch());
    return auditLedger(own.ledger, { roots: await openAllRoots(own.rootBytes, []), registry: own.registry });
  };

  it("are decided again like all others", async () => {
    expect(await told()).toMatchObject({ entries: 2, decisions: { same: 1, different: 0, unknown: 0 }, problems: [] });
  });

  it("and what was changed in them is named", async () => {
    const result = await told((text) => text.replace('"standing":2', '"standing":"none"'));
    expect(faultsOf(result)).toEqual(["decision gate-1/2"]);
    const other = await told((text) => text.replace('"personal":"', '"personal":"A'));
    expect(faultsOf(other)).toEqual(["personal gate-1/2"]);
  });
});
