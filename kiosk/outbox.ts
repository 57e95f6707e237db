/**
 * The outbox: a cursor over the log, never a queue. It sends what the ledger has not acknowledged, and moves only by an
 * ack that an edge key signed over the very hash that stands in our log (promise 3). Whatever else comes back moves
 * nothing, so that resending is harmless.
 *
 *     ack      the cursor moves to where it says
 *     gap      the ledger misses earlier entries: sent again from there. Where they are no longer kept (72 h), an alarm; and
 *              when it says so three times without an ack in between, `onDeadEnd`
 *     altered  sent again from the last acknowledged one, without personal fields that were damaged here; an alarm when it
 *              happens again
 *     fork     two histories under one name: an alarm, `onDeadEnd`
 *              (after `onDeadEnd` nothing more is sent of this chain)
 *     others   again after a pause of 1 to 60 s, twice as long each time; at once on `nudge` and when the network returns
 *
 * One batch is in flight at a time, in whatever tab: the sending holds the lock `greenlane/outbox/TERMINAL`. The one that
 * would follow it is made ready meanwhile, and used only if that is what has to be sent then. So no more than two are in
 * memory, however much waits. After a failure the next batch is one entry, then sixteen times as many after each ack: asking
 * whether anybody is there costs little, and a thin line gets there. The cursor (cursor.ts) goes to the disk once a second and
 * when the sending ends; it has the time of a batch to get there, or the sending waits for it.
 */

import { batchEntriesMax, encodeBatch } from "../shared/batch.ts";
import type { Bytes } from "../shared/bytes.ts";
import type { PublicKey } from "../shared/keys.ts";
import { type Chain, type Entry, type Head, personalHash } from "../shared/log.ts";
import { problemType } from "../shared/messages.ts";
import { ackedUpTo, isOfChain, readStatement, type Statement, signStatement } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import { readTransaction } from "../shared/transaction.ts";
import { createCursor } from "./cursor.ts";
import type { Clock, Identity, LogStore, Random, Rejected, Uplink } from "./ports.ts";

export type Lock = (name: string, work: () => Promise<void>) => Promise<void>;

export type OutboxParts = {
  readonly log: Pick<LogStore, "read" | "acknowledge" | "prune">;
  readonly chain: Chain;
  readonly ackedSeq: number;
  readonly uplink: Uplink;
  readonly identity: Identity;
  /** The keys whose acks are good now; none while there is no bundle, and nothing is sent then. */
  readonly edgeKeys: () => readonly PublicKey[];
  readonly clock: Clock;
  readonly random: Random;
  /** The trusted time. */
  readonly now: () => Instant;
  readonly head: () => Head;
  readonly lock: Lock;
  /** A signed ack showed this time. */
  readonly onSigned: (at: Instant) => void;
  /** The ledger will never take the rest of this chain: what is kept of it from `fromSeq` on is to be told in another one. */
  readonly onDeadEnd: (fromSeq: number) => void;
};

export type Outbox = {
  readonly pending: () => number;
  readonly ackedSeq: () => number;
  /** A batch is under way. */
  readonly isSending: () => boolean;
  /** For staff, in English; empty when all is well. */
  readonly alarms: () => readonly string[];
  readonly onChange: (callback: () => void) => void;
  readonly start: () => void;
  /** There is something to send: tries at once. */
  readonly nudge: () => void;
  readonly stop: () => void;
};

/** Half of what the server takes at once: a thin line has its 10 s, too. */
const batchBytesMax = 2 * 1024 * 1024;
const growth = 16;
const keptSeconds = 72 * 3600;
const pruneEverySeconds = 3600;
const pauseSecondsMax = 60;
const alteredMax = 3;
/** What says so is not signed: one answer alone ends no chain. */
const lostMax = 3;

export const createOutbox = (parts: OutboxParts): Outbox => {
  const { log, chain, uplink, identity, clock, random, now, head } = parts;
  const listeners: (() => void)[] = [];
  /** The first entry to send; after a gap it is one that was acknowledged before. */
  let next = parts.ackedSeq + 1;
  /** How many entries the next batch may have. */
  let entriesMax = batchEntriesMax;
  let ahead: { readonly from: number; readonly ready: Promise<Ready | null> } | null = null;
  let failures = 0;
  let gaps = 0;
  let altered = 0;
  let lost = 0;
  let prunedTicks = Number.NEGATIVE_INFINITY;
  let alarm: string | null = null;
  let isRunning = false;
  let isHalted = false;
  let cancelPause = (): void => {};
  let stopListening = (): void => {};

  const hasMore = (): boolean => !isHalted && head().seq >= next;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const cursor = createCursor(log, clock, parts.ackedSeq, tell);

  const run = async (): Promise<void> => {
    if (isRunning || !hasMore() || parts.edgeKeys().length === 0) return;
    isRunning = true;
    cancelPause();
    try {
      await parts.lock(`greenlane/outbox/${chain.terminal}`, drain);
    } catch (reason) {
      next = cursor.seq() + 1;
      fail(`the outbox stopped: ${reason}`);
    }
    isRunning = false;
    tell();
    if (!hasMore()) return;
    if (failures === 0) return run();
    cancelPause = clock.after(pauseSeconds(failures, random), () => void run());
  };

  const drain = async (): Promise<void> => {
    let isStuck = false;
    while (hasMore()) {
      isStuck = !(await sendNext());
      if (isStuck) break;
      failures = 0;
      tell();
    }
    await cursor.settled();
    if (isStuck || clock.ticks() - prunedTicks < pruneEverySeconds * 1000) return;
    await log.prune(keptSeconds);
    prunedTicks = clock.ticks();
  };

  /** True where it makes sense to go on at once. */
  const sendNext = async (): Promise<boolean> => {
    const batch = await (ahead?.from === next ? ahead.ready : makeReady(next, entriesMax));
    ahead = null;
    if (batch === null) return takeLost();
    const sent = uplink.sendBatch(identity, batch.packed);
    prepare(batch.last.seq + 1);
    const answer = await sent;
    if (answer.kind !== "answered" || cursor.isBehind()) await cursor.settled();
    if (answer.kind === "unreachable") return fail(null);
    return answer.kind === "rejected" ? takeRejected(answer) : takeAck(answer.value, batch.last);
  };

  /** The next one is not here: dropped long ago, where it was acknowledged. */
  const takeLost = (): false => {
    const from = next;
    [next, gaps] = [cursor.seq() + 1, 0];
    if (from <= cursor.seq()) lost += 1;
    if (lost === lostMax) endHere(from);
    return fail(`the ledger misses entry ${from}, which is no longer kept here`);
  };

  const endHere = (fromSeq: number): void => {
    isHalted = true;
    parts.onDeadEnd(fromSeq);
  };

  const prepare = (from: number): void => {
    if (head().seq < from) return;
    const ready = makeReady(from, grow(entriesMax));
    ready.catch(() => {}); // heard of where it is needed
    ahead = { from, ready };
  };

  /** Null where that entry is not there. */
  const makeReady = async (from: number, max: number): Promise<Ready | null> => {
    const read = cutBatch(await log.read(from, Math.min(max, head().seq - from + 1)));
    const entries = altered > 0 ? await dropUnfit(read) : read;
    const [first, last] = [entries[0], entries.at(-1)];
    if (first?.seq !== from || last === undefined) return null;
    const checkpoint = await signStatement(
      "checkpoint",
      { ...chain, seq: last.seq, hash: last.hash, at: now() },
      identity.key,
    );
    return { last, packed: await uplink.packBatch(encodeBatch({ epoch: chain.epoch, from, entries, checkpoint })) };
  };

  const takeAck = async (bytes: Bytes, sent: Head): Promise<boolean> => {
    const ack = await readStatement("ack", bytes, parts.edgeKeys());
    if (ack === null) return fail("an ack that no edge key signed");
    const ours = ack.seq === sent.seq ? sent : (await log.read(ack.seq, 1))[0];
    const upTo = ackedUpTo(ack, chain, (seq) => (ours?.seq === seq ? ours.hash : null));
    if (upTo === null) return askOn(ack, sent.seq) || fail("an ack of something else than our log");
    if (upTo < next) return fail("an old ack");
    if (upTo > cursor.seq()) cursor.move(upTo, ack.at);
    parts.onSigned(ack.at);
    next = upTo + 1;
    entriesMax = grow(entriesMax);
    [gaps, altered, lost, alarm] = [0, 0, 0, null];
    return true;
  };

  /** The ledger is ahead on another way (a disk was put back): asked about what follows, it says where they part. */
  const askOn = (ack: Statement, sentSeq: number): boolean => {
    if (!isOfChain(ack, chain) || ack.seq <= sentSeq || head().seq <= sentSeq) return false;
    [next, entriesMax] = [sentSeq + 1, grow(entriesMax)];
    return true;
  };

  const takeRejected = ({ status, problem }: Rejected): boolean => {
    const from = problem?.next ?? 0;
    switch (problem?.type) {
      case problemType("gap"):
        if (!Number.isSafeInteger(from) || from < 1 || from >= next) return fail("a gap where there is none");
        next = from;
        gaps += 1;
        return gaps === 1 || fail(`the ledger misses entries again and again, now from ${from}`);
      case problemType("altered"):
        next = cursor.seq() + 1;
        altered += 1;
        return fail(altered < alteredMax ? null : "batches arrive altered");
      case problemType("fork"):
        endHere(next);
        return fail("the ledger holds another history under this name");
      default:
        return fail(`the server refuses the log: ${problem === null ? status : `${status} ${problem.title}`}`);
    }
  };

  /** Null leaves the alarm as it is. */
  const fail = (cause: string | null): false => {
    failures += 1;
    [entriesMax, ahead] = [1, null];
    alarm = cause ?? alarm;
    return false;
  };

  return {
    pending: () => head().seq - cursor.seq(),
    ackedSeq: cursor.seq,
    isSending: () => isRunning,
    alarms: () => (alarm === null ? [] : [alarm]),
    onChange: (callback) => {
      listeners.push(callback);
    },
    start: () => {
      stopListening = uplink.onReturn(() => void run());
      void run();
    },
    nudge: () => void run(),
    stop: () => {
      isHalted = true;
      stopListening();
      cancelPause();
    },
  };
};

/** A batch as it is sent, up to the entry `last`. */
type Ready = { readonly last: Head; readonly packed: Bytes };

const grow = (entries: number): number => Math.min(entries * growth, batchEntriesMax);

/**
 * Personal fields that are not what their entry binds were damaged in every copy; sent with them, the entry would be refused
 * for good, and all behind it. Without them it is what an erased one is.
 */
const dropUnfit = (entries: readonly Entry[]): Promise<readonly Entry[]> =>
  Promise.all(
    entries.map(async (entry) => {
      const { bytes, personal } = entry;
      if (personal === null || readTransaction(bytes)?.personal === (await personalHash(personal))) return entry;
      return { ...entry, personal: null };
    }),
  );

/** The first is always in: an entry has its own bound. */
export const cutBatch = (entries: readonly Entry[]): readonly Entry[] => {
  let bytes = 0;
  const end = entries.findIndex((entry, index) => {
    bytes += entry.bytes.length + (entry.personal?.text.length ?? 0);
    return index > 0 && bytes > batchBytesMax;
  });
  return end === -1 ? entries : entries.slice(0, end);
};

/** Half of it is left to chance, so that a city's terminals do not come back all at once. */
const pauseSeconds = (failures: number, random: Random): number => {
  const longest = Math.min(pauseSecondsMax, 2 ** Math.min(failures - 1, 10));
  return longest * (0.5 + (random.bytes(1)[0] ?? 0) / 512);
};
