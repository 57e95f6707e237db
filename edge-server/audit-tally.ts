/** What an audit has found so far: counts, and a line for each thing that is wrong. */
import type { QuarantineResult } from "./quarantine.ts";

/**
 * `altered`: bytes do not have their hash. `missing`, `out-of-order`: a seq. `cut`: an acknowledged end is not there.
 * `unsigned`: entries after the last checkpoint. `columns`: what stands beside the bytes says something else than they do.
 * `override`: of staff, and not as it should be (see audit-overrides.ts). `objection`: of a case, likewise.
 */
export type AuditFault =
  | "altered"
  | "missing"
  | "out-of-order"
  | "cut"
  | "unsigned"
  | "checkpoint"
  | "ack"
  | "personal"
  | "columns"
  | "policy"
  | "decision"
  | "override"
  | "objection"
  | "fork"
  | "unreadable";

/** `where`: TERMINAL/EPOCH/SEQ, or a line of a file. */
export type AuditProblem = { readonly fault: AuditFault; readonly where: string; readonly detail: string };

/** `unknown`: the key or the policy was not at hand. It is not a pass. */
export type AuditResult = {
  readonly entries: number;
  readonly chains: number;
  readonly checkpoints: { readonly good: number; readonly bad: number; readonly unknown: number };
  readonly acks: { readonly good: number; readonly bad: number; readonly unknown: number };
  readonly decisions: { readonly same: number; readonly different: number; readonly unknown: number };
  /**
   * Entries without the personal fields that their bytes bind, and beside how many an erasure is recorded; null for an
   * export, which has nothing personal.
   */
  readonly erased: { readonly entries: number; readonly recorded: number } | null;
  /** What is kept and not believed, by cause (see quarantine.ts). */
  readonly quarantined: QuarantineResult["counts"];
  /** The first thousand; `problemsLeftOut` counts the others. */
  readonly problems: readonly AuditProblem[];
  readonly problemsLeftOut: number;
};

export type Tally = {
  readonly countEntry: () => void;
  readonly countChain: () => void;
  readonly countSignature: (of: "checkpoints" | "acks", as: "good" | "bad" | "unknown") => void;
  readonly countDecision: (as: "same" | "different" | "unknown") => void;
  readonly report: (fault: AuditFault, where: string, detail: string) => void;
  readonly result: (more: Pick<AuditResult, "erased" | "quarantined">) => AuditResult;
};

const problemsMax = 1000;

export const createTally = (): Tally => {
  const found = { entries: 0, chains: 0, problemsLeftOut: 0 };
  const checkpoints = { good: 0, bad: 0, unknown: 0 };
  const acks = { good: 0, bad: 0, unknown: 0 };
  const decisions = { same: 0, different: 0, unknown: 0 };
  const problems: AuditProblem[] = [];
  return {
    countEntry: () => {
      found.entries += 1;
    },
    countChain: () => {
      found.chains += 1;
    },
    countSignature: (of, as) => {
      (of === "acks" ? acks : checkpoints)[as] += 1;
    },
    countDecision: (as) => {
      decisions[as] += 1;
    },
    report: (fault, where, detail) => {
      if (problems.length < problemsMax) problems.push({ fault, where, detail });
      else found.problemsLeftOut += 1;
    },
    result: (more) => ({ ...found, checkpoints, acks, decisions, ...more, problems }),
  };
};
