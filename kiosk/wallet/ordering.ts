/**
 * Items ordered to the door: first what that costs, then the order itself, each by a code that nobody else has seen. Where
 * no answer came to the order, the same code asks again for as long as it is good, since it orders once; after that the
 * library knows.
 */
import { presentationSecondsMax } from "../../shared/credential.ts";
import type { Instant } from "../../shared/terms.ts";
import type { ShownCode } from "./life.ts";
import type { Issuer, WalletClock } from "./ports.ts";
import { failureOf, type Order } from "./state.ts";

export type Ordering = {
  /** `fee` null: what would it cost? */
  readonly order: (items: readonly string[], fee: number | null) => Promise<void>;
  readonly orderAgain: () => Promise<void>;
  readonly drop: () => void;
  readonly shown: () => Order | null;
};

export type OrderingEdges = {
  readonly issuer: Pick<Issuer, "sendOrder">;
  readonly clock: Pick<WalletClock, "now">;
  /** Made for this, and not shown to any reader. */
  readonly freshCode: () => Promise<ShownCode | null>;
  readonly onChange: () => void;
};

type Sent = { readonly code: string; readonly items: readonly string[]; readonly fee: number | null };

export const createOrdering = ({ issuer, clock, freshCode, onChange }: OrderingEdges): Ordering => {
  let shown: Order | null = null;
  let unanswered: (Sent & { readonly until: Instant }) | null = null;

  const show = (next: Order): void => {
    shown = next;
    onChange();
  };

  const send = async ({ code, items, fee }: Sent, until: Instant): Promise<void> => {
    const asking: Order = { kind: "asking" };
    show(asking);
    const answer = await issuer.sendOrder({ code, items: [...items], fee });
    if (answer.kind === "answered") {
      unanswered = null;
      // Put away meanwhile: what was asked is seen by nobody, what was ordered is ordered.
      if (shown === asking) show(answer.value.kind === "refused" ? answer.value : { ...answer.value, items });
      return;
    }
    const isUnsure = fee !== null && (answer.kind === "unreachable" || answer.status >= 500);
    if (isUnsure) unanswered = { code, items, fee, until };
    if (shown === asking) show({ kind: isUnsure ? "unsure" : "failed", ...failureOf(answer), until });
  };

  return {
    order: async (items, fee) => {
      if (shown?.kind === "asking") return;
      const code = await freshCode();
      if (code === null) return show({ kind: "refused", reason: "stale" });
      await send({ code: code.text, items, fee }, code.madeAt + presentationSecondsMax);
    },
    orderAgain: async () => {
      if (unanswered !== null && clock.now() < unanswered.until) await send(unanswered, unanswered.until);
    },
    drop: () => {
      shown = null;
    },
    shown: () => shown,
  };
};
