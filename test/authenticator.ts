/** An authenticator in software: makes passkeys and answers as a browser would send it. */
import { type Bytes, concatBytes, fromBase64url, sha256, toBase64url, toUtf8 } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";

/** `flags`: 1 somebody was there, 4 who was asked for a PIN or a finger, 64 a key was made. */
export type Answering = {
  readonly type?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly flags?: number;
  readonly id?: Bytes;
};

const parts = async (
  challenge: string,
  { type = "", origin = "", host = new URL(origin).hostname, flags = 0 }: Answering,
) => ({
  client: toUtf8(JSON.stringify({ type, challenge, origin, crossOrigin: false })),
  authenticator: concatBytes(await sha256(toUtf8(host)), Uint8Array.of(flags, 0, 0, 0, 9)),
});

/** As `POST /v1/admin/passkeys` takes it. */
export const makePasskey = async (key: SigningKey, origin: string, challenge: string, change: Answering = {}) => {
  const id = change.id ?? crypto.getRandomValues(new Uint8Array(32));
  const made = await parts(challenge, { type: "webauthn.create", origin, flags: 69, ...change });
  const credential = concatBytes(new Uint8Array(16), Uint8Array.of(0, id.length), id, toUtf8("cose key"));
  return {
    id: toBase64url(id),
    client: toBase64url(made.client),
    authenticator: toBase64url(concatBytes(made.authenticator, credential)),
    key: key.jwk,
  };
};

/** As `POST /v1/admin/sessions/passkeys` takes it. */
export const usePasskey = async (
  key: SigningKey,
  id: string,
  origin: string,
  challenge: string,
  change: Answering = {},
) => {
  const { client, authenticator } = await parts(challenge, { type: "webauthn.get", origin, flags: 5, ...change });
  const raw = await key.sign(concatBytes(authenticator, await sha256(client)));
  const signature = toBase64url(key.curve === "P-256" ? derOf(raw) : raw);
  return { id, client: toBase64url(client), authenticator: toBase64url(authenticator), signature };
};

/** As authenticators write an ECDSA signature. */
export const derOf = (raw: Bytes): Bytes => {
  const halves = [raw.subarray(0, 32), raw.subarray(32)].map((half) => {
    const digits = half.subarray(half.findIndex((byte) => byte !== 0));
    const padded = (digits[0] ?? 0) > 127 ? concatBytes(Uint8Array.of(0), digits) : digits;
    return concatBytes(Uint8Array.of(2, padded.length), padded);
  });
  const body = concatBytes(...halves);
  return concatBytes(Uint8Array.of(0x30, body.length), body);
};

export const bytesIn = (text: string): Bytes => fromBase64url(text) ?? new Uint8Array(0);
