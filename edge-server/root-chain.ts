/**
 * The roots of this operator, from the first one on, and the keys that the newest one names. A rotation makes the next
 * root: signed by the thresholds of both, it shuts out a stolen publisher key at once, and ends an edge key's time now, so
 * that what it acknowledged before still audits. Every root stays and is published: terminals follow them one by one.
 */
import { type Bytes, sha256 } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import {
  isValidAt,
  openFirstRoot,
  openNextRoot,
  type Root,
  type RootRow,
  signRoot,
  type TimedKey,
} from "../shared/root.ts";
import type { Instant } from "../shared/terms.ts";
import type { HeldKeys, KeyStore, KeyUse, ServerKeys } from "./keys.ts";

/** Later roots that one answer to a terminal carries at most (shared/messages). */
export const rotationsMax = 100;

export type RootChain = {
  /** As signed, oldest first. */
  readonly signed: readonly Bytes[];
  readonly newest: Root;
  readonly keys: ServerKeys;
};

/** Throws where the keys that the newest root names are not all at hand. */
export const openRootChain = async (signed: readonly Bytes[], keys: KeyStore, now: Instant): Promise<RootChain> => {
  const [first = new Uint8Array(0), ...later] = signed;
  const newest = (await openAllRoots(first, later)).at(-1);
  const inForce = newest === undefined ? null : keysNamedBy(newest, await keys.held(), now);
  if (newest === undefined || inForce === null) {
    throw new Error("the keys in the keys folder are not those that the root names: put them back");
  }
  return { signed, newest, keys: inForce };
};

/** Every root that was published, oldest first. Throws where one does not follow from the one before. */
export const openAllRoots = async (firstRoot: Bytes, laterRoots: readonly Bytes[]): Promise<readonly Root[]> => {
  const first = await openFirstRoot(firstRoot, await sha256(firstRoot));
  if (first.kind === "refused") throw new Error(`the first root is refused: ${first.fault}, ${first.detail}`);
  const roots = [first.value];
  for (const bytes of laterRoots) {
    const next = await openNextRoot(bytes, roots.at(-1) ?? first.value);
    if (next.kind === "refused") throw new Error(`root ${roots.length + 1} is refused: ${next.fault}, ${next.detail}`);
    roots.push(next.value);
  }
  return roots;
};

/** The keys that it names are good until there is another root: no date of theirs could stop a city by surprise. */
export const makeFirstRoot = async (keys: KeyStore): Promise<Bytes> => {
  const root = await keys.makeKey("root", 1);
  const publisher = await keys.makeKey("publisher", 1);
  const edge = await keys.makeKey("edge", 1);
  const row: RootRow = {
    v: 1,
    version: 1,
    threshold: 1,
    roots: [{ jwk: root.jwk }],
    publishers: [{ jwk: publisher.jwk }],
    edges: [{ jwk: edge.jwk }],
  };
  return signRoot(row, [root]);
};

/** The root after the newest, with new keys for these uses. */
export const makeNextRoot = async (
  { newest, keys: current }: RootChain,
  uses: ReadonlySet<KeyUse>,
  keys: KeyStore,
  now: Instant,
): Promise<Bytes> => {
  const version = newest.version + 1;
  if (version > rotationsMax + 1) throw new Error(`there were ${rotationsMax} rotations: terminals follow no more`);
  if (newest.threshold > 1 && uses.has("root")) throw new Error("a root of several keys is rotated where they are");
  const fresh = async (use: KeyUse): Promise<readonly SigningKey[]> =>
    uses.has(use) ? [await keys.makeKey(use, version)] : [];
  const [roots, publishers, edges] = [await fresh("root"), await fresh("publisher"), await fresh("edge")];

  const row: RootRow = {
    v: 1,
    version,
    threshold: newest.threshold,
    roots: (roots.length > 0 ? roots : newest.roots).map(({ jwk }) => ({ jwk })),
    publishers: publishers.length > 0 ? publishers.map(({ jwk }) => ({ jwk })) : newest.publishers.map(timedRowOf),
    edges: [
      ...(edges.length > 0 ? newest.edges.map((each) => endAt(each, now)) : newest.edges).map(timedRowOf),
      ...edges.map(({ jwk }) => ({ jwk })),
    ],
  };
  return signRoot(row, [...current.roots.slice(0, newest.threshold), ...roots]);
};

const keysNamedBy = (root: Root, held: HeldKeys, now: Instant): ServerKeys | null => {
  const named = (timed: readonly TimedKey[], own: readonly SigningKey[]): SigningKey | undefined => {
    const kids = new Set(timed.filter((each) => isValidAt(each, now)).map(({ key }) => key.kid));
    return own.findLast(({ kid }) => kids.has(kid));
  };
  const roots = held.root.filter(({ kid }) => root.roots.some((key) => key.kid === kid));
  const [publisher, edge] = [named(root.publishers, held.publisher), named(root.edges, held.edge)];
  if (roots.length < root.threshold || publisher === undefined || edge === undefined) return null;
  return { roots, threshold: root.threshold, publisher, edge };
};

const endAt = (timed: TimedKey, at: Instant): TimedKey => ({ ...timed, validUntil: Math.min(timed.validUntil, at) });

const timedRowOf = ({ key, validFrom, validUntil }: TimedKey): RootRow["edges"][number] => ({
  jwk: key.jwk,
  ...(validFrom === 0 ? {} : { validFrom }),
  ...(validUntil === Number.MAX_SAFE_INTEGER ? {} : { validUntil }),
});
