/**
 * Whom this server has issued credentials to, where it is a programme's issuer (demo, small city). These are the
 * programme's records, not the operator's: they are kept apart from the registry, and no terminal or ledger sees them.
 */
import type { Bytes } from "../shared/bytes.ts";
import type { Bilingual } from "../shared/policy.ts";

export type Citizen = {
  readonly handle: string;
  /** The random handle in credentials; stays over renewals, and where another phone takes over. */
  readonly sub: string;
  readonly list: string;
  /** Stays over renewals. */
  readonly index: number;
  /** How the reference phone offers a citizen of the demo city; null for everyone else. */
  readonly shown: { readonly name: Bilingual; readonly about: Bilingual } | null;
  /** The key of somebody who came with one of their own. */
  readonly holderKid: string | null;
};

export type Citizens = {
  readonly shown: () => readonly Citizen[];
  readonly byHandle: (handle: string) => Citizen | null;
  readonly bySub: (sub: string) => Citizen | null;
  readonly byHolder: (kid: string) => Citizen | null;
  /** Takes the next free place below `entries`; null where the list is full. */
  readonly enrol: (newcomer: Omit<Citizen, "index">, entries: number) => Citizen | null;
  readonly nextPlace: (list: string) => number;
  /** By the SHA-256 of a recovery code (shared/recovery). */
  readonly byRecovery: (hash: Bytes) => Citizen | null;
  /** False where there are `max` already. */
  readonly addRecovery: (handle: string, hash: Bytes, max: number) => boolean;
  /** Those added after that one are over. */
  readonly endLaterRecoveries: (recovery: Bytes) => void;
  /** To another place and key. */
  readonly move: (handle: string, to: Pick<Citizen, "index" | "holderKid">) => Citizen;
  /** Everybody anew, all or nobody: how a city begins. */
  readonly replaceAll: (citizens: readonly Citizen[]) => void;
  readonly close: () => void;
};
