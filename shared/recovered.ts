/**
 * An entry of a lost chain told again in the terminal's next one (kind `recovered`), so that what happened reaches the
 * ledger by the one way there is, whatever became of the chain that it stood in.
 *
 *     of      {terminal, epoch, seq} where it stood; terminal and epoch null where that chain lost its name
 *     hash    base64url, as it was found there
 *     bytes   base64url, as they were found; absent where they are too large to be told again
 *     beside the entry, where it can be read: its personal fields and their `salt`, base64url
 *
 * Nothing of it is proven: it is what a damaged or forked log said. Whoever has the hash of the entry before can check it,
 * and one (terminal, epoch, seq, hash) is one fact, however often it is told.
 */

import { entryBytesMax, personalCharsMax } from "./batch.ts";
import { type Bytes, fromBase64url, toBase64url } from "./bytes.ts";
import type { Chain, Entry, PersonalText } from "./log.ts";
import { type Personal, type ReadTransaction, type Recovered, readTransaction } from "./transaction.ts";

/** `personal` null where it was not there, or was erased. */
export type RecoveredEntry = {
  readonly of: Recovered["of"];
  readonly hash: Bytes;
  readonly bytes: Bytes;
  readonly personal: PersonalText | null;
};

export type Told = { readonly happening: Recovered; readonly personal: Personal };

/** What is written of an entry that was found. One that was recovered itself is told as it was, not wrapped again. */
export const retell = (chain: Chain | null, found: Entry): Told => {
  const transaction = readTransaction(found.bytes);
  const before = transaction === null ? null : readRecovered(transaction, found.personal);
  const { of, hash, bytes, personal } = before ?? {
    ...found,
    of: {
      terminal: chain?.terminal ?? null,
      epoch: chain === null ? null : toBase64url(chain.epoch),
      seq: found.seq,
    },
  };
  const fits = bytes.length <= bytesMax;
  return {
    happening: {
      kind: "recovered",
      of,
      hash: toBase64url(hash),
      ...(fits ? { bytes: toBase64url(bytes) } : {}),
    },
    personal: personalAgain(personal),
  };
};

/** The entry inside; null where the transaction is not of this kind, or does not carry it. Never throws. */
export const readRecovered = (transaction: ReadTransaction, beside: PersonalText | null): RecoveredEntry | null => {
  if (transaction.kind !== "recovered") return null;
  const { of, hash, bytes } = transaction as Partial<Recovered>;
  const [hashBytes, innerBytes] = [fromText(hash), fromText(bytes)];
  if (hashBytes?.length !== 32 || innerBytes === null || !isPlace(of)) return null;
  return { of, hash: hashBytes, bytes: innerBytes, personal: beside === null ? null : personalBefore(beside.text) };
};

/** With what stands around them, in base64url, an entry is within the bound of all entries. */
const bytesMax = Math.floor((entryBytesMax * 3) / 4) - 1024;

/** The text is JSON as it was written: written again with one field more, it can be taken apart to the byte. */
const personalAgain = (personal: PersonalText | null): Personal => {
  const fields = personal === null ? null : parseObject(personal.text);
  if (personal === null || fields === null) return {};
  const again = { ...fields, salt: toBase64url(personal.salt) };
  return JSON.stringify(again).length <= personalCharsMax ? again : {};
};

const personalBefore = (text: string): PersonalText | null => {
  const { salt, ...fields } = parseObject(text) ?? {};
  const bytes = fromText(salt);
  return bytes === null ? null : { text: JSON.stringify(fields), salt: bytes };
};

const parseObject = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
};

const fromText = (value: unknown): Bytes | null => (typeof value === "string" ? fromBase64url(value) : null);

const isPlace = (of: Partial<Recovered["of"]> | undefined): of is Recovered["of"] =>
  typeof of === "object" && of !== null && Number.isSafeInteger(of.seq) && isName(of.terminal) && isName(of.epoch);

const isName = (value: unknown): boolean => value === null || typeof value === "string";
