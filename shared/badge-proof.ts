/**
 * How a phone asks for a staff badge (`POST /v1/badges`): by the code of a link that the operator made for somebody, once;
 * later, to renew it, by the badge that it has.
 *
 *     link            URL/wallet/#badge=CODE       CODE 16 random bytes, base64url
 *     COSE_Sign1 by the holder's key, protected exactly {1: alg, 16: "application/greenlane-badge-proof+cose"}, payload CBOR
 *     {"key": COSE_Key, "code": 16 bytes or null, "credential": bytes or null, "at": instant}     one of the two is null
 *
 * It carries its key itself, since nobody knows it yet. It is taken within 300 s of its making.
 */
import { type Bytes, concatBytes, fromBase64url, sha256, toBase64url, toUtf8 } from "./bytes.ts";
import { decodeCbor, encodeCbor, integerOf, labels, readSign1, signSign1, verifySign1 } from "./cose.ts";
import { coseKeyOf, importPublicKey, jwkOfCoseKey, type PublicJwk, type PublicKey, type SigningKey } from "./keys.ts";
import type { Instant } from "./terms.ts";

export const badgeProofBytesMax = 2048;
export const badgeCodeBytes = 16;

/** What stands for the badge: the link's code, or the credential of before. */
export type BadgeClaim =
  | { readonly by: "code"; readonly code: Bytes }
  | { readonly by: "credential"; readonly credential: Bytes };

export type BadgeRequest = { readonly key: PublicJwk; readonly claim: BadgeClaim; readonly at: Instant };

/** Only `openBadgeProof` makes one: `key` has signed it. */
export type BadgeProof = Omit<BadgeRequest, "key"> & { readonly key: PublicKey };

export const signBadgeProof = ({ key, claim, at }: BadgeRequest, holder: SigningKey): Promise<Bytes> => {
  const payload = new Map<string, unknown>([
    ["key", coseKeyOf(key)],
    ["code", claim.by === "code" ? claim.code : null],
    ["credential", claim.by === "credential" ? claim.credential : null],
    ["at", at],
  ]);
  return signSign1(new Map([[labels.typ, mediaType]]), encodeCbor(payload), holder);
};

/** Null where the bytes are no proof, or its key has not signed it. Never throws. */
export const openBadgeProof = async (bytes: Bytes): Promise<BadgeProof | null> => {
  const sign1 = bytes.length > badgeProofBytesMax ? null : readSign1(bytes, [labels.alg, labels.typ]);
  if (sign1 === null || sign1.header.get(labels.typ) !== mediaType) return null;
  const payload = decodeCbor(sign1.payload)?.value;
  if (!(payload instanceof Map) || payload.size !== 4) return null;
  const claim = claimOf(payload.get("code"), payload.get("credential"));
  const at = integerOf(payload.get("at"));
  const key = await importPublicKey(jwkOfCoseKey(payload.get("key")));
  if (claim === null || at === null || key === null || (await verifySign1(sign1, key)) !== "ok") return null;
  return { key, claim, at };
};

/** The subject of the badge that a code stands for: so nobody has to keep either. */
export const badgeSubOf = async (code: Bytes): Promise<string> =>
  toBase64url((await sha256(concatBytes(toUtf8("greenlane-badge/v1\0"), code))).slice(0, 12));

/** The code of a link's fragment; null where it is none of these links, `malformed` where it is half of one. */
export const readBadgeLink = (fragment: string): Bytes | "malformed" | null => {
  const [, text] = /^#badge=(.*)$/.exec(fragment) ?? [];
  if (text === undefined) return null;
  const code = /^[A-Za-z0-9_-]{22}$/.test(text) ? fromBase64url(text) : null;
  return code?.length === badgeCodeBytes ? code : "malformed";
};

const mediaType = "application/greenlane-badge-proof+cose";

const claimOf = (code: unknown, credential: unknown): BadgeClaim | null => {
  if (code instanceof Uint8Array && code.length === badgeCodeBytes && credential === null) {
    return { by: "code", code: new Uint8Array(code) };
  }
  if (credential instanceof Uint8Array && code === null) {
    return { by: "credential", credential: new Uint8Array(credential) };
  }
  return null;
};
