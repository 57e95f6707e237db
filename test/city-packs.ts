/**
 * The packs of shared/programmes, as an operator may publish them: what nobody knows of them is set, as the operator's own
 * rule, so that each perk can be seen. What is known stays as it is sourced.
 */
import { readdirSync, readFileSync } from "node:fs";
import { sortedPerks } from "../shared/pack.ts";
import { decodePack, type Pack, type Perk, type ServiceRules } from "../shared/policy.ts";

const folder = new URL("../shared/programmes/", import.meta.url);

const read = (text: string): Pack => {
  const decoded = decodePack(text);
  if (decoded.kind === "invalid") throw new Error(decoded.errors.join("; "));
  return decoded.value;
};

export const sourcedPacks: readonly Pack[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json") && file !== "pack.schema.json")
  .map((file) => read(readFileSync(new URL(file, folder), "utf8")));

/** Above every threshold that is known, and on every scale. */
const operatorCut = 900;

/** What an operator may make of a perk that no source describes. */
const ownTerms = { priceFactor: 900, greenChannel: true } as const;

/** Of each service the first perk without a threshold gets one, and gives no less than the best that has one. */
const setRules = (rules: ServiceRules): ServiceRules => {
  const unset = rules.perks.find(({ atLeast }) => atLeast === "unknown");
  const set = (perk: Perk): Perk => {
    if (perk !== unset) return perk;
    const terms = Object.keys(perk.terms).length === 0 ? ownTerms : perk.terms;
    return { ...perk, atLeast: operatorCut, terms: { ...sortedPerks(rules).at(-1)?.terms, ...terms } };
  };
  return {
    ...rules,
    perks: rules.perks.map(set),
    ...(rules.kinds === undefined
      ? {}
      : { kinds: rules.kinds.map((kind) => ({ ...kind, startsWith: [`${kind.id.toUpperCase()}-`] })) }),
  };
};

/** Items of a kind begin with its name: CHINESE-1. Bands are cut anew, so versions rise. */
const setByOperator = (pack: Pack): Pack =>
  read(
    JSON.stringify({
      ...pack,
      version: pack.version + 100,
      cuts: { version: pack.cuts.version + 100, at: [...pack.cuts.at, operatorCut] },
      services: Object.fromEntries(
        Object.entries(pack.services).map(([name, rules]) => [name, rules === undefined ? rules : setRules(rules)]),
      ),
    }),
  );

export const cityPacks: readonly Pack[] = sourcedPacks.map(setByOperator);

export const cityPackOf = (programme: string): Pack => {
  const found = cityPacks.find((each) => each.programme === programme);
  if (found === undefined) throw new Error(`there is no pack of ${programme}`);
  return found;
};
