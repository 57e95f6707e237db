/**
 * Keys and their algorithms (FORMATS, "Keys and algorithms"): Ed25519 (COSE alg -19 of RFC 9864, the older -8 is read
 * too) and ECDSA P-256 with SHA-256 (-9, the older -7 is read too). A signature is 64 raw bytes in both.
 *
 * `kid` is 16 hexadecimal characters: the first 8 bytes of the RFC 9679 thumbprint, so it follows from the key and is
 * never believed when it stands beside one. Readers return null for what is no such key and never throw; private keys
 * stay where WebCrypto keeps them.
 */
import { type Bytes, concatBytes, fromBase64url, sha256, toBase64url, toHex } from "./bytes.ts";

export type PublicJwk =
  | { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string }
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string };

/** WebCrypto's key as the project that uses it knows it: Node's types have no global of that name. */
export type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
export type CryptoKeyPair = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

export type Curve = PublicJwk["crv"];

export type PublicKey = {
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly curve: Curve;
  readonly cryptoKey: CryptoKey;
  /** Where whoever imported it checks signatures of 64 bytes without WebCrypto. */
  readonly verifyAtOnce?: (signature: Bytes, bytes: Bytes) => boolean;
};

/** As much of a key as checks a signature. */
export type CheckingKey = Pick<PublicKey, "curve" | "cryptoKey" | "verifyAtOnce">;

export type SigningKey = PublicKey & { readonly sign: (bytes: Bytes) => Promise<Bytes> };

/** COSE algorithms that fit a curve; the first is the one we write. */
export const algorithms = { Ed25519: [-19, -8], "P-256": [-9, -7] } as const satisfies Record<Curve, readonly number[]>;

export const algorithmOf = (key: PublicKey): number => {
  return algorithms[key.curve][0];
};

export const fitsAlgorithm = (key: CheckingKey, alg: number): boolean => {
  return (algorithms[key.curve] as readonly number[]).includes(alg);
};

/** Members other than the required ones are dropped; a private key (`d`) is refused, so that none is published. */
export const importPublicKey = async (jwk: unknown): Promise<PublicKey | null> => {
  const clean = publicJwkOf(jwk);
  if (clean === null || !isRecord(jwk) || jwk.d !== undefined) return null;
  const [key, kid] = await Promise.all([importCheckingKey(clean), kidOf(clean)]);
  return key === null ? null : { ...key, kid, jwk: clean };
};

/** For a key that was read here (`jwkOfCoseKey`) and needs no name: somebody waits. */
export const importCheckingKey = async (jwk: PublicJwk): Promise<CheckingKey | null> => {
  try {
    const cryptoKey = await crypto.subtle.importKey("jwk", { ...jwk }, importParams[jwk.crv], true, ["verify"]);
    return { curve: jwk.crv, cryptoKey };
  } catch {
    return null; // such as a point that is not on the curve
  }
};

/** The private key may be non-extractable, as those of terminals and phones are. A pair of another kind is a bug: throws. */
export const signingKeyOf = async (pair: CryptoKeyPair): Promise<SigningKey> => {
  const key = await importPublicKey(await crypto.subtle.exportKey("jwk", pair.publicKey));
  if (key === null) throw new TypeError("a signing key is an Ed25519 or a P-256 key pair");
  return signingWith(key, pair.privateKey);
};

/** For keys kept in files (issuers, publishers). Null also when the private part is not that of the public part. */
export const importSigningKey = async (privateJwk: unknown): Promise<SigningKey | null> => {
  const clean = publicJwkOf(privateJwk);
  if (clean === null || !isRecord(privateJwk) || !isCoordinate(privateJwk.d)) return null;
  const key = await importPublicKey(clean);
  if (key === null) return null;
  try {
    const jwk = { ...clean, d: privateJwk.d };
    return signingWith(key, await crypto.subtle.importKey("jwk", jwk, importParams[clean.crv], false, ["sign"]));
  } catch {
    return null; // the import compares the two parts
  }
};

/** False for anything but a good signature of exactly 64 bytes. */
export const verifySignature = async (key: CheckingKey, signature: Bytes, bytes: Bytes): Promise<boolean> => {
  if (key.verifyAtOnce !== undefined) return signature.length === 64 && key.verifyAtOnce(signature, bytes);
  try {
    return await crypto.subtle.verify(signParams[key.curve], key.cryptoKey, signature, bytes);
  } catch {
    return false;
  }
};

/** COSE_Key (RFC 9052 section 7) with the required members only: 1 kty, -1 crv, -2 x, -3 y. */
export const coseKeyOf = (jwk: PublicJwk): ReadonlyMap<number, number | Bytes> => {
  const x = coordinateOf(jwk.x);
  return jwk.kty === "OKP"
    ? new Map<number, number | Bytes>([
        [1, 1],
        [-1, 6],
        [-2, x],
      ])
    : new Map<number, number | Bytes>([
        [1, 2],
        [-1, 1],
        [-2, x],
        [-3, coordinateOf(jwk.y)],
      ]);
};

/** Other members are ignored. A compressed point (y as a sign bit) is refused: the thumbprint needs y as bytes. */
export const jwkOfCoseKey = (coseKey: unknown): PublicJwk | null => {
  if (!(coseKey instanceof Map)) return null;
  const [kty, crv, x, y]: unknown[] = [1, -1, -2, -3].map((label) => coseKey.get(label));
  if (!isCoordinateBytes(x)) return null;
  if (kty === 1 && crv === 6) return { kty: "OKP", crv: "Ed25519", x: toBase64url(x) };
  if (kty === 2 && crv === 1 && isCoordinateBytes(y)) {
    return { kty: "EC", crv: "P-256", x: toBase64url(x), y: toBase64url(y) };
  }
  return null;
};

const importParams = { Ed25519: { name: "Ed25519" }, "P-256": { name: "ECDSA", namedCurve: "P-256" } } as const;
const signParams = { Ed25519: { name: "Ed25519" }, "P-256": { name: "ECDSA", hash: "SHA-256" } } as const;

const signingWith = (key: PublicKey, privateKey: CryptoKey): SigningKey => {
  return {
    ...key,
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(signParams[key.curve], privateKey, bytes)),
  };
};

/**
 * RFC 9679: SHA-256 over the deterministic CBOR of the required members. All lengths are fixed, so the encoding is a
 * fixed frame around the coordinates: {1: kty, -1: crv, -2: x, -3: y}.
 */
const kidOf = async (jwk: PublicJwk): Promise<string> => {
  const x = coordinateOf(jwk.x);
  const required =
    jwk.kty === "OKP"
      ? concatBytes(Uint8Array.of(0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 32), x)
      : concatBytes(
          Uint8Array.of(0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 32),
          x,
          Uint8Array.of(0x22, 0x58, 32),
          coordinateOf(jwk.y),
        );
  return toHex((await sha256(required)).subarray(0, 8));
};

const publicJwkOf = (jwk: unknown): PublicJwk | null => {
  if (!isRecord(jwk)) return null;
  const { kty, crv, x, y } = jwk;
  if (!isCoordinate(x)) return null;
  if (kty === "OKP" && crv === "Ed25519") return { kty, crv, x };
  if (kty === "EC" && crv === "P-256" && isCoordinate(y)) return { kty, crv, x, y };
  return null;
};

/** Only for keys that were read or imported here; others are a bug. */
const coordinateOf = (text: string): Bytes => {
  const bytes = fromBase64url(text);
  if (bytes?.length !== 32) throw new TypeError("a coordinate is 32 bytes in base64url");
  return bytes;
};

const isCoordinate = (value: unknown): value is string => {
  return typeof value === "string" && fromBase64url(value)?.length === 32;
};

const isCoordinateBytes = (value: unknown): value is Bytes => {
  return value instanceof Uint8Array && value.length === 32;
};

type Members = { readonly [member in "kty" | "crv" | "x" | "y" | "d"]?: unknown };

const isRecord = (value: unknown): value is Members => typeof value === "object" && value !== null;
