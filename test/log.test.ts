import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, toBase64url } from "../shared/bytes.ts";
import {
  type Chain,
  type Entry,
  extendChain,
  firstBreak,
  genesisOf,
  type Head,
  makeEntry,
  personalHash,
  pseudonymOf,
} from "../shared/log.ts";
import { readTransaction, type Transaction } from "../shared/transaction.ts";
import { now } from "./sample.ts";

/** The chain is computed a second time here, by node:crypto and from the text of FORMATS, "Log". */

const hashOf = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

const seqBytes = (seq: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(seq));
  return bytes;
};

const bytesOf = (length: number, first = 0): Bytes => Uint8Array.from({ length }, (_, index) => (first + index) % 256);

const chain: Chain = { terminal: "gate-1", epoch: bytesOf(16) };
const started: Transaction = {
  v: 1,
  at: now,
  boot: "b1",
  clock: "device",
  kind: "started",
  app: "0.1.0",
  newEpoch: true,
};

const entriesOf = async (length: number): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  let head = await genesisOf(chain);
  for (let index = 0; index < length; index++) {
    const personal = index % 2 === 0 ? {} : { item: `item-${index}` };
    const entry = await makeEntry(head, { ...started, at: now + index }, personal, bytesOf(16, index));
    entries.push(entry);
    head = entry;
  }
  return entries;
};

describe("the chain", () => {
  it("begins with the terminal and its epoch", async () => {
    const expected = hashOf("greenlane-genesis/v1", "\0", "gate-1", "\0", chain.epoch);
    expect(await genesisOf(chain)).toEqual({ seq: 0, hash: new Uint8Array(expected) });
    // From a third hand: `printf 'greenlane-genesis/v1\0gate-1\0\0\1\2...' | sha256sum`.
    expect(expected.toString("hex")).toBe("11a4d671d74ae90988fdd9c2873c545794da93110b2e3ca9bef0ea866f7434d7");
  });

  it("names terminals in UTF-8, and none like another", async () => {
    const terminal = "闸机-1";
    const expected = hashOf("greenlane-genesis/v1", "\0", Buffer.from(terminal, "utf8"), "\0", chain.epoch);
    expect((await genesisOf({ ...chain, terminal })).hash).toEqual(new Uint8Array(expected));
    expect((await genesisOf({ ...chain, epoch: bytesOf(16, 1) })).hash).not.toEqual((await genesisOf(chain)).hash);
  });

  it.each([0, 1, 255, 2 ** 32, Number.MAX_SAFE_INTEGER - 1])("goes on from seq %i", async (seq) => {
    const head: Head = { seq, hash: bytesOf(32, 7) };
    const bytes = bytesOf(100, 3);
    const expected = hashOf("greenlane-log/v1", "\0", head.hash, seqBytes(seq + 1), bytes);
    expect(await extendChain(head, bytes)).toEqual({ seq: seq + 1, hash: new Uint8Array(expected) });
  });

  it("holds every entry made", async () => {
    const entries = await entriesOf(5);
    expect(entries.map((each) => each.seq)).toEqual([1, 2, 3, 4, 5]);
    let prev = (await genesisOf(chain)).hash;
    for (const { seq, hash, bytes } of entries) {
      expect(hash).toEqual(new Uint8Array(hashOf("greenlane-log/v1", "\0", prev, seqBytes(seq), bytes)));
      prev = hash;
    }
  });
});

describe("what is personal", () => {
  it("is bound by salt and text, and stands beside the entry", async () => {
    const salt = bytesOf(16, 9);
    const entry = await makeEntry(await genesisOf(chain), started, { pseudonym: "p", item: "书" }, salt);
    expect(entry.personal).toEqual({ text: '{"pseudonym":"p","item":"书"}', salt });
    const bound = hashOf(salt, Buffer.from('{"pseudonym":"p","item":"书"}', "utf8")).toString("base64url");
    expect(readTransaction(entry.bytes)).toEqual({ ...started, personal: bound });
    expect(new TextDecoder().decode(entry.bytes)).not.toContain("书");
  });

  it("is nothing where there is nothing", async () => {
    const entry = await makeEntry(await genesisOf(chain), started, {}, bytesOf(16));
    expect(entry.personal).toBeNull();
    expect(readTransaction(entry.bytes)).toEqual(started);
  });

  it("hashes otherwise with another salt", async () => {
    const hashes = await Promise.all([0, 1].map((first) => personalHash({ text: "{}", salt: bytesOf(16, first) })));
    expect(new Set(hashes).size).toBe(2);
  });
});

describe("the pseudonym", () => {
  const key = bytesOf(32, 5);
  const importKey = () => crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

  it("is the first half of an HMAC over programme and subject", async () => {
    const expected = createHmac("sha256", key).update("fuzhou-moli\0subject-1").digest().subarray(0, 16);
    expect(await pseudonymOf(await importKey(), "fuzhou-moli", "subject-1")).toBe(toBase64url(expected));
  });

  it("is another for another programme, also where the words run together", async () => {
    const operatorKey = await importKey();
    const all = [
      ["ab", "c"],
      ["a", "bc"],
      ["abc", ""],
      ["c", "ab"],
    ].map(([programme = "", sub = ""]) => pseudonymOf(operatorKey, programme, sub));
    expect(new Set(await Promise.all(all)).size).toBe(4);
  });
});

describe("firstBreak", () => {
  it("finds none where there is none, from the beginning or from the middle", async () => {
    const entries = await entriesOf(6);
    const genesis = await genesisOf(chain);
    expect(await firstBreak(genesis, entries)).toBeNull();
    expect(await firstBreak(genesis, [])).toBeNull();
    const third = entries[2];
    if (third === undefined) throw new Error("six were made");
    expect(await firstBreak(third, entries.slice(3))).toBeNull();
    expect(await firstBreak(genesis, entries.slice(3))).toBe(4);
  });

  it("finds every single alteration, where it is", async () => {
    const entries = await entriesOf(6);
    const genesis = await genesisOf(chain);
    const at = fc.integer({ min: 0, max: 5 });
    const alteration = fc.record({ at, part: fc.constantFrom("bytes", "hash"), where: fc.nat(), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(alteration, async ({ at: index, part, where, bit }) => {
        const altered = entries.map((entry, each) =>
          each === index ? { ...entry, [part]: flip(part === "bytes" ? entry.bytes : entry.hash, where, bit) } : entry,
        );
        expect(await firstBreak(genesis, altered)).toBe(index + 1);
      }),
    );
  });

  it("finds what was left out, put in, put twice or exchanged", async () => {
    const entries = await entriesOf(6);
    const genesis = await genesisOf(chain);
    const [one, two, three, ...rest] = entries;
    if (one === undefined || two === undefined || three === undefined) throw new Error("six were made");
    const stranger = await makeEntry(one, { ...started, app: "other" }, {}, bytesOf(16));
    expect(await firstBreak(genesis, [one, three, ...rest])).toBe(3);
    expect(await firstBreak(genesis, [one, one, two, three, ...rest])).toBe(1);
    expect(await firstBreak(genesis, [one, three, two, ...rest])).toBe(3);
    expect(await firstBreak(genesis, [one, stranger, three, ...rest])).toBe(3);
    expect(await firstBreak(genesis, [one, { ...two, seq: 7 }, three, ...rest])).toBe(7);
    expect(await firstBreak({ seq: 1, hash: genesis.hash }, entries)).toBe(1);
  });
});

const flip = (bytes: Bytes, where: number, bit: number): Bytes =>
  bytes.map((byte, index) => (index === where % bytes.length ? byte ^ (1 << bit) : byte));
