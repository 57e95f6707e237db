/** What is published: a signed manifest, the roots that lead to it, and its artefacts in each encoding. */
import type { Bytes } from "../shared/bytes.ts";
import type { ArtefactEntry } from "../shared/manifest.ts";
import type { Instant } from "../shared/terms.ts";
import type { Published } from "./ports.ts";

/** `key` (hex) opens every encoding of a sealed artefact; null where it travels plain, or where a mirror was not given it. */
export type PublishedArtefact = { readonly entry: ArtefactEntry; readonly key: string | null };

/** `renewAt`: from then on it is made anew, because half its life is over or because something in it is. */
export type Publication = {
  readonly version: number;
  readonly issuedAt: Instant;
  readonly renewAt: Instant;
  readonly manifest: Bytes;
  readonly artefacts: readonly PublishedArtefact[];
};

/** From when on a version of the policy or of a score list was in force. `signed`: the policy itself. */
export type InForceSince = {
  readonly name: string;
  readonly version: number;
  readonly since: Instant;
  readonly cuts: number | null;
  readonly signed: Bytes | null;
};

/** On disk. Other programs may change it at any time. */
export type PublishedStore = {
  /** As signed, oldest first; none before there is one. */
  readonly roots: () => readonly Bytes[];
  /** Keeps the first root, or leaves the one that is there: another program may have been faster. */
  readonly keepFirstRoot: (root: Bytes) => void;
  /** 0 before the first publication. */
  readonly version: () => number;
  readonly read: () => Publication | null;
  readonly artefact: (sha256: string) => Bytes | null;
  /**
   * Keeps the publication with its new artefacts and `newRoots`, durably, all or nothing. False, and nothing kept, where
   * `after` is not the version in force. What that version names stays as well, for those who are just fetching it.
   */
  readonly replace: (
    after: number,
    publication: Publication,
    fresh: ReadonlyMap<string, Bytes>,
    newRoots?: readonly Bytes[],
  ) => boolean;
  /** Every version of the policy and of each score list that there has been, oldest first: what is owed is decided by them. */
  readonly history: () => readonly InForceSince[];
  /** What is here was imported, and is served as it is. */
  readonly isMirror: () => boolean;
  readonly becomeMirror: () => void;
  /** Runs `change` in one transaction: all of it is stored, or nothing. */
  readonly atomically: <T>(change: () => T) => T;
  readonly close: () => void;
};

/** The SHA-256 under which each encoding of an artefact travels. */
export const hashesOf = ({ entry }: PublishedArtefact): readonly string[] =>
  entry.encodings.map(({ sha256 }) => sha256);

/** As it goes over the wire. */
export const answerOf = (roots: readonly Bytes[], { version, manifest, artefacts }: Publication): Published => {
  const [firstRoot, ...laterRoots] = roots;
  if (firstRoot === undefined) throw new Error("there is no root");
  const keys = artefacts.flatMap((artefact) =>
    artefact.key === null ? [] : hashesOf(artefact).map((hash) => [hash, artefact.key] as const),
  );
  return { version, firstRoot, laterRoots, manifest, keys: Object.fromEntries(keys) as Published["keys"] };
};
