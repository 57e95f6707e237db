import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import { fitPatches } from "../edge-server/artefacts.ts";
import { keptSeconds, keptVersionsMax } from "../edge-server/list-artefact.ts";
import type { ListRow } from "../edge-server/ports.ts";
import type { PublishedArtefact } from "../edge-server/published.ts";
import { createPublisher, manifestLifeSeconds } from "../edge-server/publisher.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { sha256 } from "../shared/bytes.ts";
import type { Manifest } from "../shared/manifest.ts";
import type { Pack } from "../shared/policy.ts";
import fuzhou from "../shared/programmes/fuzhou-moli.json" with { type: "json" };
import { packStatuses } from "../shared/status-list.ts";
import { createFollower, type Follower, must } from "./follower.ts";
import { type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

/** What terminals are given of a score list: snapshots, patches, and nothing of who is restricted. */

const pack = fuzhou as unknown as Pack;
const name = { programme: "fuzhou-moli", list: "a" };
const day = 86_400;
const citizens = 2000;
let world: OperatorWorld;
let values: number[];

/** Somebody in band 1, 2 or 3, or without a score: many alike, so that a patch is smaller. */
const startValues = () => Array.from({ length: citizens }, (_, index) => [3, 12, 13, 0][index % 4] ?? 0);
const putList = (version: number, changed: Partial<ListRow> = {}) =>
  world.registry.putList({
    programme: "fuzhou-moli",
    list: "a",
    version,
    cuts: 1,
    entries: values.length,
    packed: packStatuses(values),
    ...changed,
  });

beforeEach(async () => {
  world = await openOperatorWorld();
  values = startValues();
  world.registry.putPack(pack);
  putList(1);
});
afterEach(() => world.close());

const createTerminal = async (): Promise<Follower> =>
  createFollower(await sha256((await world.publisher.current()).firstRoot));
const follow = async (terminal: Follower) =>
  must(await terminal.follow(await world.publisher.current(), world.publisher.artefact, world.clock.now));
const encodingsOf = (manifest: Manifest, name = "list/fuzhou-moli/a") =>
  manifest.artefacts.find((each) => each.name === name)?.encodings ?? [];
/** The list of the next day, in which citizen `index` has another band. */
const publishNext = async (version: number, index: number) => {
  world.clock.now += day;
  values[index] = 12;
  putList(version);
  return world.publisher.publish();
};

describe("a list with a lost phone's place", () => {
  it("reaches terminals as reported, by a patch, and goes back when the phone is found", async () => {
    const terminal = await createTerminal();
    await follow(terminal);
    const before = terminal.standings("fuzhou-moli", "a").slice(0, 4);
    expect(before).toEqual([1, 2, 3, "none"]);
    world.registry.putLoss(name, { index: 0, standing: "suspended", movedTo: null });
    world.registry.putLoss(name, { index: 2, standing: "revoked", movedTo: 3 });
    await world.publisher.publish();
    await follow(terminal);
    expect(terminal.taken()).toEqual(new Map([["list/fuzhou-moli/a", 1]]));
    expect(terminal.standings("fuzhou-moli", "a").slice(0, 4)).toEqual(["suspended", 2, "revoked", 3]);
    world.registry.dropLoss(name, 0);
    await world.publisher.publish();
    await follow(terminal);
    expect(terminal.standings("fuzhou-moli", "a").slice(0, 4)).toEqual([1, 2, "revoked", 3]);
  });
});

describe("a list that changes", () => {
  it("reaches a terminal as a snapshot, then as a patch, and is the same list", async () => {
    const terminal = await createTerminal();
    await follow(terminal);
    expect(terminal.taken()).toEqual(new Map([["list/fuzhou-moli/a", null]]));
    await publishNext(2, 0);
    await follow(terminal);
    expect(terminal.taken()).toEqual(new Map([["list/fuzhou-moli/a", 1]]));
    const fresh = await createTerminal();
    await follow(fresh);
    expect(fresh.taken()).toEqual(new Map([["list/fuzhou-moli/a", null]]));
    expect(terminal.standings("fuzhou-moli", "a")).toEqual(fresh.standings("fuzhou-moli", "a"));
    expect(terminal.standings("fuzhou-moli", "a")[0]).toBe(2);
  });

  it("leads straight from each version that is kept to the new one", async () => {
    const terminals: Follower[] = [];
    for (let version = 2; version <= 5; version++) {
      const terminal = await createTerminal();
      await follow(terminal);
      terminals.push(terminal);
      await publishNext(version, version * 4);
    }
    for (const [index, terminal] of terminals.entries()) {
      await follow(terminal);
      expect(terminal.taken().get("list/fuzhou-moli/a")).toBe(index + 1);
    }
    const [first, ...others] = terminals.map((terminal) => terminal.standings("fuzhou-moli", "a"));
    for (const other of others) expect(other).toEqual(first);
  });

  it("is sealed under one key for all its encodings, each with another iv, and a new key with each version", async () => {
    const before = await world.publisher.publish();
    await publishNext(2, 0);
    const published = await publishNext(3, 4);
    const { manifest } = await follow(await createTerminal());
    const encodings = encodingsOf(manifest);
    expect(encodings.map(({ format, from }) => [format, from])).toEqual([
      ["snapshot+aes256gcm", null],
      ["patch+aes256gcm", 2],
      ["patch+aes256gcm", 1],
    ]);
    expect(Object.keys(published.keys).toSorted()).toEqual(encodings.map((each) => each.sha256).toSorted());
    expect(new Set(Object.values(published.keys)).size).toBe(1);
    expect(Object.values(before.keys)).not.toContain(Object.values(published.keys)[0]);
    const ivs = encodings.map((each) => String(world.publisher.artefact(each.sha256)?.slice(0, 12)));
    expect(new Set(ivs).size).toBe(3);
  });

  it("has a patch only where that is smaller than the snapshot", async () => {
    await world.publisher.publish();
    world.clock.now += day;
    values = values.map((_, index) => [12, 3, 0, 13, 14][(index * 7) % 5] ?? 0);
    putList(2);
    await world.publisher.publish();
    const { manifest } = await follow(await createTerminal());
    const [snapshot, ...patches] = encodingsOf(manifest);
    for (const patch of patches) expect(patch.length).toBeLessThan(snapshot?.length ?? 0);
    values = values.map(() => 3);
    putList(3);
    await world.publisher.publish();
    const alike = await follow(await createTerminal());
    expect(encodingsOf(alike.manifest).map(({ from }) => from)).toEqual([null]);
  });

  it("has no patch from a longer list, and one from a shorter one", async () => {
    const terminal = await createTerminal();
    await follow(terminal);
    values = [...values, 14, 15, 3];
    putList(2);
    await world.publisher.publish();
    await follow(terminal);
    expect(terminal.taken().get("list/fuzhou-moli/a")).toBe(1);
    expect(terminal.standings("fuzhou-moli", "a").slice(-3)).toEqual([4, 5, 1]);
    values = values.slice(0, 100);
    putList(3);
    await world.publisher.publish();
    await follow(terminal);
    expect(terminal.taken().get("list/fuzhou-moli/a")).toBeNull();
    expect(terminal.standings("fuzhou-moli", "a")).toHaveLength(100);
  });

  it("is kept for 30 days after it was replaced, and no longer", async () => {
    await world.publisher.publish();
    await publishNext(2, 0); // a day later, which replaces version 1
    world.clock.now += keptSeconds;
    values[4] = 12;
    putList(3);
    await world.publisher.publish();
    const kept = await follow(await createTerminal());
    expect(encodingsOf(kept.manifest).map(({ from }) => from)).toEqual([null, 2, 1]);
    world.clock.now += 1;
    values[8] = 12;
    putList(4);
    await world.publisher.publish();
    const later = await follow(await createTerminal());
    expect(encodingsOf(later.manifest).map(({ from }) => from)).toEqual([null, 3, 2]);
    expect(world.registry.snapshots({ programme: "fuzhou-moli", list: "a" }).map(({ version }) => version)).toEqual([
      4, 3, 2,
    ]);
  });

  it("is kept in 30 versions at most", async () => {
    for (let version = 1; version <= keptVersionsMax + 3; version++) {
      world.clock.now += 60;
      values[version * 4] = 12;
      putList(version);
      await world.publisher.publish();
    }
    const { manifest } = await follow(await createTerminal());
    const froms = encodingsOf(manifest).map(({ from }) => from);
    expect(froms).toHaveLength(1 + keptVersionsMax);
    expect([froms[1], froms.at(-1)]).toEqual([keptVersionsMax + 2, 3]);
  });

  it("starts anew where an earlier program published it in a way that nobody reads any more", async () => {
    await world.publisher.publish();
    const publication = world.store.read();
    if (publication === null) throw new Error("it was published");
    const artefacts = publication.artefacts.map(({ entry, key }) => ({
      key,
      entry: { ...entry, encodings: entry.encodings.map((each) => ({ ...each, format: "plain" as const })) },
    }));
    world.store.replace(1, { ...publication, version: 2, artefacts }, new Map());
    world.clock.now += manifestLifeSeconds;
    await follow(await createTerminal());
  });
});

it("records of an earlier program are taken over, and what it published is made anew at once", async () => {
  const paths = pathsIn(join(world.folder, "earlier"));
  const open = () => {
    const registry = createSqliteRegistry(paths.registry);
    const store = createSqlitePublishedStore(paths.published);
    const publisher = createPublisher({ registry, store, keys: world.keys, now: () => world.clock.now });
    return { registry, store, publisher };
  };
  /** As the first program left it: with these tables. */
  const takeBack = (path: string, tables: readonly string[], sql: string) => {
    const database = new DatabaseSync(path);
    const all = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    for (const name of all.map((row) => String(row.name))) {
      if (!tables.includes(name) && !name.startsWith("sqlite_")) database.exec(`DROP TABLE ${name}`);
    }
    database.exec(`${sql}; PRAGMA user_version = 1`);
    database.close();
  };
  const before = open();
  before.registry.putPack(pack);
  before.registry.putList({ ...name, version: 1, cuts: 1, entries: citizens, packed: packStatuses(values) });
  await before.publisher.publish();
  before.registry.close();
  before.store.close();
  takeBack(paths.registry, ["packs", "issuers", "lists", "terminals", "enrolment_codes"], "");
  takeBack(
    paths.published,
    ["roots", "artefacts", "publications", "named"],
    "ALTER TABLE publications DROP COLUMN renew_at",
  );

  const { registry, store, publisher } = open();
  const known = store.history().map(({ name: each, version, cuts, signed }) => [each, version, cuts, signed !== null]);
  expect(known.sort()).toEqual([
    ["list/fuzhou-moli/a", 1, 1, false],
    ["policy", 1, null, true],
  ]);
  const published = await publisher.current();
  expect(published.version).toBe(2);
  const terminal = createFollower(await sha256(published.firstRoot));
  must(await terminal.follow(published, publisher.artefact, world.clock.now));
  expect(terminal.standings("fuzhou-moli", "a").slice(0, 4)).toEqual([1, 2, 3, "none"]);
  registry.close();
  store.close();
});

describe("lists of several programmes", () => {
  it("lie side by side, each with its own versions, keys and patches", async () => {
    world.registry.putPack({ ...pack, programme: "xiamen-bailu" });
    putList(1, { programme: "xiamen-bailu" });
    putList(1, { list: "b" });
    const terminal = await createTerminal();
    await follow(terminal);
    const published = await publishNext(2, 0);
    const bundle = await follow(terminal);
    expect(bundle.lists.map(({ programme, list, version }) => [programme, list, version])).toEqual([
      ["fuzhou-moli", "a", 2],
      ["xiamen-bailu", "a", 1],
      ["fuzhou-moli", "b", 1],
    ]);
    expect(new Set(Object.values(published.keys)).size).toBe(3);
    expect(terminal.standings("xiamen-bailu", "a")[0]).toBe(1);
    expect(terminal.standings("fuzhou-moli", "a")[0]).toBe(2);
  });
});

describe("a manifest with very many lists", () => {
  it("keeps as many patches of each as fit, the newest", () => {
    const encoding = (from: number | null) => ({
      format: from === null ? ("snapshot+aes256gcm" as const) : ("patch+aes256gcm" as const),
      from,
      length: 100,
      sha256: "ab".repeat(32),
    });
    const entry = (name: string, patches: number): PublishedArtefact => ({
      key: null,
      entry: {
        name,
        version: 40,
        length: 1000,
        sha256: "ab".repeat(32),
        encodings: [encoding(null), ...Array.from({ length: patches }, (_, index) => encoding(39 - index))],
      },
    });
    const all = [entry("list/p/a", 30), entry("list/p/b", 2), entry("list/p/c", 0)];
    const lengthOf = (some: readonly PublishedArtefact[]) => JSON.stringify(some.map((each) => each.entry)).length;
    const countOf = (some: readonly PublishedArtefact[]) => some.map((each) => each.entry.encodings.length);
    expect(fitPatches(all, lengthOf(all))).toEqual(all);
    const fitting = fitPatches(all, 2500);
    expect(lengthOf(fitting)).toBeLessThanOrEqual(2500);
    const [first, second, third] = countOf(fitting);
    expect(first).toBeGreaterThan(3);
    expect([second, third]).toEqual([3, 1]);
    expect(fitting[0]?.entry.encodings.map(({ from }) => from).slice(0, 3)).toEqual([null, 39, 38]);
    expect(countOf(fitPatches(all, 0))).toEqual([1, 1, 1]);
  });
});

describe("a restriction", () => {
  const restrict = (index: number, until: number) =>
    world.registry.putRestrictions(name, [{ index, basis: "a law", until, appeal: "a court" }]);

  it("takes the band while it lasts, and cannot be told from having no score", async () => {
    values[1] = 2;
    values[5] = 1;
    putList(2);
    world.registry.putRestrictions(
      name,
      [0, 1, 2, 3, 5, 99_999].map((index) => ({ index, basis: "a law", until: world.clock.now + 10, appeal: "" })),
    );
    const terminal = await createTerminal();
    await follow(terminal);
    const standings = terminal.standings("fuzhou-moli", "a");
    // Nobody's stolen phone becomes good by it, and whoever objects goes on objecting.
    expect(standings.slice(0, 6)).toEqual(["none", "suspended", "none", "none", 1, "revoked"]);
  });

  it("leaves no trace in the bundle: it is the bundle of somebody without a score", async () => {
    values[4] = 0;
    putList(1);
    const bare = await follow(await createTerminal());
    values[4] = 3;
    putList(2);
    restrict(4, world.clock.now + 10);
    await world.publisher.publish();
    const restricted = await follow(await createTerminal());
    expect(restricted.lists[0]?.statuses).toEqual(bare.lists[0]?.statuses);
    expect(JSON.stringify(restricted.manifest)).not.toContain("law");
  });

  it("is over by itself at its end, from the values that were kept", async () => {
    const until = world.clock.now + 100;
    putList(2);
    restrict(0, until);
    const terminal = await createTerminal();
    await follow(terminal);
    expect(terminal.standings("fuzhou-moli", "a")[0]).toBe("none");
    world.clock.now = until - 1;
    expect((await follow(terminal)).manifest.version).toBe(1);
    world.clock.now = until;
    await follow(terminal);
    expect(terminal.standings("fuzhou-moli", "a")[0]).toBe(1);
    expect(terminal.bundle()?.lists[0]?.version).toBe(3);
    expect(world.registry.restrictions(name)).toEqual([]);
    expect((await follow(terminal)).manifest.version).toBe(2);
  });

  it("that is over is published also where a crash came in between", async () => {
    const until = world.clock.now + 100;
    restrict(0, until);
    putList(2);
    const terminal = await createTerminal();
    await follow(terminal);
    world.clock.now = until;
    world.registry.endRestrictions(until); // and then the power went
    await follow(terminal);
    expect(terminal.standings("fuzhou-moli", "a")[0]).toBe(1);
  });
});
