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
    expect(registry.lists()).toEqual([list(1)]);
    expect(registry.terminals()).toEqual([terminal("z"), terminal("a")]);
  });

  it("replaces by name and keeps the place in the order", () => {
    registry.putPack(pack);
    registry.putPack({ ...pack, programme: "zhima" });
    registry.putPack({ ...pack, version: 2 });
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
      ["fuzhou-moli", 2],
      ["zhima", 1],
    ]);
    expect(registry.issuers()).toEqual([issuer("two")]);
    expect(registry.lists()).toEqual([list(2), { ...list(1), list: "b" }]);
    expect(registry.terminals()).toEqual([enrolled, terminal("a")]);
    expect(registry.terminal("z")).toEqual(enrolled);
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
