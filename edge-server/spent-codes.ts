/**
 * The codes that are used up in the place of a terminal, as its terminals have told the ledger: whoever listens there hears
 * first of those that are known, then of each that comes. So a picture of a code is good at one gate only, as far as a
 * network reaches.
 *
 * What comes in at this server is read at once, what comes in at another one within a second. Nothing but this depends on
 * it: a database that is away is said, and asked again in a while. Only the last minutes of each log are read.
 */
import * as v from "valibot";
import { toHex } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import { type SpentCode, spentCode } from "../shared/messages.ts";
import { readByStaff } from "../shared/override.ts";
import type { Instant } from "../shared/terms.ts";
import { type ReadTransaction, readDecided, readTransaction } from "../shared/transaction.ts";
import { createFeed, type Feed } from "./feed.ts";
import { seqBefore } from "./log-tail.ts";
import { placeOf } from "./passages.ts";
import type { LedgerEntry, LedgerParts, Registry, TerminalRow } from "./ports.ts";

export type SpentCodes = {
  /** One feed a terminal: a new one ends the one before. Null where too many listen. */
  readonly listen: (terminal: TerminalRow) => Feed<readonly SpentCode[]> | null;
  /** Something was added to this chain. */
  readonly nudge: (chain: Chain) => void;
  /** Ends every feed. */
  readonly stop: () => Promise<void>;
};

export type SpentCodesEdges = {
  readonly ledger: LedgerParts;
  readonly registry: Pick<Registry, "terminal">;
  readonly now: () => Instant;
  readonly after: (seconds: number, callback: () => void) => () => void;
  readonly onFailed: (cause: string) => void;
};

type Place = {
  readonly listeners: Map<string, Feed<readonly SpentCode[]>>;
  readonly spent: Map<string, SpentCode>;
  /** Nothing was read for it yet. */
  isNew: boolean;
};

/** Half of the connections that the server takes. */
const listenersMax = 1000;
/** Longer than a code is good for, with clocks that differ. */
const keptSeconds = 240;
const waitingMax = 100;
const partRows = 1000;
const pauseSeconds = { usual: 1, failed: 15 } as const;

export const createSpentCodes = ({ ledger, registry, now, after, onFailed }: SpentCodesEdges): SpentCodes => {
  /** Where somebody listens. */
  const places = new Map<string, Place>();
  /** How far each log was read, or passed over. */
  const seqs = new Map<string, number>();
  const nudged = new Map<string, Chain>();
  let working: Promise<void> | null = null;
  let isLookDue = false;
  let isStopped = false;
  let cancel = (): void => {};

  const placeAt = (terminal: string): Place | undefined => {
    const row = registry.terminal(terminal);
    return row === null ? undefined : places.get(placeOf(row));
  };

  const take = (place: Place, entries: readonly LedgerEntry[]): void => {
    const since = now();
    for (const [identity, { windowUntil }] of place.spent) if (windowUntil < since) place.spent.delete(identity);
    const spent = entries
      .flatMap(spentIn)
      .filter((each) => each.windowUntil >= since && !place.spent.has(each.identity));
    if (spent.length === 0) return;
    for (const each of spent) place.spent.set(each.identity, each);
    for (const feed of place.listeners.values()) feed.push(spent);
  };

  const read = async (place: Place, chain: Chain, from: number): Promise<number> => {
    let seq = from;
    for (let isMore = true; isMore && !isStopped; ) {
      const entries = await ledger.part(chain, seq, partRows);
      take(place, entries);
      seq = entries.at(-1)?.seq ?? seq;
      isMore = entries.length === partRows;
    }
    return seq;
  };

  const readNudged = async (): Promise<void> => {
    for (const [name, chain] of nudged) {
      nudged.delete(name);
      const place = placeAt(chain.terminal);
      const seq = seqs.get(name);
      if (place === undefined) continue;
      // Of a log that was never looked at it is not known where its last minutes begin.
      if (seq === undefined) isLookDue = true;
      else seqs.set(name, await read(place, chain, seq));
    }
  };

  const look = async (): Promise<void> => {
    const anew = new Set([...places.values()].filter(({ isNew }) => isNew));
    for (const { seq, ...chain } of await ledger.heads()) {
      if (isStopped) return;
      const name = nameOf(chain);
      const known = seqs.get(name);
      if (known === seq && anew.size === 0) continue;
      const place = placeAt(chain.terminal);
      if (known === seq && (place === undefined || !anew.has(place))) continue;
      const isNear = known !== undefined && known <= seq && seq - known <= partRows;
      if (place === undefined) seqs.set(name, seq);
      else if (isNear && !anew.has(place)) seqs.set(name, await read(place, chain, known));
      else seqs.set(name, await read(place, chain, await seqBefore(ledger, chain, seq, now() - keptSeconds)));
    }
    for (const place of anew) place.isNew = false;
  };

  const work = async (): Promise<void> => {
    try {
      while (!isStopped && (nudged.size > 0 || isLookDue)) {
        await readNudged();
        if (!isLookDue) continue;
        isLookDue = false;
        await look();
      }
    } catch (error) {
      onFailed(error instanceof Error ? error.message : String(error));
      plan(pauseSeconds.failed);
    }
  };

  const begin = (): void => {
    if (working !== null || isStopped) return;
    working = work().finally(() => {
      working = null;
      if (nudged.size > 0) begin();
    });
  };

  const lookNow = (): void => {
    plan(pauseSeconds.usual);
    isLookDue = true;
    begin();
  };

  const plan = (seconds: number): void => {
    cancel();
    cancel = after(seconds, () => {
      if (places.size > 0) lookNow();
    });
  };

  const enter = (name: string): Place => {
    const place = places.get(name) ?? { listeners: new Map(), spent: new Map(), isNew: true };
    places.set(name, place);
    return place;
  };

  return {
    listen: (terminal) => {
      const name = placeOf(terminal);
      const place = enter(name);
      const before = place.listeners.get(terminal.id);
      const count = [...places.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
      if (isStopped || (before === undefined && count >= listenersMax)) {
        if (place.listeners.size === 0) places.delete(name);
        return null;
      }
      before?.close();
      const feed = createFeed<readonly SpentCode[]>(waitingMax, after);
      place.listeners.set(terminal.id, feed);
      const known = [...place.spent.values()].filter(({ windowUntil }) => windowUntil >= now());
      if (known.length > 0) feed.push(known);
      if (place.isNew) lookNow();
      return {
        ...feed,
        close: () => {
          feed.close();
          if (place.listeners.get(terminal.id) === feed) place.listeners.delete(terminal.id);
          if (place.listeners.size === 0 && places.get(name) === place) places.delete(name);
        },
      };
    },
    nudge: (chain) => {
      if (places.size === 0) return;
      nudged.set(nameOf(chain), chain);
      begin();
    },
    stop: async () => {
      isStopped = true;
      cancel();
      for (const { listeners } of places.values()) for (const feed of listeners.values()) feed.close();
      await working;
    },
  };
};

const spentIn = ({ kind, bytes }: LedgerEntry): readonly SpentCode[] => {
  const written = kind === "decided" || kind === "badge" ? readTransaction(bytes) : null;
  const shown = written === null ? null : shownIn(written);
  const windowUntil = Math.min(shown?.windowUntil ?? 0, (written?.at ?? 0) + keptSeconds);
  const spent = v.safeParse(spentCode, { identity: shown?.identity, at: written?.at, windowUntil });
  return spent.success ? [spent.output] : [];
};

/** A citizen's code or a badge on a phone. Cards are good again and again. */
const shownIn = (written: ReadTransaction) => {
  const decided = readDecided(written);
  if (decided?.reading.kind === "verified") return decided.reading.form === "presentation" ? decided : null;
  const badge = readByStaff(written);
  return badge?.kind === "badge" && badge.form === "presentation" ? badge : null;
};

const nameOf = ({ terminal, epoch }: Chain): string => `${terminal}/${toHex(epoch)}`;
