/**
 * What one person owes and is owed, line by line, each resting on the entries that it names. Pure: the same from the same
 * entries, and money adds up to the last minor unit.
 *
 * - `use`: a journey, a rental or an order. `amount` is due under the terms that were granted; `owed` of it goes back to the
 *   citizen, since an always-online terminal would have asked for no more than the rest.
 * - `refund`: `paid` was taken for what did not happen then, or had ended before, and was not given back.
 * - `deposit-held`, then `deposit-released` or `deposit-forfeited`: what was held and need not have been is `owed` by the
 *   first, goes back at once, and is in neither of the other two.
 * - `terms`: nothing was due, and something better was missed, such as days of a loan. `missed` names it in every line;
 *   the money of it is in `owed`.
 *
 * A line is of the moment when it falls due (`at`): the end of what it is for. What is still open has none yet. What one
 * pays a day is capped for both: as granted, and as due.
 */
import { type Policy, packOf, rulesOf, type ServiceRules } from "../shared/policy.ts";
import type { Standing } from "../shared/status-list.ts";
import { capFares, dueFor, fareCapOf, forfeitAtOf, type Price, type Use } from "../shared/tariff.ts";
import type { Instant, ServiceName, Terms } from "../shared/terms.ts";
import { isEnd, isSingle, type Journey } from "./reconcile.ts";
import { dueOf, type InForce, type Missed, missedOf } from "./redecide.ts";
import { paidOf, type Ref, stateOf, type Tap } from "./tap.ts";

export type Line = {
  /** The entry that it began with, and what of it: one line for ever. */
  readonly key: string;
  readonly kind: "use" | "refund" | "deposit-held" | "deposit-released" | "deposit-forfeited" | "terms";
  readonly at: Instant;
  readonly programme: string;
  readonly service: string;
  readonly currency: string;
  readonly amount: number;
  readonly owed: number;
  /** Of a use: what the payment system took at the terminal. `amount` less `owed` and this is still to be had, or given back. */
  readonly paid: number;
  readonly missed: Missed;
  /** Why something is owed: the reasons of the decisions that were made again. */
  readonly causes: readonly string[];
  /** Decisions whose band only the programme can tell. */
  readonly pending: readonly Ref[];
  readonly entries: readonly Ref[];
};

/** `dayOf`: which day it is, in the operator's time. `until`: what is to end and has not by then is late. */
export type Settling = {
  readonly inForce: InForce;
  readonly answerFor: (entry: Ref) => Standing | undefined;
  readonly dayOf: (at: Instant) => number;
  readonly until: Instant;
};

export const settleJourneys = (journeys: readonly Journey[], settling: Settling): readonly Line[] => {
  const uses: PricedLine[] = [];
  const lines: Line[] = [];
  for (const journey of journeys) {
    const { start, end, renewals } = journey;
    if (stateOf(start) === "void" || isEnd(start)) {
      const policy = settling.inForce.policyOf(start.policy);
      lines.push({ ...lineOf(start, "refund", start.at, policy), paid: paidOf(start) });
      continue;
    }
    const priced = priceUse(journey, journeys, settling);
    if (priced !== null && priced !== "open") uses.push(priced);
    const unpriced = priced === null ? [start, ...(end === null ? [] : [end]), ...renewals] : renewals;
    for (const tap of unpriced) lines.push(...termsLine(tap, settling));
    lines.push(...depositLines(journey, journeys, settling));
  }
  return [...capDays(uses, settling.dayOf), ...lines].sort(byMoment);
};

export type Money = { readonly use: number; readonly deposit: number; readonly missed: Missed };

/** What would be owed for one journey if the programme answered so, before the cap of a day. */
export const owedUnder = (
  journey: Journey,
  journeys: readonly Journey[],
  asked: Ref,
  standing: Standing,
  settling: Settling,
): Money => {
  const answerFor = (entry: Ref) => (entry === asked ? standing : settling.answerFor(entry));
  const answered = { ...settling, answerFor };
  const priced = priceUse(journey, journeys, answered);
  const tap = [journey.start, journey.end, ...journey.renewals].find((each) => each?.ref === asked);
  return {
    use: priced === null || priced === "open" ? 0 : priced.line.amount - priced.due,
    deposit: asked === journey.start.ref ? excessOf(journey.start, answered) : 0,
    missed: tap == null ? {} : judge(tap, answered).missed,
  };
};

/** One decision again: `terms` null where nothing may be charged; what was granted, while the programme has not answered. */
type Judged = {
  readonly terms: Terms | null;
  readonly policy: Policy | null;
  readonly missed: Missed;
  readonly causes: readonly string[];
  readonly pending: readonly Ref[];
};

const judge = (tap: Tap, { inForce, answerFor }: Settling): Judged => {
  const { ref, terms, owed } = tap;
  const causes = owed === null ? [] : [owed.result.reason];
  const due = dueOf(tap, inForce, answerFor(ref));
  if (due.kind === "to-ask") {
    return { terms, policy: inForce.policyOf(tap.policy), missed: {}, causes, pending: [ref] };
  }
  if (due.terms === null) return { ...due, missed: {}, causes: [...causes, "revoked"], pending: [] };
  return { ...due, missed: terms === null ? {} : missedOf(terms, due.terms), causes, pending: [] };
};

type PricedLine = {
  readonly line: Line;
  readonly cap: number | null;
  /** What an always-online terminal would have asked for. */
  readonly due: number;
  readonly dueCap: number | null;
};

/** Null where nothing is due for it, whatever becomes of it. */
const priceUse = (journey: Journey, journeys: readonly Journey[], settling: Settling): PricedLine | "open" | null => {
  const { start, end, endedAt } = journey;
  const policy = settling.inForce.policyOf(start.policy);
  const price = priceOf(rulesIn(policy, start));
  const use = price === null ? null : useOf(journey, journeys, price);
  if (policy === null || price === null || use === null) return null;
  if (endedAt === null) return "open";

  // A return needs no code, and its terms are nobody's.
  const decided = end === null || end.pseudonym === null ? [start] : [start, end];
  const judged = decided.map((tap) => judge(tap, settling));
  const amount = least(decided.map(({ terms }) => (terms === null ? 0 : dueFor(price, use, terms))));
  const duePrice = priceOf(rulesIn(judged[0]?.policy ?? policy, start)) ?? price;
  const due = least(judged.map(({ terms }) => (terms === null ? 0 : dueFor(duePrice, use, terms))));
  const causes = [...new Set([...(amount === null ? ["no-fare"] : []), ...judged.flatMap((each) => each.causes)])];
  return {
    line: {
      ...lineOf(start, "use", endedAt, policy),
      amount: amount ?? 0,
      paid: [start, end].reduce((sum, tap) => sum + (tap === null ? 0 : paidOf(tap)), 0),
      missed: Object.assign({}, ...judged.map(({ missed }) => missed).reverse()),
      causes,
      pending: judged.flatMap(({ pending }) => pending),
      entries: [start, ...(end === null ? [] : [end])].map(({ ref }) => ref),
    },
    cap: fareCapOf(price),
    due: Math.min(amount ?? 0, due ?? 0),
    dueCap: fareCapOf(duePrice),
  };
};

const useOf = ({ start, end }: Journey, journeys: readonly Journey[], price: Price): Use | null => {
  if (price.kind === "order") return orderOf(start, journeys);
  if (isSingle(start)) return null;
  return price.kind === "time"
    ? { kind: "time", seconds: end === null ? 0 : end.at - start.at }
    : { kind: "journey", from: start.site, to: end?.site ?? null };
};

/** What was ordered in one session goes as one parcel: its fee is that of the first item, and the others are in it. */
const orderOf = (start: Tap, journeys: readonly Journey[]): Use | null => {
  if (start.action !== "order") return null;
  const parcel = journeys.filter(
    (each) => each.start.action === "order" && each.start.session === start.session && stateOf(each.start) === "done",
  );
  const isFirst = start.session === null || parcel[0]?.start.ref === start.ref;
  if (stateOf(start) !== "done" || !isFirst) return null;
  return { kind: "order", items: start.session === null ? 1 : parcel.length };
};

/** A price of its own, or the full price of every journey. */
export const priceOf = (rules: ServiceRules | null): Price | null => {
  if (rules === null) return null;
  if (rules.tariff !== undefined) return rules.tariff.price;
  return rules.fullPrice === null ? null : { kind: "flat", fare: rules.fullPrice, capPerDay: null };
};

export const rulesIn = (policy: Policy | null, tap: Tap): ServiceRules | null => {
  const pack = policy === null ? null : packOf(policy, tap.programme);
  return pack === null ? null : rulesOf(pack, tap.service as ServiceName);
};

/** Null where one of them is not known. */
const least = (amounts: readonly (number | null)[]): number | null =>
  amounts.reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)));

/** What a day costs is capped as granted and as due; the difference is owed by those lines that it comes from, first come first. */
const capDays = (uses: readonly PricedLine[], dayOf: Settling["dayOf"]): readonly Line[] => {
  const days = new Map<string, PricedLine[]>();
  for (const use of uses) {
    const day = `${use.line.programme} ${use.line.service} ${dayOf(use.line.at)}`;
    const others = days.get(day);
    if (others === undefined) days.set(day, [use]);
    else others.push(use);
  }
  return [...days.values()].flatMap((day) => {
    const ordered = day.sort((a, b) => byMoment(a.line, b.line));
    const amounts = capFares(ordered.map(({ line, cap }) => ({ due: line.amount, cap })));
    const dues = capFares(ordered.map(({ due, dueCap }) => ({ due, cap: dueCap })));
    let left = Math.max(0, sumOf(amounts) - sumOf(dues));
    return ordered.map(({ line }, index) => {
      const amount = amounts[index] ?? 0;
      const owed = Math.min(left, Math.max(0, amount - (dues[index] ?? 0)));
      left -= owed;
      return { ...line, amount, owed };
    });
  });
};

const termsLine = (tap: Tap, settling: Settling): readonly Line[] => {
  if (tap.owed === null) return [];
  const { missed: all, causes, pending } = judge(tap, settling);
  const policy = settling.inForce.policyOf(tap.policy);
  const { deposit, ...others } = all;
  const isHeld = tap.deposit > 0; // then the line of the deposit says so
  const missed = isHeld || deposit === undefined ? others : all;
  if (Object.keys(missed).length === 0 && (isHeld || pending.length === 0)) return [];
  return [{ ...lineOf(tap, "terms", tap.at, policy), missed, causes, pending }];
};

const depositLines = (journey: Journey, journeys: readonly Journey[], settling: Settling): readonly Line[] => {
  const { start } = journey;
  if (start.deposit === 0) return [];
  const policy = settling.inForce.policyOf(start.policy);
  const judged = judge(start, settling);
  const excess = excessOf(start, settling);
  const held: Line = {
    ...lineOf(start, "deposit-held", start.at, policy),
    ...{ amount: start.deposit, owed: excess, causes: judged.causes, pending: judged.pending },
    missed: judged.missed.deposit === undefined ? {} : { deposit: judged.missed.deposit },
  };
  const rest = start.deposit - excess;
  const loans = start.action === "session" ? journeys.filter(({ start: { session } }) => session === start.ref) : null;
  const over = overAt(journey, loans);
  const { tariff } = rulesIn(policy, start) ?? {};
  const keptAt = tariff === undefined ? null : forfeitAtOf(tariff, dueBackAt(journey, loans));
  // Of what cannot be told apart nobody knows that it was not given back.
  const canTell = loans !== null || start.thing !== null;
  const isKept = canTell && keptAt !== null && keptAt < settling.until && (over === null || over.at >= keptAt);
  if (rest === 0 || (over === null && !isKept)) return [held];
  const kind = isKept ? "deposit-forfeited" : "deposit-released";
  const at = isKept ? keptAt : (over?.at ?? start.at);
  const entries = [start.ref, ...(isKept ? [] : (over?.entries ?? []))];
  return [held, { ...lineOf(start, kind, at, policy), amount: rest, entries }];
};

/** What was held and need not have been. */
const excessOf = (start: Tap, settling: Settling): number => {
  const { terms } = judge(start, settling);
  return start.owed === null ? 0 : Math.max(0, start.deposit - (terms?.deposit ?? 0));
};

/** When all was given back, and the entries that say so; null where it was not. */
const overAt = (
  { start, end, endedAt }: Journey,
  loans: readonly Journey[] | null,
): { readonly at: Instant; readonly entries: readonly Ref[] } | null => {
  if (loans === null) return endedAt === null ? null : { at: endedAt, entries: end === null ? [] : [end.ref] };
  const ends = loans.map((loan) => loan.endedAt);
  return ends.includes(null)
    ? null
    : {
        at: Math.max(start.at, ...ends.map((each) => each ?? 0)),
        entries: loans.flatMap((loan) => (loan.end === null ? [] : [loan.end.ref])),
      };
};

const dueBackAt = ({ start }: Journey, loans: readonly Journey[] | null): Instant =>
  Math.max(
    start.at,
    ...(loans ?? []).flatMap((loan) =>
      [loan.start, ...loan.renewals].map(({ at, terms }) => at + (terms?.loanSeconds ?? 0)),
    ),
  );

const lineOf = (tap: Tap, kind: Line["kind"], at: Instant, policy: Policy | null): Line => ({
  key: `${tap.ref}#${kind}`,
  ...{ kind, at, programme: tap.programme, service: tap.service, currency: policy?.currency ?? "" },
  ...{ amount: 0, owed: 0, paid: 0, missed: {}, causes: [], pending: [], entries: [tap.ref] },
});

export const byMoment = (a: Pick<Line, "at" | "key">, b: Pick<Line, "at" | "key">): number =>
  a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, each) => sum + each, 0);
