/**
 * Makes every recorded decision again (promise 5), with the policy that an `installed` entry of the same chain carries and
 * the decision names by its hash. A decision whose policy is not at hand, or that is written in a later version, cannot be
 * told: it counts as unknown.
 */
import { openRecordedPolicy } from "../shared/bundle.ts";
import { type Bytes, fromBase64url, sha256, toHex } from "../shared/bytes.ts";
import type { Policy } from "../shared/policy.ts";
import type { Root } from "../shared/root.ts";
import { type ReadTransaction, readDecided, replayDecision } from "../shared/transaction.ts";
import type { Tally } from "./audit-tally.ts";

/** Of one chain. */
export type DecisionAudit = {
  readonly add: (transaction: ReadTransaction, where: string) => Promise<void>;
  /** In force at the newest entry; null where it is not at hand. */
  readonly policy: () => Policy | null;
};

/** Each distinct policy is opened once, however many chains installed it. */
export const createDecisionAudits = (roots: readonly Root[], tally: Tally): (() => DecisionAudit) => {
  const opened = new Map<string, Policy | null>();

  const install = async (transaction: ReadTransaction, where: string): Promise<string | null> => {
    const { policy, signedPolicy } = transaction;
    const bytes = typeof signedPolicy === "string" ? fromBase64url(signedPolicy) : null;
    if (bytes === null || toHex(await sha256(bytes)) !== policy) {
      tally.report("policy", where, "the policy does not have the hash that is named");
      return null;
    }
    const name = String(policy);
    if (!opened.has(name)) opened.set(name, await openByAny(bytes, roots));
    if (opened.get(name) === null && roots.length > 0) tally.report("policy", where, "not a policy of a publisher");
    return name;
  };

  const replay = (transaction: ReadTransaction, installed: ReadonlySet<string>): Replayed => {
    if (transaction.v !== 1) return { as: "unknown" };
    const recorded = readDecided(transaction);
    if (recorded === null) {
      return { as: "different", detail: "something that the decision rests on is not recorded" };
    }
    const policy = installed.has(recorded.artefacts.policy) ? opened.get(recorded.artefacts.policy) : null;
    if (policy === null || policy === undefined) return { as: "unknown" };
    const { same, again } = replayDecision(recorded, policy);
    return same ? { as: "same" } : { as: "different", detail: `decided again: ${again.effect}, ${again.reason}` };
  };

  return () => {
    const installed = new Set<string>();
    let newest: string | null = null;
    const add: DecisionAudit["add"] = async (transaction, where) => {
      if (transaction.kind === "decided") {
        const replayed = replay(transaction, installed);
        tally.countDecision(replayed.as);
        if (replayed.as === "different") tally.report("decision", where, replayed.detail);
      }
      if (transaction.kind !== "installed" || transaction.v !== 1) return;
      const name = await install(transaction, where);
      if (name !== null) installed.add(name);
      newest = name;
    };
    return { add, policy: () => (newest === null ? null : (opened.get(newest) ?? null)) };
  };
};

type Replayed = { readonly as: "same" | "unknown" } | { readonly as: "different"; readonly detail: string };

/** The newest root first: most policies are by a publisher that it names. */
export const openByAny = async (bytes: Bytes, roots: readonly Root[]): Promise<Policy | null> => {
  for (const root of roots.toReversed()) {
    const policy = await openRecordedPolicy(bytes, root);
    if (policy.kind === "opened") return policy.value;
  }
  return null;
};
