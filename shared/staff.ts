/**
 * Staff (FORMATS, "Bundle"): the signed artefact that takes a badge back and says whose security key is whose, and whether
 * a genuine badge opens this terminal.
 *
 *     {"v": 1, "revoked": [TEXT, ...], "keys"?: [{"staff": PSEUDONYM, "id": TEXT, "jwk": {...}}, ...]}
 *
 * `revoked` holds pseudonyms of staff, and kids of staff issuers. `id` is that of the WebAuthn credential, base64url. Nobody
 * stands there by name, and a badge that is not there is good as long as its signature is: staff are needed most where
 * there is no network. A photograph of a printed badge is as good as the badge: whoever wants more asks for a key.
 */
import * as v from "valibot";
import { importPublicKey, type PublicJwk } from "./keys.ts";
import { publicJwk } from "./messages.ts";
import { type Role, roles } from "./staff-rules.ts";
import type { Instant } from "./terms.ts";
import type { VerifiedPresentation } from "./verify.ts";

const short = v.pipe(v.string(), v.maxLength(64));
const staffKey = v.strictObject({
  staff: short,
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,1400}$/)),
  jwk: publicJwk,
});

export const staffJson = v.strictObject({
  v: v.literal(1),
  revoked: v.array(short),
  keys: v.exactOptional(v.pipe(v.array(staffKey), v.maxLength(10_000))),
});
export type Staff = v.InferOutput<typeof staffJson>;
export type StaffKey = { readonly staff: string; readonly id: string; readonly jwk: PublicJwk };

export const keysOf = (artefact: Staff, staff: string): readonly StaffKey[] =>
  (artefact.keys ?? []).filter((each) => each.staff === staff);

export const importStaffKey = (key: StaffKey) => importPublicKey(key.jwk);

/** What a badge says, once verified. `staff` is its holder's pseudonym. */
export type ShownBadge = {
  readonly staff: string;
  readonly role: string;
  readonly sites: readonly string[];
  readonly issuer: string;
  readonly form: "presentation" | "bearer";
};

/** In order of precedence. `locked-out`: too many security keys were tried that were not right. */
export const badgeFaults = ["revoked", "unknown-role", "foreign-site", "replay", "locked-out"] as const;
export type BadgeFault = (typeof badgeFaults)[number];

export type BadgeFacts = {
  readonly artefact: Staff;
  readonly site: string;
  /** When this very presentation was seen before; null: never. */
  readonly seenAt: Instant | null;
  readonly lockedUntil: Instant;
  readonly at: Instant;
};

export type BadgeVerdict =
  | { readonly kind: "good"; readonly role: Role }
  | { readonly kind: "refused"; readonly fault: BadgeFault };

export const judgeBadge = (badge: ShownBadge, facts: BadgeFacts): BadgeVerdict => {
  const role = roles.find((each) => each === badge.role);
  if (facts.artefact.revoked.some((each) => each === badge.staff || each === badge.issuer)) return refused("revoked");
  if (role === undefined) return refused("unknown-role");
  if (!badge.sites.includes(facts.site)) return refused("foreign-site");
  if (badge.form === "presentation" && facts.seenAt !== null) return refused("replay");
  if (facts.at < facts.lockedUntil) return refused("locked-out");
  return { kind: "good", role };
};

const refused = (fault: BadgeFault): BadgeVerdict => ({ kind: "refused", fault });

/** What counts of a verified staff credential. */
export const badgeOf = (presentation: VerifiedPresentation, staff: string): ShownBadge => ({
  staff,
  role: presentation.role ?? "",
  sites: presentation.sites ?? [],
  issuer: presentation.issuerKid,
  form: presentation.form,
});

/** How staff are counted in pseudonyms where their issuer's key names no programme. */
export const staffRealm = "staff";

export const keyTriesMax = 5;
export const lockOutSeconds = 15 * 60;
