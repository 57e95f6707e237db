import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { type KeyStore, kidsOf } from "../edge-server/keys.ts";
import type { ListRow, Published, Publisher, Registry } from "../edge-server/ports.ts";
import type { PublishedStore } from "../edge-server/published.ts";
import { createPublisher, manifestLifeSeconds } from "../edge-server/publisher.ts";
import { keyOf, openArtefact } from "../shared/artefact.ts";
import { type Bundle, openBundle } from "../shared/bundle.ts";
import { type Bytes, sha256, toHex } from "../shared/bytes.ts";
import { type Manifest, openManifest } from "../shared/manifest.ts";
import type { Pack } from "../shared/policy.ts";
import fuzhou from "../shared/programmes/fuzhou-moli.json" with { type: "json" };
import { type Opened, openFirstRoot } from "../shared/root.ts";
import { standingAt } from "../shared/status-list.ts";

const start = 1_800_000_000;
const pack = fuzhou as unknown as Pack;
const list = (version: number, packed: Bytes): ListRow => ({
  programme: "fuzhou-moli",
  list: "a",
  version,
  cuts: 1,
  entries: 4,
  packed,
});

let folder: string;
let keys: KeyStore;
let registry: Registry;
let store: PublishedStore;
let now: number;
let publisher: Publisher;

const createStore = () => createSqlitePublishedStore(join(folder, "published.sqlite"));
const createOne = (changed: Partial<PublishedStore> = {}) =>
  createPublisher({ registry, keys, store: { ...store, ...changed }, now: () => now });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "publisher-"));
  keys = await openKeyFiles(join(folder, "keys"));
  registry = createSqliteRegistry(join(folder, "registry.sqlite"));
  store = createStore();
  now = start;
  publisher = createOne();
  const issuer = await keys.makeIssuer("fuzhou-moli");
  registry.putPack(pack);
  registry.putIssuer({ kid: issuer.kid, use: "citizen", jwk: issuer.jwk, programme: "fuzhou-moli", lists: ["a"] });
  registry.putList(list(1, Uint8Array.of(0x30, 0xc1)));
});
afterEach(() => {
  registry.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const must = <T>(opened: Opened<T>): T => {
  if (opened.kind === "refused") throw new Error(`${opened.fault}: ${opened.detail}`);
  return opened.value;
};

/** As a terminal installs it, from what goes over the wire. */
const install = async (published: Published, at: number | null = now): Promise<Bundle> => {
  const root = must(await openFirstRoot(published.firstRoot, await sha256(published.firstRoot)));
  const manifest = must(await openManifest(published.manifest, root, null, at));
  const decoded = new Map<string, Bytes>();
  for (const entry of manifest.artefacts) {
    const [encoding] = entry.encodings;
    const bytes = encoding === undefined ? null : publisher.artefact(encoding.sha256);
    if (encoding === undefined || bytes === null) throw new Error(`no bytes for ${entry.name}`);
    decoded.set(entry.name, must(await openArtefact(entry, encoding, bytes, keyOf(published.keys, encoding))));
  }
  return must(await openBundle(root, manifest, decoded));
};

const entryIn = (manifest: Manifest, name: string) => manifest.artefacts.find((each) => each.name === name);

describe("publisher", () => {
  it("publishes what a terminal can install", async () => {
    const published = await publisher.publish();
    const bundle = await install(published);
    expect(bundle.manifest).toMatchObject({ version: 1, issuedAt: start, expiresAt: start + manifestLifeSeconds });
    expect(bundle.policy.packs).toEqual([pack]);
    expect([...bundle.trust.values()].map((each) => each.entry)).toEqual(registry.issuers());
    expect(bundle.staff).toEqual({ v: 1, revoked: [] });
    const [scores] = bundle.lists;
    expect(scores).toMatchObject({ programme: "fuzhou-moli", list: "a", version: 1, cuts: 1 });
    expect(scores === undefined ? null : [0, 1, 2, 3, 4].map((index) => standingAt(scores.statuses, index))).toEqual([
      "none",
      1,
      "revoked",
      2,
      "unknown",
    ]);
  });

  it("seals lists and nothing else, so that no list travels in the clear", async () => {
    const { manifest, policy } = await install(await publisher.publish());
    expect(policy.operator).toBe(manifest.operator);
    expect(manifest.artefacts.map((each) => [each.name, each.encodings.map((one) => one.format)])).toEqual([
      ["trust", ["plain"]],
      ["policy", ["plain"]],
      ["staff", ["plain"]],
      ["list/fuzhou-moli/a", ["snapshot+aes256gcm"]],
    ]);
  });

  it("keeps what has not changed: version, bytes and key", async () => {
    const before = await publisher.publish();
    registry.putPack({ ...pack, version: pack.version + 1 });
    const after = await publisher.publish();
    const [old, fresh] = [await install(before), await install(after)];
    expect(after.version).toBe(2);
    expect(after.keys).toEqual(before.keys);
    for (const name of ["trust", "staff", "list/fuzhou-moli/a"]) {
      expect(entryIn(fresh.manifest, name)).toEqual(entryIn(old.manifest, name));
    }
    expect(entryIn(fresh.manifest, "policy")).toMatchObject({ version: 2 });
  });

  it("seals a new version of a list under a new key", async () => {
    const before = await publisher.publish();
    registry.putList(list(2, Uint8Array.of(0x30, 0xc1)));
    const after = await publisher.publish();
    const [old, fresh] = [await install(before), await install(after)];
    expect(fresh.lists[0]?.version).toBe(2);
    expect(Object.values(after.keys)).not.toEqual(Object.values(before.keys));
    expect(entryIn(fresh.manifest, "list/fuzhou-moli/a")?.sha256).toBe(
      entryIn(old.manifest, "list/fuzhou-moli/a")?.sha256,
    );
  });

  it("keeps the bundle before for those who are fetching it, and none older", async () => {
    const first = await publisher.publish();
    const [hash = ""] = Object.keys(first.keys);
    registry.putList(list(2, Uint8Array.of(0x31, 0xc1)));
    await publisher.publish();
    expect(publisher.artefact(hash)).not.toBeNull();
    registry.putList(list(3, Uint8Array.of(0x32, 0xc1)));
    await publisher.publish();
    expect(publisher.artefact(hash)).toBeNull();
  });

  it("signs nothing new where nothing has changed and half the life is not over", async () => {
    const first = await publisher.publish();
    now += manifestLifeSeconds / 2 - 1;
    expect(await publisher.publish()).toEqual(first);
    expect(await publisher.current()).toEqual(first);
  });

  it("signs anew by itself at half the life, once however many ask", async () => {
    const first = await publisher.publish();
    now += manifestLifeSeconds / 2;
    const asked = await Promise.all([publisher.current(), publisher.current(), publisher.current()]);
    expect(asked.map((each) => each.version)).toEqual([2, 2, 2]);
    const fresh = await install(asked[0] ?? first);
    expect(fresh.manifest.expiresAt).toBe(now + manifestLifeSeconds);
    expect(fresh.manifest.artefacts).toEqual((await install(first)).manifest.artefacts);
  });

  it("follows what another program publishes", async () => {
    await publisher.current();
    const other = createOne();
    registry.putPack({ ...pack, version: pack.version + 1 });
    const published = await other.publish();
    expect(await publisher.current()).toEqual(published);
  });

  it("publishes at its start what a crash had kept back", async () => {
    await publisher.publish();
    registry.putPack({ ...pack, version: pack.version + 1 });
    const restarted = createOne();
    expect((await install(await restarted.current())).policy.packs[0]?.version).toBe(pack.version + 1);
  });

  it("starts again where another has published meanwhile: no version twice", async () => {
    await publisher.publish();
    let isBeaten = false;
    const slow = createOne({
      replace: (after, publication, fresh) => {
        if (!isBeaten) {
          isBeaten = true;
          store.replace(after, publication, fresh);
        }
        return store.replace(after, publication, fresh);
      },
    });
    registry.putPack({ ...pack, version: pack.version + 1 });
    expect((await slow.publish()).version).toBe(2);
    expect(store.version()).toBe(2);
  });

  it("publishes nothing where the policy is not valid", async () => {
    const first = await publisher.publish();
    registry.putPack({ ...pack, programme: "zhima", cuts: { version: 1, at: [9000] } });
    await expect(publisher.publish()).rejects.toThrow("cuts must rise, inside the scale");
    expect(await publisher.current()).toEqual(first);
  });

  it("keeps nothing of a publication that could not be kept whole", async () => {
    const first = await publisher.publish();
    const artefacts = store.read()?.artefacts ?? [];
    const lost = { ...artefacts[0], entry: { ...artefacts[0]?.entry, encodings: [{ sha256: "00" }] } };
    const publication = {
      version: 2,
      issuedAt: now,
      renewAt: now,
      manifest: new Uint8Array(1),
      artefacts: [...artefacts, lost],
    };
    expect(() => store.replace(1, publication as never, new Map())).toThrow();
    expect(await createOne().current()).toEqual(first);
  });

  it("refuses to go on with other keys than the root names", async () => {
    await publisher.publish();
    keys = await openKeyFiles(join(folder, "other-keys"));
    await expect(createOne().current()).rejects.toThrow("not those that the root names");
  });

  it("gives no file outside the artefacts", () => {
    expect(publisher.artefact("../keys/root-1.jwk")).toBeNull();
  });
});

describe("key files", () => {
  it("are the same after a restart, each for one use, and nobody else's to read", async () => {
    const again = await openKeyFiles(join(folder, "keys"));
    const kids = async (of: KeyStore) => [...kidsOf(await of.held())];
    expect(await kids(again)).toEqual(await kids(keys));
    expect(await kids(keys)).toHaveLength(3);
    expect(toHex(again.operator.bytes)).toBe(toHex(keys.operator.bytes));
    expect((await again.issuer("fuzhou-moli"))?.kid).toBe((await keys.issuer("fuzhou-moli"))?.kid);
    expect(await again.issuer("zhima")).toBeNull();
    expect(statSync(join(folder, "keys")).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "keys", "root-1.jwk")).mode & 0o777).toBe(0o600);
  });
});
