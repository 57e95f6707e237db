/**
 * Who may open the console, and what they did there: the port of a store of its own. Every implementation passes the
 * contract suite of this port. Codes and sessions are kept as SHA-256 alone: whoever reads the store can use neither.
 * Acts and reviews are only added to; the store itself refuses to change or delete one. Beside a shared ledger it is one
 * store for all servers: whoever is signed in at one is at all of them, and whoever is revoked is out everywhere.
 */
import type { OperatorRole, Verdict } from "../shared/admin.ts";
import type { Bytes } from "../shared/bytes.ts";
import type { PublicJwk } from "../shared/keys.ts";
import type { Instant } from "../shared/terms.ts";
import type { EntryRef } from "../shared/transaction.ts";

export type OperatorRow = {
  readonly name: string;
  readonly role: OperatorRole;
  /** See password.ts. Null until the welcome link was used. */
  readonly password: string | null;
  readonly createdAt: Instant;
  readonly revokedAt: Instant | null;
};

/** `name` null: whoever uses it first chooses one. */
export type Welcome = {
  readonly hash: Bytes;
  readonly name: string | null;
  readonly role: OperatorRole;
  readonly expiresAt: Instant;
};

/** Wrong passwords in a row, and from when on the next is looked at. `key`: of the name that was given. */
export type Attempts = { readonly key: string; readonly failures: number; readonly nextAt: Instant };

export type OperatorSession = {
  readonly hash: Bytes;
  readonly name: string;
  readonly createdAt: Instant;
  readonly lastSeenAt: Instant;
};

/** What signs somebody in instead of a password: on this page alone, whoever it was made by. `label`: their own word for it. */
export type Passkey = {
  /** Base64url. */
  readonly id: string;
  readonly name: string;
  readonly key: PublicJwk;
  readonly origin: string;
  readonly label: string;
  readonly createdAt: Instant;
};

/** What a passkey is asked, once. `name` null: by whoever wants to sign in. */
export type Challenge = { readonly hash: Bytes; readonly name: string | null; readonly expiresAt: Instant };

/** `act`: a word; `what`: about what, without anything secret or personal. */
export type Act = { readonly at: Instant; readonly by: string; readonly act: string; readonly what: string };

export type Review = {
  readonly of: EntryRef;
  readonly at: Instant;
  readonly by: string;
  readonly verdict: Verdict;
  readonly note: string;
};

export type OperatorRecords = {
  /** In the order in which they were made. */
  readonly operators: () => Promise<readonly OperatorRow[]>;
  readonly operator: (name: string) => Promise<OperatorRow | null>;
  readonly putOperator: (operator: OperatorRow) => Promise<void>;
  /** In place of those before for the same name. */
  readonly putWelcome: (welcome: Welcome) => Promise<void>;
  readonly welcome: (hash: Bytes, now: Instant) => Promise<Welcome | null>;
  /** Takes it so that nobody can use it again. */
  readonly takeWelcome: (hash: Bytes, now: Instant) => Promise<Welcome | null>;
  readonly attempts: (key: string) => Promise<Attempts | null>;
  readonly putAttempts: (attempts: Attempts) => Promise<void>;
  readonly dropAttempts: (key: string) => Promise<void>;
  /** Forgets what is over, and counts what is left. */
  readonly endAttempts: (before: Instant) => Promise<number>;
  readonly session: (hash: Bytes) => Promise<OperatorSession | null>;
  readonly putSession: (session: OperatorSession) => Promise<void>;
  readonly dropSession: (hash: Bytes) => Promise<void>;
  readonly dropSessionsOf: (name: string) => Promise<void>;
  /** Forgets those made, or last seen, before these. */
  readonly endSessions: (createdBefore: Instant, seenBefore: Instant) => Promise<void>;
  /** Oldest first. */
  readonly passkeys: (name: string) => Promise<readonly Passkey[]>;
  readonly passkey: (id: string) => Promise<Passkey | null>;
  readonly putPasskey: (passkey: Passkey) => Promise<void>;
  /** False where they have none of this id. */
  readonly dropPasskey: (name: string, id: string) => Promise<boolean>;
  readonly dropPasskeysOf: (name: string) => Promise<void>;
  /** Of those that are kept the newest `rowsMax` stay. */
  readonly putChallenge: (challenge: Challenge, rowsMax: number) => Promise<void>;
  /** Takes it so that nobody can use it again. */
  readonly takeChallenge: (hash: Bytes, now: Instant) => Promise<Challenge | null>;
  readonly recordAct: (act: Act) => Promise<void>;
  /** Newest first, those below `before`. */
  readonly acts: (before: number, rowsMax: number) => Promise<readonly (Act & { readonly number: number })[]>;
  readonly recordReview: (review: Review) => Promise<void>;
  /** In the order in which they were recorded, those above `number`: what any server has recorded. */
  readonly reviewsAfter: (
    number: number,
    rowsMax: number,
  ) => Promise<readonly (Review & { readonly number: number })[]>;
  /** Oldest first. */
  readonly reviews: (of: EntryRef) => Promise<readonly Review[]>;
};

export type OperatorStore = OperatorRecords & {
  /** Runs `change` in one transaction, as though nobody else changed anything meanwhile: all of it is stored, or nothing. */
  readonly atomically: <T>(change: (records: OperatorRecords) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};
