/**
 * The artefacts of a publication: trust, policy and staff signed, score lists sealed. One that says what it said before,
 * by the keys in force, stays as it was, to the byte.
 */

import { describeEncoding } from "../shared/artefact.ts";
import { signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { type Bytes, equalBytes, toUtf8 } from "../shared/bytes.ts";
import { countGoodSignatures, readTyped, readTypedMany } from "../shared/cose.ts";
import type { PublicKey } from "../shared/keys.ts";
import { encodePolicy, type Policy } from "../shared/policy.ts";
import type { Staff } from "../shared/staff.ts";
import { encodeTrust, type TrustEntry } from "../shared/trust.ts";
import type { ServerKeys } from "./keys.ts";
import { keepOrSealList, type ListEdges, nameOf } from "./list-artefact.ts";
import type { ListHead } from "./ports.ts";
import { hashesOf, type PublishedArtefact } from "./published.ts";

export type Contents = {
  readonly issuers: readonly TrustEntry[];
  readonly policy: Policy;
  readonly staff: Staff;
  readonly lists: readonly ListHead[];
};

/** What was published before, with its bytes. */
export type Earlier = {
  readonly artefact: (name: string) => PublishedArtefact | null;
  readonly bytes: (artefact: PublishedArtefact) => Bytes | null;
};

/** `fresh`: the bytes as they travel, by SHA-256 (hex), of those that were made anew. */
export type MadeArtefacts = {
  readonly all: readonly PublishedArtefact[];
  readonly fresh: ReadonlyMap<string, Bytes>;
};

export const makeArtefacts = async (
  contents: Contents,
  keys: ServerKeys,
  earlier: Earlier,
  edges: ListEdges,
): Promise<MadeArtefacts> => {
  const all: PublishedArtefact[] = [];
  const fresh = new Map<string, Bytes>();
  const { issuers, policy, staff } = contents;
  for (const signed of [trustOf(issuers, keys), policyOf(policy, keys), staffOf(staff, keys)]) {
    const { artefact, bytes } = await keepOrSign(signed, earlier);
    all.push(artefact);
    if (bytes !== null) for (const hash of hashesOf(artefact)) fresh.set(hash, bytes);
  }
  for (const head of contents.lists) {
    const { artefact, encoded } = await keepOrSealList(head, earlier.artefact(nameOf(head)), edges);
    all.push(artefact);
    for (const [hash, bytes] of encoded ?? []) fresh.set(hash, bytes);
  }
  return { all, fresh };
};

/**
 * The same with as many patches of each list as fit into `bytesMax` of a manifest, the newest first: whoever was away for
 * longer takes the snapshot.
 */
export const fitPatches = (all: readonly PublishedArtefact[], bytesMax: number): readonly PublishedArtefact[] => {
  let fitting = all;
  const isTooLarge = () => toUtf8(JSON.stringify(fitting.map(({ entry }) => entry))).length > bytesMax;
  for (let kept = Math.max(...all.map(({ entry }) => entry.encodings.length)) - 1; kept > 0 && isTooLarge(); kept--) {
    fitting = fitting.map(({ entry, key }) => ({
      entry: { ...entry, encodings: entry.encodings.slice(0, kept) },
      key,
    }));
  }
  return fitting;
};

/** `bytes` null: as it was. */
type Made = { readonly artefact: PublishedArtefact; readonly bytes: Bytes | null };

/** Something signed. `payload`: what it says as `version`. `isOurs`: whether the keys in force have signed these bytes. */
type Signed = {
  readonly name: "trust" | "policy" | "staff";
  readonly payload: (version: number) => string;
  readonly sign: (payload: string) => Promise<Bytes>;
  readonly read: (bytes: Bytes) => Promise<{ readonly payload: Bytes; readonly isOurs: boolean } | null>;
};

const trustOf = (issuers: readonly TrustEntry[], { roots, threshold }: ServerKeys): Signed => ({
  name: "trust",
  payload: (version) => encodeTrust({ version, entries: issuers }),
  sign: (json) => signTrust(json, roots.slice(0, threshold)),
  read: async (bytes) => {
    const signed = readTypedMany(bytes, "trust");
    if (signed === null) return null;
    return { payload: signed.payload, isOurs: (await countGoodSignatures(signed, roots)) >= threshold };
  },
});

const policyOf = (policy: Policy, { publisher }: ServerKeys): Signed => ({
  name: "policy",
  payload: () => encodePolicy(policy),
  sign: (json) => signPolicy(json, publisher),
  read: async (bytes) => readByPublisher(bytes, "policy", publisher),
});

const staffOf = (staff: Staff, { publisher }: ServerKeys): Signed => ({
  name: "staff",
  payload: () => JSON.stringify(staff),
  sign: () => signStaff(staff, publisher),
  read: async (bytes) => readByPublisher(bytes, "staff", publisher),
});

const readByPublisher = (bytes: Bytes, name: string, publisher: PublicKey) => {
  const signed = readTyped(bytes, name);
  return signed === null ? null : { payload: signed.payload, isOurs: signed.kid === publisher.kid };
};

const keepOrSign = async ({ name, payload, sign, read }: Signed, earlier: Earlier): Promise<Made> => {
  const old = earlier.artefact(name);
  const oldBytes = old === null ? null : earlier.bytes(old);
  const signed = oldBytes === null ? null : await read(oldBytes);
  if (old !== null && signed?.isOurs && equalBytes(signed.payload, toUtf8(payload(old.entry.version)))) {
    return { artefact: old, bytes: null };
  }
  const version = (old?.entry.version ?? 0) + 1;
  const bytes = await sign(payload(version));
  const encoding = await describeEncoding("plain", bytes);
  const entry = { name, version, length: bytes.length, sha256: encoding.sha256, encodings: [encoding] };
  return { artefact: { entry, key: null }, bytes };
};
