/** One pack, read: the terms that it gives, and its perks and scale in order. */
import type { Kind, Pack, Perk, ServiceRules } from "./pack-schema.ts";
import type { Terms } from "./terms.ts";

/** The ordinary terms, bettered by what a perk or a tier names. */
export const improve = (ordinary: Terms, better: Pick<Perk, "terms">): Terms => ({
  ...ordinary,
  ...definedOnly(better.terms),
});

const definedOnly = (partial: Perk["terms"]): Partial<Terms> =>
  Object.fromEntries(Object.entries(partial).filter(([, each]) => each !== undefined));

/** By how its number begins, the longest beginning that fits; null where the rules do not say. */
export const kindOf = ({ kinds = [] }: Pick<ServiceRules, "kinds">, item: string): Kind | null => {
  const fitting = kinds.flatMap((kind) =>
    kind.startsWith.filter((start) => item.startsWith(start)).map(({ length }) => ({ kind, length })),
  );
  return fitting.sort((a, b) => b.length - a.length)[0]?.kind ?? null;
};

/** A perk whose threshold is set. */
export type SetPerk = Perk & { readonly atLeast: number };

export const isSet = (each: Perk): each is SetPerk => each.atLeast !== "unknown";

/** By their thresholds; those without one grant nothing. */
export const sortedPerks = (rules: ServiceRules): readonly SetPerk[] =>
  rules.perks.filter(isSet).sort((a, b) => a.atLeast - b.atLeast);

/** The lowest and the highest score; without a bound where nobody knows it. */
export const scaleOf = ({ scale }: Pack): { readonly min: number; readonly max: number } => ({
  min: scale.min === "unknown" ? Number.NEGATIVE_INFINITY : scale.min,
  max: scale.max === "unknown" ? Number.POSITIVE_INFINITY : scale.max,
});
