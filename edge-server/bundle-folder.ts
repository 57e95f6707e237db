/**
 * A bundle in a folder, for a stick or any web server: nothing in it is secret.
 *
 *     root-1.cose, root-2.cose, ...   every root, as signed
 *     manifest.cose                   the manifest
 *     artefacts/SHA256                every encoding of every artefact, as it travels
 *
 * A file appears whole or not at all and the manifest comes last, so a stick that was pulled out too early still holds the
 * bundle before. The keys of the lists, and the terminals that may have them, go into a file of their own, for its owner
 * alone (0600):
 *
 *     {"v": 1, "version", "keys": {SHA256: hex}, "terminals": [{"id", "profile", "key", "enrolledAt", "revokedAt"}]}
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type Bytes, toUtf8 } from "../shared/bytes.ts";
import { artefactBytesMax, manifestBytesMax } from "../shared/manifest.ts";
import { profile, publicJwk } from "../shared/messages.ts";
import { rootBytesMax } from "../shared/root.ts";
import type { Carried } from "./bundle-import.ts";
import { explainFileError, type Named, readBytesFile, readJsonFile, writeWholeFile } from "./files.ts";
import type { Published } from "./ports.ts";
import { rotationsMax } from "./root-chain.ts";

/** `artefacts`: the SHA-256 of each encoding. */
export type FolderContents = {
  readonly published: Published;
  readonly artefacts: readonly string[];
  readonly artefact: (sha256: string) => Bytes | null;
};

/** Gives how many bytes it has. What an earlier export left there and is not named any more goes at the end. */
export const writeBundleFolder = (
  folder: string,
  { published, artefacts, artefact }: FolderContents,
): Named<number> => {
  const files = join(folder, "artefacts");
  try {
    mkdirSync(files, { recursive: true });
  } catch (error) {
    return { kind: "unreadable", error: explainFileError(error, folder) };
  }
  let length = 0;
  const write = (path: string, bytes: Bytes): string | null => {
    length += bytes.length;
    const written = writeWholeFile(path, bytes);
    return written.kind === "unreadable" ? written.error : null;
  };
  const steps = function* (): Iterable<string | null> {
    for (const hash of artefacts) {
      const bytes = artefact(hash);
      yield bytes === null ? "another bundle was published meanwhile: try again" : write(join(files, hash), bytes);
    }
    for (const [index, root] of [published.firstRoot, ...published.laterRoots].entries()) {
      yield write(join(folder, rootName(index + 1)), root);
    }
    yield write(join(folder, manifestName), published.manifest);
  };
  for (const error of steps()) if (error !== null) return { kind: "unreadable", error };
  const named = new Set(artefacts);
  for (const file of readdirSync(files)) if (/^[0-9a-f]{64}$/.test(file) && !named.has(file)) rmSync(join(files, file));
  return { kind: "read", value: length };
};

export const readBundleFolder = (folder: string): Named<Omit<Carried, "keys">> => {
  const manifest = readBytesFile(join(folder, manifestName), manifestBytesMax);
  if (manifest.kind === "unreadable") return manifest;
  const roots: Bytes[] = [];
  do {
    const root = readBytesFile(join(folder, rootName(roots.length + 1)), rootBytesMax);
    if (root.kind === "unreadable") return root;
    roots.push(root.value);
  } while (roots.length <= rotationsMax && existsSync(join(folder, rootName(roots.length + 1))));
  const artefact = (hash: string) => readBytesFile(join(folder, "artefacts", hash), artefactBytesMax);
  return { kind: "read", value: { manifest: manifest.value, roots, artefact } };
};

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const keysJson = v.strictObject({
  v: v.literal(1),
  version: count,
  keys: v.record(v.string(), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  terminals: v.array(
    v.strictObject({
      id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)),
      profile,
      key: publicJwk,
      enrolledAt: count,
      revokedAt: v.nullable(count),
    }),
  ),
});

export type KeysDocument = v.InferOutput<typeof keysJson>;

export const writeKeysFile = (path: string, document: KeysDocument): Named<null> =>
  writeWholeFile(path, toUtf8(JSON.stringify(document)), 0o600);

/** For ten thousand terminals and more. */
const keysBytesMax = 16 * 1024 * 1024;

export const readKeysFile = (path: string): Named<KeysDocument> => {
  const file = readJsonFile(path, keysBytesMax);
  if (file.kind === "unreadable") return file;
  const parsed = v.safeParse(keysJson, file.value);
  if (parsed.success) return { kind: "read", value: parsed.output };
  // Where it is wrong, and not what stands there, which is secret.
  const place = v.getDotPath(parsed.issues[0]) ?? "the whole";
  return { kind: "unreadable", error: `${path} is no file of list keys: ${place}` };
};

const manifestName = "manifest.cose";
const rootName = (version: number): string => `root-${version}.cose`;
