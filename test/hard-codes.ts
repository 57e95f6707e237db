/**
 * Real presentations as a camera before a gate sees them on a bad day: always the same for a seed. A phone lies in a plane
 * that is turned and tilted before the camera, 4.5 pixels a millimetre; what the screen, the light, the lens and the sensor
 * do to it is added in that order.
 */
import { encode } from "uqr";
import { issueCredential, present, toQrText } from "../shared/credential.ts";
import { createDraw, type Draw } from "./list-sample.ts";
import { drawKey } from "./sample.ts";
import type { Picture } from "./video.ts";

export const conditions = [
  "plain",
  "moire",
  "glare",
  "blur",
  "tilt",
  "dark mode",
  "cracked",
  "dim and noisy",
  "all at once",
] as const;
export type Condition = (typeof conditions)[number];

export type HardCode = {
  readonly condition: Condition;
  readonly millimetresPerModule: number;
  readonly text: string;
  readonly picture: Picture;
};

const width = 1280;
const height = 720;
const pixelsPerMillimetre = 4.5;
/** From what is too small for half a phone's screen to what fills it. */
const moduleSizes = [0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1];

/** One of each condition and size, `rounds` times. The codes are new each time; what is done to them is not. */
export const drawHardCodes = async (seed: number, rounds: number): Promise<readonly HardCode[]> => {
  const draw = createDraw(seed);
  const next = await createPresentations();
  const codes: HardCode[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const condition of conditions) {
      for (const millimetresPerModule of moduleSizes) {
        const text = await next();
        const picture = photograph(text, millimetresPerModule, troubleOf(condition, draw), draw);
        codes.push({ condition, millimetresPerModule, text, picture });
      }
    }
  }
  return codes;
};

export const createPresentations = async (): Promise<() => Promise<string>> => {
  const [issuer, holder] = await Promise.all([drawKey(), drawKey("P-256")]);
  return async () => {
    const at = 1_800_000_000;
    const claims = {
      sub: `s${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`,
      iat: at - 3_600,
      exp: at + 86_400,
      holder: holder.jwk,
      status: { uri: "t", index: 0 },
    };
    return toQrText(await present(await issueCredential(claims, issuer), holder, at));
  };
};

type Trouble = {
  /** Radians, in the plane. */
  readonly turn: number;
  /** How much smaller the far edge is. */
  readonly tilt: number;
  readonly isDark: boolean;
  /** Share of light that the grid of the screen takes away, beating with that of the sensor. */
  readonly moire: number;
  readonly glare: number;
  readonly cracks: number;
  /** In pixels. */
  readonly blur: number;
  /** Of light and dark, out of 255. */
  readonly contrast: number;
  readonly noise: number;
};

const calm: Trouble = {
  ...{ turn: 0.03, tilt: 0.02, isDark: false, moire: 0.03, glare: 0, cracks: 0 },
  ...{ blur: 0.5, contrast: 190, noise: 3 },
};

const troubleOf = (condition: Condition, draw: Draw): Trouble => {
  const turn = (draw() - 0.5) * 0.3;
  switch (condition) {
    case "plain":
      return { ...calm, turn };
    case "moire":
      return { ...calm, turn, moire: 0.25 + 0.35 * draw() };
    case "glare":
      return { ...calm, turn, glare: 0.5 + 0.5 * draw() };
    case "blur":
      return { ...calm, turn, blur: 0.8 + 1.4 * draw() };
    case "tilt":
      return { ...calm, turn: turn * 4, tilt: 0.2 + 0.25 * draw() };
    case "dark mode":
      return { ...calm, turn, isDark: true };
    case "cracked":
      return { ...calm, turn, cracks: 3 + Math.floor(4 * draw()) };
    case "dim and noisy":
      return { ...calm, turn, contrast: 35 + 40 * draw(), noise: 6 + 5 * draw() };
    case "all at once":
      return {
        ...{ turn: turn * 2, tilt: 0.15, isDark: draw() < 0.5, moire: 0.15, glare: 0.3, cracks: 2 },
        ...{ blur: 0.9, contrast: 110, noise: 7 },
      };
  }
};

type Point = readonly [number, number];
type Crack = { readonly from: Point; readonly to: Point; readonly light: number };

const photograph = (text: string, module: number, trouble: Trouble, draw: Draw): Picture => {
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const side = size * module;
  const cracks = Array.from({ length: trouble.cracks }, () => drawCrack(side, draw));
  const glareAt: Point = [width / 2 + (draw() - 0.5) * 200, height / 2 + (draw() - 0.5) * 200];
  const beat = 0.15 + 0.5 * draw();
  const light = new Float32Array(width * height);
  const [cos, sin] = [Math.cos(trouble.turn), Math.sin(trouble.turn)];
  const paper = trouble.isDark ? 0 : 1;

  const lightAt = (x: number, y: number): number => {
    // Back from the sensor into the plane of the phone, in millimetres from its middle.
    const depth = 1 + (trouble.tilt * (y - height / 2)) / (height / 2);
    const [u, v] = [(x - width / 2) * depth, (y - height / 2) * depth];
    const [left, top] = [(u * cos + v * sin) / pixelsPerMillimetre, (v * cos - u * sin) / pixelsPerMillimetre];
    const [column, row] = [Math.floor((left + side / 2) / module), Math.floor((top + side / 2) / module)];
    const isInside = column >= 0 && row >= 0 && column < size && row < size;
    // Beside the code the app's own page, and then the room.
    const isPage = Math.abs(left) < side / 2 + 6 && Math.abs(top) < side / 2 + 20;
    if (!isInside && !isPage) return 0.35;
    const isInk = isInside && data[row]?.[column] === true;
    const shown = isInk ? 1 - paper : paper;
    const crack = cracks.find((each) => distanceTo(each, [left, top]) < 0.18);
    return crack === undefined ? shown : crack.light;
  };

  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Four looks a pixel: a pixel is no point.
      const seen = lightAt(x + 0.25, y + 0.25) + lightAt(x + 0.75, y + 0.25) + lightAt(x + 0.25, y + 0.75);
      let value = (seen + lightAt(x + 0.75, y + 0.75)) / 4;
      value *=
        1 - trouble.moire * (0.5 + 0.25 * Math.sin(x * beat + y * 0.07) + 0.25 * Math.sin(y * beat * 1.1 - x * 0.05));
      if (trouble.glare > 0) {
        const [dx, dy] = [(x - glareAt[0]) / 130, (y - glareAt[1]) / 45];
        value += trouble.glare * Math.exp(-(dx * dx + dy * dy));
      }
      light[y * width + x] = value;
    }
  }
  const blurred = trouble.blur < 0.6 ? light : blur(blur(light, trouble.blur), trouble.blur);
  const black = 20 + (190 - trouble.contrast) / 6;
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at++) {
    // Four draws make a bell.
    const noise = (draw() + draw() + draw() + draw() - 2) * 1.73 * trouble.noise;
    grey[at] = Math.max(0, Math.min(255, Math.round(black + trouble.contrast * (blurred[at] ?? 0) + noise)));
  }
  return { width, height, grey };
};

const drawCrack = (side: number, draw: Draw): Crack => {
  const point = (): Point => [(draw() - 0.5) * side * 1.4, (draw() - 0.5) * side * 1.4];
  return { from: point(), to: point(), light: draw() < 0.5 ? 0.95 : 0.1 };
};

const distanceTo = ({ from, to }: Crack, [x, y]: Point): number => {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const along = Math.max(0, Math.min(1, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
};

/** The mean over so many pixels on either side, a part of one at the ends; first along, then down. */
const blur = (light: Float32Array, radius: number): Float32Array => blurDown(blurAlong(light, radius), radius);

const blurAlong = (light: Float32Array, radius: number): Float32Array => blurBy(light, radius, 1, width);
const blurDown = (light: Float32Array, radius: number): Float32Array => blurBy(light, radius, width, height);

const blurBy = (light: Float32Array, radius: number, step: number, length: number): Float32Array => {
  const whole = Math.floor(radius);
  const part = radius - whole;
  const out = new Float32Array(light.length);
  for (let at = 0; at < light.length; at++) {
    const place = step === 1 ? at % width : Math.floor(at / width);
    const seen = (offset: number): number =>
      light[at + Math.max(-place, Math.min(length - 1 - place, offset)) * step] ?? 0;
    let sum = seen(0) + part * (seen(-whole - 1) + seen(whole + 1));
    for (let offset = 1; offset <= whole; offset++) sum += seen(-offset) + seen(offset);
    out[at] = sum / (1 + 2 * radius);
  }
  return out;
};
