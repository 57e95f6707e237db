/**
 * Taps put aside by the thing or the person that they are about, in buckets that fit into memory one by one, and taken
 * together again: all of one thing, all of one person, in an order that is the same in every run.
 */
import { groupOf, type Journey } from "./reconcile.ts";
import type { Ref, Tap } from "./tap.ts";
import type { TapCode } from "./tap-code.ts";

/** Lines put aside under a name in so many buckets. `take` gives those of one, and forgets them. */
export type Spill = {
  readonly buckets: number;
  readonly write: (name: string, bucket: number, line: string) => void;
  readonly take: (name: string, bucket: number) => readonly string[];
  readonly close: () => void;
};

/** So that what is in one bucket takes some 100 MB, however large the ledger. */
export const bucketsFor = (entries: number): number => Math.min(1024, Math.max(16, Math.ceil(entries / 100_000)));

/** People and things stand in the order of this, however many buckets there are. FNV-1a, and mixed. */
const placeOf = (name: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0) / 2 ** 32;
};
export const bucketOf = (name: string, { buckets }: Spill): number => Math.floor(placeOf(name) * buckets);

export const inPlace = (a: string, b: string): number => placeOf(a) - placeOf(b) || (a < b ? -1 : a > b ? 1 : 0);

export type Complete = (tap: Tap) => Tap;

/** By their place. */
export const groupedTaps = (
  lines: readonly string[],
  code: TapCode,
  complete: Complete,
): readonly (readonly [string, readonly Tap[]])[] => {
  const groups = new Map<string, Tap[]>();
  for (const line of lines) {
    const tap = complete(code.decode(line));
    const group = tap.terms === null ? null : groupOf(tap);
    if (group === null) continue;
    const taps = groups.get(group.name);
    if (taps === undefined) groups.set(group.name, [tap]);
    else taps.push(tap);
  }
  return [...groups].sort(([a], [b]) => inPlace(a, b));
};

type Of = {
  readonly taps: readonly Tap[];
  readonly journeys: Journey[];
  /** The entries that still say that they are this person's. */
  readonly present: Set<Ref>;
};

export const peopleIn = (
  bucket: number,
  spill: Spill,
  code: TapCode,
  complete: Complete,
): readonly (readonly [string, Of])[] => {
  const people = new Map<string, Of>();
  const personOf = (pseudonym: string, taps: readonly Tap[] = []): Of => {
    const known = people.get(pseudonym) ?? { taps, journeys: [], present: new Set<Ref>() };
    people.set(pseudonym, known);
    return known;
  };
  for (const [pseudonym, taps] of groupedTaps(spill.take("person", bucket), code, complete)) {
    const { present } = personOf(pseudonym, taps);
    for (const { ref } of taps) present.add(ref);
  }
  for (const line of spill.take("journey", bucket)) {
    const journey = code.decodeJourney(line);
    const of = personOf(journey.start.pseudonym ?? "");
    of.journeys.push(journey);
    for (const tap of [journey.start, journey.end, ...journey.renewals]) if (tap !== null) of.present.add(tap.ref);
  }
  for (const line of spill.take("present", bucket)) {
    const [pseudonym, ref] = JSON.parse(line) as readonly [string, Ref];
    personOf(pseudonym).present.add(ref);
  }
  return [...people].sort(([a], [b]) => inPlace(a, b));
};
