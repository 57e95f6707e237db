/**
 * What no field of a pack shows by itself: that the bands rise, and that no rule makes anybody worse off than the ordinary
 * service, or than one who reached less (promise 1). Each flaw says where it is and what would be right.
 */
import { improve, type SetPerk, scaleOf, sortedPerks } from "./pack.ts";
import type { Pack, Perk, ServiceRules } from "./pack-schema.ts";
import { isNoWorse, type Terms } from "./terms.ts";

export type Path = readonly (string | number)[];
export type Flaw = { readonly path: Path; readonly text: string };

export const flawsIn = (pack: Pack): readonly Flaw[] => [
  ...flawsOfBands(pack),
  ...Object.entries(pack.services).flatMap(([name, rules]) =>
    rules === undefined ? [] : flawsOfService(pack, name, rules).map((each) => within(["services", name], each)),
  ),
];

const flawsOfBands = (pack: Pack): readonly Flaw[] => {
  const { min, max } = scaleOf(pack);
  return [
    ...(min < max ? [] : [flaw(["scale"], "min must be below max")]),
    ...pack.cuts.at.flatMap((cut, index) =>
      cut > (pack.cuts.at[index - 1] ?? min) && cut <= max
        ? []
        : [flaw(["cuts", "at", index], "cuts must rise, inside the scale")],
    ),
  ];
};

const flawsOfService = (pack: Pack, name: string, rules: ServiceRules): readonly Flaw[] => {
  const perks = sortedPerks(rules);
  const pathOf = (perk: Perk): Path => ["perks", rules.perks.indexOf(perk)];
  return [
    ...twice(rules.perks, ({ id }) => id).map((each) =>
      flaw([...pathOf(each), "id"], `${each.id} stands there twice; each perk has a name of its own`),
    ),
    ...twice(perks, ({ atLeast }) => atLeast).map((each) =>
      flaw([...pathOf(each), "atLeast"], `two perks start at ${each.atLeast}; make one of them`),
    ),
    ...perks
      .filter((each) => !pack.cuts.at.includes(each.atLeast))
      .map((each) => flaw([...pathOf(each), "atLeast"], notACut(pack, each))),
    ...rules.perks.flatMap((each) =>
      worseIn(improve(rules.ordinary, each), rules.ordinary).map((dimension) =>
        flaw(
          [...pathOf(each), "terms", dimension],
          `${each.id} is worse than the ordinary service in ${dimension}; a score only adds`,
        ),
      ),
    ),
    ...perks.flatMap((each, index) => flawsOfHigher(rules, each, perks[index - 1], pathOf(each))),
    ...flawsOfTiers(rules),
    ...flawsOfKinds(rules),
    ...(name === "inquiry" && rules.card !== null
      ? [flaw(["card"], "must be null: what a code gives is said to its holder alone, never to whoever holds a card")]
      : []),
  ];
};

const flawsOfHigher = (rules: ServiceRules, higher: SetPerk, lower: SetPerk | undefined, path: Path) =>
  lower === undefined
    ? []
    : worseIn(improve(rules.ordinary, higher), improve(rules.ordinary, lower)).map((dimension) =>
        flaw(
          [...path, "terms", dimension],
          `${higher.id} is worse than ${lower.id} in ${dimension}, which asks for less; name there what ${lower.id} gives`,
        ),
      );

/** Whoever leaves a deposit gets no less for it. */
const flawsOfTiers = ({ ordinary, tiers = [] }: ServiceRules): readonly Flaw[] => [
  ...twice(tiers, ({ id }) => id).map((each) =>
    flaw(["tiers", tiers.indexOf(each), "id"], `${each.id} stands there twice; each choice has a name of its own`),
  ),
  ...tiers.flatMap((each, index) =>
    worseIn({ ...improve(ordinary, each), deposit: ordinary.deposit }, ordinary).map((dimension) =>
      flaw(["tiers", index, "terms", dimension], `${each.id} asks for a deposit, and gives less in ${dimension}`),
    ),
  ),
];

/** Where kinds are named, every limit is of one of them, and no item can be of two. */
const flawsOfKinds = ({ ordinary, perks, tiers = [], kinds }: ServiceRules): readonly Flaw[] => {
  if (kinds === undefined) return [];
  const starts = kinds.flatMap(({ startsWith }, index) => startsWith.map((start, at) => ({ start, index, at })));
  const limits = [
    { path: ["ordinary"], terms: ordinary },
    ...perks.map(({ terms }, index) => ({ path: ["perks", index, "terms"], terms })),
    ...tiers.map(({ terms }, index) => ({ path: ["tiers", index, "terms"], terms })),
  ];
  return [
    ...twice(kinds, ({ id }) => id).map((each) =>
      flaw(["kinds", kinds.indexOf(each), "id"], `${each.id} stands there twice; each kind has a name of its own`),
    ),
    ...twice(starts, ({ start }) => start).map(({ start, index, at }) =>
      flaw(["kinds", index, "startsWith", at], `${start} stands there twice; an item is of one kind`),
    ),
    ...limits.flatMap(({ path, terms }) =>
      Object.keys(terms.itemsByKind ?? {})
        .filter((id) => kinds.every((kind) => kind.id !== id))
        .map((id) => flaw([...path, "itemsByKind", id], `${id} is none of the kinds`)),
    ),
  ];
};

const notACut = ({ cuts }: Pack, perk: SetPerk): string =>
  cuts.at.length === 0
    ? `${perk.id} starts at ${perk.atLeast}, which is no cut; cuts.at must name it`
    : `${perk.id} starts at ${perk.atLeast}, which is no cut; the cuts are ${cuts.at.join(", ")}`;

/** The dimensions that make `a` worse than `b`. */
const worseIn = (a: Terms, b: Terms): readonly string[] =>
  isNoWorse(a, b) ? [] : Object.keys({ ...b, ...a }).filter((each) => !isNoWorse(withOne(b, a, each), b));

/** `terms`, with one dimension as in `other`. */
const withOne = (terms: Terms, other: Terms, dimension: string): Terms => {
  const { [dimension]: _, ...rest } = terms as Terms & Record<string, unknown>;
  const value: unknown = Reflect.get(other, dimension);
  return { ...rest, ...(value === undefined ? {} : { [dimension]: value }) } as Terms;
};

/** Each one whose word another before it has. */
const twice = <T>(all: readonly T[], wordOf: (each: T) => string | number): readonly T[] =>
  all.filter((each, index) => all.findIndex((other) => wordOf(other) === wordOf(each)) < index);

export const flaw = (path: Path, text: string): Flaw => ({ path, text });
export const within = (path: Path, each: Flaw): Flaw => flaw([...path, ...each.path], each.text);
