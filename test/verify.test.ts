import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase45, encodeBase45 } from "../shared/base45.ts";
import { openTrust, type Trust, type TrustEntry } from "../shared/trust.ts";
import { verify } from "../shared/verify.ts";

/** The format is its vectors: those given, made by an independent implementation, and our own for what they leave out. */

type Vectors = {
  readonly trust: readonly TrustEntry[];
  readonly read: readonly { name: string; now: number; text: string; expect: Record<string, unknown> }[];
  readonly refuse: readonly { name: string; now: number; text: string; fault: string }[];
};

const load = (name: string): Vectors =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), "utf8"));

const opened = async (entries: readonly TrustEntry[]): Promise<Trust> => {
  const trust = await openTrust(entries);
  if (trust.kind === "invalid") throw new Error(trust.error);
  return trust.value;
};

describe.each(["formats-v1", "formats-v1-more"])("%s", (name) => {
  const vectors = load(name);

  it.each(vectors.read)("reads $name", async ({ now, text, expect: expected }) => {
    const result = await verify(text, await opened(vectors.trust), now);
    expect(result).toMatchObject({ kind: "verified", presentation: expected });
  });

  it.each(vectors.refuse)("refuses $name: $fault", async ({ now, text, fault }) => {
    const isMoment = fault === "from-the-future" || fault === "stale";
    const expected = { kind: "fault", fault, ...(isMoment ? { issuedAt: expect.any(Number) } : {}) };
    expect(await verify(text, await opened(vectors.trust), now)).toEqual(expected);
  });
});

describe("never throws, never verifies what was not signed", () => {
  const vectors = load("formats-v1");
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const good = fc.constantFrom(...vectors.read.map(({ text }) => text));
  const refuses = async (text: string): Promise<void> => {
    const result = await verify(text, await opened(vectors.trust), 1_800_000_000);
    expect(result.kind).toBe("fault");
  };

  it("any text", () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `GL1:${text}`),
        ),
        refuses,
      ),
    ));

  it("any bytes", () =>
    fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 680 }), (bytes) => refuses(`GL1:${encodeBase45(bytes)}`))));

  it("a good code with one character replaced", () =>
    fc.assert(
      fc.asyncProperty(good, fc.nat(), fc.constantFrom(...alphabet), async (text, nat, character) => {
        const at = nat % text.length;
        fc.pre(text[at] !== character);
        await refuses(text.slice(0, at) + character + text.slice(at + 1));
      }),
      { numRuns: 500 },
    ));

  it("a good code with a piece cut out, doubled or turned round", () =>
    fc.assert(
      fc.asyncProperty(good, fc.nat(), fc.integer({ min: 1, max: 9 }), fc.nat(2), async (text, nat, length, how) => {
        const at = nat % text.length;
        const piece = text.slice(at, at + length);
        const instead = ["", piece + piece, [...piece].reverse().join("")][how] ?? "";
        fc.pre(instead !== piece);
        await refuses(text.slice(0, at) + instead + text.slice(at + length));
      }),
      { numRuns: 500 },
    ));

  it("a good code with one bit of its bytes turned", () =>
    fc.assert(
      fc.asyncProperty(good, fc.nat(), async (text, nat) => {
        const bytes = decodeBase45(text.slice(4)) ?? new Uint8Array(1);
        const bit = nat % (8 * bytes.length);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await refuses(`GL1:${encodeBase45(bytes)}`);
      }),
      { numRuns: 1000 },
    ));
});
