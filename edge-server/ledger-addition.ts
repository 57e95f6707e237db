/** What no ledger adds, whoever says so. */
import type { Head } from "../shared/log.ts";
import type { Addition } from "./ports.ts";

/** How much evidence is kept of one terminal: more than any fork by accident, and nothing to fill a disk with. */
export const evidenceMax = { batches: 250, bytes: 64 * 1024 * 1024 } as const;

/** Entries that do not follow the head, one after another, are a bug: throws. */
export const checkFollows = (head: Head | null, addition: Addition): void => {
  if (addition.kind === "evidence") return;
  const next = (head?.seq ?? 0) + 1;
  const isWrong = addition.entries.some(({ seq }, index) => seq !== next + index);
  if (isWrong) throw new Error(`the entries do not follow ${next - 1}`);
};
