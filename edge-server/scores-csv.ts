/**
 * Reads the scores that a programme hands over, into a packed list (shared/status-list). RFC 4180 without quotes:
 *
 *     idx,score        or        idx,band
 *     0,720                      0,3            a score within the programme's scale, a band from 1 to 5
 *     1,                         1,             no score
 *     2,suspended                2,suspended    objection pending
 *     3,revoked                  3,revoked      the credential is no longer its owner's
 *
 * Streams; memory is the list itself, half a byte a citizen, and one bit each to notice an index that comes twice. The
 * first row that is wrong ends it, with its line number. Rows may come in any order; places without a row have no score.
 */

import { artefactBytesMax } from "../shared/bundle.ts";
import type { Bytes } from "../shared/bytes.ts";
import { bandOfScore, type Pack } from "../shared/policy.ts";
import { type Band, type Standing, valueOf as valueOfStanding } from "../shared/status-list.ts";

/** What terminals take, less room for the seal (iv and tag). */
export const entriesMax = 2 * (artefactBytesMax - 28);

/** `counts`: rows by the value that is published. */
export type ReadScores =
  | {
      readonly kind: "read";
      readonly packed: Bytes;
      readonly entries: number;
      readonly rows: number;
      readonly counts: ReadonlyMap<Exclude<Standing, "unknown">, number>;
    }
  | { readonly kind: "invalid"; readonly line: number; readonly problem: string };

export const readScores = async (
  chunks: AsyncIterable<Uint8Array>,
  pack: Pack,
  onRead: (bytes: number) => void,
): Promise<ReadScores> => {
  const list = createDraft();
  let readValue: ReadValue | null = null;
  let line = 0;
  let rest: Uint8Array = new Uint8Array(0);
  let hasEnded = false;

  /** Null where the line is right. */
  const takeLine = (bytes: Uint8Array): string | null => {
    line += 1;
    if (readValue === null) {
      readValue = readerFor(asciiOf(withoutMark(bytes)), pack);
      return readValue === null ? "the header must be idx,score or idx,band, in UTF-8" : null;
    }
    if (hasEnded) return "there are lines after an empty one";
    if (bytes.length === 0) {
      hasEnded = true;
      return null;
    }
    return takeRow(bytes, readValue, list);
  };

  for await (const chunk of chunks) {
    onRead(chunk.length);
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const part = chunk.subarray(from, end);
      const problem = takeLine(withoutReturn(rest.length === 0 ? part : joined(rest, part)));
      if (problem !== null) return { kind: "invalid", line, problem };
      rest = new Uint8Array(0);
      from = end + 1;
    }
    rest = joined(rest, chunk.subarray(from));
    if (rest.length > lineBytesMax) return { kind: "invalid", line: line + 1, problem: "the line is too long" };
  }
  if (rest.length > 0 || line === 0) {
    const problem = takeLine(withoutReturn(rest));
    if (problem !== null) return { kind: "invalid", line, problem };
  }
  const done = list.finish();
  return done.rows === 0 ? { kind: "invalid", line, problem: "there are no rows" } : { kind: "read", ...done };
};

const newline = 0x0a;
const lineBytesMax = 200;

/** The value to publish, or what is wrong with the text. */
type ReadValue = (text: string) => Exclude<Standing, "unknown"> | { readonly problem: string };

const takeRow = (bytes: Uint8Array, readValue: ReadValue, list: Draft): string | null => {
  const row = asciiOf(bytes);
  if (row === null) return "it is not UTF-8 text of digits and words";
  const comma = row.indexOf(",");
  if (comma < 0 || row.indexOf(",", comma + 1) >= 0) return "it must be idx,value";
  const index = row.slice(0, comma);
  if (index === "") return "the idx is missing";
  if (!/^(0|[1-9]\d*)$/.test(index)) return "the idx must be a whole number from 0 up";
  if (index.length > 9 || Number(index) >= entriesMax) return `the idx must be below ${entriesMax}`;
  const value = readValue(row.slice(comma + 1));
  if (typeof value === "object") return value.problem;
  return list.put(Number(index), value) ? null : `idx ${index} was there before`;
};

const readerFor = (header: string | null, pack: Pack): ReadValue | null => {
  if (header !== "idx,score" && header !== "idx,band") return null;
  const readNumber = header === "idx,score" ? scoreReader(pack) : readBand;
  return (text) => {
    if (text === "") return "none";
    if (text === "suspended" || text === "revoked") return text;
    if (/^-?\d{1,9}$/.test(text)) return readNumber(Number(text));
    return { problem: "the value must be an integer, empty, suspended or revoked" };
  };
};

/** Ten million rows hold few different scores. */
const scoreReader = (pack: Pack) => {
  const { min, max } = pack.scale;
  const known = new Map<number, Exclude<Standing, "unknown">>();
  return (score: number): ReturnType<ReadValue> => {
    const before = known.get(score);
    if (before !== undefined) return before;
    if (score < min || score > max) return { problem: `the score is outside the scale of ${min} to ${max}` };
    const band = bandOfScore(pack, score);
    const standing = band === 0 ? "none" : (band as Band);
    known.set(score, standing);
    return standing;
  };
};

const readBand = (band: number): ReturnType<ReadValue> =>
  band >= 1 && band <= 5 ? (band as Band) : { problem: "a band is 1 to 5" };

type Draft = {
  /** False where the index was there before. */
  readonly put: (index: number, standing: Exclude<Standing, "unknown">) => boolean;
  readonly finish: () => Omit<Extract<ReadScores, { readonly kind: "read" }>, "kind">;
};

/** Grows as indexes rise: by halves, and never beyond what terminals take. */
const createDraft = (): Draft => {
  let packed = new Uint8Array(1024);
  let seen = new Uint8Array(256);
  let entries = 0;
  let rows = 0;
  const counts = new Map<Exclude<Standing, "unknown">, number>();
  const growTo = (old: Bytes, length: number): Bytes => {
    if (length <= old.length) return old;
    const grown = new Uint8Array(Math.max(length, Math.floor(old.length * 1.5)));
    grown.set(old);
    return grown;
  };
  return {
    put: (index, standing) => {
      packed = growTo(packed, (index >> 1) + 1);
      seen = growTo(seen, (index >> 3) + 1);
      const [at, bit] = [index >> 3, 1 << (index & 7)];
      if (((seen[at] ?? 0) & bit) !== 0) return false;
      seen[at] = (seen[at] ?? 0) | bit;
      const value = valueOfStanding(standing);
      packed[index >> 1] = (packed[index >> 1] ?? 0) | (index % 2 === 0 ? value : value << 4);
      counts.set(standing, (counts.get(standing) ?? 0) + 1);
      entries = Math.max(entries, index + 1);
      rows += 1;
      return true;
    },
    finish: () => ({ packed: packed.slice(0, Math.ceil(entries / 2)), entries, rows, counts }),
  };
};

/** Null where something is not ASCII: nothing in such a file is. */
const asciiOf = (bytes: Uint8Array): string | null => {
  let text = "";
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) return null;
    text += String.fromCharCode(byte);
  }
  return text;
};

/** Spreadsheets put a byte order mark before UTF-8, and end lines with a return. */
const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

const withoutReturn = (bytes: Uint8Array): Uint8Array => (bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes);

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};
