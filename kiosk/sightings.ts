/**
 * Every sighting of a text, so that one held up to the camera, thirty times a second, is one tap: seen again within the
 * bounce of when it was last seen, it is the same tap still (FORMATS, "Presentation").
 */
import { qrPrefix } from "../shared/credential.ts";
import { bounceMs } from "./memory.ts";

/**
 * From one frame of a camera to the next, with room to spare: of two codes the clearer one is read in nearly each. Longer
 * than that, and who holds up a phone the moment another has gone would wait for nothing.
 */
const besideMs = 60;

export type Sighting = "new" | "held" | "held-refusal";

export type Sightings = {
  /** What this sighting is. Marks a held text as seen again; a new one is for `mark`. */
  readonly look: (text: string, ticks: number) => Sighting;
  readonly mark: (text: string, ticks: number, isRefusal: boolean) => void;
  /**
   * True for a code while another one that was a tap is still held up beside it: of two in one picture, however much better
   * one can be read, only one is a tap. The other is once it is there alone.
   */
  readonly isBeside: (text: string, ticks: number) => boolean;
};

export const createSightings = (): Sightings => {
  const recent = new Map<string, { lastTicks: number; isRefusal: boolean; isHeld: boolean }>();

  const mark = (text: string, ticks: number, isRefusal: boolean): void => {
    for (const [each, { lastTicks }] of recent) if (ticks - lastTicks > bounceMs) recent.delete(each);
    const { lastTicks = ticks, isHeld = false } = recent.get(text) ?? {};
    recent.set(text, { lastTicks: Math.max(ticks, lastTicks), isRefusal, isHeld });
  };

  return {
    look: (text, ticks) => {
      const before = recent.get(text);
      if (before === undefined || ticks - before.lastTicks > bounceMs) return "new";
      before.lastTicks = ticks;
      before.isHeld = true;
      return before.isRefusal ? "held-refusal" : "held";
    },
    mark,
    isBeside: (text, ticks) =>
      text.startsWith(qrPrefix) &&
      [...recent].some(
        ([other, { lastTicks, isRefusal, isHeld }]) =>
          other !== text && other.startsWith(qrPrefix) && isHeld && !isRefusal && ticks - lastTicks <= besideMs,
      ),
  };
};
