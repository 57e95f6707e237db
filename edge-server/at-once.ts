/**
 * Hashes and signatures at once. WebCrypto sends each to another thread, which takes as much of this one, and the answer
 * comes behind all that this one is kept busy with meanwhile: beside a backlog a few entries wait for their ack as often
 * as they have to come back. What is large rests instead, so that whoever has little goes between.
 */
import { createPrivateKey, hash, KeyObject, sign, verify } from "node:crypto";
import type { Bytes, Digest } from "../shared/bytes.ts";
import type { PublicJwk, PublicKey, SigningKey } from "../shared/keys.ts";

/** SHA-256. */
export const digest = (bytes: Bytes): Bytes => {
  const text = hash("sha256", bytes, "binary"); // in half the time of a buffer
  const digested = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) digested[i] = text.charCodeAt(i);
  return digested;
};

/**
 * The same, for a whole batch: after so many bytes the answer comes only when whoever came meanwhile has had a turn. What
 * is done with an entry costs as much again as its hash, so that a piece takes a millisecond, and a batch ten.
 */
export const createRestingDigest = (rest: Rest): Digest => {
  let sinceRest = 0;
  return (bytes) => {
    const digested = digest(bytes);
    sinceRest += bytes.length;
    if (sinceRest < pieceBytes) return digested;
    sinceRest = 0;
    return rest().then(() => digested);
  };
};

/** Resolves when whoever waits has had a turn. */
export type Rest = () => Promise<void>;

export const letOthersGo: Rest = () => new Promise((resolve) => setImmediate(resolve));

const pieceBytes = 64 * 1024;

/** The same key, whose signatures are checked at once. */
export const checkingAtOnce = (key: PublicKey): PublicKey => {
  const checked = { key: KeyObject.from(key.cryptoKey), dsaEncoding } as const;
  return { ...key, verifyAtOnce: (signature, bytes) => verify(hashOf(key), bytes, checked, signature) };
};

export type PrivateJwk = PublicJwk & { readonly d: string };

/** The same key, which signs at once. */
export const signingAtOnce = (key: SigningKey, jwk: PrivateJwk): SigningKey => {
  const signing = { key: createPrivateKey({ key: jwk, format: "jwk" }), dsaEncoding } as const;
  return { ...key, sign: async (bytes) => new Uint8Array(sign(hashOf(key), bytes, signing)) };
};

/** 64 raw bytes, as WebCrypto has them. */
const dsaEncoding = "ieee-p1363";
const hashOf = ({ curve }: PublicKey): "sha256" | null => (curve === "P-256" ? "sha256" : null);
