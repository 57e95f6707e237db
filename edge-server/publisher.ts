/**
 * Turns the registry into the signed bundle (shared/bundle). One root, made at the first start; trust signed by the root
 * keys; policy, staff and manifest by the publisher; each score list sealed under a key of its own for every version.
 *
 * - An artefact that has not changed keeps its version, its bytes and its key.
 * - A manifest is good for 24 h and is signed anew when half of that is over. Its version only rises: of two programs
 *   that publish at once, the store lets one through, and the other starts again from there.
 * - The policy is checked as a terminal would check it before anything is signed. Whatever changes the registry asks
 *   `makePolicy` first, so an invalid one here is a bug: throws, and what is published stays.
 * - The first `current` of a program publishes what a crash has kept another from publishing.
 */

import { type Bytes, sha256 } from "../shared/bytes.ts";
import { manifestBytesMax, signManifest } from "../shared/manifest.ts";
import { openFirstRoot, signRoot } from "../shared/root.ts";
import type { Instant } from "../shared/terms.ts";
import { type Earlier, hashOf, makeArtefacts, type PublishedArtefact } from "./artefacts.ts";
import type { ServerKeys } from "./keys.ts";
import { makePolicy } from "./policy.ts";
import type { Published, Publisher, Registry } from "./ports.ts";

export const manifestLifeSeconds = 24 * 3600;

export type Publication = {
  readonly version: number;
  readonly issuedAt: Instant;
  readonly manifest: Bytes;
  readonly artefacts: readonly PublishedArtefact[];
};

/** What is published, on disk. Other programs may change it at any time. */
export type PublishedStore = {
  readonly firstRoot: () => Bytes | null;
  /** Keeps the first root, and gives the one that is kept: another program may have been faster. */
  readonly keepFirstRoot: (root: Bytes) => Bytes;
  /** 0 before the first publication. */
  readonly version: () => number;
  readonly read: () => Publication | null;
  readonly artefact: (sha256: string) => Bytes | null;
  /**
   * Keeps the publication with its new artefacts, durably, all or nothing. False, and nothing kept, where `after` is not
   * the version in force. What that version names stays as well, for those who are just fetching it.
   */
  readonly replace: (after: number, publication: Publication, fresh: ReadonlyMap<string, Bytes>) => boolean;
  readonly close: () => void;
};

export type PublisherEdges = {
  readonly registry: Pick<Registry, "packs" | "issuers" | "lists">;
  readonly keys: ServerKeys;
  readonly store: PublishedStore;
  readonly now: () => Instant;
};

export const createPublisher = (edges: PublisherEdges): Publisher => {
  const { store, now } = edges;
  let firstRoot: Bytes | null = null;
  let known: Publication | null = null;
  let isFirst = true;
  let underWay: Promise<Publication> | null = null;

  const answer = async (publication: Publication): Promise<Published> => {
    known = publication;
    isFirst = false;
    firstRoot ??= await openOrMakeRoot(edges);
    return publishedOf(firstRoot, publication);
  };

  /** Many ask at once when half the life is over: one of them signs. */
  const publishOnce = (): Promise<Publication> => {
    underWay ??= publish(edges).finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return {
    publish: async () => answer(await publish(edges)),
    artefact: (hash) => (/^[0-9a-f]{64}$/.test(hash) ? store.artefact(hash) : null),
    current: async () => {
      if (known?.version !== store.version()) known = store.read();
      return answer(known === null || isFirst || isHalfOver(known, now()) ? await publishOnce() : known);
    },
  };
};

const publish = async (edges: PublisherEdges): Promise<Publication> => {
  const { registry, keys, store, now } = edges;
  await openOrMakeRoot(edges);
  for (;;) {
    const before = store.read();
    const policy = makePolicy(registry.packs());
    if (policy.kind === "invalid") throw new Error(`not published: ${policy.errors.join("; ")}`);
    const contents = { issuers: registry.issuers(), policy: policy.value, lists: registry.lists() };
    const { all, fresh } = await makeArtefacts(contents, keys, earlierOf(before, store));
    if (before !== null && fresh.size === 0 && !isHalfOver(before, now())) return before;

    const publication = await signPublication((before?.version ?? 0) + 1, policy.value.operator, all, keys, now());
    if (store.replace(before?.version ?? 0, publication, fresh)) return publication;
  }
};

const signPublication = async (
  version: number,
  operator: string,
  artefacts: readonly PublishedArtefact[],
  keys: ServerKeys,
  issuedAt: Instant,
): Promise<Publication> => {
  const manifest = await signManifest(
    {
      v: 1,
      operator,
      version,
      issuedAt,
      expiresAt: issuedAt + manifestLifeSeconds,
      root: 1,
      artefacts: artefacts.map((each) => each.entry),
    },
    keys.publisher,
  );
  if (manifest.length > manifestBytesMax) throw new Error("not published: no terminal would read so large a manifest");
  return { version, issuedAt, manifest, artefacts };
};

/** The keys that the root names are good until there is another root: no date of theirs could stop a city by surprise. */
const openOrMakeRoot = async ({ keys, store }: PublisherEdges): Promise<Bytes> => {
  const kept = store.firstRoot() ?? store.keepFirstRoot(await makeRoot(keys));
  const root = await openFirstRoot(kept, await sha256(kept));
  if (root.kind === "refused") throw new Error(`the root does not open: ${root.fault}, ${root.detail}`);
  const isNamed =
    root.value.publishers.some(({ key }) => key.kid === keys.publisher.kid) &&
    root.value.edges.some(({ key }) => key.kid === keys.edge.kid) &&
    keys.roots.every(({ kid }) => root.value.roots.some((key) => key.kid === kid));
  if (!isNamed) throw new Error("the keys in the keys folder are not those that the root names: put them back");
  return kept;
};

const makeRoot = (keys: ServerKeys): Promise<Bytes> =>
  signRoot(
    {
      v: 1,
      version: 1,
      threshold: keys.threshold,
      roots: keys.roots.map(({ jwk }) => ({ jwk })),
      publishers: [{ jwk: keys.publisher.jwk }],
      edges: [{ jwk: keys.edge.jwk }],
    },
    keys.roots,
  );

const earlierOf = (before: Publication | null, store: PublishedStore): Earlier => ({
  artefact: (name) => before?.artefacts.find(({ entry }) => entry.name === name) ?? null,
  bytes: (artefact) => store.artefact(hashOf(artefact)),
});

const isHalfOver = (publication: Publication, now: Instant): boolean =>
  now >= publication.issuedAt + manifestLifeSeconds / 2;

const publishedOf = (firstRoot: Bytes, { version, manifest, artefacts }: Publication): Published => ({
  version,
  firstRoot,
  laterRoots: [],
  manifest,
  keys: Object.fromEntries(
    artefacts.flatMap((artefact) => (artefact.key === null ? [] : [[hashOf(artefact), artefact.key]])),
  ),
});
