/** Rehearses over a whole ledger: reads it once as it is at this moment, in bounded memory, and names examples by receipt. */

import { receiptCodeOf } from "../shared/receipt-code.ts";
import type { Rehearsed } from "../shared/rehearsal.ts";
import type { Instant } from "../shared/terms.ts";
import { readDecided, readTransactionText } from "../shared/transaction.ts";
import type { Ledger } from "./ports.ts";
import { createRehearsing, type Place } from "./rehearse.ts";
import type { KnownCuts, Proposal } from "./rehearse-standings.ts";

/** Decisions from `from` on, before `until`. Goes to another thread as it is. */
export type AskedRehearsal = {
  readonly proposal: Proposal;
  readonly cuts: readonly KnownCuts[];
  readonly from: Instant;
  readonly until: Instant;
};

/** `say`: how many entries were read. Null: it was stopped. */
export type Rehearse = (
  asked: AskedRehearsal,
  stop: AbortSignal,
  say: (entries: number) => void,
) => Promise<Rehearsed | null>;

/** Whoever else has something to do goes first, so often. */
const entriesAtOnce = 500;

export const rehearseLedger =
  (ledger: Pick<Ledger, "snapshot" | "part">): Rehearse =>
  async ({ proposal, cuts, from, until }, stop, say) => {
    const rehearsing = createRehearsing(proposal, cuts);
    const snapshot = await ledger.snapshot();
    let read = 0;
    try {
      for await (const { chain, seq, text, at, kind, isAfterRevocation } of snapshot.everything()) {
        if (++read % entriesAtOnce === 0) {
          await new Promise<void>((resolve) => setImmediate(resolve));
          if (stop.aborted) return null;
          say(read);
        }
        if (kind !== "decided" || at === null || at < from || at >= until || isAfterRevocation) continue;
        const transaction = text === null ? null : readTransactionText(text);
        rehearsing.add(transaction === null ? null : readDecided(transaction), { chain, seq });
      }
    } finally {
      await snapshot.close();
    }
    say(read);
    const { groups, ...rest } = rehearsing.result();
    const named = groups.map(async ({ examples, ...group }) => ({
      ...group,
      examples: (await Promise.all(examples.map((place) => codeOf(ledger, place)))).flat(),
    }));
    return { ...rest, groups: await Promise.all(named) };
  };

const codeOf = async (ledger: Pick<Ledger, "part">, { chain, seq }: Place): Promise<readonly string[]> => {
  const [entry] = await ledger.part(chain, seq - 1, 1);
  return entry === undefined ? [] : [await receiptCodeOf(chain, seq, entry.hash)];
};
