import { describe, expect, it } from "vitest";
import {
  actionsOf,
  actionsWithoutCode,
  isNoWorse,
  owedReasons,
  permitReasons,
  priceDue,
  referReasons,
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

it("each action belongs to one service, and what is given back is an action", () => {
  const all: readonly string[] = Object.values(actionsOf).flat();
  expect(new Set(all).size).toBe(all.length);
  expect(all).toEqual(expect.arrayContaining([...actionsWithoutCode]));
});
