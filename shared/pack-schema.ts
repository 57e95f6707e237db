/**
 * What a city programme's pack may say, field by field: JSON, v 1. From these the decoder is made (policy.ts), and the JSON
 * Schema that an editor completes and explains a pack by (programmes/pack.schema.json). Descriptions are for who writes one.
 *
 * There is no field to restrict anybody with: a lawful restriction is applied when a list is published (FORMATS, "Score list").
 * What was added since packs are signed may be missing.
 */
import * as v from "valibot";
import { described } from "./described.ts";
import { tariff } from "./tariff.ts";
import { type ServiceName, serviceNames } from "./terms.ts";

export const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000));
export const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
export const shortName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be a short name such as fuzhou-moli"),
);
export const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as CNY"));
export const score = v.pipe(v.number(), v.integer());
const scoreOrUnknown = v.union([score, v.literal("unknown")]);
const date = v.pipe(v.string(), v.isoDate("must be a date such as 2026-01-31"));

export const bilingual = v.strictObject({
  zh: described(shortText, "In Chinese."),
  en: described(shortText, "In English."),
});

/** Where a number comes from. */
const provenanceFields = {
  certainty: described(
    v.picklist(["S", "S2", "operator", "unknown"]),
    "How sure it is. S: read in a source. S2: read in a weak source. operator: the operator's own rule. unknown: nobody knows it.",
  ),
  source: described(shortText, "Where it was read, or whose rule it is."),
  since: described(v.nullable(date), "The day from which it holds; null where the source does not say."),
};
export const provenance = v.strictObject(provenanceFields);

/** Every dimension of `Terms`. */
export const terms = v.strictObject({
  deposit: described(count, "Minor units of the currency (fen), held until the return."),
  priceFactor: described(v.pipe(count, v.maxValue(1000)), "Permille of the full price: 900 is 10 % off, 0 is free."),
  freeSeconds: described(count, "How long nothing is due, in seconds."),
  loanSeconds: described(count, "How long an item is lent, in seconds; a renewal lasts as long again."),
  itemsMax: described(count, "How many items may be taken in one session."),
  payLater: described(v.boolean(), "Whether one may leave first and pay later."),
  greenChannel: described(v.boolean(), "Whether the priority line is open."),
  itemsByKind: v.exactOptional(
    described(v.record(shortName, count), "How many of the items may be of each of the kinds; others: itemsMax alone."),
  ),
  renewalsMax: v.exactOptional(described(count, "How often one loan may be renewed. Not named: without limit.")),
  payLaterMax: v.exactOptional(described(count, "Minor units that may be paid later. Not named: without limit.")),
  payLaterSeconds: v.exactOptional(described(count, "How late it may be paid. Not named: without limit.")),
});

/** Where each of these numbers comes from. */
const ofNumbers = (names: readonly string[]) =>
  v.strictObject(Object.fromEntries(names.map((name) => [name, v.exactOptional(provenance)])));
const dimensions = Object.keys(terms.entries);

const perk = v.strictObject({
  id: described(shortName, "Names the perk in the log, and to the citizen who asks why."),
  atLeast: described(
    scoreOrUnknown,
    "The score it starts at, one of the cuts. unknown grants nothing until the operator sets it.",
  ),
  terms: described(v.partial(terms), "What gets better. Everything else stays as in ordinary; nothing may get worse."),
  ...provenanceFields,
  numbers: v.exactOptional(
    described(ofNumbers(["atLeast", ...dimensions]), "Where one number comes from elsewhere than the perk."),
  ),
});

const itemStart = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/, "must be how an item's number begins"),
);

/** What items there are, where they are lent by kind. An item that begins like none of them is of no kind, and no kind limits it. */
const kind = v.strictObject({
  id: described(shortName, "Names the kind in itemsByKind, and in the log."),
  name: described(bilingual, "What the citizen reads."),
  startsWith: described(
    v.pipe(v.array(itemStart), v.maxLength(100)),
    "How the numbers of its items begin; the longest that fits counts. Empty until the operator says.",
  ),
});

/** A deposit that everybody may choose, for more than the ordinary terms lend. */
const tier = v.strictObject({
  id: described(shortName, "Names the choice in the log."),
  name: described(bilingual, "What the citizen reads."),
  terms: described(v.partial(terms), "What differs from ordinary, the deposit included."),
  ...provenanceFields,
});

export const service = v.strictObject({
  ordinary: described(terms, "The terms of everyone who has no perk here, with a code or without a score."),
  numbers: v.exactOptional(
    described(
      ofNumbers(["fullPrice", "tariff", "card", "passbackSeconds", "capacity", "kinds", ...dimensions]),
      "Where the ordinary numbers come from.",
    ),
  ),
  fullPrice: described(v.nullable(count), "The one full price in minor units; null where it depends on the use."),
  tariff: v.optional(described(tariff, "What a use costs before the terms are applied, for the settlement.")),
  tiers: v.exactOptional(
    described(v.pipe(v.array(tier), v.maxLength(10)), "Deposits among which everybody may choose, whatever the score."),
  ),
  kinds: v.exactOptional(
    described(
      v.pipe(v.array(kind), v.maxLength(20)),
      "The kinds of items that itemsByKind names, and how they are told.",
    ),
  ),
  perks: described(v.pipe(v.array(perk), v.maxLength(20)), "What a score from some cut up changes for the better."),
  card: described(
    v.nullable(
      v.strictObject({
        perks: described(v.boolean(), "Whether a printed code gets the perks."),
        tapsMaxPerDay: described(count, "How often a day one printed code is taken."),
      }),
    ),
    "How a printed code is taken; null where it is not.",
  ),
  passbackSeconds: described(count, "How soon the same person may do the same again; 0: at once."),
  capacity: v.exactOptional(described(count, "How many may be inside. Not named: without limit.")),
});

const eachService = <S extends v.GenericSchema>(schema: S) =>
  Object.fromEntries(serviceNames.map((name) => [name, v.optional(schema)])) as Readonly<
    Record<ServiceName, v.OptionalSchema<S, undefined>>
  >;

const overrides = v.strictObject({
  reasons: described(
    v.pipe(
      v.array(
        v.strictObject({
          id: described(shortName, "Names the reason in the log."),
          name: described(bilingual, "What staff read."),
        }),
      ),
      v.minLength(1),
      v.maxLength(12),
    ),
    "Why staff may let somebody through after a refusal.",
  ),
  freeText: described(v.boolean(), "Whether staff may write a reason of their own."),
});

export const pack = v.strictObject({
  $schema: v.exactOptional(described(shortText, "Where an editor finds the schema: ./pack.schema.json.")),
  v: described(v.literal(1), "The version of this format."),
  programme: described(shortName, "The programme's short name; its credentials and lists carry it."),
  version: described(count, "The version of this pack. A pack replaces one of a lower version only."),
  dated: v.exactOptional(described(date, "The day this version was written.")),
  name: described(bilingual, "What citizens call the programme."),
  context: described(shortText, "Where its scores may count: an operator refuses packs whose context is not its own."),
  currency: v.exactOptional(described(currency, "The currency of every amount here: the operator's own.")),
  scale: described(
    v.strictObject({
      min: described(scoreOrUnknown, "The lowest."),
      max: described(scoreOrUnknown, "The highest."),
    }),
    "The lowest and the highest score that there is.",
  ),
  cuts: described(
    v.strictObject({
      version: described(count, "Above the version before wherever `at` differs: a list names it."),
      at: described(v.pipe(v.array(score), v.maxLength(5)), "Rising: band n holds scores from the n-th cut up."),
    }),
    "Where lists are cut into bands of benefit: at the scores that perks start at.",
  ),
  numbers: v.exactOptional(described(ofNumbers(["scale", "cuts"]), "Where the scale comes from.")),
  objection: described(bilingual, "Where a citizen objects to the terms."),
  repair: v.exactOptional(described(bilingual, "Where a citizen has a record put right.")),
  overrides: v.exactOptional(described(overrides, "What staff may give as the reason of an override.")),
  services: described(v.strictObject(eachService(service)), "The rules of each service."),
});

export type Provenance = v.InferOutput<typeof provenance>;
export type Perk = v.InferOutput<typeof perk>;
export type Kind = v.InferOutput<typeof kind>;
export type Tier = v.InferOutput<typeof tier>;
export type ServiceRules = v.InferOutput<typeof service>;
export type Pack = v.InferOutput<typeof pack>;
export type Bilingual = v.InferOutput<typeof bilingual>;
