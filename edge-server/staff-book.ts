/**
 * Who has which badge: the operator's own list, by name. Terminals and logs know pseudonyms only, and a badge itself is
 * nowhere kept: it is printed once, or lives on one phone (phone-badge.ts), and whoever loses it gets another.
 */
import { badgeCodeBytes, badgeSubOf } from "../shared/badge-proof.ts";
import type { Bytes } from "../shared/bytes.ts";
import { issueCredential, toQrText } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { importPseudonymKey, pseudonymOf } from "../shared/log.ts";
import { type Staff, type StaffKey, staffRealm } from "../shared/staff.ts";
import type { Role } from "../shared/staff-rules.ts";
import type { Instant } from "../shared/terms.ts";
import { makeSub } from "./issuer.ts";
import type { KeyStore } from "./keys.ts";
import { randomBytes } from "./random.ts";

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
  /** Of a badge on a phone; a printed one has none. */
  readonly phone?: PhoneLink;
};

/** `holder`: the kid of the phone that used the link; null until one does. The link's own code gives the badge's subject. */
export type PhoneLink = { readonly linkUntil: Instant; readonly holder: string | null };

export const badgeLifeSeconds = 365 * 86_400;
export const badgeLinkSeconds = 15 * 60;

/** A link that nobody used in time was no badge. */
export const isGoodAt = ({ revokedAt, expiresAt, phone }: StaffRow, now: Instant): boolean =>
  revokedAt === null && now < expiresAt && (phone === undefined || phone.holder !== null || now < phone.linkUntil);

type About = Pick<StaffRow, "name" | "role" | "sites" | "keys">;

/** A badge for somebody new: its text, and the row to keep of it. */
export const makeBadge = async (
  about: About,
  issuer: SigningKey,
  operator: KeyStore["operator"],
  now: Instant,
): Promise<{ readonly row: StaffRow; readonly code: string }> => {
  const sub = makeSub();
  const expiresAt = now + badgeLifeSeconds;
  const staff = { role: about.role, sites: about.sites };
  const credential = await issueCredential({ sub, iat: now, exp: expiresAt, staff }, issuer);
  return {
    row: { ...about, staff: await staffOf(sub, operator), issuedAt: now, expiresAt, revokedAt: null },
    code: toQrText(credential),
  };
};

/** The code of a link for somebody's phone, and the row to keep of it. */
export const makePhoneBadge = async (
  about: About,
  operator: KeyStore["operator"],
  now: Instant,
): Promise<{ readonly row: StaffRow; readonly code: Bytes }> => {
  const code = randomBytes(badgeCodeBytes);
  const staff = await staffOf(await badgeSubOf(code), operator);
  const phone = { linkUntil: now + badgeLinkSeconds, holder: null };
  return {
    row: { ...about, staff, issuedAt: now, expiresAt: now + badgeLifeSeconds, revokedAt: null, phone },
    code,
  };
};

/** The pseudonym of a badge's subject. */
export const staffOf = async (sub: string, operator: KeyStore["operator"]): Promise<string> =>
  pseudonymOf(await importPseudonymKey(operator.bytes), staffRealm, sub);

/** What terminals are told of it. */
export const artefactOfStaff = (rows: readonly StaffRow[]): Staff => {
  const revoked = rows.filter(({ revokedAt }) => revokedAt !== null).map(({ staff }) => staff);
  const keys = rows
    .filter(({ revokedAt }) => revokedAt === null)
    .flatMap(({ staff, keys }) => keys.map((key) => ({ staff, ...key })));
  return { v: 1, revoked, ...(keys.length === 0 ? {} : { keys }) };
};
