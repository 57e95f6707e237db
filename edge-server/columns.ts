/**
 * What stands beside the bytes of an entry, to be searched by. A terminal may write what it likes: what does not fit a
 * column of every database (NUL, half a character, a number that is not exact) is null there, and stands in the bytes.
 */
import type { ReadTransaction } from "../shared/transaction.ts";
import type { Columns } from "./ports.ts";

export const columnsOf = (said: Pick<ReadTransaction, "at" | "kind"> | null): Columns =>
  said === null || !Number.isSafeInteger(said.at) || !isPlain(said.kind)
    ? { at: null, kind: null }
    : { at: said.at, kind: said.kind };

const isPlain = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);
