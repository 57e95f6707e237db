/**
 * Keeps the signed bundle: opens what is stored, follows the server, and changes its mind only by the rules of
 * shared/bundle.ts. Whatever is refused is said in `alarms`, and what is in force stays in force.
 *
 * - The manifest is asked for every 60 to 120 s, at once when the network may have returned, and every few seconds while
 *   there is no bundle yet. Nothing in this depends on any citizen.
 * - Artefacts are fetched by hash, and only those not already here. All are stored at once, then switched at once.
 * - A score list found damaged at start is left out and fetched again; everything else serves meanwhile.
 * - Versions only rise, until a root drops the publisher who signed what is installed: they start anew then, since a
 *   thief may have signed the highest there is. Trust never goes back, even so.
 * - `checkedAt` is stamped only by a success: a manifest in its time that is the one in force. A server that repeats an
 *   expired one freezes us: no stamp, an alarm, and the policy's grace runs.
 */
import { openBundle } from "../shared/bundle.ts";
import { type Bytes, equalBytes, fromBase64url } from "../shared/bytes.ts";
import { openManifest } from "../shared/manifest.ts";
import { type ManifestAnswer, problemType } from "../shared/messages.ts";
import { openFirstRoot } from "../shared/root.ts";
import type { Instant } from "../shared/terms.ts";
import { describeDamaged, describeRefused, describeRejected, expiryAlarms, type Refusal } from "./bundle-alarms.ts";
import { fetchMissing } from "./bundle-fetch.ts";
import {
  followRoots,
  type Held,
  heldFor,
  installedUnder,
  isWhole,
  type Known,
  namedIn,
  type RootChain,
  restoreBundle,
} from "./bundle-update.ts";
import { createPolling } from "./polling.ts";
import type { BundleStore, Clock, Identity, Random, StoredBundle, Unreachable, Uplink } from "./ports.ts";
import type { InForce } from "./reading.ts";
import type { Progress } from "./session.ts";

export type BundleKeeperParts = {
  readonly store: BundleStore;
  readonly uplink: Uplink;
  readonly clock: Clock;
  readonly random: Random;
  readonly identity: Identity;
  /** The trusted time: never below what a signed message has shown. */
  readonly now: () => Instant;
};

export type BundleKeeper = {
  readonly current: () => InForce | null;
  /** For staff, in English; empty when all is well. */
  readonly alarms: () => readonly string[];
  /** How far a long fetch is; null while there is none. */
  readonly progress: () => Progress | null;
  /** The server says that this terminal was revoked; until it says otherwise. */
  readonly isRevoked: () => boolean;
  /** Another bundle came into force. */
  readonly onChange: (callback: () => void) => void;
  /** After each attempt to reach the server. */
  readonly onPolled: (callback: () => void) => void;
  readonly onProgress: (callback: () => void) => void;
  /** Resolves when what is stored is in force; following goes on by itself. */
  readonly start: () => Promise<void>;
  readonly poll: () => Promise<void>;
  readonly stop: () => void;
};

const pollSecondsMin = 60;
const firstPollSecondsMin = 3;

type Settled = { readonly kind: "settled" };
type Judged = Settled | Refusal | Unreachable;

export const createBundleKeeper = (parts: BundleKeeperParts): BundleKeeper => {
  const { store, uplink, clock, random, identity, now } = parts;
  const changeListeners: (() => void)[] = [];
  const pollListeners: (() => void)[] = [];
  const progressListeners: (() => void)[] = [];

  let roots: RootChain | null = null;
  let known: Known | null = null;
  let held: Held = new Map();
  let inForce: InForce | null = null;
  let lastAnswer: ManifestAnswer | null = null;
  let alarm: string | null = null;
  let progress: Progress | null = null;
  let revoked = false;

  const switchTo = (next: InForce, chain: RootChain, manifest: Known): void => {
    [inForce, roots, known] = [next, chain, manifest];
    held = heldFor(manifest.manifest, held);
    for (const listener of changeListeners) listener();
  };

  const restore = async (): Promise<void> => {
    const first = await openFirstRoot(identity.firstRoot, identity.rootHash);
    if (first.kind === "refused") return sayRefused("the pinned root", first);
    roots = { root: first.value, updates: [] };
    const stored = await readStored();
    const restored = stored === null ? null : await restoreBundle(first.value, stored);
    if (stored === null || restored === null) return;
    if (restored.kind === "refused") return sayRefused("the stored bundle", restored);
    const { bundle, damaged } = restored.value;
    ({ roots, known, sound: held } = restored.value);
    if (bundle.kind === "refused") return sayRefused("the stored bundle", bundle);
    switchTo({ bundle: bundle.value, checkedAt: stored.checkedAt }, roots, known);
    if (damaged.length > 0) alarm = describeDamaged(damaged);
  };

  const readStored = async (): Promise<StoredBundle | null> => {
    try {
      return await store.read();
    } catch (reason) {
      alarm = `the stored bundle cannot be read: ${reason}`;
      return null;
    }
  };

  const pollOnce = async (): Promise<void> => {
    if (roots === null) return;
    const answer = await uplink.fetchManifest(identity);
    if (answer.kind === "unreachable") return;
    revoked = answer.kind === "rejected" && answer.problem?.type === problemType("terminal-revoked");
    if (answer.kind === "rejected") {
      alarm = describeRejected(answer);
      return;
    }
    // Unchanged is the same answer again, and judged again: it may have expired, or not be installed yet.
    if (answer.value !== "unchanged") lastAnswer = answer.value;
    if (lastAnswer === null) return;
    const judged = await judge(lastAnswer, roots);
    if (judged.kind === "settled") alarm = null;
    if (judged.kind === "refused") sayRefused("the bundle", judged);
  };

  const judge = async (answer: ManifestAnswer, from: RootChain): Promise<Judged> => {
    const followed = await followRoots(from, decodeAll(answer.roots));
    if (followed.kind === "refused") return followed;
    // At once, whatever becomes of the manifest: a publisher may have lost its key.
    roots = followed.value;
    if (roots.updates.length > from.updates.length) await store.keepNewestRoots(roots.updates);
    const { root } = roots;
    const bytes = fromBase64url(answer.manifest) ?? new Uint8Array(0);
    const at = now();
    const installed = await installedUnder(root, known);
    const manifest = await openManifest(bytes, root, installed, at);
    if (manifest.kind === "refused") return manifest;

    const isKnown = known !== null && equalBytes(known.bytes, bytes);
    if (installed?.version === manifest.value.version && !isKnown) {
      return { kind: "refused", fault: "rollback", detail: `two manifests of version ${manifest.value.version}` };
    }
    const isInForce = isKnown && isWhole(manifest.value, held);
    if (isInForce && inForce?.bundle.root.version === root.version) return stamp(inForce, at);
    return install({ manifest: manifest.value, bytes }, roots, answer.keys, at);
  };

  const stamp = async ({ bundle }: InForce, checkedAt: Instant): Promise<Judged> => {
    await store.stamp(checkedAt);
    inForce = { bundle, checkedAt };
    return { kind: "settled" };
  };

  const install = async (
    next: Known,
    chain: RootChain,
    keys: ManifestAnswer["keys"],
    checkedAt: Instant,
  ): Promise<Judged> => {
    const here = new Map([...heldFor(next.manifest, held), ...(known === null ? [] : heldFor(known.manifest, held))]);
    held = here;
    const fetched = await fetchMissing(next.manifest, here, {
      uplink,
      store,
      keys,
      baseOf: (name) => inForce?.bundle.lists.find((each) => `list/${each.programme}/${each.list}` === name) ?? null,
      keep: (sha256, decoded) => here.set(sha256, decoded),
      onProgress: tellProgress,
    }).finally(() => tellProgress(null));
    if (fetched.kind !== "opened") return fetched;
    const artefacts = namedIn(next.manifest, here);
    const bundle = await openBundle(chain.root, next.manifest, artefacts, inForce?.bundle ?? null);
    if (bundle.kind === "refused") return bundle;
    await store.write({
      roots: chain.updates,
      newestRoots: chain.updates,
      manifest: next.bytes,
      artefacts,
      checkedAt,
    });
    switchTo({ bundle: bundle.value, checkedAt }, chain, next);
    return { kind: "settled" };
  };

  const tellProgress = (next: Progress | null): void => {
    if (next === progress) return;
    progress = next;
    for (const listener of progressListeners) listener();
  };

  const sayRefused = (what: string, refusal: Refusal): void => {
    alarm = describeRefused(what, refusal);
  };

  const follow = createPolling({
    clock,
    random,
    secondsMin: () => (inForce === null ? firstPollSecondsMin : pollSecondsMin),
    poll: async () => {
      try {
        await pollOnce();
      } catch (reason) {
        alarm = `the bundle cannot be stored: ${reason}`;
      }
      for (const listener of pollListeners) listener();
    },
  });
  let stopListening = (): void => {};

  return {
    current: () => inForce,
    alarms: () => [...(alarm === null ? [] : [alarm]), ...(known === null ? [] : expiryAlarms(known.manifest, now()))],
    progress: () => progress,
    isRevoked: () => revoked,
    onChange: (callback) => {
      changeListeners.push(callback);
    },
    onPolled: (callback) => {
      pollListeners.push(callback);
    },
    onProgress: (callback) => {
      progressListeners.push(callback);
    },
    start: async () => {
      await restore();
      stopListening = uplink.onReturn(() => void follow.now());
      void follow.now();
    },
    poll: follow.now,
    stop: () => {
      stopListening();
      follow.stop();
    },
  };
};

const decodeAll = (texts: readonly string[]): readonly Bytes[] =>
  texts.map((text) => fromBase64url(text) ?? new Uint8Array(0));
