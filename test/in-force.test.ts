import { describe, expect, it } from "vitest";
import { createInForce } from "../edge-server/in-force.ts";
import type { InForceSince } from "../edge-server/published.ts";
import type { Policy } from "../shared/policy.ts";
import { openOperatorWorld } from "./operator-world.ts";
import { samplePack, samplePolicy } from "./sample.ts";

/** What was in force at a moment, from what the publisher keeps. */

const policies: Readonly<Record<number, Policy>> = { 1: samplePolicy, 2: { ...samplePolicy, ageingSeconds: 7 } };
const open = async ([first = 0]: Uint8Array): Promise<Policy | null> => policies[first] ?? null;
const policy = (version: number, since: number): InForceSince => ({
  ...{ name: "policy", version, since, cuts: null },
  signed: new Uint8Array([version]),
});
const list = (name: string, version: number, since: number, cuts = 7): InForceSince => ({
  ...{ name: `list/${name}`, version, since, cuts, signed: null },
});

describe("in force", () => {
  it("is the last policy that was published by then", async () => {
    const { policyAt } = await createInForce([policy(1, 100), policy(2, 200), policy(9, 300)], open);
    expect([99, 100, 199, 200, 299].map((at) => policyAt(at)?.ageingSeconds ?? null)).toEqual([null, 500, 500, 7, 7]);
    expect(policyAt(300)).toBeNull(); // by nobody who may publish
  });

  it("is the last version of the one list, and none where there are two", async () => {
    const { listAt } = await createInForce(
      [list("here/a", 1, 100), list("there/a", 5, 100), list("here/a", 2, 200, 8), list("here/b", 1, 300)],
      open,
    );
    expect([99, 100, 200].map((at) => listAt("here", at))).toEqual([
      null,
      { version: 1, cuts: 7 },
      { version: 2, cuts: 8 },
    ]);
    expect([listAt("here", 300), listAt("there", 300)]).toEqual([null, { version: 5, cuts: 7 }]);
  });

  it("is kept for good by the publisher, also where what it named is long gone", async () => {
    const world = await openOperatorWorld();
    const { registry, publisher, store, clock } = world;
    registry.putPack(samplePack);
    await publisher.publish();
    for (let version = 4; version < 8; version++) {
      clock.now += 1000;
      registry.putPack({ ...samplePack, version });
      await publisher.publish();
    }
    clock.now += 13 * 3600;
    await publisher.current(); // signed anew, and nothing else
    const kept = store.history().map(({ name, version, since }) => [name, version, since - 1_800_000_000]);
    expect(kept).toEqual([1, 2, 3, 4, 5].map((version) => ["policy", version, (version - 1) * 1000]));
    expect(store.history().every(({ signed }) => signed !== null)).toBe(true);
    world.close();
  });
});
