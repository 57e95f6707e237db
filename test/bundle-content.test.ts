import { describe, expect, it } from "vitest";
import { describeEncoding, keyOf, openArtefact, sealArtefact } from "../shared/artefact.ts";
import { openBundle, openRecordedPolicy, signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { type Bytes, concatBytes, toHex } from "../shared/bytes.ts";
import { encodeSnapshot } from "../shared/list-snapshot.ts";
import { type ArtefactEntry, artefactBytesMax, type Manifest, openManifest, signManifest } from "../shared/manifest.ts";
import { encodePolicy } from "../shared/policy.ts";
import { packStatuses } from "../shared/status-list.ts";
import { encodeTrust } from "../shared/trust.ts";
import { city, entryOf, flip, keys, makeCity, openCity, refusedAs, replace, root } from "./bundle-world.ts";
import { now, samplePolicy } from "./sample.ts";

/** What does not fit its own declaration, on its way or once signed. */

describe("an artefact on its way", () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const iv = Uint8Array.from({ length: 12 }, (_, index) => index);
  const decoded = packStatuses([0, 1, 2, 3, 12]);
  const codingOf = (packed: Bytes) => encodeSnapshot({ packed, entries: 5 });
  const sealed = async () => {
    const bytes = await sealArtefact(codingOf(decoded), key, iv);
    const encoded = await describeEncoding("snapshot+aes256gcm", bytes);
    return { bytes, encoded, entry: await entryOf("list/here/a", decoded, { encodings: [encoded], entries: 5 }) };
  };

  it("opens plain", async () => {
    const entry = await entryOf("staff", decoded);
    const encoded = await describeEncoding("plain", decoded);
    expect(encoded).toEqual({ format: "plain", from: null, length: decoded.length, sha256: entry.sha256 });
    expect(await openArtefact(entry, encoded, decoded, null)).toEqual({ kind: "opened", value: decoded });
  });

  it("opens under its key, and says nothing of what is in it before", async () => {
    const { bytes, encoded, entry } = await sealed();
    expect(encoded).toMatchObject({ format: "snapshot+aes256gcm", length: bytes.length });
    expect(bytes.length).toBe(12 + codingOf(decoded).length + 16);
    expect(bytes.slice(0, 12)).toEqual(iv);
    expect(await openArtefact(entry, encoded, bytes, key)).toEqual({ kind: "opened", value: decoded });
  });

  it("is refused under another key, without one, and under one too short", async () => {
    const { bytes, encoded, entry } = await sealed();
    expect(await openArtefact(entry, encoded, bytes, flip(key, 0))).toEqual(refusedAs("wrong-hash"));
    expect(await openArtefact(entry, encoded, bytes, null)).toEqual(refusedAs("no-key"));
    expect(await openArtefact(entry, encoded, bytes, key.slice(0, 16))).toEqual(refusedAs("no-key"));
  });

  it("is refused truncated, or with more behind it", async () => {
    const { bytes, encoded, entry } = await sealed();
    expect(await openArtefact(entry, encoded, bytes.slice(0, -1), key)).toEqual(refusedAs("wrong-length"));
    expect(await openArtefact(entry, encoded, new Uint8Array(0), key)).toEqual(refusedAs("wrong-length"));
    const longer = concatBytes(bytes, Uint8Array.of(0));
    expect(await openArtefact(entry, encoded, longer, key)).toEqual(refusedAs("wrong-length"));
  });

  it("shorter than an iv is refused, though its hash is right", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(5), new Uint8Array(12), new Uint8Array(27)]) {
      const encoded = await describeEncoding("snapshot+aes256gcm", bytes);
      const entry = await entryOf("list/here/a", decoded, { encodings: [encoded], entries: 5 });
      expect(await openArtefact(entry, encoded, bytes, key)).toEqual(refusedAs("wrong-hash"));
    }
  });

  it("swapped for another of the same length is refused", async () => {
    const { bytes, encoded, entry } = await sealed();
    const other = await sealArtefact(flip(codingOf(decoded), 0), key, iv);
    expect(other.length).toBe(bytes.length);
    expect(await openArtefact(entry, encoded, other, key)).toEqual(refusedAs("wrong-hash"));
  });

  it("sealed once more is refused, though it holds the same", async () => {
    const { encoded, entry } = await sealed();
    const again = await sealArtefact(codingOf(decoded), key, flip(iv, 0));
    expect(await openArtefact(entry, encoded, again, key)).toEqual(refusedAs("wrong-hash"));
  });

  it("whose encoding is right and whose content is another's is refused", async () => {
    const { entry } = await sealed();
    const bytes = await sealArtefact(codingOf(packStatuses([0, 1, 2, 3, 13])), key, iv);
    const encoded = await describeEncoding("snapshot+aes256gcm", bytes);
    expect(await openArtefact(entry, encoded, bytes, key)).toEqual(refusedAs("wrong-hash"));
    const plain = await describeEncoding("plain", decoded);
    expect(await openArtefact({ ...entry, length: 4 }, plain, decoded, null)).toEqual(refusedAs("wrong-length"));
  });

  it("finds its key by the hash of what is sealed, and none in what is no key", async () => {
    const { encoded } = await sealed();
    expect(keyOf({ [encoded.sha256]: toHex(key) }, encoded)).toEqual(key);
    expect(keyOf({ [encoded.sha256]: "no hex" }, encoded)).toBeNull();
    expect(keyOf({}, encoded)).toBeNull();
  });
});

describe("what a publisher signed and is malformed", () => {
  it.each<[string, Partial<Record<keyof Manifest | "extra", unknown>>]>([
    ["another version of the format", { v: 2 }],
    ["no version", { version: 0 }],
    ["a version that is no integer", { version: 1.5 }],
    ["a time that is text", { expiresAt: "never" }],
    ["an unknown field", { extra: 1 }],
    ["no list of artefacts", { artefacts: null }],
    ["an operator without end", { operator: "x".repeat(301) }],
  ])("a manifest with %s", async (_name, changes) => {
    const bytes = await signManifest({ ...city.manifest, ...changes } as Manifest, keys.publisher);
    expect(await openManifest(bytes, root, null, now)).toEqual(refusedAs("malformed"));
  });

  it.each<[string, Record<string, unknown>]>([
    ["a declared length beyond all lists", { length: artefactBytesMax + 1 }],
    ["a negative length", { length: -1 }],
    ["a hash in capitals", { sha256: "AB".repeat(32) }],
    ["a hash too short", { sha256: "ab".repeat(31) }],
    ["an unknown name", { name: "keys" }],
    ["a name that climbs", { name: "list/here/../a" }],
    ["a list with capitals", { name: "list/Here/a" }],
    ["no encodings", { encodings: [] }],
    ["too many encodings", { encodings: Array.from({ length: 65 }, () => ({})) }],
    ["an unknown field", { extra: 1 }],
  ])("an artefact with %s", async (_name, changes) => {
    const [first, ...rest] = city.manifest.artefacts;
    if (first === undefined) throw new Error("there are four");
    const artefacts = [{ ...first, ...changes }, ...rest];
    const bytes = await signManifest({ ...city.manifest, artefacts }, keys.publisher);
    expect(await openManifest(bytes, root, null, now)).toEqual(refusedAs("malformed"));
  });

  it.each<[string, Record<string, unknown>]>([
    ["a declared length beyond all lists", { length: artefactBytesMax + 1 }],
    ["an unknown format", { format: "zip" }],
    ["a format of before", { format: "aes256gcm" }],
    ["a start below zero", { format: "patch+aes256gcm", from: -1 }],
    ["a patch from nowhere", { format: "patch+aes256gcm" }],
    ["a snapshot from somewhere", { format: "snapshot+aes256gcm", from: 3 }],
    ["something plain from somewhere", { from: 3 }],
    ["a hash that is none", { sha256: "" }],
    ["an unknown field", { extra: 1 }],
  ])("an encoding with %s", async (_name, changes) => {
    const artefacts = city.manifest.artefacts.map((each) => ({
      ...each,
      encodings: each.encodings.map((encoding) => ({ ...encoding, ...changes })),
    })) as Manifest["artefacts"];
    const bytes = await signManifest({ ...city.manifest, artefacts }, keys.publisher);
    expect(await openManifest(bytes, root, null, now)).toEqual(refusedAs("malformed"));
  });

  it("a policy that makes somebody worse off", async () => {
    const worse = structuredClone(samplePolicy);
    const perk = worse.packs[0]?.services.library?.perks[0];
    if (perk === undefined) throw new Error("the sample has one");
    perk.terms.deposit = 10_001;
    const signed = await signPolicy(encodePolicy(worse), keys.publisher);
    const opened = await openCity(await makeCity(replace(city, "policy", signed)));
    expect(opened).toMatchObject({ fault: "malformed", detail: expect.stringContaining("a score only adds") });
    expect(await openRecordedPolicy(signed, root)).toMatchObject({ fault: "malformed" });
  });

  it("a trust whose key is not the one that its kid says, or that is no JSON", async () => {
    const lying = encodeTrust({
      version: 1,
      entries: [{ kid: keys.thief.kid, use: "citizen", jwk: keys.issuer.jwk }],
    });
    for (const json of [lying, "{", '{"v":1}']) {
      const trust = await signTrust(json, [keys.a, keys.b]);
      expect(await openCity(await makeCity(replace(city, "trust", trust)))).toEqual(refusedAs("malformed"));
    }
  });

  it("staff without its fields", async () => {
    const staff = await signStaff({ v: 1 } as never, keys.publisher);
    expect(await openCity(await makeCity(replace(city, "staff", staff)))).toEqual(refusedAs("malformed"));
  });

  it.each<[string, Partial<ArtefactEntry>]>([
    ["more entries than its bytes hold", { entries: 7 }],
    ["fewer entries than its bytes hold", { entries: 4 }],
    ["no count of its entries", { entries: undefined }],
    ["no version of its cuts", { cuts: undefined }],
  ])("a score list with %s", async (_name, changes) => {
    const artefacts = city.manifest.artefacts.map((each) =>
      each.name === "list/here/a" ? { ...each, ...changes } : each,
    );
    expect(await openBundle(root, { ...city.manifest, artefacts }, city.decoded)).toEqual(refusedAs("malformed"));
  });
});
