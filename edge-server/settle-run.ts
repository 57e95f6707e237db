/**
 * Settles a period of a whole ledger (reconcile-run): what everybody owes and is owed, line by line.
 *
 * Everything until the end of the period is looked at, so that what came late for an earlier one is seen: it is a
 * correction now (settle-corrections). What came when its terminal was revoked already is counted, and settled by nobody.
 */
import { type Policy, packOf } from "../shared/policy.ts";
import type { Instant } from "../shared/terms.ts";
import { dayOf, type Period, periodNameAt } from "./period.ts";
import type { Conflict, Journey } from "./reconcile.ts";
import { type ReconciledPerson, type ReconcileEdges, reconcileLedger } from "./reconcile-run.ts";
import type { InForce } from "./redecide.ts";
import { type Line, owedUnder, type Settling, settleJourneys } from "./settle.ts";
import { type Answer, type Asked, standingsOf } from "./settle-ask.ts";
import { type Correction, correctStated, type Earlier } from "./settle-corrections.ts";
import { bucketOf, inPlace } from "./settle-groups.ts";
import { createStatement, type Statement } from "./statement.ts";
import type { Ref } from "./tap.ts";

export type SettleEdges = ReconcileEdges & {
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
  const { spill } = edges;
  const until = Math.min(period.until, now);
  const isInPeriod = (at: Instant): boolean => at >= period.from && at < until;
  const statement = createStatement(period, until < period.until);
  const policies = new Map<string, Policy | null>();
  const inForce: InForce = { ...edges.inForce, policyOf: (name) => policies.get(name) ?? null };
  const periodOf = (at: Instant): string | null => {
    const name = periodNameAt(at);
    return edges.statedPeriods.has(name) ? name : null;
  };
  const isWanted = (of: { readonly programme: string }): boolean => programme === null || of.programme === programme;

  const settle = (
    { pseudonym, journeys, present }: ReconciledPerson,
    earlier: readonly Earlier[],
    answers: Answers,
  ) => {
    const settling: Settling = { inForce, answerFor: (ref) => answers.get(ref), dayOf, until };
    const own = journeys.filter(({ start }) => isWanted(start));
    const all = settleJourneys(own, settling).filter(({ at }) => at < until);
    const stated = earlier.filter(({ line }) => isWanted(line));
    const { lines, corrections } = correctStated(all, stated, period.from, periodOf, present);
    for (const line of [...lines, ...corrections]) {
      statement.addLine(line);
      take({ kind: "line", pseudonym, line });
    }
    if (lines.length + corrections.length > 0) statement.countPerson();
    for (const asked of askedOf(all, own, pseudonym, settling)) take({ kind: "asked", ...asked });
  };

  for await (const answer of edges.answers) {
    spill.write("answer", bucketOf(answer.pseudonym, spill), JSON.stringify(answer));
  }
  for await (const each of edges.earlier) spill.write("earlier", bucketOf(each.pseudonym, spill), JSON.stringify(each));
  const read = await reconcileLedger(edges, until, {
    policies,
    conflict: (conflict) => {
      if (!isInPeriod(conflict.at)) return;
      statement.countConflict(conflict);
      take({ kind: "conflict", conflict });
    },
    nobody: ({ at }) => {
      if (isInPeriod(at)) statement.countNobody();
    },
    afterRevocation: statement.countAfterRevocation,
    people: (bucket, people) => {
      const answers: Answers = new Map(spill.take("answer", bucket).map(answerIn));
      const earlier = earlierIn(spill.take("earlier", bucket));
      const found = new Map(people.map((person) => [person.pseudonym, person]));
      for (const pseudonym of [...new Set([...found.keys(), ...earlier.keys()])].sort(inPlace)) {
        const person = found.get(pseudonym) ?? { pseudonym, journeys: [], present: new Set<Ref>() };
        settle(person, earlier.get(pseudonym) ?? [], answers);
      }
    },
  });
  return statement.result(read);
};

type Answers = ReadonlyMap<Ref, Answer["standing"]>;
const answerIn = (line: string): readonly [Ref, Answer["standing"]] => {
  const { entry, standing } = JSON.parse(line) as Answer;
  return [entry, standing];
};

const earlierIn = (lines: readonly string[]): ReadonlyMap<string, readonly Earlier[]> => {
  const people = new Map<string, Earlier[]>();
  for (const line of lines) {
    const { pseudonym, ...earlier } = JSON.parse(line) as Earlier & { readonly pseudonym: string };
    const known = people.get(pseudonym);
    if (known === undefined) people.set(pseudonym, [earlier]);
    else known.push(earlier);
  }
  return people;
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
      const owed = standings.map(
        (each) => [String(each), owedUnder(journey, journeys, entry, each, settling)] as const,
      );
      const cause = tap.owed.result.reason;
      const asked = { entry, pseudonym, at, service, action, cause, owedUnder: Object.fromEntries(owed) };
      yield { programme: home ?? tap.programme, asked };
    }
  }
};

const none = { packs: [] } as unknown as Policy;
