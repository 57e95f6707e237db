/**
 * What a service costs, as a part of the signed rules, and what is due for one use of it. Money is in integer minor
 * units of the policy's currency; a fraction of a unit is the citizen's, so that sums add up to the last one.
 *
 * - `flat`: one fare a journey.
 * - `distance`: by where it began and ended. `fares[a][b]` for `sites[a]` to `sites[b]`; `minSeconds` likewise, where it
 *   is known how fast one can be at the soonest: what is faster is named, and costs the same.
 * - `zones`: by how many zones apart; the last fare holds for all beyond.
 * - `time`: rental and parking. Each unit begun counts, after the free time of the terms. `capPerDay` is for each 24
 *   hours from the start, `capInAll` for the whole.
 * - `order`: the fee of a library order: `fee` up to `itemsIncluded`, then `feePerItem` for each more, up to `itemsMax`.
 *
 * Where the end is not known, the lowest fare from there is due. `capPerDay` of a fare: what one person pays a day at most.
 * `forfeitAfterSeconds`: a deposit whose trip or loan is still open so long after it was to end is kept; null: never.
 */
import * as v from "valibot";
import { described } from "./described.ts";
import type { Instant, Terms } from "./terms.ts";

const money = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000));
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000));
const word = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "must be a short word"));
const capPerDay = described(v.nullable(money), "Minor units that one day costs at most; null: no such cap.");

const matrix = v.pipe(v.array(v.pipe(v.array(money), v.maxLength(1000))), v.maxLength(1000));

const kindOfPrice = <K extends string>(kind: K, text: string) => described(v.literal(kind), text);

const price = v.variant("kind", [
  v.strictObject({
    kind: kindOfPrice("flat", "One fare a journey."),
    fare: described(money, "Minor units a journey."),
    capPerDay,
  }),
  v.strictObject({
    kind: kindOfPrice("distance", "By where a journey began and ended."),
    sites: described(v.pipe(v.array(word), v.minLength(1), v.maxLength(1000)), "The sites, in the order of the rows."),
    fares: described(matrix, "A row for each site it begins at, in each the minor units to each site it ends at."),
    minSeconds: v.optional(
      described(matrix, "The same with how long it takes at the soonest: what is faster is named."),
    ),
    capPerDay,
  }),
  v.strictObject({
    kind: kindOfPrice("zones", "By how many zones apart a journey began and ended."),
    zoneOf: described(
      v.record(word, v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))),
      "The number of the zone of each site.",
    ),
    fares: described(
      v.pipe(v.array(money), v.minLength(1), v.maxLength(1000)),
      "Minor units within a zone, one zone apart, two and so on; the last holds for all beyond.",
    ),
    capPerDay,
  }),
  v.strictObject({
    kind: kindOfPrice("time", "By how long it is used, after the free time."),
    unitSeconds: described(seconds, "How long a unit is; each one begun counts."),
    unitPrice: described(money, "Minor units a unit."),
    capPerDay,
    capInAll: described(v.nullable(money), "Minor units that one use costs at most; null: no such cap."),
  }),
  v.strictObject({
    kind: kindOfPrice("order", "Items that are brought to the door as one parcel."),
    fee: described(money, "Minor units a parcel."),
    itemsIncluded: described(count, "How many items the fee is for."),
    feePerItem: described(money, "Minor units for each item more."),
    itemsMax: described(count, "How many items a parcel takes."),
  }),
]);

/** `price` null: nothing is due for the use, and only the deposit matters. */
export const tariff = v.pipe(
  v.strictObject({
    price: described(
      v.nullable(price),
      "How a use is priced; null where it costs nothing, and only a deposit matters.",
    ),
    forfeitAfterSeconds: described(
      v.nullable(seconds),
      "A deposit whose trip or loan is still open so long after it was to end is kept; null: never.",
    ),
  }),
  v.check(
    (value) => problemIn(value.price) === null,
    ({ input }) => problemIn(input.price) ?? "",
  ),
);

export type Price = v.InferOutput<typeof price>;
export type Tariff = v.InferOutput<typeof tariff>;

/** One use: a journey, whose end may not be known; time; or an order of so many items. */
export type Use =
  | { readonly kind: "journey"; readonly from: string; readonly to: string | null }
  | { readonly kind: "time"; readonly seconds: number }
  | { readonly kind: "order"; readonly items: number };

export type PriceTerms = Pick<Terms, "priceFactor" | "freeSeconds">;

/**
 * What is due for one use, in minor units; null where the price does not say: a use of another kind, a site that it does not know.
 * Never more under terms that are no worse (see `isNoWorse`).
 */
export const dueFor = (price: Price, use: Use, terms: PriceTerms): number | null => {
  const full = fullPriceOf(price, use, terms.freeSeconds);
  return full === null ? null : Math.floor((full * terms.priceFactor) / 1000);
};

const fullPriceOf = (price: Price, use: Use, freeSeconds: number): number | null => {
  switch (price.kind) {
    case "flat":
      return use.kind === "journey" ? price.fare : null;
    case "distance":
      return use.kind === "journey" ? distanceFare(price, use.from, use.to) : null;
    case "zones":
      return use.kind === "journey" ? zoneFare(price, use.from, use.to) : null;
    case "time":
      return use.kind === "time" ? timePrice(price, use.seconds - freeSeconds) : null;
    case "order":
      return use.kind === "order" && use.items >= 0 && use.items <= price.itemsMax ? orderFee(price, use.items) : null;
  }
};

type Of<K extends Price["kind"]> = Extract<Price, { readonly kind: K }>;

const distanceFare = ({ sites, fares }: Of<"distance">, from: string, to: string | null): number | null => {
  const row = fares[sites.indexOf(from)];
  if (row === undefined) return null;
  return to === null ? Math.min(...row) : (row[sites.indexOf(to)] ?? null);
};

const zoneFare = ({ zoneOf, fares }: Of<"zones">, from: string, to: string | null): number | null => {
  const zones = [from, to ?? from].map((site) => (Object.hasOwn(zoneOf, site) ? zoneOf[site] : undefined));
  const [a, b] = zones;
  if (a === undefined || b === undefined) return null;
  if (to === null) return Math.min(...fares);
  return fares[Math.min(Math.abs(a - b), fares.length - 1)] ?? null;
};

/** Each 24 hours by itself, then the whole. */
const timePrice = ({ unitSeconds, unitPrice, capPerDay, capInAll }: Of<"time">, seconds: number): number => {
  const priced = Math.max(0, seconds);
  const priceWithin = (part: number): number => atMost(Math.ceil(part / unitSeconds) * unitPrice, capPerDay);
  const days = Math.floor(priced / daySeconds);
  return atMost(days * priceWithin(daySeconds) + priceWithin(priced % daySeconds), capInAll);
};

const orderFee = ({ fee, itemsIncluded, feePerItem }: Of<"order">, items: number): number =>
  items === 0 ? 0 : fee + Math.max(0, items - itemsIncluded) * feePerItem;

/** What one person pays a day at most for fares; null where there is no such cap. */
export const fareCapOf = (price: Price): number | null =>
  price.kind === "time" || price.kind === "order" ? null : price.capPerDay;

/** What is left to pay of each fare of one person and day, in their order: no fare lets the day cost more than its cap. */
export const capFares = (
  fares: readonly { readonly due: number; readonly cap: number | null }[],
): readonly number[] => {
  let paid = 0;
  return fares.map(({ due, cap }) => {
    const left = cap === null ? due : Math.min(due, Math.max(0, cap - paid));
    paid += left;
    return left;
  });
};

/** How long it takes at the soonest; null where nobody has said. */
export const minSecondsOf = (price: Price, from: string, to: string): number | null =>
  price.kind === "distance" ? (price.minSeconds?.[price.sites.indexOf(from)]?.[price.sites.indexOf(to)] ?? null) : null;

/** From when a deposit is kept whose trip or loan was to end at `dueAt` and has not; null: never. */
export const forfeitAtOf = ({ forfeitAfterSeconds }: Tariff, dueAt: Instant): Instant | null =>
  forfeitAfterSeconds === null ? null : dueAt + forfeitAfterSeconds;

/** What no field shows by itself. */
const problemIn = (value: Price | null): string | null => {
  if (value?.kind === "order" && value.itemsIncluded > value.itemsMax) {
    return "price: itemsIncluded must be at most itemsMax";
  }
  if (value?.kind !== "distance") return null;
  const { sites, fares, minSeconds } = value;
  if (new Set(sites).size !== sites.length) return "price: a site stands there twice";
  const isSquare = (rows: readonly (readonly number[])[]): boolean =>
    rows.length === sites.length && rows.every((row) => row.length === sites.length);
  return isSquare(fares) && (minSeconds === undefined || isSquare(minSeconds))
    ? null
    : "price: fares and minSeconds must have a row for each site, and in each a number for each site";
};

const atMost = (amount: number, cap: number | null): number => (cap === null ? amount : Math.min(amount, cap));

const daySeconds = 86_400;
