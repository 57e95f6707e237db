/** How many are inside, by what passed here. */
import { describe, expect, test } from "vitest";
import { createInside } from "../kiosk/inside.ts";

const day = 24 * 3600;
const noon = 1_800_000_000;

const insideAfter = (...passed: readonly (readonly ["entry" | "exit", number])[]) => {
  const inside = createInside();
  for (const [way, at] of passed) inside.pass(way, at);
  return inside;
};

describe("inside are", () => {
  test("those who went in, less those who came out", () => {
    expect(insideAfter(["entry", noon], ["entry", noon + 1], ["exit", noon + 2]).count(noon + 3)).toBe(1);
  });

  test("never fewer than none: who comes out unseen leaves no room for one more", () => {
    expect(insideAfter(["exit", noon], ["exit", noon], ["entry", noon + 1]).count(noon + 2)).toBe(1);
  });

  test("all who passed since they were last counted, too", () => {
    const inside = insideAfter(["entry", noon]);
    expect(inside.count(noon + 1)).toBe(1);
    inside.pass("entry", noon + 2);
    expect(inside.count(noon + 2)).toBe(2);
    inside.pass("exit", noon + 3);
    inside.pass("exit", noon + 3);
    inside.pass("exit", noon + 3);
    inside.pass("entry", noon + 4);
    expect(inside.count(noon + 4)).toBe(1);
  });

  test("not who went in a day ago: a minute later at most", () => {
    const inside = insideAfter(["entry", noon], ["entry", noon + 3600]);
    expect(inside.count(noon + day - 1)).toBe(2);
    expect(inside.count(noon + day + 59)).toBe(1);
    expect(inside.count(noon + day + 3600 + 60)).toBe(0);
  });

  test("counted anew from those who are left, also where somebody came out before the first of them", () => {
    const inside = insideAfter(["entry", noon], ["exit", noon + 3600], ["entry", noon + 3601]);
    expect(inside.count(noon + 3602)).toBe(1);
    expect(inside.count(noon + day + 60)).toBe(1);
  });

  test("the same when the clock is set back", () => {
    const inside = insideAfter(["entry", noon], ["entry", noon + day]);
    expect(inside.count(noon + day + 1)).toBe(1);
    inside.pass("entry", noon);
    expect(inside.count(noon)).toBe(2);
    expect(inside.count(noon + day + 60)).toBe(1);
  });
});
