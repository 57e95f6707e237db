/**
 * The outside observer. It keeps its own record, of what the gate did, of which codes were held up, of what the code asked
 * its disk to keep, and of what the server committed, and asks nothing of the code that it judges. Some of what must never be
 * is seen at once; the rest is judged at the end (verdict.ts).
 *
 * A fact is an entry whose append was answered, or that a page which opened its log went on from: from then on it must come
 * to the ledger, where it stands or told again in a later chain (an entry that tells others again is no fact of its own).
 * There are two excuses, and no more:
 *
 *  - `destroyed`: a damage to the disks (not a crash: those may take nothing that was answered) took it from every place
 *    where it lay, before it was in the ledger, or after the ledger went back to a backup from before it;
 *  - `dropped`: it was in the ledger and acknowledged, the ledger went back behind it, and before it was sent again the
 *    terminal lost its chain without keeping it: two disasters, and what was acknowledged was no longer the terminal's to
 *    keep. A chain that is left because the ledger misses entries of it is not lost. What stands before a hole that a damage
 *    tore is.
 */
import type { Actuated, Command, StoredLog } from "../../kiosk/ports.ts";
import type { Screen } from "../../kiosk/session.ts";
import { equalBytes, fromBase64url, fromUtf8, toBase64url } from "../../shared/bytes.ts";
import type { Chain, Entry } from "../../shared/log.ts";
import type { EntryRef } from "../../shared/transaction.ts";
import type { Device } from "./device.ts";
import type { Life } from "./locks.ts";
import { ackedOn, areCopiesSame, epochOn, heldInDatabase, heldInRemains, heldOn, isDurable, nameOf } from "./media.ts";
import type { Added } from "./server.ts";

export type Said = { readonly kind: string; readonly [field: string]: unknown };

export type Fact = {
  readonly device: string;
  readonly chain: Chain;
  readonly entry: Entry;
  readonly said: Said;
  isAnswered: boolean;
  isInLedger: boolean;
  wasInLedger: boolean;
  excuse: "destroyed" | "dropped" | null;
  /** A damage left it nowhere as it was. */
  wasDestroyed: boolean;
};

export type Movement = {
  readonly device: string;
  readonly of: EntryRef;
  readonly identity: string | null;
  outcome: Actuated["outcome"] | null;
};

export type Observer = ReturnType<typeof createObserver>;

/** How long after the gate its outcome must be with the disk. */
const outcomeMilliseconds = 30_000;
/** Longer than a mark takes to the disk. */
const settledMilliseconds = 10_000;
/** An entry is dated when it is decided; an ack may come before it is written. */
const slackSeconds = 60;

export const createObserver = (trace: (line: string) => void, now: () => number) => {
  const violations: string[] = [];
  const facts = new Map<string, Fact>();
  /** Answered and not in the ledger, by device. */
  const open = new Map<string, Map<string, Entry>>();
  /** Asked and not answered, by device. */
  const underway = new Map<string, Set<string>>();
  const byRef = new Map<string, Fact>();
  const movements: Movement[] = [];
  /** Which decisions let a presentation in, by device and identity. */
  const openings = new Map<string, readonly string[]>();
  /** Entries that a damage left nowhere on their device's disks. */
  const forgotten = new Set<string>();
  const newestMove = new Map<string, number>();
  const shown = new Map<string, Map<string, number>>();
  const refusals = new Map<Life, string>();
  const chains = new Map<string, string>();
  /** Entries in which others are told again, not yet in the ledger, by device; and in which ones each of those is. */
  const carriers = new Map<string, Map<string, Entry>>();
  const carriersOf = new Map<string, string[]>();
  /** Devices whose disks were ever damaged. */
  const damaged = new Set<string>();
  /** The newest acks that were believed, by chain. */
  const cursors = new Map<string, { readonly seq: number; readonly floorAt: number }>();
  const outcomes = new Set<string>();
  /** Devices whose disks lost what the ledger holds, or misses: their next entry may be another history, or a dead end. */
  const mayFork = new Set<string>();
  /** Chains that were left for a cause. */
  const left = new Set<string>();
  /** Devices whose whole disk was put back to what it had been: where a chain had just begun then, it begins again. */
  const setBack = new Set<string>();
  /** Devices whose disks were damaged since both copies were last whole. */
  const hurt = new Set<string>();
  /** Those of them where a whole copy was left, and a mark that names its chain: nothing may come of it. */
  const mustGoOn = new Set<string>();
  /** When their power was cut, or a chain begun: for a moment after that the mark may say something older. */
  const unsettledAt = new Map<string, number>();
  /** Pages that could open their log. */
  const begun = new WeakSet<Life>();
  /** Their gate said that it is. */
  const broken = new WeakSet<Life>();
  let outOfService = 0;

  const violate = (what: string): void => {
    violations.push(`${(now() / 1000).toFixed(3)} ${what}`);
    trace(`VIOLATION ${what}`);
  };

  const openOn = (device: string): Map<string, Entry> => {
    const known = open.get(device) ?? new Map<string, Entry>();
    open.set(device, known);
    return known;
  };

  const refOf = (chain: Chain, seq: number): string => `${chain.terminal}/${epochOf(chain)}/${seq}`;

  return {
    violations,
    violate,
    facts,
    movements,
    damaged,
    shownAt: (device: string) => shown.get(device) ?? new Map<string, number>(),
    outOfServiceCount: () => outOfService,

    /* What was held up to the scanner. */

    onShown: (device: string, identity: string): void => {
      const ours = shown.get(device) ?? new Map<string, number>();
      shown.set(device, ours);
      if (!ours.has(identity)) ours.set(identity, now());
    },

    /* What the code asked its log to keep. */

    onOpened: (device: Device, life: Life, stored: StoredLog, isNewHere: boolean): void => {
      begun.add(life);
      const epoch = `${stored.chain.terminal} ${epochOf(stored.chain)}`;
      trace(`${device.name} opened ${epoch} at ${stored.head.seq}, acknowledged ${stored.ackedSeq}`);
      const before = chains.get(device.name);
      const { seq } = device.markRead(life, epochOf(stored.chain));
      if (seq > stored.head.seq) violate(`${device.name}: goes on from ${stored.head.seq}, its mark says ${seq}`);
      if (before === epoch && !hurt.has(device.name) && stored.ackedSeq < (cursors.get(epoch)?.seq ?? 0)) {
        violate(`${device.name}: the cursor is back at ${stored.ackedSeq}`);
      }
      cursors.set(epoch, { seq: stored.ackedSeq, floorAt: stored.floorAt });
      if (before !== undefined && before !== epoch && !isNewHere) {
        if (!hurt.has(device.name) && !mayFork.has(device.name))
          violate(`${device.name}: a new chain begins without cause`);
        if (mustGoOn.has(device.name) && !mayFork.has(device.name))
          violate(`${device.name}: a new chain begins, though a copy was whole`);
      }
      mustGoOn.delete(device.name);
      if (before !== epoch) {
        if (before !== undefined && mayFork.delete(device.name)) left.add(before);
        // An old profile brings back a chain that was left, and what it was left for.
        if (left.has(epoch)) mayFork.add(device.name);
        unsettledAt.set(device.name, now());
        const kept = heldOpen(device, heldInRemains);
        for (const name of openOn(device.name).keys()) {
          const fact = facts.get(name);
          if (fact?.wasInLedger === true && !kept.has(name) && fact.excuse === null) drop(fact, "dropped");
        }
      }
      chains.set(device.name, epoch);
      adopt(device);
      // Without the copy that has more, it goes another way: whoever reads both finds two histories.
      if (device.hasThreadFailed(life) && heldOn(device, newerThan(stored)).size > 0) mayFork.add(device.name);
      // An old profile may bring back an earlier chain, of which the ledger has more.
      if (before !== epoch && hurt.has(device.name) && newestTold(stored.chain) > stored.head.seq) {
        mayFork.add(device.name);
      }
    },

    onAsked: (device: Device, life: Life, chain: Chain, entry: Entry): void => {
      const said = JSON.parse(fromUtf8(entry.bytes) ?? "null") as Said;
      const name = nameOf(entry.hash);
      const fact: Fact = {
        ...{ device: device.name, chain, entry, said, isAnswered: false },
        ...{ isInLedger: false, wasInLedger: false, excuse: null, wasDestroyed: false },
      };
      if (entry.seq === 1 && byRef.get(refOf(chain, 1))?.isAnswered === true && !setBack.has(device.name)) {
        violate(`${device.name}: ${refOf(chain, 1)} is begun a second time`);
      }
      const floorAt = cursors.get(`${chain.terminal} ${epochOf(chain)}`)?.floorAt ?? 0;
      if (said.count === undefined && Number(said.at) < floorAt - slackSeconds && !hurt.has(device.name)) {
        violate(`${device.name}: ${refOf(chain, entry.seq)} is dated before what a signed message has shown`);
      }
      facts.set(name, fact);
      underway.set(device.name, (underway.get(device.name) ?? new Set()).add(name));
      byRef.set(refOf(chain, entry.seq), fact);
      if (said.kind === "recovered") {
        const original = originalOf(said);
        const ours = carriers.get(device.name) ?? new Map<string, Entry>();
        carriers.set(device.name, ours.set(name, entry));
        if (isSameAsBefore(fact)) carriersOf.set(original, [...(carriersOf.get(original) ?? []), name]);
        if (!facts.has(original) && !damaged.has(device.name)) {
          violate(`${device.name}: ${refOf(chain, entry.seq)} tells of what never happened`);
        }
      }
      if (said.kind === "acted") outcomes.add(nameOfRef(said.of as EntryRef));
      if (said.kind !== "decided") return;
      const { effect } = said.result as { readonly effect: string };
      if (effect === "refer" && said.count !== undefined) refusals.delete(life);
      else if (refusals.has(life))
        violate(`${device.name}: a refusal is not written before ${refOf(chain, entry.seq)}`);
    },

    onAnswered: (device: Device, chain: Chain, entry: Entry): void => {
      const name = nameOf(entry.hash);
      const fact = keep(device, name);
      if (fact === null) return;
      underway.get(device.name)?.delete(name);
      if (!isDurable(device, entry)) violate(`${device.name}: ${refOf(chain, entry.seq)} is answered, and on no disk`);
      trace(`${device.name} wrote ${entry.seq} ${fact.said.kind}`);
    },

    onAcknowledged: (device: Device, chain: Chain, seq: number, floorAt: number): void => {
      cursors.set(`${chain.terminal} ${epochOf(chain)}`, { seq, floorAt });
      const fact = byRef.get(refOf(chain, seq));
      if (fact !== undefined && !fact.wasInLedger) {
        violate(`${device.name}: the cursor passed ${refOf(chain, seq)}, which the ledger never had`);
      }
      trace(`${device.name} acknowledged ${seq}`);
    },

    /* The gate. */

    onMove: (device: Device, command: Command, of: EntryRef): Movement => {
      const ref = nameOfRef(of);
      const fact = byRef.get(ref);
      const result = fact?.said.result as { readonly effect: string } | undefined;
      if (fact === undefined || result?.effect !== "permit")
        violate(`${device.name}: the gate moved for ${ref}, no permit`);
      else if (!isDurable(device, fact.entry))
        violate(`${device.name}: the gate moved for ${ref}, which is on no disk`);
      const before = newestMove.get(`${of.terminal}/${of.epoch}`) ?? 0;
      if (of.seq <= before) violate(`${device.name}: the gate moved for ${ref} after ${before}`);
      newestMove.set(`${of.terminal}/${of.epoch}`, of.seq);
      const identity = typeof fact?.said.identity === "string" ? fact.said.identity : null;
      if (identity === null || !shown.get(device.name)?.has(identity)) {
        violate(`${device.name}: the gate moved for ${ref}, a code that nobody showed`);
      } else {
        const before = openings.get(`${device.name} ${identity}`) ?? [];
        openings.set(`${device.name} ${identity}`, fact === undefined ? before : [...before, nameOf(fact.entry.hash)]);
        // What a damage took from all of its disks, it cannot remember.
        if (before.some((name) => !forgotten.has(name)))
          violate(`${device.name}: one presentation was let in ${before.length + 1} times, now by ${ref}`);
      }
      const movement: Movement = { device: device.name, of, identity, outcome: null };
      movements.push(movement);
      trace(`${device.name} ${command.kind} for ${of.seq}`);
      return movement;
    },

    onMoved: (device: Device, life: Life, movement: Movement, outcome: Actuated["outcome"]): void => {
      movement.outcome = outcome;
      if (outcome === "fault") broken.add(life);
      device.after(life, outcomeMilliseconds, () => {
        if (device.hasFailed(life) || outcomes.has(nameOfRef(movement.of))) return;
        violate(`${device.name}: what became of ${movement.of.seq} is not written`);
      });
    },

    onScreen: (device: Device, life: Life, screen: Screen): void => {
      trace(`${device.name} shows ${screen.name}`);
      if (screen.name === "refer" && screen.reason in refusalReasons) refusals.set(life, screen.reason);
      if (screen.name !== "out-of-service") return;
      outOfService += 1;
      const isGate = screen.cause === "gate" && broken.has(life);
      const isMeant = isGate || device.hasFailed(life) || (!begun.has(life) && device.hasThreadFailed(life));
      if (!isMeant) violate(`${device.name}: out of service without cause: ${screen.cause}, ${screen.detail}`);
    },

    /** It ended in peace: everything that was open must be written. */
    onStopped: (device: Device, life: Life): void => {
      if (refusals.has(life) && !device.hasFailed(life)) violate(`${device.name}: stopped with a refusal not written`);
      refusals.delete(life);
      noteHealed(device);
    },

    /* The server's disk. */

    onCommitted: ({ arrival, addition }: Added): void => {
      if (addition.kind === "evidence") {
        trace(`ledger keeps evidence of a ${addition.cause} of ${arrival.terminal} at ${addition.seq}`);
        return;
      }
      for (const entry of addition.entries) enter(nameOf(entry.hash));
      trace(`ledger has ${arrival.terminal} up to ${arrival.to}`);
    },

    onRestored: (added: readonly Added[], devices: readonly Device[]): void => {
      const kept = new Set<string>();
      for (const { addition } of added) {
        for (const { hash } of addition.kind === "entries" ? addition.entries : []) {
          kept.add(nameOf(hash));
          const said = facts.get(nameOf(hash))?.said;
          if (said?.kind === "recovered") kept.add(originalOf(said));
        }
      }
      for (const [name, fact] of facts) {
        if (!fact.isInLedger || kept.has(name)) continue;
        fact.isInLedger = false;
        if (fact.said.kind === "recovered") carriers.get(fact.device)?.set(name, fact.entry);
        else openOn(fact.device).set(name, fact.entry);
      }
      for (const device of devices) {
        const held = heldOpen(device);
        for (const name of [...openOn(device.name).keys()]) {
          if (held.has(name)) continue;
          if (!forgotten.has(name) && isOnChain(device, name))
            missing(device, name, "is kept no longer, and the ledger lost it");
          else excuse(name, "destroyed");
          mayFork.add(device.name);
        }
      }
      trace(`ledger went back to ${added.length} additions`);
    },

    /* The devices' disks. */

    onLoss: (device: Device, lose: () => void, kind: string, isDamage: boolean): void => {
      noteHealed(device);
      const wanted = openOn(device.name);
      const before = heldOpen(device);
      for (const name of wanted.keys()) {
        if (!before.has(name)) missing(device, name, "is nowhere, and nothing has destroyed it");
      }
      // A damage left only a file whose name is new: the power may take that, too.
      const isFrail = kind.startsWith("power") && hurt.has(device.name) && !device.files.areNamesOnDisk();
      const told = isDamage || isFrail ? toldBy(device) : new Map<string, Entry>();
      const toldBefore = heldOn(device, told);
      const askedBefore = isDamage ? heldOn(device, unansweredBy(device), true) : new Set<string>();
      const isSettled = now() - (unsettledAt.get(device.name) ?? 0) > settledMilliseconds;
      const isMarked = device.isMarked(chains.get(device.name)?.split(" ")[1] ?? "");
      const isSpare = isDamage && !hurt.has(device.name) && isSettled && isMarked && areCopiesSame(device);
      const lasting = isFrail ? heldOpen(device, heldInDatabase) : before;
      // An ack that was on its way into the next file of the database is heard again.
      const isAckTorn = ["ackedSeq", "floorAt"].some((key) => !device.database.isOnDisk("meta", key));
      lose();
      if (kind.startsWith("power") && isAckTorn) lowerCursor(device);
      const after = heldOpen(device);
      for (const name of [...wanted.keys()]) {
        if (after.has(name)) continue;
        if (isDamage || (before.has(name) && !lasting.has(name))) {
          if (facts.get(name)?.wasInLedger === true) mayFork.add(device.name);
          excuse(name, "destroyed");
          forgotten.add(name);
          newestMove.clear();
        } else missing(device, name, `was answered, and ${kind} took it`);
      }
      if (kind.startsWith("power")) unsettledAt.set(device.name, now());
      if (isDamage) {
        hurt.add(device.name);
        damaged.add(device.name);
        if (kind === "stale-profile") setBack.add(device.name);
        // Put back as a whole, both copies are the same at once, and so old is the cursor in them.
        if (!kind.startsWith("damage")) cursors.delete(chains.get(device.name) ?? "");
        else lowerCursor(device);
        // What was never answered and came back with an old file is another history: nobody can say which one holds.
        const asked = heldOn(device, unansweredBy(device), true);
        for (const name of askedBefore) if (!asked.has(name)) forgotten.add(name);
        if (isSpare && kind.startsWith("damage") && asked.size === 0) mustGoOn.add(device.name);
        else mustGoOn.delete(device.name);
      } else if (kind.startsWith("power")) mustGoOn.delete(device.name);
      const toldAfter = heldOn(device, told);
      for (const name of toldBefore) {
        if (toldAfter.has(name)) continue;
        forgotten.add(name);
        mayFork.add(device.name);
        newestMove.clear();
      }
      trace(`${device.name} ${kind}${isDamage ? ", damaged" : ""}`);
    },
  };

  /** Both copies are whole again, and on the disk, and of the chain that it is on: an old profile may have brought another. */
  function noteHealed(device: Device): void {
    const isOurs = chains.get(device.name)?.split(" ")[1] === epochOn(device);
    if (hurt.has(device.name) && isOurs && areCopiesSame(device)) hurt.delete(device.name);
  }

  /** What was on its way when a page ended, and lies there: who goes on from it has answered for it. */
  function adopt(device: Device): void {
    const unanswered = new Map<string, Entry>();
    for (const name of underway.get(device.name) ?? []) {
      const fact = facts.get(name);
      if (fact !== undefined && isNewest(device.name, fact.chain)) unanswered.set(name, fact.entry);
    }
    underway.delete(device.name);
    for (const name of heldOn(device, unanswered)) keep(device, name);
  }

  /** From now on it is a fact. */
  function keep(device: Device, name: string): Fact | null {
    const fact = facts.get(name);
    if (fact === undefined) return null;
    fact.isAnswered = true;
    if (!fact.isInLedger && fact.said.kind !== "recovered") openOn(device.name).set(name, fact.entry);
    return fact;
  }

  /** Of what is open there, what lies on its disks, by itself or told again. */
  function heldOpen(device: Device, look = heldOn): ReadonlySet<string> {
    const wanted = openOn(device.name);
    const telling = carriers.get(device.name) ?? new Map<string, Entry>();
    if (wanted.size === 0) return new Set();
    const held = look(device, telling.size === 0 ? wanted : new Map([...wanted, ...telling]));
    const isTold = (name: string): boolean => carriersOf.get(name)?.some((each) => held.has(each)) === true;
    return new Set([...wanted.keys()].filter((name) => held.has(name) || isTold(name)));
  }

  /** What the ledger has of the chain that it is on. */
  function toldBy({ name }: Device): ReadonlyMap<string, Entry> {
    const told = new Map<string, Entry>();
    for (const [hash, { device, chain, entry, wasInLedger }] of facts) {
      if (wasInLedger && device === name && isNewest(name, chain)) told.set(hash, entry);
    }
    return told;
  }

  /** What was asked of the chain that it is on, and neither answered nor gone on from. */
  function unansweredBy({ name }: Device): ReadonlyMap<string, Entry> {
    const asked = new Map<string, Entry>();
    for (const [hash, { device, chain, entry, isAnswered }] of facts) {
      if (!isAnswered && device === name && isNewest(name, chain)) asked.set(hash, entry);
    }
    return asked;
  }

  function newerThan({ chain, head }: StoredLog): ReadonlyMap<string, Entry> {
    const newer = new Map<string, Entry>();
    for (const [name, fact] of facts) {
      if (fact.entry.seq > head.seq && isOf(fact.chain, chain)) newer.set(name, fact.entry);
    }
    return newer;
  }

  function newestTold(of: Chain): number {
    let newest = 0;
    for (const { chain, entry, wasInLedger } of facts.values()) {
      if (wasInLedger && isOf(chain, of)) newest = Math.max(newest, entry.seq);
    }
    return newest;
  }

  /** A cursor that stood in the damaged copy alone is behind for good. */
  function lowerCursor(device: Device): void {
    const chain = chains.get(device.name) ?? "";
    const cursor = cursors.get(chain);
    if (cursor === undefined) return;
    const { seq, floorAt } = ackedOn(device, chain.split(" ")[1] ?? "");
    cursors.set(chain, { seq: Math.min(cursor.seq, seq), floorAt: Math.min(cursor.floorAt, floorAt) });
  }

  function isNewest(device: string, chain: Chain): boolean {
    return `${chain.terminal} ${epochOf(chain)}` === chains.get(device);
  }

  /** It stands in the chain that its device is on: what was acknowledged of it is kept for its time. */
  function isOnChain({ name: device }: Device, name: string): boolean {
    const fact = facts.get(name);
    return fact !== undefined && isNewest(device, fact.chain);
  }

  function enter(name: string): void {
    const fact = facts.get(name);
    if (fact === undefined) return;
    // It was on its way when a damage took it: what is written in its place is another history.
    const isOn = chains.get(fact.device) === `${fact.chain.terminal} ${epochOf(fact.chain)}`;
    if (fact.excuse === "destroyed" && isOn) mayFork.add(fact.device);
    [fact.isInLedger, fact.wasInLedger, fact.excuse] = [true, true, null];
    openOn(fact.device).delete(name);
    if (fact.said.kind !== "recovered") return;
    carriers.get(fact.device)?.delete(name);
    if (isSameAsBefore(fact)) enter(originalOf(fact.said));
  }

  /** It was told as it was, not as a damage left it. */
  function isSameAsBefore({ said }: Fact): boolean {
    const original = facts.get(originalOf(said));
    return original !== undefined && said.bytes === toBase64url(original.entry.bytes);
  }

  function drop(fact: Fact, why: "destroyed" | "dropped"): void {
    fact.excuse = why;
    fact.wasDestroyed = true;
    openOn(fact.device).delete(nameOf(fact.entry.hash));
  }

  function excuse(name: string, why: "destroyed" | "dropped"): void {
    const fact = facts.get(name);
    if (fact !== undefined) drop(fact, why);
  }

  /** A damage took one behind it from every place: a chain begins behind its last hole. */
  function isCutOff({ chain, entry, wasInLedger }: Fact): boolean {
    if (!wasInLedger) return false;
    return [...forgotten].some((name) => {
      const gone = facts.get(name);
      return gone !== undefined && isOf(gone.chain, chain) && gone.entry.seq > entry.seq;
    });
  }

  function missing(device: Device, name: string, how: string): void {
    const fact = facts.get(name);
    if (fact === undefined || fact.excuse !== null) return;
    const isDropped = isCutOff(fact);
    if (!isDropped) violate(`${device.name}: ${refOf(fact.chain, fact.entry.seq)} ${how}`);
    drop(fact, isDropped ? "dropped" : "destroyed");
  }
};

const epochOf = ({ epoch }: Chain): string => {
  const spelt = epochs.get(epoch) ?? toBase64url(epoch);
  epochs.set(epoch, spelt);
  return spelt;
};
/** An epoch is asked for at every step, and a chain has one. */
const epochs = new WeakMap<Chain["epoch"], string>();

const isOf = (a: Chain, b: Chain): boolean => a.terminal === b.terminal && equalBytes(a.epoch, b.epoch);

const nameOfRef = ({ terminal, epoch, seq }: EntryRef): string => `${terminal}/${epoch}/${seq}`;

const originalOf = ({ hash }: Said): string => nameOf(fromBase64url(String(hash)) ?? new Uint8Array(0));

/** Refusals that are counted in runs: codes at fault. */
const refusalReasons: Readonly<Record<string, true>> = {
  ...{ "not-ours": true, unreadable: true, stale: true, "from-the-future": true, "unknown-issuer": true },
  ...{ "bad-issuer-signature": true, "bad-holder-signature": true },
};
