/** A security key or the platform's own (WebAuthn), asked by the page. It answers without any network, or not at all. */
import { fromBase64url, toBase64url } from "../../shared/bytes.ts";
import { importPublicKey } from "../../shared/keys.ts";
import type { SecurityKey } from "../ports.ts";

const seconds = 30;
const es256 = { type: "public-key", alg: -7 } as const;
const ed25519 = { type: "public-key", alg: -8 } as const;

/** Null where the browser has no such thing, or the page may not use it. */
export const securityKeyHere = (): SecurityKey | null => {
  if (!("credentials" in navigator) || !("PublicKeyCredential" in globalThis)) return null;
  return {
    origin: location.origin,
    ask: async (challenge, ids) => {
      const allowCredentials = ids.flatMap((id) => {
        const bytes = fromBase64url(id);
        return bytes === null ? [] : [{ type: "public-key" as const, id: bytes }];
      });
      const publicKey = {
        challenge,
        rpId: location.hostname,
        allowCredentials,
        userVerification: "discouraged" as const,
        timeout: seconds * 1000,
      };
      // Whoever has none, or takes it away again, is told so by the browser; here it is simply no answer.
      const given = await navigator.credentials.get({ publicKey }).catch(() => null);
      return given === null ? null : assertionOf(given as PublicKeyCredential);
    },
    make: async (staff) => {
      const publicKey = {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: "Greenlane", id: location.hostname },
        // Nobody's name: a key may be found.
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: staff, displayName: staff },
        pubKeyCredParams: [es256, ed25519],
        authenticatorSelection: { residentKey: "discouraged" as const, userVerification: "discouraged" as const },
        timeout: seconds * 1000,
      };
      const made = await navigator.credentials.create({ publicKey }).catch(() => null);
      return made === null ? null : keyOf(made as PublicKeyCredential);
    },
  };
};

const assertionOf = ({ rawId, response }: PublicKeyCredential) => {
  const { clientDataJSON, authenticatorData, signature } = response as AuthenticatorAssertionResponse;
  return {
    id: toBase64url(new Uint8Array(rawId)),
    client: new Uint8Array(clientDataJSON),
    authenticator: new Uint8Array(authenticatorData),
    signature: new Uint8Array(signature),
  };
};

const keyOf = async ({ rawId, response }: PublicKeyCredential) => {
  const { getPublicKey, getPublicKeyAlgorithm } = response as AuthenticatorAttestationResponse;
  const spki = getPublicKey.call(response);
  const isEs256 = getPublicKeyAlgorithm.call(response) === es256.alg;
  if (spki === null) return null;
  const algorithm = isEs256 ? { name: "ECDSA", namedCurve: "P-256" } : { name: "Ed25519" };
  const key = await crypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
  const jwk = (await importPublicKey(await crypto.subtle.exportKey("jwk", key)))?.jwk;
  return jwk === undefined ? null : { id: toBase64url(new Uint8Array(rawId)), jwk };
};
