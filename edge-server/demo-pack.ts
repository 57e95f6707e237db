/**
 * The rules of the demo city: the sourced pack of Fuzhou's Moli score, with what this demo's operator adds to it. What
 * is not sourced says so (`certainty` operator), and starts at the same cuts.
 */
import { decodePack, type Pack, type Perk, type ServiceRules } from "../shared/policy.ts";
import fuzhou from "../shared/programmes/fuzhou-moli.json" with { type: "json" };

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

const ownRule = (id: string, source: string, terms: Perk["terms"]): Perk => ({
  id,
  atLeast: 650,
  terms,
  certainty: "operator",
  source: `Rule of the demo's operator. ${source}`,
  since: null,
});

const library: ServiceRules = {
  ordinary: { ...ordinary, deposit: 10_000, loanSeconds: 14 * day, itemsMax: 5 },
  fullPrice: null,
  perks: [
    ownRule("no-deposit", "Deposit as other cities' libraries take it; waived at this programme's first cut", {
      deposit: 0,
      loanSeconds: 30 * day,
      itemsMax: 10,
    }),
  ],
  card: { perks: false, tapsMaxPerDay: 10 },
  passbackSeconds: 0,
};

const bike: ServiceRules = {
  ordinary: { ...ordinary, deposit: 19_900, freeSeconds: hour / 2 },
  fullPrice: null,
  perks: [
    ownRule("no-deposit", "Free period as the programme grants it for power banks and umbrellas", {
      deposit: 0,
      freeSeconds: 3 * hour,
    }),
  ],
  card: { perks: false, tapsMaxPerDay: 10 },
  passbackSeconds: 0,
};

/** The metro's one price is the operator's too: CNY 2.00. */
export const makeDemoPack = (): Pack => {
  const metro = { ...fuzhou.services.metro, fullPrice: 200 };
  const pack = decodePack(JSON.stringify({ ...fuzhou, services: { metro, library, bike } }));
  if (pack.kind === "invalid") throw new Error(`the demo city's pack: ${pack.errors.join("; ")}`);
  return pack.value;
};
