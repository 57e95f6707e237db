/**
 * Which of a camera's frames are worth reading. All of them, until for two seconds nothing has moved and there was no text;
 * then five a second, and all again from the frame on in which something moves: whoever holds up a code moves. Noise is no
 * movement, since the light of whole fields of the picture is compared.
 */
import type { DecodeRequest } from "./decode-messages.d.ts";

export type Lookout = {
  /** Of the next frame. */
  readonly isWorthReading: (frame: Omit<DecodeRequest, "looks">) => boolean;
  readonly sawText: () => void;
};

export const calmFramesMin = 60;
export const calmStride = 6;

/** Fields across and down, and points looked at in each. */
const [across, down] = [16, 12];
const pointsAcross = 8;
/** Of 256. A dim camera's noise is more than that at one point, and an eighth of it in the mean of a field. */
const movementMin = 6;

export const createLookout = (): Lookout => {
  let before: readonly number[] = [];
  let calm = 0;
  return {
    isWorthReading: (frame) => {
      const now = fieldsOf(frame);
      calm += 1;
      if (now.some((field, at) => !(Math.abs(field - (before[at] ?? Number.NaN)) <= movementMin))) {
        before = now;
        calm = 0;
      }
      return calm < calmFramesMin || calm % calmStride === 0;
    },
    sawText: () => {
      calm = 0;
    },
  };
};

/** The mean light of each. */
const fieldsOf = ({ pixels, bytesPerPixel, width, height }: Omit<DecodeRequest, "looks">): readonly number[] => {
  const bytes = new Uint8Array(pixels);
  const [stepAcross, stepDown] = [width / (across * pointsAcross), height / (down * pointsAcross)];
  const sums = new Array<number>(across * down).fill(0);
  for (let y = 0; y < down * pointsAcross; y++) {
    const row = Math.floor((y + 0.5) * stepDown) * width;
    for (let x = 0; x < across * pointsAcross; x++) {
      // Of colours the second is green, in either order.
      const at = (row + Math.floor((x + 0.5) * stepAcross)) * bytesPerPixel + (bytesPerPixel === 4 ? 1 : 0);
      const field = Math.floor(y / pointsAcross) * across + Math.floor(x / pointsAcross);
      sums[field] = (sums[field] ?? 0) + (bytes[at] ?? 0);
    }
  }
  return sums.map((sum) => sum / pointsAcross ** 2);
};
