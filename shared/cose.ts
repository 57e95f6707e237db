/**
 * CBOR (RFC 8949) and the two COSE messages (RFC 9052) that everything signed here is made of. The only module that
 * knows the CBOR library.
 *
 * Writing is deterministic (RFC 8949 section 4.2.1). Reading is strict: duplicate keys, indefinite lengths, trailing
 * bytes, integers, lengths and tag numbers not in their shortest form, floats, undefined and other simple values, text
 * that is not UTF-8, and tags other than 18 and 98 are refused; the order of map keys is free. Arrays, maps and tags as
 * map keys are refused too, since two of them could not be told apart, and so is nesting deeper than 32. Maps become
 * `Map`; integers beyond 2^53 become bigint. Readers return null for whatever they refuse, and never throw.
 *
 *     COSE_Sign1  18([protected, {}, payload, signature])              everything but the root
 *     COSE_Sign   98([protected, {}, payload, [[protected, {}, signature], ...]])   the root, by several keys
 *
 * Unprotected headers are empty. The labels of a protected header are exactly those that the reader names, so `crit`
 * and anything unknown is refused. A signature that has not 64 bytes is readable, and bad.
 * Typed objects carry {1: alg, 4: kid, 16: "application/greenlane-NAME+cose"}, so none passes for another.
 */
import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Tagged, Tokenizer, Type } from "cborg";
import { type Bytes, fromHex, fromUtf8, toHex } from "./bytes.ts";
import {
  algorithmOf,
  type CheckingKey,
  fitsAlgorithm,
  type PublicKey,
  type SigningKey,
  verifySignature,
} from "./keys.ts";

/** Header labels (RFC 9052, 9528 and 9596). */
export const labels = { alg: 1, kid: 4, kcwt: 13, typ: 16 } as const;

export type Sign1 = {
  /** The protected header as it was signed, and what it says. */
  readonly protectedBytes: Bytes;
  readonly header: ReadonlyMap<unknown, unknown>;
  readonly alg: number;
  readonly payload: Bytes;
  readonly signature: Bytes;
};

export type TypedSign1 = { readonly kid: string; readonly payload: Bytes; readonly sign1: Sign1 };

export type TypedSign = {
  readonly protectedBytes: Bytes;
  readonly payload: Bytes;
  readonly signatures: readonly {
    readonly protectedBytes: Bytes;
    readonly kid: string;
    readonly alg: number;
    readonly signature: Bytes;
  }[];
};

export type SignatureCheck = "ok" | "wrong-algorithm" | "bad-signature";

export const signaturesMax = 16;
const depthMax = 32;

/** What CBOR has no integer, text, bytes, boolean, null, array, map or tag for (a float, undefined) is a bug: throws. */
export const encodeCbor = (value: unknown): Bytes => new Uint8Array(encode(value, encodeOptions));

export const decodeCbor = (bytes: Bytes): { readonly value: unknown } | null => {
  try {
    const value: unknown = decode(bytes, { ...decodeOptions, tokenizer: strictTokenizer(bytes) });
    return hasDistinctKeys(value) ? { value } : null;
  } catch {
    return null;
  }
};

/** An integer of any size as a number: those beyond 2^53 lose digits that no comparison of ours needs. */
export const integerOf = (value: unknown): number | null => {
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : null;
};

/** Signs with alg and the header's labels, all protected. */
export const signSign1 = async (
  header: ReadonlyMap<number, unknown>,
  payload: Bytes,
  key: SigningKey,
): Promise<Bytes> => {
  const protectedBytes = encodeCbor(new Map([[labels.alg, algorithmOf(key)], ...header]));
  const signature = await key.sign(sigStructureOf({ protectedBytes, payload }));
  return encodeCbor(new Tagged(sign1Tag, [protectedBytes, noHeader, payload, signature]));
};

export const readSign1 = (bytes: Bytes, allowed: readonly number[]): Sign1 | null => {
  const decoded = decodeCbor(bytes);
  return decoded === null ? null : readSign1Value(decoded.value, allowed);
};

/** For one that stands inside another message, such as a credential in a presentation's header. */
export const readSign1Value = (value: unknown, allowed: readonly number[]): Sign1 | null => {
  if (!(value instanceof Tagged) || value.tag !== sign1Tag || !isArrayOf(value.value, 4)) return null;
  const [protectedBytes, unprotected, payload, signature] = value.value;
  if (!isBytes(protectedBytes) || !isEmptyMap(unprotected) || !isBytes(payload) || !isBytes(signature)) return null;
  const header = readHeader(protectedBytes, allowed);
  const alg = integerOf(header?.get(labels.alg));
  return header === null || alg === null ? null : { protectedBytes, header, alg, payload, signature };
};

/** What is signed (RFC 9052 section 4.4). Its hash names a message; the signature's would not, see FORMATS. */
export const sigStructureOf = (message: Pick<Sign1, "protectedBytes" | "payload">): Bytes =>
  encodeCbor(["Signature1", message.protectedBytes, noBytes, message.payload]);

export const verifySign1 = async (message: Sign1, key: CheckingKey): Promise<SignatureCheck> => {
  if (!fitsAlgorithm(key, message.alg)) return "wrong-algorithm";
  return (await verifySignature(key, message.signature, sigStructureOf(message))) ? "ok" : "bad-signature";
};

/** The `kid` of a protected header in hexadecimal; null when it is not bytes. */
export const kidOf = (header: ReadonlyMap<unknown, unknown>): string | null => {
  const kid = header.get(labels.kid);
  return isBytes(kid) ? toHex(kid) : null;
};

export const signTyped = (typ: string, payload: Bytes, key: SigningKey): Promise<Bytes> =>
  signSign1(
    new Map<number, unknown>([
      [labels.kid, kidBytes(key)],
      [labels.typ, mediaType(typ)],
    ]),
    payload,
    key,
  );

/** Says which key claims to have signed; `verifySign1` says whether it did. */
export const readTyped = (bytes: Bytes, typ: string): TypedSign1 | null => {
  const sign1 = readSign1(bytes, [labels.alg, labels.kid, labels.typ]);
  if (sign1 === null || sign1.header.get(labels.typ) !== mediaType(typ)) return null;
  const kid = kidOf(sign1.header);
  return kid?.length === kidLength ? { kid, payload: sign1.payload, sign1 } : null;
};

export const signTypedMany = async (typ: string, payload: Bytes, keys: readonly SigningKey[]): Promise<Bytes> => {
  const body = encodeCbor(new Map([[labels.typ, mediaType(typ)]]));
  const signatures = await Promise.all(
    keys.map(async (key) => {
      const header = encodeCbor(
        new Map<number, unknown>([
          [labels.alg, algorithmOf(key)],
          [labels.kid, kidBytes(key)],
        ]),
      );
      return [header, noHeader, await key.sign(manySigStructure(body, header, payload))];
    }),
  );
  return encodeCbor(new Tagged(signTag, [body, noHeader, payload, signatures]));
};

export const readTypedMany = (bytes: Bytes, typ: string): TypedSign | null => {
  const value = decodeCbor(bytes)?.value;
  if (!(value instanceof Tagged) || value.tag !== signTag || !isArrayOf(value.value, 4)) return null;
  const [protectedBytes, unprotected, payload, list] = value.value;
  if (!isBytes(protectedBytes) || !isEmptyMap(unprotected) || !isBytes(payload) || !Array.isArray(list)) return null;
  if (readHeader(protectedBytes, [labels.typ])?.get(labels.typ) !== mediaType(typ)) return null;
  if (list.length < 1 || list.length > signaturesMax) return null;
  const signatures = list.map(readSignature).filter((signature) => signature !== null);
  return signatures.length === list.length ? { protectedBytes, payload, signatures } : null;
};

/** How many different ones of these keys have signed. However often a key signed or is named, it counts once. */
export const countGoodSignatures = async (message: TypedSign, keys: readonly PublicKey[]): Promise<number> => {
  const good = new Set<string>();
  for (const key of keys) {
    for (const { kid, alg, protectedBytes, signature } of message.signatures) {
      if (kid !== key.kid || good.has(kid) || !fitsAlgorithm(key, alg)) continue;
      const signed = manySigStructure(message.protectedBytes, protectedBytes, message.payload);
      if (await verifySignature(key, signature, signed)) good.add(kid);
    }
  }
  return good.size;
};

const sign1Tag = 18;
const signTag = 98;
const kidLength = 16;
const noBytes: Bytes = new Uint8Array(0);
const noHeader: ReadonlyMap<number, unknown> = new Map();

const encodeOptions = {
  ...rfc8949EncodeOptions,
  typeEncoders: {
    number: (value: number) => {
      if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
      return null; // the library's own encoding
    },
    undefined: () => {
      throw new TypeError("undefined has no place in CBOR");
    },
  },
};

const decodeOptions: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  retainStringBytes: true,
  tags: Tagged.preserve(sign1Tag, signTag),
};

/** The library's tokens, less what its options cannot refuse: floats, text that is not UTF-8, deep nesting. */
const strictTokenizer = (bytes: Bytes): NonNullable<DecodeOptions["tokenizer"]> => {
  const tokens = new Tokenizer(bytes, decodeOptions);
  const missing: number[] = []; // in each open array, map or tag: how many items are still to come
  return {
    done: () => tokens.done(),
    pos: () => tokens.pos(),
    next: () => {
      const token = tokens.next();
      if (Type.equals(token.type, Type.float)) throw new Error("a float");
      if (token.byteValue !== undefined) {
        // The library replaces what is not UTF-8, so that two keys could become one, and drops a leading U+FEFF.
        token.value = fromUtf8(token.byteValue);
        if (token.value === null) throw new Error("text that is not UTF-8");
      }
      while (missing.at(-1) === 0) missing.pop();
      const left = missing.pop();
      if (left !== undefined) missing.push(left - 1);
      missing.push(itemsOf(token));
      if (missing.length > depthMax) throw new Error("nested too deep");
      return token;
    },
  };
};

const itemsOf = (token: ReturnType<Tokenizer["next"]>): number => {
  if (Type.equals(token.type, Type.array)) return token.value;
  if (Type.equals(token.type, Type.map)) return 2 * token.value;
  return Type.equals(token.type, Type.tag) ? 1 : 0;
};

/** The library compares keys as Map does, which tells apart byte strings that are equal. */
const hasDistinctKeys = (value: unknown): boolean => {
  if (value instanceof Tagged) return hasDistinctKeys(value.value);
  if (Array.isArray(value)) return value.every(hasDistinctKeys);
  if (!(value instanceof Map)) return true;
  const compound = [...value.keys()].filter((key) => typeof key === "object" && key !== null);
  const byteKeys = compound.filter(isBytes).map(toHex);
  return (
    byteKeys.length === compound.length &&
    new Set(byteKeys).size === byteKeys.length &&
    [...value.values()].every(hasDistinctKeys)
  );
};

const readHeader = (bytes: Bytes, allowed: readonly number[]): ReadonlyMap<unknown, unknown> | null => {
  const header = decodeCbor(bytes)?.value;
  const isExact =
    header instanceof Map && header.size === allowed.length && allowed.every((label) => header.has(label));
  return isExact ? header : null;
};

const readSignature = (value: unknown): TypedSign["signatures"][number] | null => {
  if (!isArrayOf(value, 3)) return null;
  const [protectedBytes, unprotected, signature] = value;
  if (!isBytes(protectedBytes) || !isEmptyMap(unprotected) || !isBytes(signature)) return null;
  const header = readHeader(protectedBytes, [labels.alg, labels.kid]);
  const alg = integerOf(header?.get(labels.alg));
  const kid = header === null ? null : kidOf(header);
  return alg === null || kid?.length !== kidLength ? null : { protectedBytes, kid, alg, signature };
};

const manySigStructure = (body: Bytes, header: Bytes, payload: Bytes): Bytes =>
  encodeCbor(["Signature", body, header, noBytes, payload]);

const mediaType = (typ: string): string => `application/greenlane-${typ}+cose`;

export const kidBytes = (key: PublicKey): Bytes => {
  const bytes = fromHex(key.kid);
  if (bytes?.length !== 8) throw new TypeError(`not a kid: ${key.kid}`);
  return bytes;
};

const isBytes = (value: unknown): value is Bytes => value instanceof Uint8Array;
const isEmptyMap = (value: unknown): boolean => value instanceof Map && value.size === 0;
const isArrayOf = (value: unknown, length: number): value is readonly unknown[] =>
  Array.isArray(value) && value.length === length;
