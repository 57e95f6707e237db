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

import type { Bytes } from "../shared/bytes.ts";
import { artefactBytesMax } from "../shared/manifest.ts";
import { scaleOf } from "../shared/pack.ts";
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

/** The value to publish, or what is wrong. `number` is for plain digits, by far the most of ten million rows. */
type ReadValue = {
  readonly number: (value: number) => number | Problem;
  readonly text: (value: string) => number | Problem;
};
type Problem = { readonly problem: string };

const takeRow = (bytes: Uint8Array, readValue: ReadValue, list: Draft): string | null => {
  const comma = bytes.indexOf(0x2c);
  const index = comma < 0 ? null : digitsIn(bytes, 0, comma);
  if (index === null || index >= entriesMax) return problemOfIndex(bytes);
  const plain = digitsIn(bytes, comma + 1, bytes.length);
  const text = plain === null ? asciiOf(bytes.subarray(comma + 1)) : "";
  if (text === null) return notText;
  const value = plain === null ? readValue.text(text) : readValue.number(plain);
  if (typeof value === "object") return value.problem;
  return list.put(index, value) ? null : `idx ${index} was there before`;
};

const notText = "it is not UTF-8 text of digits and words";

const problemOfIndex = (bytes: Uint8Array): string => {
  const row = asciiOf(bytes);
  if (row === null) return notText;
  const [index = "", ...values] = row.split(",");
  if (values.length !== 1) return "it must be idx,value";
  if (index === "") return "the idx is missing";
  return /^(0|[1-9]\d*)$/.test(index)
    ? `the idx must be below ${entriesMax}`
    : "the idx must be a whole number from 0 up";
};

/** The number that up to nine digits stand for; null where it is anything else, a leading zero included. */
const digitsIn = (bytes: Uint8Array, from: number, to: number): number | null => {
  if (to === from || to - from > 9 || (bytes[from] === zero && to - from > 1)) return null;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
};

const zero = 0x30;

const readerFor = (header: string | null, pack: Pack): ReadValue | null => {
  if (header !== "idx,score" && header !== "idx,band") return null;
  const number = header === "idx,score" ? scoreReader(pack) : readBand;
  return {
    number,
    text: (text) => {
      if (text === "") return valueOfStanding("none");
      if (text === "suspended" || text === "revoked") return valueOfStanding(text);
      if (/^-[1-9]\d{0,8}$/.test(text)) return number(Number(text));
      return { problem: "the value must be an integer, empty, suspended or revoked" };
    },
  };
};

/** Ten million rows hold few different scores. */
const scoreReader = (pack: Pack): ReadValue["number"] => {
  const { min, max } = scaleOf(pack);
  const known = new Map<number, number>();
  return (score) => {
    const before = known.get(score);
    if (before !== undefined) return before;
    if (score < min || score > max) return { problem: `the score is outside the scale of ${min} to ${max}` };
    const band = bandOfScore(pack, score);
    const value = valueOfStanding(band === 0 ? "none" : (band as Band));
    known.set(score, value);
    return value;
  };
};

const readBand: ReadValue["number"] = (band) =>
  band >= 1 && band <= 5 ? valueOfStanding(band as Band) : { problem: "a band is 1 to 5" };

type Draft = {
  /** False where the index was there before. */
  readonly put: (index: number, value: number) => boolean;
  readonly finish: () => Omit<Extract<ReadScores, { readonly kind: "read" }>, "kind">;
};

/** Grows as indexes rise: by halves, and never beyond what terminals take. */
const createDraft = (): Draft => {
  let packed = new Uint8Array(1024);
  let seen = new Uint8Array(256);
  let entries = 0;
  let rows = 0;
  const counts = new Uint32Array(16);
  const growTo = (old: Bytes, length: number): Bytes => {
    if (length <= old.length) return old;
    const grown = new Uint8Array(Math.max(length, Math.floor(old.length * 1.5)));
    grown.set(old);
    return grown;
  };
  return {
    put: (index, value) => {
      packed = growTo(packed, (index >> 1) + 1);
      seen = growTo(seen, (index >> 3) + 1);
      const [at, bit] = [index >> 3, 1 << (index & 7)];
      if (((seen[at] ?? 0) & bit) !== 0) return false;
      seen[at] = (seen[at] ?? 0) | bit;
      packed[index >> 1] = (packed[index >> 1] ?? 0) | (index % 2 === 0 ? value : value << 4);
      counts[value] = (counts[value] ?? 0) + 1;
      entries = Math.max(entries, index + 1);
      rows += 1;
      return true;
    },
    finish: () => ({
      packed: packed.slice(0, Math.ceil(entries / 2)),
      entries,
      rows,
      counts: new Map(
        publishable.flatMap((standing) => {
          const count = counts[valueOfStanding(standing)] ?? 0;
          return count === 0 ? [] : [[standing, count] as const];
        }),
      ),
    }),
  };
};

const publishable = [1, 2, 3, 4, 5, "none", "suspended", "revoked"] as const;

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
