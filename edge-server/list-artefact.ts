/**
 * A score list as an artefact: what terminals are given of the operator's own values, in its sealed encodings.
 *
 * - A lawful restriction is applied here: the citizen has no band while it lasts, like anybody without a score. Revoked
 *   and suspended stay what they are, since no perk comes of them.
 * - Places whose phone is gone are blocked here, too (losses.ts).
 * - One snapshot, and a patch from each earlier version of the last 30 days, 30 at most, where that is the smaller. Each
 *   leads straight to the new version, so that a terminal that was away takes one.
 * - All encodings of a version are sealed under one key, drawn for it, each with an iv of its own.
 */
import { describeEncoding, sealArtefact } from "../shared/artefact.ts";
import { type Bytes, sha256, toHex } from "../shared/bytes.ts";
import { encodePatch } from "../shared/list-patch.ts";
import { decodeSnapshot, encodeSnapshot } from "../shared/list-snapshot.ts";
import type { ArtefactEncoding } from "../shared/manifest.ts";
import type { StatusList } from "../shared/status-list.ts";
import type { Instant } from "../shared/terms.ts";
import { listAsPublished } from "./losses.ts";
import type { ListHead, ListRow, Registry } from "./ports.ts";
import type { PublishedArtefact } from "./published.ts";
import { randomBytes } from "./random.ts";

export const keptSeconds = 30 * 86_400;
export const keptVersionsMax = 30;
/** As many as fit into a manifest beside trust, policy and staff. */
export const listsMax = 500;

export type ListEdges = {
  readonly registry: Pick<
    Registry,
    "list" | "restrictions" | "losses" | "snapshots" | "snapshot" | "putSnapshot" | "dropSnapshots"
  >;
  readonly now: Instant;
  /** One line on what is being done. */
  readonly say: (line: string) => void;
};

/** `encoded` null: `artefact` is `old`, as it was. */
export type SealedList = {
  readonly artefact: PublishedArtefact;
  readonly encoded: ReadonlyMap<string, Bytes> | null;
};

export const keepOrSealList = async (
  head: ListHead,
  old: PublishedArtefact | null,
  edges: ListEdges,
): Promise<SealedList> => {
  const row = edges.registry.list(head);
  if (row === null) throw new TypeError(`no list ${head.list} of ${head.programme}`);
  const { version, entries, cuts } = row;
  const statuses = {
    packed: listAsPublished(row, edges.registry.restrictions(head), edges.registry.losses(head)),
    entries,
  };
  const hash = toHex(await sha256(statuses.packed));
  if (old !== null && isSame(old, row, hash)) return { artefact: old, encoded: null };

  const key = randomBytes(32);
  const sealed: Sealed[] = [];
  for (const coding of codingsOf(row, statuses, edges)) sealed.push(await seal(coding, key));
  const entry = {
    name: nameOf(head),
    version,
    length: statuses.packed.length,
    sha256: hash,
    encodings: sealed.map(({ encoding }) => encoding),
    entries,
    cuts,
  };
  return {
    artefact: { entry, key: toHex(key) },
    encoded: new Map(sealed.map(({ encoding, bytes }) => [encoding.sha256, bytes])),
  };
};

export const nameOf = ({ programme, list }: Pick<ListHead, "programme" | "list">): string =>
  `list/${programme}/${list}`;

type Coding = { readonly format: ArtefactEncoding["format"]; readonly from: number | null; readonly bytes: Bytes };
type Sealed = { readonly encoding: ArtefactEncoding; readonly bytes: Bytes };

const isSame = ({ entry }: PublishedArtefact, { version, entries, cuts }: ListRow, hash: string): boolean =>
  entry.version === version &&
  entry.entries === entries &&
  entry.cuts === cuts &&
  entry.sha256 === hash &&
  entry.encodings[0]?.format === "snapshot+aes256gcm";

/** The snapshot first. It is kept as well: later versions start from it. One list is in memory beside the new one. */
const codingsOf = function* (row: ListRow, statuses: StatusList, edges: ListEdges): Iterable<Coding> {
  const { registry, now, say } = edges;
  say(`${nameOf(row)}: coding`);
  const snapshot = encodeSnapshot(statuses);
  const kept = keptVersions(row, edges);
  registry.putSnapshot({ ...nameIn(row), version: row.version, entries: row.entries, publishedAt: now, snapshot });
  yield { format: "snapshot+aes256gcm", from: null, bytes: snapshot };
  for (const [index, from] of kept.entries()) {
    say(`${nameOf(row)}: patch ${index + 1} of ${kept.length}`);
    const earlier = registry.snapshot(row, from);
    const list = earlier === null ? null : decodeSnapshot(earlier.snapshot, earlier.entries);
    // A list that lost places has no patch: terminals take the snapshot.
    if (list?.kind !== "valid" || list.value.entries > statuses.entries) continue;
    const bytes = encodePatch(list.value, statuses);
    if (bytes.length < snapshot.length) yield { format: "patch+aes256gcm", from, bytes };
  }
};

/** The versions before this one that a terminal may still hold, newest first. The others are forgotten. */
const keptVersions = (row: ListRow, { registry, now }: ListEdges): readonly number[] => {
  const earlier = registry.snapshots(row).filter(({ version }) => version < row.version);
  const replacedAt = (index: number): Instant => earlier[index - 1]?.publishedAt ?? now;
  const kept = earlier.filter((_, index) => index < keptVersionsMax && replacedAt(index) >= now - keptSeconds);
  registry.dropSnapshots(row, kept.at(-1)?.version ?? row.version);
  return kept.map(({ version }) => version);
};

const nameIn = ({ programme, list }: ListRow) => ({ programme, list });

const seal = async ({ format, from, bytes: coded }: Coding, key: Bytes): Promise<Sealed> => {
  const bytes = await sealArtefact(coded, key, randomBytes(12));
  return { encoding: await describeEncoding(format, bytes, from), bytes };
};
