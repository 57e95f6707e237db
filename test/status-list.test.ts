import { readFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../shared/bytes.ts";
import { decodeCbor, kidOf, readSign1, verifySign1 } from "../shared/cose.ts";
import { signingKeyOf } from "../shared/keys.ts";
import {
  encodeStatusListCwt,
  openStatusList,
  packStatuses,
  valueOf as publishedValue,
  type Standing,
  type StatusList,
  standingAt,
} from "../shared/status-list.ts";

const { scoreList } = JSON.parse(readFileSync(new URL("./vectors/formats-v1.json", import.meta.url), "utf8")) as {
  scoreList: { values: number[]; entries: number; packedHex: string };
};

const open = (packed: Uint8Array, entries: number): StatusList => {
  const list = openStatusList(new Uint8Array(packed), entries);
  if (list.kind === "invalid") throw new Error(list.error);
  return list.value;
};

it("packs the vector's values into the vector's bytes, and reads its meanings", () => {
  const packed = packStatuses(scoreList.values);
  expect(toHex(packed)).toBe(scoreList.packedHex);
  const list = open(packed, scoreList.entries);
  expect(scoreList.values.map((_, index) => standingAt(list, index))).toEqual([
    "none",
    "revoked",
    "suspended",
    1,
    2,
    3,
    4,
    5,
    "unknown",
    "none",
    1,
    1,
    5,
  ]);
});

it("every value has the meaning of FORMATS", () => {
  const list = open(packStatuses([...Array(16).keys()]), 16);
  expect([...Array(16).keys()].map((value) => standingAt(list, value))).toEqual([
    ...["none", "revoked", "suspended", 1],
    ...Array(8).fill("unknown"),
    ...[2, 3, 4, 5],
  ]);
});

it("publishes what it reads", () => {
  const published = ["none", "revoked", "suspended", 1, 2, 3, 4, 5] as const;
  const list = open(packStatuses(published.map(publishedValue)), published.length);
  expect(published.map((_, index) => standingAt(list, index))).toEqual(published);
  expect(() => publishedValue("unknown" as Exclude<Standing, "unknown">)).toThrow(TypeError);
});

it.each([13, 14, -1, 0.5, 2 ** 32, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY])("index %d is unknown", (index) => {
  const list = open(packStatuses(Array(13).fill(15)), 13);
  expect(standingAt(list, 12)).toBe(5);
  expect(standingAt(list, index)).toBe("unknown");
});

it("the unused half of the last byte is no entry", () => {
  expect(standingAt(open(Uint8Array.of(0xff), 1), 1)).toBe("unknown");
});

it.each([
  [0, 0, "valid"],
  [1, 0, "invalid"],
  [0, 1, "invalid"],
  [1, 1, "valid"],
  [1, 2, "valid"],
  [1, 3, "invalid"],
  [2, 2, "invalid"],
  [2, 3, "valid"],
  [1, 1.5, "invalid"],
  [0, -1, "invalid"],
  [1, Number.NaN, "invalid"],
])("%d bytes for %d entries: %s", (length, entries, kind) => {
  expect(openStatusList(new Uint8Array(length), entries).kind).toBe(kind);
});

it.each([[[16]], [[-1]], [[0.5]], [[Number.NaN]]])("does not pack %j", (values) => {
  expect(() => packStatuses(values)).toThrow(RangeError);
});

it("any values come back at their index", () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 2, 3, 12, 13, 14, 15)), (values) => {
      const list = open(packStatuses(Uint8Array.from(values)), values.length);
      for (const [index, value] of values.entries()) {
        expect(publishedValue(standingAt(list, index) as Exclude<Standing, "unknown">)).toBe(value);
      }
    }),
  ));

it("exports a standard Token Status List in CWT form", async () => {
  const publisher = await signingKeyOf(
    (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair,
  );
  const packed = packStatuses(scoreList.values);
  const list = { uri: "https://example.org/lists/a", iat: 1_800_000_000, exp: 1_800_086_400, ttl: 43_200 };
  const bytes = await encodeStatusListCwt({ ...list, deflated: new Uint8Array(deflateSync(packed)) }, publisher);

  const sign1 = readSign1(bytes, [1, 4, 16]);
  if (sign1 === null) throw new Error("unreadable");
  expect(await verifySign1(sign1, publisher)).toBe("ok");
  expect(sign1.header.get(16)).toBe("application/statuslist+cwt");
  expect(kidOf(sign1.header)).toBe(publisher.kid);
  const payload = decodeCbor(sign1.payload)?.value as Map<number, unknown>;
  const statusList = payload.get(65_533) as Map<string, unknown>;
  expect([...payload.keys()].sort()).toEqual([2, 4, 6, 65_533, 65_534]);
  expect([2, 6, 4, 65_534].map((label) => payload.get(label))).toEqual([list.uri, list.iat, list.exp, list.ttl]);
  expect([...statusList.keys()].sort()).toEqual(["bits", "lst"]);
  expect(statusList.get("bits")).toBe(4);
  expect(new Uint8Array(inflateSync(statusList.get("lst") as Uint8Array))).toEqual(packed);
});
