/**
 * Every sighting of a text, so that one held up to the camera, thirty times a second, is one tap: seen again within the
 * bounce of when it was last seen, it is the same tap still (FORMATS, "Presentation").
 */
import { bounceMs } from "./memory.ts";

export type Sighting = "new" | "held" | "held-refusal";

export type Sightings = {
  /** What this sighting is. Marks a held text as seen again; a new one is for `mark`. */
  readonly look: (text: string, ticks: number) => Sighting;
  readonly mark: (text: string, ticks: number, isRefusal: boolean) => void;
};

export const createSightings = (): Sightings => {
  const recent = new Map<string, { lastTicks: number; isRefusal: boolean }>();

  const mark = (text: string, ticks: number, isRefusal: boolean): void => {
    for (const [each, { lastTicks }] of recent) if (ticks - lastTicks > bounceMs) recent.delete(each);
    const lastTicks = Math.max(ticks, recent.get(text)?.lastTicks ?? ticks);
    recent.set(text, { lastTicks, isRefusal });
  };

  return {
    look: (text, ticks) => {
      const before = recent.get(text);
      if (before === undefined || ticks - before.lastTicks > bounceMs) return "new";
      before.lastTicks = ticks;
      return before.isRefusal ? "held-refusal" : "held";
    },
    mark,
  };
};
