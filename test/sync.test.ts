import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Batch,
  type BatchEntry,
  batchBytesMax,
  batchEntriesMax,
  decodeBatch,
  encodeBatch,
  entryBytesMax,
  personalCharsMax,
} from "../shared/batch.ts";
import type { Bytes } from "../shared/bytes.ts";
import { decodeCbor, encodeCbor, signTyped } from "../shared/cose.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Chain, type Entry, genesisOf, type Head, makeEntry } from "../shared/log.ts";
import { readStamp } from "../shared/stamp.ts";
import { ackedUpTo, type Held, readStatement, receiveBatch, type Statement, signStatement } from "../shared/sync.ts";
import type { Personal, Transaction } from "../shared/transaction.ts";
import { drawKey, now } from "./sample.ts";

const bytesOf = (length: number, first = 0): Bytes => Uint8Array.from({ length }, (_, index) => (first + index) % 256);

const chain: Chain = { terminal: "gate-1", epoch: bytesOf(16) };
const otherEpoch: Chain = { ...chain, epoch: bytesOf(16, 1) };

/** As they are received. */
const read = (entries: readonly Entry[]) => entries.map((entry) => ({ ...entry, stamp: readStamp(entry.bytes) }));

let key: SigningKey;
let strangerKey: SigningKey;
let edgeKey: SigningKey;
beforeAll(async () => {
  [key, strangerKey, edgeKey] = await Promise.all([drawKey("P-256"), drawKey("P-256"), drawKey()]);
});

const happening = (app: string, at = now): Transaction => ({
  v: 1,
  at,
  boot: "b1",
  clock: "device",
  kind: "started",
  app,
  newEpoch: false,
});

const extend = async (head: Head, apps: readonly string[]): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  let last = head;
  for (const [index, app] of apps.entries()) {
    const personal: Personal = index % 2 === 0 ? { pseudonym: `person-${index}` } : {};
    const entry = await makeEntry(last, happening(app), personal, bytesOf(16, index));
    entries.push(entry);
    last = entry;
  }
  return entries;
};

const entriesOf = async (of: Chain, ...apps: readonly string[]) => extend(await genesisOf(of), apps);

const lastOf = (entries: readonly Entry[]): Entry => {
  const last = entries.at(-1);
  if (last === undefined) throw new Error("no entries");
  return last;
};

const statementOf = (of: Chain, head: Head): Statement => ({ ...of, seq: head.seq, hash: head.hash, at: now });

const batchOf = async (
  entries: readonly Entry[],
  said: Statement = statementOf(chain, lastOf(entries)),
  by = key,
): Promise<Batch> => ({
  epoch: chain.epoch,
  from: entries[0]?.seq ?? 1,
  entries: entries.map(({ bytes, personal }) => ({ bytes, personal })),
  checkpoint: await signStatement("checkpoint", said, by),
});

const heldOf = async (entries: readonly Entry[]): Promise<Held> => ({
  head: entries.at(-1) ?? (await genesisOf(chain)),
  hashAt: (seq) => entries[seq - 1]?.hash ?? null,
});

const receive = async (batch: Batch, held: readonly Entry[]) =>
  receiveBatch(chain.terminal, batch, [key], await heldOf(held));

const flip = (bytes: Bytes, at: number): Bytes => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

describe("a batch that goes on where the ledger ends", () => {
  it("is appended whole to an empty chain", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    const received = await receive(await batchOf(entries), []);
    expect(received).toEqual({ kind: "append", entries: read(entries), head: lastOf(read(entries)) });
  });

  it("is appended to what is there", async () => {
    const entries = await entriesOf(chain, "a", "b", "c", "d");
    const received = await receive(await batchOf(entries.slice(2)), entries.slice(0, 2));
    expect(received).toEqual({ kind: "append", entries: read(entries.slice(2)), head: lastOf(read(entries)) });
  });

  it("that overlaps adds what is new", async () => {
    const entries = await entriesOf(chain, "a", "b", "c", "d");
    for (const from of [0, 1, 2]) {
      const received = await receive(await batchOf(entries.slice(from)), entries.slice(0, 2));
      expect(received).toEqual({ kind: "append", entries: read(entries.slice(2)), head: lastOf(read(entries)) });
    }
  });

  it("sent once more adds nothing, and is acknowledged up to the ledger's own head", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    expect(await receive(await batchOf(entries), entries)).toEqual({
      kind: "append",
      entries: [],
      head: lastOf(entries),
    });
    const received = await receive(await batchOf(entries.slice(0, 2)), entries);
    expect(received).toEqual({ kind: "append", entries: [], head: lastOf(entries) });
  });

  it("may have lost what was personal, since erasing leaves the chain whole", async () => {
    const entries = (await entriesOf(chain, "a", "b")).map((each) => ({ ...each, personal: null }));
    expect(await receive(await batchOf(entries), [])).toMatchObject({ kind: "append", entries });
  });
});

describe("a batch that does not fit", () => {
  it("past the end is a gap, and says from where to send", async () => {
    const entries = await entriesOf(chain, "a", "b", "c", "d");
    expect(await receive(await batchOf(entries.slice(2)), entries.slice(0, 1))).toEqual({ kind: "gap", next: 2 });
    expect(await receive(await batchOf(entries.slice(1)), [])).toEqual({ kind: "gap", next: 1 });
  });

  it("before which the ledger has lost a hash is wanted from the beginning", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    const held: Held = { head: lastOf(entries), hashAt: () => null };
    expect(await receiveBatch(chain.terminal, await batchOf(entries.slice(1)), [key], held)).toEqual({
      kind: "gap",
      next: 1,
    });
  });

  it("is a fork where another history stands, from its first entry or a later one", async () => {
    const held = await entriesOf(chain, "a", "b", "c");
    const shared = held.slice(0, 2);
    const forked = [...shared, ...(await extend(lastOf(shared), ["other", "d"]))];
    expect(await receive(await batchOf(forked), held)).toEqual({ kind: "fork", seq: 3 });
    expect(await receive(await batchOf(forked.slice(1)), held)).toEqual({ kind: "fork", seq: 3 });
    expect(await receive(await batchOf(forked.slice(0, 3)), held)).toEqual({ kind: "fork", seq: 3 });
    expect(await receive(await batchOf(await entriesOf(chain, "other")), held)).toEqual({ kind: "fork", seq: 1 });
  });

  it("is a fork where the ledger's head is known and the hash at it is not", async () => {
    const entries = await entriesOf(chain, "a", "b");
    const held: Held = { head: lastOf(entries), hashAt: () => null };
    expect(await receiveBatch(chain.terminal, await batchOf(entries), [key], held)).toEqual({ kind: "fork", seq: 1 });
  });

  it("is altered where any byte of any entry is", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    const batch = await batchOf(entries);
    for (const [index, { bytes }] of batch.entries.entries()) {
      for (const at of [0, 20, bytes.length - 1]) {
        const altered = batch.entries.map((each, other) =>
          other === index ? { ...each, bytes: flip(each.bytes, at) } : each,
        );
        expect(await receive({ ...batch, entries: altered }, [])).toEqual({ kind: "altered" });
        expect(await receive({ ...batch, entries: altered }, entries)).toEqual({ kind: "altered" });
      }
    }
  });

  it("is altered where what is personal is: text, salt, or put beside an entry that has none", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    const batch = await batchOf(entries);
    const [first, second, third] = batch.entries;
    if (!(first?.personal && second && third?.personal)) throw new Error("as made above");
    const { text, salt } = first.personal;
    for (const altered of [
      [{ ...first, personal: { text: text.replace("person-0", "person-1"), salt } }, second, third],
      [{ ...first, personal: { text, salt: flip(salt, 0) } }, second, third],
      [first, { ...second, personal: first.personal }, third],
      [first, second, { ...third, personal: first.personal }],
    ]) {
      expect(await receive({ ...batch, entries: altered }, [])).toEqual({ kind: "altered" });
    }
  });

  it("is altered where the checkpoint speaks of another head, seq or hash, shorter or longer", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    const [first, second] = entries;
    if (first === undefined || second === undefined) throw new Error("three were made");
    const last = lastOf(entries);
    for (const head of [first, second, { ...last, seq: 4 }, { ...last, hash: flip(last.hash, 0) }]) {
      expect(await receive(await batchOf(entries, statementOf(chain, head)), [])).toEqual({ kind: "altered" });
    }
  });

  it("is altered where its place is moved", async () => {
    const entries = await entriesOf(chain, "a", "b", "c");
    const batch = await batchOf(entries.slice(1));
    expect(await receive({ ...batch, from: 1 }, entries.slice(0, 1))).toEqual({ kind: "altered" });
    expect(await receive({ ...(await batchOf(entries)), from: 2 }, entries.slice(0, 1))).toEqual({ kind: "altered" });
  });
});

describe("a batch that nobody of ours has signed", () => {
  it("is refused: by another's key", async () => {
    const entries = await entriesOf(chain, "a");
    const by = await batchOf(entries, undefined, strangerKey);
    expect(await receive(by, [])).toEqual({ kind: "not-signed" });
  });

  it("is refused: another terminal's checkpoint, though by a key we take", async () => {
    const other: Chain = { ...chain, terminal: "gate-2" };
    const entries = await entriesOf(other, "a");
    expect(await receive(await batchOf(entries, statementOf(other, lastOf(entries))), [])).toEqual({
      kind: "not-signed",
    });
    const asOurs = await batchOf(entries);
    expect(await receiveBatch("gate-2", asOurs, [key], await heldOf([]))).toEqual({ kind: "not-signed" });
  });

  it("is refused: a checkpoint of another epoch", async () => {
    const entries = await entriesOf(chain, "a");
    const said = statementOf(otherEpoch, lastOf(entries));
    expect(await receive(await batchOf(entries, said), [])).toEqual({ kind: "not-signed" });
  });

  it("is refused: an ack in the place of a checkpoint", async () => {
    const entries = await entriesOf(chain, "a");
    const batch = await batchOf(entries);
    const checkpoint = await signStatement("ack", statementOf(chain, lastOf(entries)), key);
    expect(await receive({ ...batch, checkpoint }, [])).toEqual({ kind: "not-signed" });
  });

  it("is refused: with any byte of the checkpoint altered", async () => {
    const entries = await entriesOf(chain, "a");
    const batch = await batchOf(entries);
    for (let at = 0; at < batch.checkpoint.length; at++) {
      const received = await receive({ ...batch, checkpoint: flip(batch.checkpoint, at) }, []);
      expect(received).toEqual({ kind: "not-signed" });
    }
  });
});

describe("a statement", () => {
  const said: Statement = { ...chain, seq: 7, hash: bytesOf(32), at: now };

  it("is read as it was signed", async () => {
    for (const type of ["checkpoint", "ack"] as const) {
      const bytes = await signStatement(type, said, edgeKey);
      expect(await readStatement(type, bytes, [strangerKey, edgeKey])).toEqual(said);
    }
  });

  it("does not pass for the other type, nor under another's key, nor under none", async () => {
    const ack = await signStatement("ack", said, edgeKey);
    const checkpoint = await signStatement("checkpoint", said, edgeKey);
    expect(await readStatement("checkpoint", ack, [edgeKey])).toBeNull();
    expect(await readStatement("ack", checkpoint, [edgeKey])).toBeNull();
    expect(await readStatement("ack", ack, [key, strangerKey])).toBeNull();
    expect(await readStatement("ack", ack, [])).toBeNull();
    // The right kid over another's key: the signature decides, not the name.
    expect(await readStatement("ack", ack, [{ ...strangerKey, kid: edgeKey.kid }])).toBeNull();
  });

  const fields = [chain.terminal, chain.epoch, 7, bytesOf(32), now];
  const replaced = (at: number, value: unknown) => fields.map((field, index) => (index === at ? value : field));
  it.each([
    ["four fields", fields.slice(0, 4)],
    ["six fields", [...fields, 0]],
    ["a map", new Map([[1, 2]])],
    ["a terminal that is no text", replaced(0, 1)],
    ["an epoch too short", replaced(1, bytesOf(15))],
    ["an epoch too long", replaced(1, bytesOf(17))],
    ["a seq below zero", replaced(2, -1)],
    ["a seq beyond 2^53", replaced(2, 2n ** 60n)],
    ["a seq that is no number", replaced(2, "7")],
    ["a hash too short", replaced(3, bytesOf(31))],
    ["a hash that is text", replaced(3, "hash")],
    ["a time below zero", replaced(4, -1)],
    ["no time", replaced(4, null)],
  ])("is null with %s, however well signed", async (_name, payload) => {
    expect(await readStatement("ack", await signTyped("ack", encodeCbor(payload), edgeKey), [edgeKey])).toBeNull();
  });
});

describe("an ack moves the outbox", () => {
  const hash = bytesOf(32, 1);
  const hashAt = (seq: number) => (seq === 7 ? hash : null);
  const said: Statement = { ...chain, seq: 7, hash, at: now };

  it("up to an entry of ours with the very hash that it names", () => {
    expect(ackedUpTo(said, chain, hashAt)).toBe(7);
  });

  it.each<[string, Statement]>([
    ["another terminal", { ...said, terminal: "gate-2" }],
    ["another epoch", { ...said, epoch: otherEpoch.epoch }],
    ["another hash", { ...said, hash: flip(hash, 31) }],
    ["a seq that we do not have", { ...said, seq: 8 }],
  ])("and not for %s", (_name, ack) => {
    expect(ackedUpTo(ack, chain, hashAt)).toBeNull();
  });
});

describe("the bytes of a batch", () => {
  const anyBytes = (min: number, max: number): fc.Arbitrary<Bytes> =>
    fc.uint8Array({ minLength: min, maxLength: max }).map((bytes) => new Uint8Array(bytes));
  const personal = fc.option(fc.record({ text: fc.string({ unit: "grapheme" }), salt: anyBytes(16, 16) }), {
    nil: null,
  });
  const batches: fc.Arbitrary<Batch> = fc.record({
    epoch: anyBytes(16, 16),
    from: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    entries: fc.array(fc.record({ bytes: anyBytes(0, 80), personal }), { minLength: 1, maxLength: 8 }),
    checkpoint: anyBytes(0, 100),
  });

  it("are read as they were written", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
      }),
    );
  });

  it("are those of any other CBOR", () => {
    const rowOf = ({ bytes, personal }: BatchEntry) => [bytes, personal?.text ?? null, personal?.salt ?? null];
    const byLibrary = ({ entries, ...batch }: Batch) =>
      encodeCbor(new Map<string, unknown>(Object.entries({ ...batch, entries: entries.map(rowOf) })));
    const large: Batch = {
      ...{ epoch: bytesOf(16), from: 1, checkpoint: bytesOf(3) },
      entries: [23, 24, 255, 256, 65_535, 65_536].flatMap((length) => [
        { bytes: bytesOf(length), personal: null },
        { bytes: bytesOf(3), personal: { text: "x".repeat(length), salt: bytesOf(16) } },
        { bytes: bytesOf(3), personal: { text: "街".repeat(length), salt: bytesOf(16) } },
      ]),
    };
    expect(encodeBatch(large)).toEqual(byLibrary(large));
    const many: Batch = {
      ...large,
      entries: Array.from({ length: batchEntriesMax }, () => ({ bytes: bytesOf(9), personal: null })),
    };
    expect(encodeBatch(many)).toEqual(byLibrary(many));
    fc.assert(
      fc.property(batches, (batch) => {
        expect(encodeBatch(batch)).toEqual(byLibrary(batch));
      }),
    );
  });

  it("cut short or run on are no batch", () => {
    fc.assert(
      fc.property(batches, fc.nat(), (batch, at) => {
        const bytes = encodeBatch(batch);
        expect(decodeBatch(bytes.slice(0, at % bytes.length))).toBeNull();
        expect(decodeBatch(Uint8Array.from([...bytes, 0]))).toBeNull();
      }),
    );
  });

  it("are read as the library reads them, whatever became of a byte", () => {
    const byLibrary = (bytes: Bytes): boolean => {
      const map = decodeCbor(bytes)?.value;
      if (!(map instanceof Map) || map.size !== 4) return false;
      const [epoch, from, rows, checkpoint] = ["epoch", "from", "entries", "checkpoint"].map((each) => map.get(each));
      const isBytes = (value: unknown, length?: number) =>
        value instanceof Uint8Array && (length === undefined || value.length === length);
      const isRow = (row: unknown): boolean => {
        if (!Array.isArray(row) || row.length !== 3 || !isBytes(row[0])) return false;
        return (row[1] === null && row[2] === null) || (typeof row[1] === "string" && isBytes(row[2], 16));
      };
      const isStart = Number.isSafeInteger(from) && from >= 1;
      const isList = Array.isArray(rows) && rows.length > 0 && rows.length <= batchEntriesMax;
      return isBytes(epoch, 16) && isStart && isBytes(checkpoint) && isList && rows.every(isRow);
    };
    let [good, bad] = [0, 0];
    fc.assert(
      fc.property(batches, fc.nat(), fc.nat(255), (batch, at, byte) => {
        const bytes = encodeBatch(batch);
        bytes[at % Math.min(bytes.length, 400)] = byte;
        const isRead = decodeBatch(bytes) !== null;
        expect(isRead).toBe(byLibrary(bytes));
        if (isRead) good += 1;
        else bad += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(good, bad)).toBeGreaterThan(100);
  });

  it("may be anything, and reading never throws", () => {
    fc.assert(
      fc.property(anyBytes(0, 400), (bytes) => {
        expect(decodeBatch(bytes)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(batches, fc.nat(), fc.nat(255), (batch, at, byte) => {
        const bytes = encodeBatch(batch);
        bytes[at % bytes.length] = byte;
        decodeBatch(bytes);
      }),
    );
  });

  const right = { epoch: bytesOf(16), from: 1, entries: [[bytesOf(3), null, null]], checkpoint: bytesOf(3) };
  const encoded = (changes: Record<string, unknown>) => encodeCbor(new Map(Object.entries({ ...right, ...changes })));
  const salt = bytesOf(16);

  it.each<[string, Record<string, unknown>]>([
    ["the most entries", { entries: Array.from({ length: batchEntriesMax }, () => [bytesOf(3), null, null]) }],
    ["the longest entry", { entries: [[new Uint8Array(entryBytesMax), null, null]] }],
    ["the longest personal text", { entries: [[bytesOf(3), "x".repeat(personalCharsMax), salt]] }],
    ["what is least", { entries: [[bytesOf(0), "", salt]] }],
  ])("take %s", (_name, changes) => {
    expect(decodeBatch(encoded(changes))).not.toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ["one entry too many", { entries: Array.from({ length: batchEntriesMax + 1 }, () => [bytesOf(3), null, null]) }],
    ["an entry a byte too long", { entries: [[new Uint8Array(entryBytesMax + 1), null, null]] }],
    ["a personal text that is too long", { entries: [[bytesOf(3), "x".repeat(personalCharsMax + 1), salt]] }],
    ["no entries", { entries: [] }],
    ["entries that are no list", { entries: new Map() }],
    ["an entry that is no list", { entries: [bytesOf(3)] }],
    ["an entry of two", { entries: [[bytesOf(3), null]] }],
    ["an entry of four", { entries: [[bytesOf(3), null, null, null]] }],
    ["one bad entry among good ones", { entries: [...right.entries, ["text", null, null]] }],
    ["a personal text without salt", { entries: [[bytesOf(3), "{}", null]] }],
    ["a salt without a text", { entries: [[bytesOf(3), null, salt]] }],
    ["a salt too short", { entries: [[bytesOf(3), "{}", bytesOf(15)]] }],
    ["a personal text that is bytes", { entries: [[bytesOf(3), bytesOf(3), salt]] }],
    ["an epoch too short", { epoch: bytesOf(15) }],
    ["an epoch that is text", { epoch: "0123456789abcdef" }],
    ["a start at 0", { from: 0 }],
    ["a start below 0", { from: -1 }],
    ["a start beyond 2^53", { from: 2n ** 53n }],
    ["a checkpoint that is text", { checkpoint: "signed" }],
    ["a field too many", { more: 1 }],
  ])("do not take %s", (_name, changes) => {
    expect(decodeBatch(encoded(changes))).toBeNull();
  });

  it.each(["epoch", "from", "entries", "checkpoint"])("do not do without `%s`", (field) => {
    const rest = Object.entries(right).filter(([name]) => name !== field);
    expect(decodeBatch(encodeCbor(new Map(rest)))).toBeNull();
    expect(decodeBatch(encodeCbor(new Map([...rest, ["other", bytesOf(16)]])))).toBeNull();
  });

  it("end at the limit of a whole batch", () => {
    const entries = Array.from({ length: 9 }, (_, index) => [
      new Uint8Array(index < 7 ? entryBytesMax : 1024),
      null,
      null,
    ]);
    const spare = batchBytesMax - encoded({ entries }).length;
    const filled = (more: number) => encoded({ entries, checkpoint: new Uint8Array(spare - 1 + more) });
    expect(filled(0).length).toBeGreaterThan(batchBytesMax - 4);
    for (const more of [-4, -3, -2, -1, 0, 1, 2, 3, 4]) {
      const bytes = filled(more);
      expect(decodeBatch(bytes) !== null).toBe(bytes.length <= batchBytesMax);
    }
  });
});
