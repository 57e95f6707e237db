/** Where somebody whose decision was recorded may stand, in the list in force and in what is proposed (see rehearse.ts). */
import type { Knowledge } from "../shared/decide.ts";
import { type Policy, packOf } from "../shared/policy.ts";
import type { Band, Standing } from "../shared/status-list.ts";
import type { RecordedDecision } from "../shared/transaction.ts";

/** Of those who stand somewhere: who stands where then, in shares that add up to 1. */
export type Moves = readonly { readonly from: Standing; readonly to: readonly Moved[] }[];
type Moved = { readonly standing: Standing; readonly share: number };

export type Proposal =
  | { readonly kind: "policy"; readonly before: Policy; readonly after: Policy }
  | { readonly kind: "list"; readonly policy: Policy; readonly programme: string; readonly moves: Moves };

/** Cuts as they were in some version of a programme's pack. */
export type KnownCuts = { readonly programme: string; readonly version: number; readonly at: readonly number[] };

/** What was known of somebody, by one and by the other. `share` null: one of several, and nobody knows which. */
export type Possible = { readonly before: Knowledge; readonly after: Knowledge; readonly share: number | null };
export type StandingsOf = (decision: RecordedDecision) => readonly Possible[] | null;

/** Of somebody whom the proposal does not touch. */
export const unchanged: readonly Possible[] = [];
export const createStandings = (proposal: Proposal, cuts: readonly KnownCuts[]): StandingsOf => {
  const isTouched = touchedBy(proposal);
  const standingsOf =
    proposal.kind === "policy" ? standingsByCuts(proposal.before, proposal.after, cuts) : standingsByMoves(proposal);
  return (decision) => (isTouched(decision) ? standingsOf(decision) : unchanged);
};

const homeOf = ({ reading }: RecordedDecision): string | null =>
  reading.kind === "verified" && reading.use === "citizen" ? reading.programme : null;

/** Whatever is proposed can change nothing for the others. */
const touchedBy = (proposal: Proposal): ((decision: RecordedDecision) => boolean) => {
  if (proposal.kind === "list") return (decision) => homeOf(decision) === proposal.programme;
  const { before, after } = proposal;
  const names = [...before.packs, ...after.packs].map(({ programme }) => programme);
  const isSame = (name: string) => JSON.stringify(packOf(before, name)) === JSON.stringify(packOf(after, name));
  const changed = new Set<string | null>(names.filter((name) => !isSame(name)));
  return (decision) => changed.has(decision.request.programme) || changed.has(homeOf(decision));
};

const standingsByCuts = (before: Policy, after: Policy, known: readonly KnownCuts[]): StandingsOf => {
  const cutsAt = new Map(known.map(({ programme, version, at }) => [`${programme} ${version}`, at]));
  return (decision) => {
    const { knowledge } = decision;
    const home = homeOf(decision);
    const [old, fresh] = [before, after].map((policy) => (home === null ? null : packOf(policy, home))?.cuts);
    const isByThese = [old, fresh].every((cuts) => cuts === undefined || cuts.version === knowledge.cuts);
    // A list that was sorted by other cuts at that moment was our fault then, and stays it.
    if (isByThese || knowledge.cuts === null || decision.result.reason === "cuts-differ")
      return as(knowledge, knowledge);
    const recorded = cutsAt.get(`${home} ${knowledge.cuts}`);
    const { standing } = knowledge;
    const underCuts = (cuts: typeof old, now: Standing): Knowledge =>
      cuts === undefined ? knowledge : { ...knowledge, standing: now, cuts: cuts.version };
    if (standing !== "none" && typeof standing !== "number") {
      return as(underCuts(old, standing), underCuts(fresh, standing));
    }
    if (recorded === undefined) return null;
    const all = [Number.NEGATIVE_INFINITY, ...new Set([...recorded, ...(old?.at ?? []), ...(fresh?.at ?? [])])];
    const scores = all.filter((score) => standingIn(recorded, score) === standing);
    return scores.map((score) => ({
      before: underCuts(old, standingIn(old?.at ?? [], score)),
      after: underCuts(fresh, standingIn(fresh?.at ?? [], score)),
      share: scores.length === 1 ? 1 : null,
    }));
  };
};

const as = (before: Knowledge, after: Knowledge): readonly Possible[] => [{ before, after, share: 1 }];

const standingIn = (cuts: readonly number[], score: number): Standing => {
  const band = cuts.filter((cut) => score >= cut).length;
  return band === 0 ? "none" : (band as Band);
};

const standingsByMoves = ({ policy, programme, moves }: Extract<Proposal, { readonly kind: "list" }>): StandingsOf => {
  const cuts = packOf(policy, programme)?.cuts.version;
  const movesFrom = new Map(moves.map(({ from, to }) => [from, to]));
  return ({ knowledge }) => {
    if (knowledge.cuts === null || knowledge.standing === "unknown") return as(knowledge, knowledge);
    if (knowledge.cuts !== cuts) return null;
    const moved = movesFrom.get(knowledge.standing) ?? []; // none: nobody stands there now
    if (moved.length === 0) return null;
    return moved.map(({ standing, share }) => ({ before: knowledge, after: { ...knowledge, standing }, share }));
  };
};
