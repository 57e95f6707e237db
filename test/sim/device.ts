/**
 * One terminal's hardware: its disks, its clock, its gate and the browser on it. Everything that the page's code asks of it
 * takes time and may meet a fault, and a page that has ended gets no more answers, ever.
 */
import type { Database } from "../../kiosk/adapters/database.ts";
import type { JournalThread } from "../../kiosk/journal-copy.ts";
import { createJournalFiles } from "../../kiosk/journal-files.ts";
import type { Clock, Mark } from "../../kiosk/ports.ts";
import { damageDatabase, damageFile, damageMark } from "./damage.ts";
import { createDatabaseDisk, type DatabaseDisk, type DatabaseImage, openSimulatedDatabase } from "./database.ts";
import type { Dice } from "./dice.ts";
import type { FaultAt, Faults } from "./faults.ts";
import { createFilesDisk, type FilesDisk, type FilesImage, type Thread } from "./files.ts";
import { createLocks, type Life, type Locks } from "./locks.ts";
import type { Scheduler } from "./scheduler.ts";

export type Image = { readonly database: DatabaseImage; readonly files: FilesImage; readonly mark: string | null };

export type DeviceParts = {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly faults: Faults;
  /** Before and after something is taken from the disks. `isDamage`: more than a crash may take. */
  readonly onLoss: (lose: () => void, kind: string, isDamage: boolean) => void;
  /** Every page here has ended. `seconds`: until somebody can start one. */
  readonly onDown: (kind: string, seconds: number) => void;
};

export type Device = {
  readonly name: string;
  readonly database: DatabaseDisk;
  readonly files: FilesDisk;
  readonly locks: Locks;
  readonly startPage: () => Life;
  readonly endPage: (life: Life) => void;
  readonly isUp: () => boolean;
  /** Does to a page, or to all of it, what the word says. */
  readonly strike: (life: Life, kind: string) => void;
  readonly kill: (kind: string) => void;
  readonly openDatabase: (life: Life) => Database;
  readonly startThread: (life: Life) => JournalThread;
  readonly storageFor: (life: Life) => Storage;
  readonly clockFor: (life: Life) => Clock;
  readonly after: (life: Life, milliseconds: number, happen: () => void) => () => void;
  readonly jumpClock: (milliseconds: number) => void;
  /** Faults of the disk that a page was told of. */
  readonly hasFailed: (life: Life) => boolean;
  /** Faults of the thread that has the files. */
  readonly hasThreadFailed: (life: Life) => boolean;
  /** Whether the mark, as it lies on the disk, is of this chain. */
  readonly isMarked: (epoch: string) => boolean;
  /** What the mark said of this chain when this page read it. */
  readonly markRead: (life: Life, epoch: string) => { readonly seq: number };
  readonly takeImage: () => void;
  readonly makeWell: () => void;
};

/** When the world begins: every world begins at the same instant. */
export const beginsAt = 1_800_000_000;
const markKeptMilliseconds = 5000;
/** Of a database's transactions: those in whose middle it begins a new file. */
const tornShare = 0.03;

export const createDevice = (parts: DeviceParts): Device => {
  const { name, scheduler, dice, faults } = parts;
  const database = createDatabaseDisk(scheduler.now, (writes) => (dice.chance(tornShare) ? 1 + dice.below(writes) : 0));
  const files = createFilesDisk(scheduler.now);
  const locks = createLocks();
  const lives = new Set<Life>();
  const threads = new WeakMap<Life, readonly Thread[]>();
  const marksRead = new WeakMap<Life, string | null>();
  const failed = new WeakSet<Life>();
  const threadFailed = new WeakSet<Life>();
  let mark: string | null = null;
  let markOnDisk: string | null = null;
  let markAt = 0;
  let image: Image | null = null;
  let clockOffset = 0;
  let fullUntil = 0;
  let isFree = 0;

  const after: Device["after"] = (life, milliseconds, happen) =>
    scheduler.after(milliseconds, () => {
      if (life.isAlive) happen();
    });

  const endPage = (life: Life): void => {
    life.isAlive = false;
    lives.delete(life);
    locks.release(life);
    for (const thread of threads.get(life) ?? []) files.release(thread);
  };

  const endAll = (): void => {
    for (const life of [...lives]) endPage(life);
    // The browser writes its local storage to disk when it likes.
    if (scheduler.now() - markAt > markKeptMilliseconds) markOnDisk = mark;
    mark = markOnDisk;
  };

  const kill = (kind: string): void => {
    parts.onLoss(endAll, kind, false);
    parts.onDown(kind, dice.between(2, 60));
  };

  const cutPower = (kind: string): void => {
    const lose = (): void => {
      endAll();
      database.cutPower();
      files.cutPower(dice);
    };
    parts.onLoss(lose, kind, false);
    parts.onDown(kind, dice.between(20, 120));
  };

  const damage = (kind: string): void => {
    if (dice.chance(0.3)) cutPower(`power ${kind}`);
    else kill(`kill ${kind}`);
    const lose = (): void => {
      if (kind === "damage-database") damageDatabase(database, image?.database ?? null, dice);
      if (kind === "damage-file") damageFile(files, image?.files ?? null, dice);
      if (kind === "damage-mark") mark = markOnDisk = damageMark(mark, image?.mark ?? null, dice);
    };
    parts.onLoss(lose, kind, true);
  };

  /** Nobody puts that right in less than minutes: what was shown before is over by then. */
  const replaceAll = (kind: string, next: Image): void => {
    cutPower(`power ${kind}`);
    const lose = (): void => {
      database.restore(next.database);
      files.restore(next.files);
      mark = markOnDisk = next.mark;
    };
    parts.onLoss(lose, kind, true);
    parts.onDown(kind, dice.between(150, 600));
  };

  const strike = (life: Life, kind: string): void => {
    if (kind.startsWith("kill") && lives.size > 1 && dice.chance(0.5)) endPage(life);
    else if (kind.startsWith("power")) cutPower(kind);
    else if (kind.startsWith("damage")) damage(kind);
    else if (kind === "storage-reset") replaceAll(kind, nothing);
    else if (kind === "stale-profile" && image !== null) replaceAll(kind, image);
    else kill(kind);
  };

  const fail = (life: Life, cause: string): Error => {
    failed.add(life);
    return new Error(cause);
  };

  const openDatabase = (life: Life): Database =>
    openSimulatedDatabase(
      database,
      (isWriting, transact) =>
        new Promise((resolve, reject) => {
          const begins = Math.max(isFree, scheduler.now()) + dice.between(0.3, isWriting ? 6 : 1);
          isFree = begins;
          after(life, begins - scheduler.now(), () => {
            const fault = faults.at("database");
            const isAfter = fault !== null && /after/.test(fault);
            if (fault === "disk-full") fullUntil = scheduler.now() + dice.between(1000, 120_000);
            else if (fault !== null && !isAfter && fault !== "write-error") return strike(life, fault);
            const answer = (give: () => void): void => {
              if (fault !== null && isAfter && fault !== "error-after-commit") strike(life, fault);
              else after(life, 0.2, give);
            };
            transact(() => {
              if (!life.isAlive) throw new Error("AbortError: the page has ended");
              if (!isWriting) return;
              if (fullUntil > scheduler.now()) throw fail(life, "QuotaExceededError");
              if (fault === "write-error") throw fail(life, "UnknownError: the disk failed");
            }).then(
              (result) =>
                answer(() => {
                  if (fault === "error-after-commit" && isWriting) reject(fail(life, "UnknownError: lost sight of it"));
                  else resolve(result);
                }),
              (reason) => after(life, 0.2, () => reject(reason)),
            );
          });
        }),
    );

  const startThread = (life: Life): JournalThread => {
    let isEnded = false;
    let met: FaultAt<"file"> | null = null;
    const thread: Thread = {
      check: (step, _, length) => {
        if (!life.isAlive || isEnded) throw new Error("the thread has ended");
        if (step === "flush" && met === "power-before-flush") {
          strike(life, met);
          throw new Error("the thread has ended");
        }
        if (step !== "write") return length;
        if (fullUntil > scheduler.now()) {
          threadFailed.add(life);
          throw new Error("QuotaExceededError");
        }
        if (met === "torn-write") after(life, 0, () => strike(life, "power-torn-write"));
        if (met === "short-write") threadFailed.add(life);
        return met === "torn-write" || met === "short-write" ? dice.below(length + 1) : length;
      },
    };
    threads.set(life, [...(threads.get(life) ?? []), thread]);
    const answerTo = createJournalFiles(async () => files.folderFor(thread));
    let asked = scheduler.now();
    return {
      ask: (request) =>
        new Promise((resolve) => {
          asked = Math.max(asked, scheduler.now()) + dice.between(0.2, 8);
          after(life, asked - scheduler.now(), () => {
            const fault = faults.at("file");
            met = fault;
            if (fault?.endsWith("before")) return strike(life, fault);
            if (fault === "thread-fails") {
              threadFailed.add(life);
              return resolve({ kind: "failed", cause: "journal does not answer" });
            }
            void answerTo(request).then((answer) => {
              if (fault?.endsWith("after")) return strike(life, fault);
              after(life, 0.1, () => resolve(answer));
            });
          });
        }),
      end: () => {
        isEnded = true;
        files.release(thread);
      },
    };
  };

  return {
    ...{ name, database, files, locks, endPage, strike, kill, openDatabase, startThread, after },
    startPage: () => {
      const life = { isAlive: true };
      lives.add(life);
      return life;
    },
    isUp: () => lives.size > 0,
    storageFor: (life) =>
      ({
        getItem: () => {
          marksRead.set(life, mark);
          return mark;
        },
        setItem: (_: string, value: string) => {
          if (!life.isAlive) return;
          if (fullUntil > scheduler.now()) throw new Error("QuotaExceededError");
          if (scheduler.now() - markAt > markKeptMilliseconds) markOnDisk = mark;
          [mark, markAt] = [value, scheduler.now()];
        },
      }) as Partial<Storage> as Storage,
    clockFor: (life) => {
      const startedAt = scheduler.now() - 1000;
      return {
        now: () => beginsAt + Math.floor((scheduler.now() + clockOffset) / 1000),
        ticks: () => scheduler.now() - startedAt,
        after: (seconds, callback) => after(life, seconds * 1000, callback),
      };
    },
    jumpClock: (milliseconds) => {
      clockOffset = milliseconds;
    },
    hasFailed: (life) => failed.has(life),
    hasThreadFailed: (life) => threadFailed.has(life),
    isMarked: (epoch) => readMark(markOnDisk).epoch === epoch,
    markRead: (life, epoch) => {
      const read = readMark(marksRead.get(life) ?? null);
      return { seq: read.epoch === epoch ? (read.seq ?? 0) : 0 };
    },
    takeImage: () => {
      image = { database: database.image(), files: files.image(), mark };
    },
    makeWell: () => {
      [fullUntil, clockOffset] = [0, 0];
    },
  };
};

const readMark = (mark: string | null): Partial<Mark> => {
  try {
    return JSON.parse(mark ?? "{}");
  } catch {
    return {};
  }
};

const nothing: Image = { database: new Map(), files: new Map(), mark: null };
