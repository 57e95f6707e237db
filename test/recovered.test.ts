/** An entry of a lost chain told again: to the byte, once wrapped however often it is lost, within the bounds of all. */
import { describe, expect, test } from "vitest";
import { createMemory, readWritten, recall } from "../kiosk/memory.ts";
import { entryBytesMax, personalCharsMax } from "../shared/batch.ts";
import { equalBytes, toBase64url } from "../shared/bytes.ts";
import { type Entry, genesisOf, makeEntry, personalHash } from "../shared/log.ts";
import { readRecovered, retell } from "../shared/recovered.ts";
import { readPersonal, readTransaction } from "../shared/transaction.ts";
import { chainOf, writeChain } from "./log-copies.ts";
import { decidedTap } from "./world.ts";

const stamp = { v: 1, at: 5000, boot: "b", clock: "device" } as const;
const salt = new Uint8Array(16).fill(4);

const tell = async (entry: Entry, chain: Parameters<typeof retell>[0] = chainOf(9)): Promise<Entry> => {
  const { happening, personal } = retell(chain, entry);
  return makeEntry(await genesisOf(chainOf(7)), { ...stamp, ...happening }, personal, salt);
};
const read = ({ bytes, personal }: Entry) => {
  const transaction = readTransaction(bytes);
  return transaction === null ? null : readRecovered(transaction, personal);
};

describe("told again", () => {
  test("it is the same to the byte, with what is personal", async () => {
    const [, , entry] = await writeChain(chainOf(9), 3);
    if (entry === undefined) throw new Error();
    const told = await tell(entry);
    expect(read(told)).toEqual({
      of: { terminal: "t-1", epoch: toBase64url(chainOf(9).epoch), seq: 3 },
      hash: entry.hash,
      bytes: entry.bytes,
      personal: entry.personal,
    });
    expect(readPersonal(told.personal?.text ?? "")).toMatchObject({ item: "item 2" });
    expect(readTransaction(told.bytes)?.personal).toBe(await personalHash(told.personal ?? { text: "", salt }));
  });

  test("what was erased is told without it, and what lost its chain without a name", async () => {
    const [entry] = await writeChain(chainOf(9), 1);
    if (entry === undefined) throw new Error();
    const told = await tell({ ...entry, personal: null }, null);
    expect([told.personal, read(told)]).toMatchObject([null, { of: { terminal: null, epoch: null, seq: 1 } }]);
  });

  test("lost again, it is told as it was first", async () => {
    const [entry] = await writeChain(chainOf(9), 1);
    if (entry === undefined) throw new Error();
    const once = await tell(entry);
    const twice = await tell(once, chainOf(8));
    expect(read(twice)).toEqual(read(once));
    expect(equalBytes(twice.bytes, once.bytes)).toBe(true);
  });

  test("nothing told is larger than an entry may be", async () => {
    const [entry] = await writeChain(chainOf(9), 1);
    if (entry === undefined) throw new Error();
    const large = { ...entry, bytes: new Uint8Array(entryBytesMax), personal: { text: "x".repeat(2000), salt } };
    const told = await tell(large);
    expect([told.bytes.length < entryBytesMax, told.personal, read(told)]).toEqual([true, null, null]);
    expect(readTransaction(told.bytes)).toMatchObject({ kind: "recovered", hash: toBase64url(entry.hash) });

    const text = JSON.stringify({ item: "i".repeat(personalCharsMax - 20) });
    expect((await tell({ ...entry, personal: { text, salt } })).personal).toBeNull();
    const most = { ...entry, bytes: new Uint8Array(Math.floor((entryBytesMax * 3) / 4) - 1024) };
    const wide = { terminal: "t".repeat(64), epoch: chainOf(9).epoch };
    const full = await tell(most, wide);
    expect([full.bytes.length <= entryBytesMax, read(full)?.bytes.length]).toEqual([true, most.bytes.length]);
  });

  test.each([
    { kind: "decided" },
    { hash: "short" },
    { hash: 7 },
    { bytes: "not base64url!" },
    { of: null },
    { of: { terminal: "t-1", epoch: 7, seq: 1 } },
    { of: { terminal: "t-1", epoch: "e", seq: 1.5 } },
  ])("%j is none", async (wrong) => {
    const [entry] = await writeChain(chainOf(9), 1);
    if (entry === undefined) throw new Error();
    const right = readTransaction((await tell(entry)).bytes);
    if (right === null) throw new Error();
    expect(readRecovered(right, null)).not.toBeNull();
    expect(readRecovered({ ...right, ...wrong }, { text: "{", salt })).toBeNull();
  });
});

test("a code that was accepted in a lost chain is remembered", async () => {
  const identity = "ab".repeat(32);
  const seen = { identity, issuedAt: 4990, windowUntil: 5080 };
  const decided = { ...stamp, ...decidedTap("cd".repeat(32)), ...seen };
  const entry = await makeEntry(await genesisOf(chainOf(9)), decided, { pseudonym: "somebody" }, salt);
  const memory = createMemory(() => 5000);
  recall(memory, [readWritten(await tell(entry))]);
  expect(memory.historyOf(identity, "somebody", "entry", 5010)).toMatchObject({ seenAt: 5000, sameActionAt: 5000 });
});
