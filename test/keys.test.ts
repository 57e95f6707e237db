import { describe, expect, it } from "vitest";
import { fromBase64url, fromHex, fromUtf8, toBase64url, toHex, toUtf8 } from "../shared/bytes.ts";
import { encodeCbor } from "../shared/cose.ts";
import {
  coseKeyOf,
  fitsAlgorithm,
  importPublicKey,
  importSigningKey,
  jwkOfCoseKey,
  type SigningKey,
  signingKeyOf,
  verifySignature,
} from "../shared/keys.ts";

const generate = async (algorithm: { name: "Ed25519" } | { name: "ECDSA"; namedCurve: "P-256" }, extractable = false) =>
  (await crypto.subtle.generateKey(algorithm, extractable, ["sign", "verify"])) as CryptoKeyPair;
const algorithms = [{ name: "Ed25519" }, { name: "ECDSA", namedCurve: "P-256" }] as const;
const message = toUtf8("green lane");

describe.each(algorithms)("$name", (algorithm) => {
  it("signs with a private key that cannot be taken out", async () => {
    const pair = await generate(algorithm);
    const key = await signingKeyOf(pair);
    const signature = await key.sign(message);
    expect(pair.privateKey.extractable).toBe(false);
    expect(signature).toHaveLength(64);
    expect(await verifySignature(key, signature, message)).toBe(true);
    expect(await verifySignature(key, signature, toUtf8("red lane"))).toBe(false);
    expect(await verifySignature(await signingKeyOf(await generate(algorithm)), signature, message)).toBe(false);
  });

  it("a signature of another length is bad", async () => {
    const key = await signingKeyOf(await generate(algorithm));
    const signature = await key.sign(message);
    for (const length of [0, 63, 65, 72]) {
      const wrong = new Uint8Array(length);
      wrong.set(signature.subarray(0, length));
      expect(await verifySignature(key, wrong, message)).toBe(false);
    }
  });

  it("a private key from a file signs as the pair does, and only with its own public part", async () => {
    const jwk = await crypto.subtle.exportKey("jwk", (await generate(algorithm, true)).privateKey);
    const other = await crypto.subtle.exportKey("jwk", (await generate(algorithm, true)).privateKey);
    const key = (await importSigningKey(jwk)) as SigningKey;
    expect(await verifySignature(key, await key.sign(message), message)).toBe(true);
    expect(key.kid).toBe((await importPublicKey({ ...jwk, d: undefined }))?.kid);
    expect(await importSigningKey({ ...jwk, d: other.d })).toBeNull();
    expect(await importSigningKey({ ...jwk, d: jwk.d?.slice(1) })).toBeNull();
    expect(await importSigningKey({ ...jwk, d: undefined })).toBeNull();
    expect(await importPublicKey(jwk)).toBeNull();
  });

  it("kid is the first half of the thumbprint over the COSE_Key, which reads back", async () => {
    const { jwk, kid } = await signingKeyOf(await generate(algorithm));
    const thumbprint = new Uint8Array(await crypto.subtle.digest("SHA-256", encodeCbor(coseKeyOf(jwk))));
    expect(kid).toBe(toHex(thumbprint.subarray(0, 8)));
    expect(jwkOfCoseKey(coseKeyOf(jwk))).toEqual(jwk);
  });
});

it("the thumbprint of RFC 9679, section 6", async () => {
  const key = await importPublicKey({
    kty: "EC",
    crv: "P-256",
    x: toBase64url(fromHex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d") as Uint8Array),
    y: toBase64url(fromHex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c") as Uint8Array),
  });
  expect(key?.kid).toBe("496bd8afadf307e5");
});

it("an algorithm fits its own curve only", async () => {
  const ed25519 = await signingKeyOf(await generate({ name: "Ed25519" }));
  const p256 = await signingKeyOf(await generate({ name: "ECDSA", namedCurve: "P-256" }));
  const fitting = (key: SigningKey) => [-7, -8, -9, -19, -35, 0, 5].filter((alg) => fitsAlgorithm(key, alg));
  expect(fitting(ed25519)).toEqual([-8, -19]);
  expect(fitting(p256)).toEqual([-7, -9]);
});

describe("refuses, and does not throw", () => {
  const x = toBase64url(new Uint8Array(32).fill(7));
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["text", "key"],
    ["an empty object", {}],
    ["no crv", { kty: "OKP", x }],
    ["another curve", { kty: "OKP", crv: "X25519", x }],
    ["curve and type that do not fit", { kty: "EC", crv: "Ed25519", x }],
    ["x of 31 bytes", { kty: "OKP", crv: "Ed25519", x: toBase64url(new Uint8Array(31)) }],
    ["x of 33 bytes", { kty: "OKP", crv: "Ed25519", x: toBase64url(new Uint8Array(33)) }],
    ["x with padding", { kty: "OKP", crv: "Ed25519", x: `${x}=` }],
    ["x in base64", { kty: "OKP", crv: "Ed25519", x: "+".repeat(43) }],
    ["x that is a number", { kty: "OKP", crv: "Ed25519", x: 7 }],
    ["no y", { kty: "EC", crv: "P-256", x }],
    ["a point that is not on the curve", { kty: "EC", crv: "P-256", x, y: x }],
    ["RSA", { kty: "RSA", n: x, e: "AQAB" }],
  ])("%s", async (_, jwk) => {
    expect(await importPublicKey(jwk)).toBeNull();
    expect(await importSigningKey(jwk)).toBeNull();
  });

  it.each<[string, unknown]>([
    ["no map", {}],
    ["an empty map", new Map()],
    [
      "x of 31 bytes",
      new Map<number, unknown>([
        [1, 1],
        [-1, 6],
        [-2, new Uint8Array(31)],
      ]),
    ],
    [
      "x as text",
      new Map<number, unknown>([
        [1, 1],
        [-1, 6],
        [-2, x],
      ]),
    ],
    [
      "another curve",
      new Map<number, unknown>([
        [1, 1],
        [-1, 4],
        [-2, new Uint8Array(32)],
      ]),
    ],
    [
      "a compressed point",
      new Map<number, unknown>([
        [1, 2],
        [-1, 1],
        [-2, new Uint8Array(32)],
        [-3, true],
      ]),
    ],
    [
      "no y",
      new Map<number, unknown>([
        [1, 2],
        [-1, 1],
        [-2, new Uint8Array(32)],
      ]),
    ],
  ])("COSE_Key: %s", (_, coseKey) => {
    expect(jwkOfCoseKey(coseKey)).toBeNull();
  });
});

describe("bytes have one spelling", () => {
  it.each(["A", "AB", "AAB", "AA==", "A+", "A/", "A A", "A\n", "AAAAA"])("base64url refuses %j", (text) => {
    expect(fromBase64url(text)).toBeNull();
  });
  it.each(["0", "0G", "AB", "0x00", "00 "])("hexadecimal refuses %j", (text) => {
    expect(fromHex(text)).toBeNull();
  });
  it("reads what it writes", () => {
    const bytes = Uint8Array.from({ length: 257 }, (_, i) => i & 0xff);
    for (const length of [0, 1, 2, 3, 255, 256, 257]) {
      expect(fromBase64url(toBase64url(bytes.subarray(0, length)))).toEqual(bytes.slice(0, length));
      expect(fromHex(toHex(bytes.subarray(0, length)))).toEqual(bytes.slice(0, length));
    }
    expect(fromUtf8(toUtf8("\ufeff绿色"))).toBe("\ufeff绿色");
    expect(fromUtf8(Uint8Array.of(0xc3))).toBeNull();
  });
});
