/** The first copy of the log: what a rewriting leaves that is broken off, and what is known of a beginning that is not there. */
import { beforeEach, describe, expect, test } from "vitest";
import { databaseCopy } from "../kiosk/adapters/store-log.ts";
import { reconcile } from "../kiosk/log-repair.ts";
import type { LogContent } from "../kiosk/ports.ts";
import { type Chain, type Entry, genesisOf } from "../shared/log.ts";
import { chainOf, writeChain } from "./log-copies.ts";
import { createDatabaseDisk, type DatabaseDisk, openSimulatedDatabase, replaceKeyRange } from "./sim/database.ts";

const [chain, other] = [chainOf(7), chainOf(9)];
let disk: DatabaseDisk;
/** How many transactions that write are still let through. */
let left: number;
/** Of the writes of the transactions that follow, how many a power cut takes. */
let torn: number;

beforeEach(() => {
  replaceKeyRange();
  [disk, left, torn] = [createDisk(), Number.POSITIVE_INFINITY, 0];
});

const createDisk = () =>
  createDatabaseDisk(
    () => 0,
    (writes) => Math.min(torn, writes),
  );

const create = () =>
  databaseCopy(
    openSimulatedDatabase(disk, (isWriting, transact) =>
      transact(() => {
        if (isWriting && left-- <= 0) throw new Error("the power was cut");
      }),
    ),
  );

const contentOf = async (of: Chain, entries: readonly Entry[], ackedSeq: number): Promise<LogContent> => ({
  ...{ chain: of, firstSeq: 1, head: entries.at(-1) ?? (await genesisOf(of)), ackedSeq, floorAt: 900 },
  read: async (seq, max) => entries.slice(seq - 1, seq - 1 + max),
});

test("a rewriting that is broken off leaves what it wrote under its own chain's name, and nothing of another chain", async () => {
  const [old, entries] = [await writeChain(other, 900), await writeChain(chain, 700)];
  const before = create();
  await before.find();
  await before.rewrite(await contentOf(other, old, 800));
  left = 1;
  const copy = create();
  await copy.find();
  await expect(copy.rewrite(await contentOf(chain, entries, 3))).rejects.toThrow("the power was cut");
  left = Number.POSITIVE_INFINITY;

  const [found] = await create().find();
  expect(found).toMatchObject({ chain, head: null, ackedSeq: 3 });
  expect(await found?.read(1, 1000)).toEqual(entries.slice(0, 500));
  const again = create();
  await again.find();
  await again.rewrite(await contentOf(chain, entries, 3));
  expect(await create().find()).toMatchObject([{ chain, head: { seq: 700 }, ackedSeq: 3, keptFrom: 1 }]);
  expect(await again.read(1, 1000)).toEqual(entries);
});

test("a rewriting of the same chain that is broken off takes nothing away", async () => {
  const entries = await writeChain(chain, 700);
  const before = create();
  await before.find();
  await before.rewrite(await contentOf(chain, entries, 3));
  disk.overwrite("log", 2, undefined);
  left = 1;
  const copy = create();
  await copy.find();
  await expect(copy.rewrite(await contentOf(chain, entries, 3))).rejects.toThrow("the power was cut");
  left = Number.POSITIVE_INFINITY;
  expect(await create().find()).toMatchObject([{ chain, head: { seq: 700 }, ackedSeq: 3 }]);
  expect(await copy.read(1, 1000)).toEqual(entries);
});

test("what it dropped itself it knows; a store of an earlier version does not say", async () => {
  const entries = await writeChain(chain, 5);
  const copy = create();
  await copy.find();
  await copy.rewrite(await contentOf(chain, entries, 4));
  await copy.dropBefore(3);
  expect(await create().find()).toMatchObject([{ keptFrom: 3 }]);
  disk.overwrite("meta", "keptFrom", undefined);
  expect((await create().find())[0]).not.toHaveProperty("keptFrom");
});

test("entries are the next ones in order, however many, and whatever is missing in between", async () => {
  const entries = await writeChain(chain, 1300);
  const copy = create();
  await copy.find();
  await copy.rewrite(await contentOf(chain, entries, 3));
  const expected = (seq: number, max: number, without: readonly number[] = []) =>
    entries.filter((entry) => entry.seq >= seq && !without.includes(entry.seq)).slice(0, max);
  const asked = [
    [1, 250],
    [1, 251],
    [2, 1000],
    [301, 1000],
    [302, 1000],
    [1299, 600],
    [1301, 600],
  ] as const;
  for (const [seq, max] of asked) expect(await copy.read(seq, max)).toEqual(expected(seq, max));
  const lost = [1, 2, 600];
  for (const seq of lost) disk.overwrite("log", seq, undefined);
  for (const [seq, max] of asked) expect(await copy.read(seq, max)).toEqual(expected(seq, max, lost));
});

/** As of a chain of a few. */
const readAll = ({ head, read }: LogContent): Promise<readonly Entry[]> | readonly Entry[] =>
  head.seq === 0 ? [] : read(1, head.seq);

describe("a database that begins a new file in the middle of a transaction", () => {
  /** The sixth of a chain; `cut-off`: by itself, but its second transaction is no more. */
  const writeOne = async (how: "beside" | "cut-off" | "alone", tornWrites: number) => {
    const entries = await writeChain(chain, 6);
    const [before, newest] = [entries[4], entries[5]];
    if (before === undefined || newest === undefined) throw new Error();
    const copy = create();
    await copy.find();
    await copy.rewrite(await contentOf(chain, entries.slice(0, 5), 3));
    [torn, left] = [tornWrites, how === "cut-off" ? 1 : Number.POSITIVE_INFINITY];
    if (how === "beside") await copy.append(before, [newest]);
    else if (how === "alone") await copy.appendAlone(before, newest);
    else await expect(copy.appendAlone(before, newest)).rejects.toThrow("the power was cut");
    [torn, left] = [0, Number.POSITIVE_INFINITY];
    disk.cutPower();
    return entries;
  };

  test.each([1, 2, 3])(
    "and loses its power then: %i writes of it are gone, and what was written twice is there",
    async (gone) => {
      const entries = await writeOne("alone", gone);
      const copy = create();
      expect(await copy.find()).toMatchObject([{ head: { seq: 6 }, isTorn: false }]);
      expect(await copy.read(1, 10)).toEqual(entries);
    },
  );

  test("a head whose entry is gone is taken back, and the chain goes on behind the one before", async () => {
    const entries = await writeOne("cut-off", 1);
    expect(disk.rows("meta").get("head")).toMatchObject({ seq: 6 });
    const copy = create();
    const { seq, hash } = entries[4] ?? (await genesisOf(chain));
    expect(await copy.find()).toMatchObject([{ head: { seq, hash } }]);
    const other = { ...(entries[5] as Entry), bytes: new Uint8Array([1]) };
    await copy.append({ seq, hash }, [other]);
    expect(await create().find()).toMatchObject([{ head: { seq: 6 } }]);
  });

  test("so is the head of whoever has just opened the log, however it was written before", async () => {
    const entries = await writeOne("alone", 0);
    disk.overwrite("meta", "twiceSeq", 2);
    const [seventh] = (await writeChain(chain, 7)).slice(6);
    const copy = create();
    await copy.find();
    torn = 1;
    await copy.append(entries[5] as Entry, [seventh as Entry]);
    disk.cutPower();
    torn = 0;
    expect(await create().find()).toMatchObject([{ head: { seq: 6 } }]);
  });

  test.each([1, 2])(
    "so is one behind an entry that the second copy had first: %i writes of it are gone",
    async (gone) => {
      const entries = await writeOne("beside", 0);
      const [seventh, eighth] = (await writeChain(chain, 8)).slice(6);
      const copy = create();
      await copy.find();
      await copy.append(entries[5] as Entry, [seventh as Entry]);
      [torn, left] = [gone, 1];
      await expect(copy.appendAlone(seventh as Entry, eighth as Entry)).rejects.toThrow("the power was cut");
      [torn, left] = [0, Number.POSITIVE_INFINITY];
      disk.cutPower();
      expect(await create().find()).toMatchObject([{ head: { seq: 7 } }]);
    },
  );

  test("so is the first one's, and the chain begins again at its genesis", async () => {
    const [one] = await writeChain(chain, 1);
    const copy = create();
    await copy.find();
    await copy.rewrite(await contentOf(chain, [], 0));
    torn = 1;
    await copy.append(await genesisOf(chain), [one as Entry]);
    disk.cutPower();
    torn = 0;
    const again = create();
    expect(await again.find()).toMatchObject([{ head: await genesisOf(chain) }]);
    await again.append(await genesisOf(chain), [one as Entry]);
    expect(await again.read(1, 2)).toEqual([one]);
  });

  test.each([
    ["that was written twice", async () => writeOne("alone", 0)],
    [
      "that the second copy had before this one was asked",
      async () => {
        await writeOne("beside", 0);
        disk.overwrite("meta", "twiceSeq", 4);
      },
    ],
  ])("a head whose entry is gone is believed, %s: somebody was answered by it", async (_, write) => {
    await write();
    disk.overwrite("log", 6, undefined);
    expect(await create().find()).toMatchObject([{ head: { seq: 6 } }]);
  });

  test("a head whose entry is gone with the one before is believed: more was lost than one transaction", async () => {
    await writeOne("alone", 0);
    for (const seq of [5, 6]) disk.overwrite("log", seq, undefined);
    expect(await create().find()).toMatchObject([{ head: { seq: 6 } }]);
  });

  test("nothing is repeated where somebody else writes meanwhile", async () => {
    const entries = await writeOne("alone", 0);
    const [seventh] = (await writeChain(chain, 7)).slice(6);
    let writes = 0;
    const copy = databaseCopy(
      openSimulatedDatabase(disk, (isWriting, transact) => {
        if (isWriting && ++writes === 2) disk.overwrite("meta", "head", { seq: 6, hash: entries[5]?.hash });
        return transact(() => {});
      }),
    );
    await copy.find();
    const written = copy.appendAlone(entries[5] as Entry, seventh as Entry);
    await expect(written).rejects.toThrow("somebody else writes this log");
  });

  test("remains are kept, whatever is taken of the first time", async () => {
    const entries = await writeChain(other, 3);
    const copy = create();
    const [found] = await copy.find();
    if (found === undefined) throw new Error();
    torn = 1;
    await copy.keepRemains({ ...found, chain: other, ackedSeq: 0 }, entries);
    disk.cutPower();
    expect(await create().remains(0)).toMatchObject({ chain: other, entries });
    expect(disk.rows("remains").size).toBe(1);
  });

  test("of the chain before, nothing comes back beside the first entry of a new one", async () => {
    const [old, [one]] = [await writeChain(other, 3), await writeChain(chain, 1)];
    for (let gone = 0; gone <= 14; gone++) {
      [disk, torn] = [createDisk(), 0];
      const copy = create();
      await copy.find();
      await copy.rewrite(await contentOf(other, old, 2));
      torn = gone;
      await copy.rewrite(await contentOf(chain, [], 0));
      torn = 0;
      await copy.append(await genesisOf(chain), [one as Entry]);
      disk.cutPower();
      expect(await create().find(), `${gone}`).toMatchObject([{ chain, head: { seq: 1 } }]);
      expect(await copy.read(1, 9), `${gone}`).toEqual([one]);
    }
  });

  test("nor is anything of it left where its end was cut off: it was kept as remains", async () => {
    const old = await writeChain(other, 3);
    for (let gone = 0; gone <= 14; gone++) {
      [disk, torn, left] = [createDisk(), 0, Number.POSITIVE_INFINITY];
      const copy = create();
      await copy.find();
      await copy.rewrite(await contentOf(other, old, 2));
      [torn, left] = [gone, 1];
      await expect(copy.rewrite(await contentOf(chain, [], 0))).rejects.toThrow("the power was cut");
      left = Number.POSITIVE_INFINITY;
      disk.cutPower();
      const [found] = await create().find();
      const isThere = found?.head?.seq === 3;
      expect(await copy.read(1, 9), `${gone}`).toEqual(isThere ? old : []);
    }
  });

  test.each([
    ["that has none yet", []],
    ["of some", [1, 2]],
  ])("a new chain %s, however much of its beginning is gone, is whole, or nobody goes on from it", async (_, seqs) => {
    const [old, entries] = [await writeChain(other, 3), await writeChain(chain, seqs.length)];
    for (let gone = 0; gone <= 14; gone++) {
      for (const cut of [1, 2, 3]) {
        [disk, torn, left] = [createDisk(), 0, Number.POSITIVE_INFINITY];
        const copy = create();
        await copy.find();
        await copy.rewrite(await contentOf(other, old, 2));
        disk.overwrite("meta", "twiceSeq", 2); // the third was on its way
        [torn, left] = [gone, cut];
        const rewriting = copy.rewrite(await contentOf(chain, entries, 0));
        const isBegun = await rewriting.then(
          () => entries.length === 0,
          () => false,
        );
        left = Number.POSITIVE_INFINITY;
        disk.cutPower();
        const result = await reconcile("t-1", await create().find(), null);
        if (isBegun) expect(result).toMatchObject({ kind: "whole", content: { chain } });
        if (result.kind === "lost") continue;
        const isOld = result.content.chain.epoch === other.epoch;
        expect(await readAll(result.content), `${gone} ${cut}`).toEqual(isOld ? old : entries);
      }
    }
  });
});
