/**
 * The signed bundle: everything a terminal believes, and the rules by which it changes its mind (FORMATS, "Bundle";
 * The Update Framework 1.0.34).
 *
 * - `root` (COSE_Sign by a threshold of root keys) names the root, publisher and edge keys. The first is pinned at
 *   enrolment by its SHA-256; each later one needs the threshold of the one before and its own.
 * - `manifest` (COSE_Sign1 by a publisher) names every artefact by version, length and SHA-256. Its version only rises.
 * - artefacts: `trust` (signed by the root threshold), `policy`, `staff` (by a publisher), `list/PROGRAMME/LIST`.
 *
 * An artefact travels in an encoding: `plain`, or `aes256gcm` = iv (12) || ciphertext and tag, under a key that only
 * enrolled terminals get. Declared lengths bound everything before it is decoded. `openBundle` opens all or nothing.
 */
import * as v from "valibot";
import { type Bytes, equalBytes, fromHex, fromUtf8, sha256, toHex, toUtf8 } from "./bytes.ts";
import { countGoodSignatures, readTyped, readTypedMany, signTyped, signTypedMany, verifySign1 } from "./cose.ts";
import { importPublicKey, type PublicKey, type SigningKey } from "./keys.ts";
import { decodePolicy, type Policy } from "./policy.ts";
import { openStatusList, type StatusList } from "./status-list.ts";
import type { Instant } from "./terms.ts";
import { decodeTrust, openTrust, type Trust } from "./trust.ts";

/** Why something was not taken. What is in force stays in force. */
export type BundleFault =
  | "malformed"
  | "wrong-root"
  | "too-few-signatures"
  | "unknown-publisher"
  | "bad-signature"
  | "rollback"
  | "expired"
  | "wrong-length"
  | "wrong-hash"
  | "no-key"
  | "missing-artefact";

export type Opened<T> =
  | { readonly kind: "opened"; readonly value: T }
  | { readonly kind: "refused"; readonly fault: BundleFault; readonly detail: string };

export const manifestBytesMax = 256 * 1024;
/** A list of thirty million citizens, with room. */
export const artefactBytesMax = 16 * 1024 * 1024;

const instant = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = instant;
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const keyRow = v.strictObject({
  jwk: v.unknown(),
  validFrom: v.optional(instant),
  validUntil: v.optional(instant),
});

const rootJson = v.strictObject({
  v: v.literal(1),
  version: v.pipe(count, v.minValue(1)),
  threshold: v.pipe(count, v.minValue(1), v.maxValue(16)),
  roots: v.pipe(v.array(keyRow), v.minLength(1), v.maxLength(16)),
  publishers: v.pipe(v.array(keyRow), v.maxLength(16)),
  edges: v.pipe(v.array(keyRow), v.maxLength(64)),
});

const encoding = v.strictObject({
  format: v.picklist(["plain", "aes256gcm"]),
  from: v.nullable(count),
  length: v.pipe(count, v.maxValue(artefactBytesMax)),
  sha256: hash,
});

const artefactEntry = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^(trust|policy|staff|list\/[a-z0-9-]{1,32}\/[a-z0-9-]{1,32})$/)),
  version: count,
  length: v.pipe(count, v.maxValue(artefactBytesMax)),
  sha256: hash,
  encodings: v.pipe(v.array(encoding), v.minLength(1), v.maxLength(64)),
  /** Score lists only: how many citizens, and the version of the cuts they were sorted by. */
  entries: v.optional(count),
  cuts: v.optional(count),
});

const manifestJson = v.strictObject({
  v: v.literal(1),
  operator: v.pipe(v.string(), v.maxLength(300)),
  version: v.pipe(count, v.minValue(1)),
  issuedAt: instant,
  expiresAt: instant,
  root: count,
  artefacts: v.pipe(v.array(artefactEntry), v.maxLength(512)),
});

const staffJson = v.strictObject({ v: v.literal(1), revoked: v.array(v.pipe(v.string(), v.maxLength(64))) });

export type RootRow = v.InferOutput<typeof rootJson>;
export type ArtefactEntry = v.InferOutput<typeof artefactEntry>;
export type ArtefactEncoding = v.InferOutput<typeof encoding>;
export type Manifest = v.InferOutput<typeof manifestJson>;
export type Staff = v.InferOutput<typeof staffJson>;

export type TimedKey = { readonly key: PublicKey; readonly validFrom: Instant; readonly validUntil: Instant };
export type Root = {
  readonly version: number;
  readonly threshold: number;
  readonly roots: readonly PublicKey[];
  readonly publishers: readonly TimedKey[];
  readonly edges: readonly TimedKey[];
};

export type ScoreList = {
  readonly programme: string;
  readonly list: string;
  readonly version: number;
  readonly cuts: number;
  readonly statuses: StatusList;
};

export type Bundle = {
  readonly root: Root;
  readonly manifest: Manifest;
  readonly trust: Trust;
  readonly policy: Policy;
  /** SHA-256 of the policy artefact, hex: what decisions name. */
  readonly policyHash: string;
  readonly signedPolicy: Bytes;
  readonly staff: Staff;
  readonly lists: readonly ScoreList[];
};

/* Writing */

export const signRoot = (root: RootRow, keys: readonly SigningKey[]): Promise<Bytes> =>
  signTypedMany("root", toUtf8(JSON.stringify(root)), keys);

export const signTrust = (trustJson: string, keys: readonly SigningKey[]): Promise<Bytes> =>
  signTypedMany("trust", toUtf8(trustJson), keys);

export const signManifest = (manifest: Manifest, publisher: SigningKey): Promise<Bytes> =>
  signTyped("manifest", toUtf8(JSON.stringify(manifest)), publisher);

export const signPolicy = (policyJson: string, publisher: SigningKey): Promise<Bytes> =>
  signTyped("policy", toUtf8(policyJson), publisher);

export const signStaff = (staff: Staff, publisher: SigningKey): Promise<Bytes> =>
  signTyped("staff", toUtf8(JSON.stringify(staff)), publisher);

/** Seals an artefact for enrolled terminals. `key` (32) is new for each version, `iv` (12) random. */
export const sealArtefact = async (decoded: Bytes, key: Bytes, iv: Bytes): Promise<Bytes> => {
  const aes = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, false, ["encrypt"]);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, decoded));
  const bytes = new Uint8Array(iv.length + sealed.length);
  bytes.set(iv);
  bytes.set(sealed, iv.length);
  return bytes;
};

export const describeEncoding = async (
  format: ArtefactEncoding["format"],
  bytes: Bytes,
): Promise<ArtefactEncoding> => ({
  format,
  from: null,
  length: bytes.length,
  sha256: toHex(await sha256(bytes)),
});

/* Reading */

/** The root that enrolment pinned: right hash, and signed by its own threshold. */
export const openFirstRoot = async (bytes: Bytes, pinned: Bytes): Promise<Opened<Root>> => {
  if (!equalBytes(await sha256(bytes), pinned)) return refused("wrong-root", "not the root that was pinned");
  return openRoot(bytes, null);
};

/** The root after `current`: signed by both thresholds, one version on. */
export const openNextRoot = (bytes: Bytes, current: Root): Promise<Opened<Root>> => openRoot(bytes, current);

const openRoot = async (bytes: Bytes, current: Root | null): Promise<Opened<Root>> => {
  const signed = bytes.length > manifestBytesMax ? null : readTypedMany(bytes, "root");
  const row = signed === null ? null : parsePayload(rootJson, signed.payload);
  if (signed === null || row === null) return refused("malformed", "root");
  const root = await importRoot(row);
  if (root === null) return refused("malformed", "root keys");
  if (current !== null && root.version !== current.version + 1) {
    return refused(root.version <= current.version ? "rollback" : "malformed", "root version");
  }
  const isEnough = async (by: Root): Promise<boolean> => (await countGoodSignatures(signed, by.roots)) >= by.threshold;
  if (!(await isEnough(root)) || (current !== null && !(await isEnough(current)))) {
    return refused("too-few-signatures", "root");
  }
  return opened(root);
};

/** The root in force after `updates`, which may hold roots already known. */
export const openRoots = async (first: Root, updates: readonly Bytes[]): Promise<Opened<Root>> => {
  let current = first;
  for (const bytes of updates) {
    const next = await openNextRoot(bytes, current);
    if (next.kind === "opened") current = next.value;
    else if (next.fault !== "rollback") return next;
  }
  return opened(current);
};

/**
 * A manifest that may be installed at `now` over version `installed` (0: none). An equal version is let through: it is
 * the caller's to see whether the bytes are the same. `now: null` opens what was installed before, however old.
 */
export const openManifest = async (
  bytes: Bytes,
  root: Root,
  installed: number,
  now: Instant | null,
): Promise<Opened<Manifest>> => {
  const payload = await openByPublisher(bytes, "manifest", root, now);
  if (payload.kind === "refused") return payload;
  const manifest = parsePayload(manifestJson, payload.value);
  if (manifest === null) return refused("malformed", "manifest");
  if (manifest.version < installed) return refused("rollback", `${manifest.version} after ${installed}`);
  if (manifest.root > root.version) return refused("wrong-root", "made under a root that is not known here");
  if (now !== null && manifest.expiresAt <= now) return refused("expired", `expired at ${manifest.expiresAt}`);
  const names = manifest.artefacts.map((each) => each.name);
  if (new Set(names).size !== names.length) return refused("malformed", "an artefact stands there twice");
  return opened(manifest);
};

/** The decoded bytes of an artefact, proven to be what the manifest names. */
export const openArtefact = async (
  entry: ArtefactEntry,
  encoded: ArtefactEncoding,
  bytes: Bytes,
  key: Bytes | null,
): Promise<Opened<Bytes>> => {
  if (bytes.length !== encoded.length) return refused("wrong-length", entry.name);
  if (toHex(await sha256(bytes)) !== encoded.sha256) return refused("wrong-hash", entry.name);
  const decoded = encoded.format === "plain" ? opened(bytes) : await unseal(bytes, key, entry.name);
  return decoded.kind === "refused" ? decoded : checkDecoded(entry, decoded.value);
};

const unseal = async (bytes: Bytes, key: Bytes | null, name: string): Promise<Opened<Bytes>> => {
  if (key === null || key.length !== 32) return refused("no-key", name);
  const aes = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, false, ["decrypt"]);
  const iv = bytes.slice(0, 12);
  try {
    return opened(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, bytes.slice(12))));
  } catch {
    return refused("wrong-hash", `${name}: does not open under its key`);
  }
};

const checkDecoded = async (entry: ArtefactEntry, decoded: Bytes): Promise<Opened<Bytes>> => {
  if (decoded.length !== entry.length) return refused("wrong-length", entry.name);
  const isSame = toHex(await sha256(decoded)) === entry.sha256;
  return isSame ? opened(decoded) : refused("wrong-hash", entry.name);
};

/** Opens every artefact of `manifest`, or nothing. `decoded` is by artefact name, and is checked here once more. */
export const openBundle = async (
  root: Root,
  manifest: Manifest,
  decoded: ReadonlyMap<string, Bytes>,
): Promise<Opened<Bundle>> => {
  const named = new Map<string, Bytes>();
  for (const entry of manifest.artefacts) {
    const bytes = decoded.get(entry.name);
    if (bytes === undefined) return refused("missing-artefact", entry.name);
    const checked = await checkDecoded(entry, bytes);
    if (checked.kind === "refused") return checked;
    named.set(entry.name, checked.value);
  }
  const [trustBytes, policyBytes, staffBytes] = ["trust", "policy", "staff"].map((name) => named.get(name));
  if (trustBytes === undefined || policyBytes === undefined || staffBytes === undefined) {
    return refused("missing-artefact", "trust, policy and staff are always there");
  }
  const trust = await openTrustArtefact(trustBytes, root);
  if (trust.kind === "refused") return trust;
  const policyPayload = await openByPublisher(policyBytes, "policy", root, null);
  if (policyPayload.kind === "refused") return policyPayload;
  const policy = decodePolicy(fromUtf8(policyPayload.value) ?? "");
  if (policy.kind === "invalid") return refused("malformed", `policy: ${policy.errors.join("; ")}`);
  const staffPayload = await openByPublisher(staffBytes, "staff", root, null);
  if (staffPayload.kind === "refused") return staffPayload;
  const staff = parsePayload(staffJson, staffPayload.value);
  if (staff === null) return refused("malformed", "staff");
  const lists = openLists(manifest, named);
  if (lists === null) return refused("malformed", "a score list without its cuts, or not of the length of its entries");
  return opened({
    root,
    manifest,
    trust: trust.value,
    policy: policy.value,
    policyHash: toHex(await sha256(policyBytes)),
    signedPolicy: policyBytes,
    staff,
    lists,
  });
};

/**
 * A policy as recorded in an `installed` entry, for the audit. The publisher's key is believed whenever it stands in
 * `root`: the question there is what was in force then, not what is good now.
 */
export const openRecordedPolicy = async (bytes: Bytes, root: Root): Promise<Opened<Policy>> => {
  const payload = await openByPublisher(bytes, "policy", root, null);
  if (payload.kind === "refused") return payload;
  const policy = decodePolicy(fromUtf8(payload.value) ?? "");
  return policy.kind === "invalid" ? refused("malformed", policy.errors.join("; ")) : opened(policy.value);
};

const openTrustArtefact = async (bytes: Bytes, root: Root): Promise<Opened<Trust>> => {
  const signed = readTypedMany(bytes, "trust");
  if (signed === null) return refused("malformed", "trust");
  if ((await countGoodSignatures(signed, root.roots)) < root.threshold) return refused("too-few-signatures", "trust");
  const entries = decodeTrust(fromUtf8(signed.payload) ?? "");
  if (entries.kind === "invalid") return refused("malformed", entries.error);
  const trust = await openTrust(entries.value);
  return trust.kind === "invalid" ? refused("malformed", trust.error) : opened(trust.value);
};

/** The payload of what a publisher signed. `at` null: whenever the key was valid. */
const openByPublisher = async (bytes: Bytes, type: string, root: Root, at: Instant | null): Promise<Opened<Bytes>> => {
  const signed = bytes.length > artefactBytesMax ? null : readTyped(bytes, type);
  if (signed === null) return refused("malformed", type);
  const publisher = root.publishers.find((each) => each.key.kid === signed.kid);
  if (publisher === undefined || (at !== null && !isValidAt(publisher, at))) return refused("unknown-publisher", type);
  if ((await verifySign1(signed.sign1, publisher.key)) !== "ok") return refused("bad-signature", type);
  return opened(signed.payload);
};

const isValidAt = (timed: TimedKey, at: Instant): boolean => timed.validFrom <= at && at <= timed.validUntil;

const openLists = (manifest: Manifest, decoded: ReadonlyMap<string, Bytes>): readonly ScoreList[] | null => {
  const lists: ScoreList[] = [];
  for (const entry of manifest.artefacts) {
    const [kind, programme, list] = entry.name.split("/");
    if (kind !== "list" || programme === undefined || list === undefined) continue;
    const statuses = openStatusList(decoded.get(entry.name) ?? new Uint8Array(0), entry.entries ?? -1);
    if (statuses.kind === "invalid" || entry.cuts === undefined) return null;
    lists.push({ programme, list, version: entry.version, cuts: entry.cuts, statuses: statuses.value });
  }
  return lists;
};

const importRoot = async (row: RootRow): Promise<Root | null> => {
  const roots = await Promise.all(row.roots.map((each) => importPublicKey(each.jwk)));
  const publishers = await Promise.all(row.publishers.map(importTimed));
  const edges = await Promise.all(row.edges.map(importTimed));
  const known = <T>(keys: readonly (T | null)[]): readonly T[] | null =>
    keys.some((each) => each === null) ? null : (keys as readonly T[]);
  const [knownRoots, knownPublishers, knownEdges] = [known(roots), known(publishers), known(edges)];
  if (knownRoots === null || knownPublishers === null || knownEdges === null) return null;
  // A key has one use (FORMATS, "Keys and algorithms"), and no key counts twice towards a threshold.
  const kids = [...knownRoots, ...knownPublishers.map((each) => each.key), ...knownEdges.map((each) => each.key)].map(
    (each) => each.kid,
  );
  if (new Set(kids).size !== kids.length || row.threshold > knownRoots.length) return null;
  return {
    version: row.version,
    threshold: row.threshold,
    roots: knownRoots,
    publishers: knownPublishers,
    edges: knownEdges,
  };
};

const importTimed = async (row: RootRow["publishers"][number]): Promise<TimedKey | null> => {
  const key = await importPublicKey(row.jwk);
  if (key === null) return null;
  return { key, validFrom: row.validFrom ?? 0, validUntil: row.validUntil ?? Number.MAX_SAFE_INTEGER };
};

const parsePayload = <T>(schema: v.GenericSchema<unknown, T>, payload: Bytes): T | null => {
  try {
    const result = v.safeParse(schema, JSON.parse(fromUtf8(payload) ?? ""));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
};

const opened = <T>(value: T): Opened<T> => ({ kind: "opened", value });
const refused = (fault: BundleFault, detail: string): Opened<never> => ({ kind: "refused", fault, detail });

/** The key that opens a sealed encoding, from the list that the server gave beside the manifest (hex by SHA-256). */
export const keyOf = (keys: Readonly<Record<string, string>>, encoded: ArtefactEncoding): Bytes | null => {
  const text = keys[encoded.sha256];
  return text === undefined ? null : fromHex(text);
};
