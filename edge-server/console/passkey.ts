/** Passkeys, asked by the page (WebAuthn). Whoever cancels is told so by the browser; here it is no answer. */
import type { ChallengeAnswer, PasskeyBeginAnswer, PasskeyRequest, PasskeySignIn } from "../../shared/admin.ts";
import { fromBase64url, toBase64url } from "../../shared/bytes.ts";

const seconds = 60;
const es256 = { type: "public-key", alg: -7 } as const;
const ed25519 = { type: "public-key", alg: -8 } as const;

/** An address of numbers has none: a passkey belongs to a name. */
export const hasPasskeys = (): boolean => "PublicKeyCredential" in globalThis && !/^[\d.]+$|:/.test(location.hostname);

export const answerChallenge = async ({ challenge }: ChallengeAnswer): Promise<PasskeySignIn | null> => {
  const publicKey = {
    challenge: bytesOf(challenge),
    rpId: location.hostname,
    userVerification: "required" as const,
    timeout: seconds * 1000,
  };
  const given = await navigator.credentials.get({ publicKey }).catch(() => null);
  if (given === null) return null;
  const { rawId, response } = given as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature } = response as AuthenticatorAssertionResponse;
  return {
    ...{ id: textOf(rawId), client: textOf(clientDataJSON), authenticator: textOf(authenticatorData) },
    signature: textOf(signature),
  };
};

export const makePasskey = async (
  { challenge, known }: PasskeyBeginAnswer,
  name: string,
): Promise<Omit<PasskeyRequest, "label"> | null> => {
  const publicKey = {
    challenge: bytesOf(challenge),
    rp: { name: "Greenlane", id: location.hostname },
    user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
    pubKeyCredParams: [es256, ed25519],
    excludeCredentials: known.map((id) => ({ type: "public-key" as const, id: bytesOf(id) })),
    authenticatorSelection: { residentKey: "required" as const, userVerification: "required" as const },
    timeout: seconds * 1000,
  };
  const made = await navigator.credentials.create({ publicKey }).catch(() => null);
  if (made === null) return null;
  const { rawId } = made as PublicKeyCredential;
  const response = (made as PublicKeyCredential).response as AuthenticatorAttestationResponse;
  const spki = response.getPublicKey();
  if (spki === null) return null;
  const isEs256 = response.getPublicKeyAlgorithm() === es256.alg;
  const algorithm = isEs256 ? { name: "ECDSA", namedCurve: "P-256" } : { name: "Ed25519" };
  const key = await crypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
  const { kty = "", crv, x, y } = await crypto.subtle.exportKey("jwk", key);
  return {
    ...{ id: textOf(rawId), client: textOf(response.clientDataJSON) },
    ...{ authenticator: textOf(response.getAuthenticatorData()), key: { kty, crv, x, y } },
  };
};

const textOf = (bytes: ArrayBuffer): string => toBase64url(new Uint8Array(bytes));
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => fromBase64url(text) ?? new Uint8Array(0);
