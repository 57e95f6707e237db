/**
 * The root of trust (FORMATS, "Bundle"; The Update Framework 1.0.34): which root, publisher and edge keys there are. It is
 * a COSE_Sign by a threshold of its own root keys. The first is pinned at enrolment by its SHA-256; each later one also
 * needs the threshold of the one before, and is one version on.
 *
 * Whatever is opened under a root is `opened` or `refused`, never half of either, and what is in force stays in force.
 */
import * as v from "valibot";
import { type Bytes, equalBytes, fromUtf8, sha256, toUtf8 } from "./bytes.ts";
import { countGoodSignatures, readTyped, readTypedMany, signTypedMany, verifySign1 } from "./cose.ts";
import { importPublicKey, type PublicKey, type SigningKey } from "./keys.ts";
import type { Instant } from "./terms.ts";

/** Why something was not taken. */
export type BundleFault =
  | "malformed"
  | "wrong-root"
  | "too-few-signatures"
  | "unknown-publisher"
  | "bad-signature"
  | "rollback"
  | "expired"
  | "wrong-length"
  | "wrong-hash"
  | "no-key"
  | "missing-artefact";

export type Opened<T> =
  | { readonly kind: "opened"; readonly value: T }
  | { readonly kind: "refused"; readonly fault: BundleFault; readonly detail: string };

export const opened = <T>(value: T): Opened<T> => ({ kind: "opened", value });
export const refused = (fault: BundleFault, detail: string): Opened<never> => ({ kind: "refused", fault, detail });

export const rootBytesMax = 64 * 1024;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** From `validFrom` to `validUntil`, both included; a time that is not there does not bound. */
const timedRow = v.strictObject({ jwk: v.unknown(), validFrom: v.optional(count), validUntil: v.optional(count) });

const rootJson = v.strictObject({
  v: v.literal(1),
  version: v.pipe(count, v.minValue(1)),
  threshold: v.pipe(count, v.minValue(1), v.maxValue(16)),
  /** Good for as long as this root is. */
  roots: v.pipe(v.array(v.strictObject({ jwk: v.unknown() })), v.minLength(1), v.maxLength(16)),
  publishers: v.pipe(v.array(timedRow), v.maxLength(16)),
  edges: v.pipe(v.array(timedRow), v.maxLength(64)),
});

export type RootRow = v.InferOutput<typeof rootJson>;

export type TimedKey = { readonly key: PublicKey; readonly validFrom: Instant; readonly validUntil: Instant };
export type Root = {
  readonly version: number;
  readonly threshold: number;
  readonly roots: readonly PublicKey[];
  readonly publishers: readonly TimedKey[];
  readonly edges: readonly TimedKey[];
};

export const signRoot = (root: RootRow, keys: readonly SigningKey[]): Promise<Bytes> =>
  signTypedMany("root", toUtf8(JSON.stringify(root)), keys);

/** The root that enrolment pinned: right hash, and signed by its own threshold. */
export const openFirstRoot = async (bytes: Bytes, pinned: Bytes): Promise<Opened<Root>> => {
  if (!equalBytes(await sha256(bytes), pinned)) return refused("wrong-root", "not the root that was pinned");
  return openRoot(bytes, null);
};

/** The root after `current`: signed by both thresholds, one version on. */
export const openNextRoot = (bytes: Bytes, current: Root): Promise<Opened<Root>> => openRoot(bytes, current);

const openRoot = async (bytes: Bytes, current: Root | null): Promise<Opened<Root>> => {
  const signed = bytes.length > rootBytesMax ? null : readTypedMany(bytes, "root");
  const row = signed === null ? null : parsePayload(rootJson, signed.payload);
  if (signed === null || row === null) return refused("malformed", "root");
  const root = await importRoot(row);
  if (root === null) return refused("malformed", "root keys");
  if (current !== null && root.version !== current.version + 1) {
    return refused(root.version <= current.version ? "rollback" : "malformed", "root version");
  }
  const isEnough = async (by: Root): Promise<boolean> => (await countGoodSignatures(signed, by.roots)) >= by.threshold;
  if (!(await isEnough(root)) || (current !== null && !(await isEnough(current)))) {
    return refused("too-few-signatures", "root");
  }
  return opened(root);
};

/** The payload of what a publisher signed. `at` null: whenever the key was valid. */
export const openByPublisher = async (
  bytes: Bytes,
  bytesMax: number,
  type: string,
  root: Root,
  at: Instant | null,
): Promise<Opened<Bytes>> => {
  const signed = bytes.length > bytesMax ? null : readTyped(bytes, type);
  if (signed === null) return refused("malformed", type);
  const publisher = root.publishers.find((each) => each.key.kid === signed.kid);
  if (publisher === undefined || (at !== null && !isValidAt(publisher, at))) return refused("unknown-publisher", type);
  if ((await verifySign1(signed.sign1, publisher.key)) !== "ok") return refused("bad-signature", type);
  return opened(signed.payload);
};

export const isValidAt = (timed: TimedKey, at: Instant): boolean => timed.validFrom <= at && at <= timed.validUntil;

/** The edge keys whose acks are good at `at`. */
export const edgeKeysAt = (root: Root, at: Instant): readonly PublicKey[] =>
  root.edges.filter((each) => isValidAt(each, at)).map((each) => each.key);

const importRoot = async (row: RootRow): Promise<Root | null> => {
  const roots = await Promise.all(row.roots.map((each) => importPublicKey(each.jwk)));
  const publishers = await Promise.all(row.publishers.map(importTimed));
  const edges = await Promise.all(row.edges.map(importTimed));
  const known = <T>(keys: readonly (T | null)[]): readonly T[] | null =>
    keys.some((each) => each === null) ? null : (keys as readonly T[]);
  const [knownRoots, knownPublishers, knownEdges] = [known(roots), known(publishers), known(edges)];
  if (knownRoots === null || knownPublishers === null || knownEdges === null) return null;
  // A key has one use (FORMATS, "Keys and algorithms"), and no key counts twice towards a threshold.
  const kids = [...knownRoots, ...knownPublishers.map((each) => each.key), ...knownEdges.map((each) => each.key)].map(
    (each) => each.kid,
  );
  if (new Set(kids).size !== kids.length || row.threshold > knownRoots.length) return null;
  return {
    version: row.version,
    threshold: row.threshold,
    roots: knownRoots,
    publishers: knownPublishers,
    edges: knownEdges,
  };
};

const importTimed = async (row: RootRow["publishers"][number]): Promise<TimedKey | null> => {
  const key = await importPublicKey(row.jwk);
  if (key === null) return null;
  return { key, validFrom: row.validFrom ?? 0, validUntil: row.validUntil ?? Number.MAX_SAFE_INTEGER };
};

/** A signed JSON payload, strictly; null where it is not what the schema says. */
export const parsePayload = <T>(schema: v.GenericSchema<unknown, T>, payload: Bytes): T | null => {
  try {
    const result = v.safeParse(schema, JSON.parse(fromUtf8(payload) ?? ""));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
};
