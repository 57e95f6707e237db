/**
 * The operator's signed rules, strictly decoded: which programmes are honoured and, service by service, the ordinary
 * terms and the perks. A rule that would make anyone worse off than the ordinary service cannot be written: decoding
 * refuses it (promise 1). Unknown fields are refused too, since a misspelt perk would otherwise be lost in silence.
 *
 * JSON, v 1. A pack is one programme's part; a policy holds the packs with what the operator alone decides.
 */
import * as v from "valibot";
import { improve, isSet, type SetPerk } from "./pack.ts";
import { type Flaw, flaw, flawsIn, within } from "./pack-check.ts";
import * as schema from "./pack-schema.ts";
import { staffRulesJson } from "./staff-rules.ts";
import type { ServiceName, Terms } from "./terms.ts";

/**
 * How a visitor with another programme's score is served: one of `visitor`'s from `atLeast` up (one of its cuts) counts as
 * one of `as` here (one of the cuts here).
 */
const recognition = v.strictObject({
  visitor: schema.shortName,
  here: schema.shortName,
  scores: v.pipe(v.array(v.strictObject({ atLeast: schema.score, as: schema.score })), v.minLength(1), v.maxLength(5)),
});

const policy = v.strictObject({
  v: v.literal(1),
  operator: schema.shortText,
  currency: schema.currency,
  help: schema.bilingual,
  /** How long a presentation is good after its iat; at most the 90 s of the format. */
  presentationSeconds: v.pipe(schema.count, v.minValue(10), v.maxValue(90)),
  /** After this an artefact is called old; perks go on until `perkGraceSeconds`. */
  ageingSeconds: schema.count,
  perkGraceSeconds: schema.count,
  packs: v.pipe(v.array(schema.pack), v.maxLength(64)),
  recognises: v.exactOptional(v.pipe(v.array(recognition), v.maxLength(64))),
  staff: v.exactOptional(staffRulesJson),
});

export type Perk = schema.Perk;
export type ServiceRules = schema.ServiceRules;
export type Pack = schema.Pack;
export type Bilingual = schema.Bilingual;
export type Recognition = v.InferOutput<typeof recognition>;
export type Policy = v.InferOutput<typeof policy>;

export type Decoded<T> =
  | { readonly kind: "decoded"; readonly value: T }
  | { readonly kind: "invalid"; readonly errors: readonly string[] };

/** Decodes one programme pack. The errors name the place and say what would be right. */
export const decodePack = (json: string): Decoded<Pack> => decodeChecked(schema.pack, json, flawsIn);

export const decodePolicy = (json: string): Decoded<Policy> => decodeChecked(policy, json, flawsOfPolicy);

export const encodePolicy = (value: Policy): string => JSON.stringify(value);

export const packOf = (value: Policy, programme: string): Pack | null =>
  value.packs.find((each) => each.programme === programme) ?? null;

/** Also for what is read back and may be no service at all, such as `constructor`. */
export const rulesOf = (value: Pack, wanted: ServiceName): ServiceRules | null =>
  Object.hasOwn(value.services, wanted) ? (value.services[wanted] ?? null) : null;

/** The terms of a perk: the ordinary ones, improved. */
export const termsOfPerk = (rules: ServiceRules, wanted: Perk): Terms => improve(rules.ordinary, wanted);

/** The perk that somebody in `band` gets: the one with the highest threshold reached. */
export const perkInBand = (value: Pack, rules: ServiceRules, band: number): Perk | null =>
  perkFrom(rules, value.cuts.at[band - 1]);

/** The perk that a score of `reached` gets, which a cut stands for; null: none, also where there is no such score. */
export const perkFrom = (rules: ServiceRules, reached: number | undefined): Perk | null => {
  let best: SetPerk | null = null;
  for (const perk of rules.perks) {
    if (reached === undefined || !isSet(perk) || perk.atLeast > reached) continue;
    if (best === null || perk.atLeast > best.atLeast) best = perk;
  }
  return best;
};

/** Whose bands somebody is sorted by, and what they count as here. */
export type Home = { readonly pack: Pack; readonly scoreHere: (band: number) => number | undefined };

/** Null where scores of `programme` count for nothing under `here`. */
export const homeOf = (value: Policy, here: Pack, programme: string | null): Home | null => {
  if (programme === here.programme) return { pack: here, scoreHere: (band) => here.cuts.at[band - 1] };
  const recognised = value.recognises?.find((each) => each.visitor === programme && each.here === here.programme);
  const pack = recognised === undefined ? null : packOf(value, recognised.visitor);
  if (recognised === undefined || pack === null) return null;
  return { pack, scoreHere: (band) => recognisedScore(recognised, pack.cuts.at[band - 1]) };
};

const recognisedScore = ({ scores }: Recognition, reached: number | undefined): number | undefined =>
  reached === undefined ? undefined : scores.findLast((each) => each.atLeast <= reached)?.as;

/** The terms of the deposit that somebody chose; null where there is no such choice. */
export const termsOfTier = (rules: ServiceRules, id: string | undefined): Terms | null => {
  const tier = id === undefined ? undefined : rules.tiers?.find((each) => each.id === id);
  return tier === undefined ? null : improve(rules.ordinary, tier);
};

/** The band of a score: 0 where it reaches no cut. */
export const bandOfScore = (value: Pack, score: number): number => value.cuts.at.filter((cut) => score >= cut).length;

const flawsOfPolicy = (value: Policy): readonly Flaw[] => {
  const { packs, recognises = [] } = value;
  return [
    ...packs.flatMap((each, index) => flawsIn(each).map((found) => within(["packs", index], found))),
    ...packs.flatMap((each, index) =>
      each.currency === undefined || each.currency === value.currency
        ? []
        : [
            flaw(
              ["packs", index, "currency"],
              `the amounts are in ${each.currency}, and the operator's in ${value.currency}`,
            ),
          ],
    ),
    ...repeated(packs.map((each) => each.programme)).map((each) => flaw(["packs"], `${each} stands there twice`)),
    ...recognises.flatMap((each, index) =>
      flawsOfRecognition(value, each).map((found) => within(["recognises", index], found)),
    ),
    ...repeated(recognises.map(({ visitor, here }) => `${visitor} at ${here}`)).map((each) =>
      flaw(["recognises"], `${each} stands there twice`),
    ),
  ];
};

/** A visitor's higher score never counts for less. */
const flawsOfRecognition = (value: Policy, { visitor, here, scores }: Recognition): readonly Flaw[] => {
  const [from, to] = [packOf(value, visitor), packOf(value, here)];
  if (visitor === here) return [flaw([], `${here} needs no leave to recognise itself`)];
  if (from === null) return [flaw(["visitor"], `there is no pack of ${visitor}`)];
  if (to === null) return [flaw(["here"], `there is no pack of ${here}`)];
  return scores.flatMap(({ atLeast, as }, index) => {
    const before = scores[index - 1];
    return [
      ...(from.cuts.at.includes(atLeast) ? [] : [flaw(["atLeast"], `${atLeast} is no cut of ${visitor}`)]),
      ...(to.cuts.at.includes(as) ? [] : [flaw(["as"], `${as} is no cut of ${here}`)]),
      ...(before === undefined || atLeast > before.atLeast ? [] : [flaw(["atLeast"], "scores must rise")]),
      ...(before === undefined || as >= before.as ? [] : [flaw(["as"], "a higher score must not count for less")]),
    ].map((found) => within(["scores", index], found));
  });
};

const repeated = (words: readonly string[]): readonly string[] => [
  ...new Set(words.filter((word, index) => words.indexOf(word) !== index)),
];

const decodeChecked = <T>(
  wanted: v.GenericSchema<unknown, T>,
  json: string,
  flawsOf: (value: T) => readonly Flaw[],
): Decoded<T> => {
  const parsed = parseJson(json);
  if (parsed === undefined) return { kind: "invalid", errors: ["not JSON"] };
  const result = v.safeParse(wanted, parsed);
  if (!result.success) {
    return {
      kind: "invalid",
      errors: result.issues.map((issue) => `${v.getDotPath(issue) ?? "the document"}: ${issue.message}`),
    };
  }
  const errors = flawsOf(result.output).map(({ path, text }) => `${path.join(".")}: ${text}`);
  return errors.length === 0 ? { kind: "decoded", value: result.output } : { kind: "invalid", errors };
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
