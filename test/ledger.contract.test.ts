import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import type { Ledger, Receipt } from "../edge-server/ports.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { type Chain, type Entry, extendChain, genesisOf } from "../shared/log.ts";

/** What every ledger keeps. `open` opens an empty one; `reopen` the one just closed, as a new start would. */
const testLedger = (name: string, open: () => Ledger, reopen: () => Ledger) =>
  describe(`ledger contract: ${name}`, () => {
    let ledger: Ledger;
    beforeEach(() => {
      ledger = open();
      return () => ledger.close();
    });

    it("has no head, entries or chains before anything was appended", () => {
      expect(ledger.head(chainA)).toBeNull();
      expect(ledger.hashAt(chainA, 1)).toBeNull();
      expect([...ledger.entries(chainA)]).toEqual([]);
      expect(ledger.chains()).toEqual([]);
      expect(ledger.count()).toBe(0);
    });

    it("gives back exactly what was appended, in order of seq", async () => {
      const entries = await makeEntries(chainA, 3);
      ledger.append(chainA, entries, receiptAt(3), 500, false);
      expect([...ledger.entries(chainA)]).toEqual(
        entries.map((entry, index) => ({
          ...chainA,
          ...entry,
          at: 100 + index,
          kind: "started",
          receivedAt: 500,
          isAfterRevocation: false,
        })),
      );
      expect(ledger.head(chainA)).toEqual({ seq: 3, hash: entries[2]?.hash });
      expect(ledger.hashAt(chainA, 2)).toEqual(entries[1]?.hash);
      expect(ledger.hashAt(chainA, 4)).toBeNull();
      expect([...ledger.receipts(chainA)]).toEqual([receiptAt(3)]);
      expect(ledger.count()).toBe(3);
    });

    it("keeps terminals and epochs apart", async () => {
      for (const chain of [chainA, chainB, chainC]) {
        ledger.append(chain, await makeEntries(chain, 2), receiptAt(2, chain), 500, false);
      }
      expect(ledger.chains()).toEqual([chainA, chainB, chainC]);
      for (const chain of [chainA, chainB, chainC]) {
        expect([...ledger.entries(chain)].map(({ terminal, epoch }) => ({ terminal, epoch }))).toEqual([chain, chain]);
        expect([...ledger.receipts(chain)]).toEqual([receiptAt(2, chain)]);
      }
      expect(ledger.count()).toBe(6);
    });

    it("leaves alone what is already there", async () => {
      const entries = await makeEntries(chainA, 3);
      ledger.append(chainA, entries.slice(0, 2), receiptAt(2), 500, false);
      const before = [...ledger.entries(chainA)];
      ledger.append(chainA, entries, { ...receiptAt(2), ack: toUtf8("another") }, 900, true);
      const after = [...ledger.entries(chainA)];
      expect(after.slice(0, 2)).toEqual(before);
      expect(after[2]).toMatchObject({ seq: 3, receivedAt: 900, isAfterRevocation: true });
      expect([...ledger.receipts(chainA)]).toEqual([receiptAt(2)]);
    });

    it("stores all of a batch or nothing", async () => {
      const [first, second] = await makeEntries(chainA, 2);
      if (first === undefined || second === undefined) throw new Error("two entries");
      const broken = { ...second, seq: 0 };
      expect(() => ledger.append(chainA, [first, broken], receiptAt(2), 500, false)).toThrow();
      expect(ledger.count()).toBe(0);
      expect(ledger.chains()).toEqual([]);
      ledger.append(chainA, [first, second], receiptAt(2), 500, false);
      expect(ledger.count()).toBe(2);
    });

    it("keeps what is personal beside its entry, and what is no transaction all the same", async () => {
      const strange = ["not JSON", '{"v":1,"at":1e300,"kind":"mode"}', '{"v":1,"at":5,"kind":"of the future"}'];
      const [one, two, three] = await makeEntries(chainA, 3, strange);
      const personal = { text: '{"item":"书"}', salt: new Uint8Array(16).fill(7) };
      if (one === undefined || two === undefined || three === undefined) throw new Error("three entries");
      ledger.append(chainA, [{ ...one, personal }, two, three], receiptAt(3), 500, false);
      expect([...ledger.entries(chainA)].map(({ at, kind, personal }) => ({ at, kind, personal }))).toEqual([
        { at: null, kind: null, personal },
        { at: null, kind: null, personal: null },
        { at: 5, kind: "of the future", personal: null },
      ]);
    });

    it("takes a thousand entries at once, and streams them to two readers at a time", async () => {
      const entries = await makeEntries(chainA, 1000);
      ledger.append(chainA, entries, receiptAt(1000), 500, false);
      const [left, right] = [ledger.entries(chainA), ledger.entries(chainA)].map((each) => each[Symbol.iterator]());
      for (let seq = 1; seq <= 1000; seq++) {
        expect(left?.next().value?.seq).toBe(seq);
        expect(right?.next().value?.seq).toBe(seq);
      }
      expect(left?.next().done).toBe(true);
    });

    it("keeps the first evidence of a fork", () => {
      const fork = { ...chainA, seq: 4, batch: toUtf8("a batch"), receivedAt: 700 };
      ledger.keepFork(fork);
      ledger.keepFork({ ...fork, batch: toUtf8("the same, longer"), receivedAt: 800 });
      ledger.keepFork({ ...fork, seq: 9 });
      expect([...ledger.forks()]).toEqual([fork, { ...fork, seq: 9 }]);
    });

    it("has everything after it was closed and opened again", async () => {
      ledger.append(chainA, await makeEntries(chainA, 3), receiptAt(3), 500, false);
      const before = [...ledger.entries(chainA)];
      ledger.close();
      ledger = reopen();
      expect([...ledger.entries(chainA)]).toEqual(before);
      expect([...ledger.receipts(chainA)]).toEqual([receiptAt(3)]);
    });
  });

const chainA: Chain = { terminal: "gate-1", epoch: new Uint8Array(16).fill(1) };
const chainB: Chain = { terminal: "gate-1", epoch: new Uint8Array(16).fill(2) };
const chainC: Chain = { terminal: "gate-2", epoch: new Uint8Array(16).fill(1) };

const makeEntries = async (chain: Chain, count: number, texts: readonly string[] = []): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  let head = await genesisOf(chain);
  for (let index = 0; index < count; index++) {
    const bytes = toUtf8(texts[index] ?? JSON.stringify({ v: 1, at: 100 + index, kind: "started" }));
    head = await extendChain(head, bytes);
    entries.push({ ...head, bytes, personal: null });
  }
  return entries;
};

const receiptAt = (seq: number, chain: Chain = chainA): Receipt => ({
  ...chain,
  seq,
  checkpoint: toUtf8(`checkpoint ${seq}`),
  ack: toUtf8(`ack ${seq}`),
});

const folder = mkdtempSync(join(tmpdir(), "greenlane-ledger-"));
afterAll(() => rmSync(folder, { recursive: true }));
let number = 0;
testLedger(
  "SQLite",
  () => createSqliteLedger(join(folder, `${++number}.sqlite`)),
  () => createSqliteLedger(join(folder, `${number}.sqlite`)),
);

describe("the ledger on SQLite", () => {
  const path = join(folder, "tables.sqlite");
  const openTables = async (): Promise<DatabaseSync> => {
    const ledger = createSqliteLedger(path);
    const [entry] = await makeEntries(chainA, 1);
    if (entry === undefined) throw new Error("one entry");
    const personal = { text: "{}", salt: new Uint8Array(16) };
    ledger.append(chainA, [{ ...entry, personal }], receiptAt(1), 500, false);
    ledger.keepFork({ ...chainA, seq: 1, batch: toUtf8("a batch"), receivedAt: 700 });
    ledger.close();
    return new DatabaseSync(path);
  };

  it("refuses to change or delete what was recorded, but for what is personal", async () => {
    const database = await openTables();
    for (const table of ["chain", "entry", "receipt", "fork"]) {
      expect(() => database.exec(`UPDATE ${table} SET terminal = 'x'`)).toThrow("nothing recorded is edited");
      expect(() => database.exec(`DELETE FROM ${table}`)).toThrow("nothing recorded is edited");
    }
    database.exec("DELETE FROM personal");
    database.close();
    const ledger = createSqliteLedger(path);
    expect([...ledger.entries(chainA)].map(({ personal }) => personal)).toEqual([null]);
    ledger.close();
  });

  it("does not take back what was erased when it is sent again", async () => {
    const ledger = createSqliteLedger(join(folder, "erased.sqlite"));
    const entries = await makeEntries(chainA, 1);
    const personal = { text: "{}", salt: new Uint8Array(16) };
    ledger.append(chainA, entries, receiptAt(1), 500, false);
    ledger.append(
      chainA,
      entries.map((entry) => ({ ...entry, personal })),
      receiptAt(1),
      500,
      false,
    );
    expect([...ledger.entries(chainA)].map((entry) => entry.personal)).toEqual([null]);
    ledger.close();
  });

  it("has strict tables whose every unique key contains the terminal", async () => {
    const database = await openTables();
    const tables = database.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all();
    for (const { name, strict } of tables) {
      if (String(name).startsWith("sqlite_")) continue;
      expect(strict, `${name}`).toBe(1);
      for (const index of database.prepare(`SELECT name FROM pragma_index_list('${name}') WHERE "unique"`).all()) {
        const columns = database.prepare(`SELECT name FROM pragma_index_info('${index.name}')`).all();
        expect(columns[0]?.name, `${name}`).toBe("terminal");
      }
    }
    database.close();
  });

  it("refuses the file of a newer version", () => {
    const newer = join(folder, "newer.sqlite");
    createSqliteLedger(newer).close();
    const database = new DatabaseSync(newer);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => createSqliteLedger(newer)).toThrow("newer version");
  });
});
