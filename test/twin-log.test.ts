/** The log kept twice: which copy decides, what the second may do, and what is done about one that fails. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { FirstCopy, FoundCopy, LogContent, Mark, Remains } from "../kiosk/ports.ts";
import { createTwinLog } from "../kiosk/twin-log.ts";
import { toBase64url } from "../shared/bytes.ts";
import { type Chain, type Entry, genesisOf, type Head } from "../shared/log.ts";
import { chainOf, copyOf, writeChain, writeEntries } from "./log-copies.ts";

/** A copy in memory, as strict about what follows as the real ones. */
type MemoryCopy = FirstCopy & {
  entries: Entry[];
  chain: Chain | null;
  head: Head | null;
  ackedSeq: number;
  floorAt: number;
  readonly kept: Remains[];
  /** Why it does nothing. */
  fault: string | null;
  readonly calls: string[];
};

const createCopy = (): MemoryCopy => {
  const call = async (name: string): Promise<void> => {
    copy.calls.push(name);
    if (copy.fault !== null) throw new Error(copy.fault);
  };
  const read = async (seq: number, max: number) => copy.entries.filter((each) => each.seq >= seq).slice(0, max);
  const copy: MemoryCopy = {
    entries: [],
    chain: null,
    head: null,
    ackedSeq: 0,
    floorAt: 0,
    kept: [],
    fault: null,
    calls: [],
    read,
    find: async () => {
      await call("find");
      const { ackedSeq, floorAt, chain, head } = copy;
      return chain === null && copy.entries.length === 0
        ? []
        : [{ ...copyOf(chain, copy.entries, { ackedSeq, floorAt, head }), read }];
    },
    rewrite: async (content: LogContent) => {
      await call("rewrite");
      const entries: Entry[] = [];
      for (let seq = content.firstSeq; seq <= content.head.seq; ) {
        const next = await content.read(seq, 2);
        entries.push(...next);
        seq = (next.at(-1)?.seq ?? content.head.seq) + 1;
      }
      const { chain, head, ackedSeq, floorAt } = content;
      Object.assign(copy, { entries, chain, head, ackedSeq, floorAt });
    },
    append: async (after, entries) => {
      await call(`append ${entries.map(({ seq }) => seq).join(" ")}`);
      if (after.seq !== copy.head?.seq) throw new Error(`not after ${after.seq}`);
      copy.entries.push(...entries);
      const newest = entries.at(-1);
      copy.head = newest === undefined ? after : { seq: newest.seq, hash: newest.hash };
    },
    appendAlone: async (after, entry) => {
      await copy.append(after, [entry]);
      await call(`twice ${entry.seq}`);
    },
    acknowledge: async (seq, floorAt) => {
      await call(`acknowledge ${seq}`);
      Object.assign(copy, { ackedSeq: Math.max(copy.ackedSeq, seq), floorAt: Math.max(copy.floorAt, floorAt) });
    },
    dropBefore: async (seq) => {
      await call(`drop ${seq}`);
      copy.entries = copy.entries.filter((each) => each.seq >= seq);
    },
    firstKept: async (keptSeconds) => Math.min(keptSeconds, copy.ackedSeq),
    keepRemains: async ({ chain }: FoundCopy, entries) => {
      copy.kept.push({ key: copy.kept.length + 1, chain, entries });
    },
    remains: async (after) => copy.kept.find(({ key }) => key > after) ?? null,
    dropRemains: async (key) => void copy.kept.splice(key - 1, 1),
  };
  return copy;
};

let first: MemoryCopy;
let second: MemoryCopy;
let mark: Mark | null;
let isNewHere: boolean;
let timers: { readonly seconds: number; readonly callback: () => void }[];

beforeEach(() => {
  [first, second, mark, isNewHere, timers] = [createCopy(), createCopy(), null, false, []];
});

const create = () =>
  createTwinLog({
    first,
    second,
    marks: {
      read: () => mark,
      write: (next) => {
        mark = next;
      },
    },
    clock: {
      after: (seconds, callback) => {
        if (seconds === 0) setTimeout(callback);
        if (seconds === 0) return () => {};
        const timer = { seconds, callback };
        timers.push(timer);
        return () => {
          timers = timers.filter((each) => each !== timer);
        };
      },
    },
    random: { bytes: (length) => new Uint8Array(length).fill(7) },
    isNewHere: () => isNewHere,
  });

/** Until the second copy has done what it was asked. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const ring = async () => {
  const due = timers;
  timers = [];
  for (const { callback } of due) callback();
  await settle();
};
const fill = async (copy: MemoryCopy, entries: readonly Entry[], chain = chainOf(7)): Promise<void> => {
  const newest = entries.at(-1);
  const head = newest === undefined ? await genesisOf(chain) : { seq: newest.seq, hash: newest.hash };
  Object.assign(copy, { entries: [...entries], chain, head });
};
const seqsOf = (copy: MemoryCopy) => copy.entries.map(({ seq }) => seq);

describe("writing", () => {
  test("the second copy gets what the first has taken, in order, and nobody waits for it more than a second", async () => {
    const log = create();
    const { head } = await log.open("t-1");
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { append } = second;
    Object.assign(second, { append: async (...all: Parameters<typeof append>) => held.then(() => append(...all)) });
    for (const entry of await writeEntries(head, 5)) {
      let isThere = false;
      const before = [...timers];
      const written = log.append(entry).then(() => {
        isThere = true;
      });
      await expect.poll(() => timers.filter((each) => !before.includes(each))).toMatchObject([{ seconds: 1 }]);
      expect(isThere).toBe(false);
      await ring();
      await written;
    }
    expect([seqsOf(first), seqsOf(second)]).toEqual([[1, 2, 3, 4, 5], []]);
    release();
    await settle();
    expect(second.entries).toEqual(first.entries);
    expect(second.calls.filter((call) => call.startsWith("append"))).toEqual(["append 1", "append 2 3 4 5"]);
  });

  test("the gate opens when both copies have an entry, however late the first is; the next one waits for that", async () => {
    const log = create();
    const [one, two] = await writeEntries((await log.open("t-1")).head, 2);
    if (one === undefined || two === undefined) throw new Error();
    await log.settled();
    const { append } = first;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    Object.assign(first, { append: async (...all: Parameters<typeof append>) => held.then(() => append(...all)) });
    let isThere = false;
    const written = log.append(one).then(() => {
      isThere = true;
      return log.append(two);
    });
    await expect.poll(() => seqsOf(second)).toEqual([1]);
    await settle();
    await ring();
    expect([isThere, seqsOf(first), seqsOf(second)]).toEqual([false, [], [1]]);
    release();
    await written;
    expect(isThere).toBe(true);
    await log.settled();
    expect([seqsOf(first), seqsOf(second)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test("a minute later the second copy's word is enough, and the next entry still waits for the first", async () => {
    const log = create();
    const [one, two] = await writeEntries((await log.open("t-1")).head, 2);
    if (one === undefined || two === undefined) throw new Error();
    await log.settled();
    await ring();
    const { append } = first;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    Object.assign(first, { append: async (...all: Parameters<typeof append>) => held.then(() => append(...all)) });
    await log.append(one);
    expect([seqsOf(first), seqsOf(second)]).toEqual([[], [1]]);
    let isThere = false;
    const written = log.append(two).then(() => {
      isThere = true;
    });
    await settle();
    expect([isThere, seqsOf(second)]).toEqual([false, [1]]);
    release();
    await written;
    await log.settled();
    expect([seqsOf(first), seqsOf(second)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    // Opened again, it may be another file.
    await log.open("t-1");
    expect(timers.map(({ seconds }) => seconds)).toContain(60);
  });

  test.each([
    ["in the first minute both are asked", async () => {}, [1]],
    ["later the first is asked once the second has it", ring, []],
  ])("the first copy's word alone is never enough while the second works: %s", async (_, begin, inFirst) => {
    const log = create();
    const [one] = await writeEntries((await log.open("t-1")).head, 1);
    if (one === undefined) throw new Error();
    await log.settled();
    await begin();
    const { append } = second;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    Object.assign(second, { append: async (...all: Parameters<typeof append>) => held.then(() => append(...all)) });
    let isThere = false;
    const written = log.append(one).then(() => {
      isThere = true;
    });
    await settle();
    expect([isThere, seqsOf(first)]).toEqual([false, inFirst]);
    release();
    await written;
    await log.settled();
    expect([seqsOf(first), seqsOf(second)]).toEqual([[1], [1]]);
  });

  test("a minute later the first copy is asked a second after a second copy that says nothing", async () => {
    const log = create();
    const [one] = await writeEntries((await log.open("t-1")).head, 1);
    if (one === undefined) throw new Error();
    await log.settled();
    await ring();
    Object.assign(second, { append: () => new Promise(() => {}) });
    const written = log.append(one);
    await expect.poll(() => timers).toMatchObject([{ seconds: 1 }]);
    expect(seqsOf(first)).toEqual([]);
    await ring();
    await written;
    expect(seqsOf(first)).toEqual([1]);
  });

  describe("the first copy writes an entry twice wherever it counts by itself", () => {
    const twice = () => first.calls.filter((call) => call.startsWith("twice"));
    const begin = async (isLasting: boolean) => {
      const log = create();
      const entries = await writeEntries((await log.open("t-1")).head, 2);
      await log.settled();
      if (isLasting) await ring();
      return { log, one: entries[0] as Entry, two: entries[1] as Entry };
    };

    test("in the first minute, before anybody is answered", async () => {
      const { log, one, two } = await begin(false);
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { appendAlone } = first;
      Object.assign(first, {
        appendAlone: (...asked: Parameters<typeof appendAlone>) => appendAlone(...asked).then(() => held),
      });
      let isThere = false;
      const written = log.append(one).then(() => {
        isThere = true;
        return log.append(two);
      });
      await settle();
      expect([isThere, seqsOf(first), seqsOf(second)]).toEqual([false, [1], [1]]);
      release();
      await written;
      expect(twice()).toEqual(["twice 1", "twice 2"]);
    });

    test("not where the second has it for good", async () => {
      const { log, one, two } = await begin(true);
      await log.append(one);
      await log.append(two);
      await log.settled();
      expect([twice(), seqsOf(first)]).toEqual([[], [1, 2]]);
    });

    test("where the second is late", async () => {
      const { log, one } = await begin(true);
      Object.assign(second, { append: () => new Promise(() => {}) });
      const written = log.append(one);
      await expect.poll(() => timers).toMatchObject([{ seconds: 1 }]);
      await ring();
      await written;
      expect(twice()).toEqual(["twice 1"]);
    });

    test("where the second fails", async () => {
      const { log, one, two } = await begin(true);
      second.fault = "the thread ended";
      await log.append(one);
      await log.append(two);
      expect(twice()).toEqual(["twice 1", "twice 2"]);
    });

    test("and where that fails, nothing more is written", async () => {
      const { log, one, two } = await begin(false);
      const failures: string[] = [];
      log.onFailed((cause) => failures.push(cause));
      const { appendAlone } = first;
      const failing = () => Promise.reject(new Error("the disk is full"));
      Object.assign(first, {
        appendAlone: (...asked: Parameters<typeof appendAlone>) => appendAlone(...asked).then(failing),
      });
      await expect(log.append(one)).rejects.toThrow("the disk is full");
      await expect(log.append(two)).rejects.toThrow("the disk is full");
      expect([failures, seqsOf(first)]).toEqual([["the disk is full"], [1]]);
    });
  });

  test("what the second copy's word was enough for is read as soon as the first has it", async () => {
    const log = create();
    const [one] = await writeEntries((await log.open("t-1")).head, 1);
    if (one === undefined) throw new Error();
    await log.settled();
    await ring();
    await log.append(one);
    expect(seqsOf(first)).toEqual([]);
    expect(await log.read(1, 1)).toEqual([one]);
  });

  test("a first copy that fails a moment after the second took an entry ends all writing, and that is told at once", async () => {
    const log = create();
    const [one, two] = await writeEntries((await log.open("t-1")).head, 2);
    if (one === undefined || two === undefined) throw new Error();
    await log.settled();
    await ring();
    Object.assign(first, { append: async () => settle().then(() => Promise.reject(new Error("the disk is full"))) });
    const failures: string[] = [];
    log.onFailed((cause) => failures.push(cause));
    await log.append(one);
    await expect.poll(() => failures).toEqual(["the disk is full"]);
    await expect(log.append(two)).rejects.toThrow("the disk is full");
    expect(seqsOf(second)).toEqual([1]);
  });

  test("what only the second copy has, since the first failed, is not written over when the second is written anew", async () => {
    const log = create();
    const [one, two] = await writeEntries((await log.open("t-1")).head, 2);
    if (one === undefined || two === undefined) throw new Error();
    await log.settled();
    await ring();
    Object.assign(first, { append: async () => settle().then(() => Promise.reject(new Error("the disk is full"))) });
    await log.append(one);
    second.fault = "the thread ended";
    await log.acknowledge(0, 900);
    await log.settled();
    second.fault = null;
    second.calls.length = 0;
    await ring();
    expect([second.calls, seqsOf(second), seqsOf(first)]).toEqual([[], [1], []]);
  });

  test("what the first does not take is not written, nor is anything after it", async () => {
    const log = create();
    const [one, two] = await writeEntries((await log.open("t-1")).head, 2);
    if (one === undefined || two === undefined) throw new Error();
    await log.settled();
    [first.fault, second.fault] = ["the disk is full", "the disk is full"];
    await expect(log.append(one)).rejects.toThrow("the disk is full");
    [first.fault, second.fault] = [null, null];
    await expect(log.append(one)).rejects.toThrow("the disk is full");
    await expect(log.append(two)).rejects.toThrow("the disk is full");
    expect(seqsOf(first)).toEqual([]);
    await log.open("t-1");
    await log.append(one);
    await log.settled();
    expect([seqsOf(first), seqsOf(second)]).toEqual([[1], [1]]);
  });

  test("a first copy that fails behind the second's back ends all writing; opened again, it gets what it missed", async () => {
    const log = create();
    const [one, two] = await writeEntries((await log.open("t-1")).head, 2);
    if (one === undefined || two === undefined) throw new Error();
    await log.settled();
    const { append } = first;
    const late = async () => settle().then(() => Promise.reject(new Error("the disk is full")));
    Object.assign(first, { append: late });
    await expect(log.append(one)).rejects.toThrow("the disk is full");
    await expect(log.append(two)).rejects.toThrow("the disk is full");
    Object.assign(first, { append });
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 1 }, isNew: false });
    expect([seqsOf(first), first.calls.filter((call) => call === "rewrite"), log.alarms()]).toEqual([
      [1],
      ["rewrite"],
      [],
    ]);
    await log.append(two);
    expect(seqsOf(first)).toEqual([1, 2]);
  });

  test("a second copy that fails is told, and written anew after a while: 5 s, 10 s, ... 300 s", async () => {
    isNewHere = true;
    const log = create();
    let changes = 0;
    log.onChange(() => changes++);
    const entries = await writeEntries((await log.open("t-1")).head, 12);
    await settle();
    second.fault = "no file";
    const pauses: number[] = [];
    for (const entry of entries.slice(0, 9)) {
      await log.append(entry);
      await settle();
      pauses.push(...timers.filter(({ seconds }) => seconds > 1 && seconds !== 60).map(({ seconds }) => seconds));
      expect(log.alarms()).toEqual(["the log's second copy fails: no file"]);
      await ring();
    }
    expect([...new Set(pauses)]).toEqual([5, 10, 20, 40, 80, 160, 300]);
    expect(seqsOf(first)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seqsOf(second)).toEqual([]);
    second.fault = null;
    const before = changes;
    for (const { callback } of timers) callback();
    for (const entry of entries.slice(9)) await log.append(entry);
    await settle();
    expect(second.entries).toEqual(entries);
    expect(log.alarms()).toEqual([]);
    expect(changes).toBeGreaterThan(before);
  });

  test("the mark follows, at most once a second", async () => {
    const log = create();
    const { chain, head } = await log.open("t-1");
    expect(mark).toEqual({ epoch: toBase64url(chain.epoch), seq: 0 });
    for (const entry of await writeEntries(head, 3)) await log.append(entry);
    expect(mark?.seq).toBe(0);
    expect(timers.filter(({ seconds }) => seconds === 1)).toHaveLength(1);
    await ring();
    expect(mark?.seq).toBe(3);
  });

  test("acknowledging and pruning reach both", async () => {
    const log = create();
    for (const entry of await writeEntries((await log.open("t-1")).head, 6)) await log.append(entry);
    await log.acknowledge(4, 900);
    await log.prune(3);
    await log.settled();
    expect([seqsOf(first), seqsOf(second)]).toEqual([
      [3, 4, 5, 6],
      [3, 4, 5, 6],
    ]);
    expect([second.ackedSeq, second.floorAt]).toEqual([4, 900]);
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 6 }, ackedSeq: 4, floorAt: 900, isNew: false });
  });

  test("a chain is new until something stands in it", async () => {
    const log = create();
    const { chain, isNew, head } = await log.open("t-1");
    await log.settled();
    expect([isNew, await log.open("t-1")]).toMatchObject([true, { chain, isNew: true }]);
    for (const entry of await writeEntries(head, 1)) await log.append(entry);
    expect(await log.open("t-1")).toMatchObject({ chain, isNew: false });
  });
});

describe("opening", () => {
  const chain = chainOf(7);

  test("a first copy that was lost is restored before anything is written", async () => {
    const entries = await writeChain(chain, 5);
    await fill(second, entries);
    Object.assign(second, { ackedSeq: 2, floorAt: 800 });
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ chain, head: { seq: 5 }, ackedSeq: 2, floorAt: 800, isNew: false });
    expect(first).toMatchObject({ entries, ackedSeq: 2, floorAt: 800 });
    expect(log.alarms()).toEqual(["the log in the database was damaged: it is restored from its second copy"]);
    for (const entry of await writeEntries(entries[4] ?? (await genesisOf(chain)), 1)) await log.append(entry);
    await settle();
    expect([seqsOf(first), seqsOf(second)]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  test("a first copy that lacks the end gets it from the second: more than one entry is said", async () => {
    const entries = await writeChain(chain, 5);
    for (const [missing, alarms] of [
      [1, []],
      [3, ["the log in the database lacked its last 3 entries: restored"]],
    ] as const) {
      [first, second] = [createCopy(), createCopy()];
      await fill(first, entries.slice(0, -missing));
      await fill(second, entries);
      second.ackedSeq = 4;
      const log = create();
      expect(await log.open("t-1")).toMatchObject({ head: { seq: 5 }, ackedSeq: 4, isNew: false });
      expect(first).toMatchObject({ entries, ackedSeq: 4 });
      expect(first.calls).not.toContain("rewrite");
      expect(log.alarms()).toEqual(alarms);
    }
  });

  test("a second copy that is a little behind catches up, and nothing is said", async () => {
    const entries = await writeChain(chain, 5);
    await fill(first, entries);
    await fill(second, entries.slice(0, 3));
    const log = create();
    await log.open("t-1");
    await settle();
    expect(second.entries).toEqual(entries);
    expect(second.calls).not.toContain("rewrite");
    expect(log.alarms()).toEqual([]);
  });

  test("a second copy that is gone or damaged is written anew, and that is said", async () => {
    const entries = await writeChain(chain, 5);
    await fill(first, entries);
    const log = create();
    await log.open("t-1");
    expect(log.alarms()).toEqual(["the log's second copy was gone: it is written anew"]);
    await settle();
    expect(second.entries).toEqual(entries);
    second.entries.splice(2, 1);
    await log.open("t-1");
    expect(log.alarms()).toEqual(["the log's second copy was damaged: it is written anew"]);
    await settle();
    expect(second.entries).toEqual(entries);
    await log.open("t-1");
    expect(log.alarms()).toEqual([]);
  });

  test("a second copy that cannot be opened, or not be read, keeps nobody from serving", async () => {
    const entries = await writeChain(chain, 5);
    await fill(first, entries);
    await fill(second, entries);
    second.fault = "no file";
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 5 }, isNew: false });
    expect(log.alarms()).toEqual(["the log's second copy fails: no file"]);
    second.fault = null;
    await ring();
    expect(log.alarms()).toEqual([]);
    const { find } = second;
    const unreadable = async () => {
      throw new Error("unreadable");
    };
    Object.assign(second, { find: async () => (await find()).map((copy) => ({ ...copy, read: unreadable })) });
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 5 }, isNew: false });
    await settle();
    expect(second.entries).toEqual(entries);
  });

  test("a second copy that fails once is begun afresh: an entry that it alone has was answered, and is not done without", async () => {
    const entries = await writeChain(chain, 5);
    await fill(first, entries.slice(0, 4));
    await fill(second, entries);
    const { find } = second;
    let fails = 1;
    const failsOnce = () => (fails-- > 0 ? Promise.reject(new Error("journal does not answer")) : find());
    Object.assign(second, { find: failsOnce });
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 5 }, isNew: false });
    expect([first.entries, log.alarms()]).toEqual([entries, []]);
    // Nor does one that fails while it is read.
    first.entries.pop();
    first.head = entries[3] ?? null;
    fails = 1;
    const readOnce = async () => (await find()).map((copy) => ({ ...copy, read: failing(copy.read) }));
    const failing = (read: FoundCopy["read"]): FoundCopy["read"] =>
      fails-- > 0 ? () => Promise.reject(new Error("journal does not answer")) : read;
    Object.assign(second, { find: readOnce });
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 5 }, isNew: false });
    expect([first.entries, log.alarms()]).toEqual([entries, []]);
    expect(timers.map(({ seconds }) => seconds)).toEqual([60]);
  });

  test("a second copy that could not be read is not written over where it has what the first lacks; opened again, that is told", async () => {
    const entries = await writeChain(chain, 5);
    await fill(first, entries.slice(0, 4));
    await fill(second, entries);
    second.fault = "no file";
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 4 }, isNew: false });
    const [other] = await writeEntries(entries[3] ?? (await genesisOf(chain)), 1, "else");
    if (other === undefined) throw new Error();
    await log.append(other);
    second.fault = null;
    for (let again = 0; again < 2; again++) {
      const looked = second.calls.length;
      await ring();
      await vi.waitFor(() => {
        expect(second.calls.length).toBeGreaterThan(looked);
        expect(log.alarms()).toEqual([
          "the log's second copy fails: it holds what the first lacks: open this page again",
        ]);
        expect(timers.some(({ seconds }) => seconds > 1 && seconds < 60)).toBe(true);
      }, 20_000);
      expect([second.entries, second.calls.includes("rewrite")]).toEqual([entries, false]);
    }
    expect(await create().open("t-1")).toMatchObject({ isNew: true });
    const told = first.kept.flatMap(({ entries: kept }) => kept);
    expect(told).toEqual([...entries.slice(0, 4), other, ...entries.slice(4)]);
  });

  test("a second copy that fails while what remains of a lost log is kept: nothing is begun", async () => {
    const entries = await writeChain(chainOf(9), 120);
    await fill(first, entries.slice(0, 2), chainOf(9));
    await fill(second, entries, chainOf(9));
    mark = { epoch: toBase64url(chainOf(9).epoch), seq: 130 };
    const { find } = second;
    let reads = 0;
    const read: FoundCopy["read"] = async (seq, max) => {
      if (max === 50 && ++reads > 1) throw new Error("journal does not answer");
      return second.read(seq, max);
    };
    Object.assign(second, { find: async () => (await find()).map((copy) => ({ ...copy, read })) });
    await expect(create().open("t-1")).rejects.toThrow("its second copy cannot be read");
    expect([...first.calls, ...second.calls].filter((call) => call === "rewrite")).toEqual([]);
  });

  test("a cursor that only the second copy knew is the first's again", async () => {
    const entries = await writeChain(chain, 5);
    await fill(first, entries);
    await fill(second, entries);
    second.ackedSeq = 3;
    expect(await create().open("t-1")).toMatchObject({ ackedSeq: 3 });
    expect(first.ackedSeq).toBe(3);
  });

  test("nothing found: a new epoch, and an alarm where this terminal was not enrolled just now", async () => {
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ head: { seq: 0 }, isNew: true });
    expect(log.alarms()).toEqual(["the log was lost, a new epoch begins: nothing of it was found"]);
    await settle();
    expect([first.chain, second.chain]).toEqual([chain, chain]);
    [first, second, isNewHere] = [createCopy(), createCopy(), true];
    const other = create();
    expect(await other.open("t-1")).toMatchObject({ isNew: true });
    expect(other.alarms()).toEqual([]);
  });

  test("a first copy that is not whole beside a second that cannot be read: nothing is begun, and nothing is lost", async () => {
    const entries = await writeChain(chainOf(9), 4);
    await fill(first, [], chainOf(9));
    first.head = { seq: 4, hash: entries[3]?.hash ?? new Uint8Array(32) };
    await fill(second, entries, chainOf(9));
    second.fault = "another page has it";
    await expect(create().open("t-1")).rejects.toThrow("its second copy cannot be read");
    expect([...first.calls, ...second.calls].filter((call) => call === "rewrite")).toEqual([]);

    second.fault = null;
    expect(await create().open("t-1")).toMatchObject({ chain: chainOf(9), head: { seq: 4 }, isNew: false });
    expect(first.entries).toEqual(entries);
  });

  test("nor is what a damaged first copy lacks of what was acknowledged: it is not written anew before the second is read", async () => {
    const entries = await writeChain(chainOf(9), 5);
    await fill(
      first,
      entries.filter(({ seq }) => seq !== 2),
      chainOf(9),
    );
    first.ackedSeq = 4;
    await fill(second, entries, chainOf(9));
    second.fault = "another page has it";
    await expect(create().open("t-1")).rejects.toThrow("its second copy cannot be read");
    expect(seqsOf(first)).toEqual([1, 3, 4, 5]);

    second.fault = null;
    expect(await create().open("t-1")).toMatchObject({ head: { seq: 5 }, isNew: false });
    expect([first.entries, second.entries]).toEqual([entries, entries]);
  });

  test("a second copy that is found and then cannot be read is not lost either: its entry is not written over", async () => {
    const entries = await writeChain(chainOf(9), 4);
    await fill(first, entries.slice(0, 3), chainOf(9));
    await fill(second, entries, chainOf(9));
    const { find } = second;
    const unread = async () => Promise.reject(new Error("this journal is not open"));
    Object.assign(second, { find: async () => (await find()).map((copy) => ({ ...copy, read: unread })) });
    await expect(create().open("t-1")).rejects.toThrow("its second copy cannot be read");
    expect([...first.calls, ...second.calls].filter((call) => call === "rewrite")).toEqual([]);

    Object.assign(second, { find });
    expect(await create().open("t-1")).toMatchObject({ head: { seq: 4 }, isNew: false });
    expect(first.entries).toEqual(entries);
  });

  test("a terminal that was enrolled just now begins, though its second copy cannot be read", async () => {
    [isNewHere, second.fault] = [true, "no such thing in this browser"];
    expect(await create().open("t-1")).toMatchObject({ chain, isNew: true });
  });

  test("a damaged entry does not hide the whole one, though both say the same hash", async () => {
    const entries = await writeChain(chainOf(9), 2);
    const damaged = entries.map((entry) => ({ ...entry, bytes: entry.bytes.map((byte) => byte ^ 1) }));
    await fill(first, damaged, chainOf(9));
    await fill(second, entries.slice(0, 1), chainOf(9));
    await create().open("t-1");
    expect(first.kept.flatMap(({ entries: kept }) => kept)).toEqual([...damaged, ...entries.slice(0, 1)]);
  });

  test("two histories: both are kept, each entry once, and a new epoch begins", async () => {
    const entries = await writeChain(chainOf(9), 4);
    const parted = [...entries.slice(0, 2), ...(await writeEntries(entries[1] ?? (await genesisOf(chain)), 1, "else"))];
    await fill(first, entries, chainOf(9));
    await fill(second, parted, chainOf(9));
    first.ackedSeq = 1;
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ chain, head: { seq: 0 }, ackedSeq: 0, isNew: true });
    expect(first.kept.flatMap(({ entries: kept }) => kept).map(({ seq }) => seq)).toEqual([2, 3, 4, 1, 3]);
    expect(first.entries).toEqual([]);
    expect(log.alarms()).toEqual([
      "the log was lost, a new epoch begins: its copies tell two histories from entry 3 on",
      "5 entries of a lost log were never acknowledged: they are told again in this one",
    ]);
    await settle();
    expect(second).toMatchObject({ chain, entries: [] });
  });

  test("behind the mark: a new epoch", async () => {
    const entries = await writeChain(chainOf(9), 4);
    await fill(first, entries, chainOf(9));
    await fill(second, entries, chainOf(9));
    mark = { epoch: toBase64url(chainOf(9).epoch), seq: 5 };
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ chain, isNew: true });
    expect(log.alarms()[0]).toBe("the log was lost, a new epoch begins: entries 5 to 5 are missing");
    expect(mark).toEqual({ epoch: toBase64url(chain.epoch), seq: 0 });
  });

  test("another terminal's: a new epoch, no alarm, and what it never sent is kept", async () => {
    await fill(first, await writeChain(chainOf(9, "t-0"), 2), chainOf(9, "t-0"));
    first.ackedSeq = 1;
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ chain, isNew: true });
    expect(first.kept.flatMap(({ entries: kept }) => kept).map(({ seq }) => seq)).toEqual([2]);
    expect(log.alarms()).toHaveLength(1);
  });

  test("a chain that was abandoned: what there was from where the ledger stands is kept, acknowledged or not, and the new one is what is opened", async () => {
    const entries = await writeChain(chainOf(9), 120);
    await fill(first, entries, chainOf(9));
    await fill(second, entries, chainOf(9));
    first.ackedSeq = 30;
    const log = create();
    await log.open("t-1");
    await log.abandon(4);
    expect(first.kept.map(({ chain: of, entries: kept }) => [of, kept.length])).toEqual([
      [chainOf(9), 50],
      [chainOf(9), 50],
      [chainOf(9), 17],
    ]);
    expect(first.kept.flatMap(({ entries: kept }) => kept)).toEqual(entries.slice(3));
    const [next] = await writeEntries(entries[119] ?? (await genesisOf(chain)), 1);
    if (next !== undefined) await expect(log.append(next)).rejects.toThrow("does not follow");
    const opened = create();
    expect(await opened.open("t-1")).toMatchObject({ chain, head: { seq: 0 }, ackedSeq: 0, isNew: true });
    expect([second.chain, second.entries, opened.alarms()]).toEqual([chain, [], []]);
  });

  test("what lies beside the marked chain is kept, and goes", async () => {
    const entries = await writeChain(chain, 3);
    await fill(first, entries);
    await fill(second, await writeChain(chainOf(9), 2), chainOf(9));
    mark = { epoch: toBase64url(chain.epoch), seq: 3 };
    const log = create();
    expect(await log.open("t-1")).toMatchObject({ chain, head: { seq: 3 }, isNew: false });
    await settle();
    expect(second.entries).toEqual(entries);
    expect(first.kept.flatMap(({ entries: kept }) => kept)).toHaveLength(2);
  });
});
