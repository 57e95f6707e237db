/**
 * Lawful restrictions (FORMATS, "Score list"): withholding a perk from a citizen, each with its legal basis, its end and
 * where to object. They are applied when a list is published and never leave the server.
 *
 *     idx,basis,until,appeal
 *     17,"Measures of 2027, article 12",2027-09-01,city court
 *
 * `until` is a day, over at its first second (UTC), or Unix seconds. UTF-8, RFC 4180 with quotes, but no line breaks inside
 * them. The first row that is wrong ends it, with its line number.
 */
import type { Bytes } from "../shared/bytes.ts";
import { valueOf as valueOfStanding } from "../shared/status-list.ts";
import type { Instant } from "../shared/terms.ts";
import type { ListRow, Restriction } from "./ports.ts";

export type ReadRestrictions =
  | { readonly kind: "read"; readonly restrictions: readonly Restriction[] }
  | { readonly kind: "invalid"; readonly line: number; readonly problem: string };

/** `entries`: of the list that they are for. */
export const readRestrictions = (text: string, entries: number, now: Instant): ReadRestrictions => {
  const [header = "", ...rows] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (header !== "idx,basis,until,appeal") return invalid(1, "the header must be idx,basis,until,appeal, in UTF-8");
  if (rows.at(-1) === "") rows.pop();
  const restrictions = new Map<number, Restriction>();
  for (const [index, row] of rows.entries()) {
    const restriction = readRow(row, entries, now);
    if (typeof restriction === "string") return invalid(index + 2, restriction);
    if (restrictions.has(restriction.index)) return invalid(index + 2, `idx ${restriction.index} was there before`);
    restrictions.set(restriction.index, restriction);
  }
  return { kind: "read", restrictions: [...restrictions.values()] };
};

/** The packed list as terminals get it. A place that the list has not is nobody's. */
export const restrictList = (
  { packed, entries }: Pick<ListRow, "packed" | "entries">,
  restrictions: readonly Pick<Restriction, "index">[],
): Bytes => {
  if (restrictions.length === 0) return packed;
  const restricted = new Uint8Array(packed);
  for (const { index } of restrictions) {
    if (index >= entries) continue;
    const [at, shift] = [index >> 1, index % 2 === 0 ? 0 : 4];
    const byte = restricted[at] ?? 0;
    if (bands.has((byte >> shift) & 0x0f)) restricted[at] = byte & ~(0x0f << shift);
  }
  return restricted;
};

const bands: ReadonlySet<number> = new Set(([1, 2, 3, 4, 5] as const).map(valueOfStanding));
const textLengthMax = 300;

const readRow = (row: string, entries: number, now: Instant): Restriction | string => {
  const fields = splitRow(row);
  if (fields === null) return "it must be idx,basis,until,appeal; a text with a comma in it stands in quotes";
  const [idx = "", basis = "", until = "", appeal = ""] = fields;
  if (!/^(0|[1-9]\d*)$/.test(idx)) return "the idx must be a whole number from 0 up";
  if (Number(idx) >= entries) return `the list has no idx ${idx.slice(0, 12)}: it ends before ${entries}`;
  if (basis.trim() === "") return "the basis is missing: name the law that it rests on";
  if (until === "") return "the end is missing: a restriction must have one";
  const end = instantOf(until);
  if (end === null) return "until must be a day such as 2027-09-01, or Unix seconds";
  if (end <= now) return "it is over already";
  if (appeal.trim() === "") return "the appeal is missing: say where to object";
  if (basis.length > textLengthMax || appeal.length > textLengthMax) {
    return `basis and appeal have at most ${textLengthMax} characters each`;
  }
  return { index: Number(idx), basis, until: end, appeal };
};

/** The four fields; null where there are more or fewer, or a quote is out of place. */
const splitRow = (row: string): readonly string[] | null => {
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  const fields: string[] = [];
  for (;;) {
    const match = field.exec(row);
    if (match === null) return null;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return fields.length === 4 ? fields : null;
    if (fields.length === 4) return null;
  }
};

const instantOf = (text: string): Instant | null => {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const at = Date.parse(`${text}T00:00:00Z`);
  // A day that the month has not rolls over into the next one.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? null : at / 1000;
};

const invalid = (line: number, problem: string): ReadRestrictions => ({ kind: "invalid", line, problem });
