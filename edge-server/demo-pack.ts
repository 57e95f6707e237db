/**
 * The rules of the demo city: the sourced pack of Fuzhou's Moli score, with what this demo's operator adds to it. What
 * is not sourced says so (`certainty` operator), and starts at the same cuts.
 */
import { decodePack, type Pack, type Perk, type ServiceRules } from "../shared/policy.ts";
import fuzhou from "../shared/programmes/fuzhou-moli.json" with { type: "json" };
import type { Tariff } from "../shared/tariff.ts";

export const demoProgramme = "fuzhou-moli";

const hour = 3600;
const day = 24 * hour;

const ordinary = {
  deposit: 0,
  priceFactor: 1000,
  freeSeconds: 0,
  loanSeconds: 0,
  itemsMax: 0,
  payLater: false,
  greenChannel: false,
} as const;

const ownRule = (id: string, atLeast: number, source: string, terms: Perk["terms"]): Perk => ({
  id,
  atLeast,
  terms,
  certainty: "operator",
  source: `Rule of the demo's operator. ${source}`,
  since: null,
});

/** Time costs `unitPrice` for each `unitSeconds` begun, at most `capPerDay`. */
const byTime = (unitSeconds: number, unitPrice: number, capPerDay: number): Tariff => ({
  price: { kind: "time", unitSeconds, unitPrice, capPerDay, capInAll: null },
  forfeitAfterSeconds: 30 * day,
});

const card = { perks: false, tapsMaxPerDay: 10 };
const usual = { fullPrice: null, card, passbackSeconds: 0 };

const library: ServiceRules = {
  ...usual,
  ordinary: { ...ordinary, deposit: 10_000, loanSeconds: 14 * day, itemsMax: 5 },
  perks: [
    ownRule("no-deposit", 650, "Deposit as other cities' libraries take it; waived at this programme's first cut", {
      deposit: 0,
      loanSeconds: 30 * day,
      itemsMax: 10,
    }),
  ],
  /** As Hangzhou's library takes it. */
  tariff: {
    price: { kind: "order", fee: 300, itemsIncluded: 3, feePerItem: 100, itemsMax: 5 },
    forfeitAfterSeconds: null,
  },
};

const bike: ServiceRules = {
  ...usual,
  ordinary: { ...ordinary, deposit: 19_900, freeSeconds: hour / 2 },
  perks: [
    ownRule("no-deposit", 650, "Free period as the programme grants it for power banks and umbrellas", {
      deposit: 0,
      freeSeconds: 3 * hour,
    }),
  ],
  tariff: byTime(hour / 2, 150, 3000),
};

/** The programme's free hours, and the deposit of the demo's operator, which it waives at the next cut. */
const lent = (rules: ServiceRules | undefined, unitPrice: number): ServiceRules => ({
  ...usual,
  ordinary: { ...ordinary, deposit: 9900 },
  perks: [
    ...(rules?.perks ?? []),
    ownRule("no-deposit", 697, "Deposit as stations elsewhere take it", { deposit: 0, freeSeconds: 3 * hour }),
  ],
  tariff: byTime(hour, unitPrice, 10 * unitPrice),
});

const venue: ServiceRules = {
  ...usual,
  ordinary,
  fullPrice: 3000,
  perks: [ownRule("venue-20-off", 650, "Venues of Wuxi are on its citizen card", { priceFactor: 800, payLater: true })],
  card: { ...card, perks: true },
  capacity: 20,
};

/** Free minutes as Xiamen has them. */
const parking: ServiceRules = {
  ...usual,
  ordinary: { ...ordinary, freeSeconds: hour / 4 },
  perks: [ownRule("leave-first", 650, "As Xiamen's car parks grant it", { freeSeconds: hour / 2, payLater: true })],
  tariff: byTime(hour, 500, 5000),
};

const payLater = { payLater: true, payLaterMax: 100_000, payLaterSeconds: 10 * day } as const;
const desk: ServiceRules = {
  ...usual,
  ordinary: { ...ordinary, deposit: 50_000 },
  perks: [
    ownRule("pay-later", 650, "Limit and time as Hangzhou grants them for medical care", payLater),
    ownRule("priority-line", 697, "A green channel as Beijing names it", { ...payLater, greenChannel: true }),
    ownRule("no-deposit", 750, "From the band in which the programme waives the deposit of a lodging", {
      ...payLater,
      greenChannel: true,
      deposit: 0,
    }),
  ],
};

/** One price of the operator each: metro CNY 2.00, bus 1.00, shuttle 10.00. */
export const makeDemoPack = (): Pack => {
  const sourced = readPack(fuzhou).services;
  const priced = (rules: ServiceRules | undefined, fullPrice: number, more: Partial<ServiceRules> = {}) =>
    rules === undefined ? rules : { ...rules, fullPrice, ...more };
  return readPack({
    ...fuzhou,
    services: {
      ...sourced,
      metro: priced(sourced.metro, 200),
      bus: priced(sourced.bus, 100),
      shuttle: priced(sourced.shuttle, 1000, { capacity: 12 }),
      umbrella: lent(sourced.umbrella, 50),
      "power-bank": lent(sourced["power-bank"], 100),
      ...{ library, bike, venue, parking, desk },
    },
  });
};

const readPack = (value: unknown): Pack => {
  const pack = decodePack(JSON.stringify(value));
  if (pack.kind === "invalid") throw new Error(`the demo city's pack: ${JSON.stringify(pack.errors)}`);
  return pack.value;
};
