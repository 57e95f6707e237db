/**
 * A rehearsal: every recorded decision is made twice by the same `decide` (promise 5), once by what is in force and once by
 * what is proposed, and what comes out different is counted. Pure, and as large as the rules are, however many decisions:
 * of each kind of difference it keeps how often, how much money, and the first few entries.
 *
 * - Of somebody a record has a band, not a score. Where the cuts differ, a band is taken for every score that it may stand
 *   for; where these would fare differently, the decision counts as `either`. Lists count as published by the cuts that a
 *   policy has, though they are only after it.
 * - Which place of a list somebody has is not recorded (promise 7). A new list is therefore an estimate: of those who stood
 *   somewhere, such a share moves as of the places of the list in force. It has no examples.
 * - What a decision changes for later ones (passback, limits of a day) stays as it was recorded.
 * - A price is told where one use has one price. What depends on the whole use (distance, time) is null.
 */
import type { Chain } from "../shared/log.ts";
import { type Policy, packOf } from "../shared/policy.ts";
import type { Rehearsed, RehearsedGroup, RehearsedService } from "../shared/rehearsal.ts";
import { type Action, actionsOf, serviceNames } from "../shared/terms.ts";
import type { RecordedDecision } from "../shared/transaction.ts";
import { answerOf, type Difference, differenceOf, isAlike, keyOf } from "./rehearse-difference.ts";
import { createStandings, type KnownCuts, type Proposal, unchanged } from "./rehearse-standings.ts";

export type Place = { readonly chain: Chain; readonly seq: number };
export type RehearsedDraft = Omit<Rehearsed, "groups"> & {
  readonly groups: readonly (Omit<RehearsedGroup, "examples"> & { readonly examples: readonly Place[] })[];
};

export type Rehearsing = {
  readonly add: (decision: RecordedDecision | null, place: Place) => void;
  readonly result: () => RehearsedDraft;
};

export const groupsShown = 200;
const groupsMax = 2000;
const examplesMax = 3;

export const createRehearsing = (proposal: Proposal, cuts: readonly KnownCuts[]): Rehearsing => {
  const [before, after] =
    proposal.kind === "policy" ? [proposal.before, proposal.after] : [proposal.policy, proposal.policy];
  const standingsOf = createStandings(proposal, cuts);
  const services = new Map<string, Counted<RehearsedService>>();
  const groups = new Map<string, Group>();
  const untold = { unreadable: 0, "other-cuts": 0 };
  let lost = 0;

  const serviceOf = ({ programme, service }: RecordedDecision["request"]): Counted<RehearsedService> => {
    const key = `${programme} ${service}`;
    const known = services.get(key);
    if (known !== undefined) return known;
    const fresh = { programme, service, decisions: 0, ...noCounts };
    services.set(key, fresh);
    return fresh;
  };

  const count = (difference: Difference, request: RecordedDecision["request"], weight: number, place: Place): void => {
    const { direction, deposit, price } = difference;
    const row = serviceOf(request);
    row[direction] += weight;
    row.deposit += deposit * weight;
    row.price += (price ?? 0) * weight;
    const key = keyOf(difference, request);
    const known = groups.get(key);
    if (known === undefined && groups.size >= groupsMax) {
      lost += 1;
      return;
    }
    const { programme, service, action } = request;
    const group = known ?? {
      ...{ programme, service, action: action as Action, direction },
      ...{ before: answerOf(difference.before), after: answerOf(difference.after) },
      ...{ decisions: 0, deposit: 0, price: price === null ? null : 0, examples: [] },
    };
    groups.set(key, group);
    group.decisions += weight;
    group.deposit += deposit * weight;
    if (group.price !== null) group.price += (price ?? 0) * weight;
    if (proposal.kind === "policy" && group.examples.length < examplesMax) group.examples.push(place);
  };

  const add: Rehearsing["add"] = (decision, place) => {
    if (decision === null || !isKnown(decision.request, before, after)) {
      untold.unreadable += 1;
      return;
    }
    const weight = timesOf(decision);
    const possible = standingsOf(decision);
    if (possible === null) {
      untold["other-cuts"] += weight;
      return;
    }
    const row = serviceOf(decision.request);
    row.decisions += weight;
    const found = possible.map((each) => ({
      share: each.share,
      difference: differenceOf(decision, [before, each.before], [after, each.after]),
    }));
    const [first] = found;
    if (possible === unchanged) row.unchanged += weight;
    else if (first === undefined) row.either += weight;
    else if (first.share !== null || found.every((each) => isAlike(each.difference, first.difference, decision))) {
      for (const { share, difference } of first.share === null ? [first] : found) {
        const part = weight * (share ?? 1);
        if (difference === null) row.unchanged += part;
        else count(difference, decision.request, part, place);
      }
    } else row.either += weight;
  };

  return {
    add,
    result: () => {
      const all = [...groups.values()].sort((a, b) => b.decisions - a.decisions);
      return {
        isEstimate: proposal.kind === "list",
        currency: after.currency,
        services: [...services.values()].map(rounded).sort((a, b) => b.decisions - a.decisions),
        groups: all.slice(0, groupsShown).map(rounded),
        groupsLeftOut: Math.max(0, all.length - groupsShown) + lost,
        untold: { ...untold },
      };
    },
  };
};

type Counted<T> = { -readonly [field in keyof T]: T[field] };
type Group = Omit<Counted<RehearsedGroup>, "examples"> & { readonly examples: Place[] };

const noCounts = { more: 0, less: 0, mixed: 0, same: 0, unchanged: 0, either: 0, deposit: 0, price: 0 };

/** Shares of an estimate leave fractions of a decision. */
const rounded = <T extends object>(row: T): T =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? Math.round(value) + 0 : value]),
  ) as T;

/** A run of refusals of one kind is one entry. */
const timesOf = ({ count }: RecordedDecision): number =>
  typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : 1;

const isKnown = (
  { service, action, programme }: RecordedDecision["request"],
  ...policies: readonly Policy[]
): boolean =>
  serviceNames.includes(service) &&
  (actionsOf[service] as readonly string[]).includes(action) &&
  policies.some((policy) => packOf(policy, programme) !== null);
