import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoCity, listDemoCitizens, openDemoIssuer } from "../edge-server/demo-city.ts";
import { demoEntries } from "../edge-server/demo-people.ts";
import {
  answerProof,
  cardLifeSeconds,
  type Issued,
  type IssuerEdges,
  renewalSecondsMax,
} from "../edge-server/issuer.ts";
import type { Bytes } from "../shared/bytes.ts";
import { decodeCredential, issueCredential, present, toQrText, usualLifeSeconds } from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type ProofRequest, signProof } from "../shared/proof.ts";
import { openTrust } from "../shared/trust.ts";
import { verify } from "../shared/verify.ts";
import { makeKey, type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

let world: OperatorWorld;
let edges: IssuerEdges;
let phone: SigningKey;

beforeEach(async () => {
  world = await openOperatorWorld();
  await createDemoCity(world);
  const opened = await openDemoIssuer(world);
  if (opened === null) throw new Error("no issuer");
  edges = opened;
  phone = await makeKey("P-256");
});
afterEach(() => world.close());

type Wish = Partial<Omit<ProofRequest, "key">>;
const ask = async (wish: Wish = {}, by = phone): Promise<Issued> => {
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
const mustAsk = async (wish: Wish = {}, by = phone): Promise<Bytes> => {
  const issued = await ask(wish, by);
  if (issued.kind === "refused") throw new Error(issued.detail);
  return issued.credential;
};
const claimsOf = (credential: Bytes) => decodeCredential(credential)?.claims;
const refused = (detail: string) => ({
  kind: "refused",
  problem: "proof-refused",
  detail: expect.stringContaining(detail),
});
const check = async (text: string) => {
  const trust = await openTrust(world.registry.issuers());
  return trust.kind === "valid" ? verify(text, trust.value, world.clock.now) : trust;
};

describe("issuer", () => {
  it("gives a citizen of the demo a credential that a terminal reads", async () => {
    const credential = await mustAsk({ citizen: "lin-yue" });
    const citizen = world.citizens.byHandle("lin-yue");
    const { now } = world.clock;
    expect(claimsOf(credential)).toEqual({
      sub: citizen?.sub,
      iat: now,
      exp: now + usualLifeSeconds,
      holder: phone.jwk,
      status: { uri: "a", index: citizen?.index },
    });
    expect(await check(toQrText(await present(credential, phone, now)))).toMatchObject({
      kind: "verified",
      presentation: { form: "presentation", use: "citizen", programme: "fuzhou-moli", statusAllowed: true },
    });
  });

  it("gives somebody new the next free place, and the same to whoever comes again with the same key", async () => {
    const [first, again] = [claimsOf(await mustAsk()), claimsOf(await mustAsk())];
    const other = claimsOf(await mustAsk({}, await makeKey()));
    expect(first?.status?.index).toBe(300);
    expect([again?.sub, again?.status]).toEqual([first?.sub, first?.status]);
    expect(other?.status?.index).toBe(301);
    expect(other?.sub).not.toBe(first?.sub);
  });

  it("says so when the list has no place left", async () => {
    for (let place = 300; place < demoEntries; place++) {
      const [handle, sub, holderKid] = [`o${place}`, `subject-${place}`, String(place)];
      world.citizens.enrol({ handle, sub, list: "a", shown: null, holderKid }, demoEntries);
    }
    expect(await ask()).toEqual(refused("no free place"));
  });

  it("renews for the holder, and subject and place stay", async () => {
    const credential = await mustAsk({ citizen: "lin-yue" });
    world.clock.now += usualLifeSeconds / 2;
    const renewed = claimsOf(await mustAsk({ credential }));
    expect(renewed).toEqual({
      ...claimsOf(credential),
      iat: world.clock.now,
      exp: world.clock.now + usualLifeSeconds,
    });
  });

  it("prints a card: no key, a year, the same subject and place", async () => {
    const credential = await mustAsk({ citizen: "lin-yue" });
    const card = await mustAsk({ credential, form: "card" });
    const { holder: _, exp, ...kept } = claimsOf(credential) ?? { exp: 0 };
    expect(claimsOf(card)).toEqual({ ...kept, exp: exp - usualLifeSeconds + cardLifeSeconds });
    expect(await check(toQrText(card))).toMatchObject({ kind: "verified", presentation: { form: "bearer" } });
  });

  it("renews until 31 days after the end, and no longer", async () => {
    const credential = await mustAsk();
    world.clock.now += usualLifeSeconds + renewalSecondsMax;
    expect(await ask({ credential })).toMatchObject({ kind: "issued" });
    world.clock.now += 1;
    expect(await ask({ credential })).toEqual(refused("too long ago"));
  });

  it("refuses a renewal or a card with another key than the credential's", async () => {
    const credential = await mustAsk();
    const thief = await makeKey();
    expect(await ask({ credential }, thief)).toEqual(refused("another key"));
    expect(await ask({ credential, form: "card" }, thief)).toEqual(refused("another key"));
  });

  it("refuses a renewal from a card: it is nobody's key", async () => {
    const card = await mustAsk({ credential: await mustAsk(), form: "card" });
    expect(await ask({ credential: card })).toEqual(refused("another key"));
  });

  it("refuses a card without the credential of a phone", async () => {
    expect(await ask({ citizen: "lin-yue", form: "card" })).toEqual(refused("a card needs"));
    expect(await ask({ form: "card" })).toEqual(refused("a card needs"));
  });

  it("refuses a credential that was not issued here, whatever it says", async () => {
    const stranger = await makeKey();
    const claims = claimsOf(await mustAsk({ citizen: "lin-yue" }));
    if (claims === undefined) throw new Error("no claims");
    const forged = await issueCredential(claims, stranger);
    const impostor = await issueCredential(claims, { ...stranger, kid: edges.key.kid });
    for (const credential of [forged, impostor, new Uint8Array([1, 2, 3])]) {
      expect(await ask({ credential })).toEqual(refused("not issued here"));
    }
  });

  it("refuses renewal and card once revoked; the same person comes back with another key and place", async () => {
    const credential = await mustAsk();
    const [head] = world.registry.lists();
    const list = head === undefined ? null : world.registry.list(head);
    if (list === null) throw new Error("no list");
    const packed = new Uint8Array(list.packed);
    packed[150] = 0x01; // place 300
    world.registry.putList({ ...list, version: 2, packed });
    expect(await ask({ credential })).toEqual(refused("revoked"));
    expect(await ask({ credential, form: "card" })).toEqual(refused("revoked"));
    expect(await ask()).toEqual(refused("revoked"));
    expect(claimsOf(await mustAsk({}, await makeKey()))?.status?.index).toBe(301);
  });

  it("shows the stolen phone of the demo, and does not renew it", async () => {
    const credential = await mustAsk({ citizen: "zheng-qi" });
    expect(await ask({ credential })).toEqual(refused("revoked"));
  });

  it("takes a proof within 300 s of its own time", async () => {
    const { now } = world.clock;
    for (const at of [now - 300, now + 300]) expect(await ask({ at })).toMatchObject({ kind: "issued" });
    for (const at of [now - 301, now + 301]) expect(await ask({ at })).toEqual(refused("300 s away"));
  });

  it("gives nobody the credential of somebody who came with a key of their own", async () => {
    await mustAsk();
    const handle = world.citizens.byHolder(phone.kid)?.handle ?? "";
    expect(await ask({ citizen: handle }, await makeKey())).toEqual(refused("nobody by that name"));
    expect(await ask({ citizen: "no-one" })).toEqual(refused("nobody by that name"));
  });

  it("refuses what is no proof, or signed by another key than it carries", async () => {
    const request = { key: phone.jwk, citizen: null, credential: null, form: "phone", at: world.clock.now } as const;
    const good = await signProof(request, phone);
    const byAnother = await signProof(request, await makeKey());
    const altered = new Uint8Array(good);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    const long = new Uint8Array(5000);
    for (const bytes of [byAnother, altered, long, good.slice(1), new Uint8Array(0)]) {
      expect(await answerProof(edges, bytes, world.clock.now)).toEqual(refused("not a proof"));
    }
    expect(await answerProof(edges, good, world.clock.now)).toMatchObject({ kind: "issued" });
  });

  it("lists the citizens that a phone can choose", () => {
    const { programme, citizens } = listDemoCitizens(world.citizens);
    expect(programme).toBe("fuzhou-moli");
    expect(citizens).toHaveLength(12);
    expect(citizens[0]).toEqual({
      handle: "lin-yue",
      name: { zh: "林悦", en: "Lin Yue" },
      about: { zh: "720 分", en: "720 points" },
    });
  });
});
