/**
 * The edges of a reference phone: where it keeps its keys, who issues its credentials, its clock. Any phone may look
 * like this one; only FORMATS binds it.
 */
import type { Bytes } from "../../shared/bytes.ts";
import type { CryptoKeyPair } from "../../shared/keys.ts";
import type { DemoCitizens, OrderAnswer, OrderRequest } from "../../shared/messages.ts";
import type { Bilingual } from "../../shared/policy.ts";
import type { WhyAnswer } from "../../shared/why.ts";
import type { Answer, Clock } from "../ports.ts";

export type { Answer };
export type WalletClock = Pick<Clock, "now" | "after">;

/** A printed card has no key of its own; a phone's credential is bound to the phone's. */
export type Form = "phone" | "card";

/**
 * One person on this phone. `handle` names a citizen of the demo city, null for somebody with only a key. `name` and
 * `about` are null then too. The private key is non-extractable.
 */
export type Person = {
  readonly id: string;
  readonly handle: string | null;
  readonly name: Bilingual | null;
  readonly about: Bilingual | null;
  readonly keys: CryptoKeyPair;
  readonly credential: Bytes | null;
};

export type WalletStore = {
  /** People in the order in which they came; `chosen` is the id of the one whose code is shown. */
  readonly read: () => Promise<{ readonly people: readonly Person[]; readonly chosen: string | null }>;
  /** Durable when it resolves (`durability: "strict"`). Writes a person anew under the same id. */
  readonly write: (person: Person) => Promise<void>;
  readonly choose: (id: string) => Promise<void>;
};

/** The programme's issuer. `sendProof` answers with the credential, not yet believed. */
export type Issuer = {
  readonly citizens: () => Promise<Answer<DemoCitizens>>;
  readonly sendProof: (proof: Bytes) => Promise<Answer<Bytes>>;
  /** See shared/recovery. */
  readonly sendRecovery: (recovery: Bytes) => Promise<Answer<"registered">>;
  /** Answers with a credential where another key took over, else with nothing; not yet believed. */
  readonly sendLoss: (loss: Bytes) => Promise<Answer<Bytes>>;
  /** What became of an order from home, or what it would cost. */
  readonly sendOrder: (order: OrderRequest) => Promise<Answer<OrderAnswer>>;
  /** Calls back when the network may have returned; returns how to call it off. */
  readonly onReturn: (callback: () => void) => () => void;
};

/** Who explains receipts, and takes objections (shared/why). `own`: what the phone signed. */
export type Explainer = {
  readonly why: (asked: { readonly code: string; readonly own: string }) => Promise<Answer<WhyAnswer>>;
  readonly object: (asked: {
    readonly code: string;
    readonly own: string;
    readonly text: string;
  }) => Promise<Answer<{ readonly secret: string }>>;
};

/** Makes a key pair in the browser: Ed25519, or P-256 where there is none. The private key cannot be read out. */
export type MakeKeys = () => Promise<CryptoKeyPair>;
