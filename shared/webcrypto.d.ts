/**
 * The only parts of the platform that `shared/` may use, declared by hand because its tsconfig has neither DOM nor Node
 * types. What is missing here does not compile: no getRandomValues, no randomUUID, no generateKey, no clock, no I/O.
 * Randomness and time come in as arguments. Ambient for this project only: it is not emitted, so the browser and server
 * projects see their own, wider declarations of the same names.
 */

type KeyUsage = "sign" | "verify" | "encrypt" | "decrypt";

interface CryptoKey {
  readonly algorithm: { readonly name: string };
  readonly extractable: boolean;
  readonly type: "private" | "public" | "secret";
  readonly usages: KeyUsage[];
}

interface CryptoKeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

interface JsonWebKey {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly d?: string;
}

type SignatureAlgorithm = { readonly name: "Ed25519" } | { readonly name: "ECDSA"; readonly hash: "SHA-256" };
type AesGcm = {
  readonly name: "AES-GCM";
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly additionalData?: Uint8Array<ArrayBuffer>;
};

interface SubtleCrypto {
  digest(algorithm: "SHA-256", bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  importKey(
    format: "jwk",
    key: JsonWebKey,
    algorithm: { readonly name: "Ed25519" } | { readonly name: "ECDSA"; readonly namedCurve: "P-256" },
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  importKey(
    format: "raw",
    key: Uint8Array<ArrayBuffer>,
    algorithm: { readonly name: "HMAC"; readonly hash: "SHA-256" } | { readonly name: "AES-GCM" } | "AES-GCM",
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  exportKey(format: "jwk", key: CryptoKey): Promise<JsonWebKey>;
  sign(algorithm: SignatureAlgorithm | "HMAC", key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  verify(
    algorithm: SignatureAlgorithm | "HMAC",
    key: CryptoKey,
    signature: Uint8Array<ArrayBuffer>,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
  encrypt(algorithm: AesGcm, key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  decrypt(algorithm: AesGcm, key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

declare const crypto: { readonly subtle: SubtleCrypto };

interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array<ArrayBuffer>): { readonly written: number };
}
declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: {
  new (label?: "utf-8", options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean }): TextDecoder;
};

declare function atob(base64: string): string;
declare function btoa(binary: string): string;
