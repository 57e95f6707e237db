import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBundle, openRecordedPolicy, signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { type Bytes, toUtf8 } from "../shared/bytes.ts";
import { openManifest } from "../shared/manifest.ts";
import { encodePolicy } from "../shared/policy.ts";
import { openFirstRoot, openNextRoot, signRoot } from "../shared/root.ts";
import { packStatuses, standingAt } from "../shared/status-list.ts";
import {
  artefactsOf,
  city,
  contentOf,
  flip,
  keys,
  makeCity,
  openCity,
  pin,
  refusedAs,
  replace,
  root,
  rootBytes,
  rootRow,
  rowOf,
  standings,
  trustJson,
  week,
} from "./bundle-world.ts";
import { drawKey, now, samplePolicy } from "./sample.ts";

/** The attacks that The Update Framework names, and some of our own: each is refused, and what is in force stays. */

describe("a good bundle", () => {
  it("is opened whole", async () => {
    const bundle = contentOf(await openCity(city, 4));
    expect(bundle.manifest).toEqual(city.manifest);
    expect(bundle.policy).toEqual(samplePolicy);
    expect(bundle.signedPolicy).toEqual(city.decoded.get("policy"));
    expect(bundle.policyHash).toBe(city.manifest.artefacts.find((each) => each.name === "policy")?.sha256);
    expect(bundle.staff.revoked).toEqual(["badge-7"]);
    expect([...bundle.trust.keys()]).toEqual([keys.issuer.kid]);
    expect(bundle.lists.map(({ statuses, ...list }) => list)).toEqual([
      { programme: "here", list: "a", version: 4, cuts: 7 },
    ]);
    const [list] = bundle.lists;
    expect([0, 1, 2, 3, 4, 5].map((index) => list && standingAt(list.statuses, index))).toEqual([
      "none",
      "revoked",
      "suspended",
      1,
      2,
      "unknown",
    ]);
  });

  it("names the keys of the root with their validity", () => {
    expect(root).toMatchObject({ version: 1, threshold: 2 });
    expect(root.roots.map((each) => each.kid)).toEqual([keys.a.kid, keys.b.kid, keys.c.kid]);
    expect(root.publishers.map(({ key, ...validity }) => [key.kid, validity])).toEqual([
      [keys.publisher.kid, { validFrom: now - week, validUntil: now + week }],
      [keys.oldPublisher.kid, { validFrom: 0, validUntil: now - 1 }],
    ]);
    expect(root.edges).toMatchObject([{ validFrom: 0, validUntil: Number.MAX_SAFE_INTEGER }]);
  });

  it("may come again, and may have no score list", async () => {
    expect(contentOf(await openCity(city, 5)).manifest.version).toBe(5);
    const decoded = new Map([...city.decoded].filter(([name]) => !name.startsWith("list/")));
    expect(contentOf(await openCity(await makeCity(decoded))).lists).toEqual([]);
  });
});

describe("rollback", () => {
  it("to a manifest of a lower version is refused, however well signed", async () => {
    expect(await openCity(city, 6)).toEqual(refusedAs("rollback"));
  });

  it("to a root of a lower or the same version is refused", async () => {
    const next = await signRoot(rootRow({ version: 2 }), [keys.a, keys.b]);
    const second = contentOf(await openNextRoot(next, root));
    expect(await openNextRoot(rootBytes, second)).toEqual(refusedAs("rollback"));
    expect(await openNextRoot(next, second)).toEqual(refusedAs("rollback"));
  });

  it("to an older trust under a newer number is refused: the root keys signed its own", async () => {
    const artefacts = city.manifest.artefacts.map((each) => (each.name === "trust" ? { ...each, version: 2 } : each));
    expect(await openCity(await makeCity(city.decoded, { artefacts }))).toEqual(refusedAs("rollback"));
  });

  it("to an older trust is refused also where manifests start anew", async () => {
    const trust = await signTrust(trustJson(2), [keys.a, keys.c]);
    const newer = await makeCity(replace(city, "trust", trust));
    const artefacts = newer.manifest.artefacts.map((each) => (each.name === "trust" ? { ...each, version: 2 } : each));
    const current = contentOf(await openBundle(root, { ...newer.manifest, artefacts }, newer.decoded));
    expect(current.trustVersion).toBe(2);
    expect(await openBundle(root, city.manifest, city.decoded, current)).toEqual(refusedAs("rollback"));
    const again = await openBundle(root, { ...newer.manifest, artefacts }, newer.decoded, current);
    expect(again.kind).toBe("opened");
  });

  it("to an older manifest under a newer root is refused once that root has dropped its publisher", async () => {
    const row = rootRow({ version: 2, publishers: [rowOf(keys.thief)] });
    const second = contentOf(await openNextRoot(await signRoot(row, [keys.a, keys.b]), root));
    expect(await openManifest(city.bytes, second, null, now)).toEqual(refusedAs("unknown-publisher"));
  });
});

describe("freeze", () => {
  it("an expired manifest is not installed, from its last second on", async () => {
    expect((await openManifest(city.bytes, root, null, now + week - 1)).kind).toBe("opened");
    const expiring = await makeCity(city.decoded, { expiresAt: now + 60 });
    expect((await openManifest(expiring.bytes, root, null, now + 59)).kind).toBe("opened");
    expect(await openManifest(expiring.bytes, root, null, now + 60)).toEqual(refusedAs("expired"));
  });

  it("what was installed before is opened again, however old", async () => {
    const old = await makeCity(city.decoded, { expiresAt: now - 10 * week }, keys.oldPublisher);
    expect(await openCity(old)).toEqual(refusedAs("unknown-publisher"));
    expect((await openCity(old, 0, null)).kind).toBe("opened");
  });
});

describe("mix and match", () => {
  it("an artefact of another version is refused", async () => {
    const other = await artefactsOf({ ...samplePolicy, perkGraceSeconds: 1001 });
    for (const name of ["policy"]) {
      const decoded = replace(city, name, other.get(name) ?? new Uint8Array(0));
      expect(await openBundle(root, city.manifest, decoded)).toEqual(refusedAs("wrong-hash"));
    }
  });

  it("an artefact of another length is refused", async () => {
    const decoded = replace(city, "list/here/a", packStatuses([0, 1, 2, 3, 12, 0, 0]));
    expect(await openBundle(root, city.manifest, decoded)).toEqual(refusedAs("wrong-length"));
  });

  it("two artefacts that have changed places are refused", async () => {
    const [trust, policy] = [city.decoded.get("trust"), city.decoded.get("policy")];
    if (trust === undefined || policy === undefined) throw new Error("both were made");
    const decoded = new Map([...city.decoded, ["trust", policy], ["policy", trust]] as const);
    expect((await openBundle(root, city.manifest, decoded)).kind).toBe("refused");
    expect(await openCity(await makeCity(decoded))).toEqual(refusedAs("malformed"));
  });

  it("a missing artefact is refused", async () => {
    for (const name of city.decoded.keys()) {
      const decoded = new Map([...city.decoded].filter(([each]) => each !== name));
      expect(await openBundle(root, city.manifest, decoded)).toEqual(refusedAs("missing-artefact"));
    }
  });

  it("an artefact that the manifest does not name is not taken from elsewhere", async () => {
    for (const name of ["trust", "policy", "staff"]) {
      const rest = new Map([...city.decoded].filter(([each]) => each !== name));
      const { manifest } = await makeCity(rest);
      expect(await openBundle(root, manifest, city.decoded)).toEqual(refusedAs("missing-artefact"));
    }
  });

  it("an artefact that stands there twice is refused", async () => {
    const [first, ...rest] = city.manifest.artefacts;
    if (first === undefined) throw new Error("there are four");
    const doubled = await makeCity(city.decoded, { artefacts: [first, ...rest, { ...first, version: 2 }] });
    expect(await openCity(doubled)).toEqual(refusedAs("malformed"));
  });

  it("a manifest made under a root that is not known here is refused", async () => {
    expect(await openCity(await makeCity(city.decoded, { root: 2 }))).toEqual(refusedAs("wrong-root"));
  });
});

describe("wrong keys", () => {
  it("a manifest by a stranger is refused", async () => {
    expect(await openCity(await makeCity(city.decoded, {}, keys.thief))).toEqual(refusedAs("unknown-publisher"));
  });

  it("a manifest by a stranger under a publisher's name is refused", async () => {
    const forged = await makeCity(city.decoded, {}, { ...keys.thief, kid: keys.publisher.kid });
    expect(await openCity(forged)).toEqual(refusedAs("bad-signature"));
    // The same curve, so that only the signature is wrong.
    const twin = await drawKey(keys.publisher.curve);
    const forgedBetter = await makeCity(city.decoded, {}, { ...twin, kid: keys.publisher.kid });
    expect(await openCity(forgedBetter)).toEqual(refusedAs("bad-signature"));
  });

  it.each(["a", "edge", "issuer"] as const)("a manifest by a key of another use is refused: %s", async (name) => {
    expect(await openCity(await makeCity(city.decoded, {}, keys[name]))).toEqual(refusedAs("unknown-publisher"));
  });

  it("a manifest by a publisher whose time is over, or not yet there, is refused", async () => {
    const old = await makeCity(city.decoded, {}, keys.oldPublisher);
    expect((await openManifest(old.bytes, root, null, now - 1)).kind).toBe("opened");
    expect(await openManifest(old.bytes, root, null, now)).toEqual(refusedAs("unknown-publisher"));
    expect((await openManifest(city.bytes, root, null, now - week)).kind).toBe("opened");
    expect(await openManifest(city.bytes, root, null, now - week - 1)).toEqual(refusedAs("unknown-publisher"));
  });

  it("a policy that nobody of ours signed is refused", async () => {
    const policy = await signPolicy(encodePolicy(samplePolicy), keys.thief);
    expect(await openCity(await makeCity(replace(city, "policy", policy)))).toEqual(refusedAs("unknown-publisher"));
    const forged = await signPolicy(encodePolicy(samplePolicy), { ...keys.edge, kid: keys.publisher.kid });
    expect(await openCity(await makeCity(replace(city, "policy", forged)))).toEqual(refusedAs("bad-signature"));
    const plain = toUtf8(encodePolicy(samplePolicy));
    expect(await openCity(await makeCity(replace(city, "policy", plain)))).toEqual(refusedAs("malformed"));
    expect(await openRecordedPolicy(policy, root)).toEqual(refusedAs("unknown-publisher"));
  });

  it("a list of staff that nobody of ours signed is refused", async () => {
    const staff = await signStaff({ v: 1, revoked: [] }, keys.thief);
    expect(await openCity(await makeCity(replace(city, "staff", staff)))).toEqual(refusedAs("unknown-publisher"));
  });

  it("one signed object does not pass for another", async () => {
    const policyAsStaff = city.decoded.get("policy") ?? new Uint8Array(0);
    expect(await openCity(await makeCity(replace(city, "staff", policyAsStaff)))).toEqual(refusedAs("malformed"));
    expect(await openManifest(policyAsStaff, root, null, now)).toEqual(refusedAs("malformed"));
    const rootAsTrust = await makeCity(replace(city, "trust", rootBytes));
    expect(await openCity(rootAsTrust)).toEqual(refusedAs("malformed"));
  });
});

describe("any flipped bit is refused", () => {
  const numRuns = 150;
  const bits = fc.record({ at: fc.nat(), bit: fc.nat(7) });
  const flipped = (bytes: Bytes, { at, bit }: { at: number; bit: number }) => flip(bytes, at % bytes.length, bit);

  it("of the first root", async () => {
    const hash = await pin(rootBytes);
    await fc.assert(
      fc.asyncProperty(bits, async (where) => {
        expect(await openFirstRoot(flipped(rootBytes, where), hash)).toEqual(refusedAs("wrong-root"));
      }),
      { numRuns },
    );
  });

  it("of the next root", async () => {
    const next = await signRoot(rootRow({ version: 2 }), [keys.a, keys.b]);
    await fc.assert(
      fc.asyncProperty(bits, async (where) => {
        expect((await openNextRoot(flipped(next, where), root)).kind).toBe("refused");
      }),
      { numRuns },
    );
  });

  it("of the manifest", async () => {
    await fc.assert(
      fc.asyncProperty(bits, async (where) => {
        expect((await openManifest(flipped(city.bytes, where), root, null, now)).kind).toBe("refused");
      }),
      { numRuns },
    );
  });

  it("of any artefact, also where the manifest was made for it", async () => {
    await fc.assert(
      fc.asyncProperty(bits, fc.constantFrom("trust", "policy", "staff"), async (where, name) => {
        const bytes = city.decoded.get(name) ?? new Uint8Array(0);
        const spoilt = replace(city, name, flipped(bytes, where));
        expect(await openBundle(root, city.manifest, spoilt)).toEqual(refusedAs("wrong-hash"));
        const { manifest } = await makeCity(spoilt);
        expect((await openBundle(root, manifest, spoilt)).kind).toBe("refused");
      }),
      { numRuns },
    );
  });

  it("of a score list", async () => {
    for (let at = 0; at < standings.length; at++) {
      const spoilt = replace(city, "list/here/a", flip(standings, at));
      expect(await openBundle(root, city.manifest, spoilt)).toEqual(refusedAs("wrong-hash"));
    }
  });
});

describe("a recorded policy", () => {
  it("is believed by any publisher of its root, whenever it was valid", async () => {
    const policy = await signPolicy(encodePolicy(samplePolicy), keys.oldPublisher);
    expect(await openRecordedPolicy(policy, root)).toEqual({ kind: "opened", value: samplePolicy });
    expect(await openRecordedPolicy(flip(policy, policy.length - 1), root)).toEqual(refusedAs("bad-signature"));
    expect(await openRecordedPolicy(new Uint8Array(0), root)).toEqual(refusedAs("malformed"));
  });
});
