import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase45, encodeBase45 } from "../shared/base45.ts";

describe("RFC 9285", () => {
  it.each([
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
    ["ietf!", "QED8WEX0"],
    ["", ""],
  ])("%j is %j", (plain, text) => {
    expect(encodeBase45(new TextEncoder().encode(plain))).toBe(text);
    expect(new TextDecoder().decode(decodeBase45(text) ?? undefined)).toBe(plain);
  });

  it.each([
    ["one character too many", "BB8B"],
    ["a single character", "0"],
    ["three characters for 65536", "GGX"],
    ["three characters for the most", ":::"],
    ["two characters for 256", "V5"],
    ["two characters for the most", "::"],
    ["a lower-case letter", "bB8"],
    ["a letter outside ASCII", "BÄ8"],
    ["a character of two code units", "B\u{1f600}"],
    ["a line feed", "BB\n"],
    ["an underscore", "_B8"],
  ])("refuses %s", (_, text) => {
    expect(decodeBase45(text)).toBeNull();
  });

  it("takes the greatest that fit", () => {
    expect(decodeBase45("FGW")).toEqual(Uint8Array.of(0xff, 0xff));
    expect(decodeBase45("U5")).toEqual(Uint8Array.of(0xff));
  });
});

it("any bytes come back", () =>
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase45(encodeBase45(bytes))).toEqual(new Uint8Array(bytes));
    }),
  ));

it("any text is refused or is the only spelling of its bytes", () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:a") }), (text) => {
      const bytes = decodeBase45(text);
      if (bytes !== null) expect(encodeBase45(bytes)).toBe(text);
    }),
  ));
