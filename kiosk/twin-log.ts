/**
 * The terminal's log, kept twice (FIELD, part 4): a `LogStore` over two copies that share nothing but the disk.
 *
 * - `append` resolves when the second copy, a flushed file, has the entry; only then is the first asked, whose transaction
 *   would hold up this thread and the disk while somebody waits. The first alone is not enough: a database that lost its
 *   power in the middle of a write may be taken for damaged and thrown away by the browser when it is next opened, with all
 *   that it had said was durable. Nor is the file alone in the first minute, while its name may still be lost: until then
 *   both are asked at once, and must have the entry, the first of them writing it twice (ports.ts); so must it be wherever it
 *   alone counts. `append` begins only when the first has the entry before, so that none is ever more than one ahead. Where
 *   the first fails, this and every later `append` rejects and the terminal goes out of service, whatever the second could
 *   still do. Where the second fails, that is an alarm (log-follower.ts), and the first alone counts; so it does where the
 *   second is a second late.
 * - `open` reads both (log-repair.ts), puts right whichever is not whole, and goes on. Where too much is lost to be certain,
 *   it begins a new epoch: what was never acknowledged is kept as remains, to be told again in the new one, and staff are
 *   told. Where the first is not whole and the second cannot be read, it rejects and changes nothing. Where the first is
 *   whole, it goes on with that alone, and the second is not written over before it is read.
 * - `abandon` begins a new epoch, too: the ledger will never take the rest of this chain, since it holds another history
 *   under its name, or lost entries that are no longer kept here.
 */
import { equalBytes, toBase64url } from "../shared/bytes.ts";
import { type Chain, extendChain, genesisOf, type Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { createFollower, type Known } from "./log-follower.ts";
import { describeKept, keepRemains } from "./log-remains.ts";
import { type Reconciled, reconcile } from "./log-repair.ts";
import type { CopyState } from "./log-weave.ts";
import type { Clock, FirstCopy, FoundCopy, LogContent, LogCopy, LogStore, MarkStore, Random } from "./ports.ts";

export type TwinParts = {
  readonly first: FirstCopy;
  readonly second: LogCopy;
  readonly marks: MarkStore;
  readonly clock: Pick<Clock, "after">;
  readonly random: Random;
  /** True where this terminal was enrolled in this run: then it has no log, and nothing is wrong. */
  readonly isNewHere: () => boolean;
};

export type TwinLog = LogStore & {
  /** Keeps what is there from `fromSeq` on as remains, and begins a new epoch. The log must be opened again. */
  readonly abandon: (fromSeq: number) => Promise<void>;
  /** Resolves when the second copy has all of what it was asked so far, or is known to fail. */
  readonly settled: () => Promise<void>;
  /** For staff, in English; empty when all is well. */
  readonly alarms: () => readonly string[];
  readonly onChange: (callback: () => void) => void;
  /** The first copy did not take an entry: nothing more is taken, though that one may have been answered by the second. */
  readonly onFailed: (callback: (cause: string) => void) => void;
};

type Opened = { readonly known: Known; readonly isNew: boolean };
type Whole = Extract<Reconciled, { readonly kind: "whole" }>;

const chunk = 500;
/** How often the copies are looked for at an opening, where the second cannot be read. */
const triesMax = 2;
const markSeconds = 1;
/** A citizen waits no longer than this for a copy that is not the only one. */
const secondSecondsMax = 1;
/** A file that has been there so long is found again whatever happens: browsers write their list of names down in time. */
export const lastingSeconds = 60;

export const createTwinLog = ({ first, second, marks, clock, random, isNewHere }: TwinParts): TwinLog => {
  const listeners: (() => void)[] = [];
  const failureListeners: ((cause: string) => void)[] = [];
  let known: Known | null = null;
  /** The newest entry's way to the first copy. */
  let inFirst: Promise<void> = Promise.resolve();
  let isSecondLasting = false;
  let cancelLasting = (): void => {};
  /** What was found to be wrong at the opening. */
  let findings: readonly string[] = [];
  let markAlarm: string | null = null;
  let isMarking = false;

  const opened = (): Known => {
    if (known === null) throw new Error("the log is not open");
    return known;
  };

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const follower = createFollower({ first, second, known: opened, clock, onChange: tell });

  const open = async (terminal: string, more = triesMax - 1): Promise<Opened> => {
    const ofFirst = await first.find();
    const ofSecond = await follower.find();
    const found = [...ofFirst, ...(ofSecond ?? [])];
    const result = await reconcile(terminal, found, marks.read());
    // Begun afresh, its thread may do what it did not do now. An entry that was answered may stand there alone.
    if (follower.isUnread() && more > 0) return open(terminal, more - 1);
    if (result.kind === "lost") {
      checkRead(result.cause);
      const kept = await keepRemains(first, found);
      checkRead(result.cause);
      known = await begin({ terminal, epoch: random.bytes(16) }, result.floorAt);
      const isLoss = result.cause !== null && !isNewHere();
      findings = [...(isLoss ? [`the log was lost, a new epoch begins: ${result.cause}`] : []), ...describeKept(kept)];
      if (ofSecond !== null) follower.rebuild();
      return { known, isNew: true };
    }
    if (stateOf(result, ofFirst[0]) === "damaged") checkRead("the database is damaged");
    findings = describeKept(await keepRemains(first, result.strays));
    await repairFirst(result, ofFirst[0]);
    known = result.content;
    if (ofSecond !== null) repairSecond(result, ofSecond);
    // Cut off before it could say so, a new chain is still to be said.
    return { known, isNew: known.head.seq === 0 };
  };

  /** Cannot tell is not lost: a file that another page still holds may be all that there is of the log. */
  const checkRead = (cause: string | null): void => {
    if (!follower.isUnread() || isNewHere()) return;
    throw new Error(`the log is not whole (${cause}), and its second copy cannot be read: open this page again`);
  };

  const begin = async (chain: Chain, floorAt: Instant): Promise<Known> => {
    const begun = { chain, head: await genesisOf(chain), ackedSeq: 0, floorAt };
    await first.rewrite({ ...begun, firstSeq: 1, read: async () => [] });
    return begun;
  };

  const stateOf = ({ states }: Whole, copy: FoundCopy | undefined): CopyState =>
    copy === undefined ? "damaged" : (states.get(copy) ?? "damaged");

  const repairFirst = async (whole: Whole, copy: FoundCopy | undefined): Promise<void> => {
    const { content } = whole;
    const state = stateOf(whole, copy);
    if (state === "behind" && copy?.head) {
      await catchUpFirst(copy.head, content);
      // By one entry it may always be, where the page ended while that was on its way.
      const missing = content.head.seq - copy.head.seq;
      if (missing > 1) findings = [...findings, `the log in the database lacked its last ${missing} entries: restored`];
    } else if (state !== "same") {
      await first.rewrite(content);
      findings = [...findings, `the log in the database was ${state}: it is restored from its second copy`];
    }
    if (copy !== undefined && (copy.ackedSeq < content.ackedSeq || copy.floorAt < content.floorAt)) {
      await first.acknowledge(content.ackedSeq, content.floorAt);
    }
  };

  const catchUpFirst = async (from: Head, { head, read }: LogContent): Promise<void> => {
    for (let at = from; at.seq < head.seq; ) {
      const entries = await read(at.seq + 1, chunk);
      const newest = entries.at(-1);
      if (newest === undefined) throw new Error(`entry ${at.seq + 1} cannot be read`);
      await first.append(at, entries);
      at = { seq: newest.seq, hash: newest.hash };
    }
  };

  const repairSecond = ({ content, states }: Whole, copies: readonly FoundCopy[]): void => {
    const [copy, ...others] = copies;
    const state = copy === undefined ? "gone" : (states.get(copy) ?? "of another chain");
    const isGood = (state === "same" || state === "behind") && others.length === 0;
    if (isGood && copy?.head) {
      follower.goOn(copy.head);
      follower.acknowledge(content.ackedSeq, content.floorAt);
      return;
    }
    if (content.head.seq > 0) findings = [...findings, `the log's second copy was ${state}: it is written anew`];
    follower.rebuild();
  };

  const tellFailed = (reason: unknown): void => {
    for (const listener of failureListeners) listener(reason instanceof Error ? reason.message : String(reason));
  };

  const mark = (): void => {
    const { chain, head } = opened();
    try {
      marks.write({ epoch: toBase64url(chain.epoch), seq: head.seq });
      markAlarm = null;
    } catch (reason) {
      markAlarm = `the log's mark is not kept: ${reason}`;
    }
  };

  const markSoon = (): void => {
    if (isMarking) return;
    isMarking = true;
    clock.after(markSeconds, () => {
      isMarking = false;
      mark();
    });
  };

  const unlessLate = async (theirs: Promise<unknown>): Promise<void> => {
    let stopWaiting = (): void => {};
    const late = new Promise<void>((resolve) => {
      stopWaiting = clock.after(secondSecondsMax, resolve);
    });
    await Promise.race([theirs, late]);
    stopWaiting();
  };

  /** When whoever waited for an entry has acted upon it. */
  const afterwards = (): Promise<void> => new Promise((resolve) => void clock.after(0, resolve));

  /** The first has what was asked of it so far, or failed; then whoever asked was told. */
  const tried = (): Promise<void> => inFirst.catch(() => undefined);

  return {
    open: async (terminal) => {
      await tried();
      [known, inFirst, isSecondLasting] = [null, Promise.resolve(), false];
      cancelLasting();
      cancelLasting = clock.after(lastingSeconds, () => {
        isSecondLasting = true;
      });
      const { isNew, ...now } = await open(terminal);
      mark();
      tell();
      return { ...now.known, isNew };
    },
    append: async (entry) => {
      await inFirst;
      const { head } = opened();
      const next = await extendChain(head, entry.bytes);
      if (next.seq !== entry.seq || !equalBytes(next.hash, entry.hash)) {
        throw new Error("the entry does not follow from the head");
      }
      const isSecondFirst = isSecondLasting && follower.isInStep();
      let isInFile = false;
      const theirs = follower.add(entry).then((isThere) => {
        isInFile = isThere && isSecondLasting;
      });
      const waited = unlessLate(theirs);
      const asked = isSecondFirst ? waited.then(afterwards) : Promise.resolve();
      const ours = asked.then(() => (isInFile ? first.append(head, [entry]) : first.appendAlone(head, entry)));
      inFirst = ours;
      ours.catch(tellFailed);
      const inBoth = Promise.all([ours, waited]);
      await Promise.race([inBoth, theirs.then(() => (isInFile ? undefined : inBoth))]);
      known = { ...opened(), head: next };
      markSoon();
    },
    read: (seq, max) => tried().then(() => first.read(seq, max)),
    remains: first.remains,
    dropRemains: first.dropRemains,
    acknowledge: async (seq, floorAt) => {
      await first.acknowledge(seq, floorAt);
      const now = opened();
      known = { ...now, ackedSeq: Math.max(now.ackedSeq, seq), floorAt: Math.max(now.floorAt, floorAt) };
      follower.acknowledge(seq, floorAt);
    },
    prune: async (keptSeconds) => {
      const seq = await first.firstKept(keptSeconds);
      if (seq <= 1) return;
      await first.dropBefore(seq);
      follower.dropBefore(seq);
    },
    abandon: async (fromSeq) => {
      await inFirst;
      const { chain, floorAt, head } = opened();
      await keepRemains(first, [{ chain, head, isTorn: false, ackedSeq: fromSeq - 1, floorAt, read: first.read }]);
      known = await begin({ terminal: chain.terminal, epoch: random.bytes(16) }, floorAt);
      mark();
      follower.rebuild();
      await follower.settled();
    },
    settled: async () => {
      await tried();
      await follower.settled();
    },
    alarms: () => [...findings, follower.alarm(), markAlarm].filter((alarm) => alarm !== null),
    onChange: (callback) => {
      listeners.push(callback);
    },
    onFailed: (callback) => {
      failureListeners.push(callback);
    },
  };
};
