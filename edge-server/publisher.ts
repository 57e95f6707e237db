/**
 * Turns the registry into the signed bundle (shared/bundle). The first root is made at the first start; trust is signed by
 * the root keys; policy, staff and manifest by the publisher; each score list sealed under a key of its own for every
 * version.
 *
 * - An artefact that has not changed keeps its version, its bytes and its key.
 * - A manifest is good for 24 h and is signed anew when half of that is over, or a restriction. Its version only rises: of
 *   two programs that publish at once, the store lets one through, and the other starts again from there.
 * - A rotation and the bundle by the new keys are one step: nobody sees a root whose publisher has signed nothing.
 * - The policy is checked as a terminal would check it before anything is signed. Whatever changes the registry asks
 *   `makePolicy` first, so an invalid one here is a bug: throws, and what is published stays.
 * - The first `current` of a program publishes what a crash has kept another from publishing.
 */

import type { Bytes } from "../shared/bytes.ts";
import { manifestBytesMax, signManifest } from "../shared/manifest.ts";
import { openNextRoot } from "../shared/root.ts";
import type { Instant } from "../shared/terms.ts";
import { type Earlier, fitPatches, makeArtefacts } from "./artefacts.ts";
import type { KeyStore, KeyUse, ServerKeys } from "./keys.ts";
import { makePolicy } from "./policy.ts";
import type { Publisher, Registry } from "./ports.ts";
import { answerOf, hashesOf, type Publication, type PublishedArtefact, type PublishedStore } from "./published.ts";
import { makeFirstRoot, makeNextRoot, openRootChain, type RootChain } from "./root-chain.ts";
import { artefactOfStaff } from "./staff-book.ts";

export const manifestLifeSeconds = 24 * 3600;

export type PublisherEdges = {
  readonly registry: Registry;
  readonly keys: KeyStore;
  readonly store: PublishedStore;
  readonly now: () => Instant;
};

/** What is published, with the roots that lead to it. */
type State = { readonly publication: Publication; readonly chain: RootChain };

export const createPublisher = (edges: PublisherEdges): Publisher => {
  const { store, now } = edges;
  let known: State | null = null;
  let isFirst = true;
  let underWay: Promise<State> | null = null;

  const keep = (state: State): State => {
    [known, isFirst] = [state, false];
    return state;
  };

  /** Many ask at once when it is due: one of them signs. */
  const publishOnce = (): Promise<State> => {
    underWay ??= publish(edges, ignore).finally(() => {
      underWay = null;
    });
    return underWay;
  };

  const follow = async (): Promise<State> => {
    if (known?.publication.version !== store.version()) {
      const publication = store.read();
      known = publication === null ? null : { publication, chain: await openChain(edges) };
    }
    return known === null || isFirst || isDue(known.publication, now()) ? keep(await publishOnce()) : known;
  };

  const publishedOf = ({ publication, chain }: State) => answerOf(chain.signed, publication);

  return {
    publish: async (say = ignore) => publishedOf(keep(await publish(edges, say))),
    artefact: (hash) => (/^[0-9a-f]{64}$/.test(hash) ? store.artefact(hash) : null),
    current: async () => publishedOf(await follow()),
    rotate: async (uses) => {
      // What else has changed goes first: an edge key that ends now must not go on while lists are coded.
      await publish(edges, ignore);
      return publishedOf(keep(await publish(edges, ignore, uses)));
    },
    keys: async () => (await follow()).chain.keys,
  };
};

const ignore = (): void => {};
const noUses: ReadonlySet<KeyUse> = new Set();

const publish = async (
  edges: PublisherEdges,
  say: (line: string) => void,
  rotated: ReadonlySet<KeyUse> = noUses,
): Promise<State> => {
  const { registry, store, now } = edges;
  for (;;) {
    const before = store.read();
    const current = await openChain(edges);
    const newRoots = rotated.size === 0 ? [] : [await rotate(current, rotated, edges)];
    const chain =
      rotated.size === 0 ? current : await openRootChain([...current.signed, ...newRoots], edges.keys, now());
    if ((registry.nextRestrictionEnd() ?? Infinity) <= now()) registry.endRestrictions(now());

    const policy = makePolicy(registry.packs(), registry.staffRules(), registry.recognitions());
    if (policy.kind === "invalid") throw new Error(`not published: ${policy.errors.join("; ")}`);
    const staff = artefactOfStaff(registry.staff());
    const contents = { issuers: registry.issuers(), policy: policy.value, staff, lists: registry.lists() };
    const listEdges = { registry, now: now(), say };
    const { all, fresh } = await makeArtefacts(contents, chain.keys, earlierOf(before, store), listEdges);
    const isNew = fresh.size > 0 || newRoots.length > 0;
    if (before !== null && !isNew && !isDue(before, now())) return { publication: before, chain };

    const heading = {
      version: (before?.version ?? 0) + 1,
      operator: policy.value.operator,
      root: chain.newest.version,
    };
    const restrictionsEnd = registry.nextRestrictionEnd();
    const publication = await signPublication(heading, all, chain.keys, now(), restrictionsEnd);
    if (store.replace(before?.version ?? 0, publication, fresh, newRoots)) return { publication, chain };
  }
};

type Heading = { readonly version: number; readonly operator: string; readonly root: number };

const signPublication = async (
  heading: Heading,
  all: readonly PublishedArtefact[],
  keys: ServerKeys,
  issuedAt: Instant,
  restrictionsEnd: Instant | null,
): Promise<Publication> => {
  const artefacts = fitPatches(all, manifestBytesMax - headingBytesMax);
  const expiresAt = issuedAt + manifestLifeSeconds;
  const manifest = await signManifest(
    { v: 1, ...heading, issuedAt, expiresAt, artefacts: artefacts.map((each) => each.entry) },
    keys.publisher,
  );
  if (manifest.length > manifestBytesMax) throw new Error("not published: no terminal would read so large a manifest");
  const renewAt = Math.min(issuedAt + manifestLifeSeconds / 2, restrictionsEnd ?? Infinity);
  return { version: heading.version, issuedAt, renewAt, manifest, artefacts };
};

/** What a manifest has beside its artefacts: the operator's name, numbers, and the signature. */
const headingBytesMax = 4096;

const openChain = async ({ keys, store, now }: PublisherEdges): Promise<RootChain> => {
  if (store.roots().length === 0) store.keepFirstRoot(await makeFirstRoot(keys));
  return openRootChain(store.roots(), keys, now());
};

/** The next root, as signed; throws where terminals would not take it. */
const rotate = async (chain: RootChain, uses: ReadonlySet<KeyUse>, { keys, now }: PublisherEdges): Promise<Bytes> => {
  const bytes = await makeNextRoot(chain, uses, keys, now());
  const root = await openNextRoot(bytes, chain.newest);
  if (root.kind === "refused") throw new Error(`not rotated: ${root.fault}, ${root.detail}`);
  return bytes;
};

const earlierOf = (before: Publication | null, store: PublishedStore): Earlier => ({
  artefact: (name) => before?.artefacts.find(({ entry }) => entry.name === name) ?? null,
  bytes: (artefact) => store.artefact(hashesOf(artefact)[0] ?? ""),
});

const isDue = ({ renewAt }: Publication, now: Instant): boolean => now >= renewAt;
