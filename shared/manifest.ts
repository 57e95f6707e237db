/**
 * The manifest (FORMATS, "Bundle"): one small signed file that names every artefact by version, decoded length and
 * SHA-256, and per encoding its format, length and SHA-256. Its version only rises, and so does every artefact's.
 */
import * as v from "valibot";
import { type Bytes, toUtf8 } from "./bytes.ts";
import { signTyped } from "./cose.ts";
import type { SigningKey } from "./keys.ts";
import { type Opened, openByPublisher, opened, parsePayload, type Root, refused } from "./root.ts";
import type { Instant } from "./terms.ts";

export const manifestBytesMax = 256 * 1024;
/** A list of thirty million citizens, with room. */
export const artefactBytesMax = 16 * 1024 * 1024;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** `from`: the version that a patch starts from; null for what is whole. */
const encoding = v.pipe(
  v.strictObject({
    format: v.picklist(["plain", "snapshot+aes256gcm", "patch+aes256gcm"]),
    from: v.nullable(count),
    length: v.pipe(count, v.maxValue(artefactBytesMax)),
    sha256: hash,
  }),
  v.check(({ format, from }) => (format === "patch+aes256gcm") === (from !== null), "only a patch starts somewhere"),
);

const artefactEntry = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^(trust|policy|staff|list\/[a-z0-9-]{1,32}\/[a-z0-9-]{1,32})$/)),
  version: count,
  length: v.pipe(count, v.maxValue(artefactBytesMax)),
  sha256: hash,
  encodings: v.pipe(v.array(encoding), v.minLength(1), v.maxLength(64)),
  /** Score lists only: how many citizens, and the version of the cuts they were sorted by. */
  entries: v.optional(count),
  cuts: v.optional(count),
});

const manifestJson = v.strictObject({
  v: v.literal(1),
  operator: v.pipe(v.string(), v.maxLength(300)),
  version: v.pipe(count, v.minValue(1)),
  issuedAt: count,
  expiresAt: count,
  root: count,
  artefacts: v.pipe(v.array(artefactEntry), v.maxLength(512)),
});

export type ArtefactEntry = v.InferOutput<typeof artefactEntry>;
export type ArtefactEncoding = v.InferOutput<typeof encoding>;
export type Manifest = v.InferOutput<typeof manifestJson>;

export const signManifest = (manifest: Manifest, publisher: SigningKey): Promise<Bytes> =>
  signTyped("manifest", toUtf8(JSON.stringify(manifest)), publisher);

/**
 * A manifest that may be installed at `now` over `installed` (null: over none). An equal version is let through: it is
 * the caller's to see whether the bytes are the same. `now: null` opens what was installed before, however old.
 */
export const openManifest = async (
  bytes: Bytes,
  root: Root,
  installed: Manifest | null,
  now: Instant | null,
): Promise<Opened<Manifest>> => {
  const payload = await openByPublisher(bytes, manifestBytesMax, "manifest", root, now);
  if (payload.kind === "refused") return payload;
  const manifest = parsePayload(manifestJson, payload.value);
  if (manifest === null) return refused("malformed", "manifest");
  const rolledBack = installed === null ? null : whatIsOlder(manifest, installed);
  if (rolledBack !== null) return refused("rollback", rolledBack);
  if (manifest.root > root.version) return refused("wrong-root", "made under a root that is not known here");
  if (now !== null && manifest.expiresAt <= now) return refused("expired", `expired at ${manifest.expiresAt}`);
  const names = manifest.artefacts.map((each) => each.name);
  if (new Set(names).size !== names.length) return refused("malformed", "an artefact stands there twice");
  return opened(manifest);
};

const whatIsOlder = (next: Manifest, installed: Manifest): string | null => {
  if (next.version < installed.version) return `manifest ${next.version} after ${installed.version}`;
  const versions = new Map(installed.artefacts.map((each) => [each.name, each.version]));
  const older = next.artefacts.find((each) => each.version < (versions.get(each.name) ?? 0));
  return older === undefined ? null : `${older.name} ${older.version} after ${versions.get(older.name)}`;
};
