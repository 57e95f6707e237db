/**
 * Accounts that are not there: whoever has one can pay. What stands under each key is remembered under the terminal's slot, as a
 * real payment system would remember it. It answers as long as it can be reached, and can be told to say no. The log says that
 * it was simulated.
 */
import type { PaymentAnswer, PaymentOrder, Payments } from "../payments.ts";
import type { Clock } from "../ports.ts";

export type SimulatedAccounts = {
  readonly slot: string;
  readonly clock: Pick<Clock, "after">;
  readonly storage: Storage;
  readonly isReachable: () => boolean;
  /** False: it refuses every hold and charge. */
  readonly pays: () => boolean;
};

const answersInSeconds = 0.4;
const rememberedMax = 200;

export const simulatedPayments = ({ slot, clock, storage, isReachable, pays }: SimulatedAccounts): Payments => {
  const place = `greenlane/${slot}/accounts`;

  const carryOut = ({ order, of }: PaymentOrder): PaymentAnswer => {
    if (!isReachable()) return { outcome: "unknown", cause: "the payment system cannot be reached" };
    const key = `${of.terminal}/${of.epoch}/${of.seq}`;
    const known = recallKeys(storage.getItem(place));
    const before = known.find((each) => each.key === key);
    if (order !== "release" && before?.order === "release") return { outcome: "refused", cause: "released before" };
    if (order !== "release" && before === undefined && !pays()) return { outcome: "refused", cause: "not covered" };
    const others = known.filter((each) => each.key !== key).slice(1 - rememberedMax);
    storage.setItem(place, JSON.stringify([...others, { key, order }]));
    return { outcome: "done", cause: "simulated" };
  };

  return {
    ask: (order) =>
      new Promise((resolve) => {
        clock.after(answersInSeconds, () => resolve(attempt(() => carryOut(order))));
      }),
  };
};

/** A browser may refuse to store. */
const attempt = (carryOut: () => PaymentAnswer): PaymentAnswer => {
  try {
    return carryOut();
  } catch (reason) {
    return { outcome: "unknown", cause: String(reason) };
  }
};

type Known = { readonly key: string; readonly order: PaymentOrder["order"] };

const recallKeys = (text: string | null): readonly Known[] => {
  try {
    if (text !== null) return JSON.parse(text) as readonly Known[];
  } catch {
    // Cut short while the power went: this is only a simulation.
  }
  return [];
};
