import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createPostgresLedger } from "../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { evidenceMax } from "../edge-server/ledger-addition.ts";
import type { HeldChain, Ledger } from "../edge-server/ports.ts";
import { encodeBatch } from "../shared/batch.ts";
import { fromUtf8, toUtf8 } from "../shared/bytes.ts";
import { collect } from "./collect.ts";
import {
  append,
  arrivalOf,
  chainA,
  chainB,
  chainC,
  type Kept,
  keepEvidence,
  keepFork,
  makeEntries,
  makePersonal,
  receiptAt,
} from "./ledger-entries.ts";
import { type Cluster, runSql, startPostgres } from "./postgres.ts";

/** Where ledgers are kept: `make` names an empty one, `open` opens it as a server does, `run` does as one with all rights. */
type Place = {
  readonly make: () => Promise<string>;
  readonly open: (name: string) => Promise<Ledger>;
  readonly run: (name: string, sql: string) => Promise<void>;
};

/** What every ledger keeps. */
const testLedger = (name: string, place: () => Place, isThere = () => true) =>
  describe(`ledger contract: ${name}`, () => {
    let at: string;
    let ledger: Ledger;
    let opened: Ledger[];
    const openAgain = async (): Promise<Ledger> => {
      const another = await place().open(at);
      opened.push(another);
      return another;
    };
    beforeEach(async ({ skip }) => {
      if (!isThere()) return skip("no PostgreSQL");
      opened = [];
      at = await place().make();
      ledger = await openAgain();
      return async () => {
        for (const each of opened) await each.close();
      };
    });

    it("has no head, entries or chains before anything was added", async () => {
      expect(await ledger.head(chainA)).toBeNull();
      expect(await collect(ledger.entries(chainA))).toEqual([]);
      expect(await ledger.chains()).toEqual([]);
      expect(await ledger.count()).toBe(0);
    });

    it("gives back exactly what was added, in order of seq", async () => {
      const entries = await makeEntries(chainA, 3);
      expect(await append(ledger, chainA, entries)).toEqual({ kind: "settled", answer: 3 });
      expect(await collect(ledger.entries(chainA))).toEqual(
        entries.map((entry, index) => ({
          ...chainA,
          ...entry,
          at: 100 + index,
          kind: "started",
          receivedAt: 500,
          isAfterRevocation: false,
        })),
      );
      expect(await ledger.head(chainA)).toEqual({ seq: 3, hash: entries[2]?.hash });
      expect(await collect(ledger.receipts(chainA))).toEqual([receiptAt(3)]);
      expect(await ledger.count()).toBe(3);
    });

    it("gives everything of every chain, each in order of seq, as it was written and with what is personal", async () => {
      const [a, c] = [await makePersonal(chainA, 7), await makeEntries(chainC, 3)];
      await append(ledger, chainA, a.slice(0, 2));
      await append(ledger, chainC, c, { isAfterRevocation: true });
      await append(ledger, chainA, a.slice(2));
      const all = await collect(ledger.everything());
      for (const [chain, entries, isAfterRevocation] of [
        [chainA, a, false],
        [chainC, c, true],
      ] as const) {
        expect(all.filter((each) => each.chain.terminal === chain.terminal)).toEqual(
          entries.map(({ seq, bytes, at: written, kind, personal }) => ({
            ...{ chain, seq, text: fromUtf8(bytes), at: written, kind, isAfterRevocation },
            personal: personal?.text ?? null,
          })),
        );
      }
      expect(all).toHaveLength(10);
    });

    it("keeps terminals and epochs apart, by when they came", async () => {
      for (const [chain, receivedAt] of [
        [chainC, 500],
        [chainB, 500],
        [chainA, 501],
      ] as const) {
        await append(ledger, chain, await makeEntries(chain, 2), { receivedAt });
      }
      expect(await ledger.chains()).toEqual([chainB, chainC, chainA]);
      for (const chain of [chainA, chainB, chainC]) {
        const entries = await collect(ledger.entries(chain));
        expect(entries.map(({ terminal, epoch }) => ({ terminal, epoch }))).toEqual([chain, chain]);
        expect(await collect(ledger.receipts(chain))).toEqual([receiptAt(2, chain)]);
      }
      expect(await ledger.count()).toBe(6);
    });

    it("shows what it holds, around the places of the arrival", async () => {
      const entries = await makeEntries(chainA, 9);
      const hashes: unknown[] = [];
      const show = async ({ head, hashAt }: HeldChain) => {
        hashes.push(head, ...[3, 4, 5, 6, 7].map(hashAt));
        return { answer: null, addition: null };
      };
      await ledger.settle(arrivalOf(chainA, 4, 7), show);
      expect(hashes.splice(0)).toEqual([null, null, null, null, null, null]);
      await append(ledger, chainA, entries.slice(0, 6));
      await ledger.settle(arrivalOf(chainA, 4, 7), show);
      const held = entries.map(({ hash }) => hash);
      expect(hashes.splice(0)).toEqual([{ seq: 6, hash: held[5] }, held[2], held[3], held[4], held[5], null]);
      await append(ledger, chainA, entries);
      await ledger.settle(arrivalOf(chainA, 4, 7), show);
      expect(hashes).toEqual([{ seq: 9, hash: held[8] }, ...held.slice(2, 7)]);
      expect((await ledger.chains()).length).toBe(1);
    });

    it("leaves no trace of a judgement that adds nothing", async () => {
      await ledger.settle(arrivalOf(chainA, 1, 3), async () => ({ answer: "gap", addition: null }));
      expect([await ledger.chains(), await ledger.count()]).toEqual([[], 0]);
    });

    it("leaves alone what is already there", async () => {
      const entries = await makeEntries(chainA, 3);
      await append(ledger, chainA, entries.slice(0, 2));
      const before = await collect(ledger.entries(chainA));
      const later = { receivedAt: 900, isAfterRevocation: true };
      expect(await append(ledger, chainA, entries.slice(0, 2), later)).toMatchObject({ answer: 0 });
      await append(ledger, chainA, entries, later);
      const after = await collect(ledger.entries(chainA));
      expect(after.slice(0, 2)).toEqual(before);
      expect(after[2]).toMatchObject({ seq: 3, receivedAt: 900, isAfterRevocation: true });
      expect(await collect(ledger.receipts(chainA))).toEqual([receiptAt(2), receiptAt(3)]);
      await append(ledger, chainA, entries, later, { ...receiptAt(3), ack: toUtf8("another") });
      expect(await collect(ledger.receipts(chainA))).toEqual([receiptAt(2), receiptAt(3)]);
    });

    it("stores all of a batch or nothing, and nothing that does not follow", async () => {
      const entries = await makeEntries(chainA, 3);
      const [first, second, third] = entries as readonly [Kept, Kept, Kept];
      const settle = (added: readonly Kept[]) =>
        ledger.settle(arrivalOf(chainA, 1, 3), async () => ({
          answer: null,
          addition: { kind: "entries", entries: added, receipt: receiptAt(3) },
        }));
      const noBytes = null as unknown as Kept["bytes"];
      await expect(settle([first, { ...second, bytes: noBytes }])).rejects.toThrow();
      for (const wrong of [[second], [first, third], [first, first], [{ ...first, seq: 0 }]]) {
        await expect(settle(wrong)).rejects.toThrow("do not follow 0");
      }
      await expect(
        ledger.settle(arrivalOf(chainA, 1, 3), async () => {
          throw new Error("no key");
        }),
      ).rejects.toThrow("no key");
      expect([await ledger.count(), await ledger.chains()]).toEqual([0, []]);
      await settle(entries);
      await expect(settle([first])).rejects.toThrow("do not follow 3");
      expect(await ledger.count()).toBe(3);
    });

    it("keeps what is personal beside its entry, whatever text it is", async () => {
      const entries = await makeEntries(chainA, 4);
      const texts = ['{"item":"书"}', "", 'nul \0, quote ", \\ and {,}', "\ufeff NULL"];
      const salt = new Uint8Array(16).fill(7);
      const personal = entries.map((entry, index) => ({ ...entry, personal: { text: texts[index] ?? "", salt } }));
      await append(ledger, chainA, personal);
      const kept = await collect(ledger.entries(chainA));
      expect(kept.map((entry) => entry.personal?.text)).toEqual(texts);
      expect(kept.map((entry) => entry.personal?.salt)).toEqual(texts.map(() => salt));
    });

    it("keeps what is no transaction, or fits no column", async () => {
      const kinds = ["of the future", 'quote " \\ {,}', "NULL", "", "nul \0", "half \ud83c"];
      const strange = ["not JSON", '{"v":1,"at":1e300,"kind":"mode"}', ...kinds.map((kind) => textOf(kind))];
      const entries = await makeEntries(chainA, strange.length, strange);
      await append(ledger, chainA, entries);
      const kept = await collect(ledger.entries(chainA));
      expect(kept.map(({ bytes }) => bytes)).toEqual(strange.map(toUtf8));
      expect(kept.map(({ at, kind }) => ({ at, kind }))).toEqual([
        { at: null, kind: null },
        { at: null, kind: null },
        ...kinds.slice(0, 4).map((kind) => ({ at: 5, kind })),
        { at: null, kind: null },
        { at: null, kind: null },
      ]);
    });
    const textOf = (kind: string): string => JSON.stringify({ v: 1, at: 5, kind });

    it("takes a thousand entries at once, and streams them to two readers at a time", async () => {
      await append(ledger, chainA, await makeEntries(chainA, 1000));
      const [left, right] = [ledger.entries(chainA), ledger.entries(chainA)].map((each) =>
        each[Symbol.asyncIterator](),
      );
      for (let seq = 1; seq <= 1000; seq++) {
        expect((await left?.next())?.value?.seq).toBe(seq);
        expect((await right?.next())?.value?.seq).toBe(seq);
      }
      expect((await left?.next())?.done).toBe(true);
    });

    it("shows one moment in a snapshot", async () => {
      const entries = await makeEntries(chainA, 4);
      await append(ledger, chainA, entries.slice(0, 2));
      const snapshot = await ledger.snapshot();
      await append(ledger, chainA, entries);
      await append(ledger, chainB, await makeEntries(chainB, 1));
      await keepFork(ledger, chainA, 1, "a batch");
      expect(await snapshot.chains()).toEqual([chainA]);
      expect((await collect(snapshot.entries(chainA))).map(({ seq }) => seq)).toEqual([1, 2]);
      expect(await collect(snapshot.receipts(chainA))).toEqual([receiptAt(2)]);
      expect(await collect(snapshot.forks())).toEqual([]);
      await snapshot.close();
      expect((await collect(ledger.entries(chainA))).length).toBe(4);
    });

    it("keeps the first evidence of a fork, all of them in the order in which they came", async () => {
      await append(ledger, chainA, await makeEntries(chainA, 9));
      await keepFork(ledger, chainA, 4, "a batch", 700);
      await keepFork(ledger, chainA, 4, "the same, longer", 800);
      for (let seq = 30; seq > 10; seq--) await keepFork(ledger, chainC, seq, "others", 600);
      const forks = await collect(ledger.forks());
      expect(forks.at(-1)).toEqual({ ...chainA, seq: 4, batch: toUtf8("a batch"), receivedAt: 700 });
      expect(forks.slice(0, -1).map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => 11 + i));
    });

    it("keeps what else a terminal signed once, and a gap only where a chain has forked", async () => {
      await append(ledger, chainA, await makeEntries(chainA, 9));
      await keepEvidence(ledger, chainA, 12, "not yet forked", "gap");
      await keepEvidence(ledger, chainA, 5, "altered", "altered", 600);
      await keepFork(ledger, chainA, 4, "a batch", 700);
      await keepFork(ledger, chainA, 4, "a batch", 701);
      await keepFork(ledger, chainA, 4, "the same, longer", 800);
      await keepFork(ledger, chainA, 4, "the same, longer", 801);
      await keepEvidence(ledger, chainA, 12, "what came after", "gap", 900);
      await keepEvidence(ledger, chainB, 12, "of another chain", "gap", 900);
      const kept = [
        { seq: 5, cause: "altered", text: "altered", receivedAt: 600 },
        { seq: 4, cause: "fork", text: "the same, longer", receivedAt: 800 },
        { seq: 12, cause: "gap", text: "what came after", receivedAt: 900 },
      ].map(({ text, ...each }) => ({ ...chainA, ...each, hash: toUtf8(text).slice(0, 32), batch: toUtf8(text) }));
      expect(await collect(ledger.evidence())).toEqual(kept);
      expect(await collect(ledger.forks())).toHaveLength(1);
      expect(await ledger.count()).toBe(9);
    });

    it("has what stands at each of many places, with what is personal, and null where nothing does", async () => {
      await append(ledger, chainA, await makePersonal(chainA, 3));
      await append(ledger, chainB, await makeEntries(chainB, 2));
      const places = [
        { ...chainB, seq: 2 },
        { ...chainA, seq: 4 },
        { ...chainC, seq: 1 },
        { ...chainA, seq: 1 },
        { ...chainB, seq: 2 },
        { terminal: "gate-1", epoch: new Uint8Array(0), seq: 1 },
      ];
      const found = await ledger.at(places);
      const [last] = await ledger.part(chainB, 1, 9);
      const [first] = await ledger.part(chainA, 0, 1);
      expect(first?.personal?.text).toBe('{"item":"1"}');
      expect(found).toEqual([last, null, null, first, last, null]);
      expect(await ledger.at([])).toEqual([]);
    });

    it("sums up what it keeps and does not believe, and lists the newest, without the batches", async () => {
      expect(await ledger.doubts(9)).toEqual({ sums: [], newest: [] });
      await append(ledger, chainA, await makeEntries(chainA, 1));
      const stamp = { v: 1, at: 1, boot: "b", clock: "device" };
      const release = { bytes: toUtf8(JSON.stringify({ ...stamp, kind: "release" })), personal: null };
      const entries = [...(await makeEntries(chainB, 2)), release];
      const batch = encodeBatch({ epoch: chainB.epoch, from: 1, entries, checkpoint: toUtf8("signed") });
      const addition = { kind: "evidence", cause: "fork", seq: 1, hash: batch.slice(0, 32), batch } as const;
      const arrival = arrivalOf(chainB, 1, 3, { receivedAt: 650 });
      await ledger.settle(arrival, async () => ({ answer: null, addition }));
      await keepFork(ledger, chainA, 4, "no batch", 700);
      await keepEvidence(ledger, chainA, 5, "altered", "altered", 600);
      await keepEvidence(ledger, chainA, 6, "altered again", "altered", 800);
      expect((await ledger.doubts(9)).sums).toEqual([
        { cause: "altered", batches: 2, entries: 2, overrides: 0 },
        { cause: "fork", batches: 2, entries: 4, overrides: 1 },
      ]);
      expect((await ledger.doubts(3)).newest).toEqual([
        { ...chainA, seq: 6, cause: "altered", receivedAt: 800, entries: 1, overrides: 0 },
        { ...chainA, seq: 4, cause: "fork", receivedAt: 700, entries: 1, overrides: 0 },
        { ...chainB, seq: 1, cause: "fork", receivedAt: 650, entries: 3, overrides: 1 },
      ]);
    });

    it("keeps only so much evidence of one terminal, says that it is full, and goes on keeping that of others", async () => {
      const { batches } = evidenceMax;
      for (let seq = 1; seq < batches; seq++) await keepEvidence(ledger, chainA, seq, `batch ${seq}`, "altered", seq);
      await keepFork(ledger, chainB, 1, "the last one", batches);
      for (const seq of [1, 2]) await keepFork(ledger, chainB, 10 + seq, "too much", batches + seq);
      await keepEvidence(ledger, chainA, 9999, "too much", "altered", batches + 3);
      await keepEvidence(ledger, chainC, 1, "another terminal's", "altered", batches + 4);
      const kept = await collect(ledger.evidence());
      expect(kept.slice(batches - 1)).toEqual([
        { ...chainB, seq: 11, hash: toUtf8("too much"), cause: "full", batch: toUtf8(""), receivedAt: batches + 1 },
        expect.objectContaining({ terminal: "gate-2", cause: "altered" }),
      ]);
      expect((await collect(ledger.forks())).map(({ batch }) => batch)).toEqual([toUtf8("the last one")]);
    });

    it("keeps only so many bytes of evidence of one terminal", async () => {
      const large = "x".repeat(evidenceMax.bytes / 4);
      for (const seq of [1, 2, 3, 4, 5]) await keepEvidence(ledger, chainA, seq, large, "altered", seq);
      const kept = await collect(ledger.evidence());
      expect(kept.map(({ cause }) => cause)).toEqual(["altered", "altered", "altered", "altered", "full"]);
    });

    it("erases what is personal with a record of it, and nothing else", async () => {
      const entries = await makePersonal(chainA, 5);
      await append(ledger, chainA, entries);
      await append(ledger, chainB, await makePersonal(chainB, 5), { receivedAt: 501 });
      expect(await ledger.personal(chainA, 2, 2)).toEqual([
        { seq: 3, text: '{"item":"3"}', receivedAt: 500 },
        { seq: 4, text: '{"item":"4"}', receivedAt: 500 },
      ]);
      const record = { at: 900, cause: "pseudonym", by: "somebody" } as const;
      expect(await ledger.erase(chainA, [2, 4, 99], record)).toBe(2);
      expect(await ledger.erase(chainA, [2, 4], { ...record, at: 901 })).toBe(0);
      expect(await ledger.erase(chainB, [1], { ...record, at: 902, cause: "entry" })).toBe(1);
      expect((await ledger.personal(chainA, 0, 9)).map(({ seq }) => seq)).toEqual([1, 3, 5]);
      expect(await collect(ledger.erasures())).toEqual([
        { terminal: "gate-1", ...record, entries: 2 },
        { terminal: "gate-1", ...record, at: 902, cause: "entry", entries: 1 },
      ]);
      await append(ledger, chainA, entries); // sent again: known entries add nothing
      const kept = await collect(ledger.entries(chainA));
      expect(kept.map(({ personal }) => personal === null)).toEqual([false, true, false, true, false]);
      expect(kept.map(({ hash }) => hash)).toEqual(entries.map(({ hash }) => hash));
    });

    it("erases once and records once, whichever of two servers does it at once", async () => {
      const other = await openAgain();
      await append(ledger, chainA, await makePersonal(chainA, 40));
      const seqs = Array.from({ length: 40 }, (_, index) => index + 1);
      const record = { at: 900, cause: "age", by: "server" } as const;
      const erasing = [ledger, other, ledger, other].map((server, index) =>
        server.erase(chainA, index % 2 === 0 ? seqs : seqs.slice(10), record),
      );
      expect((await Promise.all(erasing)).reduce((sum, each) => sum + each, 0)).toBe(40);
      const recorded = await collect(ledger.erasures());
      expect(recorded.reduce((sum, { entries }) => sum + entries, 0)).toBe(40);
      expect(await ledger.personal(chainA, 0, 9)).toEqual([]);
    });

    it("erases all or nothing of a step", async () => {
      await append(ledger, chainA, await makePersonal(chainA, 3));
      const noName = { at: 900, cause: "age", by: null as unknown as string } as const;
      await expect(ledger.erase(chainA, [1, 2], noName)).rejects.toThrow();
      expect(await ledger.personal(chainA, 0, 9)).toHaveLength(3);
      expect(await collect(ledger.erasures())).toEqual([]);
    });

    it("refuses to change or delete what was recorded, to whomever", async () => {
      await append(ledger, chainA, await makePersonal(chainA, 1));
      await keepFork(ledger, chainA, 1, "a batch");
      await keepFork(ledger, chainA, 1, "more of it");
      await ledger.erase(chainA, [1], { at: 900, cause: "age", by: "server" });
      for (const table of ["chain", "entry", "receipt", "fork", "evidence", "erasure"]) {
        const changes = [`UPDATE ${table} SET terminal = 'x'`, `DELETE FROM ${table}`];
        for (const sql of changes)
          await expect(place().run(at, sql), sql).rejects.toThrow("nothing recorded is edited");
      }
      expect(await collect(ledger.entries(chainA))).toHaveLength(1);
    });

    it("is whole when what is personal was erased, which does not come back by being sent again", async () => {
      const salt = new Uint8Array(16).fill(7);
      const entries = (await makeEntries(chainA, 3)).map((entry) => ({ ...entry, personal: { text: "{}", salt } }));
      await append(ledger, chainA, entries.slice(0, 2));
      await place().run(at, "DELETE FROM personal WHERE seq = 1");
      await append(ledger, chainA, entries);
      const kept = await collect(ledger.entries(chainA));
      expect(kept.map(({ personal }) => personal === null)).toEqual([true, false, false]);
      expect(kept.map(({ hash }) => hash)).toEqual(entries.map(({ hash }) => hash));
    });

    it("has everything after it was closed and opened again", async () => {
      await append(ledger, chainA, await makeEntries(chainA, 3));
      const before = await collect(ledger.entries(chainA));
      await opened.pop()?.close();
      const again = await openAgain();
      expect(await collect(again.entries(chainA))).toEqual(before);
      expect(await collect(again.receipts(chainA))).toEqual([receiptAt(3)]);
    });

    it("is one chain, whichever of two servers a terminal sends to at once", async () => {
      const other = await openAgain();
      const entries = await makeEntries(chainA, 60);
      const sends = Array.from({ length: 24 }, (_, index) => {
        const [server, to] = [index % 2 === 0 ? ledger : other, 5 * (1 + (index >> 1))];
        return append(server, chainA, entries.slice(0, to));
      });
      const settled = await Promise.all(sends);
      expect(settled.reduce((sum, each) => sum + (each.kind === "settled" ? each.answer : 0), 0)).toBe(60);
      const kept = await collect(ledger.entries(chainA));
      expect(kept.map(({ seq, hash }) => ({ seq, hash }))).toEqual(entries.map(({ seq, hash }) => ({ seq, hash })));
    });

    it("never forks, when two histories come to two servers at once", async () => {
      const other = await openAgain();
      const histories = [await makeEntries(chainA, 20), await makeEntries(chainA, 20, Array(20).fill("another"))];
      let judged = 0;
      const settle = (server: Ledger, entries: readonly Kept[]) =>
        server.settle(arrivalOf(chainA, 1, 20), async ({ head, hashAt }) => {
          judged += 1;
          const isHeld = head !== null && entries.some(({ seq, hash }) => String(hashAt(seq)) !== String(hash));
          await new Promise((resolve) => setTimeout(resolve, 20)); // the other one is judging meanwhile, or waits
          return isHeld
            ? {
                answer: "fork",
                addition: {
                  kind: "evidence",
                  cause: "fork",
                  seq: 1,
                  hash: new Uint8Array(32),
                  batch: toUtf8("evidence"),
                },
              }
            : { answer: "kept", addition: { kind: "entries", entries, receipt: receiptAt(20) } };
        });
      const answers = await Promise.all([settle(ledger, histories[0] ?? []), settle(other, histories[1] ?? [])]);
      expect(answers.map((each) => (each.kind === "settled" ? each.answer : each.cause)).toSorted()).toEqual([
        "fork",
        "kept",
      ]);
      expect(judged).toBeLessThanOrEqual(3);
      const hashes = (await collect(ledger.entries(chainA))).map(({ hash }) => hash);
      expect(histories.map((each) => each.map(({ hash }) => hash))).toContainEqual(hashes);
      expect(await collect(ledger.forks())).toHaveLength(1);
    });
  });

const folder = mkdtempSync(join(tmpdir(), "greenlane-ledger-"));
vi.setConfig({ testTimeout: 60_000 }); // a database that starts again takes its time on a busy machine

let cluster: Cluster | null;
beforeAll(async () => {
  cluster = await startPostgres(["fsync=off"]);
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await cluster?.stop();
}, 60_000);

let number = 0;
testLedger("SQLite", () => ({
  make: async () => join(folder, `${++number}.sqlite`),
  open: async (path) => createSqliteLedger(path),
  run: async (path, sql) => {
    const database = new DatabaseSync(path);
    try {
      database.exec(sql);
    } finally {
      database.close();
    }
  },
}));
testLedger(
  "PostgreSQL",
  () => ({
    make: async () => (await cluster?.addDatabase()) ?? "",
    open: (url) => createPostgresLedger(url),
    run: runSql,
  }),
  () => cluster !== null,
);
