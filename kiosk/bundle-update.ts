/**
 * The steps from one bundle to the next, each by the rules of shared/bundle.ts: follow the roots, open what was stored,
 * see what is here. Nothing here is in force yet; the keeper switches.
 */
import { checkDecoded } from "../shared/artefact.ts";
import { type Bundle, openBundle } from "../shared/bundle.ts";
import type { Bytes } from "../shared/bytes.ts";
import { type Manifest, openManifest } from "../shared/manifest.ts";
import { type Opened, opened, openNextRoot, type Root } from "../shared/root.ts";
import type { StoredBundle } from "./ports.ts";

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

/**
 * `roots` are the newest; the bundle is opened under those that it was installed under, since what is in force stays in
 * force until there is something newer. Damaged score lists are left out of it and named in `damaged`: nobody has a band
 * in them then, which is owed, and everything else goes on. `sound` need not be fetched again.
 */
export type Restored = {
  readonly roots: RootChain;
  readonly known: Known;
  readonly bundle: Opened<Bundle>;
  readonly sound: Held;
  readonly damaged: readonly string[];
};

/** What was stored, all checks made again, however old it is. */
export const restoreBundle = async (first: Root, stored: StoredBundle): Promise<Opened<Restored>> => {
  const then = await followRoots({ root: first, updates: [] }, stored.roots);
  if (then.kind === "refused") return then;
  const roots = await followRoots(then.value, stored.newestRoots);
  if (roots.kind === "refused") return roots;
  const manifest = await openManifest(stored.manifest, then.value.root, null, null);
  if (manifest.kind === "refused") return manifest;

  const sound = await soundOf(manifest.value, stored.artefacts);
  const damaged = manifest.value.artefacts.filter(({ name }) => name.startsWith("list/") && !sound.has(name));
  const rest = { ...manifest.value, artefacts: manifest.value.artefacts.filter((each) => !damaged.includes(each)) };
  const bundle = await openBundle(then.value.root, rest, sound);
  return opened({
    roots: roots.value,
    known: { manifest: manifest.value, bytes: stored.manifest },
    bundle: bundle.kind === "opened" ? opened({ ...bundle.value, manifest: manifest.value }) : bundle,
    sound: heldOf(manifest.value, sound),
    damaged: damaged.map(({ name }) => name),
  });
};

const soundOf = async (manifest: Manifest, named: ReadonlyMap<string, Bytes>): Promise<ReadonlyMap<string, Bytes>> => {
  const sound = new Map<string, Bytes>();
  for (const entry of manifest.artefacts) {
    const bytes = named.get(entry.name);
    if (bytes !== undefined && (await checkDecoded(entry, bytes)).kind === "opened") sound.set(entry.name, bytes);
  }
  return sound;
};

/** The manifest that was taken last, where `root` still names who signed it; after a rotation versions start anew. */
export const installedUnder = async (root: Root, known: Known | null): Promise<Manifest | null> => {
  const manifest = known === null ? null : await openManifest(known.bytes, root, null, null);
  return manifest?.kind === "opened" ? manifest.value : null;
};

/** Decoded artefacts by the SHA-256 (hex) that a manifest gives them. */
export type Held = ReadonlyMap<string, Bytes>;

export const isWhole = (manifest: Manifest, held: Held): boolean =>
  manifest.artefacts.every(({ sha256 }) => held.has(sha256));

/** Everything that `manifest` names, of what is held. */
export const heldFor = (manifest: Manifest, held: Held): Held =>
  new Map(manifest.artefacts.flatMap(({ sha256 }) => entryOf(sha256, held.get(sha256))));

/** The same by name. */
export const namedIn = (manifest: Manifest, held: Held): ReadonlyMap<string, Bytes> =>
  new Map(manifest.artefacts.flatMap(({ name, sha256 }) => entryOf(name, held.get(sha256))));

const heldOf = (manifest: Manifest, named: ReadonlyMap<string, Bytes>): Held =>
  new Map(manifest.artefacts.flatMap(({ name, sha256 }) => entryOf(sha256, named.get(name))));

const entryOf = (key: string, bytes: Bytes | undefined): readonly (readonly [string, Bytes])[] =>
  bytes === undefined ? [] : [[key, bytes]];
