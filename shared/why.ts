/**
 * The JSON of `/v1/why` and `/v1/objections`: what anybody may ask with the code of a receipt, without signing in.
 *
 * The code alone gets the rules that held there, the same whomever the receipt is about and whatever was decided: who saw
 * it over somebody's shoulder learns nothing. `own` is what was decided, for the phone that it was decided about, which
 * shows that by a signature (own-receipt.ts). No band is ever in it.
 *
 * A case is read with its secret. Codes and secrets travel in bodies, never in an address.
 */
import * as v from "valibot";
import { objectionOutcomes } from "./objection.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(400));
const bilingual = v.object({ zh: v.string(), en: v.string() });

const code = v.pipe(v.string(), v.maxLength(40));
/** base64url. */
const ownReceipt = v.pipe(v.string(), v.maxLength(2732), v.regex(/^[A-Za-z0-9_-]*$/, "must be base64url"));
/** As people write it down (recovery.ts). */
const secret = v.pipe(v.string(), v.maxLength(100));
export const saidCharactersMax = 2000;
/** What somebody objects, or is answered. */
export const said = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(saidCharactersMax));

const terms = v.object({
  deposit: v.number(),
  priceFactor: v.number(),
  freeSeconds: v.number(),
  loanSeconds: v.number(),
  itemsMax: v.number(),
  payLater: v.boolean(),
  greenChannel: v.boolean(),
  itemsByKind: v.exactOptional(v.record(v.string(), v.number())),
  renewalsMax: v.exactOptional(v.number()),
  payLaterMax: v.exactOptional(v.number()),
  payLaterSeconds: v.exactOptional(v.number()),
});

export const whyRequest = v.strictObject({ code, own: v.exactOptional(ownReceipt) });

/** `atLeast`: the score that it starts at; null where the operator has not set it, and nobody gets it. */
const rules = v.object({
  currency: text,
  programme: v.object({ name: bilingual, version: count, objection: bilingual }),
  ordinary: terms,
  perks: v.array(v.object({ id: text, atLeast: v.nullable(v.number()), terms })),
});
export type Rules = v.InferOutput<typeof rules>;

/** `list`: the version of the score list, and when the terminal had last made sure of it; null where there was none for it. */
const own = v.object({
  at: count,
  site: text,
  effect: v.picklist(["permit", "refer"]),
  reason: text,
  perk: v.nullable(text),
  terms: v.nullable(terms),
  owed: v.boolean(),
  isByStaff: v.boolean(),
  list: v.nullable(v.object({ version: count, confirmedAt: v.nullable(count) })),
});
export type OwnDecision = v.InferOutput<typeof own>;

/**
 * `hour`: in which it was, by its beginning. `policy`: the first characters of the hash of the rules in force, `manifest` the
 * version of the bundle that brought them with the lists, `confirmedAt` when the terminal had last made sure of it. `rules`
 * null where that policy is not at hand any more.
 */
export const whyAnswer = v.object({
  code: text,
  hour: count,
  service: text,
  policy: text,
  manifest: count,
  confirmedAt: v.nullable(count),
  rules: v.nullable(rules),
  own: v.nullable(own),
});
export type WhyAnswer = v.InferOutput<typeof whyAnswer>;

export const objectionRequest = v.strictObject({ code, text: said, own: v.exactOptional(ownReceipt) });
/** Shown once: only who objected has it. */
export const objectionAnswer = v.object({ secret: v.string(), at: count });
export const caseRequest = v.strictObject({ code, secret });
/** `text` null where it was erased since. */
export const caseAnswer = v.object({
  at: count,
  text: v.nullable(v.string()),
  answer: v.nullable(v.object({ at: count, outcome: v.picklist(objectionOutcomes), text: v.nullable(v.string()) })),
});
export type CaseAnswer = v.InferOutput<typeof caseAnswer>;
