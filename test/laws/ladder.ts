/**
 * What `decide` may say, told once more and otherwise: for each reason when it holds, in the order in which they are asked.
 * Written from the promises and formats, without a look at the code.
 */
import type { Facts, Reading } from "../../shared/decide.ts";
import { actionsOf, type Request, type Terms } from "../../shared/terms.ts";
import { packIn, rulesIn } from "./drawn.ts";

/** Null where nothing of it holds: then there is a perk, or the ordinary terms. */
export const firstReason = (request: Request, reading: Reading, facts: Facts): string | null => {
  const { policy, knowledge, history } = facts;
  const rules = rulesIn(request, policy);
  if (rules === undefined || !(actionsOf[request.service] as readonly string[]).includes(request.action)) {
    return "not-offered";
  }
  if (["checkin", "trip_end"].includes(request.action)) return "no-code-needed";
  if (request.action === "exit" && ["venue", "shuttle"].includes(request.service)) return "no-code-needed";
  if (reading.kind === "none") return "unreadable";
  if (reading.kind === "fault") return reading.fault;

  const isCard = reading.form === "bearer";
  const since = history.sameActionAt === null ? Number.POSITIVE_INFINITY : Math.abs(request.at - history.sameActionAt);
  const inside = request.inside ?? 0;
  const [capacity, places] = [rules.capacity, request.places];
  const isOver = (most: number | undefined): boolean => most !== undefined && inside >= most;
  const isFull = request.action === "entry" && (isOver(capacity) || isOver(places));
  const referred: readonly (readonly [string, boolean])[] = [
    ["staff-badge", reading.use === "staff"],
    ["replay", !isCard && history.seenAt !== null],
    ["revoked", knowledge.standing === "revoked"],
    ["card-not-accepted", isCard && rules.card === null],
    ["card-limit", isCard && history.cardTaps >= (rules.card?.tapsMaxPerDay ?? 0)],
    ["passback", since < rules.passbackSeconds],
    ["full", isFull],
  ];
  return referred.find(([, holds]) => holds)?.[0] ?? null;
};

/** Whose bands count here, and for what; null where they count for nothing. */
export const countsHere = (request: Request, programme: string | null, { policy }: Pick<Facts, "policy">) => {
  const cuts = packIn(policy, programme ?? "")?.cuts;
  if (programme === request.programme && cuts !== undefined) return { cuts, scoreOf: (score: number) => score };
  const leave = (policy.recognises ?? []).find((each) => each.visitor === programme && each.here === request.programme);
  if (leave === undefined || cuts === undefined) return null;
  const scoreOf = (score: number): number => {
    const reached = leave.scores.filter((each) => each.atLeast <= score);
    return reached.length === 0 ? Number.NEGATIVE_INFINITY : Math.max(...reached.map((each) => each.as));
  };
  return { cuts, scoreOf };
};

export type Due = {
  readonly terms: Terms;
  readonly reason: string;
  readonly perk: string | null;
  readonly owed: boolean;
};

/** On which terms somebody is let through, whom nothing refers elsewhere. */
export const dueTo = (request: Request, reading: Extract<Reading, { kind: "verified" }>, facts: Facts): Due => {
  const { policy, knowledge } = facts;
  const rules = rulesIn(request, policy);
  if (rules === undefined) throw new Error("nothing is offered there");
  const { ordinary } = rules;
  const plain = (reason: string, owed = false): Due => ({ terms: ordinary, reason, perk: null, owed });

  const tier = (rules.tiers ?? []).find((each) => each.id === request.tier);
  if (tier !== undefined) return { ...plain("ordinary"), terms: { ...ordinary, ...tier.terms } as Terms };
  const counts = countsHere(request, reading.programme, facts);
  if (counts === null) return plain("other-programme");
  if (reading.form === "bearer" && rules.card?.perks !== true) return plain("ordinary");

  const age = (checkedAt: number | null) =>
    checkedAt === null ? Number.POSITIVE_INFINITY : Math.abs(request.at - checkedAt);
  const { standing, cuts, checkedAt } = knowledge;
  const ours: readonly (readonly [string, boolean])[] = [
    ["trust-stale", age(checkedAt.trust) > policy.perkGraceSeconds],
    ["policy-stale", age(checkedAt.policy) > policy.perkGraceSeconds],
    ["list-missing", cuts === null],
    ["list-stale", age(checkedAt.list) > policy.perkGraceSeconds],
    ["cuts-differ", cuts !== counts.cuts.version],
    ["band-unknown", standing === "unknown" || Number(standing) > counts.cuts.at.length],
  ];
  const fault = ours.find(([, holds]) => holds);
  if (fault !== undefined) return plain(fault[0], true);
  if (typeof standing !== "number") return plain("ordinary");

  const score = counts.scoreOf(counts.cuts.at[standing - 1] ?? Number.NaN);
  const reached = rules.perks.filter((each) => typeof each.atLeast === "number" && each.atLeast <= score);
  const [best] = reached.sort((a, b) => Number(b.atLeast) - Number(a.atLeast));
  return best === undefined
    ? plain("ordinary")
    : { terms: { ...ordinary, ...best.terms } as Terms, reason: "perk", perk: best.id, owed: false };
};

/** Whether one more item, or one more renewal, is within the terms. */
export const excessIn = (request: Request, terms: Terms): "items-max" | "renewals-max" | null => {
  const { itemsBefore = 0, kindBefore = 0, renewalsBefore = 0, kind } = request;
  if (request.action === "renew") return renewalsBefore >= (terms.renewalsMax ?? 1e9 + 1) ? "renewals-max" : null;
  if (request.action !== "checkout") return null;
  const ofKinds = new Map(Object.entries(terms.itemsByKind ?? {}));
  const isOneTooMany =
    kind !== undefined && kindBefore >= Math.min(terms.itemsMax, ofKinds.get(kind) ?? terms.itemsMax);
  return itemsBefore >= terms.itemsMax || isOneTooMany ? "items-max" : null;
};
