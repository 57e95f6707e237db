/** The first copy of the log: what a rewriting leaves that is broken off, and what is known of a beginning that is not there. */
import { beforeEach, expect, test } from "vitest";
import { databaseCopy } from "../kiosk/adapters/store-log.ts";
import type { LogContent } from "../kiosk/ports.ts";
import { type Chain, type Entry, genesisOf } from "../shared/log.ts";
import { chainOf, writeChain } from "./log-copies.ts";
import { createDatabaseDisk, type DatabaseDisk, openSimulatedDatabase, replaceKeyRange } from "./sim/database.ts";

const [chain, other] = [chainOf(7), chainOf(9)];
let disk: DatabaseDisk;
/** How many transactions that write are still let through. */
let left: number;

beforeEach(() => {
  replaceKeyRange();
  [disk, left] = [createDatabaseDisk(), Number.POSITIVE_INFINITY];
});

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
