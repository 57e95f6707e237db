/**
 * Score lists of made-up cities, always the same for a seed, and what any code of them needs at least. A floor is in
 * bytes, and computed from the lists themselves: order-0 entropy; log2 C(n, k) + k * H(new value | old value).
 */
import type { StatusList } from "../shared/status-list.ts";

/** Numbers from 0 up to 1. */
export type Draw = () => number;

/** Xorshift, 32 bits (Marsaglia 2003). */
export const createDraw = (seed: number): Draw => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** `skew`: the share of the largest band. The rest is spread over all the others, a few revoked and suspended too. */
export const sampleList = (entries: number, skew: number, draw: Draw): StatusList => {
  const packed = new Uint8Array(Math.ceil(entries / 2));
  for (let index = 0; index < entries; index++) setValue(packed, index, drawValue(skew, draw));
  return { packed, entries };
};

/** Exactly this share of the entries has another value, drawn from the same city. */
export const changeList = (list: StatusList, share: number, skew: number, draw: Draw): StatusList => {
  const packed = list.packed.slice();
  const isChanged = new Uint8Array(list.entries);
  for (let left = Math.round(list.entries * share); left > 0; left--) {
    let index = Math.floor(draw() * list.entries);
    while (isChanged[index] === 1) index = Math.floor(draw() * list.entries);
    isChanged[index] = 1;
    const old = valueAt(list, index);
    let value = old;
    while (value === old) value = drawValue(skew, draw);
    setValue(packed, index, value);
  }
  return { packed, entries: list.entries };
};

export const floorOfSnapshot = (list: StatusList): number => {
  const counts: number[] = Array(16).fill(0);
  for (let index = 0; index < list.entries; index++) increment(counts, valueAt(list, index));
  return entropyOf(counts) / 8;
};

/** Both of the same length. */
export const floorOfPatch = (from: StatusList, to: StatusList): number => {
  const counts: number[][] = Array.from({ length: 16 }, () => Array(16).fill(0));
  let changes = 0;
  for (let index = 0; index < from.entries; index++) {
    const value = valueAt(to, index);
    const ofOld = counts[valueAt(from, index)];
    if (ofOld === undefined || valueAt(from, index) === value) continue;
    increment(ofOld, value);
    changes++;
  }
  let places = 0;
  for (let i = 0; i < changes; i++) places += Math.log2((from.entries - i) / (changes - i));
  return (places + counts.reduce((sum, ofOld) => sum + entropyOf(ofOld), 0)) / 8;
};

export const valueAt = ({ packed }: StatusList, index: number): number =>
  ((packed[index >> 1] ?? 0) >> (4 * (index & 1))) & 15;

const largestBand = 12;
const others = [3, 13, 14, 15, 0, 1, 2] as const;
const shares = [0.3, 0.25, 0.2, 0.15, 0.09, 0.005, 0.005] as const;

const drawValue = (skew: number, draw: Draw): number => {
  let rest = draw() - skew;
  if (rest < 0) return largestBand;
  for (const [at, value] of others.entries()) {
    rest -= (shares[at] ?? 0) * (1 - skew);
    if (rest < 0) return value;
  }
  return largestBand;
};

const setValue = (packed: Uint8Array, index: number, value: number): void => {
  const shift = 4 * (index & 1);
  packed[index >> 1] = ((packed[index >> 1] ?? 0) & (0xf0 >> shift)) | (value << shift);
};

const increment = (counts: number[], at: number): void => {
  counts[at] = (counts[at] ?? 0) + 1;
};

/** Bits for all that was counted. */
const entropyOf = (counts: readonly number[]): number => {
  const total = counts.reduce((sum, each) => sum + each, 0);
  return counts.reduce((bits, each) => (each === 0 ? bits : bits + each * Math.log2(total / each)), 0);
};
