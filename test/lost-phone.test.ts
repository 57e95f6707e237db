import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoCity, openDemoIssuer } from "../edge-server/demo-city.ts";
import { demoEntries } from "../edge-server/demo-people.ts";
import { answerProof, type Issued } from "../edge-server/issuer.ts";
import { listAsPublished } from "../edge-server/losses.ts";
import { answerLoss, type LostPhoneEdges, recoveriesMax, registerRecovery } from "../edge-server/lost-phone.ts";
import { type Bytes, sha256 } from "../shared/bytes.ts";
import { decodeCredential } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { signProof } from "../shared/proof.ts";
import { type LossWish, recoveryCodeBytes, signLoss, signRecovery } from "../shared/recovery.ts";
import {
  openStatusList,
  packStatuses,
  type Standing,
  standingAt,
  valueOf as valueOfStanding,
} from "../shared/status-list.ts";
import { makeKey, type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

let world: OperatorWorld;
let edges: LostPhoneEdges;
let published: number;
let phone: SigningKey;
let other: SigningKey;
let thief: SigningKey;

beforeEach(async () => {
  world = await openOperatorWorld();
  await createDemoCity(world);
  const issuer = await openDemoIssuer(world);
  if (issuer === null) throw new Error("no issuer");
  published = 0;
  edges = { ...issuer, registry: world.registry, publish: async () => void published++ };
  [phone, other, thief] = [await makeKey("P-256"), await makeKey("Ed25519"), await makeKey("Ed25519")];
});
afterEach(() => world.close());

const codeOf = (byte: number): Bytes => new Uint8Array(recoveryCodeBytes).fill(byte);
const ask = async (by: SigningKey, wish: { credential?: Bytes; citizen?: string } = {}): Promise<Issued> => {
  const request = {
    key: by.jwk,
    citizen: null,
    credential: null,
    form: "phone",
    at: world.clock.now,
    ...wish,
  } as const;
  return answerProof(edges, await signProof(request, by), world.clock.now);
};
const mustAsk = async (by: SigningKey, wish: { credential?: Bytes; citizen?: string } = {}): Promise<Bytes> => {
  const issued = await ask(by, wish);
  if (issued.kind === "refused") throw new Error(issued.detail);
  return issued.credential;
};
const register = async (credential: Bytes, code: Bytes, by = phone, at = world.clock.now) =>
  registerRecovery(edges, await signRecovery({ credential, recovery: await sha256(code), at }, by), world.clock.now);
const report = async (wanted: LossWish, code: Bytes, by = other, at = world.clock.now) =>
  answerLoss(edges, await signLoss({ key: by.jwk, recovery: code, wanted, at }, by), world.clock.now);
const claimsOf = (credential: Bytes) => decodeCredential(credential)?.claims;
const indexOf = (credential: Bytes): number => claimsOf(credential)?.status?.index ?? -1;

const listHere = () => {
  const [head] = world.registry.lists();
  const row = head === undefined ? null : world.registry.list(head);
  if (row === null) throw new Error("no list");
  return row;
};
/** As terminals would see it. */
const standing = (index: number): Standing => {
  const row = listHere();
  const packed = listAsPublished(row, world.registry.restrictions(row), world.registry.losses(row));
  const list = openStatusList(packed, row.entries);
  return list.kind === "valid" ? standingAt(list.value, index) : "unknown";
};
const give = (index: number, value: Exclude<Standing, "unknown">): void => {
  const row = listHere();
  const packed = new Uint8Array(row.packed);
  const shift = index % 2 === 0 ? 0 : 4;
  packed[index >> 1] = ((packed[index >> 1] ?? 0) & ~(0x0f << shift)) | (valueOfStanding(value) << shift);
  world.registry.putList({ ...row, version: row.version + 1, packed });
};
const refused = (detail: string) => ({
  kind: "refused",
  problem: "recovery-refused",
  detail: expect.stringContaining(detail),
});
const done = { kind: "done", credential: null };

describe("a phone that is gone", () => {
  it("is suspended from another one, and taken back when it is found", async () => {
    const credential = await mustAsk(phone);
    const index = indexOf(credential);
    give(index, 3);
    expect(await register(credential, codeOf(1))).toEqual({ kind: "registered" });
    const before = listHere().version;
    expect(await report("suspend", codeOf(1))).toEqual(done);
    expect([standing(index), published, listHere().version]).toEqual(["suspended", 1, before + 1]);
    expect(await report("suspend", codeOf(1))).toEqual(done);
    expect(await report("resume", codeOf(1), thief)).toEqual(done);
    expect(standing(index)).toBe(3);
  });

  it("is blocked for good, and another one goes on with the same subject at a new place", async () => {
    const credential = await mustAsk(phone);
    const index = indexOf(credential);
    give(index, 3);
    await register(credential, codeOf(1));
    const answer = await report("replace", codeOf(1));
    if (answer.kind !== "done" || answer.credential === null) throw new Error("nothing was issued");
    const fresh = claimsOf(answer.credential);
    expect(fresh).toMatchObject({ sub: claimsOf(credential)?.sub, holder: other.jwk });
    expect(fresh?.status?.index).not.toBe(index);
    expect([standing(index), standing(fresh?.status?.index ?? -1)]).toEqual(["revoked", 3]);

    // The thief's phone gets nothing more, by whatever it asks; the citizen's new one renews.
    expect(await ask(phone, { credential })).toMatchObject({
      kind: "refused",
      detail: expect.stringContaining("blocked"),
    });
    expect(await register(credential, codeOf(2))).toEqual(refused("reported lost"));
    expect(indexOf(await mustAsk(other, { credential: answer.credential }))).toBe(fresh?.status?.index);

    // Asked again, since the answer was lost: the same. And nothing brings the stolen one back.
    const again = await report("replace", codeOf(1));
    expect(again.kind === "done" && again.credential !== null && indexOf(again.credential)).toBe(fresh?.status?.index);
    expect(await report("resume", codeOf(1), thief)).toEqual(done);
    expect([standing(index), standing(fresh?.status?.index ?? -1)]).toEqual(["revoked", 3]);
  });

  it("is moved on again, and what the programme publishes later follows", async () => {
    const credential = await mustAsk(phone);
    await register(credential, codeOf(1));
    const second = await report("replace", codeOf(1));
    if (second.kind !== "done" || second.credential === null) throw new Error("nothing was issued");
    await register(second.credential, codeOf(2), other);
    const third = await report("replace", codeOf(2), thief);
    if (third.kind !== "done" || third.credential === null) throw new Error("nothing was issued");
    const places = [credential, second.credential, third.credential].map(indexOf);
    expect(new Set(places).size).toBe(3);
    give(places[0] ?? -1, 2); // the programme knows the first place only
    expect(places.map(standing)).toEqual(["revoked", "revoked", 2]);
    give(places[0] ?? -1, "revoked"); // it has heard of the theft, too
    expect(places.map(standing)).toEqual(["revoked", "revoked", "none"]);
  });

  it("is not made better by being suspended where the programme has blocked it", async () => {
    const credential = await mustAsk(phone);
    await register(credential, codeOf(1));
    give(indexOf(credential), "revoked");
    expect(await report("suspend", codeOf(1))).toEqual(done);
    expect(standing(indexOf(credential))).toBe("revoked");
  });

  it("leaves no restriction behind", async () => {
    const credential = await mustAsk(phone);
    const index = indexOf(credential);
    give(index, 3);
    world.registry.putRestrictions(listHere(), [
      { index, basis: "a law", until: world.clock.now + 9, appeal: "a court" },
    ]);
    await register(credential, codeOf(1));
    const answer = await report("replace", codeOf(1));
    if (answer.kind !== "done" || answer.credential === null) throw new Error("nothing was issued");
    expect([standing(index), standing(indexOf(answer.credential))]).toEqual(["revoked", "none"]);
  });

  it("cannot be kept by a thief who makes a code on it, too", async () => {
    const credential = await mustAsk(phone);
    await register(credential, codeOf(1));
    await register(credential, codeOf(2)); // the thief's
    expect(await report("suspend", codeOf(1))).toEqual(done);
    expect(await report("resume", codeOf(2), thief)).toEqual(refused("nobody has"));
    expect(await register(credential, codeOf(3))).toEqual(refused("reported lost"));

    // The thief is first, and still not last.
    const again = await mustAsk(thief);
    await register(again, codeOf(4), thief);
    await register(again, codeOf(5), thief);
    expect(await report("replace", codeOf(5), await makeKey("P-256"))).toMatchObject({ kind: "done" });
    expect(await report("replace", codeOf(4), await makeKey("Ed25519"))).toMatchObject({ kind: "done" });
  });

  it("of a citizen of the demo city is nobody's for the asking any more", async () => {
    const [citizen] = world.citizens.shown();
    const handle = citizen?.handle ?? "";
    const credential = await mustAsk(phone, { citizen: handle });
    await register(credential, codeOf(1));
    expect(await report("replace", codeOf(1))).toMatchObject({ kind: "done" });
    expect(await ask(phone, { citizen: handle })).toMatchObject({ kind: "refused" });
    expect(await ask(thief, { citizen: handle })).toMatchObject({ kind: "refused" });
  });
});

describe("what is refused", () => {
  it("is said, and changes nothing", async () => {
    const credential = await mustAsk(phone);
    const now = world.clock.now;
    expect(await register(credential, codeOf(1), thief)).toEqual(refused("own key"));
    expect(await register(credential, codeOf(1), phone, now - 301)).toEqual(refused("300 s"));
    expect(await register(Uint8Array.of(1), codeOf(1))).toEqual(refused("not issued here"));
    expect(await registerRecovery(edges, Uint8Array.of(1), now)).toEqual(refused("not a recovery code"));
    expect(await report("suspend", codeOf(1))).toEqual(refused("nobody has this recovery code"));
    await register(credential, codeOf(1));
    expect(await report("suspend", codeOf(1), other, now + 301)).toEqual(refused("300 s"));
    expect(await answerLoss(edges, Uint8Array.of(1), now)).toEqual(refused("not a loss"));
    await mustAsk(other);
    expect(await report("replace", codeOf(1), other)).toEqual(refused("somebody's already"));
    expect([world.registry.losses(listHere()), published]).toEqual([[], 0]);
  });

  it("has its limits: codes a citizen, places a list", async () => {
    const credential = await mustAsk(phone);
    for (let byte = 0; byte < recoveriesMax; byte++) {
      expect(await register(credential, codeOf(byte))).toEqual({ kind: "registered" });
    }
    expect(await register(credential, codeOf(99))).toEqual(refused(`${recoveriesMax} recovery codes`));
    const row = listHere();
    const taken = world.citizens.nextPlace(row.list);
    world.registry.putList({ ...row, entries: taken, packed: packStatuses(new Uint8Array(taken)) });
    expect(taken).toBeLessThan(demoEntries);
    expect(await report("replace", codeOf(0))).toEqual(refused("no free place"));
    expect(world.registry.losses(listHere())).toEqual([]);
  });
});
