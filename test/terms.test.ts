import { describe, expect, it } from "vitest";
import {
  actionsOf,
  actionsWithoutCode,
  isNoWorse,
  needsNoCode,
  owedReasons,
  permitReasons,
  priceDue,
  referReasons,
  serviceNames,
  type Terms,
} from "../shared/terms.ts";
import { sampleRules } from "./sample.ts";

const { ordinary } = sampleRules("metro");

describe("what is due", () => {
  it.each([
    [400, 1000, 400],
    [400, 900, 360],
    [400, 0, 0],
    [0, 900, 0],
    [399, 900, 359], // 359.1
    [1, 999, 0], // a fraction is the citizen's
    [1_000_000_000, 999, 999_000_000],
  ])("of %i at %i permille is %i", (fullPrice, priceFactor, due) => {
    expect(priceDue(fullPrice, { ...ordinary, priceFactor })).toBe(due);
  });
});

describe("no worse", () => {
  const lower: readonly (keyof Terms)[] = ["deposit", "priceFactor"];

  it("is what is the same", () => {
    expect(isNoWorse(ordinary, ordinary)).toBe(true);
  });

  it.each(Object.keys(ordinary) as readonly (keyof Terms)[])("is told by %s alone", (dimension) => {
    const isYesOrNo = typeof ordinary[dimension] === "boolean";
    const [less, more] = (isYesOrNo ? [false, true] : [5, 6]).map((each) => ({ ...ordinary, [dimension]: each }));
    if (less === undefined || more === undefined) throw new Error("two were made");
    expect(isNoWorse(more, less)).toBe(!lower.includes(dimension));
    expect(isNoWorse(less, more)).toBe(lower.includes(dimension));
  });

  it.each<[name: string, more: Partial<Terms>, less: Partial<Terms>]>([
    ["a kind that is limited by the items alone", {}, { itemsByKind: { novels: 4 } }],
    ["more of a kind", { itemsByKind: { novels: 4 } }, { itemsByKind: { novels: 3 } }],
    ["a kind named like a method", { itemsByKind: {} }, { itemsByKind: { constructor: 3 } }],
    ["renewals without limit", {}, { renewalsMax: 9 }],
    ["more renewals", { renewalsMax: 1 }, { renewalsMax: 0 }],
    ["paying anything later", { payLater: true }, { payLater: true, payLaterMax: 9 }],
    ["paying something later", { payLater: true, payLaterMax: 9 }, { payLater: false }],
    ["paying more of it later", { payLater: true, payLaterMax: 9 }, { payLater: true, payLaterMax: 8 }],
    ["paying any time later", { payLater: true }, { payLater: true, payLaterSeconds: 9 }],
    ["paying it later still", { payLater: true, payLaterSeconds: 9 }, { payLater: true, payLaterSeconds: 8 }],
  ])("is %s", (_name, more, less) => {
    const [better, worse] = [more, less].map((each) => ({ ...ordinary, itemsMax: 5, ...each }));
    if (better === undefined || worse === undefined) throw new Error("two were made");
    expect([isNoWorse(better, worse), isNoWorse(worse, better)]).toEqual([true, false]);
  });

  it("is what differs in a limit that cannot be reached, either way", () => {
    for (const [a, b] of [
      [{ payLater: false }, { payLater: false, payLaterMax: 9, payLaterSeconds: 9 }],
      [{ itemsByKind: { novels: 7 } }, { itemsByKind: { novels: 5 } }],
    ] as const) {
      const [one, other] = [a, b].map((each) => ({ ...ordinary, itemsMax: 5, ...each }));
      if (one === undefined || other === undefined) throw new Error("two were made");
      expect([isNoWorse(one, other), isNoWorse(other, one)]).toEqual([true, true]);
    }
  });

  it("is neither of two that are better and worse at once", () => {
    const [a, b] = [
      { ...ordinary, deposit: 1, itemsMax: 9 },
      { ...ordinary, deposit: 0, itemsMax: 1 },
    ];
    expect([isNoWorse(a, b), isNoWorse(b, a)]).toEqual([false, false]);
  });
});

it("each reason has one meaning: to refer, or to permit", () => {
  const all = [...referReasons, ...permitReasons];
  expect(new Set(all).size).toBe(all.length);
  expect(permitReasons).toEqual(expect.arrayContaining([...owedReasons]));
});

it("each action of a service has one name, and what is given back is an action", () => {
  for (const all of Object.values(actionsOf)) expect(new Set<string>(all).size).toBe(all.length);
  expect(Object.values(actionsOf).flat()).toEqual(expect.arrayContaining([...actionsWithoutCode]));
});

it("to give something back, or to walk out where nothing is owed, needs no code", () => {
  const free = serviceNames.flatMap((service) =>
    actionsOf[service].filter((action) => needsNoCode({ service, action })).map((action) => `${service} ${action}`),
  );
  expect(free).toEqual([
    "library checkin",
    "bike trip_end",
    "umbrella trip_end",
    "power-bank trip_end",
    "venue exit",
    "shuttle exit",
  ]);
});
