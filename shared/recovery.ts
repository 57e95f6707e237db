/**
 * What a citizen does when the phone is gone. Beforehand the phone makes a recovery code, which the citizen writes down:
 * the issuer keeps its SHA-256 alone. From any other device the code then suspends the lost credential, takes that back,
 * or blocks it for good and has another one issued.
 *
 *     code      24 characters of Crockford's base32 (120 random bits), in groups of four
 *     recovery  COSE_Sign1 by the holder's key, protected exactly {1: alg, 16: "application/greenlane-recovery+cose"},
 *               payload CBOR {"credential": bytes, "recovery": SHA-256 of the code's 15 bytes, "at": instant}
 *     loss      the same by the key of the other device, 16: "application/greenlane-loss+cose",
 *               payload CBOR {"key": COSE_Key, "recovery": the code's 15 bytes, "wanted": "suspend" | "resume" | "replace",
 *               "at": instant}
 *
 * An issuer takes either within 300 s of its own time (proof.ts).
 */
import type { Bytes } from "./bytes.ts";
import { decodeCbor, encodeCbor, integerOf, labels, readSign1, type Sign1, signSign1, verifySign1 } from "./cose.ts";
import { coseKeyOf, importPublicKey, jwkOfCoseKey, type PublicJwk, type PublicKey, type SigningKey } from "./keys.ts";
import type { Instant } from "./terms.ts";

export const recoveryBytesMax = 4096;
export const recoveryCodeBytes = 15;

/** What is asked about a lost phone. `resume`: it was found. `replace`: it is blocked, and this key takes its place. */
export const lossWishes = ["suspend", "resume", "replace"] as const;
export type LossWish = (typeof lossWishes)[number];

export type RecoveryRequest = { readonly credential: Bytes; readonly recovery: Bytes; readonly at: Instant };

/** Not yet believed: whoever knows the credential knows whose key must have signed it (`isSignedBy`). */
export type Recovery = RecoveryRequest & { readonly isSignedBy: (key: PublicKey) => Promise<boolean> };

export type LossRequest = {
  readonly key: PublicJwk;
  readonly recovery: Bytes;
  readonly wanted: LossWish;
  readonly at: Instant;
};

/** Only `openLoss` makes one: `key` has signed it. */
export type Loss = Omit<LossRequest, "key"> & { readonly key: PublicKey };

export const signRecovery = ({ credential, recovery, at }: RecoveryRequest, holder: SigningKey): Promise<Bytes> => {
  const payload = new Map<string, unknown>([
    ["credential", credential],
    ["recovery", recovery],
    ["at", at],
  ]);
  return signSign1(new Map([[labels.typ, recoveryType]]), encodeCbor(payload), holder);
};

export const signLoss = ({ key, recovery, wanted, at }: LossRequest, holder: SigningKey): Promise<Bytes> => {
  const payload = new Map<string, unknown>([
    ["key", coseKeyOf(key)],
    ["recovery", recovery],
    ["wanted", wanted],
    ["at", at],
  ]);
  return signSign1(new Map([[labels.typ, lossType]]), encodeCbor(payload), holder);
};

/** Null where the bytes are none. Never throws. */
export const openRecovery = (bytes: Bytes): Recovery | null => {
  const opened = open(bytes, recoveryType, 3);
  if (opened === null) return null;
  const [credential, recovery] = ["credential", "recovery"].map((name) => opened.payload.get(name));
  const at = integerOf(opened.payload.get("at"));
  if (!(credential instanceof Uint8Array) || !isBytesOf(recovery, 32) || at === null) return null;
  const isSignedBy = async (key: PublicKey): Promise<boolean> => (await verifySign1(opened.sign1, key)) === "ok";
  return { credential: new Uint8Array(credential), recovery: new Uint8Array(recovery), at, isSignedBy };
};

/** Null where the bytes are none, or its key has not signed it. Never throws. */
export const openLoss = async (bytes: Bytes): Promise<Loss | null> => {
  const opened = open(bytes, lossType, 4);
  if (opened === null) return null;
  const [recovery, wanted] = ["recovery", "wanted"].map((name) => opened.payload.get(name));
  const at = integerOf(opened.payload.get("at"));
  if (!isBytesOf(recovery, recoveryCodeBytes) || !isWish(wanted) || at === null) return null;
  const key = await importPublicKey(jwkOfCoseKey(opened.payload.get("key")));
  if (key === null || (await verifySign1(opened.sign1, key)) !== "ok") return null;
  return { key, recovery: new Uint8Array(recovery), wanted, at };
};

/** As people write it down. */
export const formatRecoveryCode = (code: Bytes): string => {
  let [text, held, bits] = ["", 0, 0];
  for (const byte of code) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
    held &= 0xff;
  }
  return (text.match(/.{1,4}/g) ?? []).join("-");
};

/** As people type it: any case and spacing, O for 0, I or L for 1. Null where it is none. */
export const readRecoveryCode = (text: string): Bytes | null => {
  if (text.length > 100) return null;
  const letters = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  if (letters.length !== (recoveryCodeBytes * 8) / 5) return null;
  const bytes: number[] = [];
  let [held, bits] = [0, 0];
  for (const letter of letters) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return new Uint8Array(bytes);
};

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const recoveryType = "application/greenlane-recovery+cose";
const lossType = "application/greenlane-loss+cose";

type Opened = { readonly sign1: Sign1; readonly payload: ReadonlyMap<unknown, unknown> };

const open = (bytes: Bytes, mediaType: string, size: number): Opened | null => {
  const sign1 = bytes.length > recoveryBytesMax ? null : readSign1(bytes, [labels.alg, labels.typ]);
  if (sign1 === null || sign1.header.get(labels.typ) !== mediaType) return null;
  const payload = decodeCbor(sign1.payload)?.value;
  return payload instanceof Map && payload.size === size ? { sign1, payload } : null;
};

const isBytesOf = (value: unknown, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length;

const isWish = (value: unknown): value is LossWish => (lossWishes as readonly unknown[]).includes(value);
