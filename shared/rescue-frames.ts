/**
 * A sealed rescue (rescue.ts) as a moving code: QR codes shown one after another, over and over, for the camera of another
 * terminal. Each text stands for itself, so that they may be read in any order and any of them twice.
 *
 *     text = "GLR1:" + base45 of CBOR [id (8), index, total, bytes]            at most 800 characters
 *     id   = first 8 bytes of the SHA-256 of the sealed rescue
 *
 * `index` counts from 0; every part but the last has `frameBytes`. The text is none of a citizen's: verify says `not-ours`,
 * and a terminal takes it for no tap.
 */
import { decodeBase45, encodeBase45 } from "./base45.ts";
import { type Bytes, concatBytes, equalBytes, sha256, toHex } from "./bytes.ts";
import { decodeCbor, encodeCbor } from "./cose.ts";
import { rescueBytesMax } from "./rescue.ts";

export const framePrefix = "GLR1:";
export const frameBytes = 500;
export const frameCharsMax = 800;
export const framesMax = Math.ceil(rescueBytesMax / frameBytes);

export type RescueFrame = { readonly id: Bytes; readonly index: number; readonly total: number; readonly bytes: Bytes };

/** What was read so far of one rescue. */
export type Assembly = { readonly id: Bytes; readonly total: number; readonly parts: ReadonlyMap<number, Bytes> };

export const rescueIdOf = async (sealed: Bytes): Promise<Bytes> => (await sha256(sealed)).slice(0, idBytes);

export const encodeFrames = async (sealed: Bytes): Promise<readonly string[]> => {
  const id = await rescueIdOf(sealed);
  const total = Math.ceil(sealed.length / frameBytes);
  return Array.from({ length: total }, (_, index) => {
    const bytes = sealed.slice(index * frameBytes, (index + 1) * frameBytes);
    return framePrefix + encodeBase45(encodeCbor([id, index, total, bytes]));
  });
};

/** Null where the text is no such frame. Never throws. */
export const readFrame = (text: string): RescueFrame | null => {
  if (!text.startsWith(framePrefix) || text.length > frameCharsMax) return null;
  const coded = decodeBase45(text.slice(framePrefix.length));
  const fields = coded === null ? null : decodeCbor(coded)?.value;
  if (!Array.isArray(fields) || fields.length !== 4) return null;
  const [id, index, total, bytes] = fields as readonly unknown[];
  if (!(id instanceof Uint8Array) || id.length !== idBytes || !(bytes instanceof Uint8Array)) return null;
  if (!isCount(index) || !isCount(total) || index >= total || total > framesMax) return null;
  const isLast = index === total - 1;
  if (bytes.length < 1 || bytes.length > frameBytes || (!isLast && bytes.length !== frameBytes)) return null;
  return { id: new Uint8Array(id), index, total, bytes: new Uint8Array(bytes) };
};

/** A frame of another rescue begins anew: one at a time is held up. */
export const addFrame = (assembly: Assembly | null, { id, index, total, bytes }: RescueFrame): Assembly => {
  const isSame = assembly !== null && assembly.total === total && equalBytes(assembly.id, id);
  if (!isSame) return { id, total, parts: new Map([[index, bytes]]) };
  return assembly.parts.has(index) ? assembly : { ...assembly, parts: new Map(assembly.parts).set(index, bytes) };
};

export const isComplete = ({ parts, total }: Assembly): boolean => parts.size === total;

/** The sealed rescue; null where its parts are not those of its id. */
export const joinFrames = async ({ id, total, parts }: Assembly): Promise<Bytes | null> => {
  const inOrder = Array.from({ length: total }, (_, index) => parts.get(index) ?? new Uint8Array(0));
  const sealed = concatBytes(...inOrder);
  return equalBytes(await rescueIdOf(sealed), id) ? sealed : null;
};

/** Its name wherever it is kept. */
export const rescueNameOf = async (sealed: Bytes): Promise<string> => toHex(await rescueIdOf(sealed));

const idBytes = 8;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
