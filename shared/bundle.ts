/**
 * The signed bundle: everything a terminal believes, opened all or nothing (FORMATS, "Bundle"). Its root and manifest are
 * opened by shared/root and shared/manifest; here are the artefacts that the manifest names:
 *
 * - `trust`: the issuer keys with their version, signed by the root threshold, since a stolen publisher key must neither
 *   name an issuer nor bring back one that was revoked
 * - `policy`, `staff`: signed by a publisher
 * - `list/PROGRAMME/LIST`: the score lists, bound by the manifest alone
 */
import { checkDecoded } from "./artefact.ts";
import { type Bytes, fromUtf8, sha256, toHex, toUtf8 } from "./bytes.ts";
import { countGoodSignatures, readTypedMany, signTyped, signTypedMany } from "./cose.ts";
import type { SigningKey } from "./keys.ts";
import { artefactBytesMax, type Manifest } from "./manifest.ts";
import { decodePolicy, type Policy } from "./policy.ts";
import { type Opened, openByPublisher, opened, parsePayload, type Root, refused } from "./root.ts";
import { type Staff, staffJson } from "./staff.ts";
import { openStatusList, type StatusList } from "./status-list.ts";
import { decodeTrust, openTrust, type Trust } from "./trust.ts";

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
  readonly trustVersion: number;
  readonly policy: Policy;
  /** SHA-256 of the policy artefact, hex: what decisions name. */
  readonly policyHash: string;
  readonly signedPolicy: Bytes;
  readonly staff: Staff;
  readonly lists: readonly ScoreList[];
};

export const signTrust = (trustJson: string, keys: readonly SigningKey[]): Promise<Bytes> =>
  signTypedMany("trust", toUtf8(trustJson), keys);

export const signPolicy = (policyJson: string, publisher: SigningKey): Promise<Bytes> =>
  signTyped("policy", toUtf8(policyJson), publisher);

export const signStaff = (staff: Staff, publisher: SigningKey): Promise<Bytes> =>
  signTyped("staff", toUtf8(JSON.stringify(staff)), publisher);

/**
 * Opens every artefact of `manifest`, or nothing. `decoded` is by artefact name, and is checked here once more. A trust
 * older than that of `current` is refused whatever the manifest says: manifests start anew when a publisher is replaced,
 * trust never does.
 */
export const openBundle = async (
  root: Root,
  manifest: Manifest,
  decoded: ReadonlyMap<string, Bytes>,
  current: Bundle | null = null,
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
  const rolledBack = whatIsWrongWith(trust.value.version, manifest, current);
  if (rolledBack !== null) return refused("rollback", rolledBack);
  const policyPayload = await openByPublisher(policyBytes, artefactBytesMax, "policy", root, null);
  if (policyPayload.kind === "refused") return policyPayload;
  const policy = decodePolicy(fromUtf8(policyPayload.value) ?? "");
  if (policy.kind === "invalid") return refused("malformed", `policy: ${policy.errors.join("; ")}`);
  const staffPayload = await openByPublisher(staffBytes, artefactBytesMax, "staff", root, null);
  if (staffPayload.kind === "refused") return staffPayload;
  const staff = parsePayload(staffJson, staffPayload.value);
  if (staff === null) return refused("malformed", "staff");
  const lists = openLists(manifest, named);
  if (lists === null) return refused("malformed", "a score list without its cuts, or not of the length of its entries");
  return opened({
    root,
    manifest,
    trust: trust.value.trust,
    trustVersion: trust.value.version,
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
  const payload = await openByPublisher(bytes, artefactBytesMax, "policy", root, null);
  if (payload.kind === "refused") return payload;
  const policy = decodePolicy(fromUtf8(payload.value) ?? "");
  return policy.kind === "invalid" ? refused("malformed", policy.errors.join("; ")) : opened(policy.value);
};

type VersionedTrust = { readonly version: number; readonly trust: Trust };

const openTrustArtefact = async (bytes: Bytes, root: Root): Promise<Opened<VersionedTrust>> => {
  const signed = readTypedMany(bytes, "trust");
  if (signed === null) return refused("malformed", "trust");
  if ((await countGoodSignatures(signed, root.roots)) < root.threshold) return refused("too-few-signatures", "trust");
  const decoded = decodeTrust(fromUtf8(signed.payload) ?? "");
  if (decoded.kind === "invalid") return refused("malformed", decoded.error);
  const { version, entries } = decoded.value;
  const trust = await openTrust(entries);
  return trust.kind === "invalid" ? refused("malformed", trust.error) : opened({ version, trust: trust.value });
};

const whatIsWrongWith = (version: number, { artefacts }: Manifest, current: Bundle | null): string | null => {
  const named = artefacts.find(({ name }) => name === "trust")?.version;
  if (version !== named) return `the manifest calls trust ${version} trust ${named}`;
  return version < (current?.trustVersion ?? 0) ? `trust ${version} after ${current?.trustVersion}` : null;
};

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
