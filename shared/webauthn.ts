/**
 * A security key's answer, verified without a server (Web Authentication Level 3, "Verifying an Authentication
 * Assertion"): the key of the staff artefact signed this challenge, for this page, while somebody touched it.
 *
 *     signed      authenticatorData || SHA-256(clientDataJSON)
 *     client      {"type": "webauthn.get", "challenge": base64url, "origin", ...}
 *     authenticator   rpIdHash (32) || flags (1; bit 0: a person was there) || counter (4) || ...
 *
 * A counter proves nothing to terminals that do not talk to each other, and is not looked at. Of P-256 the signature is DER.
 *
 * What a browser says of a key that it made ("Registering a New Credential") has the same two parts, with the type
 * `webauthn.create` and, after the counter, aaguid (16) || length (2) || id. Nothing signs it: no attestation is asked for.
 */
import * as v from "valibot";
import { type Bytes, concatBytes, equalBytes, fromBase64url, fromUtf8, sha256, toBase64url, toUtf8 } from "./bytes.ts";
import { type PublicKey, verifySignature } from "./keys.ts";
import type { Attempt } from "./override.ts";
import type { EntryRef } from "./transaction.ts";

export type Assertion = {
  /** Of the credential, base64url. */
  readonly id: string;
  readonly client: Bytes;
  readonly authenticator: Bytes;
  readonly signature: Bytes;
};

/** Of a key that was just made. */
export type Registration = Pick<Assertion, "id" | "client" | "authenticator">;

export type AssertionFault = "malformed" | "other-challenge" | "other-origin" | "nobody-there" | "bad-signature";

const clientJson = v.looseObject({ type: v.string(), challenge: v.string(), origin: v.string() });
const clientBytesMax = 4096;
const authenticatorBytesMax = 4096;

/** `origin` null: whatever the client says, as long as it fits the authenticator (for an audit, which knows no page). */
export const assertionFault = async (
  assertion: Assertion,
  challenge: Bytes,
  origin: string | null,
  key: PublicKey,
): Promise<AssertionFault | null> => {
  const { client, authenticator } = assertion;
  const fault = await clientFault("webauthn.get", assertion, challenge, origin);
  if (fault !== null) return fault;
  const signature = key.curve === "P-256" ? rawOfDer(assertion.signature) : assertion.signature;
  const signed = concatBytes(authenticator, await sha256(client));
  return signature !== null && (await verifySignature(key, signature, signed)) ? null : "bad-signature";
};

export const registrationFault = async (
  registration: Registration,
  challenge: Bytes,
  origin: string,
): Promise<AssertionFault | null> => {
  const fault = await clientFault("webauthn.create", registration, challenge, origin);
  if (fault !== null) return fault;
  const { authenticator } = registration;
  const length = (authenticator[53] ?? 0) * 256 + (authenticator[54] ?? 0);
  const id = authenticator.subarray(55, 55 + length);
  return length > 0 && id.length === length && toBase64url(id) === registration.id ? null : "malformed";
};

/** Whether it asked for a PIN, a finger or a face, and not for a touch alone (bit 2). */
export const isPersonVerified = ({ authenticator }: Pick<Assertion, "authenticator">): boolean =>
  ((authenticator[32] ?? 0) & 4) !== 0;

/** What the client says it was asked; null where it says nothing that can be read. */
export const challengeIn = (client: Bytes): Bytes | null => {
  const said = client.length > clientBytesMax ? null : readClient(client);
  return said === null ? null : fromBase64url(said.challenge);
};

const clientFault = async (
  type: "webauthn.get" | "webauthn.create",
  { client: clientBytes, authenticator }: Registration,
  challenge: Bytes,
  origin: string | null,
): Promise<AssertionFault | null> => {
  if (clientBytes.length > clientBytesMax || authenticator.length > authenticatorBytesMax) return "malformed";
  const client = readClient(clientBytes);
  if (client === null || authenticator.length < 37 || client.type !== type) return "malformed";
  if (client.challenge !== toBase64url(challenge)) return "other-challenge";
  const host = hostOf(client.origin);
  if (host === null || (origin !== null && client.origin !== origin)) return "other-origin";
  if (!equalBytes(authenticator.subarray(0, 32), await sha256(toUtf8(host)))) return "other-origin";
  return ((authenticator[32] ?? 0) & 1) === 0 ? "nobody-there" : null;
};

/** Binds the answer to one `attempt` entry: to its chain, its place in it, and what it says. */
export const challengeOf = (at: EntryRef, { staff, effect, reason, of }: Omit<Attempt, "kind">): Promise<Bytes> => {
  const said = [at.terminal, at.epoch, at.seq, staff, effect, reason, of?.seq ?? ""];
  return sha256(toUtf8(["greenlane-attempt/v1", ...said].join("\0")));
};

const readClient = (bytes: Bytes): v.InferOutput<typeof clientJson> | null => {
  try {
    const result = v.safeParse(clientJson, JSON.parse(fromUtf8(bytes) ?? ""));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
};

const hostOf = (origin: string): string | null => /^https?:\/\/([a-z0-9.-]+)(?::\d+)?$/.exec(origin)?.[1] ?? null;

/** SEQUENCE of two INTEGERs, each at most 32 bytes and a zero before a high bit; null where it is not that. */
const rawOfDer = (der: Bytes): Bytes | null => {
  if (der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== 0x02 || length === 0 || length > 33 || at + 2 + length > der.length) return null;
    const integer = der.subarray(at + 2, at + 2 + length);
    const digits = length === 33 ? integer.subarray(1) : integer;
    if (length === 33 && integer[0] !== 0) return null;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? raw : null;
};
