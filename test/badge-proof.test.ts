/** What a phone signs for its staff badge, and the judgement of it. */
import { describe, expect, it } from "vitest";
import { judgeBadgeProof } from "../edge-server/phone-badge.ts";
import type { StaffRow } from "../edge-server/staff-book.ts";
import {
  type BadgeClaim,
  badgeProofBytesMax,
  openBadgeProof,
  readBadgeLink,
  signBadgeProof,
} from "../shared/badge-proof.ts";
import type { SigningKey } from "../shared/keys.ts";
import { signProof } from "../shared/proof.ts";
import { makeKey } from "./operator-world.ts";

const about = { name: "Wu", role: "supervisor", sites: ["hall-1", "hall-2"], keys: [] } as const;
const day = 86_400;
const phone = await makeKey("P-256");

describe("the judgement", () => {
  const now = 1_800_000_000;
  const row: StaffRow = {
    ...about,
    ...{ staff: "wu", issuedAt: now, expiresAt: now + day, revokedAt: null },
    phone: { linkUntil: now + 60, holder: null },
  };
  const held = { ...row, phone: { linkUntil: now + 60, holder: "this" } };
  const asked = { row, kid: "this", isTaken: false, by: "code", now } as const;
  const { phone: _, ...withoutPhone } = row;

  it.each<[string, Parameters<typeof judgeBadgeProof>[0], string | null]>([
    ["as it should be", asked, null],
    ["nobody", { ...asked, row: null }, "unknown"],
    ["a printed badge", { ...asked, row: withoutPhone }, "unknown"],
    ["revoked", { ...asked, row: { ...row, revokedAt: now } }, "revoked"],
    ["one second before its end", { ...asked, by: "credential", row: held, now: now + day - 1 }, null],
    ["at its end", { ...asked, by: "credential", row: held, now: now + day }, "ended"],
    ["the last second of the link", { ...asked, now: now + 59 }, null],
    ["the end of the link", { ...asked, now: now + 60 }, "too old"],
    ["the end of the link, for who used it", { ...asked, row: held, now: now + 60 }, "too old"],
    ["another phone", { ...asked, row: held, kid: "other" }, "another phone"],
    ["another phone, to renew", { ...asked, by: "credential", row: held, kid: "other" }, "another phone"],
    ["a key of another use", { ...asked, isTaken: true }, "one use"],
    ["its own key again", { ...asked, row: held, isTaken: true }, null],
  ])("%s", (_name, request, said) => {
    const verdict = judgeBadgeProof(request);
    if (said === null) expect(verdict).toMatchObject({ kind: "issue", row: { phone: { holder: "this" } } });
    else expect(verdict).toMatchObject({ kind: "refused", detail: expect.stringContaining(said) });
  });
});

describe("a proof", () => {
  const claim: BadgeClaim = { by: "code", code: new Uint8Array(16).fill(9) };
  const sign = (by: SigningKey, key = by) => signBadgeProof({ key: key.jwk, claim, at: 5 }, by);

  it("says what it was told, also by an Ed25519 key", async () => {
    for (const by of [phone, await makeKey()]) {
      expect(await openBadgeProof(await sign(by))).toMatchObject({ claim, at: 5, key: { kid: by.kid } });
    }
  });

  it("that is altered in any place, signed by another key, too long or of another kind is none", async () => {
    const good = await sign(phone);
    for (let place = 0; place < good.length; place++) {
      const bad = good.slice();
      bad[place] = (bad[place] ?? 0) ^ 1;
      expect(await openBadgeProof(bad)).toBeNull();
    }
    expect(await openBadgeProof(await sign(phone, await makeKey("P-256")))).toBeNull();
    expect(await openBadgeProof(new Uint8Array(badgeProofBytesMax + 1))).toBeNull();
    const code = { by: "code", code: new Uint8Array(15) } as const;
    expect(await openBadgeProof(await signBadgeProof({ key: phone.jwk, claim: code, at: 5 }, phone))).toBeNull();
    const citizens = { key: phone.jwk, citizen: null, credential: null, form: "phone", at: 5 } as const;
    expect(await openBadgeProof(await signProof(citizens, phone))).toBeNull();
  });
});

it.each([
  ["", null],
  ["#enrol=AAAAAAAAAAAAAAAAAAAAAA.x", null],
  ["#badge", null],
  ["#badge=", "malformed"],
  ["#badge=AAAA", "malformed"],
  ["#badge=AAAAAAAAAAAAAAAAAAAAA!", "malformed"],
  ["#badge=AAAAAAAAAAAAAAAAAAAAAB", "malformed"],
  ["#badge=AAAAAAAAAAAAAAAAAAAAAA", new Uint8Array(16)],
])("the address's %s", (fragment, expected) => {
  expect(readBadgeLink(fragment)).toEqual(expected);
});
