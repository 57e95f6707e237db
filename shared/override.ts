/**
 * What staff did, as it is written down (FORMATS, "Log"), each before it acts:
 *
 *     badge      a genuine badge was shown: whose, with which role, for which sites, and whether it opens this terminal
 *     attempt    a security key is about to be asked for; counted whether or not an answer comes
 *     override   what was done, by whom, why, on which terms, and which refusal it answers; that one stays as it is
 *     annulled   a transaction was taken back
 *     declined   staff asked for what they may not do, or not now
 *     release    a fire alarm opened everything
 *     offered-key  a security key was made for somebody, and waits for the operator's word
 *     standing   what is not as usual since a while: told again at each start, and twice a day
 *
 * `staff` are pseudonyms, of everyone who had to agree; `badges` the entries in which their badges were shown. `assertion`
 * is what the security key signed: over what the `attempt` entry says, and where it stands (webauthn.ts).
 */
import * as v from "valibot";
import type { PublicJwk } from "./keys.ts";
import { publicJwk } from "./messages.ts";
import type { BadgeFault } from "./staff.ts";
import { modeEffects, type OverrideEffect, type ServiceMode } from "./staff-rules.ts";
import type { Instant, Terms } from "./terms.ts";
import type { EntryRef } from "./transaction.ts";

export type Badge = {
  readonly kind: "badge";
  readonly staff: string;
  readonly role: string;
  readonly sites: readonly string[];
  readonly issuer: string;
  readonly form: "presentation" | "bearer";
  readonly identity: string;
  readonly windowUntil: Instant;
  readonly site: string;
  readonly result: "good" | BadgeFault | "same-person" | "not-a-supervisor";
};

export type Attempt = {
  readonly kind: "attempt";
  readonly staff: string;
  readonly factor: "key";
  readonly effect: OverrideEffect;
  readonly reason: string;
  readonly of: EntryRef | null;
};

/** As WebAuthn gives them, base64url. `attempt` is the seq of the entry that it answers. */
export type RecordedAssertion = {
  readonly attempt: number;
  readonly id: string;
  readonly client: string;
  readonly authenticator: string;
  readonly signature: string;
};

type ByStaff = {
  readonly staff: readonly string[];
  readonly badges: readonly EntryRef[];
  readonly factor: "badge" | "badge+key";
  readonly reason: string;
  readonly assertion?: RecordedAssertion;
};

export type Override = ByStaff & {
  readonly kind: "override";
  readonly of: EntryRef | null;
  readonly effect: OverrideEffect;
  readonly terms: Terms | null;
  readonly perk: string | null;
  readonly service: string;
  readonly action?: string;
  readonly dock?: string;
  /** The item that is not to be lent, or again: about a thing, and so in the open. */
  readonly blocked?: string;
  /** The override that this goes on with: items of a session that staff opened. */
  readonly under?: EntryRef;
  readonly pseudonymKey?: number;
  readonly personal?: string;
};

export type Annulled = ByStaff & { readonly kind: "annulled"; readonly of: EntryRef };

export type DeclineCause =
  | "not-allowed"
  | "over-limit"
  | "cool-down"
  | "no-key"
  | "key-refused"
  | "nothing-there"
  | "not-own";

export type Declined = {
  readonly kind: "declined";
  readonly staff: readonly string[];
  readonly effect: OverrideEffect;
  readonly cause: DeclineCause;
};

export type Release = { readonly kind: "release"; readonly cause: "alarm" };

export type Standing = {
  readonly kind: "standing";
  readonly mode: ServiceMode;
  readonly released: boolean;
  readonly blocked: readonly string[];
};

/** Somebody's security key, as it was made here: theirs once the operator says so. */
export type OfferedKey = {
  readonly kind: "offered-key";
  readonly staff: string;
  readonly badge: EntryRef;
  readonly id: string;
  readonly jwk: PublicJwk;
};

export type StaffHappening = Badge | Attempt | Override | Annulled | Declined | Release | Standing | OfferedKey;

const instant = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(200));
const names = v.pipe(v.array(text), v.maxLength(64));
const ref = v.object({ terminal: text, epoch: text, seq: v.pipe(v.number(), v.integer()) });
const assertion = v.object({
  attempt: v.pipe(v.number(), v.integer()),
  id: v.string(),
  client: v.string(),
  authenticator: v.string(),
  signature: v.string(),
});

const recorded = v.variant("kind", [
  v.looseObject({
    kind: v.literal("badge"),
    at: instant,
    staff: text,
    role: text,
    sites: names,
    issuer: text,
    form: v.exactOptional(v.picklist(["presentation", "bearer"])),
    site: text,
    identity: text,
    windowUntil: instant,
    result: text,
  }),
  v.looseObject({
    kind: v.literal("attempt"),
    at: instant,
    staff: text,
    effect: text,
    reason: text,
    of: v.nullable(ref),
  }),
  v.looseObject({
    kind: v.literal("override"),
    at: instant,
    of: v.nullable(ref),
    staff: names,
    badges: v.pipe(v.array(ref), v.maxLength(8)),
    factor: text,
    reason: text,
    effect: text,
    dock: v.exactOptional(text),
    blocked: v.exactOptional(text),
    under: v.exactOptional(ref),
    terms: v.unknown(),
    assertion: v.exactOptional(assertion),
  }),
  v.looseObject({
    kind: v.literal("annulled"),
    at: instant,
    of: ref,
    staff: names,
    badges: v.pipe(v.array(ref), v.maxLength(8)),
    factor: text,
    reason: text,
    assertion: v.exactOptional(assertion),
  }),
  v.looseObject({ kind: v.literal("declined"), at: instant, staff: names, effect: text, cause: text }),
  v.looseObject({ kind: v.literal("release"), at: instant, cause: text }),
  v.looseObject({
    kind: v.literal("offered-key"),
    at: instant,
    staff: text,
    badge: ref,
    id: v.string(),
    jwk: publicJwk,
  }),
  v.looseObject({
    kind: v.literal("standing"),
    at: instant,
    mode: v.picklist(modeEffects),
    released: v.boolean(),
    blocked: names,
  }),
]);
export type RecordedByStaff = v.InferOutput<typeof recorded>;

const kinds: readonly string[] = [
  "badge",
  "attempt",
  "override",
  "annulled",
  "declined",
  "release",
  "standing",
  "offered-key",
];

/** Of staff at all, whether or not it is well written. */
export const isByStaff = (kind: string): boolean => kinds.includes(kind);

/** Null where it is no such entry, or something that it needs is missing. */
export const readByStaff = (transaction: { readonly kind: string }): RecordedByStaff | null => {
  if (!isByStaff(transaction.kind)) return null;
  const result = v.safeParse(recorded, transaction);
  return result.success ? result.output : null;
};
