/** A staff badge on a phone: a link makes one phone the badge's, once; it renews by itself until it ends or is revoked. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoCity, openDemoIssuer } from "../edge-server/demo-city.ts";
import { answerProof, issueFor } from "../edge-server/issuer.ts";
import { answerBadgeProof, type BadgeIssued } from "../edge-server/phone-badge.ts";
import {
  badgeLifeSeconds,
  badgeLinkSeconds,
  isGoodAt,
  makeBadge,
  makePhoneBadge,
  type StaffRow,
  staffOf,
} from "../edge-server/staff-book.ts";
import { type BadgeClaim, signBadgeProof } from "../shared/badge-proof.ts";
import { type Bytes, toBase64url } from "../shared/bytes.ts";
import {
  decodeCredential,
  issueCredential,
  present,
  qrTextMax,
  toQrText,
  usualLifeSeconds,
} from "../shared/credential.ts";
import type { SigningKey } from "../shared/keys.ts";
import { signProof } from "../shared/proof.ts";
import { openTrust } from "../shared/trust.ts";
import { verify } from "../shared/verify.ts";
import { makeKey, type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

const about = { name: "Wu", role: "supervisor", sites: ["hall-1", "hall-2"], keys: [] } as const;
const day = 86_400;

let world: OperatorWorld;
let phone: SigningKey;
let staffIssuer: SigningKey;

beforeEach(async () => {
  world = await openOperatorWorld();
  phone = await makeKey("P-256");
  staffIssuer = await world.keys.makeStaffIssuer();
  world.registry.putIssuer({ kid: staffIssuer.kid, use: "staff", jwk: staffIssuer.jwk, name: "Badges" });
});
afterEach(() => world.close());

const makeLink = async (change: Partial<StaffRow> = {}): Promise<Bytes> => {
  const { row, code } = await makePhoneBadge({ ...about, ...change }, world.keys.operator, world.clock.now);
  world.registry.putStaff({ ...row, ...change });
  return code;
};

const ask = async (claim: BadgeClaim, by = phone, at = world.clock.now): Promise<BadgeIssued> =>
  answerBadgeProof(world, await signBadgeProof({ key: by.jwk, claim, at }, by), world.clock.now);
const open = (code: Bytes, by = phone) => ask({ by: "code", code }, by);
const renew = (credential: Bytes, by = phone) => ask({ by: "credential", credential }, by);

const must = async (issued: Promise<BadgeIssued>): Promise<Bytes> => {
  const answer = await issued;
  if (answer.kind === "refused") throw new Error(answer.detail);
  return answer.credential;
};
const refused = (detail: string) => ({
  kind: "refused",
  problem: "badge-refused",
  detail: expect.stringContaining(detail),
});
const claimsOf = (credential: Bytes) => decodeCredential(credential)?.claims;
const onlyRow = (): StaffRow => world.registry.staff()[0] as StaffRow;

const check = async (text: string) => {
  const trust = await openTrust(world.registry.issuers());
  return trust.kind === "valid" ? verify(text, trust.value, world.clock.now) : trust;
};

describe("a link", () => {
  it("makes the phone that opens it the badge's: every terminal believes what it shows, under the operator's name for it", async () => {
    const credential = await must(open(await makeLink()));
    const text = toQrText(await present(credential, phone, world.clock.now));
    const verified = await check(text);
    expect(verified).toMatchObject({
      kind: "verified",
      presentation: { use: "staff", form: "presentation", role: "supervisor", sites: ["hall-1", "hall-2"] },
    });
    if (verified.kind !== "verified") return;
    expect(await staffOf(verified.presentation.sub, world.keys.operator)).toBe(onlyRow().staff);
    expect(onlyRow().phone?.holder).toBe(phone.kid);
    // Without the phone's key it is nothing.
    expect(await check(toQrText(credential))).toMatchObject({ kind: "fault", fault: "unreadable" });
  });

  it("is kept nowhere, and neither is the badge's subject", async () => {
    const code = await makeLink();
    const { sub } = claimsOf(await must(open(code))) ?? { sub: "" };
    const kept = JSON.stringify(world.registry.staff());
    expect(kept).not.toContain(toBase64url(code));
    expect(kept).not.toContain(sub);
  });

  it("is good once: the same phone is answered again where the answer was lost, another one is not", async () => {
    const code = await makeLink();
    const first = await must(open(code));
    expect(claimsOf(await must(open(code)))?.sub).toBe(claimsOf(first)?.sub);
    expect(await open(code, await makeKey())).toEqual(refused("used by another phone"));
    expect(onlyRow().phone?.holder).toBe(phone.kid);
  });

  it("of two phones at once is one phone's", async () => {
    const code = await makeLink();
    const answers = await Promise.all([open(code), open(code, await makeKey())]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(["issued", "refused"]);
  });

  it("is over after a quarter of an hour, and was no badge then: somebody may have another", async () => {
    const code = await makeLink();
    world.clock.now += badgeLinkSeconds - 1;
    expect(isGoodAt(onlyRow(), world.clock.now)).toBe(true);
    world.clock.now += 1;
    expect(isGoodAt(onlyRow(), world.clock.now)).toBe(false);
    expect(await open(code)).toEqual(refused("too old"));
    expect(onlyRow().phone?.holder).toBeNull();
  });

  it("leaves room in a code for the most sites that a badge may have", async () => {
    const sites = Array.from({ length: 20 }, (_, index) => `${"s".repeat(12)}${String(index).padStart(2, "0")}`);
    expect(sites.join(",")).toHaveLength(299);
    const credential = await must(open(await makeLink({ sites })));
    const text = toQrText(await present(credential, phone, world.clock.now));
    expect(text.length).toBeLessThanOrEqual(qrTextMax);
    expect(await check(text)).toMatchObject({ kind: "verified", presentation: { sites } });
  });
});

describe("a badge on a phone", () => {
  it("renews by itself, as the same person, with the role and the sites that it has now", async () => {
    const credential = await must(open(await makeLink()));
    const { sub, iat, exp } = claimsOf(credential) ?? { sub: "", iat: 0, exp: 0 };
    expect(exp - iat).toBe(usualLifeSeconds);
    world.clock.now += 3 * day;
    world.registry.putStaff({ ...onlyRow(), sites: ["hall-3"] });
    const renewed = await must(renew(credential));
    const staff = { role: "supervisor", sites: ["hall-3"] };
    expect(claimsOf(renewed)).toMatchObject({ sub, iat: world.clock.now, staff });
  });

  it("lives no longer than the badge", async () => {
    const credential = await must(open(await makeLink()));
    world.clock.now += badgeLifeSeconds - day;
    const last = await must(renew(credential));
    expect(claimsOf(last)?.exp).toBe(onlyRow().expiresAt);
    world.clock.now += day;
    expect(await renew(last)).toEqual(refused("has ended"));
  });

  it("that was revoked is given to nobody, by no link and by no renewal", async () => {
    const code = await makeLink();
    const credential = await must(open(code));
    world.registry.putStaff({ ...onlyRow(), revokedAt: world.clock.now });
    expect(await renew(credential)).toEqual(refused("was revoked"));
    expect(await open(code)).toEqual(refused("was revoked"));
  });

  it("is not renewed once the key that signs badges was revoked", async () => {
    const credential = await must(open(await makeLink()));
    const entry = world.registry.issuers().find(({ kid }) => kid === staffIssuer.kid);
    if (entry !== undefined) world.registry.putIssuer({ ...entry, revokedAt: world.clock.now });
    expect(await renew(credential)).toEqual(refused("the key that signs badges was revoked"));
  });
});

describe("refused, and nothing changed", () => {
  const printed = async (): Promise<Bytes> => {
    const { row } = await makeBadge(about, staffIssuer, world.keys.operator, world.clock.now);
    world.registry.putStaff(row);
    const claims = { sub: "printed-badge", iat: world.clock.now, exp: world.clock.now + day };
    return issueCredential({ ...claims, staff: { role: about.role, sites: about.sites } }, staffIssuer);
  };
  const staffClaims = () => ({
    ...{ sub: "staff-0001", iat: world.clock.now, exp: world.clock.now + day, holder: phone.jwk },
    staff: { role: "supervisor", sites: ["hall-1"] },
  });

  it.each<[string, () => Promise<BadgeIssued>, string]>([
    ["a code that nobody made", () => open(new Uint8Array(16)), "unknown"],
    ["a printed badge's text, for a phone", async () => renew(await printed()), "no badge of this phone"],
    [
      "another phone's badge",
      async () => renew(await must(open(await makeLink(), await makeKey()))),
      "no badge of this phone",
    ],
    [
      "one that others signed",
      async () => renew(await issueCredential(staffClaims(), phone)),
      "no badge of this phone",
    ],
    [
      "one of somebody who is in no list",
      async () => renew(await issueCredential(staffClaims(), staffIssuer)),
      "unknown",
    ],
    ["what is no credential", () => renew(new Uint8Array([1, 2, 3])), "no badge of this phone"],
    [
      "a proof of yesterday",
      async () => ask({ by: "code", code: await makeLink() }, phone, world.clock.now - 301),
      "300 s",
    ],
    [
      "a proof of tomorrow",
      async () => ask({ by: "code", code: await makeLink() }, phone, world.clock.now + 301),
      "300 s",
    ],
    ["nothing at all", async () => answerBadgeProof(world, new Uint8Array(0), world.clock.now), "not a proof"],
  ])("%s", async (_, asked, said) => {
    const answer = await asked();
    expect(answer).toEqual(refused(said));
    expect(world.registry.staff().every(({ phone: held }) => held?.holder !== phone.kid)).toBe(true);
  });

  it("a key that is in use for something else", async () => {
    const [other] = (await world.keys.held()).edge;
    if (other === undefined) throw new Error("no key");
    expect(await open(await makeLink(), other)).toEqual(refused("a key has one use"));
    await must(open(await makeLink()));
    expect(await open(await makeLink())).toEqual(refused("a key has one use"));
  });

  it("a citizen's credential for a badge, and a badge for a citizen's credential", async () => {
    await createDemoCity(world);
    const issuer = await openDemoIssuer(world);
    const citizen = world.citizens.byHandle("lin-yue");
    if (issuer === null || citizen === null) throw new Error("no demo city");
    const citizens = await issueFor(issuer.key, citizen, phone.jwk, world.clock.now);
    expect(await renew(citizens)).toEqual(refused("no badge of this phone"));

    const badge = await must(open(await makeLink()));
    const asked = { key: phone.jwk, citizen: null, credential: badge, form: "phone", at: world.clock.now } as const;
    const answer = await answerProof(issuer, await signProof(asked, phone), world.clock.now);
    expect(answer).toMatchObject({ kind: "refused", detail: expect.stringContaining("was not issued here") });
  });
});
