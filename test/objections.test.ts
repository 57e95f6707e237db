import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { auditExport, auditLedger } from "../edge-server/audit.ts";
import { erasePersonal } from "../edge-server/erasure.ts";
import { exportLedger } from "../edge-server/export.ts";
import { createObjectionBook, type ObjectionBook, objectionRef, openMax } from "../edge-server/objections.ts";
import type { Ledger, LedgerReader } from "../edge-server/ports.ts";
import { openAllRoots } from "../edge-server/root-chain.ts";
import { type Bytes, fromUtf8, toBase64url, toUtf8 } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { extendChain, genesisOf } from "../shared/log.ts";
import { objectionChain } from "../shared/objection.ts";
import type { Root } from "../shared/root.ts";
import { signRoot } from "../shared/root.ts";
import { signStatement } from "../shared/sync.ts";
import { collect, streamOf } from "./collect.ts";
import { append, chainA, makeEntries } from "./ledger-entries.ts";
import { type Cluster, startPostgres } from "./postgres.ts";
import { drawKey } from "./sample.ts";

const folder = mkdtempSync(join(tmpdir(), "objections-"));
let cluster: Cluster | null;
let edge: SigningKey;
let roots: readonly Root[];

beforeAll(async () => {
  const root = await drawKey();
  edge = await drawKey("P-256");
  const jwks = { roots: [{ jwk: root.jwk }], publishers: [{ jwk: (await drawKey()).jwk }], edges: [{ jwk: edge.jwk }] };
  roots = await openAllRoots(await signRoot({ v: 1, version: 1, threshold: 1, ...jwks }, [root]), []);
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await cluster?.stop();
});

const about = { terminal: "gate-1", epoch: toBase64url(chainA.epoch), seq: 2 };
const another = { ...about, seq: 3 };
const secretOf = (byte: number): Bytes => new Uint8Array(15).fill(byte);
const asked = (secret: Bytes, changes: object = {}) => ({
  ...{ of: about, secret, text: "为什么？ <script>alert('1')</script> \0 \ud800", pseudonym: null },
  ...changes,
});
const given = (number: number, by = "lin.mei") => ({
  ...{ number, by, outcome: "corrected" as const, text: "So it is: the deposit was held in error." },
});

let number = 0;
const places: readonly (readonly [string, () => Promise<string>, (at: string) => Promise<Ledger>])[] = [
  ["SQLite", async () => join(folder, `${++number}.sqlite`), async (at) => createSqliteLedger(at)],
  ["PostgreSQL", async () => (await cluster?.addDatabase()) ?? "", (at) => createPostgresLedger(at)],
];

describe.each(places)("the book of objections on %s", (name, make, open) => {
  let ledger: Ledger;
  let other: Ledger;
  let book: ObjectionBook;
  let beside: ObjectionBook;
  const bookOn = (on: Ledger) => createObjectionBook({ ledger: on, edgeKey: async () => edge });

  beforeEach(async ({ skip }) => {
    if (name === "PostgreSQL" && cluster === null) return skip("no PostgreSQL");
    const at = await make();
    [ledger, other] = [await open(at), await open(at)];
    [book, beside] = [bookOn(ledger), bookOn(other)];
    await append(ledger, chainA, await makeEntries(chainA, 9));
    return async () => {
      for (const each of [ledger, other]) await each.close();
    };
  });

  it("keeps a case with its answer, and gives both back to whoever has its secret", async () => {
    expect(await book.open(asked(secretOf(1)), 500)).toEqual({ kind: "opened" });
    const found = await book.find(about, secretOf(1));
    expect(found).toMatchObject({ number: 1, at: 500, of: about, isOwn: false, answer: null });
    expect(await book.said(1)).toBe("为什么？ <script>alert('1')</script> \0 \ud800");
    expect(await book.find(another, secretOf(1))).toBeNull();
    expect(await book.find(about, secretOf(2))).toBeNull();
    expect(await book.answer(given(1), 600)).toEqual({ kind: "answered" });
    const answer = { number: 2, at: 600, by: "lin.mei", outcome: "corrected" };
    expect(await book.find(about, secretOf(1))).toMatchObject({ answer });
    expect(await book.said(2)).toBe("So it is: the deposit was held in error.");
  });

  it("has nothing in it that opens a case: of the secret, the hash alone", async () => {
    await book.open(asked(secretOf(0x41)), 500);
    const [entry] = await ledger.part(objectionChain, 0, 1);
    const all = `${fromUtf8(entry?.bytes ?? new Uint8Array(0))} ${entry?.personal?.text}`;
    expect(all).not.toContain("A".repeat(15));
    expect(all).not.toContain(toBase64url(secretOf(0x41)));
    expect(fromUtf8(entry?.bytes ?? new Uint8Array(0))).not.toContain("script");
  });

  it("answers a case once, whoever is faster, and no case that is not there", async () => {
    await book.open(asked(secretOf(1)), 500);
    const answers = await Promise.all([book.answer(given(1, "lin.mei"), 600), beside.answer(given(1, "wang.li"), 600)]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(["answered", "answered-before"]);
    expect(await book.answer(given(1), 700)).toEqual({ kind: "answered-before" });
    for (const none of [0, 2, 3, 99]) expect(await book.answer(given(none), 700)).toEqual({ kind: "not-there" });
    expect(await ledger.head(objectionChain)).toMatchObject({ seq: 2 });
  });

  it("goes on with one chain, whichever server writes, and starts with what is there", async () => {
    const opened = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? book : beside).open(
          asked(secretOf(index), { of: { ...about, seq: index + 1 } }),
          500 + index,
        ),
      ),
    );
    expect(opened.every(({ kind }) => kind === "opened")).toBe(true);
    const later = bookOn(other);
    expect((await later.list(null, 1e9, 50)).map((each) => each.number)).toEqual([
      12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
    ]);
    expect((await later.list("open", 6, 2)).map((each) => each.number)).toEqual([5, 4]);
    await later.answer(given(5), 600);
    expect((await book.list("answered", 1e9, 9)).map((each) => each.number)).toEqual([5]);
    expect([book.openCount(), later.openCount()]).toEqual([11, 11]);
    expect(await ledger.chains()).toHaveLength(2);
  });

  it("takes only so many that are open about one entry; who it is about has places of their own", async () => {
    for (let byte = 1; byte <= openMax.ofEntry; byte++) await book.open(asked(secretOf(byte)), 500);
    expect(await book.open(asked(secretOf(9)), 500)).toEqual({ kind: "too-many" });
    expect(await beside.open(asked(secretOf(9)), 500)).toEqual({ kind: "too-many" });
    expect(await book.open(asked(secretOf(9), { of: another }), 500)).toEqual({ kind: "opened" });
    const pseudonym = { value: "someone", key: 1 };
    expect(await book.open(asked(secretOf(10), { pseudonym }), 500)).toEqual({ kind: "opened" });
    expect(await book.find(about, secretOf(10))).toMatchObject({ isOwn: true });
    await book.answer(given(1), 600);
    expect(await book.open(asked(secretOf(11)), 700)).toEqual({ kind: "opened" });
  });

  it("takes only so many that are open by codes alone, and goes on taking those of phones", async () => {
    const small = createObjectionBook({ ledger, edgeKey: async () => edge }, { ofEntry: 3, ofAll: 2 });
    const about = (seq: number) => ({ of: { terminal: "gate-1", epoch: toBase64url(chainA.epoch), seq } });
    for (const seq of [1, 2])
      expect(await small.open(asked(secretOf(seq), about(seq)), 500)).toEqual({ kind: "opened" });
    expect(await small.open(asked(secretOf(3), about(3)), 500)).toEqual({ kind: "too-many" });
    const pseudonym = { value: "someone", key: 1 };
    expect(await small.open(asked(secretOf(4), { ...about(3), pseudonym }), 500)).toEqual({ kind: "opened" });
    expect(await small.open(asked(secretOf(5), about(4)), 500)).toEqual({ kind: "too-many" });
    await small.answer(given(1), 600);
    expect(await small.open(asked(secretOf(5), about(4)), 700)).toEqual({ kind: "opened" });
  });

  const keys = () => ({ roots, registry: null });
  const faultsOf = async (reader: LedgerReader) => {
    const { problems } = await auditLedger(reader, keys());
    return problems.filter(({ where }) => where.startsWith("edge.objections")).map(({ fault }) => fault);
  };

  it("is audited with the ledger and in an export: signed by the edge, every answer the first to its objection", async () => {
    await book.open(asked(secretOf(1)), 500);
    await book.answer(given(1), 600);
    const audit = await auditLedger(ledger, keys());
    expect(audit.problems.filter(({ where }) => !where.startsWith("gate-1"))).toEqual([]);
    expect(audit.checkpoints).toMatchObject({ good: 2 });
    expect(audit.acks).toMatchObject({ good: 2 });
    const lines = (await collect(exportLedger(ledger, { format: "ndjson", since: null }))).filter((line) =>
      line.includes("edge.objections"),
    );
    expect(lines.map((line) => JSON.parse(line).transaction)).toMatchObject([
      { kind: "objection", of: about, isOwn: false },
      { kind: "answer", of: { ...objectionRef, seq: 1 }, by: "lin.mei", outcome: "corrected" },
    ]);
    expect(lines.join()).not.toContain("deposit was held");
    const exported = await auditExport(streamOf(lines.map(toUtf8)), keys());
    expect(exported.problems).toEqual([]);
    expect(exported.checkpoints).toEqual({ good: 2, bad: 0, unknown: 0 });
    expect((await auditLedger(ledger, { roots: [], registry: null })).checkpoints).toMatchObject({ good: 0, bad: 0 });
  });

  it("shows what was altered, cut off, or signed by somebody else", async () => {
    await book.open(asked(secretOf(1)), 500);
    await book.answer(given(1), 600);
    const altered = (change: (bytes: string) => string): LedgerReader => ({
      ...ledger,
      entries: async function* (chain) {
        for await (const entry of ledger.entries(chain)) {
          yield { ...entry, bytes: toUtf8(change(fromUtf8(entry.bytes) ?? "")) };
        }
      },
    });
    expect(await faultsOf(altered((bytes) => bytes.replace("corrected", "stands")))).toContain("altered");
    const cut: LedgerReader = {
      ...ledger,
      entries: async function* (chain) {
        for await (const entry of ledger.entries(chain)) if (entry.seq < 2 || entry.terminal === "gate-1") yield entry;
      },
    };
    expect(await faultsOf(cut)).toContain("cut");
    const stranger = createObjectionBook({ ledger, edgeKey: () => drawKey("P-256") });
    await stranger.open(asked(secretOf(2)), 700);
    expect(await faultsOf(ledger)).toEqual(["checkpoint", "ack"]);
  });

  it("names an answer too many, an answer to nothing, and a case in a terminal's log", async () => {
    await book.open(asked(secretOf(1)), 500);
    await book.answer(given(1), 600);
    let head = (await ledger.head(objectionChain)) ?? (await genesisOf(objectionChain));
    const forge = async (seq: number): Promise<void> => {
      const answer = { kind: "answer", of: { ...objectionRef, seq }, by: "nobody", outcome: "stands" };
      const bytes = toUtf8(JSON.stringify({ v: 1, at: 700, boot: "", clock: "device", ...answer }));
      head = await extendChain(head, bytes);
      const said = { ...objectionChain, ...head, at: 700 };
      const receipt = {
        checkpoint: await signStatement("checkpoint", said, edge),
        ack: await signStatement("ack", said, edge),
      };
      await append(ledger, objectionChain, [{ ...head, bytes, personal: null, at: 700, kind: "answer" }], {}, receipt);
    };
    await forge(1);
    await forge(77);
    expect(await faultsOf(ledger)).toEqual(["objection", "objection"]);
    expect(await book.at(1)).toMatchObject({ answer: { by: "lin.mei" } });
    const text = JSON.stringify({ v: 1, at: 1, kind: "objection", of: about, secret: "0".repeat(64), isOwn: false });
    await append(
      ledger,
      { ...chainA, terminal: "gate-9" },
      await makeEntries({ ...chainA, terminal: "gate-9" }, 1, [text]),
    );
    const { problems } = await auditLedger(ledger, keys());
    expect(problems.filter(({ fault }) => fault === "objection").at(-1)?.where).toContain("gate-9");
  });

  it("forgets what was said when it is erased, and stays whole", async () => {
    await book.open(asked(secretOf(1), { pseudonym: { value: "someone", key: 1 } }), 500);
    await book.answer(given(1), 600);
    expect(await erasePersonal(ledger, { kind: "pseudonym", pseudonym: "someone" }, { at: 900, by: "test" })).toBe(1);
    expect([await book.said(1), await book.said(2)]).toEqual([null, given(1).text]);
    expect(await book.find(about, secretOf(1))).toMatchObject({ isOwn: true, answer: { outcome: "corrected" } });
    expect(await faultsOf(ledger)).toEqual([]);
  });

  it("stops, and says so, where the ledger has less than was read of it", async () => {
    await book.open(asked(secretOf(1)), 500);
    const emptied = createObjectionBook({
      ledger: { part: async (chain, seq, max) => (seq > 0 ? [] : ledger.part(chain, seq, max)), settle: ledger.settle },
      edgeKey: async () => edge,
    });
    await emptied.readOn();
    await book.open(asked(secretOf(2)), 500);
    expect(await emptied.open(asked(secretOf(3)), 500)).toMatchObject({ kind: "unavailable" });
  });
});
