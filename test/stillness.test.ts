/** A frozen camera, and those that only look like one. */
import { describe, expect, test } from "vitest";
import { createStillness, livelyPictures, sampleOf, stillMillisecondsMax } from "../kiosk/adapters/stillness.ts";

const frameMilliseconds = 33;
const pixels = 1280 * 720;

/** Whether it was taken for frozen at any frame: `noisy` ones, then the last of them again and again. */
const isFound = (noisy: number, still: number): boolean => {
  const stillness = createStillness();
  const picture = new Uint8Array(pixels);
  let isFrozen = false;
  for (let frame = 0; frame < noisy + still; frame++) {
    if (frame < noisy) picture.fill(frame + 1, 0, pixels / 2);
    isFrozen ||= stillness.isFrozen(sampleOf(picture), frame * frameMilliseconds);
  }
  return isFrozen;
};

const framesOfStill = Math.ceil(stillMillisecondsMax / frameMilliseconds);

describe("stillness", () => {
  test("of a noisy camera is found within 1.6 s", () => {
    expect(isFound(livelyPictures + 1, framesOfStill + 2)).toBe(true);
    expect((framesOfStill + 2) * frameMilliseconds).toBeLessThan(1_600);
  });

  test("is not found before", () => expect(isFound(livelyPictures + 1, framesOfStill - 2)).toBe(false));

  test("of a source without noise is none", () => {
    expect(isFound(1, 300)).toBe(false);
    expect(isFound(livelyPictures - 2, 300)).toBe(false);
  });

  test("that ends is forgotten", () => {
    const stillness = createStillness();
    const picture = new Uint8Array(pixels);
    for (let frame = 0; frame < 400; frame++) {
      if (frame % 40 !== 0) picture[0] = frame;
      expect(stillness.isFrozen(sampleOf(picture), frame * frameMilliseconds)).toBe(false);
    }
  });
});
