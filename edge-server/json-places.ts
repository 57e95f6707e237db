/**
 * Where everything stands in a JSON text that `JSON.parse` takes: line and column of each value and each key, counted from
 * 1, and the keys that an object has twice, of which a parser would believe the last in silence.
 */
import type { Path } from "../shared/pack-check.ts";

export type Place = { readonly line: number; readonly column: number };

export type JsonPlaces = {
  /** Of a value; where there is none, of the nearest one around it. */
  readonly placeOf: (path: Path) => Place;
  /** Of a key, where there is one. */
  readonly placeOfKey: (path: Path) => Place;
  /** Paths of the keys that stand there again. */
  readonly again: readonly { readonly path: Path; readonly place: Place }[];
};

/** Nothing that is looked at here lies deeper: what follows is not told. */
const depthMax = 64;

export const findPlaces = (text: string): JsonPlaces => {
  const values = new Map<string, number>();
  const keys = new Map<string, number>();
  const again: { readonly path: Path; readonly at: number }[] = [];
  let at = 0;

  const skipSpace = (): void => {
    while (/[\s,:]/.test(text.charAt(at))) at += 1;
  };

  const readText = (): string => {
    const from = at;
    for (at += 1; text.charAt(at) !== '"'; at += 1) if (text.charAt(at) === "\\") at += 1;
    at += 1;
    return JSON.parse(text.slice(from, at));
  };

  const readValue = (path: Path): void => {
    skipSpace();
    if (path.length > depthMax) at = text.length;
    values.set(nameOf(path), at);
    const first = text.charAt(at);
    if (first === '"') readText();
    else if (first === "{") readInside("}", () => readMember(path));
    else if (first === "[") {
      let index = 0;
      readInside("]", () => readValue([...path, index++]));
    } else while (/[^\s,\]}]/.test(text.charAt(at))) at += 1;
  };

  const readInside = (end: string, readNext: () => void): void => {
    at += 1;
    for (skipSpace(); at < text.length && text.charAt(at) !== end; skipSpace()) readNext();
    at += 1;
  };

  const readMember = (path: Path): void => {
    const from = at;
    const inner = [...path, readText()];
    if (keys.has(nameOf(inner))) again.push({ path: inner, at: from });
    keys.set(nameOf(inner), from);
    readValue(inner);
  };

  readValue([]);

  const placeAt = (offset: number): Place => {
    const before = text.slice(0, offset).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  const nearest = (path: Path): number =>
    values.get(nameOf(path)) ?? (path.length === 0 ? 0 : nearest(path.slice(0, -1)));

  return {
    placeOf: (path) => placeAt(nearest(path)),
    placeOfKey: (path) => placeAt(keys.get(nameOf(path)) ?? nearest(path)),
    again: again.map(({ path, at: offset }) => ({ path, place: placeAt(offset) })),
  };
};

const nameOf = (path: Path): string => JSON.stringify(path.map(String));
