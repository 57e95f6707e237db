/**
 * A small made-up city for the tests of the core: its programme `here` at a library, a metro and a bike station, and
 * keys drawn for each run. Band 1 (from 650) has no perk, band 2 (from 697) one, band 3 (from 750) a better one.
 */
import { type Curve, type SigningKey, signingKeyOf } from "../shared/keys.ts";
import { type Pack, type Policy, rulesOf, type ServiceRules } from "../shared/policy.ts";
import type { ServiceName, Terms } from "../shared/terms.ts";

export const now = 1_800_000_000;

const noTerms: Terms = {
  deposit: 0,
  priceFactor: 1000,
  freeSeconds: 0,
  loanSeconds: 0,
  itemsMax: 0,
  payLater: false,
  greenChannel: false,
};

const bilingual = { zh: "此地", en: "Here" };
const card = { perks: true, tapsMaxPerDay: 20 };
const perk = { certainty: "S", source: "a notice of the city", since: "2026-01-31" } as const;

const library: ServiceRules = {
  ordinary: { ...noTerms, deposit: 10_000, loanSeconds: 1_209_600, itemsMax: 2 },
  fullPrice: null,
  perks: [
    { ...perk, id: "no-deposit", atLeast: 697, terms: { deposit: 0 } },
    { ...perk, id: "more-items", atLeast: 750, terms: { deposit: 0, itemsMax: 4, loanSeconds: 2_592_000 } },
  ],
  card,
  passbackSeconds: 60,
};

const metro: ServiceRules = {
  ordinary: { ...noTerms, priceFactor: 900 },
  fullPrice: 400,
  perks: [{ ...perk, id: "fare-20-off", atLeast: 697, terms: { priceFactor: 800, greenChannel: true } }],
  card,
  passbackSeconds: 60,
};

const bike: ServiceRules = {
  ordinary: { ...noTerms, deposit: 20_000, freeSeconds: 1800 },
  fullPrice: 150,
  perks: [
    { ...perk, id: "longer", atLeast: 650, terms: { freeSeconds: 3600, payLater: true } },
    { ...perk, id: "not-set-yet", atLeast: "unknown", terms: { deposit: 0 }, certainty: "unknown", since: null },
  ],
  card: null,
  passbackSeconds: 0,
};

export const samplePack: Pack = {
  v: 1,
  programme: "here",
  version: 3,
  name: bilingual,
  context: "city services, opt-in",
  scale: { min: 0, max: 1000 },
  cuts: { version: 7, at: [650, 697, 750] },
  objection: bilingual,
  services: { metro, library, bike },
};

export const samplePolicy: Policy = {
  v: 1,
  operator: "The operator",
  currency: "CNY",
  help: bilingual,
  presentationSeconds: 90,
  ageingSeconds: 500,
  perkGraceSeconds: 1000,
  packs: [samplePack],
};

export const sampleRules = (service: ServiceName): ServiceRules => {
  const rules = rulesOf(samplePack, service);
  if (rules === null) throw new Error(`the sample has no ${service}`);
  return rules;
};

const algorithms = { Ed25519: { name: "Ed25519" }, "P-256": { name: "ECDSA", namedCurve: "P-256" } } as const;

export const drawKey = async (curve: Curve = "Ed25519"): Promise<SigningKey> => {
  const pair = await crypto.subtle.generateKey(algorithms[curve], false, ["sign", "verify"]);
  return signingKeyOf(pair as CryptoKeyPair);
};
