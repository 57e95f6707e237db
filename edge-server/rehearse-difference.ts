/** What one recorded decision comes out as by what is proposed, beside what is in force (see rehearse.ts). */
import { decide, type Knowledge } from "../shared/decide.ts";
import { type Policy, packOf, rulesOf } from "../shared/policy.ts";
import type { Direction, RehearsedAnswer } from "../shared/rehearsal.ts";
import { dueFor } from "../shared/tariff.ts";
import { type Action, type Decision, isNoWorse, type Request } from "../shared/terms.ts";
import type { RecordedDecision } from "../shared/transaction.ts";
import { priceOf } from "./settle.ts";

export type Difference = {
  readonly before: Decision;
  readonly after: Decision;
  readonly direction: Direction;
  readonly deposit: number;
  readonly price: number | null;
};

/** Null: none. */
export const differenceOf = (
  { at, request, reading, history }: RecordedDecision,
  [policyBefore, knowledgeBefore]: readonly [Policy, Knowledge],
  [policyAfter, knowledgeAfter]: readonly [Policy, Knowledge],
): Difference | null => {
  const asked: Request = { ...request, at };
  const before = decide(asked, reading, { policy: policyBefore, knowledge: knowledgeBefore, history });
  const after = decide(asked, reading, { policy: policyAfter, knowledge: knowledgeAfter, history });
  if (before.effect === "refer" || after.effect === "refer") {
    if (before.effect === after.effect && before.reason === after.reason) return null;
    const direction = before.effect === after.effect ? "same" : after.effect === "permit" ? "more" : "less";
    return { before, after, direction, deposit: 0, price: 0 };
  }
  const price = priceDifference(request, [policyBefore, before], [policyAfter, after]);
  const isBetter = isNoWorse(after.terms, before.terms);
  const isWorse = isNoWorse(before.terms, after.terms);
  const direction = directionOf(isBetter && (price ?? 0) <= 0, isWorse && (price ?? 0) >= 0);
  if (direction === "same" && price === 0 && before.reason === after.reason) return null;
  const deposit = holdsDeposit.includes(request.action) ? after.terms.deposit - before.terms.deposit : 0;
  const isUntold = price === null && direction === "same";
  return { before, after, direction: isUntold ? "mixed" : direction, deposit, price };
};

const directionOf = (isNoWorseNow: boolean, wasNoWorse: boolean): Direction => {
  if (isNoWorseNow) return wasNoWorse ? "same" : "more";
  return wasNoWorse ? "less" : "mixed";
};

type Permit = Extract<Decision, { readonly effect: "permit" }>;
const holdsDeposit: readonly Action[] = ["session", "trip_start", "deposit"];
const beginsUse: readonly Action[] = ["entry", "checkout", "trip_start", "order"];

/** Of one use, where it begins: its end costs nothing more. Null where that depends on what comes. */
const priceDifference = (
  { service, action, programme, place }: RecordedDecision["request"],
  ...sides: readonly [readonly [Policy, Permit], readonly [Policy, Permit]]
): number | null => {
  if (!beginsUse.includes(action)) return 0;
  const [old, fresh] = sides.map(([policy, { terms }]) => {
    const pack = packOf(policy, programme);
    const rules = pack === null ? null : rulesOf(pack, service);
    const price = priceOf(rules);
    // One fare is the same from anywhere to anywhere.
    const due = price?.kind === "flat" ? dueFor(price, { kind: "journey", from: place.site, to: null }, terms) : null;
    const isFree = price === null && rules?.tariff !== undefined;
    return { due: isFree ? 0 : due, by: JSON.stringify([price, terms.priceFactor, terms.freeSeconds]) };
  });
  if (old === undefined || fresh === undefined || old.by === fresh.by) return 0;
  return old.due === null || fresh.due === null ? null : fresh.due - old.due;
};

export const answerOf = (decision: Decision): RehearsedAnswer => ({
  effect: decision.effect,
  reason: decision.reason,
  terms: decision.effect === "permit" ? decision.terms : null,
});

export const keyOf = (
  { before, after, price }: Difference,
  { programme, service, action }: RecordedDecision["request"],
): string => JSON.stringify([programme, service, action, answerOf(before), answerOf(after), price === null]);

export const isAlike = (a: Difference | null, b: Difference | null, { request }: RecordedDecision): boolean =>
  a === b || (a !== null && b !== null && keyOf(a, request) === keyOf(b, request));
