/**
 * The artefacts of a publication: trust, policy and staff signed, score lists sealed. One that says what it said before
 * stays as it was, to the byte.
 */

import { describeEncoding, sealArtefact } from "../shared/artefact.ts";
import { type Staff, signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { type Bytes, equalBytes, sha256, toHex, toUtf8 } from "../shared/bytes.ts";
import { countGoodSignatures, readTyped, readTypedMany } from "../shared/cose.ts";
import type { PublicKey } from "../shared/keys.ts";
import type { ArtefactEntry } from "../shared/manifest.ts";
import { encodePolicy, type Policy } from "../shared/policy.ts";
import { encodeTrust, type TrustEntry } from "../shared/trust.ts";
import type { ServerKeys } from "./keys.ts";
import type { ListRow } from "./ports.ts";
import { randomBytes } from "./random.ts";

/** `key` (hex) opens a sealed artefact; null where it travels plain. */
export type PublishedArtefact = { readonly entry: ArtefactEntry; readonly key: string | null };

export type Contents = {
  readonly issuers: readonly TrustEntry[];
  readonly policy: Policy;
  readonly lists: readonly ListRow[];
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

export const makeArtefacts = async (contents: Contents, keys: ServerKeys, earlier: Earlier): Promise<MadeArtefacts> => {
  const signed = [
    await keepOrSign(trustOf(contents.issuers, keys), earlier),
    await keepOrSign(policyOf(contents.policy, keys), earlier),
    await keepOrSign(staffOf(nobodyRevoked, keys), earlier),
  ];
  const made: Made[] = [...signed];
  for (const row of contents.lists) made.push(await keepOrSeal(row, earlier));
  return {
    all: made.map((each) => each.artefact),
    fresh: new Map(made.flatMap(({ artefact, bytes }) => (bytes === null ? [] : [[hashOf(artefact), bytes] as const]))),
  };
};

/** The SHA-256 under which an artefact travels. */
export const hashOf = ({ entry }: PublishedArtefact): string => {
  const [encoding] = entry.encodings;
  if (encoding === undefined) throw new TypeError(`${entry.name} has no encoding`);
  return encoding.sha256;
};

/** `bytes` null: as it was. */
type Made = { readonly artefact: PublishedArtefact; readonly bytes: Bytes | null };

const nobodyRevoked: Staff = { v: 1, revoked: [] };

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

const keepOrSeal = async (row: ListRow, earlier: Earlier): Promise<Made> => {
  const { version, entries, cuts, packed } = row;
  const name = `list/${row.programme}/${row.list}`;
  const hash = toHex(await sha256(packed));
  const old = earlier.artefact(name);
  const isSame =
    old?.entry.version === version &&
    old.entry.entries === entries &&
    old.entry.cuts === cuts &&
    old.entry.sha256 === hash;
  if (old !== null && isSame) return { artefact: old, bytes: null };

  const key = randomBytes(32);
  const bytes = await sealArtefact(packed, key, randomBytes(12));
  const encodings = [await describeEncoding("aes256gcm", bytes)];
  const entry = { name, version, length: packed.length, sha256: hash, encodings, entries, cuts };
  return { artefact: { entry, key: toHex(key) }, bytes };
};
