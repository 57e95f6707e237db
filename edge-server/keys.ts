/** The keys that a server holds itself, each for one use. Where they lie is an adapter's to know. */
import type { Bytes } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";

/** What the operator's own signing keys are for. */
export type KeyUse = "root" | "publisher" | "edge";

/** Those in force: the newest root names them. */
export type ServerKeys = {
  /** As many of these sign roots and trust as `threshold` asks for. */
  readonly roots: readonly SigningKey[];
  readonly threshold: number;
  readonly publisher: SigningKey;
  readonly edge: SigningKey;
};

/** Every key that there is, oldest first. */
export type HeldKeys = { readonly [use in KeyUse]: readonly SigningKey[] };

export type KeyStore = {
  /** HMAC-SHA-256 of pseudonyms: 32 bytes, given to enrolled terminals. */
  readonly operator: { readonly bytes: Bytes; readonly version: number };
  /** Looked up anew each time: another program may have made one. */
  readonly held: () => Promise<HeldKeys>;
  /** The key that the root of this version brings in, made when missing. */
  readonly makeKey: (use: KeyUse, rootVersion: number) => Promise<SigningKey>;
  /** The issuer key of a programme that this server issues for; null where it does not. */
  readonly issuer: (programme: string) => Promise<SigningKey | null>;
  /** The same, made when missing. */
  readonly makeIssuer: (programme: string) => Promise<SigningKey>;
  /** What the desk of orders from home of a programme signs its log with, made when missing. */
  readonly makeOrderKey: (programme: string) => Promise<SigningKey>;
  /** What badges of this operator are signed with, made when missing. */
  readonly makeStaffIssuer: () => Promise<SigningKey>;
};

export const kidsOf = ({ root, publisher, edge }: HeldKeys): ReadonlySet<string> =>
  new Set([...root, ...publisher, ...edge].map(({ kid }) => kid));
