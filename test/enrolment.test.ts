import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { enrolmentLifeSeconds, enrolTerminal, makeEnrolmentLink, makeTerminal } from "../edge-server/enrolment.ts";
import { sha256, toBase64url } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import type { Profile } from "../shared/messages.ts";
import { makeKey, type OperatorWorld, openOperatorWorld } from "./operator-world.ts";

const profile: Profile = {
  service: "library",
  programme: "fuzhou-moli",
  site: "library",
  name: "Desk 1",
  actuator: "simulated",
};

let world: OperatorWorld;
let key: SigningKey;

beforeEach(async () => {
  world = await openOperatorWorld();
  key = await makeKey();
  world.registry.putTerminal(makeTerminal("desk-1", profile));
});
afterEach(() => world.close());

const makeCode = async (terminal = "desk-1"): Promise<string> => {
  const link = await makeEnrolmentLink(world, terminal, world.clock.now);
  return /#enrol=([^.]+)\./.exec(link)?.[1] ?? "";
};
const enrol = (code: string, by: SigningKey = key) =>
  enrolTerminal({ ...world, keys: world.keys }, { code, key: by.jwk }, world.clock.now);
const refused = (detail: string) => ({
  kind: "refused",
  problem: "code-refused",
  detail: expect.stringContaining(detail),
});

describe("enrolment", () => {
  it("makes a link with a 128-bit code and the hash of the first root", async () => {
    const link = await makeEnrolmentLink(world, "desk-1", world.clock.now);
    const root = toBase64url(await sha256((await world.publisher.current()).firstRoot));
    expect(link).toMatch(/^https:\/\/edge\.example\.org\/kiosk\/#enrol=[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);
    expect(link.endsWith(`.${root}`)).toBe(true);
  });

  it("turns code and key into a terminal", async () => {
    const enrolled = await enrol(await makeCode());
    expect(enrolled).toEqual({
      kind: "enrolled",
      answer: {
        terminal: "desk-1",
        operatorKey: toBase64url(world.keys.operator.bytes),
        operatorKeyVersion: 1,
        profile,
        root: toBase64url((await world.publisher.current()).firstRoot),
      },
    });
    expect(world.registry.terminal("desk-1")).toMatchObject({ key: key.jwk, enrolledAt: world.clock.now });
  });

  it("takes a P-256 key too", async () => {
    const phone = await makeKey("P-256");
    expect(await enrol(await makeCode(), phone)).toMatchObject({ kind: "enrolled" });
    expect(world.registry.terminal("desk-1")?.key).toEqual(phone.jwk);
  });

  it("is good once: not for another key", async () => {
    const code = await makeCode();
    await enrol(code);
    expect(await enrol(code, await makeKey())).toEqual(refused("unknown, used or too old"));
    expect(world.registry.terminal("desk-1")?.key).toEqual(key.jwk);
  });

  it("answers the same key again while the code lasts, since an answer can be lost", async () => {
    const code = await makeCode();
    const first = await enrol(code);
    world.clock.now += enrolmentLifeSeconds - 1;
    expect(await enrol(code)).toEqual(first);
    expect(await enrol(code)).toEqual(first);
    world.clock.now += 1;
    expect(await enrol(code)).toEqual(refused("too old"));
  });

  it("answers nobody again once the terminal was revoked", async () => {
    const code = await makeCode();
    await enrol(code);
    world.registry.putTerminal({ ...makeTerminal("desk-1", profile), key: key.jwk, revokedAt: world.clock.now });
    expect(await enrol(code)).toEqual(refused("revoked"));
  });

  it("ends after 15 minutes", async () => {
    const code = await makeCode();
    world.clock.now += enrolmentLifeSeconds;
    expect(await enrol(code)).toEqual(refused("unknown, used or too old"));
    expect(world.registry.terminal("desk-1")?.key).toBeNull();
  });

  it("refuses a code that was never made", async () => {
    expect(await enrol("A".repeat(22))).toEqual(refused("unknown"));
  });

  it("lets only the first of two links enrol a terminal: its log is of one key", async () => {
    const [one, two] = [await makeCode(), await makeCode()];
    await enrol(one);
    expect(await enrol(two, await makeKey())).toEqual(refused("enrolled already"));
  });

  it("refuses a key that has a use already", async () => {
    const issuer = await makeKey();
    world.registry.putIssuer({ kid: issuer.kid, use: "citizen", jwk: issuer.jwk, programme: "p" });
    world.registry.putTerminal(makeTerminal("desk-2", profile));
    await enrol(await makeCode());
    const { edge, publisher, roots } = await world.publisher.keys();
    for (const used of [issuer, key, edge, publisher, ...roots]) {
      expect(await enrol(await makeCode("desk-2"), used)).toEqual(refused("a key has one use"));
    }
    expect(world.registry.terminal("desk-2")?.key).toBeNull();
  });

  it("refuses what is no key", async () => {
    const code = await makeCode();
    const request = { code, key: { kty: "OKP", crv: "Ed25519", x: "AAAA" } as const };
    expect(await enrolTerminal({ ...world, keys: world.keys }, request, world.clock.now)).toEqual(
      refused("the key is none"),
    );
    expect(await enrol(code)).toMatchObject({ kind: "enrolled" });
  });

  it("stores the key with the taking of the code, or neither", async () => {
    const code = await makeCode();
    const broken = {
      ...world.registry,
      putTerminal: () => {
        throw new Error("disk full");
      },
    };
    const edges = { ...world, registry: broken, keys: world.keys };
    await expect(enrolTerminal(edges, { code, key: key.jwk }, world.clock.now)).rejects.toThrow("disk full");
    expect(await enrol(code)).toMatchObject({ kind: "enrolled" });
  });
});
