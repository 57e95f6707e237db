/**
 * The steps from one bundle to the next, each by the rules of shared/bundle.ts: follow the roots, open what was stored,
 * fetch what is missing. Nothing here is in force yet; the keeper switches.
 */
import { keyOf, openArtefact } from "../shared/artefact.ts";
import { type Bundle, openBundle } from "../shared/bundle.ts";
import type { Bytes } from "../shared/bytes.ts";
import { type Manifest, openManifest } from "../shared/manifest.ts";
import { type Opened, openNextRoot, type Root } from "../shared/root.ts";
import type { StoredBundle, Unreachable, Uplink } from "./ports.ts";

/** The root in force, and every root after the first that led to it. */
export type RootChain = { readonly root: Root; readonly updates: readonly Bytes[] };

/** The newest manifest ever taken, as it was signed. No older one is taken after it. */
export type Known = { readonly manifest: Manifest; readonly bytes: Bytes };

/** Only roots that were taken are kept: what was skipped as old must not stand in the way when they are read again. */
export const followRoots = async (from: RootChain, updates: readonly Bytes[]): Promise<Opened<RootChain>> => {
  let chain = from;
  for (const bytes of updates) {
    const next = await openNextRoot(bytes, chain.root);
    if (next.kind === "opened") chain = { root: next.value, updates: [...chain.updates, bytes] };
    else if (next.fault !== "rollback") return next;
  }
  return { kind: "opened", value: chain };
};

/** A stored bundle of which an artefact does not open any more still says which version it was. */
export type Restored = { readonly roots: RootChain; readonly known: Known; readonly bundle: Opened<Bundle> };

/** What was stored, all checks made again, however old it is. */
export const restoreBundle = async (first: Root, stored: StoredBundle): Promise<Opened<Restored>> => {
  const roots = await followRoots({ root: first, updates: [] }, stored.roots);
  if (roots.kind === "refused") return roots;
  const manifest = await openManifest(stored.manifest, roots.value.root, null, null);
  if (manifest.kind === "refused") return manifest;
  const bundle = await openBundle(roots.value.root, manifest.value, stored.artefacts);
  const known = { manifest: manifest.value, bytes: stored.manifest };
  return { kind: "opened", value: { roots: roots.value, known, bundle } };
};

/** Decoded artefacts by the SHA-256 (hex) that a manifest gives them. */
export type Held = ReadonlyMap<string, Bytes>;

/** Everything that `manifest` names, of what is held. */
export const heldFor = (manifest: Manifest, held: Held): Held =>
  new Map(manifest.artefacts.flatMap(({ sha256 }) => entryOf(sha256, held.get(sha256))));

/** The same by name. */
export const namedIn = (manifest: Manifest, held: Held): ReadonlyMap<string, Bytes> =>
  new Map(manifest.artefacts.flatMap(({ name, sha256 }) => entryOf(name, held.get(sha256))));

export const heldOf = (manifest: Manifest, named: ReadonlyMap<string, Bytes>): Held =>
  new Map(manifest.artefacts.flatMap(({ name, sha256 }) => entryOf(sha256, named.get(name))));

const entryOf = (key: string, bytes: Bytes | undefined): readonly (readonly [string, Bytes])[] =>
  bytes === undefined ? [] : [[key, bytes]];

/** Fetches what `manifest` names and is not held. `keep` gets each artefact at once: a later attempt begins after it. */
export const fetchMissing = async (
  manifest: Manifest,
  held: Held,
  keys: Readonly<Record<string, string>>,
  uplink: Uplink,
  keep: (sha256: string, decoded: Bytes) => void,
): Promise<Opened<null> | Unreachable> => {
  for (const entry of manifest.artefacts) {
    if (held.has(entry.sha256)) continue;
    const encoded = entry.encodings.find((each) => each.from === null);
    if (encoded === undefined) return { kind: "refused", fault: "missing-artefact", detail: `${entry.name}: no whole` };
    const answer = await uplink.fetchArtefact(encoded);
    if (answer.kind === "unreachable") return answer;
    if (answer.kind === "rejected") {
      return { kind: "refused", fault: "missing-artefact", detail: `${entry.name}: the server says ${answer.status}` };
    }
    const decoded = await openArtefact(entry, encoded, answer.value, keyOf(keys, encoded));
    if (decoded.kind === "refused") return decoded;
    keep(entry.sha256, decoded.value);
  }
  return { kind: "opened", value: null };
};
