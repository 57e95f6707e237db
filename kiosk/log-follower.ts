/**
 * Keeps the second copy of the log behind the first: one thing after another, in order, and nobody waits for it. Whatever
 * fails there is an alarm; after a pause of 5 to 300 s the copy is written anew from the first, as often as it takes.
 */
import type { Entry, Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import type { Clock, FirstCopy, FoundCopy, LogContent, LogCopy } from "./ports.ts";

/** The log as it is now. */
export type Known = Pick<LogContent, "chain" | "head" | "ackedSeq" | "floorAt">;

export type Follower = {
  /** What lies in the second copy; null, with an alarm, where that cannot be said. */
  readonly find: () => Promise<readonly FoundCopy[] | null>;
  /** It holds everything up to `head`: goes on from there. */
  readonly goOn: (head: Head) => void;
  readonly rebuild: () => void;
  readonly add: (entry: Entry) => void;
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
  /** Appended to the first copy; some of it the second may have got from there. */
  let waiting: Entry[] = [];
  let head: Head | null = null;
  let last: Promise<void> = Promise.resolve();
  let pause = pauseSeconds.first;
  let alarm: string | null = null;
  let cancelRebuild = (): void => {};

  const follow = (task: () => Promise<void>): void => {
    last = last.then(task).catch(fall);
  };

  /** For what makes no sense while the copy is down: it will be written anew. */
  const goOnWith = (task: (head: Head) => Promise<void>): void =>
    follow(async () => {
      if (head !== null) await task(head);
    });

  const fall = (reason: unknown): void => {
    [head, waiting] = [null, []];
    alarm = `the log's second copy fails: ${reason instanceof Error ? reason.message : reason}`;
    cancelRebuild();
    cancelRebuild = clock.after(pause, rebuild);
    pause = Math.min(pause * 2, pauseSeconds.max);
    onChange();
  };

  const rebuild = (): void => {
    cancelRebuild();
    follow(async () => {
      const upTo = known();
      const [oldest] = await first.read(1, 1);
      const read = (seq: number, max: number) => first.read(seq, Math.min(max, upTo.head.seq - seq + 1));
      await second.rewrite({ ...upTo, firstSeq: oldest?.seq ?? 1, read });
      [head, pause, alarm] = [upTo.head, pauseSeconds.first, null];
      onChange();
    });
    goOnWith(catchUp);
  };

  /** By what was appended since, or where that is not all, by the first copy. */
  const catchUp = async (from: Head): Promise<void> => {
    for (let at = from; at.seq < known().head.seq; ) {
      const ours = waiting.splice(0);
      const entries = ours[0]?.seq === at.seq + 1 ? ours : await first.read(at.seq + 1, chunk);
      const newest = entries.at(-1);
      if (newest === undefined) throw new Error(`the first copy lacks entry ${at.seq + 1}`);
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
        fall(reason);
        return [];
      }
    },
  });

  return {
    find: async () => {
      await last;
      [head, waiting] = [null, []];
      try {
        return (await second.find()).map(readable);
      } catch (reason) {
        fall(reason);
        return null;
      }
    },
    goOn: (from) => {
      cancelRebuild();
      [head, alarm] = [from, null];
      goOnWith(catchUp);
    },
    rebuild,
    add: (entry) => {
      if (head !== null) waiting.push(entry);
      goOnWith(catchUp);
    },
    acknowledge: (seq, floorAt) => goOnWith(() => second.acknowledge(seq, floorAt)),
    dropBefore: (seq) => goOnWith(() => second.dropBefore(seq)),
    settled: () => last,
    alarm: () => alarm,
  };
};
