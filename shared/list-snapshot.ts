/**
 * The compact snapshot of a score list (FORMATS, "Score list"): static rANS (Duda, "Asymmetric numeral systems", 2013)
 * by the values' own frequencies, for a city within 1.005 of their order-0 entropy. Numbers are little-endian.
 *
 *     1       version: 1
 *     2       which of the 16 values occur: bit v of it for value v
 *     2 each  their frequencies, in the order of the values: 1 to 8192, together 8192; none for an empty list
 *     4, 4    the states of the even and of the odd indices, 65536 to 2^32 - 1
 *     2 each  words, in the order in which decoding asks for them, to the end
 *
 * Decoding, for each index in order, with the state x of its parity:
 *
 *     slot = x mod 8192
 *     v is the value with base(v) <= slot < base(v) + frequency(v), base(v) being the sum of the frequencies before v
 *     x = frequency(v) * floor(x / 8192) + slot - base(v), and where this is below 65536, x = x * 65536 + next word
 *
 * and both states end at 65536, with no word left. The number of entries is not in it: it is the signed manifest's.
 * The same list gives the same bytes. Of an odd list the unused half of the last byte is not coded and comes back as 0.
 *
 * The decoder is total: time and memory are bounded by the entries asked for, whatever the bytes. Most damage is an
 * error; some gives another list, so the caller compares the SHA-256 of what it gets.
 */
import { type Bytes, concatBytes } from "./bytes.ts";
import type { OpenedList, StatusList } from "./status-list.ts";

/** No coded list is longer: there is no city of so many. */
export const entriesMax = 40_000_000;

const version = 1;
const precisionBits = 13;
const precision = 1 << precisionBits;
const slotMask = precision - 1;
const stateMin = 65_536;

/** How many of 8192 slots each of the 16 values has. */
type Frequencies = readonly number[];

/** A list longer than `entriesMax` is a bug: throws. */
export const encodeSnapshot = ({ packed, entries }: StatusList): Bytes => {
  if (entries > entriesMax) throw new RangeError(`${entries} entries are more than ${entriesMax}`);
  const frequencies = frequenciesOf(countValues(packed, entries), entries);
  const { states, words } = encodeWords(packed, entries, frequencies);
  const mask = frequencies.reduce((bits, frequency, value) => (frequency > 0 ? bits | (1 << value) : bits), 0);
  const occurring = frequencies.filter((frequency) => frequency > 0);
  const header = [
    version,
    ...[mask, ...occurring].flatMap((number) => littleEndian(number, 2)),
    ...states.flatMap((state) => littleEndian(state, 4)),
  ];
  return concatBytes(Uint8Array.from(header), words);
};

/** `entries` are those that the signed manifest declares. */
export const decodeSnapshot = (bytes: Bytes, entries: number): OpenedList => {
  if (!Number.isSafeInteger(entries) || entries < 0 || entries > entriesMax) return invalid(`${entries} entries`);
  if (bytes[0] !== version) return invalid("not a snapshot of version 1");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frequencies = readFrequencies(view, entries);
  if (frequencies === null) return invalid("the frequencies are not those of a list");
  const statesAt = 3 + 2 * frequencies.filter((frequency) => frequency > 0).length;
  if (bytes.length < statesAt + 8) return invalid("too short");
  const states = [view.getUint32(statesAt, true), view.getUint32(statesAt + 4, true)] as const;
  if (states[0] < stateMin || states[1] < stateMin) return invalid("the states are not those of a list");
  const packed = new Uint8Array(Math.ceil(entries / 2));
  return decodeWords(bytes, statesAt + 8, states, slotsOf(frequencies), packed, entries)
    ? { kind: "valid", value: { packed, entries } }
    : invalid("damaged, or of another number of entries");
};

type Coded = { readonly states: readonly [number, number]; readonly words: Bytes };

/** Backwards, indices and words alike: decoding takes back one step after the other. */
const encodeWords = (packed: Bytes, entries: number, frequencies: Frequencies): Coded => {
  // A state is at least 8 frequencies, so that a value costs at most log2(9/8) bits more than its share, which is 4 on
  // average at most: a sixteenth above the list's own length holds it.
  const words = new Uint8Array(packed.length + (packed.length >> 4) + 4);
  const bases = basesOf(frequencies);
  const states: [number, number] = [stateMin, stateMin];
  let at = words.length;
  for (let index = entries - 1; index >= 0; index--) {
    const parity = index % 2 === 0 ? 0 : 1;
    const value = valueAt(packed, index);
    const frequency = frequencies[value] ?? 0;
    let state = states[parity];
    if (state >= frequency * 2 ** (32 - precisionBits)) {
      words[--at] = (state >>> 8) & 255;
      words[--at] = state & 255;
      state >>>= 16;
    }
    states[parity] = Math.floor(state / frequency) * precision + (state % frequency) + (bases[value] ?? 0);
  }
  return { states, words: words.subarray(at) };
};

/** False when words are missing or left, or the states do not end where the encoder's began. */
const decodeWords = (
  bytes: Bytes,
  wordsAt: number,
  states: readonly [number, number],
  slots: Uint32Array,
  packed: Bytes,
  entries: number,
): boolean => {
  // Plain 32-bit integers, one look-up a value, two states so that one need not wait for the other: this loop is the
  // time that a terminal waits.
  let state = states[0] | 0;
  let other = states[1] | 0;
  let at = wordsAt;
  const last = bytes.length - 2;
  for (let index = 0; index < entries; index++) {
    const slot = slots[state & slotMask] ?? 0;
    let next = Math.imul(((slot >>> 4) & slotMask) + 1, state >>> precisionBits) + (slot >>> 17);
    if (next >>> 16 === 0) {
      if (at > last) return false;
      next = (next << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at] ?? 0);
      at += 2;
    }
    packed[index >> 1] = (packed[index >> 1] ?? 0) | ((slot & 15) << ((index & 1) << 2));
    state = other;
    other = next | 0;
  }
  return at === bytes.length && state === stateMin && other === stateMin;
};

/** A slot's value in its low 4 bits, then its frequency less one in 13, then its place among the value's slots. */
const slotsOf = (frequencies: Frequencies): Uint32Array =>
  Uint32Array.from(
    frequencies.flatMap((frequency, value) =>
      Array.from({ length: frequency }, (_, place) => (place << 17) | ((frequency - 1) << 4) | value),
    ),
  );

/** Null where no list of so many entries has them. */
const readFrequencies = (view: DataView, entries: number): Frequencies | null => {
  if (view.byteLength < 3) return null;
  const mask = view.getUint16(1, true);
  const frequencies: number[] = [];
  let at = 3;
  for (let value = 0; value < 16; value++) {
    const occurs = (mask & (1 << value)) !== 0;
    if (occurs && at + 2 > view.byteLength) return null;
    const frequency = occurs ? view.getUint16(at, true) : 0;
    if (occurs && frequency === 0) return null;
    frequencies.push(frequency);
    if (occurs) at += 2;
  }
  return sumOf(frequencies) === (entries === 0 ? 0 : precision) ? frequencies : null;
};

/** Rounded, at least 1 for a value that occurs; the most frequent value takes the rest. */
const frequenciesOf = (counts: readonly number[], entries: number): Frequencies => {
  const frequencies = counts.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((count * precision) / entries))));
  const largest = counts.indexOf(Math.max(...counts));
  const rest = entries === 0 ? 0 : precision - sumOf(frequencies);
  return frequencies.map((frequency, value) => (value === largest ? frequency + rest : frequency));
};

const basesOf = (frequencies: Frequencies): readonly number[] =>
  frequencies.map((_, value) => sumOf(frequencies.slice(0, value)));

const countValues = (packed: Bytes, entries: number): readonly number[] => {
  const counts: number[] = Array(16).fill(0);
  for (let index = 0; index < entries; index++) {
    const value = valueAt(packed, index);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
};

const valueAt = (packed: Bytes, index: number): number => {
  const byte = packed[index >> 1] ?? 0;
  return index % 2 === 0 ? byte & 15 : byte >> 4;
};

const littleEndian = (number: number, bytes: number): readonly number[] =>
  Array.from({ length: bytes }, (_, at) => (number >>> (8 * at)) & 255);
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
const invalid = (error: string): OpenedList => ({ kind: "invalid", error });
