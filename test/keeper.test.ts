/** What a terminal believes, and what it does not let itself be told: a row an attack, and what is in force stays. */
import { beforeEach, describe, expect, it } from "vitest";
import { type BundleKeeper, createBundleKeeper } from "../kiosk/bundle-keeper.ts";
import type { Answer, Uplink } from "../kiosk/ports.ts";
import { type Bytes, concatBytes, fromBase64url, toBase64url } from "../shared/bytes.ts";
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
  /** Artefacts come in pieces of so many bytes; null: whole. */
  piece: number | null;
  /** Before the line breaks. */
  piecesLeft: number;
  isOversized: boolean;
  onFetch: () => void;
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
  server = {
    release: await release(city, { version: 5 }),
    manifest: null,
    fetched: [],
    manifests: 0,
    piece: null,
    piecesLeft: Number.POSITIVE_INFINITY,
    isOversized: false,
    onFetch: () => {},
  };
});

const uplink: Uplink = {
  enrol: async () => ({ kind: "unreachable", cause: "not asked here" }),
  fetchManifest: async () => {
    server.manifests += 1;
    return server.manifest?.() ?? { kind: "answered", value: server.release.answer };
  },
  fetchArtefact: async ({ sha256 }, from) => {
    server.fetched.push(sha256);
    server.onFetch();
    const file = server.release.files.get(sha256);
    if (file === undefined) return { kind: "rejected", status: 404, problem: null };
    if (server.isOversized) return { kind: "answered", value: { kind: "oversized" } };
    if (server.piece === null) return { kind: "answered", value: { kind: "whole", bytes: file } };
    if (server.piecesLeft <= 0) return { kind: "unreachable", cause: "no network" };
    server.piecesLeft -= 1;
    return { kind: "answered", value: { kind: "next", bytes: file.slice(from, from + server.piece) } };
  },
  packBatch: async (batch) => batch,
  sendBatch: async () => ({ kind: "unreachable", cause: "not asked here" }),
  sendRescue: async () => ({ kind: "unreachable", cause: "not asked here" }),
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

  it("takes a patch of the list from the version that is here, and nothing else of it", async () => {
    const keeper = await open();
    server.fetched.length = 0;
    await publish({ version: 6, statuses: [0, 15, 12, 13, 3], patchFrom: { version: 5, statuses: [0, 3, 12, 13] } });
    await keeper.poll();
    const list = keeper.current()?.bundle.lists[0];
    expect(list && [0, 1, 2, 3, 4, 5].map((index) => standingAt(list.statuses, index))).toEqual([
      "none",
      5,
      2,
      3,
      1,
      "unknown",
    ]);
    const [patch, snapshot] = [...server.release.files.keys()].slice(-2);
    expect(server.fetched).toContain(patch);
    expect(server.fetched).not.toContain(snapshot);
    expect(inForce(await open())?.version).toBe(6);
  });

  const spoilPatch: Readonly<Record<string, (bytes: Bytes) => Bytes | null>> = {
    "is not there": () => null,
    "has a byte changed": (bytes) => bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
    "is cut short": (bytes) => bytes.slice(0, -1),
  };

  it.each(Object.entries(spoilPatch))("takes the snapshot in the same attempt where the patch %s", async (_, spoil) => {
    const keeper = await open();
    await publish({ version: 6, statuses: [0, 15, 12, 13], patchFrom: { version: 5, statuses: [0, 3, 12, 13] } });
    const [patch = "", snapshot = ""] = [...server.release.files.keys()].slice(-2);
    const files = new Map(server.release.files);
    const spoilt = spoil(files.get(patch) ?? new Uint8Array(0));
    if (spoilt === null) files.delete(patch);
    else files.set(patch, spoilt);
    const whole = files.get(snapshot) ?? new Uint8Array(0);
    files.delete(snapshot);
    server.release = { ...server.release, files };
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
    expect(keeper.alarms()).toEqual([expect.stringMatching(/missing-artefact.*; its patch: /)]);
    server.release = { ...server.release, files: new Map([...files, [snapshot, whole]]) };
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(keeper.alarms()).toEqual([]);
  });

  it.each([
    ["from another list of that version", { version: 5, statuses: [0, 0, 0, 0] }],
    ["from a list of another length", { version: 5, statuses: [0, 3] }],
    ["from another version", { version: 4, statuses: [0, 3, 12, 13] }],
  ])("takes the snapshot where the patch starts %s", async (_, patchFrom) => {
    const keeper = await open();
    await publish({ version: 6, statuses: [0, 15, 12, 13], patchFrom });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(keeper.alarms()).toEqual([]);
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

describe("a long fetch", () => {
  const start = async () => {
    server.piece = 100;
    server.piecesLeft = 0;
    return open();
  };
  const bytesOf = ({ files }: Release): number => [...files.values()].reduce((sum, { length }) => sum + length, 0);

  it("goes on where it broke off, after a restart too, and asks for no byte twice", async () => {
    const keeper = await start();
    server.piecesLeft = 3;
    await keeper.poll();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([]);
    keeper.stop();
    server.fetched.length = 0;
    server.piecesLeft = Number.POSITIVE_INFINITY;
    const again = await open();
    expect(inForce(again)?.version).toBe(5);
    const pieces = [...server.release.files.values()].map(({ length }) => Math.ceil(length / 100));
    expect(server.fetched).toHaveLength(pieces.reduce((sum, each) => sum + each, 0) - 3);
    expect(store.parts.size).toBe(0);
  });

  it("keeps no part of what no manifest names any more", async () => {
    const keeper = await start();
    server.piecesLeft = 1;
    await keeper.poll();
    const [old] = store.parts.keys();
    await publish({ version: 6, help: "another", trustVersion: 6 });
    server.piecesLeft = 1;
    await keeper.poll();
    expect([...store.parts.keys()]).not.toContain(old);
  });

  it("begins anew where the parts do not make the whole", async () => {
    const keeper = await start();
    const [trust = ""] = server.release.files.keys();
    store.parts.set(trust, new Uint8Array(50));
    server.piecesLeft = Number.POSITIVE_INFINITY;
    await keeper.poll();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([expect.stringContaining("wrong-hash")]);
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
  });

  it("takes the whole from a server that knows no pieces", async () => {
    const keeper = await start();
    const [trust = ""] = server.release.files.keys();
    store.parts.set(trust, server.release.files.get(trust)?.slice(0, 50) ?? new Uint8Array(0));
    server.piece = null;
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(5);
  });

  it("is over, and said, where a server sends more than was declared", async () => {
    const keeper = await start();
    server.isOversized = true;
    await keeper.poll();
    expect(keeper.alarms()).toEqual([expect.stringContaining("wrong-length")]);
    expect(keeper.current()).toBeNull();
  });

  it("does not wait for a server that sends nothing", async () => {
    const keeper = await start();
    server.piece = 0;
    server.piecesLeft = Number.POSITIVE_INFINITY;
    await keeper.poll();
    expect(keeper.current()).toBeNull();
  });

  it("says how far it is, and nothing of a short one", async () => {
    const told: (number | null)[] = [];
    const follow = async (keeper: BundleKeeper) => {
      keeper.onProgress(() => told.push(keeper.progress()?.bytes ?? null));
      await keeper.poll();
    };
    const keeper = await start();
    server.piecesLeft = Number.POSITIVE_INFINITY;
    await follow(keeper);
    expect(told).toEqual([]);

    const values = [0, 3, 12, 13];
    const statuses = Array.from({ length: 3_000_000 }, (_, index) => values[(7919 * index + (index >> 5)) % 4] ?? 0);
    await publish({ version: 6, statuses });
    server.piece = 200_000;
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    const total = bytesOf(server.release);
    expect(told.at(-1)).toBeNull();
    expect(told.at(-2)).toBeLessThanOrEqual(total);
    expect(told.slice(0, -1)).toEqual([...told.slice(0, -1)].sort((a, b) => Number(a) - Number(b)));
    expect(new Set(told).size).toBeGreaterThan(4);
    expect(keeper.progress()).toBeNull();
  });
});

describe("after a publisher key was stolen", () => {
  /** The thief signs the highest version there is. */
  const fastForward = async (keeper: BundleKeeper): Promise<void> => {
    await publish({ version: 1_000_000, trustVersion: 5, help: "the thief's" });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(1_000_000);
  };

  it("versions start anew under a root that drops it", async () => {
    const keeper = await open();
    await fastForward(keeper);
    const publisher = await drawKey();
    const second = await makeRoot(city.keys, 2, publisher, city.keys.roots);
    await publish({ version: 6, publisher, laterRoots: [second] });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(keeper.alarms()).toEqual([]);
    expect(inForce(await open())?.version).toBe(6);

    await publish({ version: 5, trustVersion: 6, publisher, laterRoots: [second] });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(6);
    expect(keeper.alarms()).toEqual([expect.stringContaining("rollback")]);
  });

  it("they do not under a root that still names it", async () => {
    const keeper = await open();
    await fastForward(keeper);
    const second = await makeRoot(city.keys, 2, city.keys.publisher, city.keys.roots);
    await publish({ version: 6, laterRoots: [second] });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(1_000_000);
    expect(keeper.alarms()).toEqual([expect.stringContaining("rollback")]);
  });

  it("trust does not go back even so", async () => {
    const keeper = await open();
    await fastForward(keeper);
    const publisher = await drawKey();
    const second = await makeRoot(city.keys, 2, publisher, city.keys.roots);
    await publish({ version: 6, trustVersion: 4, publisher, laterRoots: [second] });
    await keeper.poll();
    expect(inForce(keeper)?.version).toBe(1_000_000);
    expect(keeper.alarms()).toEqual([expect.stringMatching(/rollback.*trust 4 after 5/)]);
  });

  it("its key stays refused after a restart, though nothing newer was there yet", async () => {
    const keeper = await open();
    const { answer } = server.release;
    const second = await makeRoot(city.keys, 2, await drawKey(), city.keys.roots);
    server.release = { ...server.release, answer: { ...answer, roots: [toBase64url(second)] } };
    await keeper.poll();
    expect(keeper.alarms()).toEqual([expect.stringContaining("unknown-publisher")]);
    keeper.stop();
    await publish({ version: 7 });
    const again = await open();
    expect(inForce(again)?.version).toBe(5);
    expect(again.alarms()).toEqual([expect.stringContaining("unknown-publisher")]);
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
        const next = await release(city, { version: 6, statuses: [13, 12, 3, 0] });
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
    "an artefact with more behind it": [
      "wrong-length",
      async () => {
        const next = await release(city, { version: 6, help: "another" });
        const files = new Map([...next.files].map(([name, bytes]) => [name, concatBytes(bytes, bytes)]));
        server.release = { ...next, files };
      },
    ],
    "artefacts of another release, each under its own name": [
      "wrong-hash",
      async () => {
        const [next, other] = [await release(city, { version: 6 }), await release(city, { version: 7 })];
        const bytes = [...other.files.values()];
        const files = new Map([...next.files.keys()].map((name, at) => [name, bytes[at] ?? new Uint8Array(0)]));
        server.release = { ...next, files };
      },
    ],
    "trust of an older version under a new manifest": ["rollback", () => publish({ version: 6, trustVersion: 4 })],
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

  it("the whole of it, for who looks while the next one comes, piece by piece", async () => {
    const keeper = await open();
    const before = keeper.current();
    const seen: unknown[] = [];
    server.piece = 60;
    server.onFetch = () => seen.push(keeper.current());
    await publish({ version: 6, help: "another", statuses: [13, 13, 13, 13, 13] });
    await keeper.poll();
    expect(seen.length).toBeGreaterThan(8);
    expect(seen.every((each) => each === before)).toBe(true);
    const { bundle } = keeper.current() ?? {};
    expect([bundle?.manifest.version, bundle?.policy.help.en, bundle?.lists[0]?.statuses.entries]).toEqual([
      6,
      "another",
      5,
    ]);
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

  const damage = (name: string, bytes: Bytes | null): void => {
    const { stored } = store;
    if (stored === null) throw new Error("nothing stored");
    const artefacts = new Map(stored.artefacts);
    if (bytes === null) artefacts.delete(name);
    else artefacts.set(name, bytes);
    store.stored = { ...stored, artefacts };
  };

  it.each([
    ["with other bytes", new Uint8Array([0xff, 0xff])],
    ["cut short", new Uint8Array(1)],
    ["gone", null],
  ])("serves without a list that is damaged (%s), says so, and fetches that one alone", async (_, bytes) => {
    await publish({ version: 5, otherList: [3, 3] });
    await open();
    damage("list/here/a", bytes);
    goAway();
    clock.set(now + 50);
    const keeper = await open();
    const { bundle } = keeper.current() ?? {};
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now });
    expect(bundle?.policy.packs).toHaveLength(1);
    expect(bundle?.manifest.artefacts).toHaveLength(5);
    expect(bundle?.lists.map(({ programme, list }) => `${programme}/${list}`)).toEqual(["there/b"]);
    expect(keeper.alarms()).toEqual([expect.stringContaining("list/here/a")]);

    server.manifest = null;
    server.fetched.length = 0;
    await keeper.poll();
    expect(server.fetched).toEqual([[...server.release.files.keys()].at(-1)]);
    expect(inForce(keeper)).toEqual({ version: 5, checkedAt: now + 50 });
    expect(keeper.current()?.bundle.lists).toHaveLength(2);
    expect(keeper.alarms()).toEqual([]);
    expect(inForce(await open())?.version).toBe(5);
  });

  it("drops trust or rules that are damaged, says so, fetches them alone, and takes no older ones meanwhile", async () => {
    await open();
    damage("policy", new Uint8Array(3));
    const current = server.release;
    await publish({ version: 4 });
    const keeper = await open();
    expect(keeper.current()).toBeNull();
    expect(keeper.alarms()).toEqual([expect.stringContaining("rollback")]);
    server.release = current;
    server.fetched.length = 0;
    await keeper.poll();
    expect(server.fetched).toEqual([[...current.files.keys()][1]]);
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
