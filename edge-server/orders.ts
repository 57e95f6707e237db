/** The parcels that an order desk's log tells of. What is personal and was erased is not in them. */
import { toBase64url } from "../shared/bytes.ts";
import type { Instant } from "../shared/terms.ts";
import { readDecided, readPersonal, readTransaction } from "../shared/transaction.ts";
import type { LedgerEntry } from "./ports.ts";
import { type Ref, refOf } from "./tap.ts";

export type Parcel = {
  /** The entry that it began with. */
  readonly entry: Ref;
  readonly at: Instant;
  readonly programme: string;
  readonly pseudonym: string | null;
  readonly items: readonly string[];
};

/** Of one log, in its order: each desk writes the whole of an order at once. */
export const listOrders = async (entries: AsyncIterable<LedgerEntry>): Promise<readonly Parcel[]> => {
  const parcels = new Map<Ref, Parcel>();
  for await (const { terminal, epoch, seq, bytes, personal } of entries) {
    const transaction = readTransaction(bytes);
    const decided = transaction?.kind === "decided" ? readDecided(transaction) : null;
    if (decided === null || decided.result.effect !== "permit") continue;
    const entry = refOf({ terminal, epoch: toBase64url(epoch), seq });
    const { pseudonym = null, item } = (personal === null ? null : readPersonal(personal.text)) ?? {};
    const { programme, action } = decided.request;
    if (action === "session") parcels.set(entry, { entry, at: decided.at, programme, pseudonym, items: [] });
    const of = decided.of === undefined ? null : refOf(decided.of);
    const parcel = of === null ? undefined : parcels.get(of);
    if (of !== null && parcel !== undefined && item !== undefined) {
      parcels.set(of, { ...parcel, items: [...parcel.items, item] });
    }
  }
  return [...parcels.values()];
};
