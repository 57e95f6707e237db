import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditLedger } from "../edge-server/audit.ts";
import { createPublisher } from "../edge-server/publisher.ts";
import { makeNextRoot, openAllRoots, openRootChain, rotationsMax } from "../edge-server/root-chain.ts";
import { signPolicy } from "../shared/bundle.ts";
import { type Bytes, sha256, toHex } from "../shared/bytes.ts";
import { openManifest, signManifest } from "../shared/manifest.ts";
import { encodePolicy, type Pack } from "../shared/policy.ts";
import fuzhou from "../shared/programmes/fuzhou-moli.json" with { type: "json" };
import { edgeKeysAt, openNextRoot } from "../shared/root.ts";
import { packStatuses } from "../shared/status-list.ts";
import { createFollower, must } from "./follower.ts";
import { makeKey, type OperatorWorld, openOperatorWorld } from "./operator-world.ts";
import { createWorld, sendSigned } from "./world.ts";

/** A key is stolen, and what becomes of it: with the real publisher, and terminals by the rules of shared/. */

const pack = fuzhou as unknown as Pack;
const uses = (...some: readonly ("root" | "publisher" | "edge")[]) => new Set(some);
let world: OperatorWorld;

beforeEach(async () => {
  world = await openOperatorWorld();
  const { kid, jwk } = await makeKey();
  world.registry.putPack(pack);
  world.registry.putIssuer({ kid, use: "citizen", jwk, programme: "fuzhou-moli" });
  world.registry.putList({
    programme: "fuzhou-moli",
    list: "a",
    version: 1,
    cuts: 1,
    entries: 3,
    packed: packStatuses([0, 3, 12]),
  });
});
afterEach(() => world.close());

const current = () => world.publisher.current();
const createTerminal = async () => createFollower(await sha256((await current()).firstRoot));
const rootsOf = async () => {
  const { firstRoot, laterRoots } = await current();
  return openAllRoots(firstRoot, laterRoots);
};
const newest = async () => {
  const root = (await rootsOf()).at(-1);
  if (root === undefined) throw new Error("there is one");
  return root;
};

/** The bundle that whoever has the publisher key makes of the current one: far ahead, and with a policy of theirs. */
const forge = async (version: number) => {
  const published = await current();
  const [thief] = (await world.keys.held()).publisher;
  if (thief === undefined) throw new Error("there is one");
  const manifest = must(await openManifest(published.manifest, await newest(), null, null));
  const policy = await signPolicy(encodePolicy(must(await terminalPolicy())), thief);
  const sha = toHex(await sha256(policy));
  const artefacts = manifest.artefacts.map((each) =>
    each.name === "policy"
      ? {
          ...each,
          version,
          length: policy.length,
          sha256: sha,
          encodings: [{ format: "plain" as const, from: null, length: policy.length, sha256: sha }],
        }
      : each,
  );
  const bytes = await signManifest({ ...manifest, version, artefacts }, thief);
  const artefact = (hash: string): Bytes | null => (hash === sha ? policy : world.publisher.artefact(hash));
  return { published: { ...published, manifest: bytes }, artefact };
};
const terminalPolicy = async () => {
  const terminal = await createTerminal();
  const bundle = await terminal.follow(await current(), world.publisher.artefact, world.clock.now);
  return bundle.kind === "opened"
    ? { kind: bundle.kind, value: { ...bundle.value.policy, operator: "Thief" } }
    : bundle;
};

describe("a stolen publisher key", () => {
  it("is shut out by a rotation, also where it has driven the versions up", async () => {
    const terminal = await createTerminal();
    const forged = await forge(1_000_000);
    const taken = must(await terminal.follow(forged.published, forged.artefact, world.clock.now));
    expect(taken.policy.operator).toBe("Thief");
    expect((await terminal.follow(await current(), world.publisher.artefact, world.clock.now)).kind).toBe("refused");

    const published = await world.publisher.rotate(uses("publisher"));
    const bundle = must(await terminal.follow(published, world.publisher.artefact, world.clock.now));
    expect(bundle.policy.operator).toBe("Greenlane");
    expect([bundle.root.version, bundle.manifest.root, bundle.manifest.version]).toEqual([2, 2, 2]);
    const again = { ...forged.published, laterRoots: published.laterRoots };
    expect(await terminal.follow(again, forged.artefact, world.clock.now)).toMatchObject({
      fault: "unknown-publisher",
    });
  });

  it("cannot bring back an issuer that was revoked, whatever its manifest says", async () => {
    const terminal = await createTerminal();
    const old = await current();
    must(await terminal.follow(old, world.publisher.artefact, world.clock.now));
    const [issuer] = world.registry.issuers();
    if (issuer === undefined) throw new Error("there is one");
    world.registry.putIssuer({ ...issuer, revokedAt: world.clock.now });
    await world.publisher.publish();
    const bundle = must(await terminal.follow(await current(), world.publisher.artefact, world.clock.now));
    expect(bundle.trustVersion).toBe(2);

    const [thief] = (await world.keys.held()).publisher;
    if (thief === undefined) throw new Error("there is one");
    const before = must(await openManifest(old.manifest, await newest(), null, null));
    for (const version of [1, 2, 3]) {
      const artefacts = before.artefacts.map((each) => (each.name === "trust" ? { ...each, version } : each));
      const manifest = await signManifest({ ...before, version: 50, artefacts }, thief);
      const forged = { ...old, manifest };
      expect(await terminal.follow(forged, world.publisher.artefact, world.clock.now)).toMatchObject({
        fault: "rollback",
      });
    }
  });
});

describe("a stolen edge key", () => {
  it("acknowledges nothing after its time, though an earlier root set it no end", async () => {
    const server = await createWorld();
    const terminal = await server.addTerminal("gate-1");
    await terminal.write(server.installed);
    expect((await sendSigned(server.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
    const [first] = await openAllRoots(server.rootBytes, []);
    if (first === undefined) throw new Error("there is one");
    const auditWith = async (validUntil: number) => {
      const second = { ...first, version: 2, edges: first.edges.map((each) => ({ ...each, validUntil })) };
      return (await auditLedger(server.ledger, { roots: [first, second], registry: server.registry })).acks;
    };
    expect(await auditWith(server.clock.now)).toMatchObject({ good: 1, bad: 0 });
    expect(await auditWith(server.clock.now - 1)).toMatchObject({ good: 0, bad: 1 });
  });
});

describe("a rotation", () => {
  it("signs everything by the new publisher, and leaves lists and trust as they are", async () => {
    const before = await current();
    const after = await world.publisher.rotate(uses("publisher"));
    expect(after.keys).toEqual(before.keys);
    const root = await newest();
    const kids = (await world.keys.held()).publisher.map(({ kid }) => kid);
    expect(kids).toHaveLength(2);
    expect(root.publishers.map(({ key }) => key.kid)).toEqual([kids[1]]);
    const manifest = must(await openManifest(after.manifest, root, null, world.clock.now));
    expect(manifest.artefacts.map(({ name, version }) => [name, version])).toEqual([
      ["trust", 1],
      ["policy", 2],
      ["staff", 2],
      ["list/fuzhou-moli/a", 1],
    ]);
  });

  it("of the edge key ends the time of the old one, and no earlier", async () => {
    const before = await world.publisher.keys();
    world.clock.now += 100;
    await world.publisher.rotate(uses("edge"));
    const after = await world.publisher.keys();
    expect(after.edge.kid).not.toBe(before.edge.kid);
    expect(after.publisher.kid).toBe(before.publisher.kid);
    const root = await newest();
    const kidsAt = (at: number) => edgeKeysAt(root, at).map(({ kid }) => kid);
    expect(kidsAt(world.clock.now)).toEqual([before.edge.kid, after.edge.kid]);
    expect(kidsAt(world.clock.now + 1)).toEqual([after.edge.kid]);
    world.clock.now += 100;
    await world.publisher.rotate(uses("edge"));
    expect(edgeKeysAt(await newest(), world.clock.now - 100).map(({ kid }) => kid)).toContain(before.edge.kid);
    expect(edgeKeysAt(await newest(), world.clock.now - 99).map(({ kid }) => kid)).not.toContain(before.edge.kid);
  });

  it("of the root key needs the old one and the new one, and signs trust anew", async () => {
    const terminal = await createTerminal();
    must(await terminal.follow(await current(), world.publisher.artefact, world.clock.now));
    const [first] = await rootsOf();
    await world.publisher.rotate(uses("root", "publisher", "edge"));
    const bundle = must(await terminal.follow(await current(), world.publisher.artefact, world.clock.now));
    expect(bundle.trustVersion).toBe(2);
    expect(bundle.root.roots.map(({ kid }) => kid)).not.toEqual(first?.roots.map(({ kid }) => kid));
    await world.publisher.rotate(uses("publisher"));
    const third = must(await terminal.follow(await current(), world.publisher.artefact, world.clock.now));
    expect([third.root.version, third.trustVersion]).toEqual([3, 2]);
  });

  it("is followed by a server that runs, with its next question", async () => {
    const running = createPublisher({ ...world, now: () => world.clock.now });
    await running.current();
    await world.publisher.rotate(uses("publisher", "edge"));
    expect((await running.keys()).edge.kid).toBe((await world.publisher.keys()).edge.kid);
    expect((await running.current()).laterRoots).toHaveLength(1);
    world.registry.putPack({ ...pack, version: pack.version + 1 });
    const terminal = await createTerminal();
    const published = await running.publish();
    expect(must(await terminal.follow(published, running.artefact, world.clock.now)).policy.packs[0]?.version).toBe(
      pack.version + 1,
    );
  });

  it("that a crash cut short left nothing but a key, which the next one takes", async () => {
    const before = await world.publisher.keys();
    const left = await world.keys.makeKey("publisher", 2);
    const restarted = createPublisher({ ...world, now: () => world.clock.now });
    await restarted.publish();
    expect((await restarted.keys()).publisher.kid).toBe(before.publisher.kid);
    await restarted.rotate(uses("publisher"));
    expect((await restarted.keys()).publisher.kid).toBe(left.kid);
  });

  it("is refused where terminals would follow no more", async () => {
    const { firstRoot } = await current();
    const chain = await openRootChain([firstRoot], world.keys, world.clock.now);
    const last = { ...chain, newest: { ...chain.newest, version: rotationsMax + 1 } };
    await expect(makeNextRoot(last, uses("edge"), world.keys, world.clock.now)).rejects.toThrow("rotations");
  });

  it("is none without the old root key: a root that a stranger signed does not follow", async () => {
    const { firstRoot } = await current();
    const chain = await openRootChain([firstRoot], world.keys, world.clock.now);
    const stranger = { ...chain, keys: { ...chain.keys, roots: [await makeKey()] } };
    const bytes = await makeNextRoot(stranger, uses("root", "publisher"), world.keys, world.clock.now);
    expect(await openNextRoot(bytes, chain.newest)).toMatchObject({ fault: "too-few-signatures" });
  });
});
