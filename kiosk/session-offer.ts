/** What a citizen is told of the terms: what there is to confirm, and what it costs for the one who asks. */
import type { Bilingual } from "../shared/policy.ts";

/** For tests and support, on `<main>`: never drawn. */
export type Granted = { readonly terms: "perk" | "ordinary"; readonly reason: string };

/** Terms to confirm. Amounts in minor units of `currency`. `ours`: what is missing here is our fault, and owed. */
export type Offer = {
  readonly deposit: number;
  readonly currency: string;
  readonly freeSeconds: number;
  readonly loanSeconds: number;
  readonly itemsMax: number;
  readonly ours: boolean;
  /** How many of the items may be of each kind, where they are lent by kind. */
  readonly kinds?: readonly { readonly name: Bilingual; readonly max: number }[];
  /** What time costs beyond the free time, where there is such a fee. */
  readonly rate?: { readonly unitSeconds: number; readonly unitPrice: number; readonly capPerDay: number | null };
  /** A price to confirm, and when it is paid. */
  readonly due?: number;
  readonly paid?: "now" | "later";
  /** How much may be paid later, and how late; null: no such limit. */
  readonly payLaterMax?: number | null;
  readonly payLaterSeconds?: number | null;
};

/** What a metro tap costs: `due` of `fullPrice` where the operator has one price, else the factor alone (permille). */
export type Cost = {
  readonly fullPrice: number | null;
  readonly due: number | null;
  readonly priceFactor: number;
  readonly currency: string;
  readonly ours: boolean;
};
