import { describe, expect, it } from "vitest";
import { followRoots } from "../kiosk/bundle-update.ts";
import { openBundle, signPolicy, signStaff, signTrust } from "../shared/bundle.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { signTypedMany } from "../shared/cose.ts";
import { manifestBytesMax, openManifest } from "../shared/manifest.ts";
import { encodePolicy } from "../shared/policy.ts";
import { openFirstRoot, openNextRoot, type RootRow, signRoot } from "../shared/root.ts";
import {
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
  trustJson,
} from "./bundle-world.ts";
import { drawKey, now, samplePolicy } from "./sample.ts";

/** Attacks on the root: which keys, how many, and one version after the other. */

describe("too few signatures", () => {
  it("of a root: below its threshold", async () => {
    const bytes = await signRoot(rootRow(), [keys.a]);
    expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("too-few-signatures"));
  });

  it("of a root: the same key counts once", async () => {
    const bytes = await signRoot(rootRow(), [keys.a, keys.a]);
    expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("too-few-signatures"));
  });

  it("of a root: publisher, edge and strangers do not count", async () => {
    const bytes = await signRoot(rootRow(), [keys.a, keys.publisher, keys.edge, keys.thief]);
    expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("too-few-signatures"));
  });

  it("of a root: another's signature under a root key's name does not count", async () => {
    const twin = { ...(await drawKey(keys.b.curve)), kid: keys.b.kid };
    const bytes = await signRoot(rootRow(), [keys.a, twin]);
    expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("too-few-signatures"));
  });

  it("of the trust: below the root's threshold, or by a publisher", async () => {
    for (const signers of [[keys.a], [keys.a, keys.a], [keys.publisher], [keys.a, keys.publisher, keys.thief]]) {
      const trust = await signTrust(trustJson(), signers);
      expect(await openCity(await makeCity(replace(city, "trust", trust)))).toEqual(refusedAs("too-few-signatures"));
    }
  });

  it("a root that lists one key twice, or for two uses, is refused", async () => {
    const rows: readonly RootRow[] = [
      rootRow({ roots: [rowOf(keys.a), rowOf(keys.a), rowOf(keys.b)] }),
      rootRow({ publishers: [rowOf(keys.a)] }),
      rootRow({ edges: [rowOf(keys.b)] }),
      rootRow({ edges: [rowOf(keys.publisher)] }),
      rootRow({ publishers: [rowOf(keys.publisher), rowOf(keys.publisher, { validUntil: now })] }),
    ];
    for (const row of rows) {
      const bytes = await signRoot(row, [keys.a, keys.b]);
      expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("malformed"));
    }
  });

  it("a threshold of none, or of more keys than there are, is refused", async () => {
    for (const threshold of [0, 4]) {
      const bytes = await signRoot(rootRow({ threshold }), [keys.a, keys.b, keys.c]);
      expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("malformed"));
    }
  });
});

describe("the root", () => {
  it("is the one that was pinned, to the byte", async () => {
    // ECDSA signatures differ each time: the same root signed again is another file.
    const again = await signRoot(rootRow(), [keys.b, keys.c]);
    expect(await openFirstRoot(again, await pin(rootBytes))).toEqual(refusedAs("wrong-root"));
    expect(await openFirstRoot(rootBytes, new Uint8Array(0))).toEqual(refusedAs("wrong-root"));
  });

  it("with a private key, a key off its curve, or an unknown field in it is refused", async () => {
    const bad: readonly unknown[] = [
      { ...rootRow(), edges: [{ jwk: { ...keys.edge.jwk, d: keys.edge.jwk.x } }] },
      { ...rootRow(), edges: [{ jwk: { ...keys.b.jwk, x: keys.a.jwk.x } }] },
      { ...rootRow(), publishers: [{ jwk: null }] },
      { ...rootRow(), roots: [{ jwk: { kty: "RSA" } }] },
      { ...rootRow(), roots: [] },
      { ...rootRow(), extra: 1 },
      { ...rootRow(), v: 2 },
      { ...rootRow(), version: 0 },
      { ...rootRow(), publishers: [{ jwk: keys.publisher.jwk, until: 1 }] },
    ];
    for (const row of bad) {
      const bytes = await signTypedMany("root", toUtf8(JSON.stringify(row)), [keys.a, keys.b]);
      expect(await openFirstRoot(bytes, await pin(bytes))).toEqual(refusedAs("malformed"));
    }
  });

  it("longer than any root is refused before it is read", async () => {
    const row = { ...rootRow(), roots: rootRow().roots.map((each) => ({ jwk: { ...Object(each.jwk), pad: "" } })) };
    const padded = (length: number) =>
      signTypedMany("root", toUtf8(JSON.stringify(row).replace('"pad":""', `"pad":"${"x".repeat(length)}"`)), [
        keys.a,
        keys.b,
      ]);
    const small = await padded(1000);
    expect((await openFirstRoot(small, await pin(small))).kind).toBe("opened");
    const large = await padded(manifestBytesMax);
    expect(await openFirstRoot(large, await pin(large))).toEqual(refusedAs("malformed"));
  });
});

describe("root rotation", () => {
  const successor = (changes: Partial<RootRow> = {}) =>
    rootRow({ version: 2, roots: [keys.c, keys.thief, keys.issuer].map((key) => rowOf(key)), ...changes });

  it("takes the thresholds of the old root and of the new one", async () => {
    const bytes = await signRoot(successor(), [keys.a, keys.b, keys.thief, keys.issuer]);
    expect(contentOf(await openNextRoot(bytes, root)).roots.map((each) => each.kid)).toEqual([
      keys.c.kid,
      keys.thief.kid,
      keys.issuer.kid,
    ]);
  });

  it("lets a key that stands in both count for both", async () => {
    const bytes = await signRoot(successor(), [keys.a, keys.c, keys.thief]);
    expect((await openNextRoot(bytes, root)).kind).toBe("opened");
  });

  it("is refused without the threshold of the old", async () => {
    const bytes = await signRoot(successor(), [keys.c, keys.thief, keys.issuer]);
    expect(await openNextRoot(bytes, root)).toEqual(refusedAs("too-few-signatures"));
  });

  it("is refused without the threshold of the new", async () => {
    const bytes = await signRoot(successor(), [keys.a, keys.b, keys.c]);
    expect(await openNextRoot(bytes, root)).toEqual(refusedAs("too-few-signatures"));
  });

  it("is refused where the new root lowers the threshold and only that is met", async () => {
    const bytes = await signRoot(rootRow({ version: 2, threshold: 1 }), [keys.a]);
    expect(await openNextRoot(bytes, root)).toEqual(refusedAs("too-few-signatures"));
  });

  it("goes one version at a time", async () => {
    const bytes = await signRoot(successor({ version: 3 }), [keys.a, keys.b, keys.thief, keys.issuer]);
    expect(await openNextRoot(bytes, root)).toEqual(refusedAs("malformed"));
  });

  it("follows a chain, over roots already known, and stops at the first that does not hold", async () => {
    const two = await signRoot(successor(), [keys.a, keys.b, keys.thief, keys.issuer]);
    const from = { root, updates: [] };
    const three = await signRoot(successor({ version: 3, threshold: 1 }), [keys.thief, keys.issuer]);
    expect(contentOf(await followRoots(from, [rootBytes, two, two, three])).root.version).toBe(3);
    expect(contentOf(await followRoots(from, [])).root.version).toBe(1);
    expect(await followRoots(from, [three])).toEqual(refusedAs("malformed"));
    const unsigned = await signRoot(successor({ version: 3 }), [keys.thief]);
    expect(await followRoots(from, [two, unsigned])).toEqual(refusedAs("too-few-signatures"));
    expect(await followRoots(from, [two, flip(three, 40)])).toMatchObject({ kind: "refused" });
  });

  it("recovers from a stolen publisher key: what the thief signs is refused, in however high a version", async () => {
    const stolen = keys.publisher;
    const theirs = await makeCity(city.decoded, { version: 1_000_000 }, stolen);
    expect((await openCity(theirs)).kind).toBe("opened");
    const fresh = await drawKey();
    const row = rootRow({ version: 2, publishers: [rowOf(fresh)] });
    const second = contentOf(await openNextRoot(await signRoot(row, [keys.b, keys.c]), root));
    expect(await openManifest(theirs.bytes, second, null, now)).toEqual(refusedAs("unknown-publisher"));
    const decoded = new Map([
      ...city.decoded,
      ["policy", await signPolicy(encodePolicy(samplePolicy), fresh)] as const,
      ["staff", await signStaff({ v: 1, revoked: [] }, fresh)] as const,
    ]);
    const ours = await makeCity(decoded, { version: 1_000_001, root: 2 }, fresh);
    const manifest = contentOf(await openManifest(ours.bytes, second, null, now));
    expect((await openBundle(second, manifest, decoded)).kind).toBe("opened");
    // A policy that the thief has signed does not come in under the new publisher's manifest either.
    const mixed = await makeCity(replace(ours, "policy", city.decoded.get("policy") ?? new Uint8Array(0)), {}, fresh);
    expect(await openBundle(second, mixed.manifest, mixed.decoded)).toEqual(refusedAs("unknown-publisher"));
  });
});
