/** Who comes to a gate, and what they hold up: mostly a new code; now and then one that was shown before, an old one, or none. */
import type { City, ShownCode } from "./city.ts";
import { beginsAt } from "./device.ts";
import type { Dice } from "./dice.ts";

/** `identity` null: no code of ours, or one that is at fault. */
export type Shown = { readonly text: string; readonly identity: string | null };

export type People = {
  /** `isGood`: a new one, for certain. */
  readonly show: (gate: string, milliseconds: number, isGood: boolean) => Promise<Shown>;
};

const againMax = 6;

export const createPeople = (city: City, dice: Dice): People => {
  const recent = new Map<string, ShownCode[]>();
  let next = 0;
  return {
    show: async (gate, milliseconds, isGood) => {
      const now = beginsAt + Math.floor(milliseconds / 1000);
      const before = recent.get(gate) ?? [];
      const kind = isGood ? 99 : dice.below(100);
      if (kind < 12 && before.length > 0) return dice.pick(before);
      if (kind < 15) return { text: `not ours ${dice.below(3)}`, identity: null };
      const phone = city.phones[next++ % city.phones.length];
      if (phone === undefined) throw new Error("nobody has a phone");
      // A phone makes a new code every 30 s; this one was left on a table.
      const shown = await phone.show(kind < 18 ? now - 200 : now - dice.below(30));
      recent.set(gate, [...before, shown].slice(-againMax));
      return shown;
    },
  };
};
