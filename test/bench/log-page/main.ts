/** A page with a terminal's log and outbox, wired as on a terminal, and without its screens. */
import { browserClock as clock } from "../../../kiosk/adapters/clock.ts";
import { openDatabase } from "../../../kiosk/adapters/database.ts";
import { fileJournal } from "../../../kiosk/adapters/file-journal.ts";
import { makeKeyPair } from "../../../kiosk/adapters/key-pair.ts";
import { withLock } from "../../../kiosk/adapters/locks.ts";
import { logMark } from "../../../kiosk/adapters/log-mark.ts";
import { browserRandom as random } from "../../../kiosk/adapters/random.ts";
import { bundleStore } from "../../../kiosk/adapters/store-bundle.ts";
import { identityStore } from "../../../kiosk/adapters/store-identity.ts";
import { databaseCopy } from "../../../kiosk/adapters/store-log.ts";
import { createUplink } from "../../../kiosk/adapters/uplink.ts";
import { createBundleKeeper } from "../../../kiosk/bundle-keeper.ts";
import { identify, takeLink } from "../../../kiosk/enrol.ts";
import { createJournal } from "../../../kiosk/journal.ts";
import { createOutbox } from "../../../kiosk/outbox.ts";
import type { LogStore } from "../../../kiosk/ports.ts";
import { createTwinLog, lastingSeconds } from "../../../kiosk/twin-log.ts";
import { edgeKeysAt } from "../../../shared/root.ts";
import type { Decided } from "../../../shared/transaction.ts";
import BareFileWorker from "./bare-file.worker.ts?worker";

const createLog = (database: Awaited<ReturnType<typeof openDatabase>>) =>
  createTwinLog({
    first: databaseCopy(database),
    second: fileJournal(slot),
    marks: logMark(slot, localStorage),
    // As on a terminal that has been running for a while.
    clock: { after: (seconds, callback) => clock.after(seconds === lastingSeconds ? 0 : seconds, callback) },
    random,
    isNewHere: () => true,
  });

/** How long each entry took to be durable since they were last asked for, in milliseconds. */
let appendMs: number[] = [];

const timeAppends = (log: LogStore): LogStore => ({
  ...log,
  append: async (entry) => {
    const startedAt = performance.now();
    await log.append(entry);
    appendMs.push(performance.now() - startedAt);
  },
});

const slot = "bench";

/** `fragment`: of the enrolment link; an enrolled terminal needs none. `openMs`: what opening the log took. */
const openTerminal = async (fragment: string) => {
  const database = await openDatabase(slot);
  const log = createLog(database);
  const { identity, refusal } = await identify({
    link: takeLink(fragment, () => {}),
    uplink: createUplink({ origin: location.origin, now: clock.now, random }),
    store: identityStore(database),
    log,
    makeKeys: makeKeyPair,
    clock,
    onEnrolling: () => {},
    onNoServer: () => {},
  });
  if (identity === null) throw new Error(`not enrolled: ${refusal}`);
  const openedAt = performance.now();
  const stored = await log.open(identity.terminal);
  const openMs = performance.now() - openedAt;
  const journal = createJournal(stored, timeAppends(log), clock, random);
  const uplink = createUplink({ origin: location.origin, now: journal.now, random });
  const keeper = createBundleKeeper({
    store: bundleStore(database),
    ...{ uplink, clock, random, identity, now: journal.now },
  });
  await keeper.start();
  while (keeper.current() === null) await keeper.poll();
  keeper.stop();
  const outbox = createOutbox({
    log,
    chain: stored.chain,
    ackedSeq: stored.ackedSeq,
    uplink,
    identity,
    edgeKeys: () => {
      const inForce = keeper.current();
      return inForce === null ? [] : edgeKeysAt(inForce.bundle.root, journal.now());
    },
    clock,
    random,
    now: journal.now,
    head: journal.head,
    lock: withLock,
    onSigned: journal.raiseFloor,
    onDeadEnd: () => {},
  });
  return { log, journal, outbox, openMs, database };
};

let terminal: Awaited<ReturnType<typeof openTerminal>>;
let returnedAt = Number.NaN;
// Before the outbox listens.
addEventListener("online", () => {
  returnedAt = performance.now();
});

/** One after another, `pause` milliseconds apart: how long each took to be durable. */
const write = async (tap: Decided, count: number, pause: number): Promise<readonly number[]> => {
  appendMs = [];
  for (let each = 0; each < count; each++) {
    const identity = hex(random.bytes(32));
    const at = clock.now();
    const seen = { identity, issuedAt: at, windowUntil: at + 90, pseudonymKey: 1 };
    await terminal.journal.write({ ...tap, ...seen }, { pseudonym: identity.slice(0, 22) });
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  await terminal.log.settled();
  return appendMs;
};

/** Resolves when nothing is pending: milliseconds since the network returned, or since `sinceAt`. */
const drained = (sinceAt?: number): Promise<number> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (terminal.outbox.pending() === 0) resolve(performance.now() - (sinceAt ?? returnedAt));
    };
    terminal.outbox.onChange(look);
    look();
  });

/** A tap's entry, to the ack of it. */
const tapToAck = async (tap: Decided): Promise<number> => {
  const startedAt = performance.now();
  await write(tap, 1, 0);
  terminal.outbox.nudge();
  return drained(startedAt);
};

const leaveOne = async (tap: Decided): Promise<void> => {
  await write(tap, 1, 0);
  terminal.outbox.nudge();
};
/** When nothing was pending any more, by the clock of this machine, in milliseconds. */
const ackedAt = async (): Promise<number> => {
  await drained(0);
  return performance.timeOrigin + performance.now();
};

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The least that a durable write of so many bytes costs here: a transaction, and a file that is flushed. */
const writeBare = async (count: number, size: number) => ({
  database: await writeBareDatabase(count, size),
  file: await new Promise<readonly number[]>((resolve) => {
    const worker = new BareFileWorker();
    worker.onmessage = ({ data }: MessageEvent<readonly number[]>) => resolve(data);
    worker.postMessage({ count, size });
  }),
});

const writeBareDatabase = async (count: number, size: number): Promise<readonly number[]> => {
  const opening = indexedDB.open("bare", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("log");
  await new Promise((resolve) => {
    opening.onsuccess = resolve;
  });
  const times: number[] = [];
  for (let key = 0; key < count; key++) {
    const startedAt = performance.now();
    const writing = opening.result.transaction("log", "readwrite", { durability: "strict" });
    writing.objectStore("log").put(new Uint8Array(size), key);
    await new Promise((resolve) => {
      writing.oncomplete = resolve;
    });
    times.push(performance.now() - startedAt);
  }
  opening.result.close();
  return times;
};

const page = {
  open: async (fragment = "") => {
    terminal = await openTerminal(fragment);
    return { openMs: terminal.openMs, seq: terminal.journal.head().seq, alarms: terminal.log.alarms() };
  },
  start: () => terminal.outbox.start(),
  nudge: () => terminal.outbox.nudge(),
  /** `cursor`: as it lies on disk. */
  state: async () => ({
    seq: terminal.journal.head().seq,
    cursor: await terminal.database.look(["meta"], (tx) => tx.objectStore("meta").get("ackedSeq")),
    alarms: [...terminal.outbox.alarms(), ...terminal.log.alarms()],
  }),
  write,
  drained,
  tapToAck,
  leaveOne,
  ackedAt,
  writeBare,
};

declare global {
  var logBench: typeof page;
}
globalThis.logBench = page;
document.body.dataset.ready = "yes";
