/**
 * The second copy of a log as a file, byte by byte; all numbers big-endian.
 *
 *     file    = "GLJ1" | record | record ...
 *     record  = length of the content (4) | CRC-32 of the content (4) | content
 *     content = 1 | epoch (16) | terminal id, UTF-8                  whose it is: the first record
 *             | 2 | seq (8) | hash (32) | length of bytes (4) | bytes | nothing, or salt (16) | personal text, UTF-8
 *             | 3 | seq (8) | floorAt (8)                            acknowledged up to seq, at this signed time
 *
 *             | any other number                                     of a later version: passed over, and kept
 *
 * Reading: a record whose CRC is wrong is passed over where the next one is sound; otherwise the file ends before it and is
 * `torn`, as a write that was cut off leaves it. Cut off may be an entry, unless what is left there has the length of an ack.
 * A file without its first record says nothing at all.
 */
import { type Bytes, concatBytes, fromUtf8, toUtf8 } from "../shared/bytes.ts";
import type { Chain, Entry, Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";

export type JournalRecord =
  | { readonly kind: "chain"; readonly chain: Chain }
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "ack"; readonly seq: number; readonly floorAt: Instant };

/** What reading finds: also what only a later version knows. */
export type FoundRecord = JournalRecord | { readonly kind: "unknown" };

/** Up to `length` bytes of the file from `offset` on. */
export type ReadAt = (offset: number, length: number) => Bytes;

/**
 * Of every entry where it begins, in the order of the file. `end`: behind the last sound record. `isTorn`: there is more than
 * that; `isEntryTorn`: and it may have been an entry.
 */
export type JournalIndex = {
  readonly chain: Chain | null;
  readonly places: Place[];
  readonly head: Head | null;
  readonly ackedSeq: number;
  readonly floorAt: Instant;
  readonly end: number;
  readonly isTorn: boolean;
  readonly isEntryTorn: boolean;
};

export type Place = { readonly seq: number; readonly offset: number };

export const magic = toUtf8("GLJ1");
/** In its place: a file that is not in use, or not yet whole. Whatever follows says nothing. */
export const spareMagic = toUtf8("GLJ0");

/** More than any entry, so that a damaged length allocates nothing to speak of. */
const contentBytesMax = 16 * 1024 * 1024;
const headBytes = 8;
const saltBytes = 16;
const ackBytes = 17;

export const encodeRecord = (record: JournalRecord): Bytes => {
  const bytes = concatBytes(new Uint8Array(headBytes), ...contentOf(record));
  const content = bytes.subarray(headBytes);
  if (content.length > contentBytesMax) throw new RangeError("an entry is larger than a journal takes");
  bytes.set(bigEndian(content.length, 4));
  bytes.set(bigEndian(checksumOf(content), 4), 4);
  return bytes;
};

export const indexJournal = (readAt: ReadAt, size: number): JournalIndex => {
  const isTorn = size > 0;
  const nothing = { chain: null, places: [], head: null, ackedSeq: 0, floorAt: 0, end: 0, isTorn, isEntryTorn: isTorn };
  const hasMagic = readAt(0, magic.length).every((byte, i) => byte === magic[i]) && size >= magic.length;
  const first = hasMagic ? readRecord(readAt, magic.length) : null;
  if (first?.record?.kind !== "chain") return nothing;

  const places: Place[] = [];
  let [head, ackedSeq, floorAt]: [Head | null, number, Instant] = [null, 0, 0];
  let offset = first.next;
  while (offset < size) {
    const read = readRecord(readAt, offset, viewed);
    if (read === null || (read.record === null && readRecord(readAt, read.next)?.record == null)) break;
    if (read.record?.kind === "entry") {
      const { seq, hash } = read.record.entry;
      places.push({ seq, offset });
      head = { seq, hash };
    }
    if (read.record?.kind === "ack") {
      ackedSeq = Math.max(ackedSeq, read.record.seq);
      floorAt = Math.max(floorAt, read.record.floorAt);
    }
    offset = read.next;
  }
  const newest = head === null ? null : { seq: head.seq, hash: head.hash.slice() };
  const torn = { isTorn: offset < size, isEntryTorn: offset < size && !isAckCutOff(readAt, offset, size) };
  return { chain: first.record.chain, places, head: newest, ackedSeq, floorAt, end: offset, ...torn };
};

/** An entry is longer than an ack, and so is whatever else may stand here. */
const isAckCutOff = (readAt: ReadAt, offset: number, size: number): boolean =>
  size - offset <= headBytes + ackBytes && numberAt(readAt(offset, 4), 0, 4) === ackBytes;

/** Null where no record can begin; `record` null where one stands, damaged. `part`: how bytes are taken out of what was read. */
export const readRecord = (
  readAt: ReadAt,
  offset: number,
  part: Part = copied,
): { readonly record: FoundRecord | null; readonly next: number } | null => {
  const start = readAt(offset, headBytes);
  if (start.length < headBytes) return null;
  const [length, checksum] = [numberAt(start, 0, 4), numberAt(start, 4, 4)];
  if (length === 0 || length > contentBytesMax) return null;
  const content = readAt(offset + headBytes, length);
  if (content.length < length) return null;
  const record = checksumOf(content) === checksum ? decodeContent(content, part) : null;
  return { record, next: offset + headBytes + length };
};

const kinds = { chain: 1, entry: 2, ack: 3 } as const;

const contentOf = (record: JournalRecord): readonly Bytes[] => {
  const kind = bigEndian(kinds[record.kind], 1);
  switch (record.kind) {
    case "chain":
      return [kind, record.chain.epoch, toUtf8(record.chain.terminal)];
    case "ack":
      return [kind, bigEndian(record.seq, 8), bigEndian(record.floorAt, 8)];
    case "entry": {
      const { seq, hash, bytes, personal } = record.entry;
      const beside = personal === null ? [] : [personal.salt, toUtf8(personal.text)];
      return [kind, bigEndian(seq, 8), hash, bigEndian(bytes.length, 4), bytes, ...beside];
    }
  }
};

type Part = (content: Bytes, start: number, end: number) => Bytes;
const copied: Part = (content, start, end) => content.slice(start, end);
/** For a moment: an index keeps none of it. */
const viewed: Part = (content, start, end) => content.subarray(start, end);

const decodeContent = (content: Bytes, part: Part): FoundRecord | null => {
  switch (content[0]) {
    case kinds.chain: {
      const terminal = fromUtf8(content.subarray(17));
      return terminal === null ? null : { kind: "chain", chain: { terminal, epoch: part(content, 1, 17) } };
    }
    case kinds.ack:
      return { kind: "ack", seq: numberAt(content, 1, 8), floorAt: numberAt(content, 9, 8) };
    case kinds.entry: {
      const end = 45 + numberAt(content, 41, 4);
      const entry = { seq: numberAt(content, 1, 8), hash: part(content, 9, 41), bytes: part(content, 45, end) };
      if (content.length === end) return { kind: "entry", entry: { ...entry, personal: null } };
      const text = fromUtf8(content.subarray(end + saltBytes));
      const salt = part(content, end, end + saltBytes);
      return text === null ? null : { kind: "entry", entry: { ...entry, personal: { text, salt } } };
    }
    default:
      return { kind: "unknown" };
  }
};

const bigEndian = (value: number, length: number): Bytes => {
  const bytes = new Uint8Array(length);
  for (let [i, rest] = [length - 1, value]; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
};

const numberAt = (bytes: Bytes, offset: number, length: number): number => {
  let value = 0;
  for (let i = offset; i < offset + length; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
};

/** CRC-32 (ISO-HDLC), as in zip and PNG. Four bytes at a time: a start reads the whole file, and that takes a third. */
const checksumOf = (bytes: Bytes): number => {
  const fours = bytes.length - (bytes.length % 4);
  let sum = -1;
  for (let i = 0; i < fours; i += 4) {
    sum ^= (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
    sum =
      (checksumTable[0x300 | (sum & 0xff)] ?? 0) ^
      (checksumTable[0x200 | ((sum >>> 8) & 0xff)] ?? 0) ^
      (checksumTable[0x100 | ((sum >>> 16) & 0xff)] ?? 0) ^
      (checksumTable[sum >>> 24] ?? 0);
  }
  for (let i = fours; i < bytes.length; i++) {
    sum = (checksumTable[(sum ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  }
  return ~sum >>> 0;
};

/** What becomes of a byte: in the first 256 places by itself, in the next with a zero byte behind it, then two, then three. */
const checksumTable = new Int32Array(4 * 256);
for (let i = 0; i < checksumTable.length; i++) {
  let value = i < 256 ? i : (checksumTable[i - 256] ?? 0);
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  checksumTable[i] = value;
}
