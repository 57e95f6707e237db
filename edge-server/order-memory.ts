/**
 * Which codes were used to order, and what was answered: a port, and the memory of one server alone. A code is taken before
 * its order is written down, by one server only; where several share a ledger they share this, too. It remembers no longer
 * than a code is good for. Every implementation passes the contract suite.
 */
import type { OrderAnswer } from "../shared/messages.ts";
import type { Instant } from "../shared/terms.ts";

/** `items`: a word that tells one list of items from another. `answer` null: being written down, or nobody knows. */
export type RememberedOrder = { readonly items: string; readonly answer: OrderAnswer | null };

export type OrderMemory = {
  readonly find: (identity: string) => Promise<RememberedOrder | null>;
  /** Null: it is taken now, by whoever asks. "full": as many are remembered as can be. */
  readonly take: (
    identity: string,
    until: Instant,
    items: string,
    now: Instant,
  ) => Promise<RememberedOrder | "full" | null>;
  readonly keep: (identity: string, answer: OrderAnswer) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** More than are ordered while a code is good; who comes then is told to come again. */
export const rememberedMax = 10_000;

export const createOrderMemory = (rowsMax = rememberedMax): OrderMemory => {
  const known = new Map<string, RememberedOrder & { readonly until: Instant }>();
  const find = (identity: string): RememberedOrder | null => {
    const taken = known.get(identity);
    return taken === undefined ? null : { items: taken.items, answer: taken.answer };
  };
  return {
    find: async (identity) => find(identity),
    take: async (identity, until, items, now) => {
      const before = find(identity);
      if (before !== null) return before;
      for (const [each, { until: over }] of known) if (over < now) known.delete(each);
      if (known.size >= rowsMax) return "full";
      known.set(identity, { until, items, answer: null });
      return null;
    },
    keep: async (identity, answer) => {
      const taken = known.get(identity);
      if (taken !== undefined) known.set(identity, { ...taken, answer });
    },
    close: async () => {},
  };
};
