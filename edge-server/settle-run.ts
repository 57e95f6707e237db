/**
 * Settles a period of a whole ledger in bounded memory. Entries stream by once, log after log; their taps are put aside by
 * the thing or the person that they are about (`Spill`), and then looked at bucket after bucket: first things, whose
 * journeys go to the people who made them, then people. The same ledger gives the same lines in the same order.
 *
 * Everything until the end of the period is looked at, so that what came late for an earlier one is seen: it is a
 * correction now (settle-corrections). What came when its terminal was revoked already is counted, and settled by nobody.
 */
import { type Policy, packOf } from "../shared/policy.ts";
import type { Instant } from "../shared/terms.ts";
import { dayOf, type Period, periodNameAt } from "./period.ts";
import { type Conflict, groupOf, type Journey, type RulesFor, reconcilePerson, reconcileThing } from "./reconcile.ts";
import type { InForce } from "./redecide.ts";
import { type Line, owedUnder, priceOf, rulesIn, type Settling, settleJourneys } from "./settle.ts";
import { type Answer, type Asked, standingsOf } from "./settle-ask.ts";
import { type Correction, correctStated, type Earlier } from "./settle-corrections.ts";
import { bucketOf, buckets, groupedTaps, peopleIn, type Spill } from "./settle-groups.ts";
import { percentOf, type ReadEdges, readTaps } from "./settle-read.ts";
import { createStatement, type Statement } from "./statement.ts";
import { type Ref, stateOf, type Tap } from "./tap.ts";
import { createTapCode } from "./tap-code.ts";
import { createTapJoin } from "./tap-join.ts";

export type SettleEdges = ReadEdges & {
  readonly spill: Spill;
  readonly inForce: Pick<InForce, "policyAt" | "listAt">;
  readonly answers: AsyncIterable<Answer>;
  /** Lines of the statements of earlier periods, with the pseudonym that they are about, earliest first. */
  readonly earlier: AsyncIterable<Earlier & { readonly pseudonym: string }>;
  /** The earlier periods that were stated. */
  readonly statedPeriods: ReadonlySet<string>;
};

export type Settled =
  | { readonly kind: "line"; readonly pseudonym: string; readonly line: Line | Correction }
  | { readonly kind: "conflict"; readonly conflict: Conflict }
  | { readonly kind: "asked"; readonly programme: string; readonly asked: Asked };

/** `now`: what falls due later is not settled. */
export const settlePeriod = async (
  edges: SettleEdges,
  period: Period,
  now: Instant,
  programme: string | null,
  take: (settled: Settled) => void,
): Promise<Statement> => {
  const { spill, say } = edges;
  const until = Math.min(period.until, now);
  const statement = createStatement(period, until < period.until);
  const policies = new Map<string, Policy | null>();
  const inForce: InForce = { ...edges.inForce, policyOf: (name) => policies.get(name) ?? null };
  const rulesFor = createRulesFor(inForce);
  const code = createTapCode();
  const join = createTapJoin();

  const conflict = (found: Conflict): void => {
    if (found.at < period.from || found.at >= until) return;
    statement.countConflict(found);
    take({ kind: "conflict", conflict: found });
  };
  const putAside = (tap: Tap): void => {
    const group = groupOf(tap);
    spill.write(group?.by ?? "unknown", group === null ? 0 : bucketOf(group.name), code.encode(tap));
  };
  const countNobody = (tap: Tap): void => {
    if (stateOf(tap) === "done" && tap.at >= period.from && tap.at < until) statement.countNobody();
  };

  const read = await readTaps(edges, join, until, {
    ...{ policies, conflict, tap: putAside },
    afterRevocation: statement.countAfterRevocation,
  });

  // What could not be told whose it is: perhaps what was said elsewhere tells.
  for (const line of spill.take("unknown", 0)) {
    const tap = join.complete(code.decode(line));
    if (groupOf(tap) === null) countNobody(tap);
    else putAside(tap);
  }

  const toPerson = (journey: Journey): void => {
    const { pseudonym } = journey.start;
    if (pseudonym === null) countNobody(journey.start);
    else spill.write("journey", bucketOf(pseudonym), code.encodeJourney(journey));
  };
  for (let bucket = 0; bucket < buckets; bucket++) {
    for (const [, taps] of groupedTaps(spill.take("thing", bucket), code, join.complete)) {
      const found = reconcileThing(taps, rulesFor);
      found.journeys.forEach(toPerson);
      for (const [rider, ref] of withoutJourney(taps, found.journeys)) {
        spill.write("present", bucketOf(rider), JSON.stringify([rider, ref]));
      }
      found.conflicts.forEach(conflict);
    }
  }

  for await (const answer of edges.answers) {
    spill.write("answer", bucketOf(answer.pseudonym), JSON.stringify(answer));
  }
  for await (const each of edges.earlier) spill.write("earlier", bucketOf(each.pseudonym), JSON.stringify(each));

  const periodOf = (at: Instant): string | null => {
    const name = periodNameAt(at);
    return edges.statedPeriods.has(name) ? name : null;
  };
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (bucket % 8 === 0) say(`${percentOf(bucket, buckets)} of the people settled`);
    const answers = new Map(
      spill.take("answer", bucket).map((line) => {
        const { entry, standing } = JSON.parse(line) as Answer;
        return [entry, standing] as const;
      }),
    );
    const settling: Settling = { inForce, answerFor: (ref) => answers.get(ref), dayOf, until };
    for (const [pseudonym, of] of peopleIn(bucket, spill, code, join.complete)) {
      const { journeys, conflicts } = reconcilePerson(of.taps, of.journeys, rulesFor);
      conflicts.forEach(conflict);
      const own = journeys.filter(({ start }) => programme === null || start.programme === programme);
      const all = settleJourneys(own, settling).filter(({ at }) => at < until);
      const earlier = of.earlier.filter(({ line }) => programme === null || line.programme === programme);
      const { lines, corrections } = correctStated(all, earlier, period.from, periodOf, of.present);
      for (const line of [...lines, ...corrections]) {
        statement.addLine(line);
        take({ kind: "line", pseudonym, line });
      }
      if (lines.length + corrections.length > 0) statement.countPerson();
      for (const asked of askedOf(all, journeys, pseudonym, settling)) take({ kind: "asked", ...asked });
    }
  }
  return statement.result(read);
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

const createRulesFor = (inForce: InForce): RulesFor => {
  const known = new Map<string, ReturnType<RulesFor>>();
  return (tap) => {
    const name = `${tap.policy} ${tap.programme} ${tap.service}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const rules = rulesIn(inForce.policyOf(tap.policy), tap);
    const found = rules === null ? null : { passbackSeconds: rules.passbackSeconds, price: priceOf(rules) };
    known.set(name, found);
    return found;
  };
};

const askedOf = function* (
  lines: readonly Line[],
  journeys: readonly Journey[],
  pseudonym: string,
  settling: Settling,
): Iterable<{ readonly programme: string; readonly asked: Asked }> {
  const pending = new Set(lines.flatMap((line) => line.pending));
  if (pending.size === 0) return;
  for (const journey of journeys) {
    for (const tap of [journey.start, journey.end, ...journey.renewals]) {
      if (tap === null || tap.owed === null || !pending.delete(tap.ref)) continue;
      const { ref: entry, at, service, action, home, policy } = tap;
      const cuts = packOf(settling.inForce.policyAt(at) ?? settling.inForce.policyOf(policy) ?? none, home ?? "")?.cuts;
      const standings = standingsOf(cuts?.at.length ?? 5);
      const owed = standings.map((each) => [String(each), owedUnder(journey, entry, each, settling)] as const);
      const cause = tap.owed.result.reason;
      const asked = { entry, pseudonym, at, service, action, cause, owedUnder: Object.fromEntries(owed) };
      yield { programme: home ?? tap.programme, asked };
    }
  }
};

const none = { packs: [] } as unknown as Policy;
