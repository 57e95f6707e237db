/** Score lists on their way, coded and sealed: what opens, and what is refused before and after it is decoded. */
import { describe, expect, it, test } from "vitest";
import { type Base, describeEncoding, openArtefact, sealArtefact } from "../shared/artefact.ts";
import type { Bytes } from "../shared/bytes.ts";
import { sha256, toHex } from "../shared/bytes.ts";
import { encodePatch } from "../shared/list-patch.ts";
import { encodeSnapshot } from "../shared/list-snapshot.ts";
import type { ArtefactEntry } from "../shared/manifest.ts";
import { packStatuses } from "../shared/status-list.ts";
import { refusedAs } from "./bundle-world.ts";

const key = Uint8Array.from({ length: 32 }, (_, index) => index);
const iv = new Uint8Array(12);

const listOf = (...values: readonly number[]) => ({ packed: packStatuses(values), entries: values.length });
const before = listOf(0, 3, 12, 13, 14, 15, 1);
const after = listOf(0, 3, 15, 13, 14, 15, 1, 12);
const base: Base = { version: 4, statuses: before };

const entryFor = async (changes: Partial<ArtefactEntry> = {}): Promise<ArtefactEntry> => ({
  name: "list/here/a",
  version: 5,
  length: after.packed.length,
  sha256: toHex(await sha256(after.packed)),
  encodings: [],
  entries: after.entries,
  cuts: 7,
  ...changes,
});

const openSnapshot = async (coded: Bytes, changes: Partial<ArtefactEntry> = {}) => {
  const bytes = await sealArtefact(coded, key, iv);
  return openArtefact(await entryFor(changes), await describeEncoding("snapshot+aes256gcm", bytes), bytes, key);
};

const openPatch = async (coded: Bytes, from: number, on: Base | null, changes: Partial<ArtefactEntry> = {}) => {
  const bytes = await sealArtefact(coded, key, iv);
  const encoded = await describeEncoding("patch+aes256gcm", bytes, from);
  return openArtefact(await entryFor(changes), encoded, bytes, key, on);
};

const good = { kind: "opened", value: after.packed };

describe("a snapshot", () => {
  it("gives the list", async () => {
    expect(await openSnapshot(encodeSnapshot(after))).toEqual(good);
  });

  it("of another list is refused", async () => {
    expect(await openSnapshot(encodeSnapshot(listOf(0, 3, 15, 13, 14, 15, 1, 13)))).toEqual(refusedAs("wrong-hash"));
  });

  it("that is no snapshot, or damaged, is refused", async () => {
    const coded = encodeSnapshot(after);
    for (const bytes of [new Uint8Array(0), after.packed, coded.slice(0, -1), encodePatch(before, after)]) {
      expect(await openSnapshot(bytes)).toEqual(refusedAs("malformed"));
    }
  });

  test.each<[string, Partial<ArtefactEntry>]>([
    ["more entries than its length", { entries: 40_000_000 }],
    ["fewer entries than its length", { entries: 6 }],
    ["no entries at all", { entries: undefined } as Partial<ArtefactEntry>],
    ["a length of its own", { length: 5 }],
  ])("whose manifest says %s is refused before it is decoded", async (_, changes) => {
    expect(await openSnapshot(encodeSnapshot(after), changes)).toEqual(refusedAs("wrong-length"));
  });
});

describe("a patch", () => {
  it("gives the list from the one that is here", async () => {
    expect(await openPatch(encodePatch(before, after), 4, base)).toEqual(good);
  });

  it("is nothing without the list that it starts from", async () => {
    const patch = encodePatch(before, after);
    expect(await openPatch(patch, 4, null)).toEqual(refusedAs("missing-artefact"));
    expect(await openPatch(patch, 3, base)).toEqual(refusedAs("missing-artefact"));
    expect(await openPatch(patch, 4, { ...base, version: 3 })).toEqual(refusedAs("missing-artefact"));
  });

  it("from another list, or another length, gives no list", async () => {
    const patch = encodePatch(before, after);
    const other = { version: 4, statuses: listOf(12, 3, 12, 13, 14, 15, 1) };
    expect((await openPatch(patch, 4, other)).kind).toBe("refused");
    expect(await openPatch(patch, 4, { version: 4, statuses: listOf(0, 3) })).toEqual(refusedAs("malformed"));
  });

  it("of which the list is longer than the manifest says is refused", async () => {
    const longer = listOf(0, 3, 15, 13, 14, 15, 1, 12, 12, 12);
    expect(await openPatch(encodePatch(before, longer), 4, base)).toEqual(refusedAs("wrong-length"));
  });

  it("leaves the list that is here as it was", async () => {
    const copy = before.packed.slice();
    await openPatch(encodePatch(before, after), 4, base);
    expect(before.packed).toEqual(copy);
  });
});
