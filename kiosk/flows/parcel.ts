/**
 * Library items that are brought to the door. Each is decided and written down as it is scanned; once the fee for all of them
 * is confirmed and paid, they go as one parcel, all or none. The fee's key is the entry of the first.
 */
import { agreeTo, annul, type Due, decline, giveBack } from "../agreement.ts";
import type { Lane, Permitted } from "../lane.ts";
import { dueOf, rulesHere } from "../told.ts";

export type Ordered = { readonly item: string; readonly answered: Permitted };

/** With at least one item. */
export type Parcel = { readonly first: Permitted; readonly ordered: readonly Ordered[]; readonly due: number };

/** How many items a parcel takes; 0 where the rules say nothing of orders, and none are taken. */
export const parcelMax = (lane: Lane, answered: Permitted): number => {
  const price = rulesHere(lane.profile, answered.shown.facts.policy)?.tariff?.price;
  return price?.kind === "order" ? price.itemsMax : 0;
};

/** Null where nothing was ordered. */
export const packParcel = (lane: Lane, ordered: readonly Ordered[]): Parcel | null => {
  const first = ordered[0]?.answered;
  if (first === undefined) return null;
  return { first, ordered, due: dueOf(lane, first, { kind: "order", items: ordered.length }) ?? 0 };
};

/** True once it is on its way. Otherwise nothing of it is, and nothing was paid. */
export const sendParcel = async (lane: Lane, parcel: Parcel): Promise<"sent" | "unpaid" | "failed"> => {
  const { first, ordered } = parcel;
  if (!(await agreeTo(lane, first, feeOf(parcel)))) {
    await annulRest(lane, parcel);
    return "unpaid";
  }
  const { outcome } = await lane.act({ kind: "order-parcel", items: ordered.map(({ item }) => item) }, first.ref);
  for (const { answered } of ordered.slice(1)) {
    await lane.journal.write({ kind: "acted", of: answered.ref, outcome });
  }
  if (outcome === "completed") return "sent";
  giveBack(lane, first, feeOf(parcel));
  return "failed";
};

/** The fee was not wanted. */
export const dropParcel = async (lane: Lane, parcel: Parcel): Promise<void> => {
  await decline(lane, parcel.first, feeOf(parcel));
  await annulRest(lane, parcel);
};

const annulRest = async (lane: Lane, { ordered }: Parcel): Promise<void> => {
  for (const { answered } of ordered.slice(1)) await annul(lane, answered);
};

const feeOf = ({ first, due }: Parcel): Due => ({
  order: "charge",
  amount: first.decision.terms.payLater ? 0 : due,
});
