/** What wakes a camera that nobody stands before, and what does not. */
import { describe, expect, test } from "vitest";
import { calmFramesMin, calmStride, createLookout, type Lookout } from "../kiosk/adapters/lookout.ts";

const [width, height] = [960, 720];

let state = 1;
/** -1 to 1, the same in every run. */
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 31 - 1;
};

type Scene = {
  readonly bytesPerPixel?: 1 | 4;
  readonly noise?: number;
  readonly dark?: number;
  readonly light?: number;
};

/** A wall, with a dark square of that many pixels. */
const frame = ({ bytesPerPixel = 1, noise = 0, dark = 0, light = 120 }: Scene) => {
  const bytes = new Uint8Array(width * height * bytesPerPixel);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const isDark = x >= 430 && x < 430 + dark && y >= 330 && y < 330 + dark;
    bytes.fill((isDark ? light - 60 : light) + noise * random(), at * bytesPerPixel, (at + 1) * bytesPerPixel);
  }
  return { pixels: bytes.buffer, bytesPerPixel, width, height };
};

const countRead = (lookout: Lookout, scene: Scene, frames: number): number => {
  const shown = frame(scene);
  return Array.from({ length: frames }, () => lookout.isWorthReading(shown)).filter(Boolean).length;
};

const calmLookout = (scene: Scene): Lookout => {
  const lookout = createLookout();
  expect(countRead(lookout, scene, calmFramesMin)).toBe(calmFramesMin);
  return lookout;
};

describe("lookout", () => {
  test("reads every frame for two seconds, then one in six", () => {
    expect(countRead(calmLookout({}), {}, 60 * calmStride)).toBe(60);
  });

  test("reads the very frame in which something comes up, and all after it", () => {
    for (const bytesPerPixel of [1, 4] as const) {
      const lookout = calmLookout({ bytesPerPixel });
      countRead(lookout, { bytesPerPixel }, 1);
      const shown = { bytesPerPixel, dark: 60 };
      expect(countRead(lookout, shown, calmFramesMin)).toBe(calmFramesMin);
      expect(countRead(lookout, shown, calmStride)).toBe(1);
    }
  });

  test("is not woken by a dim camera's noise", () => {
    const lookout = calmLookout({ noise: 10 });
    const read = Array.from({ length: 4 * calmStride }, () => countRead(lookout, { noise: 10 }, 1));
    expect(read.reduce((sum, each) => sum + each, 0)).toBe(4);
  });

  test("is woken by light that changes little by little", () => {
    const lookout = calmLookout({});
    const read = [1, 2, 3, 4, 5, 6, 7].map((more) => countRead(lookout, { light: 120 + more }, 1));
    expect(read.at(-1)).toBe(1);
  });

  test("reads every frame for two seconds after a text", () => {
    const lookout = calmLookout({});
    lookout.sawText();
    expect(countRead(lookout, {}, calmFramesMin - 1)).toBe(calmFramesMin - 1);
    expect(countRead(lookout, {}, calmStride)).toBe(1);
  });
});
