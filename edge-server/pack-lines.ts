/** A pack in a few lines: its perks, and everything that nobody knows of it and an operator has to set. */
import type { Perk } from "../shared/pack-schema.ts";
import type { Pack, ServiceRules } from "../shared/policy.ts";
import type { ServiceName } from "../shared/terms.ts";
import { countOf, tableOf } from "./command.ts";

export const describePack = (pack: Pack) => ({
  programme: pack.programme,
  version: pack.version,
  name: pack.name,
  context: pack.context,
  cuts: pack.cuts,
  services: servicesOf(pack).map(([service, rules]) => ({
    service,
    perks: rules.perks.map(({ id, atLeast, certainty }) => ({ id, atLeast, certainty })),
    tiers: (rules.tiers ?? []).map(({ id }) => id),
    unknown: unknownIn(rules),
  })),
});

export const linesOfPack = (pack: Pack): string => {
  const services = servicesOf(pack);
  const rows = services.flatMap(([service, rules]) => [
    ...(rules.perks.length === 0 ? [["  ", service, "ordinary service only"]] : []),
    ...rules.perks.map((perk) => ["  ", service, perk.id, grantOf(perk), `(${perk.certainty})`]),
    ...(rules.tiers ?? []).map(({ id, certainty }) => [
      "  ",
      service,
      id,
      "for everyone who chooses it",
      `(${certainty})`,
    ]),
    ...unknownIn(rules).map((number) => [
      "  ",
      service,
      `ordinary ${number}`,
      "stays as it is until it is set",
      "(unknown)",
    ]),
  ]);
  const title = `${pack.programme}  ${pack.name.en}, ${pack.name.zh}  version ${pack.version}, ${countOf(services.length, "service")}`;
  return [title, ...(rows.length === 0 ? [] : [tableOf(rows)])].join("\n");
};

const grantOf = ({ atLeast, terms }: Perk): string => {
  if (Object.keys(terms).length === 0) return "grants nothing until its terms and its threshold are set";
  return atLeast === "unknown" ? "grants nothing until its threshold is set" : `from ${atLeast}`;
};

/** Ordinary numbers that no source gives. */
const unknownIn = ({ numbers = {} }: ServiceRules): readonly string[] =>
  Object.entries(numbers).flatMap(([number, from]) => (from?.certainty === "unknown" ? [number] : []));

const servicesOf = (pack: Pack): readonly (readonly [ServiceName, ServiceRules])[] =>
  (Object.entries(pack.services) as [ServiceName, ServiceRules | undefined][]).flatMap(([service, rules]) =>
    rules === undefined ? [] : [[service, rules] as const],
  );
