/** A security key or the platform's own (WebAuthn), asked by the page. It answers without any network, or not at all. */
import { fromBase64url, toBase64url } from "../../shared/bytes.ts";
import type { SecurityKey } from "../ports.ts";

const seconds = 30;

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
