/**
 * Credential and presentation, to and from the text of a QR code (FORMATS, "Credential" to "QR text").
 *
 *     text          "GL1:" + base45 of a presentation or a bearer card, at most 1,024 characters
 *     credential    COSE_Sign1 by the issuer, protected exactly {1: alg, 4: kid}, payload a CWT (RFC 8392)
 *     presentation  COSE_Sign1 by the holder, protected exactly {1: alg, 13: credential}, payload {6: iat}
 *
 * Reading says what a code claims, not whether it is true: `verify` does. A credential with a holder's key is readable
 * only inside a presentation, one without only bare. Unknown claims are ignored. All times are Unix seconds.
 */
import { decodeBase45, encodeBase45 } from "./base45.ts";
import type { Bytes } from "./bytes.ts";
import {
  decodeCbor,
  encodeCbor,
  integerOf,
  kidBytes,
  kidOf,
  labels,
  readSign1Value,
  type Sign1,
  signSign1,
} from "./cose.ts";
import { coseKeyOf, jwkOfCoseKey, type PublicJwk, type SigningKey } from "./keys.ts";

export const qrPrefix = "GL1:";
export const qrTextMax = 1024;
const day = 86_400;
/** Longest life of a credential with a holder's key, and of a printed card. */
export const phoneLifeSecondsMax = 31 * day;
export const cardLifeSecondsMax = 400 * day;
export const usualLifeSeconds = 7 * day;
/** A presentation is good from iat - 20 to iat + 90; a phone makes a new one every 30 s. */
export const presentationSecondsMax = 90;
export const presentationRefreshSeconds = 30;
export const toleranceSeconds = 20;
/** The same identity again within this time is a bounce, not a replay. */
export const bounceSeconds = 2;

export type CredentialClaims = {
  readonly sub: string;
  readonly exp: number;
  readonly iat: number;
  readonly nbf?: number;
  /** The key of the phone that holds it; a printed card has none. */
  readonly holder?: PublicJwk;
  /** Place in a score list of the issuer's programme; citizens have one. */
  readonly status?: { readonly uri: string; readonly index: number };
  /** Staff have one. */
  readonly staff?: { readonly role: string; readonly sites: readonly string[] };
};

export type Credential = { readonly sign1: Sign1; readonly kid: string; readonly claims: CredentialClaims };

export type Code =
  | {
      readonly kind: "presentation";
      readonly sign1: Sign1;
      readonly issuedAt: number;
      readonly holder: PublicJwk;
      readonly credential: Credential;
    }
  | { readonly kind: "bearer"; readonly credential: Credential }
  | { readonly kind: "fault"; readonly fault: "not-ours" | "update-terminal" | "unreadable" };

/** Issues what it is told to; whether that is within the limits is the issuer's to know and every reader's to check. */
export const issueCredential = (claims: CredentialClaims, issuer: SigningKey): Promise<Bytes> =>
  signSign1(new Map([[labels.kid, kidBytes(issuer)]]), encodeCbor(payloadOf(claims)), issuer);

/** Not a credential: throws. */
export const present = (credential: Bytes, holder: SigningKey, issuedAt: number): Promise<Bytes> => {
  const decoded = decodeCbor(credential);
  if (decoded === null || readCredential(decoded.value) === null) throw new TypeError("not a credential");
  // It was read strictly and its maps are all inside byte strings, so writing it again gives the same bytes.
  const header = new Map([[labels.kcwt, decoded.value]]);
  return signSign1(header, encodeCbor(new Map([[claim.iat, issuedAt]])), holder);
};

/** A code that no terminal would read is a bug of its issuer: throws. */
export const toQrText = (bytes: Bytes): string => {
  const text = qrPrefix + encodeBase45(bytes);
  if (text.length > qrTextMax) throw new RangeError(`a code of ${text.length} characters, more than ${qrTextMax}`);
  return text;
};

/** A credential by itself, as its holder keeps it and shows it to its issuer; null where the bytes are none. */
export const decodeCredential = (bytes: Bytes): Credential | null => {
  const decoded = decodeCbor(bytes);
  return decoded === null ? null : readCredential(decoded.value);
};

export const readCode = (text: string): Code => {
  const version = /^GL([1-9][0-9]?):/.exec(text)?.[1];
  if (version === undefined) return { kind: "fault", fault: "not-ours" };
  if (version !== "1") return { kind: "fault", fault: "update-terminal" };
  return readMessage(text) ?? { kind: "fault", fault: "unreadable" };
};

/** Whether a code claims to be of staff: true or not, nobody else shows such a thing. */
export const saysStaff = (code: Code): boolean => code.kind !== "fault" && code.credential.claims.staff !== undefined;

const readMessage = (text: string): Code | null => {
  const bytes = text.length > qrTextMax ? null : decodeBase45(text.slice(qrPrefix.length));
  const decoded = bytes === null ? null : decodeCbor(bytes);
  return decoded === null ? null : (readPresentation(decoded.value) ?? readBearer(decoded.value));
};

const readPresentation = (value: unknown): Code | null => {
  const sign1 = readSign1Value(value, [labels.alg, labels.kcwt]);
  if (sign1 === null) return null;
  const credential = readCredential(sign1.header.get(labels.kcwt));
  const holder = credential?.claims.holder;
  const issuedAt = integerOf(readClaims(sign1.payload)?.get(claim.iat));
  if (credential === null || holder === undefined || issuedAt === null) return null;
  return { kind: "presentation", sign1, issuedAt, holder, credential };
};

/** A card has no holder: a photographed presentation's credential is no card. */
const readBearer = (value: unknown): Code | null => {
  const credential = readCredential(value);
  return credential === null || credential.claims.holder !== undefined ? null : { kind: "bearer", credential };
};

const readCredential = (value: unknown): Credential | null => {
  const sign1 = readSign1Value(value, [labels.alg, labels.kid]);
  if (sign1 === null) return null;
  const kid = kidOf(sign1.header);
  const payload = readClaims(sign1.payload);
  const claims = payload === null ? null : claimsOf(payload);
  return kid === null || claims === null ? null : { sign1, kid, claims };
};

const readClaims = (payload: Bytes): ReadonlyMap<unknown, unknown> | null => {
  const claims = decodeCbor(payload)?.value;
  return claims instanceof Map ? claims : null;
};

const claim = { sub: 2, exp: 4, nbf: 5, iat: 6, cnf: 8, status: 65_535, role: -65_537 } as const;
const coseKeyMember = 1;

const payloadOf = ({ sub, exp, iat, nbf, holder, status, staff }: CredentialClaims): unknown => {
  const payload = new Map<number, unknown>([
    [claim.sub, sub],
    [claim.exp, exp],
    [claim.iat, iat],
  ]);
  if (nbf !== undefined) payload.set(claim.nbf, nbf);
  if (holder !== undefined) payload.set(claim.cnf, new Map([[coseKeyMember, coseKeyOf(holder)]]));
  if (status !== undefined) {
    const place = new Map<string, unknown>([
      ["idx", status.index],
      ["uri", status.uri],
    ]);
    payload.set(claim.status, new Map([["status_list", place]]));
  }
  if (staff !== undefined) {
    payload.set(
      claim.role,
      new Map<string, unknown>([
        ["role", staff.role],
        ["sites", staff.sites],
      ]),
    );
  }
  return payload;
};

/** Null when a required claim is missing, or one that is there is mistyped. */
const claimsOf = (payload: ReadonlyMap<unknown, unknown>): CredentialClaims | null => {
  const sub = payload.get(claim.sub);
  const exp = integerOf(payload.get(claim.exp));
  const iat = integerOf(payload.get(claim.iat));
  const nbf = optional(payload, claim.nbf, integerOf);
  const holder = optional(payload, claim.cnf, holderOf);
  const status = optional(payload, claim.status, statusOf);
  const staff = optional(payload, claim.role, staffOf);
  if (typeof sub !== "string" || !/^[A-Za-z0-9_-]{8,32}$/.test(sub)) return null;
  if (exp === null || iat === null || nbf === null || holder === null || status === null || staff === null) return null;
  if (staff === undefined && status === undefined) return null; // a citizen has a place in a list
  return {
    sub,
    exp,
    iat,
    ...(nbf === undefined ? {} : { nbf }),
    ...(holder === undefined ? {} : { holder }),
    ...(status === undefined ? {} : { status }),
    ...(staff === undefined ? {} : { staff }),
  };
};

/** Undefined when it is not there, null when it is not what it should be. */
const optional = <T>(
  payload: ReadonlyMap<unknown, unknown>,
  label: number,
  read: (value: unknown) => T | null,
): T | null | undefined => (payload.has(label) ? read(payload.get(label)) : undefined);

const holderOf = (value: unknown): PublicJwk | null =>
  value instanceof Map ? jwkOfCoseKey(value.get(coseKeyMember)) : null;

const statusOf = (value: unknown): CredentialClaims["status"] | null => {
  const place: unknown = value instanceof Map ? value.get("status_list") : null;
  if (!(place instanceof Map)) return null;
  const index = integerOf(place.get("idx"));
  const uri: unknown = place.get("uri");
  return index === null || index < 0 || typeof uri !== "string" ? null : { uri, index };
};

const staffOf = (value: unknown): CredentialClaims["staff"] | null => {
  if (!(value instanceof Map)) return null;
  const role: unknown = value.get("role");
  const sites: unknown = value.get("sites");
  if (typeof role !== "string" || !Array.isArray(sites) || !sites.every((site) => typeof site === "string"))
    return null;
  return { role, sites };
};
