/**
 * A patch from one score list to another of as many entries or more (FORMATS, "Score list"), within 1.05 of what a
 * thousand changes or more need at least: log2 C(n, k) + k * H(new value | old value). Several days' changes are one
 * patch, from the first list straight to the last.
 *
 *     1     version: 1
 *     1-4   entries of the old list   numbers in base 128, least first, each byte but the last with bit 7 set, and the
 *     1-4   new entries               last not 0 unless it is the only one
 *     1-4   changed entries, k
 *     bits  the lower b bits of every gap, k of them, each from bit 0 of a byte up, the last byte filled with 0
 *     rest  bits coded by bit-coder.ts in 273 contexts:
 *             for each changed entry, in order:
 *               the rest of the gap, the entries passed over since the changed one before (or the start): as many ones
 *                 as the gap has times 2^b, then a zero; context 0
 *               the new value, high bit first; context 1 + 16 * old value + the bits before it after a leading 1; the
 *                 last bit is left out where the other one would give the old value
 *             for each new entry: its value, as if the old one were 16
 *
 * b is the largest with k * 2^(b + 1) <= the entries of the old list, at least 0.
 *
 * The same two lists give the same bytes. Of an odd list the unused half of the last byte counts for nothing and comes
 * out as 0.
 *
 * The decoder is total: time and memory are bounded by the declared entries, at most `entriesMax`, whatever the bytes.
 * A patch for a list of another length is refused. For another list of the same length, or damaged, it is an error or
 * gives another list: the caller compares the SHA-256 of what it gets.
 */
import { type BitDecoder, type BitEncoder, createBitDecoder, createBitEncoder } from "./bit-coder.ts";
import { type Bytes, concatBytes } from "./bytes.ts";
import { entriesMax } from "./list-snapshot.ts";
import type { OpenedList, StatusList } from "./status-list.ts";

const version = 1;
const gapContext = 0;
const contexts = 1 + 17 * 16;
/** Stands for the old value of an entry that is new. */
const noValue = 16;

/** A new list that is shorter than the old one, or longer than `entriesMax`, is a bug: throws. */
export const encodePatch = (from: StatusList, to: StatusList): Bytes => {
  if (to.entries < from.entries || to.entries > entriesMax) {
    throw new RangeError(`no patch from ${from.entries} to ${to.entries} entries`);
  }
  let changes = 0;
  for (let index = nextChange(from, to, 0); index < from.entries; index = nextChange(from, to, index + 1)) changes++;

  const encoder = createBitEncoder(contexts);
  const gapBits = gapBitsOf(changes, from.entries);
  const lowBits = new Uint8Array(Math.ceil((changes * gapBits) / 8));
  let lowBitsAt = 0;
  let start = 0;
  for (let index = nextChange(from, to, 0); index < from.entries; index = nextChange(from, to, start)) {
    writeBits(lowBits, lowBitsAt, index - start, gapBits);
    lowBitsAt += gapBits;
    for (let units = (index - start) >> gapBits; units > 0; units--) encoder.encodeBit(gapContext, 1);
    encoder.encodeBit(gapContext, 0);
    encodeValue(encoder, valueAt(from.packed, index), valueAt(to.packed, index));
    start = index + 1;
  }
  for (let index = from.entries; index < to.entries; index++) encodeValue(encoder, noValue, valueAt(to.packed, index));
  const header = [version, ...[from.entries, to.entries - from.entries, changes].flatMap(encodeNumber)];
  return concatBytes(Uint8Array.from(header), lowBits, encoder.finish());
};

export const applyPatch = (from: StatusList, bytes: Bytes): OpenedList => {
  const head = readHead(from, bytes);
  if (typeof head === "string") return { kind: "invalid", error: head };
  const { entries, changes, gapBits, lowBitsStart, codeStart } = head;
  const packed = new Uint8Array(Math.ceil(entries / 2));
  packed.set(from.packed);
  if (from.entries % 2 === 1) setValue(packed, from.entries, 0);

  const decoder = createBitDecoder(bytes, codeStart, contexts);
  let start = 0;
  for (let change = 0; change < changes && !decoder.isPastEnd(); change++) {
    let index = start + readBits(bytes, 8 * lowBitsStart + change * gapBits, gapBits);
    while (index < from.entries && decoder.decodeBit(gapContext) === 1) index += 1 << gapBits;
    if (index >= from.entries) return { kind: "invalid", error: "a change past the end of the list" };
    setValue(packed, index, decodeValue(decoder, valueAt(from.packed, index)));
    start = index + 1;
  }
  for (let index = from.entries; index < entries && !decoder.isPastEnd(); index++) {
    setValue(packed, index, decodeValue(decoder, noValue));
  }
  return decoder.isAtEnd()
    ? { kind: "valid", value: { packed, entries } }
    : { kind: "invalid", error: "damaged, or bytes are left" };
};

/** `entries`: of the new list. */
type Head = {
  readonly entries: number;
  readonly changes: number;
  readonly gapBits: number;
  readonly lowBitsStart: number;
  readonly codeStart: number;
};

/** Or what is wrong with it. All that is allocated later, and how long it takes, is checked here. */
const readHead = (from: StatusList, bytes: Bytes): Head | string => {
  if (bytes[0] !== version) return "not a patch of version 1";
  const old = decodeNumber(bytes, 1);
  const added = old && decodeNumber(bytes, old.end);
  const changes = added && decodeNumber(bytes, added.end);
  if (!old || !added || !changes) return "the head of the patch is damaged";
  if (old.value !== from.entries) return `a patch for ${old.value} entries, not for ${from.entries}`;
  const entries = from.entries + added.value;
  if (entries > entriesMax || changes.value > from.entries) return "more entries than there can be";
  const gapBits = gapBitsOf(changes.value, from.entries);
  const bitLength = changes.value * gapBits;
  const codeStart = changes.end + Math.ceil(bitLength / 8);
  if (codeStart > bytes.length) return "too short";
  if (readBits(bytes, 8 * changes.end + bitLength, -bitLength & 7) > 0) return "the gaps are damaged";
  return { entries, changes: changes.value, gapBits, lowBitsStart: changes.end, codeStart };
};

/** The first entry from `start` on that is not the same in both; past the end where there is none. */
const nextChange = (from: StatusList, to: StatusList, start: number): number => {
  let index = start;
  while (index < from.entries) {
    const isWhole = index % 2 === 0 && from.packed[index >> 1] === to.packed[index >> 1];
    if (!isWhole && valueAt(from.packed, index) !== valueAt(to.packed, index)) return index;
    index += isWhole ? 2 : 1;
  }
  return index;
};

/** Units of a quarter to a half of the mean gap, in which all places are nearly alike (after Golomb 1966, Rice 1979). */
const gapBitsOf = (changes: number, entries: number): number => {
  let bits = 0;
  while (changes > 0 && changes * 2 ** (bits + 2) <= entries) bits++;
  return bits;
};

/** The lower `count` bits, from bit `at` of the bytes up. */
const writeBits = (bytes: Bytes, at: number, value: number, count: number): void => {
  for (let bit = 0; bit < count; bit++) {
    const to = (at + bit) >> 3;
    bytes[to] = (bytes[to] ?? 0) | (((value >> bit) & 1) << ((at + bit) & 7));
  }
};

/** At most 24. */
const readBits = (bytes: Bytes, at: number, count: number): number => {
  const from = at >> 3;
  const low = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8);
  const high = (bytes[from + 2] ?? 0) | ((bytes[from + 3] ?? 0) << 8);
  return (((high << 16) | low) >>> (at & 7)) & ((1 << count) - 1);
};

const encodeValue = (encoder: BitEncoder, old: number, value: number): void => {
  for (let node = 1, bit = 3; bit >= 0; bit--) {
    const next = 2 * node + ((value >> bit) & 1);
    if (!isImplied(node, old)) encoder.encodeBit(1 + 16 * old + node, next & 1);
    node = next;
  }
};

const decodeValue = (decoder: BitDecoder, old: number): number => {
  let node = 1;
  while (node < 16) {
    node = 2 * node + (isImplied(node, old) ? 1 - (old & 1) : decoder.decodeBit(1 + 16 * old + node));
  }
  return node - 16;
};

/** A node is a value's first bits after a leading 1; below this one only the old value and another are left. */
const isImplied = (node: number, old: number): boolean => node === (16 + old) >> 1;

const valueAt = (packed: Bytes, index: number): number => {
  const byte = packed[index >> 1] ?? 0;
  return index % 2 === 0 ? byte & 15 : byte >> 4;
};

const setValue = (packed: Bytes, index: number, value: number): void => {
  const byte = packed[index >> 1] ?? 0;
  packed[index >> 1] = index % 2 === 0 ? (byte & 0xf0) | value : (byte & 0x0f) | (value << 4);
};

const encodeNumber = (number: number): readonly number[] =>
  number < 128 ? [number] : [(number & 127) | 128, ...encodeNumber(number >> 7)];

/** Null where there is no number of at most 4 bytes, or a longer one than it needs. */
const decodeNumber = (bytes: Bytes, start: number): { readonly value: number; readonly end: number } | null => {
  let value = 0;
  for (let at = start; at < start + 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    value += (byte & 127) << (7 * (at - start));
    if (byte < 128) return byte === 0 && at > start ? null : { value, end: at + 1 };
  }
  return null;
};
