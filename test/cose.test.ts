import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, concatBytes, fromHex, toHex, toUtf8 } from "../shared/bytes.ts";
import {
  countGoodSignatures,
  decodeCbor,
  encodeCbor,
  readSign1,
  readTyped,
  readTypedMany,
  signSign1,
  signTyped,
  signTypedMany,
  verifySign1,
} from "../shared/cose.ts";
import { type SigningKey, signingKeyOf } from "../shared/keys.ts";

const bytesOf = (hex: string): Bytes => fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array(0);
const generate = async (algorithm: { name: "Ed25519" } | { name: "ECDSA"; namedCurve: "P-256" }) =>
  signingKeyOf((await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"])) as CryptoKeyPair);
const ed25519 = await generate({ name: "Ed25519" });
const p256 = await generate({ name: "ECDSA", namedCurve: "P-256" });
const payload = toUtf8("payload");

/** A message with one byte changed: `at` from its end. */
const spoil = (bytes: Bytes, at: number): Bytes => bytes.map((byte, i) => (i === bytes.length - at ? byte ^ 1 : byte));

describe("CBOR, written", () => {
  it.each<[string, unknown, string]>([
    [
      "keys in the order of their bytes",
      new Map<unknown, unknown>([
        ["b", 1],
        [-1, 2],
        [100, 3],
        [10, 4],
        ["aa", 5],
        [false, 6],
      ]),
      "a6 0a04 186403 2002 616201 6261 6105 f406",
    ],
    [
      "integers shortest",
      [23, 24, 255, 256, 65_535, 65_536, 2 ** 32, -24, -25],
      "89 17 1818 18ff 190100 19ffff 1a00010000 1b0000000100000000 37 3818",
    ],
    ["a bigint", 2n ** 63n, "1b 8000000000000000"],
    ["bytes, text, null", [Uint8Array.of(1), "ä", null], "83 4101 62c3a4 f6"],
  ])("%s", (_, value, hex) => {
    expect(toHex(encodeCbor(value))).toBe(hex.replaceAll(" ", ""));
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, undefined, () => 1])("throws on %s", (value) => {
    expect(() => encodeCbor(value)).toThrow();
    expect(() => encodeCbor(new Map([[1, [value]]]))).toThrow();
  });
});

describe("CBOR, read", () => {
  it.each([
    ["nothing", ""],
    ["a trailing byte", "00 00"],
    ["half an array", "82 00"],
    ["half a text", "62 61"],
    ["an integer in two bytes", "18 17"],
    ["an integer in three", "19 00ff"],
    ["an integer in five", "1a 0000ffff"],
    ["an integer in nine", "1b 00000000ffffffff"],
    ["a negative integer in two", "38 17"],
    ["a length in two", "58 01 00"],
    ["a text length in three", "79 0001 61"],
    ["an array length in two", "98 01 00"],
    ["a map length in two", "b8 01 00 00"],
    ["a tag in two", "d8 12 80"],
    ["indefinite bytes", "5f ff"],
    ["indefinite text", "7f ff"],
    ["an indefinite array", "9f ff"],
    ["an indefinite map", "bf ff"],
    ["a break", "ff"],
    ["a break in an array", "81 ff"],
    ["float 16", "f9 3c00"],
    ["float 32", "fa 3f800000"],
    ["float 64", "fb 3ff0000000000000"],
    ["NaN", "f9 7e00"],
    ["undefined", "f7"],
    ["undefined inside", "81 f7"],
    ["a simple value", "f0"],
    ["a simple value in two bytes", "f8 ff"],
    ["reserved lengths", "1c"],
    ["tag 0", "c0 60"],
    ["tag 17", "d1 80"],
    ["tag 97", "d8 61 80"],
    ["a tag of eight bytes", "db ffffffffffffffff 00"],
    ["a tag of nothing", "d2"],
    ["duplicate integers", "a2 01 00 01 00"],
    ["duplicate texts", "a2 6161 00 6161 00"],
    ["duplicate bytes", "a2 4101 00 4101 00"],
    ["duplicate null", "a2 f6 00 f6 00"],
    ["duplicates deep inside", "81 d2 81 a1 00 a2 01 00 01 00"],
    ["an array key", "a1 80 00"],
    ["a map key", "a1 a0 00"],
    ["text that is not UTF-8", "61 80"],
    ["two keys that a lenient reader makes one", "a2 61 80 00 61 81 00"],
    ["surrogates", "63 eda080"],
    ["a length beyond memory", "5b 001fffffffffffff"],
    ["an array beyond memory", "9b 001fffffffffffff"],
    ["a map beyond memory", "bb 001fffffffffffff"],
  ])("refuses %s", (_, hex) => {
    expect(decodeCbor(bytesOf(hex))).toBeNull();
  });

  it.each([0x81, 0xa1, 0xd2])("does not throw on a million openings of 0x%i", (opening) => {
    expect(decodeCbor(new Uint8Array(1_000_000).fill(opening))).toBeNull();
    const keyed = Uint8Array.from({ length: 1_000_000 }, (_, i) => (opening === 0xa1 && i % 2 === 1 ? 0 : opening));
    expect(decodeCbor(keyed)).toBeNull();
  });

  it("nests 32 deep and no deeper", () => {
    const nested = (depth: number) => concatBytes(new Uint8Array(depth).fill(0x81), Uint8Array.of(0));
    expect(decodeCbor(nested(31))).not.toBeNull();
    expect(decodeCbor(nested(32))).toBeNull();
    // Depth, not number: what has ended does not count.
    expect(decodeCbor(encodeCbor(Array(500).fill([[new Map([[1, []]])]])))).not.toBeNull();
  });

  it("takes keys in any order, and any integer", () => {
    expect(decodeCbor(bytesOf("a3 20 00 6161 01 01 02"))?.value).toEqual(
      new Map<unknown, unknown>([
        [-1, 0],
        ["a", 1],
        [1, 2],
      ]),
    );
    expect(decodeCbor(bytesOf("82 1b ffffffffffffffff 3b ffffffffffffffff"))?.value).toEqual([
      2n ** 64n - 1n,
      -(2n ** 64n),
    ]);
    expect(decodeCbor(bytesOf("a2 4101 00 4102 00"))).not.toBeNull();
    expect(decodeCbor(bytesOf("63 efbbbf"))?.value).toBe("\ufeff");
  });

  it("never throws on any bytes, and writes again what it reads", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeCbor(new Uint8Array(bytes));
        if (decoded !== null) expect(encodeCbor(decoded.value)).toHaveLength(bytes.length);
      }),
      { numRuns: 5000 },
    ));

  it("reads what it writes", () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.maxSafeInteger(),
        fc.string({ unit: "grapheme" }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
        fc.array(tie("value")),
        fc.array(fc.tuple(fc.oneof(fc.maxSafeInteger(), fc.string()), tie("value"))).map((pairs) => new Map(pairs)),
      ),
    }));
    fc.assert(
      fc.property(value, (any) => {
        expect(decodeCbor(encodeCbor(any))).toEqual({ value: any });
      }),
    );
  });
});

describe.each([ed25519, p256])("COSE_Sign1 by $curve", (key) => {
  const header = new Map([[4, bytesOf(key.kid)]]);

  it("verifies what was signed, and nothing else", async () => {
    const message = readSign1(await signSign1(header, payload, key), [1, 4]);
    if (message === null) throw new Error("unreadable");
    const other = key === ed25519 ? p256 : ed25519;
    expect(message.payload).toEqual(payload);
    expect(await verifySign1(message, key)).toBe("ok");
    expect(await verifySign1(message, other)).toBe("wrong-algorithm");
    expect(await verifySign1({ ...message, payload: toUtf8("Payload") }, key)).toBe("bad-signature");
    expect(await verifySign1({ ...message, protectedBytes: encodeCbor(new Map([[1, message.alg]])) }, key)).toBe(
      "bad-signature",
    );
    expect(
      await verifySign1(
        message,
        await generate(key === ed25519 ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-256" }),
      ),
    ).toBe("bad-signature");
  });

  it("reads the older algorithm number too, and writes the newer", async () => {
    const older = key === ed25519 ? -8 : -7;
    const newer = readSign1(await signSign1(header, payload, key), [1, 4]);
    const message = readSign1(await signSign1(new Map<number, unknown>([...header, [1, older]]), payload, key), [1, 4]);
    expect(newer?.alg).toBe(key === ed25519 ? -19 : -9);
    expect(message?.alg).toBe(older);
    expect(message === null ? null : await verifySign1(message, key)).toBe("ok");
  });

  it("refuses other labels than those asked for, fewer or more", async () => {
    const bytes = await signSign1(header, payload, key);
    expect(readSign1(bytes, [1])).toBeNull();
    expect(readSign1(bytes, [1, 4, 16])).toBeNull();
    expect(readSign1(bytes, [1, 16])).toBeNull();
  });
});

describe("typed objects", () => {
  it("are what they say, by whom they say", async () => {
    const bytes = await signTyped("ack", payload, ed25519);
    const typed = readTyped(bytes, "ack");
    expect(typed?.kid).toBe(ed25519.kid);
    expect(typed?.payload).toEqual(payload);
    expect(typed === null ? null : await verifySign1(typed.sign1, ed25519)).toBe("ok");
    expect(readTyped(bytes, "checkpoint")).toBeNull();
    expect(readTyped(spoil(bytes, 1), "ack")).not.toBeNull();
    expect(readTyped(bytes.slice(0, -1), "ack")).toBeNull();
  });

  it("the header, byte for byte", async () => {
    const bytes = await signTyped("ack", payload, ed25519);
    const typ = toHex(toUtf8("application/greenlane-ack+cose"));
    expect(toHex(bytes)).toContain(`d284582ea301320448${ed25519.kid}10781e${typ}a0`);
  });

  it("a kid of another length is refused", async () => {
    const header = (kid: Bytes) =>
      new Map<number, unknown>([
        [4, kid],
        [16, "application/greenlane-ack+cose"],
      ]);
    expect(readTyped(await signSign1(header(new Uint8Array(8)), payload, ed25519), "ack")).not.toBeNull();
    expect(readTyped(await signSign1(header(new Uint8Array(7)), payload, ed25519), "ack")).toBeNull();
  });
});

describe("COSE_Sign by several keys", async () => {
  const keys: readonly SigningKey[] = [ed25519, p256, await generate({ name: "Ed25519" })];
  const [first, second, third] = keys as [SigningKey, SigningKey, SigningKey];
  const count = async (bytes: Bytes, of: readonly SigningKey[]): Promise<number | null> => {
    const message = readTypedMany(bytes, "root");
    return message === null ? null : countGoodSignatures(message, of);
  };

  it("counts the keys that signed", async () => {
    const bytes = await signTypedMany("root", payload, [first, second]);
    expect(readTypedMany(bytes, "root")?.payload).toEqual(payload);
    expect(await count(bytes, keys)).toBe(2);
    expect(await count(bytes, [first, third])).toBe(1);
    expect(await count(bytes, [third])).toBe(0);
    expect(await count(bytes, [])).toBe(0);
  });

  it("counts a key once, however often it signs or is named", async () => {
    const bytes = await signTypedMany("root", payload, [first, first, first]);
    expect(await count(bytes, keys)).toBe(1);
    expect(await count(bytes, [first, first, { ...first }])).toBe(1);
  });

  it("does not count a bad signature, and is not spoilt by it", async () => {
    const bytes = await signTypedMany("root", payload, [first, second]);
    expect(await count(spoil(bytes, 1), keys)).toBe(1);
    expect(
      await count(
        bytes.map((byte, i) => (byte === 0x70 && toHex(bytes.slice(i, i + 7)) === toHex(payload) ? 0x71 : byte)),
        keys,
      ),
    ).toBe(0);
  });

  it("a bad signature of a key does not hide its good one", async () => {
    const good = await signTypedMany("root", payload, [first, first]);
    expect(await count(spoil(good, 1), [first])).toBe(1);
    const at = good.length - 64 - 66; // inside the first of the two signatures
    expect(
      await count(
        good.map((byte, i) => (i === at ? byte ^ 1 : byte)),
        [first],
      ),
    ).toBe(1);
  });

  it("a signature under another key's kid does not count for it", async () => {
    const forged = { ...third, kid: first.kid };
    expect(await count(await signTypedMany("root", payload, [forged]), keys)).toBe(0);
  });

  it("an algorithm that does not fit the key does not count", async () => {
    const bytes = await signTypedMany("root", payload, [{ ...first, curve: "P-256" }]);
    expect(await count(bytes, [first])).toBe(0);
  });

  it("is bounded, and is what it says", async () => {
    expect(await count(await signTypedMany("root", payload, Array(16).fill(first)), keys)).toBe(1);
    expect(await count(await signTypedMany("root", payload, Array(17).fill(first)), keys)).toBeNull();
    expect(await count(await signTypedMany("root", payload, []), keys)).toBeNull();
    expect(readTypedMany(await signTypedMany("trust", payload, [first]), "root")).toBeNull();
    expect(readTypedMany(await signTyped("root", payload, first), "root")).toBeNull();
    const underTag18 = concatBytes(Uint8Array.of(0xd2), (await signTypedMany("root", payload, [first])).subarray(2));
    expect(readTypedMany(underTag18, "root")).toBeNull();
    expect(readTyped(await signTypedMany("root", payload, [first]), "root")).toBeNull();
  });
});

it("no reader throws on any bytes", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
      const bytes = new Uint8Array(any);
      expect(readTyped(bytes, "ack")).toBeNull();
      expect(readTypedMany(bytes, "root")).toBeNull();
    }),
  ));
