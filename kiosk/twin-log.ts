/**
 * The terminal's log, kept twice (FIELD, part 4): a `LogStore` over two copies that share nothing but the disk.
 *
 * - `append` resolves after the first copy is durable; the second follows in order (log-follower.ts), and so never knows
 *   more. Where the first fails, `append` rejects and the terminal goes out of service, whatever the second could still do.
 * - `open` reads both (log-repair.ts), puts right whichever is not whole, and goes on. Where too much is lost to be certain,
 *   it begins a new epoch: what was never acknowledged is kept as remains, and staff are told. Where the first is not whole
 *   and the second cannot be read, it rejects and changes nothing.
 */
import { equalBytes, sha256, toBase64url, toHex, toUtf8 } from "../shared/bytes.ts";
import { type Chain, type Entry, extendChain, genesisOf } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { createFollower, type Known } from "./log-follower.ts";
import { type Reconciled, reconcile } from "./log-repair.ts";
import type { Clock, FirstCopy, FoundCopy, LogCopy, LogStore, MarkStore, Random } from "./ports.ts";

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
  /** Resolves when the second copy has all of what it was asked so far, or is known to fail. */
  readonly settled: () => Promise<void>;
  /** For staff, in English; empty when all is well. */
  readonly alarms: () => readonly string[];
  readonly onChange: (callback: () => void) => void;
};

type Whole = Extract<Reconciled, { readonly kind: "whole" }>;

const chunk = 500;
const markSeconds = 1;

export const createTwinLog = ({ first, second, marks, clock, random, isNewHere }: TwinParts): TwinLog => {
  const listeners: (() => void)[] = [];
  let known: Known | null = null;
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

  const open = async (terminal: string): Promise<{ readonly known: Known; readonly isNew: boolean }> => {
    const ofFirst = await first.find();
    const ofSecond = await follower.find();
    const found = [...ofFirst, ...(ofSecond ?? [])];
    const result = await reconcile(terminal, found, marks.read());
    if (result.kind === "lost") {
      // Cannot tell is not lost: a file that another page still holds may be all that there is of the log.
      if (ofSecond === null && !isNewHere()) {
        throw new Error(
          `the log is not whole (${result.cause}), and its second copy cannot be read: open this page again`,
        );
      }
      const kept = await keepRemains(first, found);
      known = await begin({ terminal, epoch: random.bytes(16) }, result.floorAt);
      const isLoss = result.cause !== null && !isNewHere();
      findings = [...(isLoss ? [`the log was lost, a new epoch begins: ${result.cause}`] : []), ...describeKept(kept)];
      if (ofSecond !== null) follower.rebuild();
      return { known, isNew: true };
    }
    findings = describeKept(await keepRemains(first, result.strays));
    await repairFirst(result, ofFirst[0]);
    known = result.content;
    if (ofSecond !== null) repairSecond(result, ofSecond);
    // Cut off before it could say so, a new chain is still to be said.
    return { known, isNew: known.head.seq === 0 };
  };

  const begin = async (chain: Chain, floorAt: Instant): Promise<Known> => {
    const begun = { chain, head: await genesisOf(chain), ackedSeq: 0, floorAt };
    await first.rewrite({ ...begun, firstSeq: 1, read: async () => [] });
    return begun;
  };

  const repairFirst = async ({ content, states }: Whole, copy: FoundCopy | undefined): Promise<void> => {
    const state = copy === undefined ? "damaged" : (states.get(copy) ?? "damaged");
    if (state !== "same") {
      await first.rewrite(content);
      findings = [...findings, `the log in the database was ${state}: it is restored from its second copy`];
    } else if (copy !== undefined && (copy.ackedSeq < content.ackedSeq || copy.floorAt < content.floorAt)) {
      await first.acknowledge(content.ackedSeq, content.floorAt);
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

  return {
    open: async (terminal) => {
      known = null;
      const { isNew, ...now } = await open(terminal);
      mark();
      tell();
      return { ...now.known, isNew };
    },
    append: async (entry) => {
      const { head } = opened();
      const next = await extendChain(head, entry.bytes);
      if (next.seq !== entry.seq || !equalBytes(next.hash, entry.hash)) {
        throw new Error("the entry does not follow from the head");
      }
      await first.append(head, [entry]);
      known = { ...opened(), head: next };
      follower.add(entry);
      markSoon();
    },
    read: first.read,
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
    settled: follower.settled,
    alarms: () => [...findings, follower.alarm(), markAlarm].filter((alarm) => alarm !== null),
    onChange: (callback) => {
      listeners.push(callback);
    },
  };
};

/** What was never acknowledged of these, each entry once. How many there were. */
const keepRemains = async (first: FirstCopy, found: readonly FoundCopy[]): Promise<number> => {
  const kept = new Set<string>();
  for (const copy of found) {
    for (let seq = copy.ackedSeq + 1; ; ) {
      const entries = await copy.read(seq, chunk);
      const newest = entries.at(-1);
      if (newest === undefined) break;
      const others: Entry[] = [];
      for (const entry of entries) {
        const name = await nameOf(entry);
        if (!kept.has(name)) others.push(entry);
        kept.add(name);
      }
      if (others.length > 0) await first.keepRemains(copy, others);
      seq = newest.seq + 1;
    }
  }
  return kept.size;
};

/** By all that is in it: one that is damaged may still say the hash of the one that is not. */
const nameOf = async ({ seq, hash, bytes, personal }: Entry): Promise<string> => {
  const parts = [hash, bytes, personal?.salt].map((part) => (part instanceof Uint8Array ? toHex(part) : ""));
  return toHex(await sha256(toUtf8(JSON.stringify([seq, ...parts, personal?.text]))));
};

const describeKept = (count: number): readonly string[] =>
  count === 0 ? [] : [`${count} entries of a lost log were never acknowledged: they are kept for recovery by hand`];
