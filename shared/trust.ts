/**
 * Whom a terminal trusts, for what, and since when: the issuer keys in force (FORMATS, "Bundle", artefact `trust`).
 *
 *     {"v": 1, "version", "entries": [{"kid", "use": "citizen" | "staff", "jwk", "programme"?, "sites"?, "lists"?,
 *                           "validFrom"?, "validUntil"?, "revokedAt"?, "name"?}, ...]}
 *
 * `version` stands inside what the root threshold signs, so that nobody who stole a publisher key can bring back an older
 * trust under a newer number. A key is trusted from validFrom to validUntil, both included, and never from revokedAt on; a time that is not there
 * does not bound. `sites` bounds a staff key, `lists` (short names) a citizen key to those named; not there, to none.
 * What is wrong is said in one line for an operator; nothing is trusted by halves.
 */
import * as v from "valibot";
import { importPublicKey, type PublicJwk, type PublicKey } from "./keys.ts";

export type TrustEntry = {
  readonly kid: string;
  readonly use: "citizen" | "staff";
  readonly jwk: PublicJwk;
  readonly programme?: string;
  readonly sites?: readonly string[];
  readonly lists?: readonly string[];
  readonly validFrom?: number;
  readonly validUntil?: number;
  readonly revokedAt?: number;
  readonly name?: string;
};

export type Issuer = { readonly entry: TrustEntry; readonly key: PublicKey };

/** `version` is that of the artefact: it only rises. */
export type TrustDocument = { readonly version: number; readonly entries: readonly TrustEntry[] };

/** By kid. Only `openTrust` makes one, so every key in it is the one that its kid says. */
export type Trust = ReadonlyMap<string, Issuer>;

export type Checked<T> =
  | { readonly kind: "valid"; readonly value: T }
  | { readonly kind: "invalid"; readonly error: string };

/** The error names the entry that is wrong. */
export const openTrust = async (entries: readonly TrustEntry[]): Promise<Checked<Trust>> => {
  const trust = new Map<string, Issuer>();
  for (const entry of entries) {
    const key = await importPublicKey(entry.jwk);
    if (key === null) return invalid(`entry ${entry.kid}: its key is malformed`);
    if (key.kid !== entry.kid) return invalid(`entry ${entry.kid}: its key has the kid ${key.kid}`);
    if (trust.has(entry.kid)) return invalid(`entry ${entry.kid}: it is there twice`);
    trust.set(entry.kid, { entry, key });
  }
  return { kind: "valid", value: trust };
};

/** The issuer with this kid, if it is trusted now. */
export const issuerOf = (trust: Trust, kid: string, now: number): Issuer | null => {
  const issuer = trust.get(kid);
  if (issuer === undefined) return null;
  const { validFrom = -Infinity, validUntil = Infinity, revokedAt = Infinity } = issuer.entry;
  return now >= validFrom && now <= validUntil && now < revokedAt ? issuer : null;
};

/** Whether this citizen key may point at the list with this short name. */
export const mayPointAt = (entry: TrustEntry, list: string): boolean => entry.lists?.includes(list) ?? true;

/** Whether this staff key may give roles for all of these sites. */
export const mayGiveRoleAt = (entry: TrustEntry, sites: readonly string[]): boolean =>
  entry.sites === undefined || sites.every((site) => entry.sites?.includes(site));

export const encodeTrust = ({ version, entries }: TrustDocument): string => JSON.stringify({ v: 1, version, entries });

/** The shape only: `openTrust` looks at the keys. */
export const decodeTrust = (json: string): Checked<TrustDocument> => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return invalid("not JSON");
  }
  const parsed = v.safeParse(trustSchema, value);
  if (parsed.success) {
    const { version, entries } = parsed.output;
    return { kind: "valid", value: { version, entries } };
  }
  const [issue] = parsed.issues;
  return invalid(`${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`);
};

const invalid = (error: string) => ({ kind: "invalid", error }) as const;

const instant = v.pipe(v.number(), v.safeInteger());
const names = v.array(v.string());

const trustSchema = v.strictObject({
  v: v.literal(1),
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  entries: v.array(
    v.strictObject({
      kid: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
      use: v.picklist(["citizen", "staff"]),
      jwk: v.variant("kty", [
        v.strictObject({ kty: v.literal("OKP"), crv: v.literal("Ed25519"), x: v.string() }),
        v.strictObject({ kty: v.literal("EC"), crv: v.literal("P-256"), x: v.string(), y: v.string() }),
      ]),
      programme: v.exactOptional(v.string()),
      sites: v.exactOptional(names),
      lists: v.exactOptional(names),
      validFrom: v.exactOptional(instant),
      validUntil: v.exactOptional(instant),
      revokedAt: v.exactOptional(instant),
      name: v.exactOptional(v.string()),
    }),
  ),
});
