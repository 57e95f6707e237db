/**
 * The JSON of /v1/admin about publishing: what may be published, what a pack's text says, and a rehearsal, which says what
 * would have been different in the recorded past. Counts, terms and receipts: nothing names a citizen, or anybody's band.
 */
import * as v from "valibot";
import { shortName, terms } from "./pack-schema.ts";
import { actionsOf, serviceNames } from "./terms.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Minor units; below 0 it is less than before. */
const amount = v.pipe(v.number(), v.safeInteger());
const text = v.pipe(v.string(), v.maxLength(600));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex"));

/* What is in force. */

export const packRow = v.object({
  programme: text,
  version: count,
  name: v.object({ zh: text, en: text }),
  /** As it may be written on from. */
  json: v.string(),
  lists: v.array(v.object({ list: text, version: count, entries: count })),
});
export type PackRow = v.InferOutput<typeof packRow>;
export const packsAnswer = v.object({ packs: v.array(packRow) });
export type PacksAnswer = v.InferOutput<typeof packsAnswer>;

/* A pack's text. */

/** More than a policy may have (edge-server/policy.ts), so that who wrote too much is told so by line. */
export const packCharsMax = 400_000;
const packText = v.pipe(v.string(), v.maxLength(packCharsMax));
export const packCheckRequest = v.strictObject({ text: packText });
/** `line` 0: of the pack as a whole, or of what is in force beside it. */
export const packFinding = v.object({ line: count, column: count, at: v.string(), text: v.string() });
export type PackFinding = v.InferOutput<typeof packFinding>;
/** `pack` null: something is wrong with it. `listsToPublishAnew`: sorted by other cuts. */
export const packCheckAnswer = v.object({
  findings: v.array(packFinding),
  pack: v.nullable(v.object({ programme: text, version: count, listsToPublishAnew: v.array(text) })),
});
export type PackCheckAnswer = v.InferOutput<typeof packCheckAnswer>;

/* Rehearsals. */

export const rehearsedDays = [7, 30] as const;
const days = v.picklist(rehearsedDays);
export const packRehearsalRequest = v.strictObject({ text: packText, days });
export const listRehearsalQuery = v.object({
  programme: shortName,
  list: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/, "must be a short name such as a")),
  days: v.pipe(v.string(), v.regex(/^(7|30)$/), v.transform(Number), days),
});

const answer = v.object({
  effect: v.picklist(["permit", "refer"]),
  reason: text,
  /** Null where somebody is referred. */
  terms: v.nullable(terms),
});
export type RehearsedAnswer = v.InferOutput<typeof answer>;

/** `mixed`: better in one way, worse in another. `same`: for another reason alone. */
export const directions = ["more", "less", "mixed", "same"] as const;
export type Direction = (typeof directions)[number];

/** Decisions of one kind that come out different in the same way. */
export const rehearsedGroup = v.object({
  programme: text,
  service: v.picklist(serviceNames),
  action: v.picklist([...new Set(Object.values(actionsOf).flat())]),
  before: answer,
  after: answer,
  direction: v.picklist(directions),
  decisions: count,
  /** What is held, and what is due, more or less than before; `price` null: nobody knows without the whole use. */
  deposit: amount,
  price: v.nullable(amount),
  /** Receipt codes. */
  examples: v.array(text),
});
export type RehearsedGroup = v.InferOutput<typeof rehearsedGroup>;

export const rehearsedService = v.object({
  programme: text,
  service: v.picklist(serviceNames),
  decisions: count,
  more: count,
  less: count,
  mixed: count,
  same: count,
  unchanged: count,
  /** It depends on a score between two cuts, and no record has that. */
  either: count,
  deposit: amount,
  price: amount,
});
export type RehearsedService = v.InferOutput<typeof rehearsedService>;

export const untoldCauses = ["unreadable", "other-cuts"] as const;
/** `isEstimate`: spread as the list's places are, since no record says which place somebody has. */
export const rehearsed = v.object({
  isEstimate: v.boolean(),
  currency: text,
  services: v.array(rehearsedService),
  /** Largest first; `groupsLeftOut` more are in the services' figures alone. */
  groups: v.array(rehearsedGroup),
  groupsLeftOut: count,
  /** Decisions of the period that cannot be made again, by cause. */
  untold: v.object({ unreadable: count, "other-cuts": count }),
});
export type Rehearsed = v.InferOutput<typeof rehearsed>;

/** Of a list: places by what stands there, before and after, and what moved; null where the cuts before were others. */
export const listChange = v.object({
  rows: count,
  entries: count,
  standings: v.array(v.object({ standing: text, before: count, after: count })),
  moved: v.nullable(v.object({ added: count, removed: count, changed: count })),
  /** Places whose terms at the service would be better, or worse. */
  services: v.array(v.object({ service: v.picklist(serviceNames), more: count, less: count })),
  restrictions: count,
});
export type ListChange = v.InferOutput<typeof listChange>;

export const rehearsalStates = ["reading", "running", "done", "cancelled", "failed", "published"] as const;
export type RehearsalState = (typeof rehearsalStates)[number];

const fields = {
  number: count,
  at: count,
  by: text,
  programme: text,
  list: v.nullable(text),
  /** Of the pack. */
  version: v.nullable(count),
  days,
  sha256: v.nullable(sha256),
  state: v.picklist(rehearsalStates),
  /** Read so far of about so many: bytes while it comes, then entries. */
  done: count,
  total: count,
  cause: v.string(),
  listsToPublishAnew: v.array(text),
  /** With which it came into force. */
  bundle: v.nullable(count),
};
/** `sha256`: of the bytes that were given; null while they come. `list` null: of a pack. */
export const rehearsal = v.object({ ...fields, change: v.nullable(listChange), result: v.nullable(rehearsed) });
export type Rehearsal = v.InferOutput<typeof rehearsal>;
/** Without what came out: it is asked for often. */
export const rehearsalRow = v.object(fields);
export type RehearsalRow = v.InferOutput<typeof rehearsalRow>;
/** Newest first. */
export const rehearsalsAnswer = v.object({ rehearsals: v.array(rehearsalRow) });
export type RehearsalsAnswer = v.InferOutput<typeof rehearsalsAnswer>;

export const publicationRequest = v.strictObject({ sha256 });
