/**
 * No override can be hidden from review: not by whoever has the database or an export, not by a terminal that tells another
 * history. A shift as a real terminal wrote it is taken in by the real intake, and each override in it is taken out, altered,
 * called something else, or said to be somebody else's.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { auditExport, auditLedger } from "../edge-server/audit.ts";
import { exportLedger } from "../edge-server/export.ts";
import type { Ledger, LedgerEntry, LedgerReader, TerminalRow } from "../edge-server/ports.ts";
import { listQuarantine } from "../edge-server/quarantine.ts";
import { fromUtf8, toBase64url, toUtf8 } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { extendChain, type Head } from "../shared/log.ts";
import { usualStaffRules } from "../shared/staff-rules.ts";
import { openAdminWorld } from "./admin-world.ts";
import { collect, streamOf } from "./collect.ts";
import { waitUntil } from "./live-city.ts";
import { drawKey, samplePolicy } from "./sample.ts";
import { workShift } from "./staff-world.ts";
import { profiles } from "./terminal-world.ts";
import { createTerminal, sendSigned, type TestTerminal } from "./world.ts";

const id = "t-1";
const epoch = new Uint8Array(16).fill(7);
const deedKinds = ["override", "annulled"];

let key: SigningKey;
let shift: TestTerminal;
let deeds: readonly { readonly seq: number; readonly effect: string }[];
let office: Awaited<ReturnType<typeof openConsole>>;
let ledger: Ledger;

const rowOf = (change: Partial<TerminalRow> = {}): TerminalRow => ({
  ...{ id, profile: profiles.metro, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null },
  ...change,
});

/** A console over a ledger of its own, which has taken in what is sent. */
const openConsole = async (over: (ledger: Ledger) => Ledger = (own) => own) => {
  const own = createSqliteLedger(":memory:");
  const world = await openAdminWorld({ ledger: over(own) });
  world.registry.putTerminal(rowOf());
  const cookie = await world.bringIn("chief", "administrator");
  return {
    world,
    own,
    send: async (terminal: TestTerminal, from = 1, to = terminal.entries.length) =>
      (await sendSigned(world.app, terminal, "/v1/log", await terminal.batch(from, to))).status,
    counted: (entries: number) => waitUntil(async () => world.survey.count() === entries),
    queue: async () => (await (await world.ask("GET", "/overrides", { cookie })).json()).rows as readonly Queued[],
    quarantine: async () => (await world.ask("GET", "/quarantine", { cookie })).json(),
  };
};
type Queued = { readonly of: { readonly seq: number }; readonly effect: string; readonly state: string };

beforeAll(async () => {
  key = await drawKey("P-256");
  const { world } = await workShift({ ...samplePolicy, staff: { ...usualStaffRules, keyFor: ["open"] } });
  shift = await createTerminal(id, key, epoch);
  shift.entries.push(...world.entries());
  await shift.write({ kind: "mode", mode: "in-service", cause: "" });
  deeds = world.written().flatMap(({ kind, effect }, index) => {
    return deedKinds.includes(String(kind)) ? [{ seq: index + 1, effect: String(effect ?? "annul") }] : [];
  });
  office = await openConsole();
  expect(await office.send(shift)).toBe(200);
  ledger = office.own;
});
afterAll(() => office.world.close());

const keys = () => ({ roots: [], registry: { terminal: (of: string) => (of === id ? rowOf() : null) } });
const faultsAt = (found: { readonly problems: readonly { readonly fault: string; readonly where: string }[] }) =>
  found.problems.map(({ fault, where }) => `${fault} ${where.slice(where.lastIndexOf("/") + 1)}`);

/** The ledger as somebody with the database would leave it. */
const changed = (change: (entry: LedgerEntry) => LedgerEntry | null): LedgerReader => ({
  ...ledger,
  entries: async function* (chain) {
    for await (const entry of ledger.entries(chain)) {
      const left = change(entry);
      if (left !== null) yield left;
    }
  },
});
const rewrite = ({ bytes }: LedgerEntry, fields: object): LedgerEntry["bytes"] =>
  toUtf8(JSON.stringify({ ...JSON.parse(fromUtf8(bytes) ?? ""), ...fields }));

describe("by who has the database", () => {
  it("a shift that nobody touched passes", async () => {
    expect(deeds.map(({ effect }) => effect)).toEqual(["permit", "ordinary", "open", "annul"]);
    const found = await auditLedger(ledger, keys());
    // The world that it was written in has no publisher.
    expect(faultsAt(found)).toEqual(["policy 2"]);
    expect(found.checkpoints).toEqual({ good: 1, bad: 0, unknown: 0 });
  });

  const ways: readonly [string, (entry: LedgerEntry) => LedgerEntry | null, (seq: number) => string][] = [
    ["taken out", () => null, (seq) => `missing ${seq}`],
    ["altered", (entry) => ({ ...entry, bytes: rewrite(entry, { reason: "emergency" }) }), (seq) => `altered ${seq}`],
    [
      "called something else",
      (entry) => ({ ...entry, bytes: rewrite(entry, { kind: "mode" }) }),
      (seq) => `altered ${seq}`,
    ],
    [
      "called something else in what the bytes are searched by",
      (entry) => ({ ...entry, kind: "mode" }),
      (seq) => `columns ${seq}`,
    ],
    [
      "said to be somebody else's",
      (entry) => ({ ...entry, bytes: rewrite(entry, { staff: ["x"] }) }),
      (seq) => `altered ${seq}`,
    ],
    ["of another time", (entry) => ({ ...entry, bytes: rewrite(entry, { at: 5 }), at: 5 }), (seq) => `altered ${seq}`],
  ];
  it.each(ways)("%s: named at its place, in the ledger and in an export", async (_, change, expected) => {
    for (const { seq } of deeds) {
      const left = changed((entry) => (entry.seq === seq ? change(entry) : entry));
      expect(faultsAt(await auditLedger(left, keys()))).toContain(expected(seq));
      const lines = await collect(exportLedger(left, { format: "ndjson", since: null }));
      const found = await auditExport(streamOf(lines.map((line) => toUtf8(line))), keys());
      expect(faultsAt(found)).toContain(expected(seq));
    }
  });

  it("the last ones cut off with their receipt: an earlier export names them", async () => {
    const last = deeds.at(-1)?.seq ?? 0;
    const left = { ...changed((entry) => (entry.seq >= last ? null : entry)), receipts: () => streamOf([]) };
    expect(faultsAt(await auditLedger(left, keys()))).toContain("unsigned 1");
    const heads = new Map([[`${id}/${toBase64url(epoch)}`, shift.entries.at(-1) as Head]]);
    expect(faultsAt(await auditLedger(left, keys(), heads))).toContain(`cut ${shift.entries.length}`);
  });

  it("every hash after it made anew: the terminal's checkpoint names it", async () => {
    for (const { seq } of deeds) {
      const entries: LedgerEntry[] = [];
      let head: Head | null = null;
      for await (const entry of ledger.entries(shift.chain)) {
        const bytes = entry.seq === seq ? rewrite(entry, { kind: "mode", mode: "serve", cause: "x" }) : entry.bytes;
        head = head === null || entry.seq < seq ? entry : await extendChain(head, bytes);
        entries.push({ ...entry, bytes, hash: head.hash, kind: entry.seq === seq ? "mode" : entry.kind });
      }
      const left = { ...ledger, entries: () => streamOf(entries) };
      expect(faultsAt(await auditLedger(left, keys()))).toContain(`checkpoint ${shift.entries.length}`);
    }
  });
});

describe("the console's queue", () => {
  it("has each of them, and what stands beside the bytes hides none", async () => {
    await office.counted(shift.entries.length);
    const seqs = deeds.map(({ seq }) => seq);
    expect((await office.queue()).map(({ of }) => of.seq).sort((a, b) => a - b)).toEqual(seqs);

    const other = await openConsole((own) => ({
      ...own,
      part: async (...asked) => (await own.part(...asked)).map((entry) => ({ ...entry, kind: "mode", at: null })),
    }));
    await other.send(shift);
    await other.counted(shift.entries.length);
    expect((await other.queue()).map(({ of }) => of.seq).sort((a, b) => a - b)).toEqual(seqs);
    await other.world.close();
  });

  it("has one that came after its terminal was revoked, one in a version that nobody knows, and one that names nothing", async () => {
    const own = await openConsole();
    const late = await createTerminal(id, key);
    const nothing = { terminal: id, epoch: toBase64url(epoch), seq: 999 };
    const override = { kind: "override", staff: ["x"], badges: [], factor: "badge", reason: "r", effect: "permit" };
    await late.write({ ...override, of: nothing } as never);
    await late.write({ ...override, v: 9, of: null } as never);
    await late.write({ kind: "annulled", staff: ["x"], of: "nothing at all" } as never);
    own.world.registry.putTerminal(rowOf({ revokedAt: 5 }));
    await own.send(late);
    await own.counted(3);
    expect((await own.queue()).map(({ of, state }) => [of.seq, state])).toEqual([
      [3, "open"],
      [2, "open"],
      [1, "open"],
    ]);
    expect((await listQuarantine(own.own)).counts).toMatchObject({ "after-revocation": 3, "no-such-entry": 3 });
    await own.world.close();
  });

  it("says how many stand in another history, which none of it has", async () => {
    const own = await openConsole();
    const first = await createTerminal(id, key, epoch);
    await first.write({ kind: "started", app: "1", newEpoch: true });
    await first.write({ kind: "mode", mode: "in-service", cause: "x" });
    await own.send(first);
    const second = await createTerminal(id, key, epoch);
    await second.write({ kind: "started", app: "1", newEpoch: true });
    for (const { seq } of deeds) second.entries.push(...(await copyOf(second, seq)));
    expect(await own.send(second)).toBe(409);
    await own.counted(2);
    expect(await own.queue()).toEqual([]);
    expect(await own.quarantine()).toMatchObject({
      overrides: deeds.length,
      rows: [{ cause: "fork", entries: deeds.length + 1, overrides: deeds.length }],
    });
    await own.world.close();
  });
});

/** The bytes of an entry of the shift, next in another chain. */
const copyOf = async (terminal: TestTerminal, seq: number) => {
  const entry = shift.entries[seq - 1];
  const head = terminal.entries.at(-1);
  if (entry === undefined || head === undefined) throw new Error("nothing to copy");
  return [{ ...entry, ...(await extendChain(head, entry.bytes)) }];
};
