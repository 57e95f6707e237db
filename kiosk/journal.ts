/**
 * The terminal's pen: one writer, entry after entry, each durable before `write` resolves (promise 2). A write that
 * fails rejects, and so do all after it: what could not be written did not happen, and the terminal is out of service.
 *
 * `now` is the time that everything here uses: the device's clock, but never below the newest time that a signed message
 * of ours has shown and the time that has passed since.
 */
import { toBase64url } from "../shared/bytes.ts";
import { genesisOf, type Head, makeEntry } from "../shared/log.ts";
import { leadOf, writeReceiptCode } from "../shared/receipt-code.ts";
import type { Instant } from "../shared/terms.ts";
import type { EntryRef, Happening, Personal, Stamp } from "../shared/transaction.ts";
import type { Clock, LogStore, Random, StoredLog } from "./ports.ts";

export type Journal = {
  readonly write: (happening: Happening, personal?: Personal, at?: Instant) => Promise<EntryRef>;
  readonly head: () => Head;
  /** The code on the receipt of an entry that was written just now; null for those long before. */
  readonly codeOf: (ref: EntryRef) => string | null;
  readonly now: () => Instant;
  /** The newest signed time, gone on since: the true time is this or later. */
  readonly floor: () => Instant;
  /** A signed message showed this time. */
  readonly raiseFloor: (at: Instant) => void;
  readonly onWritten: (callback: () => void) => void;
};

/** More than is written while somebody stands there. */
const codesMax = 200;

export const createJournal = (stored: StoredLog, store: LogStore, clock: Clock, random: Random): Journal => {
  const boot = toBase64url(random.bytes(9));
  const epoch = toBase64url(stored.chain.epoch);
  const listeners: (() => void)[] = [];
  const codes = new Map<number, string>();
  let lead: number | null = null;
  let head = stored.head;
  let floorAt = stored.floorAt;
  let floorTicks = clock.ticks();
  let last: Promise<unknown> = Promise.resolve();

  const floor = (): Instant => floorAt + Math.floor((clock.ticks() - floorTicks) / 1000);
  const now = (): Instant => Math.max(clock.now(), floor());

  const append = async (happening: Happening, personal: Personal, at: Instant | undefined): Promise<EntryRef> => {
    const stamp: Stamp = { v: 1, at: at ?? now(), boot, clock: clock.now() < floor() ? "floor" : "device" };
    const entry = await makeEntry(head, { ...stamp, ...happening }, personal, random.bytes(16));
    await store.append(entry);
    head = { seq: entry.seq, hash: entry.hash };
    lead ??= leadOf((await genesisOf(stored.chain)).hash);
    codes.set(entry.seq, writeReceiptCode({ chain: lead, seq: entry.seq, hash: leadOf(entry.hash) }));
    codes.delete(entry.seq - codesMax);
    for (const listener of listeners) listener();
    return { terminal: stored.chain.terminal, epoch, seq: entry.seq };
  };

  return {
    write: (happening, personal = {}, at) => {
      const written = last.then(() => append(happening, personal, at));
      last = written;
      return written;
    },
    head: () => head,
    codeOf: (ref) => (ref.epoch === epoch ? (codes.get(ref.seq) ?? null) : null),
    now,
    floor,
    raiseFloor: (at) => {
      if (at <= floor()) return;
      [floorAt, floorTicks] = [at, clock.ticks()];
    },
    onWritten: (callback) => {
      listeners.push(callback);
    },
  };
};
