/**
 * Decides again what is marked as owed, by the same `decide`, with what was so at that moment: the policy that was in
 * force, and the band that the citizen had (promise 6). Where nothing that is kept here says the band, only the citizen's
 * programme can, and the answer is that it has to be asked.
 *
 * What was granted stays granted: rules that had changed for the worse take nothing back.
 */
import { type Policy, packOf } from "../shared/policy.ts";
import type { Standing } from "../shared/status-list.ts";
import { type Instant, isNoWorse, type Terms } from "../shared/terms.ts";
import { replayDecision } from "../shared/transaction.ts";
import type { Tap } from "./tap.ts";

/** `listAt`: the one list of the programme and its version then; null where there were none or several. */
export type InForce = {
  readonly policyAt: (at: Instant) => Policy | null;
  readonly policyOf: (sha256: string) => Policy | null;
  readonly listAt: (programme: string, at: Instant) => { readonly version: number; readonly cuts: number } | null;
};

/** `terms` null: nothing may be charged, since the credential was not its owner's any more. */
export type Due =
  | { readonly kind: "known"; readonly terms: Terms | null; readonly policy: Policy | null }
  | { readonly kind: "to-ask" };

/** `answer`: what the programme said; undefined where it has not. */
export const dueOf = (tap: Tap, inForce: InForce, answer: Standing | undefined): Due => {
  const recorded = inForce.policyOf(tap.policy);
  if (tap.owed === null || tap.terms === null) return { kind: "known", terms: tap.terms, policy: recorded };
  const policy = inForce.policyAt(tap.at) ?? recorded;
  if (policy === null) return { kind: "to-ask" };
  const standing = answer ?? standingThen(tap, policy, inForce);
  return standing === null
    ? { kind: "to-ask" }
    : { kind: "known", terms: decideAgain(tap, tap.terms, policy, standing), policy };
};

/** Null: referred, as one whose credential was revoked. */
const decideAgain = (tap: Tap, granted: Terms, policy: Policy, standing: Standing): Terms | null => {
  const { owed, programme, home, at } = tap;
  const pack = packOf(policy, home ?? programme);
  if (owed === null || pack === null) return granted;
  const knowledge = { standing, cuts: pack.cuts.version, checkedAt: { trust: at, policy: at, list: at } };
  const { again } = replayDecision({ ...owed, knowledge }, policy);
  if (again.effect === "refer") return again.reason === "revoked" ? null : granted;
  return bestOf(granted, again.terms);
};

/** What the list in force said, where the terminal had that very one, or null. */
const standingThen = ({ owed, home, at }: Tap, policy: Policy, { listAt }: InForce): Standing | null => {
  if (owed === null || home === null) return null;
  const { standing } = owed.knowledge;
  const list = listAt(home, at);
  const isThatOne = list !== null && list.version === owed.artefacts.list && list.cuts === owed.knowledge.cuts;
  const hasItsCuts = list !== null && list.cuts === packOf(policy, home)?.cuts.version;
  return isThatOne && hasItsCuts && standing !== "unknown" ? standing : null;
};

/** The better of both in every dimension. */
export const bestOf = (a: Terms, b: Terms): Terms => {
  if (isNoWorse(b, a)) return b;
  if (isNoWorse(a, b)) return a;
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof Terms)[];
  const best = names.map((name) => [name, isNoWorse({ ...a, [name]: b[name] }, a) ? b[name] : a[name]] as const);
  return Object.fromEntries(best.filter(([, value]) => value !== undefined)) as Terms;
};

/** The dimensions in which `due`, the better one, differs, as they are there; null: no limit. What was granted with these is what is due. */
export type Missed = { readonly [dimension in keyof Terms]?: Terms[dimension] | null };

export const missedOf = (granted: Terms, due: Terms): Missed => {
  if (isNoWorse(granted, due)) return {};
  const names = [...new Set([...Object.keys(granted), ...Object.keys(due)])] as (keyof Terms)[];
  const others = names.filter((name) => JSON.stringify(granted[name]) !== JSON.stringify(due[name]));
  return Object.fromEntries(others.map((name) => [name, due[name] ?? null])) as Missed;
};
