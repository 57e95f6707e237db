/** What is kept and not believed, weighed: how much is in a batch, and the sums of all of them. */
import { decodeBatch } from "../shared/batch.ts";
import type { Bytes } from "../shared/bytes.ts";
import { readTransaction } from "../shared/transaction.ts";
import type { Doubts, Evidence } from "./ports.ts";
import { isReviewed } from "./survey-reading.ts";

/** `overrides`: of staff, and in no chain. */
export type Weight = { readonly entries: number; readonly overrides: number };

/** A `full` stands for what is not there. */
export const weighBatch = (batch: Bytes): Weight => {
  const entries = decodeBatch(batch)?.entries ?? [];
  const overrides = entries.filter(({ bytes }) => isReviewed(readTransaction(bytes)?.kind)).length;
  return { entries: Math.max(1, entries.length), overrides };
};

/** As a database has them: those that came before anybody weighed them have no weight yet. */
export type WeighedRow = {
  readonly entries: number | null;
  readonly overrides: number | null;
  readonly batch: Bytes | null;
};

export const weightOf = ({ entries, overrides, batch }: WeighedRow): Weight =>
  entries === null || overrides === null ? weighBatch(batch ?? new Uint8Array(0)) : { entries, overrides };

/** The sums with one batch more. */
export const addDoubt = (
  sums: Doubts["sums"],
  cause: Evidence["cause"],
  { entries, overrides }: Weight,
): Doubts["sums"] => {
  const before = sums.find((each) => each.cause === cause) ?? { cause, batches: 0, entries: 0, overrides: 0 };
  const sum = {
    ...{ cause, batches: before.batches + 1 },
    ...{ entries: before.entries + entries, overrides: before.overrides + overrides },
  };
  return [...sums.filter((each) => each.cause !== cause), sum].sort((a, b) => (a.cause < b.cause ? -1 : 1));
};
