/** Keys made in the browser. The private key is non-extractable: a script can use it, none can carry it away. */
import type { CryptoKeyPair } from "../../../shared/keys.ts";

export const makePhoneKeys = async (): Promise<CryptoKeyPair> => {
  try {
    return pairOf(await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]));
  } catch (reason) {
    if (!(reason instanceof DOMException && reason.name === "NotSupportedError")) throw reason;
    return pairOf(await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]));
  }
};

const pairOf = (made: CryptoKey | CryptoKeyPair): CryptoKeyPair => {
  if ("privateKey" in made) return made;
  throw new TypeError("not a key pair");
};
