import { describe, expect, it } from "vitest";
import {
  demoCitizens,
  enrolmentAnswer,
  enrolmentRequest,
  manifestAnswer,
  problem,
  problemType,
  profile,
  publicJwk,
  readAnswer,
} from "../shared/messages.ts";
import { drawKey } from "./sample.ts";

const code = "AAAAAAAAAAAAAAAAAAAAAA";
const place = { programme: "fuzhou-moli", site: "north", name: "Gate 1", actuator: "simulated" };
const profiles = [
  { service: "metro", action: "entry", ...place },
  { service: "library", ...place },
  { service: "bike", docks: ["d1", "d2"], ...place },
] as const;

describe("the key of a terminal", () => {
  it.each(["Ed25519", "P-256"] as const)("is a public %s key", async (curve) => {
    const { jwk } = await drawKey(curve);
    expect(readAnswer(publicJwk, jwk)).toEqual(jwk);
    expect(readAnswer(enrolmentRequest, { code, key: jwk })).toEqual({ code, key: jwk });
  });

  it("is never a private one, nor of another kind", async () => {
    const { jwk } = await drawKey();
    expect(readAnswer(publicJwk, { ...jwk, d: jwk.x })).toBeNull();
    expect(readAnswer(publicJwk, { ...jwk, crv: "X25519" })).toBeNull();
    expect(readAnswer(publicJwk, { kty: "RSA", n: "AAAA", e: "AQAB" })).toBeNull();
    expect(readAnswer(publicJwk, { ...jwk, x: `${jwk.x}=` })).toBeNull();
  });
});

describe("an enrolment", () => {
  it.each(["", "A".repeat(21), "A".repeat(23), `${"A".repeat(21)}!`])(
    "is not asked for with the code %j",
    async (bad) => {
      expect(readAnswer(enrolmentRequest, { code: bad, key: (await drawKey()).jwk })).toBeNull();
    },
  );

  it("is asked for with nothing else", async () => {
    expect(readAnswer(enrolmentRequest, { code, key: (await drawKey()).jwk, admin: true })).toBeNull();
  });

  it("is answered with who the terminal is", () => {
    const [metro] = profiles;
    const answer = { terminal: "t1", operatorKey: "AAAA", operatorKeyVersion: 1, profile: metro, root: "AAAA" };
    expect(readAnswer(enrolmentAnswer, answer)).toEqual(answer);
    for (const field of Object.keys(answer)) {
      expect(readAnswer(enrolmentAnswer, { ...answer, [field]: undefined })).toBeNull();
    }
  });
});

describe("a profile", () => {
  it.each(profiles)("of $service", (good) => {
    expect(readAnswer(profile, good)).toEqual(good);
  });

  it.each<[string, unknown]>([
    ["an unknown service", { ...place, service: "cinema" }],
    ["no action at a gate", { ...place, service: "metro" }],
    ["another's action", { ...place, service: "metro", action: "checkout" }],
    ["no docks", { ...place, service: "bike", docks: [] }],
    ["too many docks", { ...place, service: "bike", docks: Array.from({ length: 61 }, (_, index) => `d${index}`) }],
    ["a site with a slash", { ...place, service: "library", site: "north/../south" }],
    ["no name", { ...place, service: "library", name: "" }],
  ])("with %s is none", (_name, bad) => {
    expect(readAnswer(profile, bad)).toBeNull();
  });
});

describe("a manifest's answer", () => {
  const answer = { roots: ["AAAA"], manifest: "AAAA", keys: { ab: "cd" } };
  it("holds roots, manifest and keys", () => {
    expect(readAnswer(manifestAnswer, answer)).toEqual(answer);
  });

  it("is bounded", () => {
    expect(readAnswer(manifestAnswer, { ...answer, roots: Array.from({ length: 101 }, () => "AAAA") })).toBeNull();
    expect(readAnswer(manifestAnswer, { ...answer, manifest: "A".repeat(1_000_001) })).toBeNull();
    expect(readAnswer(manifestAnswer, { ...answer, manifest: "A A" })).toBeNull();
    expect(readAnswer(manifestAnswer, { ...answer, keys: [1] })).toBeNull();
  });
});

it("a problem keeps what it says beyond the standard, and its type is a stable name", () => {
  const gap = { type: problemType("gap"), title: "Send from an earlier entry", status: 409, next: 7, more: 1 };
  expect(readAnswer(problem, gap)).toEqual(gap);
  expect(gap.type).toBe("urn:greenlane:problem:gap");
  expect(readAnswer(problem, { title: "no type", status: 400 })).toBeNull();
});

it("demo citizens have a handle and names in both languages", () => {
  const citizen = { handle: "lin", name: { zh: "林", en: "Lin" }, about: { zh: "读者", en: "A reader" } };
  expect(readAnswer(demoCitizens, { programme: "fuzhou-moli", citizens: [citizen] })?.citizens).toEqual([citizen]);
  expect(
    readAnswer(demoCitizens, { programme: "fuzhou-moli", citizens: [{ ...citizen, name: { zh: "林" } }] }),
  ).toBeNull();
});
