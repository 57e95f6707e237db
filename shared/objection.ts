/**
 * An objection and its answer, as they are written down: entries of a chain that the server itself writes, in the same
 * ledger and by the same rules as a terminal's (FORMATS, "Log"). Its checkpoints are an edge key's, its terminal is a name
 * that no terminal can have, and its epoch is fixed, so that servers that share a ledger go on with one chain.
 *
 *     objection   about the entry `of`. `secret`: SHA-256 (hex) of the case's secret, which only who objected has.
 *                 `isOwn`: the phone that the entry is about has signed it; else anybody may have seen the code
 *     answer      to the objection `of`, the only one; `by` an operator
 *
 * What was said (`text`) could name somebody: it travels beside the entry, bound by its hash, and can be erased; of one's
 * own objection the pseudonym too.
 */
import * as v from "valibot";
import { equalBytes, toUtf8 } from "./bytes.ts";
import type { Chain } from "./log.ts";
import type { Instant } from "./terms.ts";
import type { EntryRef } from "./transaction.ts";

/** `stands`: it was right. `corrected`: it was not, and is made good. `passed-on`: to the programme, whose list it is about. */
export const objectionOutcomes = ["stands", "corrected", "passed-on"] as const;
export type ObjectionOutcome = (typeof objectionOutcomes)[number];

export type Objection = {
  readonly kind: "objection";
  readonly of: EntryRef;
  readonly secret: string;
  readonly isOwn: boolean;
  readonly pseudonymKey?: number;
  readonly personal?: string;
};

export type ObjectionAnswer = {
  readonly kind: "answer";
  readonly of: EntryRef;
  readonly by: string;
  readonly outcome: ObjectionOutcome;
  readonly personal?: string;
};

/** A dot is in no terminal's name (messages.ts). */
export const objectionChain: Chain = { terminal: "edge.objections", epoch: toUtf8("objections/v1\0\0\0") };

export const isObjectionChain = ({ terminal, epoch }: Chain): boolean =>
  terminal === objectionChain.terminal && equalBytes(epoch, objectionChain.epoch);

const instant = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const ref = v.object({ terminal: v.string(), epoch: v.string(), seq: v.pipe(instant, v.minValue(1)) });

const recorded = v.variant("kind", [
  v.looseObject({
    kind: v.literal("objection"),
    at: instant,
    of: ref,
    secret: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    isOwn: v.boolean(),
  }),
  v.looseObject({
    kind: v.literal("answer"),
    at: instant,
    of: ref,
    by: v.string(),
    outcome: v.picklist(objectionOutcomes),
  }),
]);
export type RecordedObjection = v.InferOutput<typeof recorded> & { readonly at: Instant };

/** Of an objection at all, whether or not it is well written. */
export const isOfObjection = (kind: string): boolean => kind === "objection" || kind === "answer";

/** Null where it is no such entry, or something that it needs is missing. */
export const readObjection = (transaction: { readonly kind: string }): RecordedObjection | null => {
  if (!isOfObjection(transaction.kind)) return null;
  const result = v.safeParse(recorded, transaction);
  return result.success ? result.output : null;
};

const said = v.object({ text: v.string() });

/** What was said, from what lies beside the entry; null where it was erased. */
export const readSaid = (personal: string | null): string | null => {
  if (personal === null) return null;
  try {
    const result = v.safeParse(said, JSON.parse(personal));
    return result.success ? result.output.text : null;
  } catch {
    return null;
  }
};
