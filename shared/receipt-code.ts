/**
 * The short code on a receipt, by which anybody can ask why (FORMATS, "Log"): three parts, in the letters of Crockford's
 * base 32, which have no I, L, O and U.
 *
 *     7KQM-3F2-9XT4
 *     chain            the first 20 bits of the hash before its first entry
 *          seq         the number of the entry in its chain, without leading zeros
 *              hash    the first 20 bits of the entry's own: a slip of the pen finds nothing, and codes cannot be counted up
 *
 * A code finds its entry by the keys that a ledger has anyway. Reading takes small letters, I and L as 1, O as 0, and
 * whatever separates the parts.
 */
import type { Bytes } from "./bytes.ts";
import { type Chain, genesisOf } from "./log.ts";

export type ReceiptCode = { readonly chain: number; readonly seq: number; readonly hash: number };

export const receiptCodeOf = async (chain: Chain, seq: number, hash: Bytes): Promise<string> =>
  writeReceiptCode({ chain: leadOf((await genesisOf(chain)).hash), seq, hash: leadOf(hash) });

/** The first 20 bits. */
export const leadOf = (hash: Bytes): number => ((hash[0] ?? 0) << 12) | ((hash[1] ?? 0) << 4) | ((hash[2] ?? 0) >> 4);

export const writeReceiptCode = ({ chain, seq, hash }: ReceiptCode): string =>
  [lettersOf(chain).padStart(4, "0"), lettersOf(seq), lettersOf(hash).padStart(4, "0")].join("-");

/** Null for what is no code. */
export const readReceiptCode = (text: string): ReceiptCode | null => {
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll(/[IL]/g, "1").replaceAll("O", "0");
  if (letters.length < 9 || letters.length > 18 || !/^[0-9A-HJKMNP-TV-Z]+$/.test(letters)) return null;
  const [chain, seq, hash] = [letters.slice(0, 4), letters.slice(4, -4), letters.slice(-4)].map(numberOf);
  if (chain === undefined || hash === undefined || !Number.isSafeInteger(seq) || seq === undefined || seq < 1)
    return null;
  return { chain, seq, hash };
};

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const lettersOf = (number: number): string =>
  number < 32 ? alphabet.charAt(number) : lettersOf(Math.floor(number / 32)) + alphabet.charAt(number % 32);

const numberOf = (letters: string): number =>
  [...letters].reduce((number, letter) => number * 32 + alphabet.indexOf(letter), 0);
