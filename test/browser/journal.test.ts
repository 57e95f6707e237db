/**
 * The log's two copies in a real Chromium on a real disk: whatever happens to one of them while the terminal is off, the
 * other restores it without loss; where both are gone, a new epoch begins and says so.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openStoreBrowser, type StoreBrowser } from "./store-browser.ts";

let browser: StoreBrowser;
let page: Page;
let slot: string;
let slots = 0;

beforeAll(async () => {
  browser = await openStoreBrowser();
});

afterAll(async () => {
  await browser?.close();
});

beforeEach(() => {
  page = browser.page();
  slot = `slot-${slots++}`;
});

/** What the log says when it is opened, and what of it staff are told. */
const open = () =>
  page.evaluate(async (name) => {
    const { log, stored } = await stores.openLog(name);
    const { terminal, hash, ...told } = stores.describeLog(stored);
    const alarms = log.alarms();
    await log.settled();
    return { ...told, alarms };
  }, slot);

const write = (count: number) =>
  page.evaluate(
    async ([name, wanted]) => {
      const { log, stored } = await stores.openLog(name);
      await stores.fill(log, stored.head, wanted);
      await log.settled();
    },
    [slot, count] as const,
  );

/** Both, as they lie there. Whoever had the log open is gone. */
const readCopies = async () => {
  await browser.reload();
  const copies = await page.evaluate((name) => stores.readCopies(name), slot);
  await browser.reload();
  return copies;
};

/** Six entries, three of them acknowledged; the terminal is off. */
const prepare = async () => {
  const { epoch } = await open();
  await write(6);
  await page.evaluate(async (name) => {
    const { log } = await stores.openLog(name);
    await log.acknowledge(3, 900);
    await log.settled();
  }, slot);
  const { first, second } = await readCopies();
  expect(first?.entries).toHaveLength(6);
  expect(second).toEqual(first);
  return { epoch, copy: first };
};

type Prepared = Awaited<ReturnType<typeof prepare>>;

const expectRestored = async ({ epoch, copy }: Prepared, alarm: string): Promise<void> => {
  const whole = { epoch, seq: 6, ackedSeq: 3, floorAt: 900, isNew: false };
  expect(await open()).toEqual({ ...whole, alarms: [alarm] });
  expect(await readCopies()).toEqual({ first: copy, second: copy });
  expect(await open()).toEqual({ ...whole, alarms: [] });
  await write(2);
  const { first, second } = await readCopies();
  expect(first?.entries.slice(0, 6)).toEqual(copy?.entries);
  expect(first?.entries).toHaveLength(8);
  expect(second).toEqual(first);
};

const restored = "the log in the database was damaged: it is restored from its second copy";
const rewritten = (state: string) => `the log's second copy was ${state}: it is written anew`;

const changeJournal = (change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | null) =>
  page.evaluate(
    async ([name, code]) => {
      const { name: file, bytes } = await stores.readJournal(name);
      const changed = (new Function(`return ${code}`)() as typeof change)(bytes);
      await stores.replaceJournal(name, file, changed);
    },
    [slot, change.toString()] as const,
  );

test("killed with -9 in the middle of writing: both copies hold what was written", async () => {
  const { epoch } = await open();
  await page.evaluate(async (name) => {
    const { log, stored } = await stores.openLog(name);
    const head = await stores.fill(log, stored.head, 30);
    void stores.fill(log, head, 5000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }, slot);
  await browser.killAndStart();
  page = browser.page();
  const { first, second } = await readCopies();
  expect(first?.entries.length).toBeGreaterThan(30);
  expect(second?.entries.length).toBeGreaterThan(30);
  const [ours = [], theirs = []] = [first?.entries, second?.entries];
  expect(theirs.slice(0, ours.length)).toEqual(ours.slice(0, theirs.length));
  const seq = Math.max(first?.head ?? 0, second?.head ?? 0);
  expect(await open()).toMatchObject({ epoch, seq, isNew: false, alarms: [] });
});

describe("one copy is damaged while the terminal is off, and restored from the other", () => {
  test("the database is deleted", async () => {
    const prepared = await prepare();
    await page.evaluate((name) => stores.deleteDatabase(name), slot);
    await expectRestored(prepared, restored);
  });

  test("the database is an older one", async () => {
    const prepared = await prepare();
    await page.evaluate(
      (name) =>
        stores.damage(name, (tx) => {
          const log = tx.objectStore("log");
          log.delete(IDBKeyRange.lowerBound(5));
          const reading = log.get(4);
          reading.onsuccess = () => {
            const { seq, hash } = reading.result;
            tx.objectStore("meta").put({ seq, hash }, "head");
          };
        }),
      slot,
    );
    await expectRestored(prepared, "the log in the database lacked its last 2 entries: restored");
  });

  test("the journal is deleted", async () => {
    const prepared = await prepare();
    await changeJournal(() => null);
    await expectRestored(prepared, rewritten("gone"));
  });

  test("the journal is empty", async () => {
    const prepared = await prepare();
    await changeJournal(() => new Uint8Array(0));
    await expectRestored(prepared, rewritten("damaged"));
  });

  test("a bit of the journal is another", async () => {
    const prepared = await prepare();
    await changeJournal((bytes) => bytes.map((byte, at) => (at === 700 ? byte ^ 4 : byte)));
    await expectRestored(prepared, rewritten("damaged"));
  });

  test("its first record is another", async () => {
    const prepared = await prepare();
    await changeJournal((bytes) => bytes.map((byte, at) => (at === 14 ? byte ^ 1 : byte)));
    await expectRestored(prepared, rewritten("damaged"));
  });

  test("the journal is cut off in a record: it goes on from the last whole one", async () => {
    const prepared = await prepare();
    // The last record is the ack, of 25 bytes.
    await changeJournal((bytes) => bytes.slice(0, bytes.length - 40));
    expect(await open()).toMatchObject({ epoch: prepared.epoch, seq: 6, isNew: false, alarms: [] });
    expect(await readCopies()).toEqual({ first: prepared.copy, second: prepared.copy });
  });

  test("there is something behind the journal's end: cut off by the next write", async () => {
    const prepared = await prepare();
    const size = () => page.evaluate(async (name) => (await stores.readJournal(name)).bytes.length, slot);
    await changeJournal((bytes) => new Uint8Array([...bytes, ...new Array(5000).fill(0)]));
    expect(await open()).toMatchObject({ epoch: prepared.epoch, seq: 6, isNew: false, alarms: [] });
    expect(await size()).toBeGreaterThan(5000);
    await write(1);
    expect(await size()).toBeLessThan(3000);
    const { first, second } = await readCopies();
    expect(second).toEqual(first);
  });

  test("the journal is an older one", async () => {
    const { epoch } = await open();
    await write(3);
    await browser.reload();
    const old = await page.evaluate(async (name) => [...(await stores.readJournal(name)).bytes], slot);
    await write(3);
    const { first } = await readCopies();
    await page.evaluate(
      async ([name, bytes]) => {
        const { name: file } = await stores.readJournal(name);
        await stores.replaceJournal(name, file, new Uint8Array(bytes));
      },
      [slot, old] as const,
    );
    expect(await open()).toMatchObject({ epoch, seq: 6, isNew: false, alarms: [] });
    expect(await readCopies()).toEqual({ first, second: first });
  });

  test("both, in different places", async () => {
    const prepared = await prepare();
    await page.evaluate((name) => stores.damage(name, (tx) => void tx.objectStore("log").delete(5)), slot);
    await changeJournal((bytes) => bytes.map((byte, at) => (at === 700 ? byte ^ 4 : byte)));
    expect(await open()).toMatchObject({
      ...{ epoch: prepared.epoch, seq: 6, isNew: false },
      alarms: [restored, rewritten("damaged")],
    });
    expect(await readCopies()).toEqual({ first: prepared.copy, second: prepared.copy });
  });
});

describe("a log that cannot be restored is never continued", () => {
  const lost = (cause: string) => `the log was lost, a new epoch begins: ${cause}`;

  test("both copies are gone", async () => {
    const { epoch } = await prepare();
    await page.evaluate((name) => stores.deleteDatabase(name), slot);
    await changeJournal(() => null);
    const after = await open();
    expect(after).toMatchObject({ seq: 0, ackedSeq: 0, isNew: true, alarms: [lost("nothing of it was found")] });
    expect(after.epoch).not.toBe(epoch);
    await write(2);
    const { first, second } = await readCopies();
    expect(first).toMatchObject({ epoch: after.epoch, head: 2 });
    expect(second).toEqual(first);
    expect(await open()).toMatchObject({ epoch: after.epoch, seq: 2, isNew: false, alarms: [] });
  });

  test("both are older than the mark", async () => {
    const { epoch } = await prepare();
    await page.evaluate((name) => {
      const mark = JSON.parse(localStorage.getItem(`greenlane/${name}`) ?? "null");
      localStorage.setItem(`greenlane/${name}`, JSON.stringify({ ...mark, seq: 8 }));
    }, slot);
    const after = await open();
    expect(after).toMatchObject({ seq: 0, isNew: true });
    expect(after.epoch).not.toBe(epoch);
    expect(after.alarms).toEqual([
      lost("entries 7 to 8 are missing"),
      "3 entries of a lost log were never acknowledged: they are told again in this one",
    ]);
    const { first, second } = await readCopies();
    expect(first).toMatchObject({ epoch: after.epoch, entries: [] });
    expect(second).toMatchObject({ epoch: after.epoch, entries: [] });
  });
});

test("a journal is replaced without a new name: the power may go before the browser keeps that", async () => {
  const names = () =>
    page.evaluate(async (name) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("greenlane");
      const found: string[] = [];
      for await (const each of (await folder.getDirectoryHandle(name)).keys()) found.push(each);
      return found.sort();
    }, slot);
  const current = () => page.evaluate(async (name) => (await stores.readJournal(name)).name, slot);
  const { epoch } = await open();
  await write(6);
  const before = await current();
  expect(await names()).toEqual(["a.journal", "b.journal"]);
  await page.evaluate(async (name) => {
    const { log } = await stores.openLog(name);
    await log.acknowledge(6, 5000);
    await log.prune(0);
    await log.settled();
  }, slot);
  expect(await names()).toEqual(["a.journal", "b.journal"]);
  expect(await current()).not.toBe(before);
  await write(3);
  expect(await open()).toMatchObject({ epoch, seq: 9, isNew: false, alarms: [] });
});

test("a journal that was not yet whole when the power went is none", async () => {
  const prepared = await prepare();
  await page.evaluate(async (name) => {
    const { name: current, bytes } = await stores.readJournal(name);
    const half = bytes.slice(0, 700);
    half.set(new TextEncoder().encode("GLJ0"));
    await stores.replaceJournal(name, current === "a.journal" ? "b.journal" : "a.journal", half);
  }, slot);
  expect(await open()).toMatchObject({ epoch: prepared.epoch, seq: 6, isNew: false, alarms: [] });
  expect(await readCopies()).toEqual({ first: prepared.copy, second: prepared.copy });
});

test("a journal under the name that it had before is read, and goes on under the new one", async () => {
  const prepared = await prepare();
  await page.evaluate(
    async ([name, epoch]) => {
      const { name: current, bytes } = await stores.readJournal(name);
      await stores.addJournal(name, `${epoch}.journal`, bytes);
      await stores.replaceJournal(name, current, new TextEncoder().encode("GLJ0"));
      await stores.deleteDatabase(name);
    },
    [slot, prepared.epoch] as const,
  );
  const found = await open();
  expect(found).toMatchObject({ epoch: prepared.epoch, seq: 6, isNew: false });
  expect(await readCopies()).toEqual({ first: prepared.copy, second: prepared.copy });
});

test("a journal that is mostly of no more use is written anew, smaller", async () => {
  const sizeOf = () => page.evaluate(async (name) => (await stores.readJournal(name)).bytes.length, slot);
  await page.evaluate(async (name) => {
    const { log, stored } = await stores.openLog(name);
    await stores.fill(log, stored.head, 40);
    await log.acknowledge(35, 1000);
    await log.acknowledge(36, 5000);
    await log.settled();
  }, slot);
  const before = await sizeOf();
  await page.evaluate(async (name) => {
    const log = await stores.logs.get(name);
    await log?.prune(4000);
    await log?.settled();
  }, slot);
  const { first, second } = await readCopies();
  expect(first).toMatchObject({ head: 40, ackedSeq: 36 });
  expect(first?.entries).toHaveLength(5);
  expect(second).toEqual(first);
  expect(await sizeOf()).toBeLessThan(before / 4);
  await write(2);
  const after = await readCopies();
  expect(after.first?.entries).toHaveLength(7);
  expect(after.second).toEqual(after.first);
});

test("how long an entry takes until it is durable", async () => {
  const times = await page.evaluate(async (name) => {
    const { log, stored } = await stores.openLog(name);
    let head = await stores.fill(log, stored.head, 100);
    const taken: number[] = [];
    for (let each = 0; each < 1000; each++) {
      const { entry } = await stores.makeNext(head);
      const began = performance.now();
      await log.append(entry);
      taken.push(performance.now() - began);
      head = entry;
    }
    await log.settled();
    return taken.sort((a, b) => a - b);
  }, slot);
  const [p50, p99] = [times[500] ?? 0, times[990] ?? 0];
  console.log(`append to durable: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  // Far above the goals (1 and 8 ms), which other work on the same machine must not make this test fail for.
  expect(p50).toBeLessThan(10);
  const { first, second } = await readCopies();
  expect(second).toEqual(first);
});
