/**
 * A pack's text, judged as a terminal would judge it, and explained to who wrote it: every error with its line and column,
 * and what would be right. What is wrong in one place hides nothing in another, as far as both can be told.
 */
import * as v from "valibot";
import { type Flaw, flaw, flawsIn, type Path } from "../shared/pack-check.ts";
import { type Pack, pack } from "../shared/pack-schema.ts";
import { findPlaces, type JsonPlaces, type Place } from "./json-places.ts";
import { fieldsAt } from "./pack-schema-file.ts";

export type Finding = Place & { readonly at: string; readonly text: string };

export type PackReport =
  | { readonly kind: "right"; readonly pack: Pack }
  | { readonly kind: "wrong"; readonly findings: readonly Finding[] };

/** `currency`: the operator's. */
export const reportPack = (text: string, currency: string): PackReport => {
  const parsed = parseJson(text);
  if (parsed.kind === "broken") return { kind: "wrong", findings: [{ ...parsed.place, at: "", text: parsed.text }] };

  if (typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) {
    return { kind: "wrong", findings: [{ line: 1, column: 1, at: "", text: "must be an object, from { to }" }] };
  }
  const places = findPlaces(text);
  const { value, strays } = withoutStrays(parsed.value);
  const decoded = v.safeParse(pack, value);
  const findings = [
    ...places.again.map(({ path, place }) => ({ ...place, at: path.join("."), text: "stands there twice; keep one" })),
    ...strays.map((path) => findingAt(places.placeOfKey(path), flaw(path, strayText(path)))),
    ...(decoded.success ? flawsIn(decoded.output) : decoded.issues.map(flawOfIssue)).map((each) =>
      findingAt(places.placeOf(each.path), each),
    ),
    ...currencyFindings(value, currency, places),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  return decoded.success && findings.length === 0
    ? { kind: "right", pack: decoded.output }
    : { kind: "wrong", findings };
};

/** "12:7 services.metro.perks: ...": as compilers say it. */
export const lineOf = ({ line, column, at, text }: Finding): string =>
  `${line}:${column}  ${at === "" ? "" : `${at}: `}${text}`;

const findingAt = (place: Place, { path, text }: Flaw): Finding => ({ ...place, at: path.join("."), text });

type Parsed =
  | { readonly kind: "parsed"; readonly value: unknown }
  | { readonly kind: "broken"; readonly place: Place; readonly text: string };

const parseJson = (text: string): Parsed => {
  try {
    return { kind: "parsed", value: JSON.parse(text) };
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    const offset = Number(/at position (\d+)/.exec(said)?.[1] ?? text.length);
    const before = text.slice(0, offset).split("\n");
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    return { kind: "broken", place, text: `not JSON: ${said.split(" in JSON at position")[0] ?? said}` };
  }
};

/** Takes fields that no pack has out of it, or for what they were meant as, so that the rest can be judged as well. */
const withoutStrays = (whole: unknown): { readonly value: unknown; readonly strays: readonly Path[] } => {
  const decoded = v.safeParse(pack, whole);
  if (decoded.success) return { value: whole, strays: [] };
  const strays = decoded.issues.filter(isStray).map(pathOf);
  return strays.length === 0
    ? { value: whole, strays }
    : mergeStrays(strays, withoutStrays(strays.reduce(dropAt, structuredClone(whole))));
};

const mergeStrays = (strays: readonly Path[], rest: ReturnType<typeof withoutStrays>) => ({
  value: rest.value,
  strays: [...strays, ...rest.strays],
});

const dropAt = (whole: unknown, path: Path): unknown => {
  const parent = Object(path.slice(0, -1).reduce<unknown>((value, step) => Reflect.get(Object(value), step), whole));
  const meant = meantAt(path);
  if (meant !== undefined && !Object.hasOwn(parent, meant)) parent[meant] = parent[String(path.at(-1))];
  delete parent[String(path.at(-1))];
  return whole;
};

const meantAt = (path: Path): string | undefined =>
  fieldsAt(path.slice(0, -1)).find((each) => distanceOf(each, String(path.at(-1))) <= 2);

type Issue = v.BaseIssue<unknown>;

const isStray = (issue: Issue): boolean => issue.type === "strict_object" && issue.expected === "never";

const pathOf = (issue: Issue): Path =>
  (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));

const restricting = /restrict|black|deny|ban|punish|penal|exclu|refus|atmost|below|限制|黑名单/i;

const strayText = (path: Path): string => {
  const name = String(path.at(-1));
  if (restricting.test(name)) {
    return "a pack cannot restrict anybody; a lawful restriction is applied when a list is published: scores publish --restrictions";
  }
  const meant = meantAt(path);
  return meant === undefined
    ? `there is no such field; it can be ${fieldsAt(path.slice(0, -1)).join(", ")}`
    : `there is no such field; did you mean ${meant}?`;
};

const flawOfIssue = (issue: Issue): Flaw => flaw(pathOf(issue), textOfIssue(issue));

const textOfIssue = ({ type, expected, received, message }: Issue): string => {
  if (received === "undefined") return "is missing";
  const number = Number(/^[<>]=(-?\d+)$/.exec(expected ?? "")?.[1]);
  switch (type) {
    case "min_value":
      return `must be at least ${number}, and is ${received}`;
    case "max_value":
      return `must be at most ${number}, and is ${received}`;
    case "min_length":
      return "must not be empty";
    case "max_length":
      return `must be no longer than ${number}, and is ${received}`;
    case "integer":
      return `must be a whole number, and is ${received}`;
    default:
      return message.startsWith("Invalid ") ? `must be ${wordsOf(expected)}, and is ${received}` : message;
  }
};

const wordsOf = (expected: string | null): string =>
  (expected ?? "something else")
    .replace(/[()]/g, "")
    .split(" | ")
    .map((each) => articles[each] ?? each)
    .join(" or ");

const articles: Readonly<Record<string, string>> = {
  Object: "an object",
  Array: "a list",
  number: "a number",
  string: "a text",
  boolean: "true or false",
};

const currencyFindings = (value: unknown, currency: string, places: JsonPlaces): readonly Finding[] => {
  const given: unknown = Reflect.get(Object(value), "currency");
  if (typeof given !== "string" || given === currency) return [];
  const text = `the amounts are in ${given}, and the operator's in ${currency}; convert them, or leave the field out`;
  return [findingAt(places.placeOf(["currency"]), flaw(["currency"], text))];
};

/** How many letters have to be added, dropped, changed or swapped with the next. */
const distanceOf = (a: string, b: string): number => {
  if (a === b) return 0;
  if (a === "" || b === "") return a.length + b.length;
  if (Math.abs(a.length - b.length) > 2) return 3;
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
};
