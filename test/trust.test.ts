import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  decodeTrust,
  encodeTrust,
  issuerOf,
  mayGiveRoleAt,
  mayPointAt,
  openTrust,
  type Trust,
  type TrustEntry,
} from "../shared/trust.ts";

const { trust: given } = JSON.parse(readFileSync(new URL("./vectors/formats-v1.json", import.meta.url), "utf8")) as {
  trust: TrustEntry[];
};
const [first, second] = given as [TrustEntry, TrustEntry];

const opened = async (entries: readonly TrustEntry[]): Promise<Trust> => {
  const trust = await openTrust(entries);
  if (trust.kind === "invalid") throw new Error(trust.error);
  return trust.value;
};

describe("open", () => {
  it("imports every key under its kid", async () => {
    const trust = await opened(given);
    expect([...trust.keys()]).toEqual(given.map(({ kid }) => kid));
    for (const [kid, issuer] of trust) expect(issuer.key.kid).toBe(kid);
  });

  it.each<[string, readonly TrustEntry[], RegExp]>([
    ["a kid of another key", [first, { ...second, kid: "00".repeat(8) }], /^entry 0{16}: .*f93acb80d04f40f3/],
    ["the kid in capitals", [{ ...first, kid: first.kid.toUpperCase() }], /^entry D6C98/],
    [
      "a malformed key",
      [second, { ...first, jwk: { kty: "OKP", crv: "Ed25519", x: "AA" } }],
      /^entry d6c98cb1ddb931cb/,
    ],
    ["a kid twice", [first, second, { ...first, use: "staff" }], /^entry d6c98cb1ddb931cb: it is there twice/],
  ])("refuses %s, and names it", async (_, entries, error) => {
    expect(await openTrust(entries)).toEqual({ kind: "invalid", error: expect.stringMatching(error) });
  });
});

describe("who is trusted now", () => {
  it.each<[string, Partial<TrustEntry>, number, boolean]>([
    ["without bounds", {}, 0, true],
    ["before its first second", { validFrom: 100 }, 99, false],
    ["in its first second", { validFrom: 100 }, 100, true],
    ["in its last second", { validUntil: 100 }, 100, true],
    ["after its last second", { validUntil: 100 }, 101, false],
    ["before it is revoked", { revokedAt: 100 }, 99, true],
    ["from when it is revoked", { revokedAt: 100 }, 100, false],
    ["revoked within its validity", { validFrom: 50, revokedAt: 100, validUntil: 200 }, 150, false],
    ["at no time", {}, Number.NaN, false],
  ])("%s", async (_, bounds, now, isTrusted) => {
    const trust = await opened([{ ...first, ...bounds }]);
    expect(issuerOf(trust, first.kid, now) !== null).toBe(isTrusted);
  });

  it("nobody by a kid that is not there", async () => {
    expect(issuerOf(await opened([first]), second.kid, 0)).toBeNull();
    expect(issuerOf(await opened([]), "", 0)).toBeNull();
  });
});

it("a key without bounds may name any list and site, one with bounds only its own", () => {
  expect(mayPointAt(first, "z")).toBe(true);
  expect(mayPointAt({ ...first, lists: ["a"] }, "a")).toBe(true);
  expect(mayPointAt({ ...first, lists: ["a"] }, "b")).toBe(false);
  expect(mayPointAt({ ...first, lists: [] }, "a")).toBe(false);
  expect(mayGiveRoleAt(first, ["anywhere"])).toBe(true);
  expect(mayGiveRoleAt({ ...first, sites: ["east"] }, ["east"])).toBe(true);
  expect(mayGiveRoleAt({ ...first, sites: ["east"] }, ["east", "west"])).toBe(false);
  expect(mayGiveRoleAt({ ...first, sites: [] }, ["east"])).toBe(false);
});

describe("decode", () => {
  const full: TrustEntry = {
    ...first,
    programme: "test",
    sites: ["east"],
    lists: ["a"],
    validFrom: 1,
    validUntil: 2,
    revokedAt: 3,
    name: "first",
  };
  const text = (entry: object, more: object = {}): string =>
    JSON.stringify({ v: 1, version: 1, entries: [entry], ...more });

  it("reads what it writes", () => {
    for (const document of [
      { version: 7, entries: [full, second] },
      { version: 1, entries: [] },
    ]) {
      expect(decodeTrust(encodeTrust(document))).toEqual({ kind: "valid", value: document });
    }
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["no entries", '{"v":1,"version":1}'],
    ["no version", '{"v":1,"entries":[]}'],
    ["version 0", '{"v":1,"version":0,"entries":[]}'],
    ["half a version", '{"v":1,"version":1.5,"entries":[]}'],
    ["another version of the format", '{"v":2,"version":1,"entries":[]}'],
    ["an unknown member", text(first, { extra: 1 })],
    ["an unknown member of an entry", text({ ...first, extra: 1 })],
    ["an unknown member of a key", text({ ...first, jwk: { ...first.jwk, d: "AA" } })],
    ["an unknown use", text({ ...first, use: "root" })],
    ["no use", text({ ...first, use: undefined })],
    ["a kid in capitals", text({ ...first, kid: first.kid.toUpperCase() })],
    ["a short kid", text({ ...first, kid: "00" })],
    ["sites as text", text({ ...first, sites: "east" })],
    ["a time as text", text({ ...first, validUntil: "2" })],
    ["a time with a fraction", text({ ...first, validUntil: 2.5 })],
    ["a time that is null", text({ ...first, validUntil: null })],
  ])("refuses %s", (_, json) => {
    expect(decodeTrust(json)).toMatchObject({ kind: "invalid" });
  });

  it("says where", () => {
    expect(decodeTrust(text({ ...first, validUntil: "2" }))).toEqual({
      kind: "invalid",
      error: expect.stringContaining("entries.0.validUntil"),
    });
  });
});
