import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteRegistry } from "../edge-server/adapters/registry-sqlite.ts";
import type { ListRow, Registry, TerminalRow } from "../edge-server/ports.ts";
import type { Pack } from "../shared/policy.ts";
import fuzhou from "../shared/programmes/fuzhou-moli.json" with { type: "json" };
import type { TrustEntry } from "../shared/trust.ts";

/** What every registry promises, whatever it is built on. `reopen` stands for a restart, or another process. */
const registries = { sqlite: (folder: string) => createSqliteRegistry(join(folder, "registry.sqlite")) };

const pack = fuzhou as unknown as Pack;
const issuer = (name: string): TrustEntry => ({
  kid: "d6c98cb1ddb931cb",
  use: "citizen",
  programme: "fuzhou-moli",
  jwk: { kty: "OKP", crv: "Ed25519", x: "bAWMtohrwnBi6_wzIM2-MNeN3edcHfPq3EQB9V2J6aI" },
  name,
});
const list = (version: number): ListRow => ({
  programme: "fuzhou-moli",
  list: "a",
  version,
  cuts: 1,
  entries: 3,
  packed: Uint8Array.of(0x30, version),
});
const headOf = ({ packed: _, ...head }: ListRow) => head;
const name = { programme: "fuzhou-moli", list: "a" };
const snapshot = (version: number) => ({
  ...name,
  version,
  entries: 3,
  publishedAt: 100 + version,
  snapshot: Uint8Array.of(version),
});
const restriction = (index: number, until: number) => ({ index, basis: "a law, of 2027", until, appeal: "a court" });
const terminal = (id: string, changed: Partial<TerminalRow> = {}): TerminalRow => ({
  id,
  profile: {
    service: "library",
    programme: "fuzhou-moli",
    site: "library",
    name: "Desk 1 · 自助借还",
    actuator: "simulated",
  },
  key: null,
  enrolledAt: null,
  revokedAt: null,
  lastSeenAt: null,
  ...changed,
});
const hash = (byte: number) => new Uint8Array(32).fill(byte);

describe.each(Object.entries(registries))("registry on %s", (_, create) => {
  let folder: string;
  let registry: Registry;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "registry-"));
    registry = create(folder);
  });
  afterEach(() => {
    registry.close();
    rmSync(folder, { recursive: true });
  });
  const reopen = () => {
    registry.close();
    registry = create(folder);
  };

  it("starts empty", () => {
    expect(registry.packs()).toEqual([]);
    expect(registry.issuers()).toEqual([]);
    expect(registry.lists()).toEqual([]);
    expect(registry.terminals()).toEqual([]);
    expect(registry.terminal("nobody")).toBeNull();
  });

  it("keeps what was put, in order, across a restart", () => {
    registry.putPack({ ...pack, programme: "zhima" });
    registry.putPack(pack);
    registry.putIssuer(issuer("one"));
    registry.putList(list(1));
    registry.putTerminal(terminal("z"));
    registry.putTerminal(terminal("a"));
    reopen();
    expect(registry.packs()).toEqual([{ ...pack, programme: "zhima" }, pack]);
    expect(registry.issuers()).toEqual([issuer("one")]);
    expect(registry.lists()).toEqual([headOf(list(1))]);
    expect(registry.list(name)).toEqual(list(1));
    expect(registry.list({ ...name, list: "b" })).toBeNull();
    expect(registry.terminals()).toEqual([terminal("z"), terminal("a")]);
  });

  it("replaces by name and keeps the place in the order", () => {
    registry.putPack(pack);
    registry.putPack({ ...pack, programme: "zhima" });
    registry.putPack({ ...pack, version: pack.version + 1 });
    registry.putIssuer(issuer("one"));
    registry.putIssuer(issuer("two"));
    registry.putList(list(1));
    registry.putList({ ...list(1), list: "b" });
    registry.putList(list(2));
    registry.putTerminal(terminal("z"));
    registry.putTerminal(terminal("a"));
    const enrolled = terminal("z", { key: issuer("").jwk, enrolledAt: 5, revokedAt: 6, lastSeenAt: 7 });
    registry.putTerminal(enrolled);
    expect(registry.packs().map((each) => [each.programme, each.version])).toEqual([
      ["fuzhou-moli", pack.version + 1],
      ["zhima", pack.version],
    ]);
    expect(registry.issuers()).toEqual([issuer("two")]);
    expect(registry.lists()).toEqual([headOf(list(2)), headOf({ ...list(1), list: "b" })]);
    expect(registry.list(name)).toEqual(list(2));
    expect(registry.terminals()).toEqual([enrolled, terminal("a")]);
    expect(registry.terminal("z")).toEqual(enrolled);
  });

  it("keeps whose visitors are recognised where, one leave for each", () => {
    const leave = (here: string, as: number) => ({ visitor: "zhima", here, scores: [{ atLeast: 600, as }] });
    registry.putRecognition(leave("fuzhou-moli", 650));
    registry.putRecognition(leave("beijing", 1));
    registry.putRecognition(leave("fuzhou-moli", 697));
    reopen();
    expect(registry.recognitions()).toEqual([leave("fuzhou-moli", 697), leave("beijing", 1)]);
    registry.dropRecognition("zhima", "beijing");
    expect(registry.recognitions()).toEqual([leave("fuzhou-moli", 697)]);
  });

  it("keeps the versions of each list as they were published, until they are dropped", () => {
    for (const version of [2, 3, 10]) registry.putSnapshot(snapshot(version));
    const other = { ...snapshot(3), list: "b" };
    registry.putSnapshot(other);
    registry.putSnapshot({ ...snapshot(3), snapshot: Uint8Array.of(33) });
    reopen();
    expect(registry.snapshots(name).map(({ version }) => version)).toEqual([10, 3, 2]);
    expect(registry.snapshots(name)[0]).toEqual({ ...name, version: 10, entries: 3, publishedAt: 110 });
    expect(registry.snapshot(name, 3)?.snapshot).toEqual(Uint8Array.of(33));
    expect(registry.snapshot(name, 4)).toBeNull();
    registry.dropSnapshots(name, 3);
    expect(registry.snapshots(name).map(({ version }) => version)).toEqual([10, 3]);
    expect(registry.snapshots(other)).toHaveLength(1);
  });

  it("keeps restrictions until their end, and their lists become their next version then", () => {
    registry.putList(list(1));
    registry.putList({ ...list(1), list: "b" });
    registry.putRestrictions(name, [restriction(9, 200), restriction(2, 100)]);
    registry.putRestrictions({ ...name, list: "b" }, [restriction(2, 300)]);
    reopen();
    expect(registry.restrictions(name)).toEqual([restriction(2, 100), restriction(9, 200)]);
    expect(registry.nextRestrictionEnd()).toBe(100);
    registry.endRestrictions(99);
    expect(registry.lists().map(({ version }) => version)).toEqual([1, 1]);
    registry.endRestrictions(100);
    expect(registry.restrictions(name)).toEqual([restriction(9, 200)]);
    expect(registry.lists().map(({ version }) => version)).toEqual([2, 1]);
    expect(registry.list(name)?.packed).toEqual(list(1).packed);
    registry.putRestrictions(name, [restriction(1, 400)]);
    expect(registry.restrictions(name)).toEqual([restriction(1, 400)]);
    registry.putRestrictions(name, []);
    registry.putRestrictions({ ...name, list: "b" }, []);
    expect(registry.nextRestrictionEnd()).toBeNull();
  });

  it("knows where sites are, until told otherwise", () => {
    registry.putPlace("west", { lat: -26.07, lon: 119.3 });
    registry.putPlace("east", { lat: 1, lon: 2 });
    registry.putPlace("west", { lat: 26.0745, lon: 119.2965 });
    reopen();
    expect([...registry.places()]).toEqual([
      ["east", { lat: 1, lon: 2 }],
      ["west", { lat: 26.0745, lon: 119.2965 }],
    ]);
    registry.putPlace("east", null);
    registry.putPlace("nowhere", null);
    expect([...registry.places().keys()]).toEqual(["west"]);
  });

  it("gives an enrolment code once, before its end, also across a restart", () => {
    registry.putTerminal(terminal("t"));
    registry.putEnrolmentCode({ hash: hash(1), terminal: "t", expiresAt: 100 });
    registry.putEnrolmentCode({ hash: hash(2), terminal: "t", expiresAt: 100 });
    expect(registry.takeEnrolmentCode(hash(3), 50)).toBeNull();
    reopen();
    expect(registry.takeEnrolmentCode(hash(1), 99)).toEqual({ hash: hash(1), terminal: "t", expiresAt: 100 });
    expect(registry.takeEnrolmentCode(hash(1), 99)).toBeNull();
    expect(registry.takeEnrolmentCode(hash(2), 100)).toBeNull();
  });

  it("drops a terminal that was never enrolled, and no other", () => {
    registry.putTerminal(terminal("never"));
    registry.putTerminal(terminal("enrolled", { key: issuer("").jwk, enrolledAt: 5 }));
    registry.putEnrolmentCode({ hash: hash(1), terminal: "never", expiresAt: 100 });
    registry.dropTerminal("never");
    registry.dropTerminal("enrolled");
    expect(registry.terminals().map((each) => each.id)).toEqual(["enrolled"]);
    expect(registry.takeEnrolmentCode(hash(1), 50)).toBeNull();
  });

  it("stores all of a change or nothing, also where changes are nested", () => {
    const change = () =>
      registry.atomically(() => {
        registry.putPack(pack);
        registry.atomically(() => registry.putIssuer(issuer("one")));
        throw new Error("stop");
      });
    expect(change).toThrow("stop");
    expect([registry.packs(), registry.issuers()]).toEqual([[], []]);
    expect(registry.atomically(() => registry.putPack(pack) ?? 7)).toBe(7);
    reopen();
    expect(registry.packs()).toEqual([pack]);
  });

  it("shows one process what another has put", () => {
    const other = create(folder);
    other.putPack(pack);
    expect(registry.packs()).toEqual([pack]);
    other.close();
  });
});
