/**
 * Reconciles a whole ledger in bounded memory. Entries stream by once; their taps are put aside by the thing or the person
 * that they are about (`Spill`), and then looked at bucket after bucket: first things, whose journeys go to the people who
 * made them, then people. The same ledger gives the same people in the same order.
 */
import type { Policy } from "../shared/policy.ts";
import type { Instant } from "../shared/terms.ts";
import {
  type Conflict,
  groupOf,
  type Journey,
  lacksThing,
  type RulesFor,
  reconcilePerson,
  reconcileThing,
} from "./reconcile.ts";
import { priceOf, rulesIn } from "./settle.ts";
import { bucketOf, groupedTaps, peopleIn, type Spill } from "./settle-groups.ts";
import { percentOf, type ReadEdges, readTaps } from "./settle-read.ts";
import { type Ref, stateOf, type Tap } from "./tap.ts";
import { createTapCode } from "./tap-code.ts";
import { createTapJoin } from "./tap-join.ts";

export type ReconcileEdges = ReadEdges & { readonly spill: Spill };

export type ReconciledPerson = {
  readonly pseudonym: string;
  readonly journeys: readonly Journey[];
  /** The entries that still say that they are this person's. */
  readonly present: ReadonlySet<Ref>;
};

export type Reconciling = {
  /** Filled as the ledger is read, by SHA-256 (hex). */
  readonly policies: Map<string, Policy | null>;
  readonly conflict: (conflict: Conflict) => void;
  /** It happened, and what was personal is gone, or never was there. */
  readonly nobody: (tap: Tap) => void;
  readonly afterRevocation: () => void;
  /** Everybody of one bucket. */
  readonly people: (bucket: number, people: readonly ReconciledPerson[]) => void;
};

/** How many entries were read. Decisions from `until` on are left out. */
export const reconcileLedger = async (edges: ReconcileEdges, until: Instant, to: Reconciling): Promise<number> => {
  const { spill, say } = edges;
  const { buckets } = spill;
  const rulesFor = createRulesFor(to.policies);
  const code = createTapCode();
  const join = createTapJoin();

  const putAside = (tap: Tap): void => {
    const group = lacksThing(tap) ? null : groupOf(tap);
    spill.write(group?.by ?? "unknown", bucketOf(group?.name ?? tap.ref, spill), code.encode(tap));
  };
  const countNobody = (tap: Tap): void => {
    if (stateOf(tap) === "done") to.nobody(tap);
  };
  const { policies, conflict, afterRevocation } = to;
  const read = await readTaps(edges, join, until, { policies, conflict, afterRevocation, tap: putAside });

  // What could not be told whose it is: perhaps what was said elsewhere tells.
  for (let bucket = 0; bucket < buckets; bucket++) {
    for (const line of spill.take("unknown", bucket)) {
      const tap = join.complete(code.decode(line));
      const group = groupOf(tap);
      if (group === null) countNobody(tap);
      else spill.write(group.by, bucketOf(group.name, spill), code.encode(tap));
    }
  }

  const toPerson = (journey: Journey): void => {
    const { pseudonym } = journey.start;
    if (pseudonym === null) countNobody(journey.start);
    else spill.write("journey", bucketOf(pseudonym, spill), code.encodeJourney(journey));
  };
  for (let bucket = 0; bucket < buckets; bucket++) {
    for (const [, taps] of groupedTaps(spill.take("thing", bucket), code, join.complete)) {
      const found = reconcileThing(taps, rulesFor);
      found.journeys.forEach(toPerson);
      found.conflicts.forEach(conflict);
      for (const [rider, ref] of withoutJourney(taps, found.journeys)) {
        spill.write("present", bucketOf(rider, spill), JSON.stringify([rider, ref]));
      }
    }
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (bucket % 8 === 0) say(`${percentOf(bucket, buckets)} of the people looked at`);
    const people = peopleIn(bucket, spill, code, join.complete).map(([pseudonym, of]) => {
      const { journeys, conflicts } = reconcilePerson(of.taps, of.journeys, rulesFor);
      conflicts.forEach(conflict);
      return { pseudonym, journeys, present: of.present };
    });
    to.people(bucket, people);
  }
  return read;
};

/** Those that are in no journey any more, for everybody who may have had one with them: they were not erased. */
const withoutJourney = function* (
  taps: readonly Tap[],
  journeys: readonly Journey[],
): Iterable<readonly [rider: string, ref: Ref]> {
  const used = new Set(journeys.flatMap((each) => [each.start, each.end, ...each.renewals].map((tap) => tap?.ref)));
  const unused = taps.filter(({ ref }) => !used.has(ref));
  if (unused.length === 0) return;
  const riders = new Set(taps.flatMap(({ pseudonym }) => (pseudonym === null ? [] : [pseudonym])));
  for (const rider of riders) for (const { ref } of unused) yield [rider, ref];
};

const createRulesFor = (policies: ReadonlyMap<string, Policy | null>): RulesFor => {
  const known = new Map<string, ReturnType<RulesFor>>();
  return (tap) => {
    const name = `${tap.policy} ${tap.programme} ${tap.service}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const rules = rulesIn(policies.get(tap.policy) ?? null, tap);
    const found = rules === null ? null : { passbackSeconds: rules.passbackSeconds, price: priceOf(rules) };
    known.set(name, found);
    return found;
  };
};
