/**
 * Terms that a citizen agrees to, and the money that goes with them. Agreed, then held or paid, and only then does anything
 * move. Whatever does not come about is written down and ends politely: nothing was taken, and the ordinary way is open.
 */
import type { EntryRef } from "../shared/transaction.ts";
import type { Lane, Permitted } from "./lane.ts";

/** A deposit to hold, or a price to pay now. Minor units. */
export type Due = { readonly order: "hold" | "charge"; readonly amount: number };

/** True where it can go on. Otherwise it is annulled, and who stands there has been told. */
export const agreeTo = async (lane: Lane, answered: Permitted, due: Due): Promise<boolean> => {
  await writeAgreed(lane, answered, true, due);
  // Staff take it as they take it from anyone: no account is asked, least of all that of a code that was taken back.
  if (answered.override !== undefined) return true;
  const { currency } = answered.shown.facts.policy;
  const account = answered.shown.pseudonym;
  if (due.amount > 0) lane.show({ name: "paying", service: lane.profile.service });
  const outcome = await lane.till.take({ ...due, of: answered.ref, account, currency });
  if (outcome === "done") return true;
  await annul(lane, answered, `payment-${outcome}`);
  lane.refer(outcome === "refused" ? "payment-refused" : "payment-away", answered.shown);
  return false;
};

/** The terms were not wanted, or nobody answered. */
export const decline = async (lane: Lane, answered: Permitted, due: Due): Promise<void> => {
  await writeAgreed(lane, answered, false, due);
  await annul(lane, answered);
};

export const annul = async (lane: Lane, answered: Permitted, cause?: string): Promise<void> => {
  await lane.journal.write({
    kind: "acted",
    of: answered.ref,
    outcome: "annulled",
    ...(cause === undefined ? {} : { cause }),
  });
};

/** What was held or paid for something that then did not happen. */
export const giveBack = (lane: Lane, answered: Permitted, { amount }: Due): void => {
  if (answered.override !== undefined) return;
  lane.till.giveBack(answered.ref, amount, answered.shown.facts.policy.currency);
};

/** Before anything is held, paid or handed over. */
const writeAgreed = (lane: Lane, answered: Permitted, accepted: boolean, due: Due): Promise<EntryRef> =>
  lane.journal.write({
    kind: "agreed",
    of: answered.ref,
    accepted,
    deposit: due.order === "hold" ? due.amount : 0,
    ...(due.order === "charge" ? { price: due.amount } : {}),
    currency: answered.shown.facts.policy.currency,
  });
