/** The bytes of a rescue and of its moving code: what must be read, and what must be refused with which fault. */
import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { encodeBase45 } from "../shared/base45.ts";
import { encodeBatch } from "../shared/batch.ts";
import { type Bytes, concatBytes, fromHex, sha256, toHex, toUtf8 } from "../shared/bytes.ts";
import { encodeCbor } from "../shared/cose.ts";
import {
  encodeRescue,
  entriesIn,
  type OperatorKey,
  openRescue,
  type RescueFault,
  rescueBatchesMax,
  rescueBytesMax,
  rescueContentBytesMax,
  sealRescue,
  splitRescues,
} from "../shared/rescue.ts";
import {
  type Assembly,
  addFrame,
  encodeFrames,
  frameBytes,
  frameCharsMax,
  framesMax,
  isComplete,
  joinFrames,
  readFrame,
} from "../shared/rescue-frames.ts";
import { signStatement } from "../shared/sync.ts";
import { verify } from "../shared/verify.ts";
import { gunzip, gzip, importOperatorKey, makeRescue } from "./rescue-sample.ts";
import { drawKey, now } from "./sample.ts";
import { createTerminal, type TestTerminal } from "./world.ts";

const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
const salt = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
let operator: OperatorKey;
let terminal: TestTerminal;
let batches: readonly Bytes[];
let sealed: Bytes;

beforeAll(async () => {
  operator = await importOperatorKey(secret);
  terminal = await createTerminal("gate-1", await drawKey());
  for (let count = 0; count < 9; count++) {
    await terminal.write({ kind: "fault", part: "gate", cause: "a test" }, { item: `item ${count}` });
  }
  batches = [await terminal.batch(1, 4), await terminal.batch(5, 9)];
  sealed = await makeRescue("gate-1", batches, operator, salt);
});

const open = (bytes: Bytes, by: OperatorKey = operator) => openRescue(bytes, by, gunzip);
const faultOf = async (bytes: Bytes, by?: OperatorKey): Promise<RescueFault | "opened"> => {
  const opened = await open(bytes, by);
  return opened.kind === "opened" ? "opened" : opened.fault;
};
/** Sealed rightly, whatever is in it. */
const seal = (content: Bytes, packed = gzip(content)): Promise<Bytes> => sealRescue(packed, operator, salt);
const changed = (bytes: Bytes, at: number, change: (byte: number) => number): Bytes =>
  bytes.with(at, change(bytes[at] ?? 0)) as Bytes;

describe("a rescue", () => {
  it("gives back its batches as they are sent, and says where each begins and ends", async () => {
    const opened = await open(sealed);
    if (opened.kind === "refused") throw new Error(opened.fault);
    expect(opened.rescue.terminal).toBe("gate-1");
    expect(opened.rescue.batches.map(({ bytes }) => bytes)).toEqual(batches);
    expect(opened.rescue.batches.map(({ from, head }) => [from, head.seq])).toEqual([
      [1, 4],
      [5, 9],
    ]);
    expect(opened.rescue.batches[1]?.head.hash).toEqual(terminal.entries[8]?.hash);
    expect(opened.rescue.batches[1]?.epoch).toEqual(terminal.chain.epoch);
    expect(entriesIn(opened.rescue)).toBe(9);
  });

  it("shows nothing of what is in it", () => {
    const text = Buffer.from(sealed).toString("latin1");
    expect(text).not.toContain("gate-1");
    expect(text).not.toContain("item");
  });

  // Made with Node's own HMAC and AES-GCM, by the description in the module: HMAC(secret, label || 00 || salt) and so on.
  it("has exactly these bytes", async () => {
    const packed = fromHex("0102030405") ?? new Uint8Array(0);
    expect(toHex(await sealRescue(packed, operator, salt))).toBe(vector);
  });

  test.each([
    ["nothing", () => new Uint8Array(0), "not-a-rescue"],
    ["a picture", () => toUtf8("\u0089PNG and so on"), "not-a-rescue"],
    ["a moving code's text", () => toUtf8("GLR1:ABC"), "truncated"],
    ["its head alone", () => sealed.slice(0, 36), "truncated"],
    ["its first half", () => sealed.slice(0, sealed.length / 2), "truncated"],
    ["all but its last byte", () => sealed.slice(0, -1), "truncated"],
    ["one byte more", () => concatBytes(sealed, new Uint8Array(1)), "altered"],
    ["another version of the operator key", () => changed(sealed, 7, () => 2), "foreign"],
    ["another salt", () => changed(sealed, 12, (byte) => byte ^ 1), "foreign"],
    ["another check", () => changed(sealed, 35, (byte) => byte ^ 1), "foreign"],
    ["another first byte inside", () => changed(sealed, 36, (byte) => byte ^ 1), "altered"],
    ["another tag", () => changed(sealed, sealed.length - 1, (byte) => byte ^ 1), "altered"],
    ["more than any rescue has", () => concatBytes(sealed, new Uint8Array(rescueBytesMax)), "too-large"],
  ] as const)("is refused: %s", async (_, bytes, fault) => {
    expect(await faultOf(bytes())).toBe(fault);
  });

  it("is another operator's, not altered, under another key", async () => {
    expect(await faultOf(sealed, await importOperatorKey(secret.with(0, 9) as Bytes))).toBe("foreign");
    expect(await faultOf(sealed, await importOperatorKey(secret, 2))).toBe("foreign");
  });

  it("is refused wherever one bit of it is another", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
        expect(await faultOf(changed(sealed, at, (byte) => byte ^ (1 << bit)))).not.toBe("opened");
      }),
      { numRuns: 300 },
    );
  });

  it("is refused where what is in it is none, though its seal holds", async () => {
    const [first, second] = batches;
    if (first === undefined || second === undefined) throw new Error("two batches");
    const entries = terminal.entries.slice(0, 4);
    const claiming = async (change: object) => {
      const said = { ...terminal.chain, seq: 4, hash: entries[3]?.hash ?? salt, at: now, ...change };
      const checkpoint = await signStatement("checkpoint", said, terminal.key);
      return encodeCbor(["gate-1", [encodeBatch({ epoch: terminal.chain.epoch, from: 1, entries, checkpoint })]]);
    };
    const wrong: Readonly<Record<string, Bytes>> = {
      "no CBOR": toUtf8("no CBOR"),
      "no list": encodeCbor("gate-1"),
      "no batch": encodeCbor(["gate-1", []]),
      "too much": encodeCbor(["gate-1", [first], 1]),
      "a name that is none": encodeCbor([1, [first]]),
      "a batch that is none": encodeCbor(["gate-1", [first, toUtf8("no batch")]]),
      "another terminal's batch": encodeCbor(["gate-2", [first]]),
      "another terminal's checkpoint": await claiming({ terminal: "gate-2" }),
      "another epoch's": await claiming({ epoch: salt }),
      "of another place": await claiming({ seq: 5 }),
      "too many": encodeCbor(["gate-1", Array(rescueBatchesMax + 1).fill(first)]),
    };
    for (const [name, content] of Object.entries(wrong))
      expect(await faultOf(await seal(content)), name).toBe("malformed");
    expect(await faultOf(await seal(await claiming({})))).toBe("opened");
    expect(await faultOf(await seal(new Uint8Array(0), toUtf8("no gzip")))).toBe("malformed");
    const bomb = gzip(new Uint8Array(rescueContentBytesMax + 1));
    expect(bomb.length).toBeLessThan(20_000);
    expect(await faultOf(await seal(new Uint8Array(0), bomb))).toBe("malformed");
  });

  it("holds no more than it says", () => {
    expect(() => encodeRescue("gate-1", Array(rescueBatchesMax + 1).fill(batches[0]))).toThrow(RangeError);
    expect(() => encodeRescue("gate-1", [new Uint8Array(rescueContentBytesMax)])).toThrow(RangeError);
  });

  it("stands behind another in a file; one that is cut off spoils none before it", async () => {
    const other = await makeRescue("gate-1", batches.slice(1), operator);
    const file = concatBytes(sealed, other, sealed.slice(0, 50));
    const parts = splitRescues(file);
    expect(await Promise.all(parts.map((part) => faultOf(part)))).toEqual(["opened", "opened", "truncated"]);
    expect(parts.slice(0, 2)).toEqual([sealed, other]);
    expect(splitRescues(new Uint8Array(0))).toEqual([]);
    expect(splitRescues(toUtf8("something else"))).toEqual([toUtf8("something else")]);
  });
});

const vector =
  "474c52310000000100000015a0a1a2a3a4a5a6a7a8a9aaabacadaeaf577c1eb219e6f74b7edb15bdb3c956913cba485f92c1a9dccd755e7b2f";

describe("a moving code", () => {
  const bytesOf = (length: number): Bytes => Uint8Array.from({ length }, (_, index) => (index * 7) % 256);

  it("is read in any order, each text as often as one likes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6000 }), fc.infiniteStream(fc.nat()), async (length, random) => {
        const bytes = bytesOf(length);
        const texts = await encodeFrames(bytes);
        let assembly: Assembly | null = null;
        const seen = new Set<number>();
        for (const choice of random) {
          const at = choice % texts.length;
          const frame = readFrame(texts[at] ?? "");
          if (frame === null) throw new Error("a frame");
          assembly = addFrame(assembly, frame);
          seen.add(at);
          expect(assembly.parts.size).toBe(seen.size);
          if (isComplete(assembly)) break;
        }
        expect(assembly === null ? null : await joinFrames(assembly)).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it("fits a QR code that a cheap camera reads: 800 characters at most, of the alphanumeric mode", async () => {
    const texts = await encodeFrames(bytesOf(20 * frameBytes + 1));
    expect(texts).toHaveLength(21);
    for (const text of texts) expect(text).toMatch(/^GLR1:[0-9A-Z $%*+\-./:]*$/);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(frameCharsMax);
    const id = new Uint8Array(8);
    const longest = encodeCbor([id, framesMax - 1, framesMax, new Uint8Array(frameBytes)]);
    expect(`GLR1:${encodeBase45(longest)}`.length).toBeLessThanOrEqual(frameCharsMax);
  });

  it("is not ours wherever citizens' codes are read", async () => {
    const [text = ""] = await encodeFrames(sealed);
    const trust = { version: 1, entries: [], keys: new Map() } as never;
    expect(await verify(text, trust, now)).toMatchObject({ kind: "fault", fault: "not-ours" });
  });

  test.each([
    ["another prefix", "GL1:ABC"],
    ["nothing in it", "GLR1:"],
    ["no base45", "GLR1:abc"],
    ["no CBOR", "GLR1:ABCDEF"],
    ["too long", `GLR1:${"0".repeat(frameCharsMax)}`],
  ])("refuses %s", (_, text) => {
    expect(readFrame(text)).toBeNull();
  });

  test.each([
    ["a short id", [new Uint8Array(7), 0, 1, new Uint8Array(1)]],
    ["an index past the end", [new Uint8Array(8), 1, 1, new Uint8Array(1)]],
    ["a negative index", [new Uint8Array(8), -1, 1, new Uint8Array(1)]],
    ["no parts", [new Uint8Array(8), 0, 0, new Uint8Array(1)]],
    ["more parts than a rescue has", [new Uint8Array(8), 0, framesMax + 1, new Uint8Array(frameBytes)]],
    ["a part without bytes", [new Uint8Array(8), 0, 1, new Uint8Array(0)]],
    ["a short part before the last", [new Uint8Array(8), 0, 2, new Uint8Array(frameBytes - 1)]],
    ["too large a part", [new Uint8Array(8), 0, 1, new Uint8Array(frameBytes + 1)]],
    ["something more", [new Uint8Array(8), 0, 1, new Uint8Array(1), 1]],
    ["a text for bytes", [new Uint8Array(8), 0, 1, "A"]],
  ])("refuses %s", (_, fields) => {
    expect(readFrame(`GLR1:${encodeBase45(encodeCbor(fields))}`)).toBeNull();
  });

  it("begins anew with a frame of another rescue, and gives nothing where its parts are not those of its id", async () => {
    const [one = "", two = ""] = await encodeFrames(bytesOf(2 * frameBytes));
    const [other = ""] = await encodeFrames(bytesOf(2 * frameBytes + 1));
    const [first, second, strange] = [one, two, other].map((text) => readFrame(text));
    if (!first || !second || !strange) throw new Error("three frames");
    const half = addFrame(null, first);
    expect(addFrame(half, strange).parts.size).toBe(1);
    expect(toHex(addFrame(half, strange).id)).toBe(toHex((await sha256(bytesOf(2 * frameBytes + 1))).slice(0, 8)));
    const forged = addFrame(half, { ...second, bytes: new Uint8Array(frameBytes) });
    expect(await joinFrames(forged)).toBeNull();
  });
});
