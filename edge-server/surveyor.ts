/**
 * Counts the ledger for the console: what this server takes in at once, what others add when it looks. It reads in parts
 * with a rest after each, so that no terminal waits for it: what was just handed in a moment later, since whoever had much
 * to hand in has more, and then before what is still to be counted. Where the ledger has less than was counted (an older one
 * was put back), everything is counted anew.
 *
 * Nothing depends on it: a survey that fails is said, and tried again at the next look.
 */
import type { Chain } from "../shared/log.ts";
import { genesisOf } from "../shared/log.ts";
import { leadOf } from "../shared/receipt-code.ts";
import type { OperatorStore } from "./operators.ts";
import type { Arrival, Ledger, LedgerEntry, LedgerParts } from "./ports.ts";
import type { SurveyStore } from "./survey.ts";
import { readSeen } from "./survey-reading.ts";

export type SurveyorEdges = {
  readonly ledger: LedgerParts;
  readonly survey: SurveyStore;
  /** What was said of overrides, at whichever server. */
  readonly operators: Pick<OperatorStore, "reviewsAfter">;
  /** Calls back after so many seconds, unless the answer is called first. */
  readonly after: (seconds: number, callback: () => void) => () => void;
  readonly onFailed: (cause: string) => void;
};

/** Entries that were just counted; the first has this number. */
export type Counted = { readonly first: number; readonly entries: readonly LedgerEntry[] };

export type Surveyor = {
  readonly start: () => void;
  /** Something was added to this chain. */
  readonly nudge: (chain: Chain) => void;
  /** Hears of what was counted until the answer is called. */
  readonly listen: (hear: (counted: Counted) => void) => () => void;
  /** How many entries are still to be counted, as far as is known. */
  readonly behind: () => number;
  readonly stop: () => Promise<void>;
};

const partRows = 400;
/** Who looks at what comes is not told of a ledger that is counted anew: it would drown what just came. */
const toldMax = 10_000;
/** While somebody watches, others' entries are looked for as often as the goal of the live view asks. */
const watchedSeconds = 0.7;
const lookSeconds = 10;
/** Until what was handed in is counted, when somebody watches and when nobody does. */
const nudgedSeconds = { watched: 0.05, unwatched: 0.5 } as const;
/** After so many rows of it; a part alone costs as much as some rows. */
const restRows = 400;
const partCost = 20;
const restSeconds = 0.02;

export const createSurveyor = ({ ledger, survey, operators, after, onFailed }: SurveyorEdges): Surveyor => {
  const nudged = new Map<string, Chain>();
  const listeners = new Set<(counted: Counted) => void>();
  let behind = 0;
  let reviewed = 0;
  let working: Promise<void> | null = null;
  let isStopped = false;
  let isLookDue = false;
  let isSoon = false;
  let cancel = (): void => {};
  let cancelSoon = (): void => {};

  /** One part, and how many there were; more may follow where it was a whole one. */
  const countPart = async (chain: Chain, isTold: boolean): Promise<number> => {
    const entries = await ledger.part(chain, survey.seqOf(chain), partRows);
    if (entries.length === 0 || isStopped) return 0;
    const lead = leadOf((await genesisOf(chain)).hash);
    const first = survey.add(chain, lead, entries.map(readSeen));
    behind = Math.max(0, behind - entries.length);
    if (isTold) for (const hear of listeners) hear({ first, entries });
    return entries.length;
  };

  const countNudged = async (): Promise<void> => {
    let sinceRest = 0;
    for (const [name, chain] of nudged) {
      if (isStopped) return;
      nudged.delete(name);
      const counted = await countPart(chain, true);
      if (counted === partRows) nudged.set(name, chain); // behind all others
      sinceRest += counted + partCost;
      if (sinceRest < restRows) continue;
      await rest(after, restSeconds);
      sinceRest = 0;
    }
  };

  /** From the first at each start: the last one of an override holds, so telling all of them again comes to the same. */
  const readReviews = async (): Promise<void> => {
    for (let isMore = true; isMore && !isStopped; ) {
      const reviews = await operators.reviewsAfter(reviewed, partRows);
      for (const { of, verdict } of reviews) survey.putVerdict(of, verdict);
      reviewed = reviews.at(-1)?.number ?? reviewed;
      isMore = reviews.length === partRows;
      if (isMore) await rest(after, 0);
    }
  };

  const look = async (): Promise<void> => {
    await readReviews();
    const heads = await ledger.heads();
    const open = heads.filter((head) => head.seq !== survey.seqOf(head));
    if (open.some((head) => head.seq < survey.seqOf(head))) survey.clear();
    behind = heads.reduce((sum, head) => sum + Math.max(0, head.seq - survey.seqOf(head)), 0);
    for (const chain of heads) {
      if (chain.seq === survey.seqOf(chain)) continue;
      for (let isMore = true; isMore && !isStopped; ) {
        isMore = (await countPart(chain, behind < toldMax)) === partRows;
        await countNudged();
        await rest(after, restSeconds);
      }
    }
  };

  const work = async (): Promise<void> => {
    try {
      await countNudged();
      if (isLookDue && !isStopped) {
        isLookDue = false;
        await look();
      }
    } catch (error) {
      onFailed(error instanceof Error ? error.message : String(error));
    }
  };
  const begin = (): void => {
    if (isStopped || working !== null) return;
    working = work().finally(() => {
      working = null;
      if (nudged.size > 0) beginSoon();
    });
  };
  const beginSoon = (): void => {
    if (isStopped || working !== null || isSoon) return;
    isSoon = true;
    cancelSoon = after(listeners.size > 0 ? nudgedSeconds.watched : nudgedSeconds.unwatched, () => {
      isSoon = false;
      begin();
    });
  };
  const plan = (seconds: number): void => {
    cancel();
    cancel = after(seconds, () => {
      isLookDue = true;
      begin();
      plan(listeners.size > 0 ? watchedSeconds : lookSeconds);
    });
  };

  return {
    start: () => plan(0),
    nudge: (chain) => {
      nudged.set(nameOf(chain), chain);
      beginSoon();
    },
    listen: (hear) => {
      listeners.add(hear);
      plan(0);
      return () => void listeners.delete(hear);
    },
    behind: () => behind,
    stop: async () => {
      isStopped = true;
      cancel();
      cancelSoon();
      await working;
    },
  };
};

/** The same ledger; the surveyor hears of what is added. */
export const watchLedger = (ledger: Ledger, nudge: Surveyor["nudge"]): Ledger => ({
  ...ledger,
  settle: async (arrival, judge) => {
    const settled = await ledger.settle(arrival, judge);
    if (settled.kind === "settled") nudge(chainOf(arrival));
    return settled;
  },
});

const chainOf = ({ terminal, epoch }: Arrival): Chain => ({ terminal, epoch });
const nameOf = ({ terminal, epoch }: Chain): string => [terminal, ...epoch].join(" ");
const rest = (after: SurveyorEdges["after"], seconds: number): Promise<void> =>
  new Promise((resolve) => void after(seconds, resolve));
