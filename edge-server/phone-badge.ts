/**
 * A badge on a phone (shared/badge-proof): the code of a link makes the phone that shows it first the badge's, and no other
 * ever after. The key never leaves the phone. Who asks again with the same code and the same key, because the answer was
 * lost, is answered again.
 *
 * A phone's credential lives a week and renews by itself, by the badge that it has, until the badge ends or is revoked. So a
 * phone that is gone is good for a week at a terminal that hears of nothing, and for none at one that does.
 *
 * `judgeBadgeProof` is the judgement, pure; `answerBadgeProof` looks up what it needs and does what it says.
 */
import { type BadgeClaim, badgeSubOf, openBadgeProof } from "../shared/badge-proof.ts";
import type { Bytes } from "../shared/bytes.ts";
import { issueCredential, usualLifeSeconds } from "../shared/credential.ts";
import type { PublicKey, SigningKey } from "../shared/keys.ts";
import { proofAgeMaxSeconds } from "../shared/proof.ts";
import type { Instant } from "../shared/terms.ts";
import { readEarlier } from "./issuer.ts";
import { type KeyStore, kidsOf } from "./keys.ts";
import type { Registry } from "./ports.ts";
import { type StaffRow, staffOf } from "./staff-book.ts";

export type BadgeEdges = {
  readonly registry: Pick<Registry, "staff" | "putStaff" | "issuers" | "terminals" | "atomically">;
  readonly keys: Pick<KeyStore, "held" | "operator" | "makeStaffIssuer">;
};

export type BadgeIssued =
  | { readonly kind: "issued"; readonly credential: Bytes }
  | { readonly kind: "refused"; readonly problem: "badge-refused"; readonly detail: string };

/** Never throws for anything in `body`. */
export const answerBadgeProof = async (edges: BadgeEdges, body: Bytes, now: Instant): Promise<BadgeIssued> => {
  const { registry, keys } = edges;
  const proof = await openBadgeProof(body);
  if (proof === null) return refuse("not a proof signed by the key that it carries");
  if (Math.abs(now - proof.at) > proofAgeMaxSeconds) return refuse("made more than 300 s away from the time here");
  const issuer = await keys.makeStaffIssuer();
  if (registry.issuers().find(({ kid }) => kid === issuer.kid)?.revokedAt !== undefined) {
    return refuse("the key that signs badges was revoked");
  }
  const sub = await subShown(proof.claim, proof.key, issuer);
  if (sub === null) return refuse("what is shown is no badge of this phone, issued here");
  const staff = await staffOf(sub, keys.operator);
  const isTaken = await isKeyTaken(edges, proof.key);

  const verdict = registry.atomically(() => {
    const row = registry.staff().find((each) => each.staff === staff) ?? null;
    const judged = judgeBadgeProof({ row, kid: proof.key.kid, isTaken, by: proof.claim.by, now });
    if (judged.kind === "issue") registry.putStaff(judged.row);
    return judged;
  });
  if (verdict.kind === "refused") return refuse(verdict.detail);
  const { role, sites, expiresAt } = verdict.row;
  const life = { iat: now, exp: Math.min(now + usualLifeSeconds, expiresAt) };
  const claims = { sub, ...life, holder: proof.key.jwk, staff: { role, sites } };
  return { kind: "issued", credential: await issueCredential(claims, issuer) };
};

export type Asked = {
  /** Of the badge that is shown; null where there is none such. */
  readonly row: StaffRow | null;
  readonly kid: string;
  /** The key is in use for something else. */
  readonly isTaken: boolean;
  readonly by: "code" | "credential";
  readonly now: Instant;
};

type Verdict =
  | { readonly kind: "issue"; readonly row: StaffRow }
  | { readonly kind: "refused"; readonly detail: string };

export const judgeBadgeProof = ({ row, kid, isTaken, by, now }: Asked): Verdict => {
  const phone = row?.phone;
  if (row === null || phone === undefined) return no("the link is unknown: ask for another one");
  if (row.revokedAt !== null) return no("the badge was revoked");
  if (now >= row.expiresAt) return no("the badge has ended: ask for another one");
  if (phone.holder !== null && phone.holder !== kid) return no("the link was used by another phone");
  if (by === "code" && now >= phone.linkUntil) return no("the link is too old: ask for another one");
  if (phone.holder === null && isTaken) return no("the key is in use elsewhere: a key has one use");
  return { kind: "issue", row: { ...row, phone: { ...phone, holder: kid } } };
};

/** Whose badge it is, by what is shown for it; null where that is nothing of ours, or of another phone. */
const subShown = async (claim: BadgeClaim, key: PublicKey, issuer: SigningKey): Promise<string | null> => {
  if (claim.by === "code") return badgeSubOf(claim.code);
  const earlier = await readEarlier(claim.credential, issuer);
  return earlier === "not-ours" || earlier.holderKid !== key.kid ? null : earlier.sub;
};

const isKeyTaken = async ({ registry, keys }: BadgeEdges, { kid, jwk }: PublicKey): Promise<boolean> =>
  kidsOf(await keys.held()).has(kid) ||
  registry.issuers().some((issuer) => issuer.kid === kid) ||
  registry.staff().some(({ phone }) => phone?.holder === kid) ||
  registry.terminals().some(({ key }) => key?.x === jwk.x);

const refuse = (detail: string): BadgeIssued => ({ kind: "refused", problem: "badge-refused", detail });
const no = (detail: string): Verdict => ({ kind: "refused", detail });
