import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { capFares, dueFor, minSecondsOf, type Price, type PriceTerms, tariff, type Use } from "../shared/tariff.ts";

const plain: PriceTerms = { priceFactor: 1000, freeSeconds: 0 };
const flat: Price = { kind: "flat", fare: 250, capPerDay: null };
const distance: Price = {
  kind: "distance",
  sites: ["east", "west"],
  fares: [
    [200, 501],
    [500, 200],
  ],
  minSeconds: [
    [0, 600],
    [600, 0],
  ],
  capPerDay: null,
};
const zones: Price = { kind: "zones", zoneOf: { east: 1, west: 3 }, fares: [200, 300], capPerDay: null };
const hour: Price = { kind: "time", unitSeconds: 3600, unitPrice: 100, capPerDay: 1000, capInAll: 9900 };
const order: Price = { kind: "order", fee: 300, itemsIncluded: 3, feePerItem: 100, itemsMax: 5 };

const journey = (from: string, to: string | null): Use => ({ kind: "journey", from, to });
const time = (seconds: number): Use => ({ kind: "time", seconds });

describe("what is due", () => {
  it.each<[string, Price, Use, PriceTerms, number | null]>([
    ["flat", flat, journey("anywhere", null), plain, 250],
    ["a fraction is the citizen's", flat, journey("a", "b"), { ...plain, priceFactor: 801 }, 200],
    ["by distance", distance, journey("east", "west"), plain, 501],
    ["each way by itself", distance, journey("west", "east"), plain, 500],
    ["without an end: the lowest from there", distance, journey("east", null), plain, 200],
    ["a site it does not know", distance, journey("east", "nowhere"), plain, null],
    ["by zones, the last fare beyond", zones, journey("east", "west"), plain, 300],
    ["in one zone", zones, journey("west", "west"), plain, 200],
    ["no zone by a name of JavaScript's", zones, journey("constructor", "west"), plain, null],
    ["no time", hour, time(0), plain, 0],
    ["a unit begun counts", hour, time(1), plain, 100],
    ["a unit to its end", hour, time(3600), plain, 100],
    ["and one second more", hour, time(3601), plain, 200],
    ["free time comes first", hour, time(3 * 3600), { ...plain, freeSeconds: 2 * 3600 }, 100],
    ["within the free time", hour, time(3600), { ...plain, freeSeconds: 3600 }, 0],
    ["capped a day", hour, time(20 * 3600), plain, 1000],
    ["each day by itself", hour, time(25 * 3600), plain, 1100],
    ["capped in all", hour, time(40 * 86_400), plain, 9900],
    ["a clock that went back costs nothing", hour, time(-5), plain, 0],
    ["an order", order, { kind: "order", items: 3 }, plain, 300],
    ["a larger one", order, { kind: "order", items: 5 }, plain, 500],
    ["an order of nothing", order, { kind: "order", items: 0 }, plain, 0],
    ["an order too large", order, { kind: "order", items: 6 }, plain, null],
    ["time has no fare", flat, time(5), plain, null],
    ["a journey has no hours", hour, journey("a", "b"), plain, null],
  ])("%s", (_, price, use, terms, due) => {
    expect(dueFor(price, use, terms)).toBe(due);
  });

  it("is never more under better terms, nor for less time", () => {
    const anyTime = fc.record({
      kind: fc.constant("time" as const),
      unitSeconds: fc.integer({ min: 1, max: 90_000 }),
      unitPrice: fc.nat(5000),
      capPerDay: fc.option(fc.nat(9000)),
      capInAll: fc.option(fc.nat(90_000)),
    });
    const one = fc.tuple(fc.nat(1000), fc.nat(100_000));
    fc.assert(
      fc.property(anyTime, fc.nat(5_000_000), fc.nat(100_000), one, one, (price, seconds, more, a, b) => {
        const worse = { priceFactor: Math.max(a[0], b[0]), freeSeconds: Math.min(a[1], b[1]) };
        const better = { priceFactor: Math.min(a[0], b[0]), freeSeconds: Math.max(a[1], b[1]) };
        const due = dueFor(price, time(seconds), worse) ?? -1;
        expect(dueFor(price, time(seconds), better)).toBeLessThanOrEqual(due);
        expect(dueFor(price, time(seconds + more), worse)).toBeGreaterThanOrEqual(due);
        expect(Number.isInteger(due) && due >= 0).toBe(true);
      }),
    );
  });

  it("adds up to the cap of a day, and no fare below it is lost", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.option(fc.nat(3000)), (fares, cap) => {
        const sum = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
        const capped = capFares(fares.map((due) => ({ due, cap })));
        expect(sum(capped)).toBe(Math.min(sum(fares), cap ?? Infinity));
        expect(capped.every((each, index) => each <= (fares[index] ?? 0))).toBe(true);
      }),
    );
  });

  it("knows how fast one can be", () => {
    expect(minSecondsOf(distance, "east", "west")).toBe(600);
    expect(minSecondsOf(distance, "east", "nowhere")).toBe(null);
    expect(minSecondsOf(flat, "east", "west")).toBe(null);
  });
});

describe("a tariff as it is written", () => {
  const errorsOf = (price: unknown): readonly string[] =>
    v.safeParse(tariff, { price, forfeitAfterSeconds: null }).issues?.map(({ message }) => message) ?? [];

  it.each([flat, distance, zones, hour, order, null])("is read: %o", (price) => {
    expect(errorsOf(price)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["half a cent", { ...flat, fare: 2.5 }],
    ["a fare below nothing", { ...flat, fare: -1 }],
    ["a row too few", { ...distance, fares: [[1, 2]] }],
    ["a fare too few", { ...distance, fares: [[1], [2, 3]] }],
    ["seconds too few", { ...distance, minSeconds: [[1, 2]] }],
    ["a site twice", { ...distance, sites: ["east", "east"] }],
    ["no fares", { ...zones, fares: [] }],
    ["units of nothing", { ...hour, unitSeconds: 0 }],
    ["more included than may be ordered", { ...order, itemsIncluded: 6 }],
    ["a field too many", { ...flat, surcharge: 1 }],
    ["a kind nobody knows", { kind: "dutch-auction" }],
  ])("is refused: %s", (_, price) => {
    expect(errorsOf(price)).not.toEqual([]);
  });
});
