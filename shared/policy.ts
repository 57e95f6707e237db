/**
 * The operator's signed rules, strictly decoded: which programmes are honoured and, service by service, the ordinary
 * terms and the perks. A rule that would make anyone worse off than the ordinary service cannot be written: decoding
 * refuses it (promise 1). Unknown fields are refused too, since a misspelt perk would otherwise be lost in silence.
 *
 * JSON, v 1. A pack is one programme's part; a policy holds the packs with what the operator alone decides.
 */
import * as v from "valibot";
import { tariff } from "./tariff.ts";
import { isNoWorse, type ServiceName, type Terms } from "./terms.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000));
const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be a short name such as fuzhou-moli"));
const bilingual = v.strictObject({ zh: shortText, en: shortText });

/** Every dimension of `Terms`; see there for units. */
const terms = v.strictObject({
  deposit: count,
  priceFactor: v.pipe(count, v.maxValue(1000)),
  freeSeconds: count,
  loanSeconds: count,
  itemsMax: count,
  payLater: v.boolean(),
  greenChannel: v.boolean(),
});

/**
 * What a score from `atLeast` up changes for the better. `unknown` grants nothing until an operator sets it.
 * `certainty`: S read in a source, S2 a weak source, operator: the operator's own rule.
 */
const perk = v.strictObject({
  id: name,
  atLeast: v.union([v.pipe(v.number(), v.integer()), v.literal("unknown")]),
  terms: v.partial(terms),
  certainty: v.picklist(["S", "S2", "operator", "unknown"]),
  source: shortText,
  since: v.nullable(v.pipe(v.string(), v.isoDate())),
});

/** `card`: how a printed code is taken; null where it is not. `passbackSeconds` 0: no such rule. */
const service = v.strictObject({
  ordinary: terms,
  fullPrice: v.nullable(count),
  perks: v.pipe(v.array(perk), v.maxLength(20)),
  card: v.nullable(v.strictObject({ perks: v.boolean(), tapsMaxPerDay: count })),
  passbackSeconds: count,
  tariff: v.optional(tariff),
});

const pack = v.strictObject({
  v: v.literal(1),
  programme: name,
  version: count,
  name: bilingual,
  context: shortText,
  scale: v.strictObject({ min: v.pipe(v.number(), v.integer()), max: v.pipe(v.number(), v.integer()) }),
  /** Band n holds scores from `at[n - 1]` up. A list names the version of the cuts that it was made with. */
  cuts: v.strictObject({ version: count, at: v.pipe(v.array(v.pipe(v.number(), v.integer())), v.maxLength(5)) }),
  objection: bilingual,
  services: v.strictObject({
    metro: v.optional(service),
    library: v.optional(service),
    bike: v.optional(service),
  }),
});

const policy = v.strictObject({
  v: v.literal(1),
  operator: shortText,
  currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as CNY")),
  help: bilingual,
  /** How long a presentation is good after its iat; at most the 90 s of the format. */
  presentationSeconds: v.pipe(count, v.minValue(10), v.maxValue(90)),
  /** After this an artefact is called old; perks go on until `perkGraceSeconds`. */
  ageingSeconds: count,
  perkGraceSeconds: count,
  packs: v.pipe(v.array(pack), v.maxLength(64)),
});

export type Perk = v.InferOutput<typeof perk>;
export type ServiceRules = v.InferOutput<typeof service>;
export type Pack = v.InferOutput<typeof pack>;
export type Policy = v.InferOutput<typeof policy>;
export type Bilingual = v.InferOutput<typeof bilingual>;

export type Decoded<T> =
  | { readonly kind: "decoded"; readonly value: T }
  | { readonly kind: "invalid"; readonly errors: readonly string[] };

/** Decodes one programme pack. The errors name the place and say what would be right. */
export const decodePack = (json: string): Decoded<Pack> => decodeChecked(pack, json, (value) => checkPack(value, ""));

export const decodePolicy = (json: string): Decoded<Policy> =>
  decodeChecked(policy, json, (value) => [
    ...value.packs.flatMap((each, index) => checkPack(each, `packs.${index}.`)),
    ...duplicates(value.packs.map((each) => each.programme)).map((each) => `packs: ${each} stands there twice`),
  ]);

export const encodePolicy = (value: Policy): string => JSON.stringify(value);

export const packOf = (value: Policy, programme: string): Pack | null =>
  value.packs.find((each) => each.programme === programme) ?? null;

/** Also for what is read back and may be no service at all, such as `constructor`. */
export const rulesOf = (value: Pack, wanted: ServiceName): ServiceRules | null =>
  Object.hasOwn(value.services, wanted) ? (value.services[wanted] ?? null) : null;

/** The terms of a perk: the ordinary ones, improved. */
export const termsOfPerk = (rules: ServiceRules, wanted: Perk): Terms => improve(rules.ordinary, wanted);

/** The perk that somebody in `band` gets: the one with the highest threshold reached. */
export const perkInBand = (value: Pack, rules: ServiceRules, band: number): Perk | null => {
  const reached = value.cuts.at[band - 1];
  if (reached === undefined) return null;
  return sortedPerks(rules).findLast((each) => each.atLeast <= reached) ?? null;
};

/** The band of a score: 0 where it reaches no cut. */
export const bandOfScore = (value: Pack, score: number): number => value.cuts.at.filter((cut) => score >= cut).length;

const improve = (ordinary: Terms, better: Perk): Terms => ({ ...ordinary, ...definedOnly(better.terms) });

const definedOnly = (partial: Perk["terms"]): Partial<Terms> =>
  Object.fromEntries(Object.entries(partial).filter(([, each]) => each !== undefined));

type SetPerk = Perk & { readonly atLeast: number };

const sortedPerks = (rules: ServiceRules): readonly SetPerk[] =>
  rules.perks.filter((each): each is SetPerk => each.atLeast !== "unknown").sort((a, b) => a.atLeast - b.atLeast);

const checkPack = (value: Pack, path: string): readonly string[] => [
  ...(value.scale.min < value.scale.max ? [] : [`${path}scale: min must be below max`]),
  ...value.cuts.at.flatMap((cut, index) =>
    cut > (value.cuts.at[index - 1] ?? value.scale.min) && cut <= value.scale.max
      ? []
      : [`${path}cuts.at.${index}: cuts must rise, inside the scale`],
  ),
  ...Object.entries(value.services).flatMap(([each, rules]) =>
    rules === undefined ? [] : checkService(value, rules, `${path}services.${each}.`),
  ),
];

const checkService = (value: Pack, rules: ServiceRules, path: string): readonly string[] => {
  const perks = sortedPerks(rules);
  return [
    ...duplicates(rules.perks.map((each) => each.id)).map((id) => `${path}perks: ${id} stands there twice`),
    ...duplicates(perks.map((each) => String(each.atLeast))).map((at) => `${path}perks: two perks start at ${at}`),
    ...perks.flatMap((each) =>
      value.cuts.at.includes(each.atLeast)
        ? []
        : [`${path}perks: ${each.id} starts at ${each.atLeast}, which is no cut`],
    ),
    ...rules.perks.flatMap((each) =>
      isNoWorse(improve(rules.ordinary, each), rules.ordinary)
        ? []
        : [`${path}perks: ${each.id} is worse than the ordinary service; a score only adds`],
    ),
    ...perks.flatMap((each, index) => {
      const lower = perks[index - 1];
      return lower === undefined || isNoWorse(improve(rules.ordinary, each), improve(rules.ordinary, lower))
        ? []
        : [`${path}perks: ${each.id} is worse than ${lower.id}, which asks for less`];
    }),
  ];
};

const duplicates = (words: readonly string[]): readonly string[] => [
  ...new Set(words.filter((word, index) => words.indexOf(word) !== index)),
];

const decodeChecked = <T>(
  schema: v.GenericSchema<unknown, T>,
  json: string,
  check: (value: T) => readonly string[],
): Decoded<T> => {
  const parsed = parseJson(json);
  if (parsed === undefined) return { kind: "invalid", errors: ["not JSON"] };
  const result = v.safeParse(schema, parsed);
  if (!result.success) {
    return {
      kind: "invalid",
      errors: result.issues.map((issue) => `${v.getDotPath(issue) ?? "the document"}: ${issue.message}`),
    };
  }
  const errors = check(result.output);
  return errors.length === 0 ? { kind: "decoded", value: result.output } : { kind: "invalid", errors };
};

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
