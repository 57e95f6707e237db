/**
 * A batch: entries of one chain in a row, as they travel to the ledger (FORMATS, "Log").
 *
 *     CBOR {"epoch", "from", "entries": [[bytes, personal or null, salt or null], ...], "checkpoint"}
 *
 * Written and read by hand, in a fraction of the time that the library takes over so many rows. Reading is as strict as
 * everywhere (cose.ts), takes the keys in any order, and makes no copies: what is read are views of the batch.
 */
import { type Bytes, concatBytes, fromUtf8, toUtf8 } from "./bytes.ts";
import { encodeCbor } from "./cose.ts";
import type { Entry } from "./log.ts";

export type Batch = {
  readonly epoch: Bytes;
  readonly from: number;
  readonly entries: readonly BatchEntry[];
  readonly checkpoint: Bytes;
};
export type BatchEntry = Pick<Entry, "bytes" | "personal">;

export const batchEntriesMax = 1000;
export const batchBytesMax = 4 * 1024 * 1024;
/** Larger than any `installed` entry with the largest policy that a publisher lets through. */
export const entryBytesMax = 512 * 1024;
export const personalCharsMax = 2000;

/** Keys in the order of their bytes. */
export const encodeBatch = ({ epoch, from, entries, checkpoint }: Batch): Bytes =>
  concatBytes(
    cborHead(majors.map, 4),
    ...["from", from, "epoch", epoch, "entries"].map(encodeCbor),
    cborHead(majors.array, entries.length),
    ...entries.flatMap(rowOfEntry),
    ...["checkpoint", checkpoint].map(encodeCbor),
  );

const rowOfEntry = ({ bytes, personal }: BatchEntry): readonly Bytes[] => {
  const row = [cborHead(majors.array, 3), cborHead(majors.bytes, bytes.length), bytes];
  if (personal === null) return [...row, cborNull, cborNull];
  const text = toUtf8(personal.text);
  const { salt } = personal;
  return [...row, cborHead(majors.text, text.length), text, cborHead(majors.bytes, salt.length), salt];
};

const majors = { integer: 0, bytes: 2, text: 3, array: 4, map: 5 } as const;
const nullByte = 0xf6;
const cborNull: Bytes = Uint8Array.of(nullByte);

/** RFC 8949 section 3, as short as it gets. */
const cborHead = (major: number, length: number): Bytes => {
  const first = major << 5;
  if (length < 24) return Uint8Array.of(first | length);
  if (length < 0x100) return Uint8Array.of(first | 24, length);
  if (length < 0x10000) return Uint8Array.of(first | 25, length >> 8, length & 0xff);
  return Uint8Array.of(first | 26, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
};

/** The batch in `bytes`, within the limits above, or null. Never throws. */
export const decodeBatch = (bytes: Bytes): Batch | null => {
  if (bytes.length > batchBytesMax) return null;
  try {
    const place = { bytes, at: 0 };
    const batch = readBatch(place);
    return place.at === bytes.length ? batch : null;
  } catch {
    return null; // it is none
  }
};

/** Where reading has got to. */
type Place = { readonly bytes: Bytes; at: number };

const insist = (isRight: boolean): void => {
  if (!isRight) throw malformed;
};
/** Made once: a trace for each of them costs more than it says. */
const malformed = new RangeError("this is no batch");

const readBatch = (place: Place): Batch => {
  const fields: { -readonly [key in keyof Batch]?: Batch[key] } = {};
  insist(readHead(place, majors.map) === 4);
  for (let left = 4; left > 0; left--) {
    const key = readText(place, longestKey);
    insist(!(key in fields));
    if (key === "epoch") fields.epoch = readBytes(place, 16);
    else if (key === "from") fields.from = readHead(place, majors.integer);
    else if (key === "entries") fields.entries = readEntries(place);
    else if (key === "checkpoint") fields.checkpoint = readBytes(place);
    else throw malformed;
  }
  const { epoch, from, entries, checkpoint } = fields;
  if (epoch?.length !== 16 || from === undefined || entries === undefined || checkpoint === undefined) {
    throw malformed;
  }
  insist(from >= 1 && Number.isSafeInteger(from));
  return { epoch, from, entries, checkpoint };
};

const longestKey = "checkpoint".length;

const readEntries = (place: Place): readonly BatchEntry[] => {
  const count = readHead(place, majors.array);
  insist(count >= 1 && count <= batchEntriesMax);
  return Array.from({ length: count }, () => readRow(place));
};

const readRow = (place: Place): BatchEntry => {
  insist(readHead(place, majors.array) === 3);
  const bytes = readBytes(place, entryBytesMax);
  if (place.bytes[place.at] === nullByte) {
    insist(place.bytes[place.at + 1] === nullByte);
    place.at += 2;
    return { bytes, personal: null };
  }
  const text = readText(place, personalTextBytesMax);
  const salt = readBytes(place, 16);
  insist(text.length <= personalCharsMax && salt.length === 16);
  return { bytes, personal: { text, salt } };
};

/** UTF-8 of as many characters. */
const personalTextBytesMax = 3 * personalCharsMax;

const readText = (place: Place, bytesMax: number): string => {
  const text = fromUtf8(readString(place, majors.text, bytesMax));
  if (text === null) throw malformed;
  return text;
};

const readBytes = (place: Place, bytesMax: number = batchBytesMax): Bytes => readString(place, majors.bytes, bytesMax);

const readString = (place: Place, major: number, bytesMax: number): Bytes => {
  const length = readHead(place, major);
  const end = place.at + length;
  insist(length <= bytesMax && end <= place.bytes.length);
  const read = place.bytes.subarray(place.at, end);
  place.at = end;
  return read;
};

/** Integers and lengths are refused where they could be shorter. */
const readHead = (place: Place, major: number): number => {
  const { bytes } = place;
  const first = bytes[place.at++] ?? Number.NaN;
  insist(first >> 5 === major);
  const low = first & 31;
  if (low < 24) return low;
  insist(low <= 27);
  const size = 2 ** (low - 24);
  let value = 0;
  for (let left = size; left > 0; left--) value = value * 256 + (bytes[place.at++] ?? Number.NaN);
  insist(value >= (size === 1 ? 24 : 2 ** (4 * size))); // nor is it one where the bytes end
  return value;
};
