/**
 * What lies on a device's disks, read by the observer's own eyes: it walks the journal's bytes as its format says and asks
 * none of the code that it judges. An entry is named by its hash; one that lies there damaged is not there.
 */
import { crc32 } from "node:zlib";
import type { Meta } from "../../kiosk/adapters/database.ts";
import { type Bytes, equalBytes, toBase64url } from "../../shared/bytes.ts";
import type { Entry } from "../../shared/log.ts";
import type { Device } from "./device.ts";

export const nameOf = (hash: Bytes): string =>
  Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString("latin1");

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

/** The names of all of `wanted` that lie somewhere; those that the power would take only where it `isKept`. */
export const heldOn = (device: Device, wanted: ReadonlyMap<string, Entry>, isKept = false): ReadonlySet<string> => {
  if (wanted.size === 0) return new Set();
  const held = new Set(heldInDatabase(device, wanted, isKept));
  for (const file of device.files.names()) {
    for (const { name, content } of readJournal(device.files.onDisk(file)).entries) {
      const known = wanted.get(name);
      if (known !== undefined && isIn(content, known)) held.add(name);
    }
  }
  return held;
};

/** Of those, what would lie there after a power cut, whatever became of a file whose name is new. */
export const heldInDatabase = (
  device: Device,
  wanted: ReadonlyMap<string, Entry>,
  isKept = false,
): ReadonlySet<string> => {
  const held = new Set(heldInRemains(device, wanted));
  const rows = device.database.rows("log");
  for (const [name, entry] of wanted) {
    const row = rows.get(entry.seq);
    const isThere = row !== undefined && (isKept || device.database.isOnDisk("log", entry.seq));
    if (isThere && isSame(row as Entry, entry)) held.add(name);
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

/** Whether both copies are whole, and the same: neither is being written anew. */
export const areCopiesSame = ({ database, files }: Device): boolean => {
  const [file, ...others] = files.names().filter((name) => isJournal(files.onDisk(name)));
  const { chain, head, keptFrom = 0 } = metaOf(database);
  if (file === undefined || others.length > 0 || head === undefined || !files.areNamesOnDisk()) return false;
  const { entries, isWhole, epoch } = readJournal(files.onDisk(file));
  // A page that ends in the middle of a write leaves what it wrote of it.
  if (!files.isFlushed(file)) return false;
  if (!isWhole || chain === undefined || epoch !== toBase64url(chain.epoch)) return false;
  const inFile = new Map(entries.map(({ name, content }) => [name, content]));
  const rows = ([...database.rows("log").values()] as readonly Entry[]).toSorted((a, b) => a.seq - b.seq);
  const newest = rows.at(-1);
  if ((entries.at(-1)?.name ?? "") !== (newest === undefined ? "" : nameOf(newest.hash))) return false;
  const oldest = entries.find(({ content }) => Number(content.readBigUInt64BE(1)) >= keptFrom);
  if (oldest !== undefined && rows.every(({ hash }) => nameOf(hash) !== oldest.name)) return false;
  if (head.seq !== (newest?.seq ?? 0) || (newest !== undefined && !equalBytes(head.hash, newest.hash))) return false;
  return rows.every((row, at) => {
    const content = inFile.get(nameOf(row.hash));
    return content !== undefined && isIn(content, row) && row.seq === (rows[0]?.seq ?? 0) + at;
  });
};

/** Of which chain the database says it is. */
export const epochOn = ({ database }: Device): string | null => {
  const { chain } = metaOf(database);
  return chain === undefined ? null : toBase64url(chain.epoch);
};

/** How far any copy of this chain says that it is acknowledged, and at which signed time. */
export const ackedOn = (
  { database, files }: Device,
  epoch: string,
): { readonly seq: number; readonly floorAt: number } => {
  const { chain, ackedSeq = 0, floorAt = 0 } = metaOf(database);
  const inDatabase = chain !== undefined && toBase64url(chain.epoch) === epoch ? [{ seq: ackedSeq, floorAt }] : [];
  const inFiles = files.names().map((name) => readJournal(files.onDisk(name)));
  const found = [...inDatabase, ...inFiles.filter((each) => each.epoch === epoch).flatMap(({ acks }) => acks)];
  return {
    seq: Math.max(0, ...found.map(({ seq }) => seq)),
    floorAt: Math.max(0, ...found.map((each) => each.floorAt)),
  };
};

const metaOf = (database: Device["database"]): Partial<Meta> => Object.fromEntries(database.rows("meta"));

const isSame = (a: Entry, b: Entry): boolean =>
  a === b || (equalBytes(a.hash, b.hash) && equalBytes(a.bytes, b.bytes) && a.personal?.text === b.personal?.text);

/** Under its hash may lie what a damage made of it, written anew: it is all of what follows seq, hash and length. */
const isIn = (content: Buffer, { bytes, personal }: Entry): boolean => {
  const beside = personal === null ? nothingBeside : Buffer.concat([personal.salt, Buffer.from(personal.text)]);
  const end = 45 + bytes.length;
  return (
    content.length === end + beside.length &&
    content.subarray(45, end).equals(bytes) &&
    content.subarray(end).equals(beside)
  );
};

const nothingBeside = Buffer.alloc(0);

/** A spare one begins otherwise. */
const isJournal = (bytes: Bytes): boolean => Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "GLJ1";

type Recorded = { readonly name: string; readonly content: Buffer };

type ReadJournal = {
  readonly entries: readonly Recorded[];
  readonly acks: readonly { readonly seq: number; readonly floorAt: number }[];
  /** Null where it does not say whose it is. */
  readonly epoch: string | null;
  readonly isWhole: boolean;
};

/** What is sound in a journal, up to where its records can no longer be followed. `isWhole`: and there is nothing else. */
const readJournal = (bytes: Bytes): ReadJournal => {
  const read = journals.get(bytes) ?? walkJournal(bytes);
  journals.set(bytes, read);
  return read;
};

/** Of bytes that were looked at already: they are others once something is written (files.ts). */
const journals = new WeakMap<Bytes, ReadJournal>();

const walkJournal = (bytes: Bytes): ReadJournal => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Recorded[] = [];
  const acks: { seq: number; floorAt: number }[] = [];
  let epoch: string | null = null;
  if (!isJournal(bytes)) return { entries, acks, epoch, isWhole: false };
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
      return { entries, acks, epoch, isWhole: isWhole && !isFirst && offset === file.length };
    }
    const next = offset + 8 + read.content.length;
    if (!read.isSound && contentAt(next)?.isSound !== true) return { entries, acks, epoch, isWhole: false };
    isWhole &&= read.isSound;
    const { content } = read;
    if (isFirst) epoch = content.subarray(1, 17).toString("base64url");
    if (read.isSound && content[0] === 2) entries.push({ name: content.subarray(9, 41).toString("latin1"), content });
    if (read.isSound && content[0] === 3) {
      acks.push({ seq: Number(content.readBigUInt64BE(1)), floorAt: Number(content.readBigUInt64BE(9)) });
    }
    offset = next;
  }
};
