/** A terminal without a screen: takes what is published, by the functions and rules of shared/, and holds it. */
import type { Published, Publisher } from "../edge-server/ports.ts";
import { type Base, keyOf, openArtefact } from "../shared/artefact.ts";
import { type Bundle, openBundle } from "../shared/bundle.ts";
import type { Bytes } from "../shared/bytes.ts";
import { type ArtefactEncoding, type ArtefactEntry, openManifest } from "../shared/manifest.ts";
import { type Opened, openFirstRoot, openNextRoot, type Root, refused } from "../shared/root.ts";
import { type Standing, standingAt } from "../shared/status-list.ts";

export type Follower = {
  /** What it made of the answer. `from`: the version that each list was patched from, null where it took the snapshot. */
  readonly follow: (published: Published, artefact: Publisher["artefact"], now: number) => Promise<Opened<Bundle>>;
  readonly bundle: () => Bundle | null;
  readonly taken: () => ReadonlyMap<string, number | null>;
  readonly standings: (programme: string, list: string) => readonly Standing[];
};

export const createFollower = (pinned: Bytes): Follower => {
  let root: Root | null = null;
  let bundle: Bundle | null = null;
  let manifestBytes: Bytes | null = null;
  const taken = new Map<string, number | null>();

  const followRoots = async ({ firstRoot, laterRoots }: Published): Promise<Opened<Root>> => {
    let opened = await openFirstRoot(firstRoot, pinned);
    for (const bytes of laterRoots) if (opened.kind === "opened") opened = await openNextRoot(bytes, opened.value);
    return opened;
  };

  const baseOf = (entry: ArtefactEntry): Base | null => {
    const held = bundle?.lists.find(({ programme, list }) => entry.name === `list/${programme}/${list}`);
    return held === undefined ? null : { version: held.version, statuses: held.statuses };
  };

  const choose = (entry: ArtefactEntry, base: Base | null): ArtefactEncoding | undefined =>
    entry.encodings.find(({ from }) => from !== null && from === base?.version) ??
    entry.encodings.find(({ from }) => from === null);

  return {
    follow: async (published, artefact, now) => {
      const followed = await followRoots(published);
      if (followed.kind === "refused") return followed;
      root = followed.value;
      const old = manifestBytes === null ? null : await openManifest(manifestBytes, root, null, null);
      const installed = old?.kind === "opened" ? old.value : null;
      const manifest = await openManifest(published.manifest, root, installed, now);
      if (manifest.kind === "refused") return manifest;
      const decoded = new Map<string, Bytes>();
      taken.clear();
      for (const entry of manifest.value.artefacts) {
        const base = baseOf(entry);
        const encoded = choose(entry, base);
        const bytes = encoded === undefined ? null : artefact(encoded.sha256);
        if (encoded === undefined || bytes === null) return refused("missing-artefact", entry.name);
        const opened = await openArtefact(entry, encoded, bytes, keyOf(published.keys, encoded), base);
        if (opened.kind === "refused") return opened;
        decoded.set(entry.name, opened.value);
        if (entry.name.startsWith("list/")) taken.set(entry.name, encoded.from);
      }
      const next = await openBundle(root, manifest.value, decoded, bundle);
      if (next.kind === "opened") [bundle, manifestBytes] = [next.value, published.manifest];
      return next;
    },
    bundle: () => bundle,
    taken: () => new Map(taken),
    standings: (programme, list) => {
      const found = bundle?.lists.find((each) => each.programme === programme && each.list === list);
      if (found === undefined) return [];
      return Array.from({ length: found.statuses.entries }, (_, index) => standingAt(found.statuses, index));
    },
  };
};

export const must = <T>(opened: Opened<T>): T => {
  if (opened.kind === "refused") throw new Error(`${opened.fault}: ${opened.detail}`);
  return opened.value;
};
