/**
 * WebCrypto for the simulation, in place of the process's own: the same answers, at once, by node:crypto. The platform's
 * goes through a pool of threads, so that what ends first is chance; and it is slower.
 *
 * Keys are Ed25519, made from their names. A signature that was made or verified here is known to be good for the very bytes and key
 * that it was made with, and is not computed again: that is a pure function, remembered. Every other one is verified.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { type Bytes, equalBytes, toUtf8 } from "../../shared/bytes.ts";
import { importPublicKey, type SigningKey } from "../../shared/keys.ts";

type Key = {
  readonly type: string;
  readonly algorithm: { readonly name: string };
  readonly extractable: boolean;
  readonly usages: readonly string[];
  readonly object: KeyObject;
  readonly x: string;
};

type Signed = ReadonlyMap<string, { readonly x: string; readonly bytes: Bytes }>;

const publicKeys = new Map<string, Key>();
let signed = new Map<string, { readonly x: string; readonly bytes: Bytes }>();
/** Those before them: what a world's audit reads was signed in that world, and is still known. */
let signedBefore: Signed = new Map();
const signedMax = 5000;

const importPublic = (jwk: JsonWebKey): Key => {
  const x = jwk.x ?? "";
  const known = publicKeys.get(x);
  if (known !== undefined) return known;
  const object = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const key = {
    ...{ type: "public", algorithm: { name: "Ed25519" }, extractable: true, usages: ["verify"] },
    object,
    x,
  };
  publicKeys.set(x, key);
  return key;
};

const nameOf = (bytes: Bytes): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

const note = (key: Key, signature: Bytes, bytes: Bytes): void => {
  if (signed.size >= signedMax) [signed, signedBefore] = [new Map(), signed];
  signed.set(nameOf(signature), { x: key.x, bytes: bytes.slice() });
};

const signBytes = (key: Key, bytes: Bytes): Bytes => {
  const signature = new Uint8Array(sign(null, bytes, key.object));
  note(key, signature, bytes);
  return signature;
};

const verifyBytes = (key: Key, signature: Bytes, bytes: Bytes): boolean => {
  const name = nameOf(signature);
  const known = signed.get(name) ?? signedBefore.get(name);
  if (known !== undefined && known.x === key.x && equalBytes(known.bytes, bytes)) return true;
  const isGood = verify(null, bytes, key.object, signature);
  if (isGood) note(key, signature, bytes);
  return isGood;
};

/** Who somebody is at an operator, remembered as well: a few people come again and again. */
const macs = new WeakMap<KeyObject, Map<string, Bytes>>();

const macOf = ({ object }: Key, bytes: Bytes): Bytes => {
  const known = macs.get(object) ?? new Map<string, Bytes>();
  macs.set(object, known);
  const name = nameOf(bytes);
  const mac = known.get(name) ?? createHmac("sha256", object).update(bytes).digest();
  known.set(name, mac);
  return mac;
};

/** In half the time of a buffer. */
const digestOf = (bytes: Bytes): Bytes => {
  const text = hash("sha256", bytes, "binary");
  const digested = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) digested[i] = text.charCodeAt(i);
  return digested;
};

const subtle = {
  digest: async (_: string, bytes: Bytes) => digestOf(bytes),
  importKey: async (format: string, of: JsonWebKey & Bytes): Promise<Key> => {
    if (format === "jwk" && of.crv === "Ed25519" && of.d === undefined) return importPublic(of);
    if (format !== "raw") throw new TypeError("no such key in the simulation");
    return {
      ...{ type: "secret", algorithm: { name: "HMAC" }, extractable: false, usages: ["sign"], x: "" },
      object: createSecretKey(of),
    };
  },
  exportKey: async (_: string, key: Key) => ({ kty: "OKP", crv: "Ed25519", x: key.x }),
  sign: async (_: unknown, key: Key, bytes: Bytes) =>
    key.type === "secret" ? macOf(key, bytes) : signBytes(key, bytes),
  verify: async (_: unknown, key: Key, signature: Bytes, bytes: Bytes) => verifyBytes(key, signature, bytes),
};

/** For this process, for good. */
export const replaceCrypto = (): void => {
  Object.defineProperty(globalThis, "crypto", { value: { subtle }, configurable: true });
};

const seedOf = (name: string): Buffer => hash("sha256", `greenlane-sim ${name}`, "buffer");
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const named = new Map<string, SigningKey>();

/** The key of this name. */
export const keyOf = async (name: string): Promise<SigningKey> => {
  const known = named.get(name);
  if (known !== undefined) return known;
  const object = createPrivateKey({ key: Buffer.concat([pkcs8, seedOf(name)]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(object).export({ format: "jwk" });
  const publicKey = await importPublicKey({ kty: "OKP", crv: "Ed25519", x });
  if (publicKey === null) throw new Error("a key that is none");
  const privateKey: Key = {
    ...{ type: "private", algorithm: { name: "Ed25519" }, extractable: false, usages: ["sign"] },
    ...{ object, x },
  };
  const key: SigningKey = { ...publicKey, sign: async (bytes) => signBytes(privateKey, bytes) };
  named.set(name, key);
  return key;
};

export const operatorKeyOf = (name: string) =>
  crypto.subtle.importKey("raw", new Uint8Array(seedOf(name)), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

/** SHA-256 in hexadecimal, at once. */
export const fingerprintOf = (bytes: Bytes | string): string =>
  hash("sha256", typeof bytes === "string" ? toUtf8(bytes) : bytes, "hex");
