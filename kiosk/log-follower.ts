/**
 * Keeps the second copy of the log beside the first: one thing after another, in order. Whatever fails there is an alarm;
 * after a pause of 5 to 300 s the copy is written anew from the first, as often as it takes. One that could not be read is
 * read before that: it may hold an entry that the first lacks, and is then left as it is.
 */
import { equalBytes } from "../shared/bytes.ts";
import type { Entry, Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import type { Clock, FirstCopy, FoundCopy, LogContent, LogCopy } from "./ports.ts";

/** The log as it is known to be: what is still on its way to the copies is not in it. */
export type Known = Pick<LogContent, "chain" | "head" | "ackedSeq" | "floorAt">;

export type Follower = {
  /** What lies in the second copy; null, with an alarm, where that cannot be said. Reading of it fails with an alarm, too. */
  readonly find: () => Promise<readonly FoundCopy[] | null>;
  /** What lies there could not be read, or not all of it, since it was last looked for. */
  readonly isUnread: () => boolean;
  /** It holds everything up to `head`: goes on from there. */
  readonly goOn: (head: Head) => void;
  readonly rebuild: () => void;
  /** It has all that it was asked to keep. */
  readonly isInStep: () => boolean;
  /** An entry that is on its way to the first copy, too. True once it is durable here, false where it is not. */
  readonly add: (entry: Entry) => Promise<boolean>;
  readonly acknowledge: (seq: number, floorAt: Instant) => void;
  readonly dropBefore: (seq: number) => void;
  /** Resolves when the second copy has all of what it was asked so far, or is known to fail. */
  readonly settled: () => Promise<void>;
  /** For staff, in English; null when all is well. */
  readonly alarm: () => string | null;
};

export type FollowerParts = {
  readonly first: Pick<FirstCopy, "read">;
  readonly second: LogCopy;
  readonly known: () => Known;
  readonly clock: Pick<Clock, "after">;
  readonly onChange: () => void;
};

const chunk = 500;
const pauseSeconds = { first: 5, max: 300 };

export const createFollower = ({ first, second, known, clock, onChange }: FollowerParts): Follower => {
  /** Asked of the first copy; some of it the second may have got from there. */
  let waiting: Entry[] = [];
  /** What is here; null while nothing can be added to it. */
  let head: Head | null = null;
  /** True from when it is to be written anew until it fails. */
  let isFollowing = false;
  let isUnread = false;
  let last: Promise<void> = Promise.resolve();
  let pause = pauseSeconds.first;
  let alarm: string | null = null;
  let cancelRebuild = (): void => {};

  /** Whether it was done. */
  const follow = (task: () => Promise<boolean>): Promise<boolean> => {
    const done = last.then(task).catch(fall);
    last = done.then(() => undefined);
    return done;
  };

  /** For what makes no sense while the copy is down: it will be written anew. */
  const goOnWith = (task: (head: Head) => Promise<void>): Promise<boolean> =>
    follow(async () => {
      if (head === null) return false;
      await task(head);
      return true;
    });

  const fall = (reason: unknown): false => {
    [head, waiting, isFollowing] = [null, [], false];
    alarm = `the log's second copy fails: ${reason instanceof Error ? reason.message : reason}`;
    cancelRebuild();
    cancelRebuild = clock.after(pause, rebuild);
    pause = Math.min(pause * 2, pauseSeconds.max);
    onChange();
    return false;
  };

  const rebuild = (): void => {
    cancelRebuild();
    isFollowing = true;
    void follow(async () => {
      const upTo = known();
      if (isUnread) for (const copy of await second.find()) await checkHeld(copy);
      isUnread = false;
      const [newest] = upTo.head.seq === 0 ? [] : await first.read(upTo.head.seq, 1);
      // A first copy that has failed may lack what stands here alone: that is not written over.
      if ((newest?.seq ?? 0) !== upTo.head.seq) throw new Error(`the first copy lacks entry ${upTo.head.seq}`);
      const [oldest] = await first.read(1, 1);
      const read = (seq: number, max: number) => first.read(seq, Math.min(max, upTo.head.seq - seq + 1));
      await second.rewrite({ ...upTo, firstSeq: oldest?.seq ?? 1, read });
      [head, pause, alarm] = [upTo.head, pauseSeconds.first, null];
      onChange();
      return true;
    });
    void goOnWith(catchUp);
  };

  /** Throws where the first lacks something of it. Before the oldest that is kept, nothing is missed. */
  const checkHeld = async ({ chain, head, read }: FoundCopy): Promise<void> => {
    if ((await read(1, 1)).length === 0) return;
    const ours = known().chain;
    const isOurs = chain?.terminal === ours.terminal && equalBytes(chain.epoch, ours.epoch);
    const [held] = head === null ? [] : await first.read(head.seq, 1);
    const isHeld = held !== undefined && head !== null && (held.seq > head.seq || equalBytes(held.hash, head.hash));
    if (!isOurs || !isHeld) throw new Error("it holds what the first lacks: open this page again");
  };

  /** By what was asked since, or where that is not all, by the first copy. */
  const catchUp = async (from: Head): Promise<void> => {
    for (let at = from; waiting.length > 0 || at.seq < known().head.seq; ) {
      const { seq } = at;
      const ours = waiting.splice(0).filter((entry) => entry.seq > seq);
      const entries = ours[0]?.seq === seq + 1 ? ours : await first.read(seq + 1, chunk);
      const newest = entries.at(-1);
      if (newest === undefined && seq >= known().head.seq) return;
      if (newest === undefined) throw new Error(`the first copy lacks entry ${seq + 1}`);
      await second.append(at, entries);
      at = { seq: newest.seq, hash: newest.hash };
      head = at;
    }
  };

  /** A copy that fails while it is read counts as far as it could be read. */
  const readable = (copy: FoundCopy): FoundCopy => ({
    ...copy,
    read: async (seq, max) => {
      try {
        return await copy.read(seq, max);
      } catch (reason) {
        isUnread = true;
        fall(reason);
        return [];
      }
    },
  });

  return {
    find: async () => {
      await last;
      cancelRebuild();
      [head, waiting, isFollowing, isUnread, alarm] = [null, [], false, false, null];
      pause = pauseSeconds.first;
      try {
        return (await second.find()).map(readable);
      } catch (reason) {
        isUnread = true;
        fall(reason);
        return null;
      }
    },
    isUnread: () => isUnread,
    goOn: (from) => {
      cancelRebuild();
      [head, alarm, isFollowing] = [from, null, true];
      void goOnWith(catchUp);
    },
    rebuild,
    isInStep: () => head !== null && waiting.length === 0,
    add: async (entry) => {
      if (isFollowing) waiting.push(entry);
      await goOnWith(catchUp);
      return head !== null && head.seq >= entry.seq;
    },
    acknowledge: (seq, floorAt) => void goOnWith(() => second.acknowledge(seq, floorAt)),
    dropBefore: (seq) => void goOnWith(() => second.dropBefore(seq)),
    settled: () => last,
    alarm: () => alarm,
  };
};
