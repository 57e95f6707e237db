/**
 * What lies on a device's disks, read by the observer's own eyes: it walks the journal's bytes as its format says and asks
 * none of the code that it judges. An entry is named by its hash; one that lies there damaged is not there.
 */
import { crc32 } from "node:zlib";
import { type Bytes, equalBytes } from "../../shared/bytes.ts";
import type { Entry } from "../../shared/log.ts";
import type { Device } from "./device.ts";

export const nameOf = (hash: Uint8Array): string => Buffer.from(hash).toString("latin1");

/** Whether this very entry would be there after a power cut now. */
export const isDurable = (device: Device, entry: Entry): boolean => {
  const row = device.database.rows("log").get(entry.seq);
  if (row !== undefined && device.database.isOnDisk("log", entry.seq) && isSame(row as Entry, entry)) return true;
  if (!device.files.areNamesOnDisk()) return false;
  return device.files.names().some((file) => {
    const bytes = device.files.onDisk(file);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(entry.bytes) !== -1;
  });
};

/** The names of all of `wanted` that lie somewhere. */
export const heldOn = (device: Device, wanted: ReadonlyMap<string, Entry>): ReadonlySet<string> => {
  if (wanted.size === 0) return new Set();
  const held = new Set(heldInDatabase(device, wanted));
  for (const file of device.files.names()) {
    for (const { name, content } of readJournal(device.files.onDisk(file)).entries) {
      const known = wanted.get(name);
      if (known !== undefined && isIn(content, known)) held.add(name);
    }
  }
  return held;
};

/** Of those, what would lie there after a power cut, whatever became of a file whose name is new. */
export const heldInDatabase = (device: Device, wanted: ReadonlyMap<string, Entry>): ReadonlySet<string> => {
  const held = new Set(heldInRemains(device, wanted));
  for (const [seq, row] of device.database.rows("log")) {
    if (device.database.isOnDisk("log", seq) && isWanted(row as Entry, wanted)) held.add(nameOf((row as Entry).hash));
  }
  return held;
};

/** Of those, what is kept there to be told again. */
export const heldInRemains = ({ database }: Device, wanted: ReadonlyMap<string, Entry>): ReadonlySet<string> => {
  const rows = [...database.rows("remains").values()] as readonly { readonly entries: readonly Entry[] }[];
  const kept = rows.flatMap(({ entries }) => entries).filter((entry) => isWanted(entry, wanted));
  return new Set(kept.map(({ hash }) => nameOf(hash)));
};

const isWanted = (entry: Entry, wanted: ReadonlyMap<string, Entry>): boolean => {
  const known = wanted.get(nameOf(entry.hash));
  return known !== undefined && isSame(entry, known);
};

/** Whether both copies are whole, and the same. */
export const areCopiesSame = ({ database, files }: Device): boolean => {
  const [file, ...others] = files.names().filter((name) => isJournal(files.onDisk(name)));
  const head = database.rows("meta").get("head") as { readonly hash: Bytes } | undefined;
  if (file === undefined || others.length > 0 || head === undefined || !files.areNamesOnDisk()) return false;
  const { entries, isWhole } = readJournal(files.onDisk(file));
  const inFile = new Map(entries.map(({ name, content }) => [name, content]));
  const rows = [...database.rows("log").values()] as readonly Entry[];
  const newest = rows.at(-1);
  if (!isWhole || (entries.at(-1)?.name ?? "") !== (newest === undefined ? "" : nameOf(newest.hash))) return false;
  return rows.every((row) => {
    const content = inFile.get(nameOf(row.hash));
    return content !== undefined && isIn(content, row);
  });
};

const isSame = (a: Entry, b: Entry): boolean =>
  a === b || (equalBytes(a.hash, b.hash) && equalBytes(a.bytes, b.bytes) && a.personal?.text === b.personal?.text);

/** Under its hash may lie what a damage made of it, written anew: it is all of what follows seq, hash and length. */
const isIn = (content: Buffer, { bytes, personal }: Entry): boolean => {
  const beside = personal === null ? [] : [personal.salt, Buffer.from(personal.text)];
  return content.subarray(45).equals(Buffer.concat([bytes, ...beside]));
};

/** A spare one begins otherwise. */
const isJournal = (bytes: Bytes): boolean => Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "GLJ1";

type Recorded = { readonly name: string; readonly content: Buffer };

/** The sound entries of a journal, up to where its records can no longer be followed. `isWhole`: and there is nothing else. */
const readJournal = (bytes: Bytes): { readonly entries: readonly Recorded[]; readonly isWhole: boolean } => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isJournal(bytes)) return { entries: [], isWhole: false };
  const entries: Recorded[] = [];
  let isWhole = true;
  const contentAt = (offset: number): { readonly content: Buffer; readonly isSound: boolean } | null => {
    if (offset + 8 > file.length) return null;
    const length = file.readUInt32BE(offset);
    if (length === 0 || offset + 8 + length > file.length) return null;
    const content = file.subarray(offset + 8, offset + 8 + length);
    return { content, isSound: crc32(content) === file.readUInt32BE(offset + 4) };
  };
  for (let offset = 4, isFirst = true; ; isFirst = false) {
    const read = contentAt(offset);
    if (read === null || (isFirst && !read.isSound)) {
      return { entries, isWhole: isWhole && !isFirst && offset === file.length };
    }
    const next = offset + 8 + read.content.length;
    if (!read.isSound && contentAt(next)?.isSound !== true) return { entries, isWhole: false };
    isWhole &&= read.isSound;
    if (read.isSound && read.content[0] === 2) {
      entries.push({ name: read.content.subarray(9, 41).toString("latin1"), content: read.content });
    }
    offset = next;
  }
};
