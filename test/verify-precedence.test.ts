import { describe, expect, it } from "vitest";
import { type Bytes, concatBytes } from "../shared/bytes.ts";
import { decodeCbor, encodeCbor, readSign1, signSign1 } from "../shared/cose.ts";
import { type CredentialClaims, issueCredential, toQrText } from "../shared/credential.ts";
import { type SigningKey, signingKeyOf } from "../shared/keys.ts";
import { openTrust } from "../shared/trust.ts";
import { faults, type Verification, verify } from "../shared/verify.ts";

/**
 * The order of the faults, as a decision table: one row a rule, in FORMATS' order; each row breaks its own rule and all
 * the later ones. Then both sides of every boundary in time.
 */

const now = 1_800_000_000;
const day = 86_400;

const generate = async (algorithm: { name: "Ed25519" } | { name: "ECDSA"; namedCurve: "P-256" }) =>
  signingKeyOf((await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"])) as CryptoKeyPair);
const ed25519 = () => generate({ name: "Ed25519" });
const p256 = () => generate({ name: "ECDSA", namedCurve: "P-256" });

const issuers = { Ed25519: await ed25519(), "P-256": await p256() };
const holders = { Ed25519: await ed25519(), "P-256": await p256() };
const stranger = await ed25519();

const opened = await openTrust(
  Object.values(issuers).map(({ kid, jwk }) => ({ kid, jwk, use: "citizen", programme: "test" })),
);
if (opened.kind === "invalid") throw new Error(opened.error);
const trust = opened.value;

type Curve = keyof typeof issuers;

/** Everything that makes a code, with one handle for each rule. */
type Recipe = {
  prefix: string;
  claims: CredentialClaims;
  issuer: SigningKey;
  issuerAlg: number | null;
  spoilIssuerSignature: boolean;
  holder: SigningKey;
  holderAlg: number | null;
  spoilHolderSignature: boolean;
  issuedAt: number;
};

const goodRecipe = (curve: Curve): Recipe => ({
  prefix: "GL1:",
  claims: {
    sub: "Zk8b3JtQ0a9Xy12u",
    iat: now - day,
    exp: now + day,
    nbf: now - day,
    holder: holders[curve].jwk,
    status: { uri: "a", index: 7 },
  },
  issuer: issuers[curve],
  issuerAlg: null,
  spoilIssuerSignature: false,
  holder: holders[curve],
  holderAlg: null,
  spoilHolderSignature: false,
  issuedAt: now,
});

const otherAlg = { Ed25519: -9, "P-256": -19 } as const;

const algHeader = (alg: number | null): [number, unknown][] => (alg === null ? [] : [[1, alg]]);

/** The signature comes last, so the last byte of a message is a byte of its signature. */
const spoil = (bytes: Bytes): Bytes => concatBytes(bytes.subarray(0, -1), Uint8Array.of((bytes.at(-1) ?? 0) ^ 1));

const codeOf = async (recipe: Recipe): Promise<string> => {
  const claims = readSign1(await issueCredential(recipe.claims, recipe.issuer), [1, 4])?.payload ?? new Uint8Array(0);
  const kid = Uint8Array.from(Buffer.from(recipe.issuer.kid, "hex"));
  const signed = await signSign1(
    new Map<number, unknown>([[4, kid], ...algHeader(recipe.issuerAlg)]),
    claims,
    recipe.issuer,
  );
  const credential = recipe.spoilIssuerSignature ? spoil(signed) : signed;
  const shown = await signSign1(
    new Map<number, unknown>([[13, decodeCbor(credential)?.value], ...algHeader(recipe.holderAlg)]),
    encodeCbor(new Map([[6, recipe.issuedAt]])),
    recipe.holder,
  );
  return recipe.prefix + toQrText(recipe.spoilHolderSignature ? spoil(shown) : shown).slice(4);
};

const claim = (recipe: Recipe, claims: Partial<CredentialClaims>): void => {
  recipe.claims = { ...recipe.claims, ...claims };
};

/** In order of precedence. Broken from the last to the first, so where two need the same field the first has it. */
const rules: readonly { fault: string; breaks: string; break: (recipe: Recipe, curve: Curve) => void }[] = [
  {
    fault: "not-ours",
    breaks: "the prefix",
    break: (r) => {
      r.prefix = "GL0:";
    },
  },
  {
    fault: "update-terminal",
    breaks: "the version",
    break: (r) => {
      r.prefix = "GL2:";
    },
  },
  { fault: "unreadable", breaks: "a required claim", break: (r) => claim(r, { sub: "no sub" }) },
  {
    fault: "unknown-issuer",
    breaks: "the issuer",
    break: (r) => {
      r.issuer = stranger;
    },
  },
  {
    fault: "wrong-algorithm",
    breaks: "the issuer's alg",
    break: (r, curve) => {
      r.issuerAlg = otherAlg[curve];
    },
  },
  {
    fault: "bad-issuer-signature",
    breaks: "its signature",
    break: (r) => {
      r.spoilIssuerSignature = true;
    },
  },
  {
    fault: "wrong-algorithm",
    breaks: "the holder's alg",
    break: (r, curve) => {
      r.holderAlg = otherAlg[curve];
    },
  },
  {
    fault: "bad-holder-signature",
    breaks: "its signature",
    break: (r) => {
      r.spoilHolderSignature = true;
    },
  },
  { fault: "not-yet-valid", breaks: "nbf", break: (r) => claim(r, { nbf: now + 21 }) },
  { fault: "expired", breaks: "exp", break: (r) => claim(r, { exp: now, iat: Math.min(r.claims.iat, now - day) }) },
  { fault: "life-too-long", breaks: "the life", break: (r) => claim(r, { iat: r.claims.exp - 31 * day - 1 }) },
  {
    fault: "from-the-future",
    breaks: "iat, ahead",
    break: (r) => {
      r.issuedAt = now + 21;
    },
  },
  {
    fault: "stale",
    breaks: "iat, behind",
    break: (r) => {
      r.issuedAt = now - 91;
    },
  },
];

/** Only what is wrong with its moment says which moment that was: everything before is not known to be true. */
const faultIn = (fault: string) =>
  fault === "from-the-future" || fault === "stale"
    ? { kind: "fault", fault, issuedAt: expect.any(Number) }
    : { kind: "fault", fault };

describe.each(["Ed25519", "P-256"] as const)("%s", (curve) => {
  it("a code that breaks no rule is verified", async () => {
    expect(await verify(await codeOf(goodRecipe(curve)), trust, now)).toMatchObject({ kind: "verified" });
  });

  it.each(rules.map((rule, row) => ({ ...rule, row })))(
    "$fault ($breaks), and every later rule broken",
    async ({ fault, row }) => {
      const recipe = goodRecipe(curve);
      for (const rule of rules.slice(row).reverse()) rule.break(recipe, curve);
      expect(await verify(await codeOf(recipe), trust, now)).toEqual(faultIn(fault));
    },
  );

  it.each(rules)("$fault ($breaks) alone", async (rule) => {
    const recipe = goodRecipe(curve);
    rule.break(recipe, curve);
    // A stranger's signature is as good as any: only trust is missing.
    expect(await verify(await codeOf(recipe), trust, now)).toEqual(faultIn(rule.fault));
  });
});

it("the list of faults is in the order of the table", () => {
  expect(faults).toEqual([...new Set(rules.map(({ fault }) => fault))]);
});

describe("both sides of each boundary", () => {
  const outcome = (result: Verification): string => (result.kind === "verified" ? "verified" : result.fault);
  const iat = now - day;

  it.each<[string, Partial<CredentialClaims>, string]>([
    ["nbf 20 s ahead", { nbf: now + 20 }, "verified"],
    ["nbf 21 s ahead", { nbf: now + 21 }, "not-yet-valid"],
    ["issued 20 s ahead", { iat: now + 20 }, "verified"],
    ["issued 21 s ahead", { iat: now + 21 }, "not-yet-valid"],
    ["its last second", { exp: now + 1 }, "verified"],
    ["expired", { exp: now }, "expired"],
    ["31 days", { exp: iat + 31 * day }, "verified"],
    ["31 days and a second", { exp: iat + 31 * day + 1 }, "life-too-long"],
  ])("credential: %s", async (_, claims, expected) => {
    const recipe = goodRecipe("Ed25519");
    claim(recipe, claims);
    expect(outcome(await verify(await codeOf(recipe), trust, now))).toBe(expected);
  });

  it.each<[string, number, string]>([
    ["400 days", iat + 400 * day, "verified"],
    ["400 days and a second", iat + 400 * day + 1, "life-too-long"],
    ["its last second", now + 1, "verified"],
    ["expired", now, "expired"],
  ])("card: %s", async (_, exp, expected) => {
    const claims = { sub: "Zk8b3JtQ0a9Xy12u", iat, exp, status: { uri: "a", index: 7 } };
    const text = toQrText(await issueCredential(claims, issuers.Ed25519));
    expect(outcome(await verify(text, trust, now))).toBe(expected);
  });

  it.each<[age: number, policy: number | undefined, expected: string]>([
    [-21, undefined, "from-the-future"],
    [-20, undefined, "verified"],
    [90, undefined, "verified"],
    [91, undefined, "stale"],
    [30, 30, "verified"],
    [31, 30, "stale"],
    [0, 0, "verified"],
    [1, 0, "stale"],
    [90, 600, "verified"],
    [91, 600, "stale"],
    [91, Number.POSITIVE_INFINITY, "stale"],
    [1, -5, "stale"],
    [0, Number.NaN, "stale"],
  ])("presentation: %i s old, policy says %s", async (age, policy, expected) => {
    const text = await codeOf({ ...goodRecipe("Ed25519"), issuedAt: now - age });
    expect(outcome(await verify(text, trust, now, policy))).toBe(expected);
  });

  it("a clock that is not a number verifies nothing", async () => {
    const text = await codeOf(goodRecipe("Ed25519"));
    expect((await verify(text, trust, Number.NaN)).kind).toBe("fault");
  });
});

it("remembers the identity for the whole window, also where policy shortens it", async () => {
  const text = await codeOf({ ...goodRecipe("Ed25519"), issuedAt: now - 10 });
  const long = await verify(text, trust, now);
  const short = await verify(text, trust, now, 30);
  expect(long).toEqual(short);
  expect(long).toMatchObject({ presentation: { issuedAt: now - 10, windowUntil: now + 80 } });
});
