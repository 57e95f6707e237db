/** Chance that a seed fixes (sfc32): the same seed throws the same, on every machine. */
import type { Bytes } from "../../shared/bytes.ts";

export type Dice = {
  /** A whole number from 0 up to, not including, `count`. */
  readonly below: (count: number) => number;
  readonly chance: (share: number) => boolean;
  readonly between: (low: number, high: number) => number;
  /** As often short as exponential waiting is, `mean` on average. */
  readonly waiting: (mean: number) => number;
  readonly pick: <T>(of: readonly T[]) => T;
  readonly bytes: (length: number) => Bytes;
  /** Dice of their own, so that what one part throws does not move what another does. */
  readonly split: () => Dice;
};

export const createDice = (seed: number): Dice => {
  let [a, b, c, d] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9 | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) next();

  const fraction = (): number => next() / 2 ** 32;
  const below = (count: number): number => Math.floor(fraction() * count);
  return {
    below,
    chance: (share) => fraction() < share,
    between: (low, high) => low + fraction() * (high - low),
    waiting: (mean) => -mean * Math.log(1 - fraction()),
    pick: <T>(of: readonly T[]): T => {
      const picked = of[below(of.length)];
      if (picked === undefined) throw new RangeError("there is nothing to pick from");
      return picked;
    },
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i += 4) {
        const four = next();
        for (let at = i; at < Math.min(length, i + 4); at++) bytes[at] = four >>> (8 * (at - i));
      }
      return bytes;
    },
    split: () => createDice(next() + next() * 2 ** 21),
  };
};
