/**
 * Which slots of this browser the demo's terminals live in, kept in localStorage: `round` counts how often the demo was
 * started over, `enrolled` names the slots that need no link any more, `chosen` the services that are shown.
 */
import { type ServiceName, serviceNames } from "../../../shared/terms.ts";

export type Slots = {
  readonly round: number;
  readonly enrolled: readonly string[];
  readonly chosen: readonly ServiceName[];
};

export const slotOf = (service: ServiceName, round: number): string =>
  round === 0 ? `demo-${service}` : `demo-${service}-${round + 1}`;

const item = "greenlane-demo";

/** `first`: what is shown before anybody chooses. */
export const readSlots = (first: readonly ServiceName[]): Slots => {
  try {
    const slots: unknown = JSON.parse(localStorage.getItem(item) ?? "null");
    if (isSlots(slots)) return { ...slots, chosen: chosenIn(slots) ?? first };
  } catch {
    // Not ours, or cut short: the demo starts at its beginning.
  }
  return { round: 0, enrolled: [], chosen: first };
};

/** As many different services as are shown; null where it is anything else. */
const chosenIn = ({ chosen }: { readonly chosen?: unknown }): readonly ServiceName[] | null => {
  const known = Array.isArray(chosen) ? serviceNames.filter((each) => chosen.includes(each)) : [];
  return known.length === 3 && Array.isArray(chosen) ? (chosen as readonly ServiceName[]) : null;
};

export const writeSlots = (slots: Slots): void => localStorage.setItem(item, JSON.stringify(slots));

const isSlots = (value: unknown): value is Omit<Slots, "chosen"> & { readonly chosen?: unknown } =>
  typeof value === "object" &&
  value !== null &&
  "round" in value &&
  Number.isSafeInteger(value.round) &&
  "enrolled" in value &&
  Array.isArray(value.enrolled);
