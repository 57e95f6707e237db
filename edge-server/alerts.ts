/**
 * What ends soon, said before it does; and what is over. Pure: what is known and the time in, alerts out.
 *
 *     root-key       a publisher's or an edge server's key under the newest root     30 days before
 *     issuer         whose credentials are believed                                   30 days
 *     certificate    of HTTPS                                                         21 days
 *     list           a score list that was not published for 30 days, or never
 *     manifest       less than a quarter of its life is left, so it was not renewed
 *
 * What has no end is not spoken of.
 */
import type { Alert } from "../shared/admin.ts";
import type { Instant } from "../shared/terms.ts";
import type { TrustEntry } from "../shared/trust.ts";

export type Expiries = {
  readonly manifest: { readonly issuedAt: Instant; readonly expiresAt: Instant } | null;
  readonly keys: readonly { readonly use: "publisher" | "edge"; readonly validUntil: Instant }[];
  readonly issuers: readonly TrustEntry[];
  readonly lists: readonly { readonly name: string; readonly publishedAt: Instant | null }[];
  readonly certificateUntil: Instant | null;
};

const day = 86_400;
const warnDays = { "root-key": 30, issuer: 30, certificate: 21, list: 30 } as const;

export const findAlerts = (known: Expiries, now: Instant): readonly Alert[] => {
  const { manifest, keys, issuers, lists, certificateUntil } = known;
  return [
    ...(manifest === null ? [] : manifestAlert(manifest, now)),
    ...keys.flatMap(({ use, validUntil }) => ending("root-key", use, validUntil, now)),
    ...issuers.flatMap((issuer) =>
      issuer.validUntil === undefined || issuer.revokedAt !== undefined
        ? []
        : ending("issuer", issuer.name ?? issuer.kid, issuer.validUntil, now),
    ),
    ...(certificateUntil === null ? [] : ending("certificate", "https", certificateUntil, now)),
    ...lists.flatMap(({ name, publishedAt }): readonly Alert[] => {
      if (publishedAt !== null && now - publishedAt < warnDays.list * day) return [];
      return [{ what: "list", name, at: publishedAt, severity: "soon" }];
    }),
  ];
};

const ending = (what: keyof typeof warnDays, name: string, until: Instant, now: Instant): readonly Alert[] => {
  if (!Number.isFinite(until) || until - now > warnDays[what] * day) return [];
  return [{ what, name, at: until, severity: until <= now ? "now" : "soon" }];
};

const manifestAlert = (
  { issuedAt, expiresAt }: { readonly issuedAt: Instant; readonly expiresAt: Instant },
  now: Instant,
): readonly Alert[] => {
  if (expiresAt - now > (expiresAt - issuedAt) / 4) return [];
  return [{ what: "manifest", name: "bundle", at: expiresAt, severity: expiresAt <= now ? "now" : "soon" }];
};
