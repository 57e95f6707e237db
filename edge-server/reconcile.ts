/**
 * Pairs what began with what ended it: entry with exit, checkout with checkin, trip start with trip end, at whichever
 * terminals, and names what does not fit. Pure: it is given all there is of one person, or of one thing, and gives the
 * same whatever order that came in and however often.
 *
 * - Journeys are paired by the person who made them; loans and rentals by the item or vehicle, since a return needs no code.
 * - What did not happen is nowhere: annulled, timed out, a fault, terms that were not accepted, taken back by staff. Only
 *   where it was paid for and not given back it stands alone, so that it will be; so does an end without a start.
 * - A start whose outcome nobody wrote down counts once its end is there. An end of that kind counts where no other is.
 * - A conflict never charges anybody; it says what somebody may want to look at, and which entries it rests on.
 */
import type { Price } from "../shared/tariff.ts";
import { minSecondsOf } from "../shared/tariff.ts";
import type { Instant } from "../shared/terms.ts";
import { byPlace } from "./entry-ref.ts";
import { mergeTaps, paidOf, type Ref, stateOf, type Tap, terminalOf } from "./tap.ts";

/** `end` null: none is known, or needed. `endedAt` null: still open. */
export type Journey = {
  readonly start: Tap;
  readonly end: Tap | null;
  readonly renewals: readonly Tap[];
  readonly endedAt: Instant | null;
};

export const conflictKinds = [
  "passback",
  "entry-without-exit",
  "exit-without-entry",
  "start-without-end",
  "end-without-start",
  "two-returns",
  "renewal-without-loan",
  "impossible-journey",
  "long-trip",
  "clock-went-back",
  "spent-twice",
] as const;
export type ConflictKind = (typeof conflictKinds)[number];
export type Conflict = { readonly kind: ConflictKind; readonly at: Instant; readonly entries: readonly Ref[] };

export type Reconciled = { readonly journeys: readonly Journey[]; readonly conflicts: readonly Conflict[] };

/** What the rules say that a tap was decided by; null where they are not at hand. */
export type RulesFor = (tap: Tap) => { readonly passbackSeconds: number; readonly price: Price | null } | null;

/**
 * By what its start and end find each other; null: it is nobody's. What is of a thing that was not told (a dock without a
 * reader of its own) is at least its person's.
 */
export const groupOf = (tap: Tap): { readonly by: "person" | "thing"; readonly name: string } | null => {
  if (isOfThing(tap) && tap.thing !== null) return { by: "thing", name: `${tap.service} ${tap.thing}` };
  return tap.pseudonym === null ? null : { by: "person", name: tap.pseudonym };
};

/** Where it has not been said yet which thing it is about. */
export const lacksThing = (tap: Tap): boolean => isOfThing(tap) && tap.thing === null;

/** All taps of one thing. */
export const reconcileThing = (taps: readonly Tap[], rulesFor: RulesFor): Reconciled =>
  pair(inOrder(taps), rulesFor, true);

/** All taps of one person that things do not pair, with the person's loans and rentals. */
export const reconcilePerson = (taps: readonly Tap[], ofThings: readonly Journey[], rulesFor: RulesFor): Reconciled => {
  const ordered = inOrder(taps);
  const { spent, conflicts } = findSpentTwice([...ordered, ...ofThings.map(({ start }) => start)].sort(byTime));
  const services = [...new Set(ordered.map(({ service }) => service))].sort();
  const paired = services.map((service) =>
    pair(
      ordered.filter((tap) => tap.service === service && !spent.has(tap.ref)),
      rulesFor,
      false,
    ),
  );
  const kept = ofThings.filter(({ start }) => !spent.has(start.ref));
  const journeys = [...kept, ...paired.flatMap((each) => each.journeys)];
  return {
    journeys: journeys.sort((a, b) => byTime(a.start, b.start)),
    conflicts: [...conflicts, ...paired.flatMap((each) => each.conflicts)],
  };
};

/** An entry without an exit is none any more after so long; it was let out somewhere. */
export const journeySecondsMax = 24 * 3600;
/** Longer than anybody rides. */
export const tripSecondsMax = 30 * 86_400;
/** So far apart may the clocks of two terminals be. */
export const clockSeconds = 300;

const isOfThing = (tap: Tap): boolean =>
  ["library", "bike", "umbrella", "power-bank"].includes(tap.service) && roleOf(tap) !== "single";

const roles: Readonly<Record<string, "start" | "end" | "renewal">> = {
  entry: "start",
  checkout: "start",
  trip_start: "start",
  exit: "end",
  checkin: "end",
  trip_end: "end",
  renew: "renewal",
};
const roleOf = ({ action }: Tap): "start" | "end" | "renewal" | "single" =>
  Object.hasOwn(roles, action) ? (roles[action] ?? "single") : "single";

export const isSingle = (tap: Tap): boolean => roleOf(tap) === "single";
export const isEnd = (tap: Tap): boolean => roleOf(tap) === "end";

const byTime = (a: Tap, b: Tap): number => a.at - b.at || byPlace(a.ref, b.ref);

/** Each once, without what did not happen. */
const inOrder = (taps: readonly Tap[]): readonly Tap[] => {
  const once = new Map<Ref, Tap>();
  for (const tap of taps) {
    const before = once.get(tap.ref);
    once.set(tap.ref, before === undefined ? tap : mergeTaps(before, tap));
  }
  return [...once.values()].filter((tap) => stateOf(tap) !== "void" || paidOf(tap) > 0).sort(byTime);
};

/** One presentation is one tap: of two, the later one is charged to nobody. */
const findSpentTwice = (ordered: readonly Tap[]) => {
  const first = new Map<string, Tap>();
  const spent = new Set<Ref>();
  const conflicts: Conflict[] = [];
  for (const tap of ordered) {
    if (tap.identity === null || tap.session !== null || stateOf(tap) === "void") continue;
    const before = first.get(tap.identity);
    if (before === undefined) first.set(tap.identity, tap);
    else {
      spent.add(tap.ref);
      conflicts.push({ kind: "spent-twice", at: tap.at, entries: [before.ref, tap.ref] });
    }
  }
  return { spent, conflicts };
};

/** What has begun: `maybeEnd`, whose outcome is not known; `stray`, an end just before, at a terminal of another time. */
type Open = {
  readonly start: Tap;
  readonly renewals: readonly Tap[];
  readonly maybeEnd: Tap | null;
  readonly stray: Tap | null;
};

/** `ordered`: of one service, or one thing. */
const pair = (ordered: readonly Tap[], rulesFor: RulesFor, isOfThing: boolean): Reconciled => {
  const journeys: Journey[] = [];
  const conflicts: Conflict[] = [];
  let open = null as Open | null;
  let stray = null as Tap | null;
  let last = null as Journey | null;

  const report = (kind: ConflictKind, at: Instant, ...taps: readonly Tap[]): void =>
    void conflicts.push({ kind, at, entries: taps.map(({ ref }) => ref) });
  const reportStray = (end: Tap | null): void => {
    if (end !== null && paidOf(end) > 0) journeys.push({ start: end, end: null, renewals: [], endedAt: end.at });
    if (end === null || stateOf(end) !== "done") return;
    if (last?.end != null && isOfThing) report("two-returns", end.at, last.end, end);
    else report(isOfThing ? "end-without-start" : "exit-without-entry", end.at, end);
  };

  const finish = ({ start, renewals }: Open, end: Tap): void => {
    if (last !== null) checkWay(last.end, start);
    last = { start, end, renewals, endedAt: Math.max(start.at, end.at) };
    journeys.push(last);
    if (!isOfThing) checkWay(start, end);
    if (isOfThing && start.action === "trip_start" && end.at - start.at > tripSecondsMax) {
      report("long-trip", end.at, start, end);
    }
  };

  /** Too fast from one site to another. */
  const checkWay = (from: Tap | null, to: Tap): void => {
    const price = from === null || isOfThing ? null : (rulesFor(from)?.price ?? null);
    const seconds = from === null || price === null ? null : minSecondsOf(price, from.site, to.site);
    if (from !== null && seconds !== null && to.at - from.at < seconds) report("impossible-journey", to.at, from, to);
  };

  /** Nothing more can end it. `next`: what began after it. */
  const close = (closing: Open, next: Tap | null): void => {
    const { start, renewals, maybeEnd } = closing;
    if (maybeEnd === null && closing.stray !== null) report("clock-went-back", start.at, closing.stray, start);
    const end = maybeEnd ?? closing.stray;
    if (end !== null) finish(closing, end);
    if (end !== null || stateOf(start) === "open") return;
    if (last !== null) checkWay(last.end, start);
    const rules = rulesFor(start);
    const until = isOfThing || rules?.price?.kind === "time" ? Infinity : start.at + journeySecondsMax;
    const endedAt = Math.min(next?.at ?? Infinity, until);
    last = { start, end: null, renewals, endedAt: endedAt === Infinity ? null : endedAt };
    journeys.push(last);
    const isPassback =
      next !== null &&
      next.at - start.at < (rules?.passbackSeconds ?? 0) &&
      terminalOf(next.ref) !== terminalOf(start.ref);
    if (isPassback && !isOfThing) report("passback", next.at, start, next);
    else if (isOfThing && next !== null) report("start-without-end", next.at, start, next);
    else if (!isOfThing && endedAt !== Infinity && rules?.price != null && rules.price.kind !== "flat") {
      report("entry-without-exit", endedAt, start);
    }
  };

  for (const tap of ordered) {
    const role = roleOf(tap);
    if (role === "single" || stateOf(tap) === "void") {
      journeys.push({ start: tap, end: null, renewals: [], endedAt: tap.at });
    } else if (role === "start") {
      if (open !== null) close(open, tap);
      const isNear = stray !== null && isOfThing && tap.at - stray.at <= clockSeconds && isElsewhere(stray, tap);
      if (!isNear) reportStray(stray);
      open = { start: tap, renewals: [], maybeEnd: null, stray: isNear ? stray : null };
      stray = null;
    } else if (role === "renewal") {
      if (open === null) report("renewal-without-loan", tap.at, tap);
      else open = { ...open, renewals: [...open.renewals, tap] };
    } else if (open !== null && canEnd(open.start, tap, isOfThing, rulesFor)) {
      if (stateOf(tap) === "open") open = { ...open, maybeEnd: tap };
      else {
        reportStray(open.stray);
        finish(open, tap);
        open = null;
      }
    } else {
      reportStray(stray);
      stray = tap;
    }
  }
  if (open !== null) close(open, null);
  reportStray(stray);
  return { journeys, conflicts };
};

const isElsewhere = (a: Tap, b: Tap): boolean => terminalOf(a.ref) !== terminalOf(b.ref);

const canEnd = (start: Tap, end: Tap, isOfThing: boolean, rulesFor: RulesFor): boolean =>
  isOfThing || rulesFor(start)?.price?.kind === "time" || end.at - start.at <= journeySecondsMax;
