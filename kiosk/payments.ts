/** The port to the operator's payment system, as a terminal sees it. */
import type { EntryRef } from "../shared/transaction.ts";

/**
 * `hold` sets an amount aside, `charge` takes it, `release` undoes whatever stands under the key, also what was not asked
 * for yet. `of` is the key: the entry that it is for. The same order under the same key moves money once. `account`: the
 * pseudonym under which the citizen has an account with this operator; null where only the key is needed.
 */
export type PaymentOrder = {
  readonly order: "hold" | "charge" | "release";
  readonly of: EntryRef;
  readonly account: string | null;
  readonly amount: number;
  readonly currency: string;
};

/** `done` names a cause only where it was not money. `unknown`: no answer, or none that can be understood. It may have been done. */
export type PaymentAnswer =
  | { readonly outcome: "done"; readonly cause?: string }
  | { readonly outcome: "refused" | "unknown"; readonly cause: string };

/** Never rejects, and answers within 10 s. */
export type Payments = { readonly ask: (order: PaymentOrder) => Promise<PaymentAnswer> };
