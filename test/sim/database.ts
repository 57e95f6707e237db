/**
 * An IndexedDB database as far as store-log.ts uses one: rows by store and key, transactions one after another, all of one
 * or nothing of it. A commit is strict: on the disk before it is answered, but for the first writes of some (`tornOf`), for
 * a moment, as where LevelDB begins a new file in the middle of one. What is not on the disk goes with the power.
 */
import type { Database } from "../../kiosk/adapters/database.ts";

type Key = number | string;
type Range = { readonly low: number; readonly high: number };
type Undo = { readonly store: string; readonly key: Key; readonly before: unknown };
type Rows = { readonly byKey: Map<Key, unknown>; bottom: number; top: number; next: number };

/** What lies there, as it was once. */
export type DatabaseImage = ReadonlyMap<string, ReadonlyMap<Key, unknown>>;

export type DatabaseDisk = {
  readonly rows: (store: string) => ReadonlyMap<Key, unknown>;
  /** Runs `steps` as one transaction, now. */
  readonly transact: <T>(steps: (tx: unknown) => Promise<T>, checkCommit: () => void) => Promise<T>;
  readonly isOnDisk: (store: string, key: Key) => boolean;
  readonly cutPower: () => void;
  readonly image: () => DatabaseImage;
  readonly restore: (image: DatabaseImage) => void;
  /** From outside of any transaction, as a damage does. `undefined` deletes. */
  readonly overwrite: (store: string, key: Key, value: unknown) => void;
};

const isStrict = true;
/** Without strictness the system writes when it likes. */
const unwrittenMax = 40;
/** So long the file before is on its way. */
const tornMilliseconds = 100;

/** `tornOf`: of so many writes of one transaction, how many of the first reach the disk only later. */
export const createDatabaseDisk = (
  now: () => number = () => 0,
  tornOf: (writes: number) => number = () => 0,
): DatabaseDisk => {
  let stores = new Map<string, Rows>();
  /** How to take back what is committed and not on the disk before `until`, newest last. */
  let unwritten: (Undo & { readonly until: number })[] = [];

  const open = (store: string): Rows => {
    const known = stores.get(store);
    if (known !== undefined) return known;
    const rows: Rows = { byKey: new Map(), bottom: Number.POSITIVE_INFINITY, top: 0, next: 1 };
    stores.set(store, rows);
    return rows;
  };

  const set = (store: string, key: Key, value: unknown): void => {
    const rows = open(store);
    if (value === undefined) {
      rows.byKey.delete(key);
      return;
    }
    rows.byKey.set(key, value);
    if (typeof key !== "number") return;
    rows.bottom = Math.min(rows.bottom, key);
    rows.top = Math.max(rows.top, key);
    rows.next = Math.max(rows.next, key + 1);
  };

  const keysIn = (store: string, range: Range, max: number): readonly number[] => {
    const rows = open(store);
    const keys: number[] = [];
    for (let key = Math.max(rows.bottom, range.low); key <= Math.min(rows.top, range.high); key++) {
      if (keys.length >= max) break;
      if (rows.byKey.has(key)) keys.push(key);
    }
    return keys;
  };

  const transact: DatabaseDisk["transact"] = async (steps, checkCommit) => {
    const undo: Undo[] = [];
    const write = (store: string, key: Key, value: unknown): void => {
      undo.push({ store, key, before: open(store).byKey.get(key) });
      set(store, key, value);
    };
    const objectStore = (store: string) => ({
      get: async (key: Key) => open(store).byKey.get(key),
      getAll: async (range?: Range, max = Number.POSITIVE_INFINITY) =>
        keysIn(store, range ?? everything, max).map((key) => open(store).byKey.get(key)),
      getAllKeys: async (range?: Range, max = Number.POSITIVE_INFINITY) => keysIn(store, range ?? everything, max),
      openCursor: async (range?: Range) => {
        const [key] = keysIn(store, range ?? everything, 1);
        return key === undefined ? null : { key, value: open(store).byKey.get(key) };
      },
      count: async (range?: Range) => keysIn(store, range ?? everything, Number.POSITIVE_INFINITY).length,
      put: async (value: unknown, key?: Key) => write(store, key ?? keyIn(store, value), value),
      add: async (value: unknown, key?: Key) => {
        const place = key ?? keyIn(store, value);
        if (open(store).byKey.has(place)) throw new Error(`ConstraintError: ${store} has ${place}`);
        write(store, place, value);
        return place;
      },
      clear: async () => {
        for (const key of open(store).byKey.keys()) write(store, key, undefined);
      },
      delete: async (of: Key | Range) => {
        if (typeof of !== "object") return open(store).byKey.has(of) ? write(store, of, undefined) : undefined;
        for (const key of keysIn(store, of, Number.POSITIVE_INFINITY)) write(store, key, undefined);
        const rows = open(store);
        if (of.low <= rows.bottom) rows.bottom = Math.max(rows.bottom, Math.min(of.high + 1, rows.top + 1));
        return undefined;
      },
    });
    const keyIn = (store: string, value: unknown): Key =>
      store === "log" ? (value as { readonly seq: number }).seq : open(store).next;
    try {
      const result = await steps({ objectStore });
      checkCommit();
      if (undo.length > 0) commit(undo);
      return result;
    } catch (reason) {
      takeBack(undo);
      throw reason;
    }
  };

  const commit = (undo: readonly Undo[]): void => {
    if (!isStrict) {
      const never = undo.map((each) => ({ ...each, until: Number.POSITIVE_INFINITY }));
      unwritten = [...unwritten, ...never].slice(-unwrittenMax);
      return;
    }
    // Nor does it begin another file so soon.
    const torn = lost().length > 0 ? 0 : tornOf(undo.length);
    const until = now() + tornMilliseconds;
    const isBelow = ({ store, key }: Undo) => undo.slice(torn).some((each) => each.store === store && each.key === key);
    const others = unwritten.length === 0 ? [] : unwritten.filter((each) => !isBelow(each));
    unwritten = [...others, ...undo.slice(0, torn).map((each) => ({ ...each, until }))];
  };

  /** What the power would take now. */
  const lost = (): readonly Undo[] =>
    unwritten.length === 0 ? unwritten : unwritten.filter(({ until }) => until > now());

  const takeBack = (undo: readonly Undo[]): void => {
    for (const { store, key, before } of undo.toReversed()) {
      set(store, key, before);
      if (typeof key === "number") open(store).bottom = Math.min(open(store).bottom, key);
    }
  };

  return {
    rows: (store) => open(store).byKey,
    transact,
    isOnDisk: (store, key) => {
      const value = open(store).byKey.get(key);
      const isSafe = (each: Undo) => each.store !== store || each.key !== key || each.before === value;
      return value !== undefined && lost().every(isSafe);
    },
    cutPower: () => {
      takeBack(lost());
      unwritten = [];
    },
    image: () => new Map([...stores].map(([name, { byKey }]) => [name, new Map(byKey)])),
    restore: (image) => {
      stores = new Map();
      unwritten = [];
      for (const [name, rows] of image) for (const [key, value] of rows) set(name, key, value);
    },
    overwrite: set,
  };
};

/** What a page has of it. `run` says when each transaction has its turn, and whether its page is still there. */
export const openSimulatedDatabase = (
  disk: DatabaseDisk,
  run: <T>(isWriting: boolean, transact: (checkCommit: () => void) => Promise<T>) => Promise<T>,
): Database => ({
  look: (_, steps) => run(false, (check) => disk.transact(steps as (tx: unknown) => Promise<never>, check)),
  change: (_, steps) => run(true, (check) => disk.transact(steps as (tx: unknown) => Promise<never>, check)),
  close: () => {},
});

const everything: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** The platform's ranges, of whole numbers. */
export const replaceKeyRange = (): void => {
  const IDBKeyRange = {
    lowerBound: (low: number, isOpen = false): Range => ({ ...everything, low: isOpen ? low + 1 : low }),
    upperBound: (high: number, isOpen = false): Range => ({ ...everything, high: isOpen ? high - 1 : high }),
    only: (key: number): Range => ({ low: key, high: key }),
    bound: (low: number, high: number): Range => ({ low, high }),
  };
  Object.assign(globalThis, { IDBKeyRange });
};
