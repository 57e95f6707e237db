/** What a terminal believes, and what it does not let itself be told: a row an attack, and what is in force stays. */
import { beforeEach, describe, expect, it } from "vitest";
import { type BundleKeeper, createBundleKeeper } from "../kiosk/bundle-keeper.ts";
import type { Answer, Uplink } from "../kiosk/ports.ts";
import { fromBase64url, toBase64url } from "../shared/bytes.ts";
import { type ManifestAnswer, problemType } from "../shared/messages.ts";
import { edgeKeysAt } from "../shared/root.ts";
import { standingAt } from "../shared/status-list.ts";
import {
  type City,
  createBundleStore,
  createFakeClock,
  type FakeBundleStore,
  type FakeClock,
  foundCity,
  makeRoot,
  noChance,
  type Release,
  release,
} from "./city.ts";
import { drawKey, now } from "./sample.ts";

type Server = {
  release: Release;
  manifest: (() => Answer<ManifestAnswer | "unchanged">) | null;
  fetched: string[];
  manifests: number;
};

let city: City;
let clock: FakeClock;
let store: FakeBundleStore;
let server: Server;
let returned: () => void;

beforeEach(async () => {
  city = await foundCity();
  clock = createFakeClock();
  store = createBundleStore();
  server = { release: await release(city, { version: 5 }), manifest: null, fetched: [], manifests: 0 };
});

const uplink: Uplink = {
  enrol: async () => ({ kind: "unreachable", cause: "not asked here" }),
  fetchManifest: async () => {
    server.manifests += 1;
    return server.manifest?.() ?? { kind: "answered", value: server.release.answer };
  },
  fetchArtefact: async ({ sha256 }) => {
    server.fetched.push(sha256);
    const value = server.release.files.get(sha256);
    return value === undefined ? { kind: "rejected", status: 404, problem: null } : { kind: "answered", value };
  },
  sendBatch: async () => ({ kind: "unreachable", cause: "not asked here" }),
  onReturn: (callback) => {
    returned = callback;
    return () => {};
  },
};

const open = async (): Promise<BundleKeeper> => {
  const { identity } = city;
  const keeper = createBundleKeeper({ store, uplink, clock, random: noChance, identity, now: clock.now });
  await keeper.start();
  await keeper.poll();
  return keeper;
};

const inForce = (keeper: BundleKeeper) => {
  const current = keeper.current();
  return current === null ? null : { version: current.bundle.manifest.version, checkedAt: current.checkedAt };
};

const publish = async (options: Parameters<typeof release>[1]): Promise<void> => {
  server.release = await release(city, options);
};

describe("the first bundle", () => {
  it("comes into force whole, sealed list and all, and is stored", async () => {
    const keeper = await open();
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now });
    const [list] = keeper.current()?.bundle.lists ?? [];
    expect(list && [0, 1, 2, 3, 4].map((index) => standingAt(list.statuses, index))).toEqual([
      "none",
      1,
      2,
      3,
      "unknown",
    ]);
    expect(keeper.alarms()).toEqual([]);
    expect(store.stored?.artefacts.size).toBe(4);
  });

  it("is asked for every few seconds until it is there", async () => {
    server.manifest = () => ({ kind: "unreachable", cause: "no network" });
    const keeper = await open();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([]);
    server.manifest = null;
    clock.move(3);
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
  });

  it("is none without its pinned root", async () => {
    city = { ...city, identity: { ...city.identity, rootHash: new Uint8Array(32) } };
    const keeper = await open();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([expect.stringContaining("wrong-root")]);
    expect(server.manifests).toBe(0);
  });
});

describe("following", () => {
  it("stamps what was confirmed, and says so to nobody but its own clock", async () => {
    const keeper = await open();
    const before = keeper.current()?.bundle;
    let changes = 0;
    keeper.onChange(() => changes++);
    clock.move(60);
    await keeper.poll();
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now + 60 });
    expect(store.stored?.checkedAt).toBe(now + 60);
    expect(keeper.current()?.bundle).toBe(before);
    expect(changes).toBe(0);
  });

  it("stamps on `unchanged`", async () => {
    const keeper = await open();
    server.manifest = () => ({ kind: "answered", value: "unchanged" });
    clock.set(now + 90);
    await keeper.poll();
    expect(inForce(keeper)?.checkedAt).toBe(now + 90);
  });

  it("stamps nothing while the server is away", async () => {
    const keeper = await open();
    server.manifest = () => ({ kind: "unreachable", cause: "no network" });
    clock.move(3600);
    await keeper.poll();
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now });
    expect(store.stored?.checkedAt).toBe(now);
  });

  it("asks once a minute by itself, and at once when the network returns", async () => {
    const keeper = await open();
    const asked = server.manifests;
    clock.move(59);
    expect(server.manifests).toBe(asked);
    clock.move(1);
    expect(server.manifests).toBe(asked + 1);
    await keeper.poll();
    returned();
    expect(server.manifests).toBe(asked + 2);
    await keeper.poll();
    keeper.stop();
    clock.move(600);
    expect(server.manifests).toBe(asked + 2);
  });

  it("asks no more once it is stopped, even while it asks", async () => {
    const keeper = await open();
    const underWay = keeper.poll();
    keeper.stop();
    await underWay;
    const asked = server.manifests;
    clock.move(600);
    expect(server.manifests).toBe(asked);
  });

  it("takes the keys of a new root though the manifest is the same", async () => {
    const keeper = await open();
    server.fetched.length = 0;
    const edge = await drawKey();
    const second = await makeRoot({ ...city.keys, edge }, 2, city.keys.publisher, city.keys.roots);
    server.release = { ...server.release, answer: { ...server.release.answer, roots: [toBase64url(second)] } };
    await keeper.poll();
    const root = keeper.current()?.bundle.root;
    expect(root && edgeKeysAt(root, now).map(({ kid }) => kid)).toEqual([edge.kid]);
    expect(server.fetched).toEqual([]);
    expect(inForce(await open())?.version).toBe(5);
  });

  it("fetches only what changed", async () => {
    const keeper = await open();
    server.fetched.length = 0;
    await publish({ version: 6, statuses: [13, 13, 13] });
    const list = [...server.release.files.keys()].at(-1);
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(server.fetched).toContain(list);
    server.fetched.length = 0;
    const { files } = server.release;
    await publish({ version: 7, statuses: [13, 13, 13] });
    server.release = { ...server.release, files: new Map([...files, ...server.release.files]) };
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(7);
    expect(server.fetched).not.toContain([...server.release.files.keys()].at(-1));
  });

  it("goes on where a fetch broke off", async () => {
    const keeper = await open();
    await publish({ version: 6, help: "another", statuses: [0, 0] });
    const files = server.release.files;
    const [last] = [...files.keys()].slice(-1);
    server.release = { ...server.release, files: new Map([...files].filter(([name]) => name !== last)) };
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
    const before = server.fetched.length;
    server.release = { ...server.release, files };
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(server.fetched.slice(before)).toEqual([last]);
  });

  it("follows a new root to a new publisher, and refuses the old one from then on", async () => {
    const keeper = await open();
    const publisher = await drawKey();
    const second = await makeRoot(city.keys, 2, publisher, city.keys.roots);
    await publish({ version: 6, publisher, laterRoots: [second] });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(store.stored?.roots).toHaveLength(1);

    await publish({ version: 7 });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(keeper.alarms()).toEqual([expect.stringContaining("unknown-publisher")]);
    expect(inForce(await open())?.version).toBe(6);
  });
});

describe("what is in force stays", () => {
  const attacks: Readonly<Record<string, readonly [string, () => Promise<void>]>> = {
    rollback: ["rollback", () => publish({ version: 4 })],
    "another manifest of the same version": ["rollback", () => publish({ version: 5, help: "another" })],
    "one that has expired": ["expired", () => publish({ version: 6, expiresAt: now })],
    "an unknown publisher": ["unknown-publisher", async () => publish({ version: 6, publisher: await drawKey() })],
    "trust without enough signatures": [
      "too-few-signatures",
      () => publish({ version: 6, trustSigners: [city.keys.roots[0], city.keys.roots[0]] }),
    ],
    "a root without enough signatures": [
      "too-few-signatures",
      async () => {
        const publisher = await drawKey();
        const root = await makeRoot(city.keys, 2, publisher, [city.keys.roots[0]]);
        await publish({ version: 6, publisher, laterRoots: [root] });
      },
    ],
    "a manifest cut short": [
      "malformed",
      async () => {
        const { answer, files } = await release(city, { version: 6 });
        server.release = { answer: { ...answer, manifest: answer.manifest.slice(0, -8) }, files };
      },
    ],
    "a manifest with a byte changed": [
      "bad-signature",
      async () => {
        const { answer, files } = await release(city, { version: 6 });
        const last = answer.manifest.endsWith("AAAA") ? "BBBB" : "AAAA";
        server.release = { answer: { ...answer, manifest: answer.manifest.slice(0, -4) + last }, files };
      },
    ],
    "a swapped artefact": [
      "wrong-hash",
      async () => {
        const next = await release(city, { version: 6, statuses: [13, 13, 13, 13] });
        const old = [...server.release.files.values()].at(-1) ?? new Uint8Array(0);
        const [list = ""] = [...next.files.keys()].slice(-1);
        server.release = { ...next, files: new Map([...next.files, [list, old]]) };
      },
    ],
    "a truncated artefact": [
      "wrong-length",
      async () => {
        const next = await release(city, { version: 6, help: "another" });
        const files = new Map([...next.files].map(([name, bytes]) => [name, bytes.slice(0, -1)]));
        server.release = { ...next, files };
      },
    ],
    "an artefact that is not there": [
      "missing-artefact",
      async () => {
        server.release = { ...(await release(city, { version: 6, help: "another" })), files: new Map() };
      },
    ],
    "a list without its key": [
      "no-key",
      async () => {
        const next = await release(city, { version: 6, statuses: [13] });
        server.release = { ...next, answer: { ...next.answer, keys: {} } };
      },
    ],
  };

  it.each(Object.entries(attacks))("%s", async (_, [fault, attack]) => {
    const keeper = await open();
    const before = keeper.current();
    const stored = store.stored;
    await attack();
    clock.set(now + 60);
    await keeper.poll();
    expect(keeper.current()).toEqual(before);
    expect(store.stored).toEqual(stored);
    expect(keeper.alarms()).toEqual([expect.stringContaining(fault)]);

    await publish({ version: 8 });
    await keeper.poll();
    expect(inForce(keeper)).toEqual({ version: 8, checkedAt: now + 60 });
    expect(keeper.alarms()).toEqual([]);
  });

  it.each(["the same answer", "unchanged"] as const)("a freeze, told by %s: no stamp, an alarm", async (how) => {
    const keeper = await open();
    if (how === "unchanged") server.manifest = () => ({ kind: "answered", value: "unchanged" });
    clock.set(now + 86_399);
    await keeper.poll();
    expect(inForce(keeper)?.checkedAt).toBe(now + 86_399);
    clock.set(now + 86_400);
    await keeper.poll();
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now + 86_399 });
    expect(keeper.alarms()).toEqual([expect.stringContaining("expired"), "the manifest has expired"]);
  });

  it("a disk that is full", async () => {
    const keeper = await open();
    store.failing = true;
    await publish({ version: 6 });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
    expect(keeper.alarms()).toEqual([expect.stringContaining("the disk is full")]);
    store.failing = false;
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
  });
});

describe("after a restart", () => {
  const goAway = (): void => {
    server.manifest = () => ({ kind: "unreachable", cause: "no network" });
  };

  it("serves what is stored, expired or not, with the freshness it had", async () => {
    await open();
    goAway();
    clock.set(now + 200_000);
    const keeper = await open();
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now });
    expect(keeper.alarms()).toEqual(["the manifest has expired"]);
  });

  it("drops what is damaged, says so, fetches it anew, and takes no older one meanwhile", async () => {
    await open();
    const { stored } = store;
    if (stored === null) throw new Error("nothing stored");
    const list = new Uint8Array([0xff, 0xff]);
    store.stored = { ...stored, artefacts: new Map([...stored.artefacts, ["list/here/a", list]]) };
    const current = server.release;
    await publish({ version: 4 });
    const keeper = await open();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([expect.stringContaining("rollback")]);
    server.release = current;
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
    expect(keeper.alarms()).toEqual([]);
  });

  it.each([
    ["a manifest that nobody signed", async () => fromBase64url("AAAA")],
    [
      "another publisher's",
      async () => fromBase64url((await release(city, { version: 9, publisher: await drawKey() })).answer.manifest),
    ],
  ])("does not believe %s", async (_, forge) => {
    await open();
    goAway();
    if (store.stored !== null) store.stored = { ...store.stored, manifest: (await forge()) ?? new Uint8Array(0) };
    const keeper = await open();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([expect.stringContaining("the stored bundle is refused")]);
  });

  it("goes on without a store that does not answer", async () => {
    await open();
    store.failing = true;
    const keeper = await open();
    expect(keeper.current()).toBeNull();
    store.failing = false;
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
  });
});

it("knows that it was revoked, until the server says otherwise", async () => {
  const keeper = await open();
  const problem = { type: problemType("terminal-revoked"), title: "This terminal was revoked", status: 403 };
  server.manifest = () => ({ kind: "rejected", status: 403, problem });
  await keeper.poll();
  expect(keeper.isRevoked()).toBe(true);
  expect(inForce(keeper)?.version).toBe(5);
  server.manifest = () => ({ kind: "unreachable", cause: "no network" });
  await keeper.poll();
  expect(keeper.isRevoked()).toBe(true);
  server.manifest = null;
  await keeper.poll();
  expect(keeper.isRevoked()).toBe(false);
});
