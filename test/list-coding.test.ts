import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, fromHex, toHex } from "../shared/bytes.ts";
import { applyPatch, encodePatch } from "../shared/list-patch.ts";
import { decodeSnapshot, encodeSnapshot, entriesMax } from "../shared/list-snapshot.ts";
import { packStatuses, type StatusList } from "../shared/status-list.ts";

type Vectors = {
  readonly snapshots: readonly { readonly name: string; readonly list: string; readonly bytes: string }[];
  readonly patches: readonly {
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly bytes: string;
  }[];
  readonly refusedSnapshots: readonly {
    readonly name: string;
    readonly bytes: string;
    readonly entries: number | string;
  }[];
  readonly refusedPatches: readonly { readonly name: string; readonly from: string; readonly bytes: string }[];
};
const vectors = JSON.parse(readFileSync(new URL("./vectors/list-coding-v1.json", import.meta.url), "utf8")) as Vectors;

const listOf = (values: ArrayLike<number>): StatusList => ({ packed: packStatuses(values), entries: values.length });
const listOfDigits = (digits: string): StatusList => listOf([...digits].map((digit) => Number.parseInt(digit, 16)));
const bytesOf = (hex: string): Bytes => {
  const bytes = fromHex(hex);
  if (bytes === null) throw new Error(`not hexadecimal: ${hex}`);
  return bytes;
};

/** Any 16 values, few values, and one value over and over. */
const anyValues: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 400 }),
  fc.array(fc.constantFrom(3, 3, 3, 3, 3, 3, 12, 15), { maxLength: 4000 }),
  fc
    .record({ value: fc.integer({ min: 0, max: 15 }), length: fc.integer({ min: 0, max: 3000 }) })
    .map(({ value, length }) => Array<number>(length).fill(value)),
);
const anyList = anyValues.map(listOf);
/** A list, and another of as many entries or more: untouched, a little changed, or all of it. */
const anyTwoLists = fc
  .record({
    old: anyValues,
    edits: fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 15 }) }), { maxLength: 20 }),
    isReplaced: fc.boolean(),
    added: fc.oneof(fc.constant([]), anyValues),
  })
  .map(({ old, edits, isReplaced, added }) => {
    const next = isReplaced ? old.map((value) => (value + 1 + (value % 7)) % 16) : [...old];
    for (const { at, value } of edits) if (next.length > 0) next[at % next.length] = value;
    return { from: listOf(old), to: listOf([...next, ...added]) };
  });

describe("vectors", () => {
  it.each(vectors.snapshots)("snapshot: $name", ({ list, bytes }) => {
    expect(toHex(encodeSnapshot(listOfDigits(list)))).toBe(bytes);
    expect(decodeSnapshot(bytesOf(bytes), list.length)).toEqual({ kind: "valid", value: listOfDigits(list) });
  });

  it.each(vectors.patches)("patch: $name", ({ from, to, bytes }) => {
    expect(toHex(encodePatch(listOfDigits(from), listOfDigits(to)))).toBe(bytes);
    expect(applyPatch(listOfDigits(from), bytesOf(bytes))).toEqual({ kind: "valid", value: listOfDigits(to) });
  });

  it.each(vectors.refusedSnapshots)("no snapshot: $name", ({ bytes, entries }) => {
    expect(decodeSnapshot(bytesOf(bytes), Number(entries))).toEqual({ kind: "invalid", error: expect.any(String) });
  });

  it.each(vectors.refusedPatches)("no patch: $name", ({ from, bytes }) => {
    expect(applyPatch(listOfDigits(from), bytesOf(bytes))).toEqual({ kind: "invalid", error: expect.any(String) });
  });
});

describe("round trips", () => {
  it("any list by its snapshot", () =>
    fc.assert(
      fc.property(anyList, (list) => {
        expect(decodeSnapshot(encodeSnapshot(list), list.entries)).toEqual({ kind: "valid", value: list });
      }),
    ));

  it("any list by its patch from any that is not longer, which stays as it was", () =>
    fc.assert(
      fc.property(anyTwoLists, ({ from, to }) => {
        const before = from.packed.slice();
        expect(applyPatch(from, encodePatch(from, to))).toEqual({ kind: "valid", value: to });
        expect(from.packed).toEqual(before);
      }),
      { numRuns: 300 },
    ));

  it("from bytes in the middle of others", () => {
    const [from, to] = [listOfDigits("c3dcc"), listOfDigits("c3eccf")];
    const within = (bytes: Bytes): Bytes => {
      const longer = new Uint8Array(bytes.length + 7).fill(0xff);
      longer.set(bytes, 3);
      return longer.subarray(3, 3 + bytes.length);
    };
    expect(decodeSnapshot(within(encodeSnapshot(to)), 6)).toEqual({ kind: "valid", value: to });
    expect(applyPatch(from, within(encodePatch(from, to)))).toEqual({ kind: "valid", value: to });
  });

  it("the unused half of the last byte is not coded and comes back as 0", () => {
    const [dirty, clean] = [{ packed: Uint8Array.of(0xfc), entries: 1 }, listOfDigits("c")];
    expect(encodeSnapshot(dirty)).toEqual(encodeSnapshot(clean));
    expect(encodePatch(dirty, dirty)).toEqual(encodePatch(clean, clean));
    expect(applyPatch(dirty, encodePatch(clean, clean))).toEqual({ kind: "valid", value: clean });
    expect(applyPatch(dirty, encodePatch(clean, listOfDigits("c3")))).toEqual({
      kind: "valid",
      value: listOfDigits("c3"),
    });
  });

  it("a state that just reaches its bound", () => {
    const list = listOf([...Array(40).fill(12), ...Array(40).fill(3)]);
    expect(decodeSnapshot(encodeSnapshot(list), list.entries)).toEqual({ kind: "valid", value: list });
  });

  it("one among a hundred thousand", () => {
    const uniform = new Uint8Array(100_000).fill(15);
    const [from, to] = [listOf(uniform), listOf(uniform.with(99_999, 0))];
    expect(decodeSnapshot(encodeSnapshot(to), to.entries)).toEqual({ kind: "valid", value: to });
    for (const old of [from, listOf([])]) {
      expect(applyPatch(old, encodePatch(old, to))).toEqual({ kind: "valid", value: to });
    }
  });

  it("does not encode what no decoder takes", () => {
    const endless: StatusList = { packed: new Uint8Array(0), entries: entriesMax + 1 };
    expect(() => encodeSnapshot(endless)).toThrow(RangeError);
    expect(() => encodePatch(listOfDigits("c"), endless)).toThrow(RangeError);
    expect(() => encodePatch(listOfDigits("c3"), listOfDigits("c"))).toThrow(RangeError);
  });
});

describe("any bytes", () => {
  /** Never a list of another length, whatever the bytes. */
  const expectTotal = (opened: ReturnType<typeof applyPatch>, entries: number | null): void => {
    if (opened.kind === "invalid") return;
    if (entries !== null) expect(opened.value.entries).toBe(entries);
    expect(opened.value.packed.length).toBe(Math.ceil(opened.value.entries / 2));
  };
  const damage = (bytes: Bytes, at: number, by: number): Bytes =>
    bytes.map((byte, index) => (index === at % bytes.length ? byte ^ by : byte));
  const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes));
  const anyDamage = { at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) };

  it("are no snapshot, or one of as many entries as asked for", () =>
    fc.assert(
      fc.property(anyBytes, fc.nat(2000), fc.boolean(), (bytes, entries, isHeaded) => {
        const head = isHeaded ? bytesOf("0108100010001000000100") : Uint8Array.of(1);
        expectTotal(decodeSnapshot(new Uint8Array([...head, ...bytes]), entries), entries);
      }),
      { numRuns: 1000 },
    ));

  it("are no patch, or one for a list of that length", () =>
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 0, max: 127 }), fc.nat(127), fc.nat(127), (bytes, entries, ...counts) => {
        expectTotal(
          applyPatch(listOf(new Uint8Array(entries)), new Uint8Array([1, entries, ...counts, ...bytes])),
          null,
        );
        expectTotal(applyPatch(listOf(new Uint8Array(entries)), new Uint8Array([1, ...bytes])), null);
      }),
      { numRuns: 1000 },
    ));

  it("with one byte changed or the end cut off never throw; a snapshot seldom passes, a patch never as the same", () => {
    let passed = 0;
    fc.assert(
      fc.property(anyTwoLists, fc.record(anyDamage), ({ from, to }, { at, by }) => {
        const [snapshot, patch] = [encodeSnapshot(to), encodePatch(from, to)];
        const damaged = decodeSnapshot(damage(snapshot, at, by), to.entries);
        expectTotal(damaged, to.entries);
        if (damaged.kind === "valid") passed++;
        const other = applyPatch(from, damage(patch, at, by));
        expectTotal(other, null);
        expect(other).not.toEqual({ kind: "valid", value: to });
        expect(decodeSnapshot(snapshot.slice(0, at % snapshot.length), to.entries).kind).toBe("invalid");
        expectTotal(applyPatch(from, patch.slice(0, at % patch.length)), null);
      }),
      { numRuns: 500 },
    );
    expect(passed).toBeLessThan(25);
  });

  it.each([
    ["", "0100ffffff7f00"],
    ["", "010081b4891300"],
    ["", "010080b4891301"],
    ["c3d", "0103feb3891300"],
  ])("from %j by %s: refused before anything is allocated", (from, bytes) => {
    const error = "more entries than there can be";
    expect(applyPatch(listOfDigits(from), bytesOf(bytes))).toEqual({ kind: "invalid", error });
  });

  it("that bring too few bits for their gaps are refused before anything is allocated", () => {
    const city = { packed: new Uint8Array(500), entries: 1000 };
    expect(applyPatch(city, bytesOf("01e807000a"))).toEqual({ kind: "invalid", error: "too short" });
  });

  it("that promise forty million entries and bring none are soon found out", () => {
    const [city, most] = [{ packed: new Uint8Array(entriesMax / 2), entries: entriesMax }, "80b48913"];
    const before = process.threadCpuUsage(); // not the clock: others may have the machine
    for (const rest of ["", "00".repeat(20), "37".repeat(20), "ff".repeat(20)]) {
      expect(applyPatch(listOf([]), bytesOf(`0100${most}00${rest}`)).kind).toBe("invalid");
      expect(applyPatch(city, bytesOf(`01${most}00${most}${rest}`)).kind).toBe("invalid");
      expect(decodeSnapshot(bytesOf(`010810001000100000${"0100".repeat(2)}${rest}`), entriesMax).kind).toBe("invalid");
    }
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(10_000);
  });
});
