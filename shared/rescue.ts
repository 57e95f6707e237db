/**
 * A rescue: what a broken terminal has not handed in yet, on another way to the ledger (a file, a moving code). It holds
 * ordinary batches of one terminal, as `POST /v1/log` takes them, each with a checkpoint that this terminal signed; so it
 * proves whose it is wherever it arrives, and arriving twice changes nothing. It is sealed, since it carries personal
 * fields, to whoever has the operator key: every enrolled terminal and the server.
 *
 *     sealed  = head (36) | AES-256-GCM ciphertext and its tag (16); iv: 12 zero bytes, additional data: the head
 *     head    = "GLR1" | version of the operator key (4) | length of all that follows the head (4) | salt (16) | check (8)
 *     key     = HMAC-SHA-256(operator key, "greenlane-rescue/v1" || 0x00 || salt)
 *     check   = first 8 bytes of HMAC-SHA-256(operator key, "greenlane-rescue-check/v1" || 0x00 || salt)
 *     inside  = gzip of CBOR [terminal, [batch, ...]], each batch as bytes
 *     file    = sealed | sealed | ...                                          *.glr
 *
 * Numbers are big-endian. The salt is random, so each key seals once, and the iv can be fixed. No programme has a `/` in
 * its name, so none of these keys is a pseudonym. `check` tells a rescue of another operator from an altered one.
 */

import { decodeBatch } from "./batch.ts";
import { type Bytes, concatBytes, equalBytes, fromUtf8, toUtf8 } from "./bytes.ts";
import { decodeCbor, encodeCbor } from "./cose.ts";
import type { CryptoKey } from "./keys.ts";
import type { Chain, Head } from "./log.ts";
import { readClaim } from "./sync.ts";

export const rescueBatchesMax = 64;
/** Of the CBOR inside, so that one batch of the largest size fits. */
export const rescueContentBytesMax = 8 * 1024 * 1024;
/** What gzip cannot shrink it makes a little longer. */
export const rescueBytesMax = rescueContentBytesMax + 64 * 1024;

/** The operator key as terminals and the server hold it: HMAC-SHA-256. */
export type OperatorKey = { readonly key: CryptoKey; readonly version: number };

/** `head`: where the batch ends, as its checkpoint says, which nobody has verified yet. `bytes`: as it is sent. */
export type RescuedBatch = Chain & { readonly from: number; readonly head: Head; readonly bytes: Bytes };

export type Rescue = { readonly terminal: string; readonly batches: readonly RescuedBatch[] };

/** In this order. `malformed`: opened by the right key, and not what a terminal of this version writes. */
export type RescueFault = "not-a-rescue" | "too-large" | "truncated" | "foreign" | "altered" | "malformed";

export type OpenedRescue =
  | { readonly kind: "opened"; readonly rescue: Rescue }
  | { readonly kind: "refused"; readonly fault: RescueFault };

/** Undoes gzip; null where it is none, or more than `bytesMax`. Never rejects. */
export type Gunzip = (bytes: Bytes, bytesMax: number) => Promise<Bytes | null>;

/** What is compressed and then sealed. Within the limits above, or it is a bug: throws. */
export const encodeRescue = (terminal: string, batches: readonly Bytes[]): Bytes => {
  const content = encodeCbor([terminal, batches]);
  if (batches.length > rescueBatchesMax || content.length > rescueContentBytesMax) {
    throw new RangeError("more than one rescue holds");
  }
  return content;
};

/** `packed`: the gzip of an encoded rescue. `salt`: 16 random bytes, never used before. */
export const sealRescue = async (packed: Bytes, operator: OperatorKey, salt: Bytes): Promise<Bytes> => {
  const check = await deriveFrom(operator.key, checkLabel, salt);
  const length = packed.length + tagBytes;
  const head = concatBytes(magic, number32(operator.version), number32(length), salt, check.subarray(0, checkBytes));
  const key = await sealingKey(operator.key, salt, "encrypt");
  const algorithm = { name: "AES-GCM", iv: noIv, additionalData: head } as const;
  return concatBytes(head, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, packed)));
};

/** The rescues of a file; the last may be refused later, where the file was cut off. Empty where it is none. */
export const splitRescues = (file: Bytes): readonly Bytes[] => {
  const parts: Bytes[] = [];
  for (let at = 0; at < file.length; ) {
    const length = headBytes + (hasMagic(file.subarray(at)) ? numberAt(file, at + 8) : file.length);
    parts.push(file.slice(at, at + length));
    at += length;
  }
  return parts;
};

export const openRescue = async (sealed: Bytes, operator: OperatorKey, gunzip: Gunzip): Promise<OpenedRescue> => {
  if (!hasMagic(sealed)) return refuse("not-a-rescue");
  if (sealed.length > rescueBytesMax) return refuse("too-large");
  if (sealed.length < headBytes + tagBytes) return refuse("truncated");
  const length = sealed.length - headBytes;
  if (length < numberAt(sealed, 8)) return refuse("truncated");
  if (length > numberAt(sealed, 8)) return refuse("altered");

  const [head, salt, check] = [sealed.slice(0, headBytes), sealed.slice(12, 28), sealed.slice(28, headBytes)];
  const ours = await deriveFrom(operator.key, checkLabel, salt);
  const isOurs = numberAt(sealed, 4) === operator.version && equalBytes(check, ours.subarray(0, checkBytes));
  if (!isOurs) return refuse("foreign");

  const packed = await unseal(sealed.slice(headBytes), head, await sealingKey(operator.key, salt, "decrypt"));
  if (packed === null) return refuse("altered");
  const content = await gunzip(packed, rescueContentBytesMax);
  const rescue = content === null ? null : decodeRescue(content);
  return rescue === null ? refuse("malformed") : { kind: "opened", rescue };
};

/** How many entries they are, as they say. */
export const entriesIn = ({ batches }: Rescue): number =>
  batches.reduce((sum, { from, head }) => sum + head.seq - from + 1, 0);

const magic = toUtf8("GLR1");
const headBytes = 36;
const checkBytes = 8;
const tagBytes = 16;
const noIv: Bytes = new Uint8Array(12);
const keyLabel = "greenlane-rescue/v1";
const checkLabel = "greenlane-rescue-check/v1";

const decodeRescue = (content: Bytes): Rescue | null => {
  const fields = decodeCbor(content)?.value;
  if (!Array.isArray(fields) || fields.length !== 2) return null;
  const [terminal, list] = fields as readonly unknown[];
  if (typeof terminal !== "string" || terminal.length > terminalCharsMax || !Array.isArray(list)) return null;
  if (list.length < 1 || list.length > rescueBatchesMax) return null;
  const batches = list.map((bytes) => readBatch(terminal, bytes));
  return batches.some((each) => each === null) ? null : { terminal, batches: batches as readonly RescuedBatch[] };
};

const terminalCharsMax = 64;

/** The checkpoint has to be about this very batch; whether its terminal signed it is for the server to say. */
const readBatch = (terminal: string, bytes: unknown): RescuedBatch | null => {
  const batch = bytes instanceof Uint8Array ? decodeBatch(new Uint8Array(bytes)) : null;
  const claim = batch === null ? null : readClaim("checkpoint", batch.checkpoint);
  if (batch === null || claim === null) return null;
  const { epoch, seq, hash } = claim;
  const isAbout = claim.terminal === terminal && equalBytes(epoch, batch.epoch);
  if (!isAbout || seq !== batch.from + batch.entries.length - 1) return null;
  return { terminal, epoch, from: batch.from, head: { seq, hash }, bytes: new Uint8Array(bytes as Uint8Array) };
};

const unseal = async (sealed: Bytes, head: Bytes, key: CryptoKey): Promise<Bytes | null> => {
  try {
    const algorithm = { name: "AES-GCM", iv: noIv, additionalData: head } as const;
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed));
  } catch {
    return null;
  }
};

const sealingKey = async (operatorKey: CryptoKey, salt: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", await deriveFrom(operatorKey, keyLabel, salt), { name: "AES-GCM" }, false, [use]);

const deriveFrom = async (operatorKey: CryptoKey, label: string, salt: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", operatorKey, concatBytes(toUtf8(`${label}\0`), salt)));

const hasMagic = (bytes: Uint8Array): boolean => fromUtf8(bytes.subarray(0, magic.length)) === "GLR1";

const number32 = (value: number): Bytes => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

/** 0 where the bytes end before it. */
const numberAt = (bytes: Bytes, offset: number): number =>
  offset + 4 > bytes.length ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset);

const refuse = (fault: RescueFault): OpenedRescue => ({ kind: "refused", fault });
