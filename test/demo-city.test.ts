import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoCity, createDemoTerminals, demoTerminalsMax } from "../edge-server/demo-city.ts";
import { makeTerminal } from "../edge-server/enrolment.ts";
import { profile } from "../shared/messages.ts";
import { packOf, perkInBand } from "../shared/policy.ts";
import { openStatusList, type Standing, standingAt } from "../shared/status-list.ts";
import { serviceNames } from "../shared/terms.ts";
import { type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

let world: OperatorWorld;
beforeEach(async () => {
  world = await openOperatorWorld();
});
afterEach(() => world.close());

const standings = (): readonly Standing[] => {
  const [head] = world.registry.lists();
  const row = head === undefined ? null : world.registry.list(head);
  const list = row === null ? null : openStatusList(row.packed, row.entries);
  if (list?.kind !== "valid") throw new Error("no list");
  return Array.from({ length: list.value.entries }, (_, index) => standingAt(list.value, index));
};

describe("demo city", () => {
  it("is made once, where there is no programme", async () => {
    expect(await createDemoCity(world)).toBe(true);
    const packed = world.registry.lists();
    expect(await createDemoCity(world)).toBe(false);
    expect(world.registry.lists()).toEqual(packed);
    expect(world.registry.terminals()).toHaveLength(3);
  });

  it("can be published", async () => {
    await createDemoCity(world);
    expect(await world.publisher.publish()).toMatchObject({ version: 1 });
  });

  it("has a few hundred people over all bands, and places that are free", async () => {
    await createDemoCity(world);
    const all = standings();
    const count = (wanted: Standing) => all.filter((each) => each === wanted).length;
    expect(all).toHaveLength(400);
    for (const standing of [1, 2, 3, "none", "suspended", "revoked"] as const)
      expect(count(standing)).toBeGreaterThan(4);
    expect(count(4) + count(5) + count("unknown")).toBe(0);
    expect(all.slice(300).every((each) => each === "none")).toBe(true);
  });

  it.each([
    ["lin-yue", 2],
    ["chen-mo", 3],
    ["wang-fang", 2],
    ["zhao-min", 1],
    ["li-jun", 1],
    ["huang-wei", "none"],
    ["he-ping", 3],
    ["xu-lan", "none"],
    ["wu-hao", "suspended"],
    ["zheng-qi", "revoked"],
  ])("publishes %s as %s", async (handle, standing) => {
    await createDemoCity(world);
    expect(standings()[world.citizens.byHandle(handle)?.index ?? -1]).toBe(standing);
  });

  it("is the same city each time, with other subjects", async () => {
    await createDemoCity(world);
    const other = await openOperatorWorld();
    await createDemoCity(other);
    expect(other.registry.lists()).toEqual(world.registry.lists());
    expect(other.citizens.byHandle("lin-yue")?.index).toBe(world.citizens.byHandle("lin-yue")?.index);
    expect(other.citizens.byHandle("lin-yue")?.sub).not.toBe(world.citizens.byHandle("lin-yue")?.sub);
    other.close();
  });

  it("trusts its issuer for its own list alone", async () => {
    await createDemoCity(world);
    expect(world.registry.issuers()).toMatchObject([{ use: "citizen", programme: "fuzhou-moli", lists: ["a"] }]);
  });

  it("offers all three services, what is not sourced as the operator's own", async () => {
    await createDemoCity(world);
    const pack = packOf({ packs: world.registry.packs() } as never, "fuzhou-moli");
    const { metro, library, bike } = pack?.services ?? {};
    if (!pack || !metro || !library || !bike) throw new Error("a service is missing");
    expect(metro.fullPrice).toBe(200);
    expect([1, 2, 3].map((band) => perkInBand(pack, metro, band)?.certainty ?? null)).toEqual([null, "S", "S"]);
    for (const rules of [library, bike]) {
      expect(rules.ordinary.deposit).toBeGreaterThan(0);
      expect(perkInBand(pack, rules, 1)).toMatchObject({ certainty: "operator", terms: { deposit: 0 } });
    }
  });

  it("has a terminal of each profile that anybody can enrol", async () => {
    await createDemoCity(world);
    expect(world.registry.terminals().map(({ profile, key }) => [profile.service, key])).toEqual([
      ["metro", null],
      ["library", null],
      ["bike", null],
    ]);
  });

  it("has rules for every service, and makes a terminal of each that is asked for", async () => {
    await createDemoCity(world);
    expect(Object.keys(world.registry.packs()[0]?.services ?? {}).sort()).toEqual([...serviceNames].sort());
    const { terminals } = await createDemoTerminals(world, world.clock.now, serviceNames);
    expect(terminals.map(({ profile }) => profile.service)).toEqual(serviceNames);
    for (const each of terminals) expect(v.is(profile, each.profile)).toBe(true);
  });

  it("makes three terminals for a visitor's page, and forgets the oldest that nobody enrolled", async () => {
    await createDemoCity(world);
    const first = await createDemoTerminals(world, world.clock.now);
    expect(first.terminals.map(({ profile }) => profile.service)).toEqual(["metro", "library", "bike"]);
    expect(new Set(first.terminals.map(({ link }) => link)).size).toBe(3);
    const enrolled = first.terminals[0]?.terminal ?? "";
    const row = world.registry.terminal(enrolled);
    if (row === null) throw new Error("not kept");
    const key = { kty: "OKP", crv: "Ed25519", x: "bAWMtohrwnBi6_wzIM2-MNeN3edcHfPq3EQB9V2J6aI" } as const;
    world.registry.putTerminal({ ...row, key, enrolledAt: 1 });
    world.registry.atomically(() => {
      for (let i = 0; i < demoTerminalsMax; i++)
        world.registry.putTerminal(makeTerminal(`demo-more-${i}`, row.profile));
    });
    await createDemoTerminals(world, world.clock.now);
    const ids = world.registry.terminals().map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["gate-1", "desk-1", "station-1", enrolled, "demo-more-299"]));
    expect(ids).not.toContain(first.terminals[1]?.terminal);
    expect(world.registry.terminals().filter(({ id, key }) => id.startsWith("demo-") && key === null)).toHaveLength(
      demoTerminalsMax,
    );
  });
});
