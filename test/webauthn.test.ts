/** A security key's answer, one row a way in which it is not the one that was asked for. */
import { describe, expect, it } from "vitest";
import { type Bytes, concatBytes, sha256, toBase64url, toUtf8 } from "../shared/bytes.ts";
import type { Curve, SigningKey } from "../shared/keys.ts";
import {
  type Assertion,
  assertionFault,
  challengeIn,
  challengeOf,
  isPersonVerified,
  registrationFault,
} from "../shared/webauthn.ts";
import { bytesIn, derOf, makePasskey } from "./authenticator.ts";
import { drawKey } from "./sample.ts";

const origin = "https://edge.example.org:8443";
const of = { terminal: "t-1", epoch: "e", seq: 6 };
const attempt = { staff: "p", factor: "key", effect: "open", reason: "emergency", of } as const;
const challenge = await challengeOf({ ...of, seq: 7 }, attempt);

type Change = { type?: string; challenge?: Bytes; origin?: string; host?: string; flags?: number; by?: SigningKey };

const answer = async (key: SigningKey, change: Change = {}): Promise<Assertion> => {
  const said = { type: change.type ?? "webauthn.get", challenge: toBase64url(change.challenge ?? challenge) };
  const client = toUtf8(JSON.stringify({ ...said, origin: change.origin ?? origin, crossOrigin: false }));
  const host = await sha256(toUtf8(change.host ?? "edge.example.org"));
  const authenticator = concatBytes(host, Uint8Array.of(change.flags ?? 5, 0, 0, 0, 9));
  const raw = await (change.by ?? key).sign(concatBytes(authenticator, await sha256(client)));
  return { id: "abc", client, authenticator, signature: key.curve === "P-256" ? derOf(raw) : raw };
};

describe.each<Curve>(["P-256", "Ed25519"])("%s", (curve) => {
  it("the right answer is taken, whatever zeros its numbers begin with", async () => {
    const key = await drawKey(curve);
    for (let times = 0; times < 40; times++) {
      const given = await answer(key, { challenge: Uint8Array.of(times) });
      expect(await assertionFault(given, Uint8Array.of(times), origin, key)).toBe(null);
    }
    expect(await assertionFault(await answer(key), challenge, null, key)).toBe(null);
  });

  it.each<[string, Change, string]>([
    ["for another challenge", { challenge: new Uint8Array(32) }, "other-challenge"],
    ["on another page", { origin: "https://edge.example.com:8443" }, "other-origin"],
    ["on another port", { origin: "https://edge.example.org" }, "other-origin"],
    ["of a key for another host", { host: "example.org" }, "other-origin"],
    ["at a registration", { type: "webauthn.create" }, "malformed"],
    ["without a touch", { flags: 4 }, "nobody-there"],
  ])("%s: refused", async (_, change, fault) => {
    const key = await drawKey(curve);
    expect(await assertionFault(await answer(key, change), challenge, origin, key)).toBe(fault);
  });

  it("by another key, or changed on the way: refused", async () => {
    const key = await drawKey(curve);
    const foreign = await answer(key, { by: await drawKey(curve) });
    expect(await assertionFault(foreign, challenge, origin, key)).toBe("bad-signature");
    const good = await answer(key);
    for (const part of ["authenticator", "signature"] as const) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = good[part].slice();
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ (1 << bit);
        const fault = await assertionFault({ ...good, [part]: bytes }, challenge, origin, key);
        expect(fault).not.toBe(null);
      }
    }
  });

  it("too long, too short or no JSON: malformed", async () => {
    const key = await drawKey(curve);
    const good = await answer(key);
    for (const change of [
      { client: new Uint8Array(5000) },
      { client: toUtf8("{") },
      { client: toUtf8("null") },
      { authenticator: good.authenticator.slice(0, 36) },
      { authenticator: new Uint8Array(5000) },
    ]) {
      expect(await assertionFault({ ...good, ...change }, challenge, origin, key)).toBe("malformed");
    }
    for (const signature of [new Uint8Array(0), good.signature.slice(1), concatBytes(good.signature, good.signature)]) {
      expect(await assertionFault({ ...good, signature }, challenge, origin, key)).toBe("bad-signature");
    }
  });
});

it("a challenge is of one attempt: whatever else it says or stands elsewhere is another", async () => {
  const other = { ...of, seq: 7 };
  const others = [
    challengeOf({ ...other, seq: 8 }, attempt),
    challengeOf({ ...other, epoch: "f" }, attempt),
    challengeOf({ ...other, terminal: "t-2" }, attempt),
    challengeOf(other, { ...attempt, effect: "close" }),
    challengeOf(other, { ...attempt, reason: "works" }),
    challengeOf(other, { ...attempt, staff: "q" }),
    challengeOf(other, { ...attempt, of: null }),
  ];
  const seen = new Set((await Promise.all([challengeOf(other, attempt), ...others])).map(toBase64url));
  expect(seen.size).toBe(others.length + 1);
});

describe("a key that was made", () => {
  const made = async (change: Parameters<typeof makePasskey>[3] = {}, at = origin) => {
    const { id, client, authenticator } = await makePasskey(await drawKey("P-256"), at, toBase64url(challenge), change);
    return { id, client: bytesIn(client), authenticator: bytesIn(authenticator) };
  };

  it("is what was asked for, and says whether a person was verified", async () => {
    const good = await made();
    expect(await registrationFault(good, challenge, origin)).toBe(null);
    expect(isPersonVerified(good)).toBe(true);
    expect(isPersonVerified(await made({ flags: 65 }))).toBe(false);
    expect(challengeIn(good.client)).toEqual(challenge);
    expect(challengeIn(toUtf8("{"))).toBe(null);
    expect(challengeIn(new Uint8Array(5000))).toBe(null);
  });

  it("for another challenge, page or purpose, by nobody, or of another id: refused", async () => {
    expect(await registrationFault(await made(), new Uint8Array(32), origin)).toBe("other-challenge");
    const elsewhere = await made({}, "https://evil.example:8443");
    expect(await registrationFault(elsewhere, challenge, origin)).toBe("other-origin");
    expect(await registrationFault(await made({ host: "evil.example" }), challenge, origin)).toBe("other-origin");
    expect(await registrationFault(await made({ type: "webauthn.get" }), challenge, origin)).toBe("malformed");
    expect(await registrationFault(await made({ flags: 68 }), challenge, origin)).toBe("nobody-there");
    const good = await made();
    expect(await registrationFault({ ...good, id: "abc" }, challenge, origin)).toBe("malformed");
    for (const length of [37, 54, 55, 60]) {
      const cut = { ...good, authenticator: good.authenticator.slice(0, length) };
      expect(await registrationFault(cut, challenge, origin)).toBe("malformed");
    }
  });
});
