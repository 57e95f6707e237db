/** A made-up operator that publishes signed bundles, rightly or wrongly, and the ports of one terminal in its city. */
import type { BundleStore, Clock, Identity, Random, StoredBundle } from "../kiosk/ports.ts";
import { describeEncoding, sealArtefact } from "../shared/artefact.ts";
import { signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { type Bytes, concatBytes, sha256, toBase64url, toHex, toUtf8 } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { encodePatch } from "../shared/list-patch.ts";
import { encodeSnapshot } from "../shared/list-snapshot.ts";
import { type ArtefactEncoding, type Manifest, signManifest } from "../shared/manifest.ts";
import type { ManifestAnswer } from "../shared/messages.ts";
import { encodePolicy } from "../shared/policy.ts";
import { signRoot } from "../shared/root.ts";
import { packStatuses } from "../shared/status-list.ts";
import { encodeTrust } from "../shared/trust.ts";
import { drawKey, now, samplePolicy } from "./sample.ts";

export type CityKeys = {
  readonly roots: readonly [SigningKey, SigningKey];
  readonly publisher: SigningKey;
  readonly edge: SigningKey;
  readonly issuer: SigningKey;
};

export type City = { readonly keys: CityKeys; readonly firstRoot: Bytes; readonly identity: Identity };

/** What the server says, and what it hands out by the SHA-256 of the encoding. */
export type Release = { readonly answer: ManifestAnswer; readonly files: ReadonlyMap<string, Bytes> };

export type ReleaseOptions = {
  readonly version: number;
  readonly expiresAt?: number;
  readonly help?: string;
  readonly issuedAt?: number;
  /** Trust's own version; that of the manifest where it is not said. */
  readonly trustVersion?: number;
  readonly statuses?: readonly number[];
  /** A patch of the list from what stood there at this version. */
  readonly patchFrom?: { readonly version: number; readonly statuses: readonly number[] };
  /** A list that is never changed. */
  readonly otherList?: readonly number[];
  readonly publisher?: SigningKey;
  readonly trustSigners?: readonly SigningKey[];
  readonly laterRoots?: readonly Bytes[];
};

export const foundCity = async (): Promise<City> => {
  const keys: CityKeys = {
    roots: [await drawKey(), await drawKey("P-256")],
    publisher: await drawKey(),
    edge: await drawKey(),
    issuer: await drawKey(),
  };
  const firstRoot = await makeRoot(keys, 1, keys.publisher, keys.roots);
  return { keys, firstRoot, identity: await createIdentity(firstRoot) };
};

export const makeRoot = (
  { roots, edge }: CityKeys,
  version: number,
  publisher: SigningKey,
  signers: readonly SigningKey[],
): Promise<Bytes> =>
  signRoot(
    {
      v: 1,
      version,
      threshold: 2,
      roots: roots.map(({ jwk }) => ({ jwk })),
      publishers: [{ jwk: publisher.jwk }],
      edges: [{ jwk: edge.jwk }],
    },
    signers,
  );

export const release = async ({ keys }: City, options: ReleaseOptions): Promise<Release> => {
  const { version, publisher = keys.publisher, statuses = [0, 3, 12, 13], laterRoots = [] } = options;
  const help = { zh: "帮助", en: options.help ?? "help" };
  const { trustVersion = version } = options;
  const trust = encodeTrust({
    version: trustVersion,
    entries: [{ kid: keys.issuer.kid, use: "citizen", jwk: keys.issuer.jwk, programme: "here" }],
  });
  const named = new Map<string, Bytes>([
    ["trust", await signTrust(trust, options.trustSigners ?? keys.roots)],
    ["policy", await signPolicy(encodePolicy({ ...samplePolicy, help }), publisher)],
    ["staff", await signStaff({ v: 1, revoked: [] }, publisher)],
    ...(options.otherList === undefined ? [] : [["list/there/b", packStatuses(options.otherList)] as const]),
    ["list/here/a", packStatuses(statuses)],
  ]);
  const files = new Map<string, Bytes>();
  const listKeys: Record<string, string> = {};
  const artefacts: Manifest["artefacts"] = [];
  const key = new Uint8Array(32).fill(version);
  const seal = async (format: ArtefactEncoding["format"], coded: Bytes, from: number | null = null) => {
    const bytes = await sealArtefact(coded, key, new Uint8Array(12).fill(version));
    const encoding = await describeEncoding(format, bytes, from);
    files.set(encoding.sha256, bytes);
    listKeys[encoding.sha256] = toHex(key);
    return encoding;
  };
  const encode = async (name: string, decoded: Bytes): Promise<ArtefactEncoding[]> => {
    if (!name.startsWith("list/")) {
      const plain = await describeEncoding("plain", decoded);
      files.set(plain.sha256, decoded);
      return [plain];
    }
    const { patchFrom } = options;
    const list = { packed: decoded, entries: entriesOf(name) };
    const patch =
      patchFrom === undefined || name !== "list/here/a"
        ? []
        : [await seal("patch+aes256gcm", encodePatch(listOf(patchFrom.statuses), list), patchFrom.version)];
    return [...patch, await seal("snapshot+aes256gcm", encodeSnapshot(list))];
  };
  const entriesOf = (name: string): number => (name === "list/here/a" ? statuses : (options.otherList ?? [])).length;
  for (const [name, decoded] of named) {
    artefacts.push({
      name,
      version: name === "trust" ? trustVersion : version,
      length: decoded.length,
      sha256: toHex(await sha256(decoded)),
      encodings: await encode(name, decoded),
      ...(name.startsWith("list/") ? { entries: entriesOf(name), cuts: 7 } : {}),
    });
  }
  const manifest: Manifest = {
    v: 1,
    operator: "The operator",
    version,
    issuedAt: options.issuedAt ?? now,
    expiresAt: options.expiresAt ?? now + 86_400,
    root: 1 + laterRoots.length,
    artefacts,
  };
  const signed = toBase64url(await signManifest(manifest, publisher));
  return { answer: { roots: laterRoots.map(toBase64url), manifest: signed, keys: listKeys }, files };
};

const listOf = (statuses: readonly number[]) => ({ packed: packStatuses(statuses), entries: statuses.length });

const createIdentity = async (firstRoot: Bytes): Promise<Identity> => ({
  terminal: "t-1",
  profile: {
    service: "metro",
    action: "entry",
    programme: "here",
    site: "gate-1",
    name: "Gate",
    actuator: "simulated",
  },
  key: await drawKey(),
  operatorKey: await crypto.subtle.importKey("raw", toUtf8("operator"), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]),
  operatorKeyVersion: 1,
  firstRoot,
  rootHash: await sha256(firstRoot),
});

export type FakeClock = Clock & { readonly move: (seconds: number) => void; readonly set: (at: number) => void };

export const createFakeClock = (): FakeClock => {
  let at = now;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  const set = (next: number): void => {
    at = next;
    for (const timer of [...timers]) if (timer.at <= at && timers.delete(timer)) timer.callback();
  };
  return {
    now: () => Math.floor(at),
    ticks: () => at * 1000,
    after: (seconds, callback) => {
      const timer = { at: at + seconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    set,
    move: (seconds) => set(at + seconds),
  };
};

export const noChance: Random = { bytes: (length) => new Uint8Array(length) };

export type FakeBundleStore = BundleStore & {
  stored: StoredBundle | null;
  failing: boolean;
  readonly parts: Map<string, Bytes>;
};

export const createBundleStore = (): FakeBundleStore => {
  const store: FakeBundleStore = {
    stored: null,
    failing: false,
    parts: new Map(),
    read: async () => {
      if (store.failing) throw new Error("the disk does not answer");
      return store.stored;
    },
    write: async (bundle) => {
      if (store.failing) throw new Error("the disk is full");
      store.stored = bundle;
      store.parts.clear();
    },
    stamp: async (checkedAt) => {
      if (store.stored !== null) store.stored = { ...store.stored, checkedAt };
    },
    keepNewestRoots: async (newestRoots) => {
      if (store.stored !== null) store.stored = { ...store.stored, newestRoots };
    },
    readPart: async (sha256) => store.parts.get(sha256) ?? new Uint8Array(0),
    addPart: async (sha256, from, bytes) => {
      const before = store.parts.get(sha256) ?? new Uint8Array(0);
      if (before.length !== from) throw new Error(`a piece from ${from} after ${before.length}`);
      store.parts.set(sha256, concatBytes(before, bytes));
    },
    dropPart: async (sha256) => void store.parts.delete(sha256),
    keepParts: async (sha256s) => {
      for (const sha256 of store.parts.keys()) if (!sha256s.includes(sha256)) store.parts.delete(sha256);
    },
  };
  return store;
};
