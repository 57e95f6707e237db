/**
 * Who has which badge: the operator's own list, by name. Terminals and logs know pseudonyms only, and a badge itself is
 * nowhere kept: it is printed once, and whoever loses it gets another.
 */
import { issueCredential, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { importPseudonymKey, pseudonymOf } from "../shared/log.ts";
import { type Staff, type StaffKey, staffRealm } from "../shared/staff.ts";
import type { Role } from "../shared/staff-rules.ts";
import type { Instant } from "../shared/terms.ts";
import { makeSub } from "./issuer.ts";
import type { KeyStore } from "./keys.ts";

export type StaffRow = {
  /** The pseudonym that their overrides stand under. */
  readonly staff: string;
  readonly name: string;
  readonly role: Role;
  readonly sites: readonly string[];
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly keys: readonly Omit<StaffKey, "staff">[];
};

export const badgeLifeSeconds = 365 * 86_400;

export const isGoodAt = ({ revokedAt, expiresAt }: StaffRow, now: Instant): boolean =>
  revokedAt === null && now < expiresAt;

/** A badge for somebody new: its text, and the row to keep of it. */
export const makeBadge = async (
  about: Pick<StaffRow, "name" | "role" | "sites" | "keys">,
  issuer: SigningKey,
  operator: KeyStore["operator"],
  now: Instant,
): Promise<{ readonly row: StaffRow; readonly code: string }> => {
  const sub = makeSub();
  const expiresAt = now + badgeLifeSeconds;
  const staff = { role: about.role, sites: about.sites };
  const credential = await issueCredential({ sub, iat: now, exp: expiresAt, staff }, issuer);
  const key = await importPseudonymKey(operator.bytes);
  return {
    row: { ...about, staff: await pseudonymOf(key, staffRealm, sub), issuedAt: now, expiresAt, revokedAt: null },
    code: toQrText(credential),
  };
};

/** What terminals are told of it. */
export const artefactOfStaff = (rows: readonly StaffRow[]): Staff => {
  const revoked = rows.filter(({ revokedAt }) => revokedAt !== null).map(({ staff }) => staff);
  const keys = rows
    .filter(({ revokedAt }) => revokedAt === null)
    .flatMap(({ staff, keys }) => keys.map((key) => ({ staff, ...key })));
  return { v: 1, revoked, ...(keys.length === 0 ? {} : { keys }) };
};
