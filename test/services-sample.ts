/** The sample city with every service, each with a perk from 697 up (`indexOf.band2`), and a terminal of each. */
import type { Profile } from "../shared/messages.ts";
import type { Policy, ServiceRules } from "../shared/policy.ts";
import type { ServiceName, Terms } from "../shared/terms.ts";
import { samplePolicy } from "./sample.ts";

const noTerms: Terms = {
  deposit: 0,
  priceFactor: 1000,
  freeSeconds: 0,
  loanSeconds: 0,
  itemsMax: 0,
  payLater: false,
  greenChannel: false,
};

const rules = (ordinary: Partial<Terms>, perk: Partial<Terms>, more: Partial<ServiceRules> = {}): ServiceRules => ({
  ordinary: { ...noTerms, ...ordinary },
  fullPrice: null,
  perks: [
    { id: "better", atLeast: 697, terms: perk, certainty: "operator", source: "a rule of the test", since: null },
  ],
  card: { perks: true, tapsMaxPerDay: 20 },
  passbackSeconds: 0,
  ...more,
});

const byTime = (unitPrice: number): Partial<ServiceRules> => ({
  tariff: {
    price: { kind: "time", unitSeconds: 3600, unitPrice, capPerDay: 10 * unitPrice, capInAll: null },
    forfeitAfterSeconds: null,
  },
});

const services: Readonly<Record<ServiceName, ServiceRules>> = {
  metro: rules({ priceFactor: 900 }, { priceFactor: 800, greenChannel: true }, { fullPrice: 400 }),
  bus: rules({ priceFactor: 900 }, { priceFactor: 800 }, { fullPrice: 200 }),
  library: rules(
    { deposit: 10_000, loanSeconds: 1_209_600, itemsMax: 2 },
    { deposit: 0, itemsMax: 5 },
    {
      tariff: {
        price: { kind: "order", fee: 300, itemsIncluded: 3, feePerItem: 100, itemsMax: 5 },
        forfeitAfterSeconds: null,
      },
    },
  ),
  bike: rules({ deposit: 19_900, freeSeconds: 1800 }, { deposit: 0, freeSeconds: 10_800 }, byTime(100)),
  umbrella: rules({ deposit: 9_900 }, { deposit: 0, freeSeconds: 10_800 }, byTime(50)),
  "power-bank": rules({ deposit: 9_900 }, { deposit: 0, freeSeconds: 10_800 }, byTime(100)),
  venue: rules({}, { priceFactor: 500, payLater: true }, { fullPrice: 3000, capacity: 2 }),
  shuttle: rules({}, { priceFactor: 0 }, { fullPrice: 1000, capacity: 2 }),
  parking: rules({ freeSeconds: 900 }, { freeSeconds: 1800, payLater: true }, byTime(500)),
  desk: rules(
    { deposit: 50_000 },
    { deposit: 0, payLater: true, payLaterMax: 100_000, payLaterSeconds: 864_000, greenChannel: true },
  ),
  inquiry: rules({}, {}, { perks: [] }),
};

export const servicesPolicy: Policy = {
  ...samplePolicy,
  packs: samplePolicy.packs.map((pack) => ({ ...pack, services })),
};

const placed = { programme: "here", site: "site-1", name: "Here", actuator: "simulated" } as const;

export const serviceProfiles = {
  metro: { service: "metro", action: "entry", ...placed },
  bus: { service: "bus", action: "entry", ...placed },
  library: { service: "library", ...placed },
  bike: { service: "bike", docks: ["1", "2"], ...placed },
  umbrella: { service: "umbrella", docks: ["1", "2"], ...placed },
  "power-bank": { service: "power-bank", docks: ["1", "2"], ...placed },
  venue: { service: "venue", action: "both", ...placed },
  shuttle: { service: "shuttle", action: "both", ...placed },
  parking: { service: "parking", action: "both", ...placed },
  desk: { service: "desk", ...placed },
  inquiry: { service: "inquiry", ...placed },
} as const satisfies Readonly<Record<ServiceName, Profile>>;
