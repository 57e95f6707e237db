/** The log's mark in localStorage, `greenlane/SLOT`: written to disk by the browser when it likes, and apart from all else. */
import type { Mark, MarkStore } from "../ports.ts";

export const logMark = (slot: string, storage: Storage): MarkStore => ({
  read: () => {
    try {
      const mark: Partial<Mark> | null = JSON.parse(storage.getItem(`greenlane/${slot}`) ?? "null");
      const { epoch, seq } = mark ?? {};
      return typeof epoch === "string" && Number.isSafeInteger(seq) ? { epoch, seq: seq ?? 0 } : null;
    } catch {
      // What cannot be read marks nothing.
      return null;
    }
  },
  write: (mark) => storage.setItem(`greenlane/${slot}`, JSON.stringify(mark)),
});
