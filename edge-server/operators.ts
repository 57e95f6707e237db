/**
 * Who may open the console, and what they did there: the port of a store of its own. Every implementation passes the
 * contract suite of this port. Codes and sessions are kept as SHA-256 alone: whoever reads the store can use neither.
 * Acts and reviews are only added to; the store itself refuses to change or delete one.
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

export type OperatorStore = {
  /** In the order in which they were made. */
  readonly operators: () => readonly OperatorRow[];
  readonly operator: (name: string) => OperatorRow | null;
  readonly putOperator: (operator: OperatorRow) => void;
  /** In place of those before for the same name. */
  readonly putWelcome: (welcome: Welcome) => void;
  readonly welcome: (hash: Bytes, now: Instant) => Welcome | null;
  /** Takes it so that nobody can use it again. */
  readonly takeWelcome: (hash: Bytes, now: Instant) => Welcome | null;
  readonly attempts: (key: string) => Attempts | null;
  readonly putAttempts: (attempts: Attempts) => void;
  readonly dropAttempts: (key: string) => void;
  /** Forgets what is over, and counts what is left. */
  readonly endAttempts: (before: Instant) => number;
  readonly session: (hash: Bytes) => OperatorSession | null;
  readonly putSession: (session: OperatorSession) => void;
  readonly dropSession: (hash: Bytes) => void;
  readonly dropSessionsOf: (name: string) => void;
  /** Forgets those made, or last seen, before these. */
  readonly endSessions: (createdBefore: Instant, seenBefore: Instant) => void;
  /** Oldest first. */
  readonly passkeys: (name: string) => readonly Passkey[];
  readonly passkey: (id: string) => Passkey | null;
  readonly putPasskey: (passkey: Passkey) => void;
  /** False where they have none of this id. */
  readonly dropPasskey: (name: string, id: string) => boolean;
  readonly dropPasskeysOf: (name: string) => void;
  /** Of those that are kept the newest `rowsMax` stay. */
  readonly putChallenge: (challenge: Challenge, rowsMax: number) => void;
  /** Takes it so that nobody can use it again. */
  readonly takeChallenge: (hash: Bytes, now: Instant) => Challenge | null;
  readonly recordAct: (act: Act) => void;
  /** Newest first, those below `before`. */
  readonly acts: (before: number, rowsMax: number) => readonly (Act & { readonly number: number })[];
  readonly recordReview: (review: Review) => void;
  /** Oldest first. */
  readonly reviews: (of: EntryRef) => readonly Review[];
  /** Runs `change` in one transaction: all of it is stored, or nothing. */
  readonly atomically: <T>(change: () => T) => T;
  readonly close: () => void;
};
