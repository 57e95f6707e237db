/** What a version leaves for the next one when it gives way, in localStorage as `greenlane/SLOT/hand-over`. */
import type { HandOverStore } from "../update/proof.ts";
import type { HandOver } from "../update/self-check.ts";

export const handOverStore = (slot: string, storage: Storage): HandOverStore => {
  const name = `greenlane/${slot}/hand-over`;
  return {
    read: () => {
      try {
        const left: Partial<HandOver> | null = JSON.parse(storage.getItem(name) ?? "null");
        return typeof left?.epoch === "string" ? (left as HandOver) : null;
      } catch {
        // What cannot be read asks for nothing.
        return null;
      }
    },
    write: (handOver) => storage.setItem(name, JSON.stringify(handOver)),
    drop: () => storage.removeItem(name),
  };
};
