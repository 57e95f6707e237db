/**
 * An adaptive binary arithmetic coder: each bit is coded in a context, by how often zeros and ones came in that context
 * before (Krichevsky-Trofimov: a one more half of each), so there is no table to send and next to no overhead.
 *
 * The code is a number between 0 and 1 in an interval [low, high] of 32 bits, bounds included, that starts whole:
 *
 *     p     = floor(65536 * (zeros + 1/2) / (zeros + ones + 1))
 *     split = low + floor((high - low) * p / 65536); 0 goes on with [low, split], 1 with [split + 1, high]
 *
 * and while the first bytes of low and high are equal, that byte is written and the interval grows by 256. At the end
 * one byte is written, the first of low plus 1, or none where low is 0; what is not written reads as zeros. So the same
 * bits have exactly one code, and `isAtEnd` knows it. The decoder is total: any bytes are some bits.
 */
import type { Bytes } from "./bytes.ts";

/** `context`: below the number of contexts. */
export type BitEncoder = {
  readonly encodeBit: (context: number, bit: number) => void;
  /** The whole code; nothing can be added. */
  readonly finish: () => Bytes;
};

export type BitDecoder = {
  readonly decodeBit: (context: number) => number;
  /** More bytes were wanted than any code of the bits so far has. */
  readonly isPastEnd: () => boolean;
  /** The bytes are the code of the bits so far, and of no more. */
  readonly isAtEnd: () => boolean;
};

export const createBitEncoder = (contexts: number): BitEncoder => {
  const odds = createOdds(contexts);
  let code = new Uint8Array(1024);
  let length = 0;
  let low = 0;
  let high = top;

  const append = (byte: number): void => {
    if (length === code.length) {
      const longer = new Uint8Array(2 * length);
      longer.set(code);
      code = longer;
    }
    code[length++] = byte;
  };
  const narrow = (chance: number, bit: number): void => {
    const split = splitOf(low, high, chance);
    if (bit === 0) high = split;
    else low = split + 1;
    while (low >>> 24 === high >>> 24) {
      append(low >>> 24);
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
    }
  };

  return {
    encodeBit: (context, bit) => {
      narrow(chanceOf(odds, context), bit);
      count(odds, context, bit);
    },
    finish: () => {
      if (low > 0) append((low >>> 24) + 1);
      return code.slice(0, length);
    },
  };
};

/** Reads from `start` to the end of the bytes. */
export const createBitDecoder = (bytes: Bytes, start: number, contexts: number): BitDecoder => {
  const odds = createOdds(contexts);
  let low = 0;
  let high = top;
  let at = start;
  const next = (): number => bytes[at++] ?? 0;
  let code = ((next() << 24) | (next() << 16) | (next() << 8) | next()) >>> 0;

  const narrow = (chance: number): number => {
    const split = splitOf(low, high, chance);
    const bit = code <= split ? 0 : 1;
    if (bit === 0) high = split;
    else low = split + 1;
    while (low >>> 24 === high >>> 24) {
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
      code = ((code << 8) | next()) >>> 0;
    }
    return bit;
  };

  return {
    decodeBit: (context) => {
      const bit = narrow(chanceOf(odds, context));
      count(odds, context, bit);
      return bit;
    },
    isPastEnd: () => at > bytes.length + lookahead,
    isAtEnd: () => {
      const isFlushed = low > 0;
      return (
        at - lookahead + (isFlushed ? 1 : 0) === bytes.length && code === (isFlushed ? ((low >>> 24) + 1) * 2 ** 24 : 0)
      );
    },
  };
};

const top = 0xffff_ffff;
const lookahead = 4;

/** Twice the zeros plus one at 2 * context, twice the ones plus one beside them. */
type Odds = Uint32Array<ArrayBuffer>;
const createOdds = (contexts: number): Odds => Uint32Array.from({ length: 2 * contexts }, () => 1);

/** Of a zero, in 65536. */
const chanceOf = (odds: Odds, context: number): number => {
  const zeros = odds[2 * context] ?? 1;
  return Math.floor((65_536 * zeros) / (zeros + (odds[2 * context + 1] ?? 1)));
};

const count = (odds: Odds, context: number, bit: number): void => {
  const at = 2 * context + bit;
  odds[at] = (odds[at] ?? 1) + 2;
};

const splitOf = (low: number, high: number, chance: number): number =>
  low + Math.floor(((high - low) * chance) / 65_536);
