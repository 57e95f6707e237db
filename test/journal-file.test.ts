/** The journal's bytes: what was written is read; what was cut or flipped is seen, and takes nothing else with it. */
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeRecord,
  indexJournal,
  type JournalRecord,
  magic,
  type ReadAt,
  readRecord,
} from "../kiosk/journal-file.ts";
import { type Bytes, concatBytes, toHex, toUtf8 } from "../shared/bytes.ts";
import type { Entry } from "../shared/log.ts";

const epoch = new Uint8Array(16).fill(7);
const chain = { terminal: "t-1", epoch };
const entryAt = (seq: number, bytes = toUtf8(`entry ${seq}`)): Entry => ({
  seq,
  hash: new Uint8Array(32).fill(seq),
  bytes,
  personal: seq % 2 === 0 ? { text: '{"item":"书"}', salt: new Uint8Array(16).fill(seq) } : null,
});

const records: readonly JournalRecord[] = [
  { kind: "chain", chain },
  ...[1, 2, 3].map((seq) => ({ kind: "entry", entry: entryAt(seq) }) as const),
  { kind: "ack", seq: 2, floorAt: 1_800_000_000 },
  { kind: "entry", entry: entryAt(4) },
];
const file = concatBytes(magic, ...records.map(encodeRecord));
/** Where each record begins. */
const begins = records.map((_, index) => magic.length + lengthOf(records.slice(0, index)));

function lengthOf(some: readonly JournalRecord[]): number {
  return some.reduce((sum, record) => sum + encodeRecord(record).length, 0);
}

const readerOf =
  (bytes: Bytes): ReadAt =>
  (offset, length) =>
    bytes.slice(offset, offset + length);
const index = (bytes: Bytes) => indexJournal(readerOf(bytes), bytes.length);
const seqsOf = (bytes: Bytes) => index(bytes).places.map(({ seq }) => seq);
const flip = (bytes: Bytes, at: number): Bytes => {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ 0x10;
  return flipped;
};

describe("a journal", () => {
  test("has these bytes", () => {
    expect(toHex(concatBytes(magic, encodeRecord({ kind: "chain", chain })))).toBe(
      `474c4a31${"00000014"}${"9bf4f53b"}01${"07".repeat(16)}742d31`,
    );
    expect(toHex(encodeRecord({ kind: "ack", seq: 258, floorAt: 2 ** 40 })).slice(16)).toBe(
      "0300000000000001020000010000000000",
    );
    expect(toHex(encodeRecord({ kind: "entry", entry: entryAt(2, toUtf8("A")) })).slice(16)).toBe(
      `02${"0000000000000002"}${"02".repeat(32)}0000000141${"02".repeat(16)}${toHex(toUtf8('{"item":"书"}'))}`,
    );
  });

  test("says whose it is, what is in it, and how far it is acknowledged", () => {
    expect(index(file)).toEqual({
      chain,
      places: [1, 2, 3, 4].map((seq, at) => ({ seq, offset: begins[at < 3 ? at + 1 : 5] })),
      head: { seq: 4, hash: entryAt(4).hash },
      ackedSeq: 2,
      floorAt: 1_800_000_000,
      end: file.length,
      isTorn: false,
      isEntryTorn: false,
    });
    expect(records.map((_, at) => readRecord(readerOf(file), begins[at] ?? 0)?.record)).toEqual(records);
  });

  test("cut anywhere ends with its last whole record, and knows that it is torn", () => {
    for (let size = begins[1] ?? 0; size < file.length; size++) {
      const whole = begins.filter((begin, at) => at > 0 && begin + lengthOf(records.slice(at, at + 1)) <= size);
      const end = begins[whole.length + 1] ?? file.length;
      expect(index(file.slice(0, size))).toMatchObject({ end, isTorn: size > end });
    }
  });

  test("cut anywhere knows whether it may lack an entry: not where the rest has the length of an ack", () => {
    const ending = (last: JournalRecord): boolean[] => {
      const whole = concatBytes(file, encodeRecord(last));
      const sizes = Array.from({ length: whole.length - file.length - 1 }, (_, at) => file.length + 1 + at);
      return sizes.map((size) => index(whole.slice(0, size)).isEntryTorn);
    };
    const isOf = ending({ kind: "ack", seq: 4, floorAt: 1_800_000_009 });
    expect([isOf.slice(0, 3), new Set(isOf.slice(3))]).toEqual([[true, true, true], new Set([false])]);
    expect(new Set(ending({ kind: "entry", entry: entryAt(5) }))).toEqual(new Set([true]));
    const ack = concatBytes(file, encodeRecord({ kind: "ack", seq: 4, floorAt: 1_800_000_009 }));
    expect(index(flip(ack, ack.length - 1))).toMatchObject({ end: file.length, isTorn: true, isEntryTorn: false });
    // As long as an ack by a flipped bit only: what stands behind it is more than that.
    const longer = concatBytes(file, Uint8Array.of(0, 0, 0, 17), new Uint8Array(60).fill(9));
    expect(index(longer)).toMatchObject({ isTorn: true, isEntryTorn: true });
  });

  test("with one bit flipped anywhere shows no entry that was not written", () => {
    for (let at = 0; at < file.length; at++) {
      const bytes = flip(file, at);
      for (const { seq, offset } of index(bytes).places) {
        expect(readRecord(readerOf(bytes), offset)?.record).toEqual({ kind: "entry", entry: entryAt(seq) });
      }
    }
  });

  test("passes over a damaged record where the next is sound, and is torn where none is", () => {
    expect(seqsOf(flip(file, (begins[2] ?? 0) + 20))).toEqual([1, 3, 4]);
    expect(index(flip(file, (begins[2] ?? 0) + 20)).isTorn).toBe(false);
    expect(seqsOf(flip(file, (begins[2] ?? 0) + 3))).toEqual([1]);
    expect(index(flip(file, file.length - 1))).toMatchObject({ end: begins[5], isTorn: true });
  });

  test("says nothing without its first record", () => {
    for (const bytes of [new Uint8Array(0), magic, flip(file, 0), flip(file, 20), file.slice(0, 20)]) {
      expect(index(bytes)).toMatchObject({ chain: null, places: [], head: null, ackedSeq: 0 });
    }
    expect(index(new Uint8Array(0)).isTorn).toBe(false);
  });

  test("is no journal, whatever the bytes are: nothing is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = concatBytes(file.slice(0, begins[1]), new Uint8Array(tail));
        expect(index(bytes).end).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 200 },
    );
  });

  test("of a later version is read, and what only that version knows is passed over, also at its end", () => {
    const later = encodeRecord({ kind: "ack", seq: 9, floorAt: 9 });
    later[8] = 200;
    new DataView(later.buffer).setUint32(4, crc32(later.subarray(8)));
    const [before, behind] = [file.subarray(0, begins[3]), file.subarray(begins[3])];
    const found = index(concatBytes(before, later, behind, later, later));
    expect(found).toMatchObject({ isTorn: false, head: { seq: 4 }, ackedSeq: 2 });
    expect(found.places.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(found.end).toBe(file.length + 3 * later.length);
  });
});
