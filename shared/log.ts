/**
 * The hash-chained log of one terminal in one epoch (FORMATS, "Log").
 *
 *     hash = SHA-256("greenlane-log/v1" || 0x00 || prev (32) || seq (8, big-endian, from 1) || bytes)
 *     prev of seq 1 = SHA-256("greenlane-genesis/v1" || 0x00 || terminal id || 0x00 || epoch (16))
 *
 * Personal fields are bound by SHA-256(salt (16) || text) inside `bytes`, so that erasing them leaves every chain whole.
 * A pseudonym is the first 16 bytes of HMAC-SHA-256(operator key, programme || 0x00 || sub), base64url: the same person
 * at the same operator, and nobody's name.
 */
import { type Bytes, concatBytes, type Digest, equalBytes, sha256, toBase64url, toUtf8, writeUtf8 } from "./bytes.ts";
import type { CryptoKey } from "./keys.ts";
import { encodeTransaction, type Personal, type Transaction } from "./transaction.ts";

export type PersonalText = { readonly text: string; readonly salt: Bytes };

export type Entry = {
  readonly seq: number;
  readonly hash: Bytes;
  readonly bytes: Bytes;
  readonly personal: PersonalText | null;
};

/** The newest entry; `seq` 0 and the genesis hash before the first. */
export type Head = { readonly seq: number; readonly hash: Bytes };

/** Which chain: a terminal's, in one epoch (16 random bytes, new when the terminal lost its log). */
export type Chain = { readonly terminal: string; readonly epoch: Bytes };

export const genesisOf = async (chain: Chain, digest: Digest = sha256): Promise<Head> => ({
  seq: 0,
  hash: await digest(concatBytes(toUtf8("greenlane-genesis/v1"), zero, toUtf8(chain.terminal), zero, chain.epoch)),
});

/** The head after `bytes`; at once where `digest` is. `room`: where to lay out what is hashed, see `roomFor`. */
export const extendChain = (
  head: Head,
  bytes: Bytes,
  digest: Digest = sha256,
  room: Bytes = bytes.length <= usualBytes ? usualRoom : roomFor(bytes.length),
): Head | Promise<Head> => {
  const seq = head.seq + 1;
  const hashed = room.subarray(0, logLabel.length + 40 + bytes.length);
  hashed.set(logLabel);
  hashed.set(head.hash, logLabel.length);
  for (let i = 0, rest = seq; i < 8; i++, rest = Math.floor(rest / 256)) hashed[logLabel.length + 39 - i] = rest % 256;
  hashed.set(bytes, logLabel.length + 40);
  const hash = digest(hashed);
  return hash instanceof Promise ? hash.then((digested) => ({ seq, hash: digested })) : { seq, hash };
};

/** For entries of up to `bytesMax`, one after another: to make room for each of them costs as much as its hash. */
export const roomFor = (bytesMax: number): Bytes => new Uint8Array(logLabel.length + 40 + bytesMax);

/** The entry that follows `head`. `salt` (16 random bytes) is used only where there is something personal. */
export const makeEntry = async (
  head: Head,
  transaction: Transaction,
  personal: Personal,
  salt: Bytes,
): Promise<Entry> => {
  const sealed = Object.keys(personal).length === 0 ? null : { text: JSON.stringify(personal), salt };
  const bound = sealed === null ? {} : { personal: await personalHash(sealed) };
  const bytes = encodeTransaction({ ...transaction, ...bound });
  return { ...(await extendChain(head, bytes)), bytes, personal: sealed };
};

/** `room` as of `extendChain`, by `roomForPersonal`. */
export const personalHash = (
  { salt, text }: PersonalText,
  digest: Digest = sha256,
  room: Bytes = roomForPersonal(text.length, salt.length),
): string | Promise<string> => {
  room.set(salt);
  const hash = digest(room.subarray(0, salt.length + writeUtf8(text, room.subarray(salt.length))));
  return hash instanceof Promise ? hash.then(toBase64url) : toBase64url(hash);
};

/** For texts of up to `charsMax`, one after another. */
export const roomForPersonal = (charsMax: number, saltLength = 16): Bytes => new Uint8Array(saltLength + 3 * charsMax);

/** First place where the entries do not follow from `head`, or null where they all do. */
export const firstBreak = async (head: Head, entries: readonly Entry[]): Promise<number | null> => {
  let last = head;
  for (const entry of entries) {
    last = await extendChain(last, entry.bytes);
    if (entry.seq !== last.seq || !equalBytes(entry.hash, last.hash)) return entry.seq;
  }
  return null;
};

/** The operator's key of pseudonyms: HMAC-SHA-256, kept where nobody reads it back. */
export const importPseudonymKey = (bytes: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

export const pseudonymOf = async (operatorKey: CryptoKey, programme: string, sub: string): Promise<string> => {
  const text = concatBytes(toUtf8(programme), zero, toUtf8(sub));
  return toBase64url(new Uint8Array(await crypto.subtle.sign("HMAC", operatorKey, text)).slice(0, 16));
};

const zero: Bytes = new Uint8Array(1);
const logLabel = toUtf8("greenlane-log/v1\0");
/** Nearly all entries are shorter. One after another is laid out here, since a digest copies what it is given at once. */
const usualBytes = 4096;
const usualRoom: Bytes = roomFor(usualBytes);
