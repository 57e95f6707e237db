/**
 * The life of a credential and of the code made from it. Pure: instants in, instants out.
 *
 *     issued ......... half its life ............... its end
 *        good              good, renewal due          expired
 */
import type { Bytes } from "../../shared/bytes.ts";
import {
  type CredentialClaims,
  decodeCredential,
  present,
  presentationRefreshSeconds,
  toleranceSeconds,
  toQrText,
} from "../../shared/credential.ts";
import type { SigningKey } from "../../shared/keys.ts";
import type { Instant } from "../../shared/terms.ts";

/** What the phone shows: `text` is the QR code's, replaced at `nextAt`. */
export type ShownCode = { readonly text: string; readonly madeAt: Instant; readonly nextAt: Instant };

export type Life = Pick<CredentialClaims, "iat" | "exp">;

export const renewalAt = ({ iat, exp }: Life): Instant => iat + Math.floor((exp - iat) / 2);

export const isExpired = (life: Life, now: Instant): boolean => now >= life.exp;

/** 5, 10, 20 seconds and so on, at most ten minutes: a server that returns finds its phones again soon. */
export const retrySeconds = (failures: number): number => Math.min(600, 5 * 2 ** Math.max(0, failures - 1));

/** Also one made in what is now the future, since the clock was set back: further ahead than terminals take it. */
export const isCodeOver = (code: ShownCode, now: Instant): boolean =>
  now >= code.nextAt || now < code.madeAt - toleranceSeconds;

/** Signed for `now`, which makes it good for 90 s; replaced after 30. */
export const makeCode = async (credential: Bytes, key: SigningKey, now: Instant): Promise<ShownCode> => ({
  text: toQrText(await present(credential, key, now)),
  madeAt: now,
  nextAt: now + presentationRefreshSeconds,
});

/** What the issuer sent for a phone: null where it is no credential for this key. */
export const readPhoneCredential = (credential: Bytes, key: SigningKey): CredentialClaims | null => {
  const claims = decodeCredential(credential)?.claims;
  return claims?.holder !== undefined && isSameKey(claims.holder, key.jwk) ? claims : null;
};

/** What the issuer sent for paper: null where it is no credential that needs no phone. */
export const readCard = (credential: Bytes): { readonly text: string; readonly claims: CredentialClaims } | null => {
  const claims = decodeCredential(credential)?.claims;
  if (claims === undefined || claims.holder !== undefined) return null;
  return { text: toQrText(credential), claims };
};

const isSameKey = (a: SigningKey["jwk"], b: SigningKey["jwk"]): boolean =>
  a.x === b.x && (a.kty === "EC" && b.kty === "EC" ? a.y === b.y : a.kty === b.kty);
