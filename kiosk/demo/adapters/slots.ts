/**
 * Which slots of this browser the demo's terminals live in, kept in localStorage: `round` counts how often the demo was
 * started over, `enrolled` names the slots that need no link any more.
 */
import type { ServiceName } from "../../../shared/terms.ts";

export type Slots = { readonly round: number; readonly enrolled: readonly string[] };

export const slotOf = (service: ServiceName, round: number): string =>
  round === 0 ? `demo-${service}` : `demo-${service}-${round + 1}`;

const item = "greenlane-demo";

export const readSlots = (): Slots => {
  try {
    const slots: unknown = JSON.parse(localStorage.getItem(item) ?? "null");
    if (isSlots(slots)) return slots;
  } catch {
    // Not ours, or cut short: the demo starts at its beginning.
  }
  return { round: 0, enrolled: [] };
};

export const writeSlots = (slots: Slots): void => localStorage.setItem(item, JSON.stringify(slots));

const isSlots = (value: unknown): value is Slots =>
  typeof value === "object" &&
  value !== null &&
  "round" in value &&
  Number.isSafeInteger(value.round) &&
  "enrolled" in value &&
  Array.isArray(value.enrolled);
