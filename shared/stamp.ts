/**
 * What an entry says of itself, whatever else is in it: version, time, kind, and what is bound of it. Asked for every entry
 * that comes to the ledger, and for every one that is kept here at a start: to make all the values of a decision for that,
 * which nobody looks at, takes three times as long.
 *
 * So they are gone through by hand where they are as JSON.stringify writes them, in ASCII without blanks and escapes, and the
 * numbers are whole. Whatever is not that, good or bad, is left to JSON.parse: `readStamp` says nothing else than `readTransaction`.
 */
import { type Bytes, fromUtf8, toUtf8 } from "./bytes.ts";
import type { Instant } from "./terms.ts";
import { readTransactionText } from "./transaction.ts";

/** `personal`: the hash of what stands beside the entry; null where there is none, or no text in its place. */
export type EntryStamp = {
  readonly v: number;
  readonly at: Instant;
  readonly kind: string;
  readonly personal: string | null;
};

/** Null where the bytes are no transaction. Never throws. */
export const readStamp = (bytes: Bytes): EntryStamp | null => {
  const text = fromUtf8(bytes);
  if (text === null) return null;
  const plain = text.length === bytes.length ? readPlain(bytes, text) : null;
  if (plain !== null) return plain;
  const read = readTransactionText(text);
  if (read === null) return null;
  const { v, at, kind, personal } = read;
  return { v, at, kind, personal: typeof personal === "string" ? personal : null };
};

const kindCharsMax = 40;
const depthMax = 20;

/** Null where JSON.parse is to say what it is. Of a name that stands there twice, the last counts. */
const readPlain = (bytes: Bytes, text: string): EntryStamp | null => {
  const found: Found = { text, v: "", at: "", kind: "", personal: "" };
  if (bytes[0] !== openObject || skipMembers(bytes, 0, 0, found) !== bytes.length) return null;
  const { v, at, kind, personal } = found;
  if (!isWhole(v) || !isWhole(at) || !isString(kind)) return null;
  const stamp = { v: Number(v), at: Number(at), kind: kind.slice(1, -1) };
  if (!Number.isInteger(stamp.at) || stamp.kind.length > kindCharsMax) return null;
  return { ...stamp, personal: isString(personal) ? personal.slice(1, -1) : null };
};

const names = ["v", "at", "kind", "personal"] as const;
/** The values of the outermost of these, as they stand in the text. */
type Found = { readonly text: string } & { [name in (typeof names)[number]]: string };

const isWhole = (value: string): boolean => isDigit(value.charCodeAt(0));
const isString = (value: string): boolean => value.charCodeAt(0) === quote;
const isDigit = (code: number | undefined): boolean => code !== undefined && code >= zero && code <= nine;

const [quote, comma, zero, nine, colon, backslash] = [0x22, 0x2c, 0x30, 0x39, 0x3a, 0x5c] as const;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d] as const;
const firstPrinted = 0x20;
const notPlain = -1;

/** Like those below: where that ends which begins at `at`, or `notPlain`. Of bytes: to ask a string takes twice as long. */
const skipValue = (bytes: Bytes, at: number, depth: number): number => {
  const first = bytes[at];
  if (first === quote) return skipString(bytes, at);
  if (isDigit(first)) return skipDigits(bytes, at);
  if (first === openObject) return depth > depthMax ? notPlain : skipMembers(bytes, at, depth + 1, null);
  if (first === openList) return depth > depthMax ? notPlain : skipItems(bytes, at, depth + 1);
  for (const word of words) if (first === word[0]) return skipWord(bytes, at, word);
  return notPlain;
};

const words: readonly Bytes[] = ["null", "true", "false"].map(toUtf8);

const skipWord = (bytes: Bytes, at: number, word: Bytes): number => {
  for (let i = 1; i < word.length; i++) if (bytes[at + i] !== word[i]) return notPlain;
  return at + word.length;
};

const skipString = (bytes: Bytes, at: number): number => {
  for (let next = at + 1; next < bytes.length; next++) {
    const code = bytes[next];
    if (code === quote) return next + 1;
    if (code === undefined || code === backslash || code < firstPrinted) return notPlain;
  }
  return notPlain;
};

const skipDigits = (bytes: Bytes, at: number): number => {
  let end = at + 1;
  while (isDigit(bytes[end])) end += 1;
  return bytes[at] === zero && end > at + 1 ? notPlain : end;
};

const skipMembers = (bytes: Bytes, at: number, depth: number, found: Found | null): number => {
  if (bytes[at + 1] === closeObject) return at + 2;
  for (let next = at + 1; ; ) {
    const nameEnd = bytes[next] === quote ? skipString(bytes, next) : notPlain;
    if (nameEnd === notPlain || bytes[nameEnd] !== colon) return notPlain;
    const end = skipValue(bytes, nameEnd + 1, depth);
    if (end === notPlain || (bytes[end] !== comma && bytes[end] !== closeObject)) return notPlain;
    if (found !== null) keep(found, next, nameEnd, end);
    if (bytes[end] === closeObject) return end + 1;
    next = end + 1;
  }
};

const keep = (found: Found, at: number, nameEnd: number, end: number): void => {
  for (const name of names) {
    const isIt = nameEnd - at === name.length + 2 && found.text.startsWith(name, at + 1);
    if (isIt) found[name] = found.text.slice(nameEnd + 1, end);
  }
};

const skipItems = (bytes: Bytes, at: number, depth: number): number => {
  if (bytes[at + 1] === closeList) return at + 2;
  for (let next = at + 1; ; ) {
    const end = skipValue(bytes, next, depth);
    if (end === notPlain || (bytes[end] !== comma && bytes[end] !== closeList)) return notPlain;
    if (bytes[end] === closeList) return end + 1;
    next = end + 1;
  }
};
