import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kindOf } from "../shared/pack.ts";
import {
  bandOfScore,
  decodePack,
  decodePolicy,
  encodePolicy,
  packOf,
  perkInBand,
  rulesOf,
  type ServiceRules,
  termsOfPerk,
} from "../shared/policy.ts";
import type { ServiceName, Terms } from "../shared/terms.ts";
import { samplePack, samplePolicy, sampleRules } from "./sample.ts";

/** Sets what stands at a dotted path of a copy of `whole`; `undefined` takes it away. */
const changed = (whole: unknown, path: string, value: unknown): unknown => {
  const [key = "", ...rest] = path.split(".");
  const copy = structuredClone(whole) as Record<string, unknown>;
  if (rest.length > 0) copy[key] = changed(copy[key], rest.join("."), value);
  else if (value === undefined) delete copy[key];
  else copy[key] = value;
  return Array.isArray(whole) ? Object.values(copy) : copy;
};

const errorsOf = (policy: unknown): readonly string[] => {
  const decoded = decodePolicy(JSON.stringify(policy));
  return decoded.kind === "invalid" ? decoded.errors : [];
};

/** Every object in a value, by its dotted path. */
const objectsIn = (value: unknown, path = ""): readonly string[] => {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, each]) => objectsIn(each, path === "" ? key : `${path}.${key}`));
  return Array.isArray(value) ? inside : [path, ...inside];
};

it("reads back what it writes", () => {
  expect(decodePolicy(encodePolicy(samplePolicy))).toEqual({ kind: "decoded", value: samplePolicy });
  expect(decodePack(JSON.stringify(samplePack))).toEqual({ kind: "decoded", value: samplePack });
});

describe("an unknown field is refused", () => {
  it.each(objectsIn(samplePolicy).map((path) => ({ path })))("in `$path`", ({ path }) => {
    const field = path === "" ? "misspelt" : `${path}.misspelt`;
    const decoded = decodePolicy(JSON.stringify(changed(samplePolicy, field, 1)));
    expect(decoded).toMatchObject({ kind: "invalid", errors: [expect.stringContaining(field)] });
  });
});

describe("a missing field is refused", () => {
  const optional = /services\.(metro|library|bike)$|perks\.\d+\.terms\.\w+$/;
  const fields = objectsIn(samplePolicy).flatMap((path) => {
    const at = path
      .split(".")
      .reduce<unknown>((whole, key) => (key === "" ? whole : Reflect.get(Object(whole), key)), samplePolicy);
    return Object.keys(Object(at)).map((key) => (path === "" ? key : `${path}.${key}`));
  });
  it.each(fields.filter((field) => !optional.test(field)).map((field) => ({ field })))("$field", ({ field }) => {
    expect(errorsOf(changed(samplePolicy, field, undefined))).not.toEqual([]);
  });
});

describe("what is refused, and what is said of it", () => {
  const library = "packs.0.services.library";
  const cases: readonly (readonly [name: string, path: string, value: unknown, error: string])[] = [
    ["a currency that is none", "currency", "RMB ", "currency: must be an ISO 4217 code"],
    ["a currency in lower case", "currency", "cny", "currency: must be an ISO 4217 code"],
    ["another version of the format", "v", 2, "v:"],
    ["a presentation that is good for longer than the format says", "presentationSeconds", 91, "presentationSeconds:"],
    ["a presentation that nobody could show in time", "presentationSeconds", 9, "presentationSeconds:"],
    ["a negative grace", "perkGraceSeconds", -1, "perkGraceSeconds:"],
    ["half a second", "perkGraceSeconds", 1.5, "perkGraceSeconds:"],
    ["a number beyond all use", `${library}.ordinary.deposit`, 1_000_000_001, `${library}.ordinary.deposit:`],
    ["a price above the full one", `${library}.ordinary.priceFactor`, 1001, `${library}.ordinary.priceFactor:`],
    [
      "a perk's price above the full one",
      `${library}.perks.0.terms.priceFactor`,
      1001,
      `${library}.perks.0.terms.priceFactor:`,
    ],
    ["a negative price", `${library}.perks.0.terms.priceFactor`, -1, `${library}.perks.0.terms.priceFactor:`],
    ["a programme with a capital letter", "packs.0.programme", "Here", "packs.0.programme: must be a short name"],
    ["an empty help text", "help.zh", "", "help.zh:"],
    ["a certainty that is none", `${library}.perks.0.certainty`, "sure", `${library}.perks.0.certainty:`],
    ["a date that is none", `${library}.perks.0.since`, "last year", `${library}.perks.0.since:`],
    ["a scale that is upside down", "packs.0.scale", { min: 1000, max: 0 }, "packs.0.scale: min must be below max"],
    ["a scale of nothing", "packs.0.scale", { min: 650, max: 650 }, "packs.0.scale: min must be below max"],
    ["more than five cuts", "packs.0.cuts.at", [1, 2, 3, 4, 5, 6], "packs.0.cuts.at:"],
    ["cuts that fall", "packs.0.cuts.at", [697, 650, 750], "packs.0.cuts.at.1: cuts must rise"],
    ["a cut that stands twice", "packs.0.cuts.at", [650, 697, 697, 750], "packs.0.cuts.at.2: cuts must rise"],
    ["a cut at the bottom of the scale", "packs.0.cuts.at", [0, 650, 697, 750], "packs.0.cuts.at.0: cuts must rise"],
    ["a cut above the scale", "packs.0.cuts.at", [650, 697, 750, 1001], "packs.0.cuts.at.3: cuts must rise"],
    ["a threshold that is no cut", `${library}.perks.0.atLeast`, 698, "no-deposit starts at 698, which is no cut"],
    ["a threshold that is a word", `${library}.perks.0.atLeast`, "high", `${library}.perks.0.atLeast:`],
    ["two perks of one id", `${library}.perks.0.id`, "more-items", "perks.1.id: more-items stands there twice"],
    ["two perks from one threshold", `${library}.perks.0.atLeast`, 750, "perks.1.atLeast: two perks start at 750"],
    ["a programme that stands twice", "packs", [samplePack, samplePack], "packs: here stands there twice"],
  ];

  it.each(cases)("%s", (_name, path, value, error) => {
    expect(errorsOf(changed(samplePolicy, path, value))).toContainEqual(expect.stringContaining(error));
  });

  it("takes the extremes of what is right", () => {
    const right: readonly (readonly [path: string, value: unknown])[] = [
      ["packs.0.cuts.at", [1, 650, 697, 750, 1000]],
      ["presentationSeconds", 90],
      ["presentationSeconds", 10],
      ["packs.0.services", {}],
      [`${library}.ordinary.deposit`, 1_000_000_000],
    ];
    for (const [path, value] of right) expect(errorsOf(changed(samplePolicy, path, value))).toEqual([]);
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
  ])("%s", (_name, json) => {
    expect(decodePolicy(json).kind).toBe("invalid");
    expect(decodePack(json).kind).toBe("invalid");
  });

  it("one wrong pack among right ones, by its place", () => {
    const wrong = { ...samplePack, programme: "there", scale: { min: 2, max: 1 } };
    expect(errorsOf({ ...samplePolicy, packs: [samplePack, wrong] })).toContain("packs.1.scale: min must be below max");
  });
});

/** In the middle of every dimension, so that each can get better and worse. */
const middle: Terms = {
  deposit: 500,
  priceFactor: 500,
  freeSeconds: 500,
  loanSeconds: 500,
  itemsMax: 5,
  payLater: true,
  greenChannel: true,
};
const dimensions = [
  { dimension: "deposit", better: 499, worse: 501 },
  { dimension: "priceFactor", better: 499, worse: 501 },
  { dimension: "freeSeconds", better: 501, worse: 499 },
  { dimension: "loanSeconds", better: 501, worse: 499 },
  { dimension: "itemsMax", better: 6, worse: 4 },
  { dimension: "payLater", better: true, worse: false },
  { dimension: "greenChannel", better: true, worse: false },
] as const;

const withPerks = (...perks: readonly { readonly atLeast: number | "unknown"; readonly terms: Partial<Terms> }[]) => {
  const bike: ServiceRules = {
    ...sampleRules("bike"),
    ordinary: middle,
    perks: perks.map((each, index) => ({ ...each, id: `perk-${index}`, certainty: "S", source: "x", since: null })),
  };
  return { ...samplePolicy, packs: [{ ...samplePack, services: { bike } }] };
};

describe.each(dimensions)("a score only adds, by $dimension", ({ dimension, better, worse }) => {
  it("takes a perk that is better, or the same", () => {
    expect(errorsOf(withPerks({ atLeast: 697, terms: { [dimension]: better } }))).toEqual([]);
    expect(errorsOf(withPerks({ atLeast: 697, terms: { [dimension]: middle[dimension] } }))).toEqual([]);
  });

  it("refuses a perk that is worse than the ordinary service, however good otherwise", () => {
    const terms = { deposit: 0, priceFactor: 0, freeSeconds: 9999, itemsMax: 99, [dimension]: worse };
    const at = `packs.0.services.bike.perks.0.terms.${dimension}`;
    const error = `${at}: perk-0 is worse than the ordinary service in ${dimension}; a score only adds`;
    expect(errorsOf(withPerks({ atLeast: 697, terms }))).toEqual([error]);
    expect(errorsOf(withPerks({ atLeast: "unknown", terms }))).toEqual([error]);
  });

  it("refuses a higher perk that is worse than a lower one, in whatever order they stand", () => {
    // For what is yes or no, better than the ordinary yes cannot be: the ordinary no makes room.
    const ordinary = { ...middle, payLater: false, greenChannel: false };
    const lower = { atLeast: 650, terms: { [dimension]: better } };
    const higher = { atLeast: 750, terms: dimension === "deposit" ? { loanSeconds: 501 } : { deposit: 499 } };
    for (const [perks, error] of [
      [[lower, higher], `perks.1.terms.${dimension}: perk-1 is worse than perk-0 in ${dimension}, which asks for less`],
      [[higher, lower], `perks.0.terms.${dimension}: perk-0 is worse than perk-1 in ${dimension}, which asks for less`],
    ] as const) {
      const policy = changed(withPerks(...perks), "packs.0.services.bike.ordinary", ordinary);
      expect(errorsOf(policy)).toEqual([expect.stringContaining(error)]);
    }
  });
});

describe("a threshold nobody knows", () => {
  it("is complete as a pack, and grants nothing in any band", () => {
    const policy = withPerks({ atLeast: "unknown", terms: { deposit: 0 } });
    const decoded = decodePolicy(JSON.stringify(policy));
    if (decoded.kind === "invalid") throw new Error(decoded.errors.join());
    const [pack] = decoded.value.packs;
    const rules = pack === undefined ? null : rulesOf(pack, "bike");
    if (pack === undefined || rules === null) throw new Error("the policy was cut");
    for (const band of [0, 1, 2, 3, 4, 5]) expect(perkInBand(pack, rules, band)).toBeNull();
  });
});

describe("bands and perks", () => {
  it.each([
    [-1, 0],
    [0, 0],
    [649, 0],
    [650, 1],
    [696, 1],
    [697, 2],
    [749, 2],
    [750, 3],
    [1000, 3],
    [5000, 3],
  ])("puts a score of %i into band %i", (score, band) => {
    expect(bandOfScore(samplePack, score)).toBe(band);
  });

  it.each([
    ["metro", [null, null, "fare-20-off", "fare-20-off", null]],
    ["library", [null, null, "no-deposit", "more-items", null]],
    ["bike", [null, "longer", "longer", "longer", null]],
  ] as const)("gives the perk with the highest threshold reached: %s", (service, perks) => {
    const rules = sampleRules(service);
    expect([0, 1, 2, 3, 4].map((band) => perkInBand(samplePack, rules, band)?.id ?? null)).toEqual(perks);
  });

  it("improves the ordinary terms by what the perk names, and leaves the rest", () => {
    const rules = sampleRules("library");
    const perk = perkInBand(samplePack, rules, 3);
    if (perk === null) throw new Error("the sample has a perk there");
    expect(termsOfPerk(rules, perk)).toEqual({ ...rules.ordinary, ...perk.terms });
    expect(termsOfPerk(rules, { ...perk, terms: { deposit: undefined } })).toEqual(rules.ordinary);
  });

  it("tells the kind of an item by the longest beginning that fits", () => {
    const kinds = ["A", "AB", "B"].map((start) => ({
      id: start.toLowerCase(),
      name: samplePack.name,
      startsWith: [start],
    }));
    expect(["ABC", "AC", "BA", "C", "a"].map((item) => kindOf({ kinds }, item)?.id ?? null)).toEqual([
      ...["ab", "a", "b"],
      ...[null, null],
    ]);
    expect(kindOf(sampleRules("library"), "ABC")).toBeNull();
  });

  it("finds packs and services by name, and none that are not there", () => {
    expect(packOf(samplePolicy, "here")).toBe(samplePack);
    expect(packOf(samplePolicy, "there")).toBeNull();
    expect(rulesOf({ ...samplePack, services: {} }, "metro")).toBeNull();
    expect(rulesOf(samplePack, "constructor" as ServiceName)).toBeNull();
  });
});

describe("the city packs", () => {
  const folder = new URL("../shared/programmes/", import.meta.url);
  const files = readdirSync(folder).filter((file) => file !== "pack.schema.json");
  it.each(files)("%s is a pack, named after its programme", (file) => {
    const decoded = decodePack(readFileSync(new URL(file, folder), "utf8"));
    expect(decoded).toMatchObject({ kind: "decoded", value: { programme: file.replace(/\.json$/, "") } });
  });
});
