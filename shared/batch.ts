/**
 * A batch: entries of one chain in a row, as they travel to the ledger (FORMATS, "Log").
 *
 *     CBOR {"epoch", "from", "entries": [[bytes, personal or null, salt or null], ...], "checkpoint"}
 *
 * Written and read by hand, in a fraction of the time that the library takes over so many rows. Reading is as strict as
 * everywhere (cose.ts), takes the keys in any order, and makes no copies: what is read are views of the batch.
 */
import { type Bytes, fromUtf8, writeUtf8 } from "./bytes.ts";
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

/** Keys in the order of their bytes. Into one piece: an array for each head and text takes ten times as long. */
export const encodeBatch = ({ epoch, from, entries, checkpoint }: Batch): Bytes => {
  const place = { bytes: new Uint8Array(roomFor(entries) + checkpoint.length), at: 0 };
  writeHead(place, majors.map, 4);
  writeText(place, "from");
  writeHead(place, majors.integer, from);
  writeText(place, "epoch");
  writeBytes(place, epoch);
  writeText(place, "entries");
  writeHead(place, majors.array, entries.length);
  for (const entry of entries) writeRow(place, entry);
  writeText(place, "checkpoint");
  writeBytes(place, checkpoint);
  return place.bytes.subarray(0, place.at);
};

/** At most so much, without the checkpoint: a character takes three bytes, a row 14 for its heads, the rest less than 100. */
const roomFor = (entries: readonly BatchEntry[]): number =>
  entries.reduce((sum, { bytes, personal }) => sum + bytes.length + roomForPersonal(personal) + 14, 100);
const roomForPersonal = (personal: BatchEntry["personal"]): number =>
  personal === null ? 0 : 3 * personal.text.length + personal.salt.length;

const writeRow = (place: Place, { bytes, personal }: BatchEntry): void => {
  writeHead(place, majors.array, 3);
  writeBytes(place, bytes);
  if (personal === null) {
    place.bytes[place.at++] = nullByte;
    place.bytes[place.at++] = nullByte;
    return;
  }
  writeText(place, personal.text);
  writeBytes(place, personal.salt);
};

const majors = { integer: 0, bytes: 2, text: 3, array: 4, map: 5 } as const;
const nullByte = 0xf6;

/** Its head as if it were ASCII, which it nearly always is; else once more behind the right one. */
const writeText = (place: Place, text: string): void => {
  const start = place.at;
  writeHead(place, majors.text, text.length);
  let length = writeUtf8(text, place.bytes.subarray(place.at));
  if (length !== text.length) {
    place.at = start;
    writeHead(place, majors.text, length);
    length = writeUtf8(text, place.bytes.subarray(place.at));
  }
  place.at += length;
};

const writeBytes = (place: Place, bytes: Bytes): void => {
  writeHead(place, majors.bytes, bytes.length);
  place.bytes.set(bytes, place.at);
  place.at += bytes.length;
};

/** RFC 8949 section 3, as short as it gets. */
const writeHead = (place: Place, major: number, value: number): void => {
  const { bytes } = place;
  const first = major << 5;
  if (value < 24) {
    bytes[place.at++] = first | value;
    return;
  }
  const power = value < 0x100 ? 0 : value < 0x10000 ? 1 : value < 2 ** 32 ? 2 : 3;
  const size = 2 ** power;
  bytes[place.at] = first | (24 + power);
  for (let left = size, rest = value; left > 0; left--, rest = Math.floor(rest / 256))
    bytes[place.at + left] = rest % 256;
  place.at += 1 + size;
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
