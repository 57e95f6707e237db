/** A made-up operator for the tests of bundles: its keys, its root, and a good bundle with all that is in it. */
import { expect } from "vitest";
import { describeEncoding } from "../shared/artefact.ts";
import { type Bundle, openBundle, signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { type Bytes, sha256, toHex } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type ArtefactEntry, type Manifest, openManifest, signManifest } from "../shared/manifest.ts";
import { encodePolicy } from "../shared/policy.ts";
import { type Opened, openFirstRoot, type Root, type RootRow, signRoot } from "../shared/root.ts";
import { packStatuses } from "../shared/status-list.ts";
import { encodeTrust } from "../shared/trust.ts";
import { drawKey, now, samplePolicy } from "./sample.ts";

export const week = 7 * 86_400;

const drawKeys = async () => {
  const [a, b, c, thief, publisher, oldPublisher, edge, issuer] = await Promise.all(
    Array.from({ length: 8 }, (_, index) => drawKey(index % 2 === 0 ? "Ed25519" : "P-256")),
  );
  if (!(a && b && c && thief && publisher && oldPublisher && edge && issuer)) throw new Error("eight were drawn");
  return { a, b, c, thief, publisher, oldPublisher, edge, issuer };
};

export const keys = await drawKeys();

/** A bundle as a publisher makes it: the signed manifest, and its artefacts decoded by name. */
export type City = { readonly manifest: Manifest; readonly bytes: Bytes; readonly decoded: ReadonlyMap<string, Bytes> };

export const rowOf = (key: SigningKey, validity: { validFrom?: number; validUntil?: number } = {}) => ({
  jwk: key.jwk,
  ...validity,
});

export const rootRow = (changes: Partial<RootRow> = {}): RootRow => ({
  v: 1,
  version: 1,
  threshold: 2,
  roots: [keys.a, keys.b, keys.c].map((key) => rowOf(key)),
  publishers: [
    rowOf(keys.publisher, { validFrom: now - week, validUntil: now + week }),
    rowOf(keys.oldPublisher, { validUntil: now - 1 }),
  ],
  edges: [rowOf(keys.edge)],
  ...changes,
});

export const trustJson = (version = 1) =>
  encodeTrust({
    version,
    entries: [{ kid: keys.issuer.kid, use: "citizen", jwk: keys.issuer.jwk, programme: "here", lists: ["a"] }],
  });

export const entryOf = async (
  name: string,
  bytes: Bytes,
  more: Partial<ArtefactEntry> = {},
): Promise<Manifest["artefacts"][number]> => ({
  name,
  version: 1,
  length: bytes.length,
  sha256: toHex(await sha256(bytes)),
  encodings: [await describeEncoding("plain", bytes)],
  ...more,
});

export const standings = packStatuses([0, 1, 2, 3, 12]);

export const artefactsOf = async (policy = samplePolicy): Promise<ReadonlyMap<string, Bytes>> =>
  new Map([
    ["trust", await signTrust(trustJson(), [keys.a, keys.c])],
    ["policy", await signPolicy(encodePolicy(policy), keys.publisher)],
    ["staff", await signStaff({ v: 1, revoked: ["badge-7"] }, keys.publisher)],
    ["list/here/a", standings],
  ]);

export const makeCity = async (
  decoded: ReadonlyMap<string, Bytes>,
  changes: Partial<Manifest> = {},
  publisher = keys.publisher,
): Promise<City> => {
  const artefacts = await Promise.all(
    [...decoded].map(([name, bytes]) =>
      entryOf(name, bytes, name.startsWith("list/") ? { entries: 5, cuts: 7, version: 4 } : {}),
    ),
  );
  const manifest: Manifest = {
    v: 1,
    operator: "The operator",
    version: 5,
    issuedAt: now - 60,
    expiresAt: now + week,
    root: 1,
    artefacts,
    ...changes,
  };
  return { manifest, bytes: await signManifest(manifest, publisher), decoded };
};

export const contentOf = <T>(opened: Opened<T>): T => {
  if (opened.kind === "refused") throw new Error(`${opened.fault}: ${opened.detail}`);
  return opened.value;
};

export const pin = (bytes: Bytes) => sha256(bytes);
export const refusedAs = (fault: string) => expect.objectContaining({ kind: "refused", fault });
export const flip = (bytes: Bytes, at: number, bit = 0): Bytes =>
  bytes.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));
export const replace = (of: City, name: string, bytes: Bytes) => new Map([...of.decoded, [name, bytes]]);

/** Everything a terminal does: root, manifest, artefacts. */
export const openCity = async (of: City, installed = 0, at: number | null = now): Promise<Opened<Bundle>> => {
  const before = installed === 0 ? null : { ...of.manifest, version: installed, artefacts: [] };
  const manifest = await openManifest(of.bytes, root, before, at);
  return manifest.kind === "refused" ? manifest : openBundle(root, manifest.value, of.decoded);
};

export const rootBytes = await signRoot(rootRow(), [keys.a, keys.b]);
export const root: Root = contentOf(await openFirstRoot(rootBytes, await pin(rootBytes)));
export const city = await makeCity(await artefactsOf());
