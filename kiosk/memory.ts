/**
 * What a terminal remembers of earlier taps: which presentations were shown, who did what last, how often a card was
 * used today. All of it follows from the log, so a restart forgets nothing (FORMATS, "Presentation"); but for the codes
 * that other terminals of the site have taken, which the server tells again.
 */
import { bounceSeconds } from "../shared/credential.ts";
import type { History } from "../shared/decide.ts";
import type { Entry } from "../shared/log.ts";
import type { SpentCode } from "../shared/messages.ts";
import { readRecovered } from "../shared/recovered.ts";
import type { Action, Instant } from "../shared/terms.ts";
import {
  type Decided,
  type ReadTransaction,
  readDecided,
  readPersonal,
  readTransaction,
} from "../shared/transaction.ts";
import type { Journal } from "./journal.ts";
import type { LogStore } from "./ports.ts";

/** Two sightings this close are one tap (milliseconds). */
export const bounceMs = bounceSeconds * 1000;

/** A day of cards is counted from the log; entries are kept longer than that. */
export const rememberedSeconds = 24 * 3600;

export type Memory = {
  /** True when this identity was last seen within the bounce: the same tap still. Marks it as seen again. */
  readonly isBounce: (identity: string, ticks: number) => boolean;
  readonly historyOf: (identity: string, pseudonym: string, action: Action, at: Instant) => History;
  /** When this person was last permitted this here; null where it is not remembered. */
  readonly lastAt: (action: Action, pseudonym: string) => Instant | null;
  /** Takes in a decision that was written down as entry `seq`. `ticks` null when it is read back from the log. */
  readonly remember: (
    decided: Decided & { readonly at: Instant },
    pseudonym: string | null,
    ticks: number | null,
    seq: number,
  ) => void;
  /** A code that was shown to another terminal: close to that it is a bounce here, too, and later a replay. */
  readonly hear: (spent: SpentCode, ticks: number) => void;
  /**
   * What became of what entry `seq` permits. Where nothing did (the gate timed out), the same person may ask for it again
   * at once: nothing is charged for it either. Its code stays used.
   */
  readonly conclude: (seq: number, isDone: boolean) => void;
};

type Seen = { readonly at: Instant; readonly windowUntil: Instant; lastTicks: number };

/** `floor`: the time that it is at least. A device's clock may be set back, and what it had passed is to come again. */
export const createMemory = (floor: () => Instant): Memory => {
  const seen = new Map<string, Seen>();
  const lastAction = new Map<string, Instant>();
  const cardTaps = new Map<string, Instant[]>();
  /** Permits of which it is not known yet what became of them, and when the same was done before. */
  const open = new Map<number, { readonly key: string; readonly at: Instant; readonly before: Instant | undefined }>();

  const forget = (now: Instant): void => {
    for (const [identity, each] of seen) if (each.windowUntil < now) seen.delete(identity);
    // The oldest first, and no further: a start takes in a whole day, one after another.
    for (const [key, at] of lastAction) {
      if (now - at <= rememberedSeconds) break;
      lastAction.delete(key);
    }
    for (const [seq, { at }] of open) {
      if (now - at <= rememberedSeconds) break;
      open.delete(seq);
    }
  };

  return {
    isBounce: (identity, ticks) => {
      const before = seen.get(identity);
      if (before === undefined || ticks - before.lastTicks > bounceMs) return false;
      before.lastTicks = ticks;
      return true;
    },
    historyOf: (identity, pseudonym, action, at) => ({
      seenAt: seen.get(identity)?.at ?? null,
      sameActionAt: lastAction.get(`${action} ${pseudonym}`) ?? null,
      cardTaps: (cardTaps.get(pseudonym) ?? []).filter((each) => at - each < rememberedSeconds).length,
    }),
    lastAt: (action, pseudonym) => lastAction.get(`${action} ${pseudonym}`) ?? null,
    remember: (decided, pseudonym, ticks, seq) => {
      forget(Math.min(decided.at, floor()));
      const { identity, reading, result, request } = decided;
      if (identity === undefined || reading.kind !== "verified") return;
      const windowUntil = decided.windowUntil ?? decided.at;
      seen.set(identity, { at: decided.at, windowUntil, lastTicks: ticks ?? Number.NEGATIVE_INFINITY });
      if (result.effect !== "permit" || pseudonym === null || decided.of !== undefined) return;
      const key = `${request.action} ${pseudonym}`;
      open.set(seq, { key, at: decided.at, before: lastAction.get(key) });
      lastAction.delete(key); // so that it is the newest
      lastAction.set(key, decided.at);
      if (reading.form !== "bearer") return;
      const recent = (cardTaps.get(pseudonym) ?? []).filter((each) => decided.at - each < rememberedSeconds);
      cardTaps.set(pseudonym, [...recent, decided.at]);
    },
    hear: ({ identity, at, windowUntil }, ticks) => {
      forget(floor());
      if (windowUntil < floor() || seen.has(identity)) return;
      seen.set(identity, { at, windowUntil, lastTicks: ticks });
    },
    conclude: (seq, isDone) => {
      const concluded = open.get(seq);
      open.delete(seq);
      if (concluded === undefined || isDone || lastAction.get(concluded.key) !== concluded.at) return;
      if (concluded.before === undefined) lastAction.delete(concluded.key);
      else lastAction.set(concluded.key, concluded.before);
    },
  };
};

/** An entry read back at a start, by several: `written` is what it says, null where it is no transaction. */
export type WrittenEntry = Entry & { readonly written: ReadTransaction | null };

export const readWritten = (entry: Entry): WrittenEntry => ({ ...entry, written: readTransaction(entry.bytes) });

/** Brings back what the log knows, also of a chain that was lost. */
export const recall = (memory: Memory, entries: readonly WrittenEntry[]): void => {
  for (const entry of entries) {
    const { transaction, seq } = placeIn(entry);
    if (transaction === null) continue;
    const decided = readDecided(transaction);
    if (decided !== null) memory.remember(decided, pseudonymIn(entry), null, seq);
    if (transaction.kind === "acted") memory.conclude(seqOfActed(transaction), transaction.outcome === "completed");
  }
};

export const transactionIn = (entry: WrittenEntry): ReadTransaction | null => placeIn(entry).transaction;

/** Of one that was recovered, where it stood before. */
const placeIn = ({
  written,
  personal,
  seq,
}: WrittenEntry): { readonly transaction: ReadTransaction | null; readonly seq: number } => {
  if (written?.kind !== "recovered") return { transaction: written, seq };
  const recovered = readRecovered(written, personal);
  return { transaction: recovered === null ? null : readTransaction(recovered.bytes), seq: recovered?.of.seq ?? 0 };
};

/** Which entry it is that was acted upon; 0 where it is none of this chain. */
export const seqOfActed = ({ kind, of }: ReadTransaction): number =>
  kind === "acted" && typeof of === "object" && of !== null && "seq" in of ? Number(of.seq) : 0;

/** The newest entries, as far back as memory reaches, oldest first. */
export const readRecent = async (
  log: Pick<LogStore, "read">,
  { floor, head }: Pick<Journal, "floor" | "head">,
): Promise<readonly Entry[]> => {
  const since = floor() - rememberedSeconds;
  const recent: Entry[] = [];
  for (let end = head().seq; end > 0; end -= chunk) {
    const from = Math.max(1, end - chunk + 1);
    const entries = await log.read(from, end - from + 1);
    recent.unshift(...entries);
    const oldest = entries[0] === undefined ? null : readTransaction(entries[0].bytes);
    if (oldest === null || oldest.at < since) break;
  }
  return recent;
};

const chunk = 1000;

const pseudonymIn = (entry: Entry): string | null =>
  entry.personal === null ? null : (readPersonal(entry.personal.text)?.pseudonym ?? null);
