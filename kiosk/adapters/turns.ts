/** How one frame after another is looked at: never all at once, so that every frame is read within its time. */
import type { Look, Reads } from "./decode-messages.d.ts";

export const turns: Readonly<Record<Reads, readonly (readonly Look[])[]>> = {
  all: [
    ["glance", "matrix", "linear"],
    ["glance", "matrix"],
  ],
  codes: [["glance"], ["glance", "inverted"], ["glance"], ["glance", "reduced"]],
};
