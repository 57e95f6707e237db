/**
 * Fetches what a manifest names and is not here. What arrives is kept, piece by piece, under the hash that the manifest
 * gives it, so that a later attempt goes on where this one broke off, also after a restart.
 *
 * A score list comes as the patch from the version that is here, where there is one. A patch that is not to be had, or
 * does not give the signed list, is nothing worse than slow: the snapshot is taken in the same attempt. Only where that
 * fails too is it refused, and both are named.
 */
import { type Base, keyOf, openArtefact } from "../shared/artefact.ts";
import { type Bytes, concatBytes } from "../shared/bytes.ts";
import type { ArtefactEncoding, ArtefactEntry, Manifest } from "../shared/manifest.ts";
import { type Opened, opened, refused } from "../shared/root.ts";
import type { Refusal } from "./bundle-alarms.ts";
import type { Held } from "./bundle-update.ts";
import type { BundleStore, Unreachable, Uplink } from "./ports.ts";
import type { Progress } from "./session.ts";

export type FetchParts = {
  readonly uplink: Uplink;
  readonly store: BundleStore;
  /** Hex, by the SHA-256 of what they open. */
  readonly keys: Readonly<Record<string, string>>;
  /** The list of this name that is in force. */
  readonly baseOf: (name: string) => Base | null;
  /** Gets each artefact as soon as it is here. */
  readonly keep: (sha256: string, decoded: Bytes) => void;
  readonly onProgress: (progress: Progress) => void;
};

/** Nobody waits for less than this. */
const progressBytesMin = 512 * 1024;

export const fetchMissing = async (
  manifest: Manifest,
  held: Held,
  parts: FetchParts,
): Promise<Opened<null> | Unreachable> => {
  const missing = manifest.artefacts.filter(({ sha256 }) => !held.has(sha256));
  const ways = missing.map((entry) => waysTo(entry, parts.baseOf(entry.name)));
  await parts.store.keepParts(ways.flat().map(({ sha256 }) => sha256));

  let total = ways.reduce((sum, [first]) => sum + (first?.length ?? 0), 0);
  let before = 0;
  const fetchEntry = async (
    entry: ArtefactEntry,
    [first, ...others]: readonly ArtefactEncoding[],
  ): Promise<Opened<Bytes> | Unreachable> => {
    if (first === undefined) return refused("missing-artefact", `${entry.name}: no way to it`);
    const tell = (bytes: number): void => {
      if (total >= progressBytesMin) parts.onProgress({ bytes: before + bytes, total });
    };
    const fetched = await fetchEncoding(entry, first, parts, tell);
    before += first.length;
    if (fetched.kind !== "refused" || others.length === 0) return fetched;
    total += others[0]?.length ?? 0;
    const other = await fetchEntry(entry, others);
    return other.kind === "refused" ? bothRefused(fetched, other) : other;
  };

  for (const [index, entry] of missing.entries()) {
    const fetched = await fetchEntry(entry, ways[index] ?? []);
    if (fetched.kind !== "opened") return fetched;
    parts.keep(entry.sha256, fetched.value);
  }
  return opened(null);
};

/** In the order in which they are tried: the patch from what is here, then the whole. */
const waysTo = ({ encodings }: ArtefactEntry, base: Base | null): readonly ArtefactEncoding[] => {
  const patch = base === null ? undefined : encodings.find(({ from }) => from === base.version);
  const whole = encodings.find(({ from }) => from === null);
  return [patch, whole].filter((each) => each !== undefined);
};

const fetchEncoding = async (
  entry: ArtefactEntry,
  encoded: ArtefactEncoding,
  { uplink, store, keys, baseOf }: FetchParts,
  tell: (bytes: number) => void,
): Promise<Opened<Bytes> | Unreachable> => {
  const fetched = await download(entry.name, encoded, { uplink, store, tell });
  if (fetched.kind === "unreachable") return fetched;
  const artefact =
    fetched.kind === "refused"
      ? fetched
      : await openArtefact(entry, encoded, fetched.value, keyOf(keys, encoded), baseOf(entry.name));
  // Whatever is wrong with it would be wrong again.
  if (artefact.kind === "refused") await store.dropPart(encoded.sha256);
  return artefact;
};

type DownloadParts = Pick<FetchParts, "uplink" | "store"> & { readonly tell: (bytes: number) => void };

const download = async (
  name: string,
  encoded: ArtefactEncoding,
  { uplink, store, tell }: DownloadParts,
): Promise<Opened<Bytes> | Unreachable> => {
  const pieces = [await store.readPart(encoded.sha256)];
  let end = pieces[0]?.length ?? 0;
  while (end < encoded.length) {
    tell(end);
    const answer = await uplink.fetchArtefact(encoded, end);
    if (answer.kind === "unreachable") return answer;
    if (answer.kind === "rejected") return refused("missing-artefact", `${name}: the server says ${answer.status}`);
    if (answer.value.kind === "oversized") return refused("wrong-length", `${name}: more than was declared`);
    const { kind, bytes } = answer.value;
    if (kind === "whole") return opened(bytes);
    if (bytes.length === 0) return { kind: "unreachable", cause: "an empty piece" };
    await store.addPart(encoded.sha256, end, bytes);
    pieces.push(bytes);
    end += bytes.length;
  }
  tell(end);
  return opened(concatBytes(...pieces));
};

const bothRefused = (patch: Refusal, whole: Refusal): Refusal => ({
  ...whole,
  detail: `${whole.detail}; its patch: ${patch.fault}, ${patch.detail}`,
});
