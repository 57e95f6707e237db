/**
 * Looks at objections and their answers: they stand in the server's own chain and nowhere else, and an answer is to an
 * objection before it, the first. Whether what an objection is about is there, the quarantine tells.
 */
import { isOfObjection, readObjection } from "../shared/objection.ts";
import type { ReadTransaction } from "../shared/transaction.ts";

/** What is wrong with the entry, or null. */
export type ObjectionAudit = (transaction: ReadTransaction, seq: number) => string | null;

/** `isOurs`: the chain is the server's own. */
export const createObjectionAudit = (isOurs: boolean): ObjectionAudit => {
  const open = new Set<number>();
  return (transaction, seq) => {
    if (!isOfObjection(transaction.kind)) return null;
    if (!isOurs) return "only the server writes of objections";
    const said = readObjection(transaction);
    if (said === null) return transaction.v === 1 ? "an entry of a case without what it rests on" : null;
    if (said.kind === "objection") open.add(seq);
    else if (!open.delete(said.of.seq)) return "answers what is no objection, or has its answer";
    return null;
  };
};
