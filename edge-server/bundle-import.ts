/**
 * What came on a stick, or from any copy, made into what a mirror serves. Everything that can be proven without the list
 * keys is proven before anything is kept, by the rules that terminals follow: the roots from the pinned first one on, the
 * manifest by a publisher that the newest names, in its time and not older than the one here, every encoding by length and
 * hash, and what is in trust, policy and staff. With the keys each list is opened as well.
 */
import { openArtefact } from "../shared/artefact.ts";
import { type Bundle, openBundle } from "../shared/bundle.ts";
import { type Bytes, equalBytes, fromHex, sha256, toHex } from "../shared/bytes.ts";
import { type ArtefactEntry, type Manifest, openManifest } from "../shared/manifest.ts";
import { type Opened, opened, openFirstRoot, openNextRoot, type Root, refused } from "../shared/root.ts";
import type { Instant } from "../shared/terms.ts";
import type { Named } from "./files.ts";
import type { Publication, PublishedArtefact, PublishedStore } from "./published.ts";

/** Not to be believed yet. `keys`: hex by the SHA-256 of the encoding; null where none were given. */
export type Carried = {
  readonly roots: readonly Bytes[];
  readonly manifest: Bytes;
  readonly artefact: (sha256: string) => Named<Bytes>;
  readonly keys: Readonly<Record<string, string>> | null;
};

export type OpenedImport = {
  readonly publication: Publication;
  readonly newRoots: readonly Bytes[];
  readonly fresh: ReadonlyMap<string, Bytes>;
};

/** `pinned`: the SHA-256 of the first root. */
export const openImport = async (
  carried: Carried,
  store: Pick<PublishedStore, "roots" | "read" | "artefact">,
  pinned: Bytes,
  now: Instant,
): Promise<Opened<OpenedImport>> => {
  const roots = await openRoots(carried.roots, store.roots(), pinned);
  if (roots.kind === "refused") return roots;
  const { before, newest } = roots.value;
  const old = store.read();
  const manifest = await openManifest(carried.manifest, newest, await manifestOf(old, newest), now);
  if (manifest.kind === "refused") return manifest;
  const { version, issuedAt } = manifest.value;
  if (old?.version === version && !equalBytes(old.manifest, carried.manifest)) {
    return refused("rollback", `another manifest of version ${version} is here`);
  }

  const artefacts: PublishedArtefact[] = [];
  const fresh = new Map<string, Bytes>();
  for (const entry of manifest.value.artefacts) {
    const known = old?.artefacts.find((each) => each.entry.encodings[0]?.sha256 === entry.encodings[0]?.sha256);
    const key = keyIn(entry, carried.keys) ?? (carried.keys === null ? (known?.key ?? null) : null);
    const encodings = await openEncodings(entry, carried, key);
    if (encodings.kind === "refused") return encodings;
    for (const [hash, bytes] of encodings.value) fresh.set(hash, bytes);
    artefacts.push({ entry, key });
  }
  const current = await openCurrent(old, before, store);
  const bundle = await openWithoutLists(newest, manifest.value, (hash) => fresh.get(hash) ?? null, current);
  if (bundle.kind === "refused") return bundle;
  const renewAt = Number.MAX_SAFE_INTEGER;
  return opened({
    publication: { version, issuedAt, renewAt, manifest: carried.manifest, artefacts },
    newRoots: carried.roots.slice(store.roots().length),
    fresh,
  });
};

/** `before`: the newest that is here already; null on an empty server. */
type Roots = { readonly before: Root | null; readonly newest: Root };

const openRoots = async (carried: readonly Bytes[], here: readonly Bytes[], pinned: Bytes): Promise<Opened<Roots>> => {
  const [first = new Uint8Array(0), ...later] = carried;
  if (carried.length < here.length) return refused("rollback", `root ${carried.length} after ${here.length}`);
  let root = await openFirstRoot(first, pinned);
  let before = here.length === 1 && root.kind === "opened" ? root.value : null;
  for (const [index, bytes] of later.entries()) {
    if (root.kind === "refused") return root;
    const known = here[index + 1];
    if (known !== undefined && !equalBytes(known, bytes))
      return refused("wrong-root", `another root ${index + 2} is here`);
    root = await openNextRoot(bytes, root.value);
    if (here.length === index + 2 && root.kind === "opened") before = root.value;
  }
  return root.kind === "refused" ? root : opened({ before, newest: root.value });
};

/** Versions are compared with those of publishers that are still named: one that was shut out may have raised them. */
const manifestOf = async (old: Publication | null, root: Root): Promise<Manifest | null> => {
  const manifest = old === null ? null : await openManifest(old.manifest, root, null, null);
  return manifest?.kind === "opened" ? manifest.value : null;
};

/** Every encoding as it travels, by its hash. */
const openEncodings = async (
  entry: ArtefactEntry,
  { artefact, keys }: Carried,
  key: string | null,
): Promise<Opened<ReadonlyMap<string, Bytes>>> => {
  const found = new Map<string, Bytes>();
  for (const encoded of entry.encodings) {
    const file = artefact(encoded.sha256);
    if (file.kind === "unreadable") return refused("missing-artefact", `${entry.name}: ${file.error}`);
    const bytes = file.value;
    if (bytes.length !== encoded.length) return refused("wrong-length", entry.name);
    if (toHex(await sha256(bytes)) !== encoded.sha256) return refused("wrong-hash", entry.name);
    const isSealed = encoded.format !== "plain";
    if (isSealed && keys !== null && (key === null || keys[encoded.sha256] !== key)) {
      return refused("no-key", `${entry.name}: the keys are those of another bundle`);
    }
    // A patch opens only where the list before it is: its hash, which the manifest signs, has to do.
    if (!isSealed || (key !== null && encoded.from === null)) {
      const decoded = await openArtefact(entry, encoded, bytes, key === null ? null : fromHex(key));
      if (decoded.kind === "refused") return decoded;
    }
    found.set(encoded.sha256, bytes);
  }
  return opened(found);
};

const keyIn = (entry: ArtefactEntry, keys: Carried["keys"]): string | null =>
  keys?.[entry.encodings[0]?.sha256 ?? ""] ?? null;

const openCurrent = async (
  old: Publication | null,
  before: Root | null,
  store: Pick<PublishedStore, "artefact">,
): Promise<Bundle | null> => {
  const manifest = before === null ? null : await manifestOf(old, before);
  if (before === null || manifest === null) return null;
  const bundle = await openWithoutLists(before, manifest, store.artefact, null);
  return bundle.kind === "opened" ? bundle.value : null;
};

const openWithoutLists = (
  root: Root,
  manifest: Manifest,
  read: (sha256: string) => Bytes | null,
  current: Bundle | null,
): Promise<Opened<Bundle>> => {
  const artefacts = manifest.artefacts.filter(({ name }) => !name.startsWith("list/"));
  const decoded = artefacts.flatMap(({ name, sha256: hash }) => {
    const bytes = read(hash);
    return bytes === null ? [] : [[name, bytes] as const];
  });
  return openBundle(root, { ...manifest, artefacts }, new Map(decoded), current);
};
