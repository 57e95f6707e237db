/** A key pair made in the browser: Ed25519, or P-256 where there is none. Non-extractable: a script can use it, none can carry it away. */

export const makeKeyPair = async (): Promise<CryptoKeyPair> => {
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
