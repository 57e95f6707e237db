/**
 * The terminal's stores in a real Chromium on a real disk: what was written is there after the browser was killed, in both
 * copies of the log; what is damaged in one is restored from the other; and nobody writes beside the one writer.
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

const killAndStart = async (): Promise<void> => {
  await browser.killAndStart();
  page = browser.page();
};

const open = (terminal = "t-1") =>
  page.evaluate(
    async ([name, id]) => {
      const { log, stored } = await stores.openLog(name, id);
      await log.settled();
      return stores.describeLog(stored);
    },
    [slot, terminal] as const,
  );

const write = (count: number) =>
  page.evaluate(
    async ([name, wanted]) => {
      const { log, stored } = await stores.openLog(name);
      await stores.fill(log, stored.head, wanted);
      await log.settled();
    },
    [slot, count] as const,
  );

const acknowledge = (seq: number, floorAt: number) =>
  page.evaluate(
    async ([name, upTo, at]) => {
      const { log } = await stores.openLog(name);
      const outcome = await log.acknowledge(upTo, at).then(
        () => "done",
        (reason: unknown) => String(reason),
      );
      await log.settled();
      return outcome;
    },
    [slot, seq, floorAt] as const,
  );

/** Both, as they lie there. Whoever had the log open is gone. */
const readCopies = async () => {
  await browser.reload();
  const copies = await page.evaluate((name) => stores.readCopies(name), slot);
  await browser.reload();
  return copies;
};

const seqs = () =>
  page.evaluate(async (name) => {
    const { log } = await stores.openLog(name);
    return (await log.read(1, 1000)).map((entry) => entry.seq);
  }, slot);

describe("the log", () => {
  test("begins a chain, and goes on with it", async () => {
    const first = await open();
    expect(first).toMatchObject({ terminal: "t-1", seq: 0, ackedSeq: 0, floorAt: 0, isNew: true });
    expect(first.epoch).toMatch(/^[0-9a-f]{32}$/);
    await write(3);
    expect(await open()).toMatchObject({ epoch: first.epoch, seq: 3, isNew: false });
    expect(await seqs()).toEqual([1, 2, 3]);
  });

  test("survives a browser that is killed in the middle of writing", async () => {
    const written = await page.evaluate(async (name) => {
      const { log, stored } = await stores.openLog(name);
      const head = await stores.fill(log, stored.head, 20);
      await log.acknowledge(7, 5000);
      void stores.fill(log, head, 1000);
      return stores.describeLog({ ...stored, head });
    }, slot);
    await killAndStart();
    const { first, second } = await readCopies();
    const [ours, theirs] = [first?.entries ?? [], second?.entries ?? []];
    expect(Math.min(ours.length, theirs.length)).toBeGreaterThanOrEqual(20);
    expect(theirs.slice(0, ours.length)).toEqual(ours.slice(0, theirs.length));
    expect(theirs.length - ours.length).toBeLessThanOrEqual(1); // what it waits for is the first copy's entry before
    const found = await open();
    expect(found.seq).toBe(Math.max(ours.length, theirs.length));
    expect(found).toMatchObject({ epoch: written.epoch, ackedSeq: 7, floorAt: 5000, isNew: false });
    expect(found.seq).toBeGreaterThanOrEqual(20);
    expect((await seqs()).slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test("refuses a second writer, who has then written nothing", async () => {
    const outcome = await page.evaluate(async (name) => {
      const { log, stored } = await stores.openLog(name);
      const other = await stores.createLog(name);
      await other.open("t-1");
      await stores.append(log, stored.head, 1);
      const refused = await stores.append(other, stored.head, 2).then(
        () => "written",
        (reason: unknown) => String(reason),
      );
      return { refused, alarms: other.alarms() };
    }, slot);
    expect(outcome.refused).toContain("somebody else writes this log");
    expect(outcome.alarms).toEqual([expect.stringContaining("the log's second copy fails")]);
    expect(await open()).toMatchObject({ seq: 1, isNew: false });
  });

  test("a repair that looked before somebody else wrote sweeps nothing away", async () => {
    const outcome = await page.evaluate(async (name) => {
      const { log, stored } = await stores.openLog(name);
      const late = await stores.openCopy(name);
      await late.find();
      await stores.fill(log, stored.head, 3);
      const begun = { ...stored, firstSeq: 1, read: async () => [] };
      return late.rewrite(begun).then(
        () => "rewritten",
        (reason: unknown) => String(reason),
      );
    }, slot);
    expect(outcome).toContain("somebody else writes this log");
    expect(await seqs()).toEqual([1, 2, 3]);
    expect(await open()).toMatchObject({ seq: 3, isNew: false });
  });

  test("never overwrites an entry", async () => {
    const outcome = await page.evaluate(async (name) => {
      const { log, stored } = await stores.openLog(name);
      await stores.damage(name, (tx) => tx.objectStore("log").put({ seq: 1, bytes: new Uint8Array(1) }));
      const refused = await stores.append(log, stored.head, 1).then(
        () => "written",
        (reason: unknown) => (reason instanceof DOMException ? reason.name : String(reason)),
      );
      const [entry] = await log.read(1, 1);
      return { refused, bytes: entry?.bytes.length };
    }, slot);
    expect(outcome).toEqual({ refused: "ConstraintError", bytes: 1 });
  });

  test("takes no entry that does not follow from the head", async () => {
    const outcome = await page.evaluate(async (name) => {
      const { log, stored } = await stores.openLog(name);
      const head = await stores.append(log, stored.head, 1);
      return stores.append(log, { ...head, hash: new Uint8Array(32) }, 2).catch((reason: unknown) => String(reason));
    }, slot);
    expect(outcome).toContain("does not follow");
    expect(await seqs()).toEqual([1]);
  });

  test("goes on after an entry was refused", async () => {
    const seq = await page.evaluate(async (name) => {
      const { log, stored } = await stores.openLog(name);
      await stores.append(log, { seq: 5, hash: stored.head.hash }, 1).catch(() => {});
      return (await stores.append(log, stored.head, 2)).seq;
    }, slot);
    expect(seq).toBe(1);
  });

  test("moves the cursor up only, and never past what is written", async () => {
    await write(3);
    expect(await acknowledge(2, 900)).toBe("done");
    expect(await acknowledge(1, 800)).toBe("done");
    expect(await open()).toMatchObject({ ackedSeq: 2, floorAt: 900 });
    expect(await acknowledge(4, 950)).toContain("nothing is written at 4");
    expect(await open()).toMatchObject({ ackedSeq: 2, floorAt: 900 });
  });

  test("prunes what was acknowledged long ago, except the newest, in both copies", async () => {
    const day = 86_400;
    const prune = () =>
      page.evaluate(
        async ([name, kept]) => {
          const { log } = await stores.openLog(name);
          await log.prune(kept);
          await log.settled();
        },
        [slot, day] as const,
      );
    await write(6);
    await acknowledge(2, 1000);
    await acknowledge(4, 1000 + 7200);
    await prune();
    expect(await seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    await acknowledge(5, 1000 + day);
    await prune();
    expect(await seqs()).toEqual([3, 4, 5, 6]);
    await acknowledge(6, 1000 + 3 * day);
    await prune();
    expect(await seqs()).toEqual([6]);
    expect(await open()).toMatchObject({ seq: 6, ackedSeq: 6, isNew: false });
    const { first, second } = await readCopies();
    expect(first?.entries).toHaveLength(1);
    expect(second).toEqual(first);
    await write(2);
    expect(await open()).toMatchObject({ seq: 8, isNew: false });
  });

  test("keeps what is old and was acknowledged only now", async () => {
    await write(6); // of the year 1970
    await acknowledge(6, 1_800_000_000);
    await page.evaluate(async (name) => (await stores.openLog(name)).log.prune(3600), slot);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("begins anew for another terminal", async () => {
    await write(2);
    await acknowledge(2, 700);
    expect(await open("t-2")).toMatchObject({ terminal: "t-2", seq: 0, ackedSeq: 0, floorAt: 700, isNew: true });
    expect(await seqs()).toEqual([]);
  });
});

describe("a damaged database", () => {
  const damages: Readonly<Record<string, (tx: IDBTransaction) => void>> = {
    "everything is gone": (tx) => {
      tx.objectStore("log").clear();
      for (const key of ["chain", "head", "ackedSeq"]) tx.objectStore("meta").delete(key);
    },
    "the entries are gone": (tx) => void tx.objectStore("log").clear(),
    "the head is gone": (tx) => void tx.objectStore("meta").delete("head"),
    "the last entry is gone": (tx) => void tx.objectStore("log").delete(6),
    "one in the middle is gone": (tx) => void tx.objectStore("log").delete(5),
    "the first ones are gone, unacknowledged": (tx) => void tx.objectStore("log").delete(IDBKeyRange.upperBound(4)),
    "a byte is different": (tx) => {
      const reading = tx.objectStore("log").get(5);
      reading.onsuccess = () => {
        const { bytes } = reading.result;
        bytes[3] ^= 1;
        tx.objectStore("log").put(reading.result);
      };
    },
    "the first entry is another": (tx) => {
      const reading = tx.objectStore("log").get(1);
      reading.onsuccess = () => {
        reading.result.hash[0] ^= 1;
        tx.objectStore("log").put(reading.result);
      };
    },
    "the head is an older one": (tx) => {
      const reading = tx.objectStore("log").get(5);
      reading.onsuccess = () => {
        const { seq, hash } = reading.result;
        tx.objectStore("meta").put({ seq, hash }, "head");
      };
    },
    "the cursor is ahead of the log": (tx) => void tx.objectStore("meta").put(9, "ackedSeq"),
    "the chain is another": (tx) =>
      void tx.objectStore("meta").put({ terminal: "t-1", epoch: new Uint8Array(16) }, "chain"),
  };

  const damage = (steps: (tx: IDBTransaction) => void): Promise<void> =>
    page.evaluate(
      ([each, code]) => stores.damage(each, new Function(`return ${code}`)() as (tx: IDBTransaction) => void),
      [slot, steps.toString()] as const,
    );

  test.each(Object.entries(damages))("%s: restored from the journal", async (name, steps) => {
    const before = await open();
    await write(6);
    await acknowledge(3, 900);
    const { first } = await readCopies();
    await damage(steps);
    const after = await open();
    if (name === "the cursor is ahead of the log") {
      expect(after).toMatchObject({ seq: 0, isNew: true });
      return;
    }
    expect(after).toMatchObject({ epoch: before.epoch, seq: 6, ackedSeq: 3, floorAt: 900, isNew: false });
    expect(await readCopies()).toEqual({ first, second: first });
    await write(1);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test.each(Object.entries(damages))("%s, and there is no journal: never continued", async (name, steps) => {
    const before = await open();
    await write(6);
    await acknowledge(3, 900);
    await browser.reload();
    await damage(steps);
    await page.evaluate(async (each) => {
      const { name: file } = await stores.readJournal(each);
      await stores.replaceJournal(each, file, null);
      localStorage.clear();
    }, slot);
    const after = await open();
    expect(after).toMatchObject({ seq: 0, ackedSeq: 0, floorAt: 900, isNew: true });
    expect(after.epoch).not.toBe(before.epoch);
    expect(await open()).toEqual(after); // still to be said
    await write(1);
    expect(await seqs()).toEqual([1]);
    expect(await open()).toMatchObject({ epoch: after.epoch, seq: 1, isNew: false });

    const remains = await page.evaluate(async (each) => {
      const db = await stores.openDatabase(each);
      const rows = await db.look(["remains"], (tx) => tx.objectStore("remains").getAll());
      return rows.map(({ ackedSeq, entries }) => ({ ackedSeq, seqs: entries.map(({ seq }) => seq) }));
    }, slot);
    expect(remains.flatMap((each) => each.seqs)).toEqual(leftOf[name] ?? [4, 5, 6]);
  });

  /** What was not acknowledged and still lay there. */
  const leftOf: Readonly<Record<string, readonly number[]>> = {
    "everything is gone": [],
    "the entries are gone": [],
    "the last entry is gone": [4, 5],
    "one in the middle is gone": [4, 6],
    "the first ones are gone, unacknowledged": [5, 6],
    "the cursor is ahead of the log": [],
  };
});

describe("identity and bundle", () => {
  test("the key stays where it is, and signs after a restart", async () => {
    await page.evaluate(async (name) => {
      const db = await stores.openDatabase(name);
      const answer = {
        terminal: "t-1",
        operatorKey: "b3BlcmF0b3I",
        operatorKeyVersion: 2,
        root: "AAAA",
        profile: {
          service: "library",
          programme: "here",
          site: "desk-1",
          name: "Desk",
          actuator: "simulated",
        } as const,
      };
      await stores.identityOf(db).write(answer, new Uint8Array(32), await stores.makeKeyPair());
    }, slot);
    await killAndStart();
    const found = await page.evaluate(async (name) => {
      const db = await stores.openDatabase(name);
      const identity = await stores.identityOf(db).read();
      const row = await db.look(["meta"], (tx) => tx.objectStore("meta").get("identity"));
      const pair = (row as { readonly pair: CryptoKeyPair }).pair;
      return {
        terminal: identity?.terminal,
        curve: identity?.key.curve,
        signature: (await identity?.key.sign(new Uint8Array(1)))?.length,
        extractable: [pair.privateKey.extractable, identity?.operatorKey.extractable],
        exported: await crypto.subtle.exportKey("pkcs8", pair.privateKey).then(
          () => "exported",
          (reason: unknown) => (reason as Error).name,
        ),
      };
    }, slot);
    expect(found).toEqual({
      terminal: "t-1",
      curve: "Ed25519",
      signature: 64,
      extractable: [false, false],
      exported: "InvalidAccessError",
    });
  });

  test("nobody is nobody", async () => {
    expect(
      await page.evaluate(async (name) => stores.identityOf(await stores.openDatabase(name)).read(), slot),
    ).toBeNull();
  });

  test("a bundle is replaced as a whole or not at all", async () => {
    const found = await page.evaluate(async (name) => {
      const store = stores.bundleOf(await stores.openDatabase(name));
      const nothing = await store.read();
      const bytes = (value: number) => new Uint8Array([value]);
      const one = {
        roots: [bytes(1)],
        newestRoots: [bytes(1)],
        manifest: bytes(1),
        artefacts: new Map([["a", bytes(1)]]),
        checkedAt: 1,
      };
      await store.write(one);
      const broken = {
        ...one,
        roots: [bytes(2)],
        manifest: bytes(2),
        artefacts: new Map([["a", (() => {}) as never]]),
      };
      const failed = await store.write(broken).then(
        () => "written",
        (reason: unknown) => (reason as Error).name,
      );
      await store.stamp(7);
      await store.keepNewestRoots([bytes(1), bytes(2)]);
      const left = await store.read();
      await store.write({
        ...one,
        roots: [],
        newestRoots: [],
        manifest: bytes(3),
        artefacts: new Map([["b", bytes(3)]]),
        checkedAt: 9,
      });
      const after = await store.read();
      return {
        nothing,
        failed,
        left: [
          left?.roots[0]?.[0],
          left?.newestRoots[1]?.[0],
          left?.manifest[0],
          left?.artefacts.get("a")?.[0],
          left?.checkedAt,
        ],
        after: [
          after?.roots.length,
          after?.newestRoots.length,
          after?.manifest[0],
          [...(after?.artefacts.keys() ?? [])],
          after?.checkedAt,
        ],
      };
    }, slot);
    expect(found).toEqual({
      nothing: null,
      failed: "DataCloneError",
      left: [1, 2, 1, 1, 7],
      after: [0, 0, 3, ["b"], 9],
    });
  });
});

describe("a bundle on its way", () => {
  test("its pieces follow one another, and end with it or when nobody wants them", async () => {
    const found = await page.evaluate(async (name) => {
      const store = stores.bundleOf(await stores.openDatabase(name));
      const bytes = (...values: number[]) => new Uint8Array(values);
      const read = async () => [[...(await store.readPart("aa"))], [...(await store.readPart("bb"))]];
      const nothing = await read();
      await store.addPart("aa", 0, bytes(1, 2));
      await store.addPart("aa", 2, bytes(3));
      await store.addPart("aa", 9, bytes(9));
      await store.addPart("bb", 0, bytes(5));
      const both = await read();
      await store.keepParts(["aa"]);
      const one = await read();
      await store.dropPart("aa");
      const none = await read();
      await store.addPart("aa", 0, bytes(1));
      await store.write({ roots: [], newestRoots: [], manifest: bytes(), artefacts: new Map(), checkedAt: 1 });
      return { nothing, both, one, none, after: await read() };
    }, slot);
    const empty = [[], []];
    expect(found).toEqual({ nothing: empty, both: [[1, 2, 3], [5]], one: [[1, 2, 3], []], none: empty, after: empty });
  });

  test("a browser that is killed in the middle leaves one bundle whole, the old one or the new", async () => {
    await page.evaluate(async (name) => {
      const store = stores.bundleOf(await stores.openDatabase(name));
      const bundleOf = (value: number) => {
        const names = ["trust", "list/a", "list/b"];
        const artefacts = new Map(names.map((each) => [each, new Uint8Array(1_000_000).fill(value)]));
        return { roots: [], newestRoots: [], manifest: new Uint8Array([value]), artefacts, checkedAt: value };
      };
      await store.write(bundleOf(1));
      void (async () => {
        for (let value = 2; ; value = (value % 250) + 1) await store.write(bundleOf(value));
      })();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }, slot);
    await killAndStart();
    const found = await page.evaluate(async (name) => {
      const read = await stores.bundleOf(await stores.openDatabase(name)).read();
      const all = [...(read?.artefacts.values() ?? [])];
      return {
        values: [...new Set(all.flatMap((bytes) => [...new Set(bytes)]))],
        lengths: all.map(({ length }) => length),
        named: [read?.manifest[0], read?.checkedAt],
      };
    }, slot);
    expect(found.lengths).toEqual([1_000_000, 1_000_000, 1_000_000]);
    expect(found.values).toHaveLength(1);
    expect(found.named).toEqual([found.values[0], found.values[0]]);
  });

  test("a store that the first version wrote is read, and written anew", async () => {
    const found = await page.evaluate(async (name) => {
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(`greenlane/${name}`, 1);
        opening.onupgradeneeded = () => {
          opening.result.createObjectStore("log", { keyPath: "seq" });
          for (const each of ["meta", "bundle"]) opening.result.createObjectStore(each);
          opening.result.createObjectStore("remains", { autoIncrement: true });
          const bundle = opening.transaction?.objectStore("bundle");
          bundle?.put([], "roots");
          bundle?.put(new Uint8Array([1]), "manifest");
          bundle?.put(new Map([["trust", new Uint8Array([2])]]), "artefacts");
          bundle?.put(7, "checkedAt");
        };
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      });
      const db = await stores.openDatabase(name);
      const store = stores.bundleOf(db);
      const old = await store.read();
      await stores.openLog(name);
      if (old !== null) await store.write({ ...old, artefacts: new Map([["staff", new Uint8Array([3])]]) });
      const keys = await db.look(["bundle"], (tx) => tx.objectStore("bundle").getAllKeys());
      const next = await store.read();
      return {
        old: [old?.roots, old?.newestRoots, old?.manifest[0], old?.artefacts.get("trust")?.[0], old?.checkedAt],
        next: [...(next?.artefacts.keys() ?? [])],
        keys,
      };
    }, slot);
    expect(found).toEqual({
      old: [[], [], 1, 2, 7],
      next: ["staff"],
      keys: ["checkedAt", "manifest", "newestRoots", "roots"],
    });
  });

  test("a store that the second version wrote keeps what is in it, and takes others' entries", async () => {
    const found = await page.evaluate(async (name) => {
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(`greenlane/${name}`, 2);
        opening.onupgradeneeded = () => {
          opening.result.createObjectStore("log", { keyPath: "seq" });
          for (const each of ["meta", "bundle", "artefacts", "parts"]) opening.result.createObjectStore(each);
          opening.result.createObjectStore("remains", { autoIncrement: true });
          opening.transaction?.objectStore("artefacts").put(new Uint8Array([2]), "trust");
          opening.transaction?.objectStore("meta").put(5, "ackedSeq");
        };
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      });
      const db = await stores.openDatabase(name);
      const carried = stores.carriedOf(db);
      const one = { id: "ab", terminal: "t-2", entries: 3, sealed: new Uint8Array([7]) };
      await carried.put(one);
      await carried.put(one);
      await carried.put({ ...one, id: "cd" });
      const both = (await carried.list()).map(({ id, entries, sealed }) => [id, entries, sealed[0]]);
      await carried.drop("ab");
      const [trust, ackedSeq] = await db.look(["artefacts", "meta"], async (tx) => [
        await tx.objectStore("artefacts").get("trust"),
        await tx.objectStore("meta").get("ackedSeq"),
      ]);
      return { both, left: (await carried.list()).map(({ id }) => id), trust: trust?.[0], ackedSeq };
    }, slot);
    expect(found).toEqual({
      both: [
        ["ab", 3, 7],
        ["cd", 3, 7],
      ],
      left: ["cd"],
      trust: 2,
      ackedSeq: 5,
    });
  });
});

/** Opens it as another version of the app would, with what that one adds. */
const raise = (version: number, added: readonly string[]) =>
  page.evaluate(
    ([name, to, stores]) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(`greenlane/${name}`, to);
        opening.onerror = () => reject(opening.error);
        opening.onblocked = () => reject(new Error("somebody has it open"));
        opening.onupgradeneeded = () => {
          for (const store of stores) {
            const options = { log: { keyPath: "seq" }, remains: { autoIncrement: true } }[store];
            opening.result.createObjectStore(store, options);
          }
        };
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      }),
    [slot, version, added] as const,
  );

test("a database of the second version is raised, and serves", async () => {
  await raise(2, ["log", "meta", "bundle", "remains", "artefacts", "parts"]);
  await write(2);
  expect(await seqs()).toEqual([1, 2]);
});

test("a database that a later version raised is opened, and the log goes on", async () => {
  await write(3);
  const { epoch } = await open();
  await browser.reload();
  await raise(99, ["of-a-later-version"]);
  expect(await open()).toMatchObject({ epoch, seq: 3, isNew: false });
  await write(2);
  expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
});

test("slots of one origin know nothing of each other", async () => {
  await write(2);
  slot = `${slot}-other`;
  expect(await open()).toMatchObject({ seq: 0, isNew: true });
});

test("every write asks for strict durability", async () => {
  await page.evaluate(() => void stores.durabilities.splice(0));
  await write(2);
  await acknowledge(2, 1);
  const asked = await page.evaluate(() => stores.durabilities);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  expect(new Set(asked)).toEqual(new Set(["strict"]));
});

test("a second page waits until the first one is gone", async () => {
  const second = await browser.openPage();
  const hold = (each: Page) =>
    each.evaluate((name) => {
      document.body.dataset.lock = "asked";
      void stores
        .holdForGood(`greenlane/${name}`, () => {
          document.body.dataset.lock = "taken";
        })
        .then(() => {
          document.body.dataset.lock = "held";
        });
    }, slot);
  const first = await browser.openPage();
  await hold(first);
  await first.locator("body[data-lock=held]").waitFor({ state: "attached" });
  await hold(second);
  await second.locator("body[data-lock=taken]").waitFor({ state: "attached" });
  await first.close();
  await second.locator("body[data-lock=held]").waitFor({ state: "attached" });
  await second.close();
});

test("of two pages that would send, one does, until it is gone", async () => {
  const [first, second] = [await browser.openPage(), await browser.openPage()];
  const send = (each: Page) =>
    each.evaluate((name) => {
      document.body.dataset.outbox = "waits";
      void stores.withLock(`greenlane/outbox/${name}`, () => {
        document.body.dataset.outbox = "sends";
        return new Promise(() => {});
      });
    }, slot);
  const queued = (each: Page) => each.evaluate(async () => (await navigator.locks.query()).pending?.length);
  await send(first);
  await first.locator("body[data-outbox=sends]").waitFor({ state: "attached" });
  await send(second);
  await expect.poll(() => queued(second)).toBe(1);
  expect(await second.locator("body").getAttribute("data-outbox")).toBe("waits");
  await first.close();
  await second.locator("body[data-outbox=sends]").waitFor({ state: "attached" });
  await second.close();
});
