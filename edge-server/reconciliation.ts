/**
 * A reconciliation that goes on: it takes pieces of taps as they come, in any order and more than once, and looks again
 * only at the things and people that something new is said of. For what fits into memory, such as one citizen's or a
 * day's; settle-run does a city's month.
 */
import {
  type Conflict,
  groupOf,
  type Journey,
  type Reconciled,
  type RulesFor,
  reconcilePerson,
  reconcileThing,
} from "./reconcile.ts";
import { addPiece, mergeTaps, type Piece, type Ref, type Tap } from "./tap.ts";

export type Reconciliation = {
  readonly add: (pieces: readonly Piece[]) => void;
  /** By pseudonym. */
  readonly people: () => readonly (Reconciled & { readonly pseudonym: string })[];
  /** Of things. */
  readonly conflicts: () => readonly Conflict[];
};

type Group = { readonly by: "person" | "thing"; readonly name: string };

export const createReconciliation = (rulesFor: RulesFor): Reconciliation => {
  const decided = new Map<Ref, Tap>();
  const said = new Map<Ref, Exclude<Piece, { readonly kind: "tap" }>[]>();
  const answeredBy = new Map<Ref, Ref>();
  const groups = new Map<Ref, Group>();
  const tapsOf = { person: new Map<string, Map<Ref, Tap>>(), thing: new Map<string, Map<Ref, Tap>>() };
  const things = new Map<string, Reconciled>();
  const journeysOf = new Map<string, Map<string, readonly Journey[]>>();
  const people = new Map<string, Reconciled>();

  /** Everything said of `ref`, and of the overrides that answer it. */
  const whole = (ref: Ref, tap: Tap): Tap => {
    const overrides = (said.get(ref) ?? []).flatMap((each) => (each.kind === "override" ? [each.ref] : []));
    return [ref, ...overrides].flatMap((each) => said.get(each) ?? []).reduce(addPiece, tap);
  };

  const place = (ref: Ref, looked: Looked): void => {
    const tap = decided.get(ref);
    if (tap === undefined) return;
    const before = groups.get(ref);
    if (before !== undefined) {
      tapsOf[before.by].get(before.name)?.delete(ref);
      looked[before.by].add(before.name);
    }
    const now = whole(ref, tap);
    const group = now.terms === null ? null : groupOf(now);
    if (group === null) return void groups.delete(ref);
    groups.set(ref, group);
    const taps = tapsOf[group.by].get(group.name) ?? new Map<Ref, Tap>();
    tapsOf[group.by].set(group.name, taps.set(ref, now));
    looked[group.by].add(group.name);
  };

  const lookAtThing = (name: string, looked: Looked): void => {
    const ridersOf = ({ journeys }: Reconciled): readonly string[] =>
      journeys.flatMap(({ start: { pseudonym } }) => (pseudonym === null ? [] : [pseudonym]));
    const before = things.get(name);
    const after = reconcileThing([...(tapsOf.thing.get(name)?.values() ?? [])], rulesFor);
    things.set(name, after);
    for (const rider of [...(before === undefined ? [] : ridersOf(before)), ...ridersOf(after)]) {
      const theirs = after.journeys.filter(({ start }) => start.pseudonym === rider);
      journeysOf.set(rider, (journeysOf.get(rider) ?? new Map<string, readonly Journey[]>()).set(name, theirs));
      looked.person.add(rider);
    }
  };

  return {
    add: (pieces) => {
      const touched = new Set<Ref>();
      for (const piece of pieces) {
        if (piece.kind === "tap") {
          const { ref } = piece.tap;
          const before = decided.get(ref);
          decided.set(ref, before === undefined ? piece.tap : mergeTaps(before, piece.tap));
          touched.add(ref);
          continue;
        }
        if (piece.kind === "override") answeredBy.set(piece.ref, piece.of);
        said.set(piece.of, [...(said.get(piece.of) ?? []), piece]);
        touched.add(answeredBy.get(piece.of) ?? piece.of);
      }
      const looked: Looked = { person: new Set(), thing: new Set() };
      for (const ref of touched) place(ref, looked);
      for (const name of looked.thing) lookAtThing(name, looked);
      for (const name of looked.person) {
        const taps = [...(tapsOf.person.get(name)?.values() ?? [])];
        const journeys = [...(journeysOf.get(name)?.values() ?? [])].flat();
        people.set(name, reconcilePerson(taps, journeys, rulesFor));
      }
    },
    people: () =>
      [...people]
        .filter(isSomebody)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([pseudonym, each]) => ({ pseudonym, ...each })),
    conflicts: () => [...things].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, { conflicts }]) => conflicts),
  };
};

/** Of whom something is left, where something may have been before. */
const isSomebody = ([, { journeys, conflicts }]: readonly [string, Reconciled]): boolean =>
  journeys.length + conflicts.length > 0;

type Looked = { readonly person: Set<string>; readonly thing: Set<string> };
