/**
 * How a terminal signs its requests (RFC 9421): over `@method`, `@path`, and where there is a body `content-digest`
 * (RFC 9530, SHA-256 of the bytes sent) and `content-encoding` where present, with created, nonce, keyid and alg.
 * The server takes a signature for 300 s and a nonce once.
 */
import { createSignature, type Verifier, verifySignature } from "http-message-sig";
import { type Bytes, type Digest, sha256 } from "./bytes.ts";
import { type PublicKey, type SigningKey, verifySignature as verifyBytes } from "./keys.ts";
import type { Instant } from "./terms.ts";

export const signatureAgeMaxSeconds = 300;

/** `headers` in lower case. */
export type SignableRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type SignatureHeaders = { readonly signature: string; readonly "signature-input": string };

export const contentDigestOf = async (body: Bytes, digest: Digest = sha256): Promise<string> =>
  `sha-256=:${btoa(String.fromCharCode(...(await digest(body))))}:`;

/** The headers that sign `request`. `nonce` is random, new for each request. */
export const signRequest = async (
  request: SignableRequest,
  key: SigningKey,
  keyId: string,
  createdAt: Instant,
  nonce: string,
): Promise<SignatureHeaders> => {
  const algorithm = algorithmOf(key);
  const fields = await createSignature(describe(request), {
    components: componentsOf(request),
    parameters: { created: createdAt, nonce, keyid: keyId, alg: algorithm },
    signer: { algorithm, sign: async (bytes) => key.sign(new Uint8Array(bytes)) },
  });
  return { signature: fields.signature, "signature-input": fields.signatureInput };
};

/** `signed`: by the key of `keyId`. `bad` says what did not hold, for the log of the server. */
export type RequestCheck =
  | { readonly kind: "signed"; readonly keyId: string; readonly nonce: string; readonly createdAt: Instant }
  | { readonly kind: "bad"; readonly cause: string };

/** Checks signature, age and body. Whether the nonce was seen before is the caller's to know. */
export const checkRequest = async (
  request: SignableRequest,
  body: Bytes | null,
  keyFor: (keyId: string) => Promise<PublicKey | null>,
  now: Instant,
): Promise<RequestCheck> => {
  if (body !== null && request.headers["content-digest"] !== (await contentDigestOf(body))) {
    return { kind: "bad", cause: "content-digest does not fit the body" };
  }
  try {
    const verified = await verifySignature(describe(request), {
      policy: {
        algorithms: ["ed25519", "ecdsa-p256-sha256"],
        requiredComponents: componentsOf(request),
        requiredParameters: ["created", "nonce", "keyid", "alg"],
        // The library adds the two up for what is old: this is 300 s to either side.
        maxAge: 0,
        clockSkew: signatureAgeMaxSeconds,
        now,
      },
      resolveVerifier: async (candidate): Promise<Verifier> => {
        const key = await keyFor(String(candidate.parameters.keyid ?? ""));
        if (key === null) throw new Error("unknown key");
        return {
          algorithm: algorithmOf(key),
          verify: (bytes, signature) => verifyBytes(key, new Uint8Array(signature), new Uint8Array(bytes)),
        };
      },
    });
    const { keyid, nonce, created } = verified.parameters;
    if (keyid === undefined || nonce === undefined || created === undefined || nonce.length > 64) {
      return { kind: "bad", cause: "keyid, nonce or created is missing" };
    }
    return { kind: "signed", keyId: keyid, nonce, createdAt: created };
  } catch (error) {
    return { kind: "bad", cause: error instanceof Error ? error.message : "not signed" };
  }
};

const describe = (request: SignableRequest) => ({
  kind: "request" as const,
  method: request.method,
  targetUri: request.url,
  fields: Object.entries(request.headers).map(([name, value]) => ({ name, value })),
});

const componentsOf = (request: SignableRequest): readonly string[] => [
  "@method",
  "@path",
  ...(request.headers["content-digest"] === undefined ? [] : ["content-digest"]),
  ...(request.headers["content-encoding"] === undefined ? [] : ["content-encoding"]),
];

const algorithmOf = (key: PublicKey): string => (key.curve === "Ed25519" ? "ed25519" : "ecdsa-p256-sha256");
