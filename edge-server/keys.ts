/** The keys that a server holds itself, each for one use. Where they lie is an adapter's to know. */
import type { Bytes } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";

export type ServerKeys = {
  /** As many of these sign roots and trust as `threshold` asks for. */
  readonly roots: readonly SigningKey[];
  readonly threshold: number;
  readonly publisher: SigningKey;
  readonly edge: SigningKey;
  /** HMAC-SHA-256 of pseudonyms: 32 bytes, given to enrolled terminals. */
  readonly operator: { readonly bytes: Bytes; readonly version: number };
};

export type KeyStore = {
  readonly server: ServerKeys;
  /** The issuer key of a programme that this server issues for; null where it does not. */
  readonly issuer: (programme: string) => Promise<SigningKey | null>;
  /** The same, made when missing. */
  readonly makeIssuer: (programme: string) => Promise<SigningKey>;
};
