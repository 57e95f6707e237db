/**
 * What a terminal writes down, as UTF-8 JSON (FORMATS, "Log"). A `decided` entry holds every input of `decide` and its
 * result, so that anybody can decide again; `installed` carries the signed policy itself, so that a terminal's log
 * needs nothing beside it to be replayed. Readers keep kinds they do not know.
 *
 * What could name somebody (pseudonym, item, vehicle) travels beside the entry and is only bound by its hash.
 */
import * as v from "valibot";
import { type Bytes, fromUtf8, toUtf8 } from "./bytes.ts";
import { decide, type History, type Knowledge, type Reading } from "./decide.ts";
import type { Objection, ObjectionAnswer } from "./objection.ts";
import type { StaffHappening } from "./override.ts";
import type { Gave, Share } from "./places.ts";
import type { Policy } from "./policy.ts";
import type { Decision, Instant, Request } from "./terms.ts";
import type { Fault } from "./verify.ts";

/** Names one entry for good. `epoch` is base64url. */
export type EntryRef = { readonly terminal: string; readonly epoch: string; readonly seq: number };

/**
 * When and in which run it was written. `boot` is drawn at each start. `clock` is `device`, or `floor` where the
 * device's clock was behind the newest time that a signed message had shown, and that time was used.
 */
export type Stamp = { readonly v: 1; readonly at: Instant; readonly boot: string; readonly clock: "device" | "floor" };

/** Which versions a decision rested on. `policy` is the SHA-256 (hex) that an `installed` entry carries. */
export type Artefacts = { readonly manifest: number; readonly policy: string; readonly list: number | null };

export type Decided = {
  readonly kind: "decided";
  readonly request: Omit<Request, "at">;
  readonly reading: Reading;
  /** SHA-256 of the presentation's Sig_structure, hex; with `issuedAt` and `windowUntil` it is the replay memory. */
  readonly identity?: string;
  readonly issuedAt?: Instant;
  readonly windowUntil?: Instant;
  readonly knowledge: Knowledge;
  readonly history: History;
  readonly artefacts: Artefacts;
  readonly result: Decision<Fault>;
  /** In a library session: the entry that opened it. */
  readonly of?: EntryRef;
  /** A run of refusals of one kind, until `lastAt`. */
  readonly count?: number;
  readonly lastAt?: Instant;
  readonly pseudonymKey?: number;
  readonly personal?: string;
};

export type Outcome = "completed" | "annulled" | "timed-out" | "fault";
export type Acted = {
  readonly kind: "acted";
  readonly of: EntryRef;
  readonly outcome: Outcome;
  readonly dock?: string;
  /** Of a vehicle that came back: the geofencing zone in which it stands, where the dock knows of one. */
  readonly zone?: string;
  /** The number in a queue that was drawn. */
  readonly ticket?: string;
  readonly cause?: string;
  readonly personal?: string;
};

/**
 * The citizen's answer to a deposit, asked before it is held: `deposit` in minor units of `currency`. `price`: what is to be
 * paid here and now, where that was asked; what is paid later is not.
 */
export type Agreed = {
  readonly kind: "agreed";
  readonly of: EntryRef;
  readonly accepted: boolean;
  readonly deposit: number;
  readonly price?: number;
  readonly currency: string;
};

/**
 * What the operator's payment system said to an order under the key `of`, the entry that it is for (kiosk/payments.ts). `unknown`: no answer came, so it may have been done; what may stand under the key is released then, and that
 * is asked for until it is `done`.
 */
export type Paid = {
  readonly kind: "payment";
  readonly of: EntryRef;
  readonly order: "hold" | "charge" | "release";
  readonly amount: number;
  readonly currency: string;
  readonly outcome: "done" | "refused" | "unknown";
  readonly cause?: string;
};

export type Started = { readonly kind: "started"; readonly app: string; readonly newEpoch: boolean };
/** A bundle came into force. `signedPolicy` is the policy artefact, base64url. */
export type Installed = {
  readonly kind: "installed";
  readonly manifest: number;
  readonly policy: string;
  readonly signedPolicy: string;
};
export type Mode = { readonly kind: "mode"; readonly mode: "in-service" | "out-of-service"; readonly cause: string };
export type Faulted = { readonly kind: "fault"; readonly part: string; readonly cause: string };
/** An entry of a lost chain, told again: see recovered.ts. */
export type Recovered = {
  readonly kind: "recovered";
  readonly of: { readonly [part in "terminal" | "epoch"]: string | null } & { readonly seq: number };
  readonly hash: string;
  readonly bytes?: string;
  readonly personal?: string;
};

export type Happening =
  | Decided
  | Acted
  | Agreed
  | Paid
  | Started
  | Installed
  | Mode
  | Faulted
  | Recovered
  | Objection
  | ObjectionAnswer
  | Gave
  | Share
  | StaffHappening;
export type Transaction = Stamp & Happening;

/**
 * What could name somebody. Kept beside an entry; erasing it leaves the chain whole. `note`: what staff wrote beside their
 * reason. `text`: what somebody wrote to object, or an operator to answer. `salt`: a recovered entry's own.
 */
export type Personal = {
  readonly pseudonym?: string;
  readonly item?: string;
  readonly vehicle?: string;
  readonly note?: string;
  readonly salt?: string;
  readonly text?: string;
};

export const encodeTransaction = (transaction: Transaction): Bytes => toUtf8(JSON.stringify(transaction));

const personalFields = v.object({
  pseudonym: v.exactOptional(v.string()),
  item: v.exactOptional(v.string()),
  vehicle: v.exactOptional(v.string()),
  note: v.exactOptional(v.string()),
});

/** The personal fields kept beside an entry; null where the text is not that. Never throws. */
export const readPersonal = (text: string): Personal | null => {
  const result = v.safeParse(personalFields, parseJson(text));
  return result.success ? result.output : null;
};

const instant = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Reads any entry's common fields; null where the bytes are no transaction. Never throws. */
export const readTransaction = (bytes: Bytes): ReadTransaction | null => readTransactionText(fromUtf8(bytes) ?? "");

export const readTransactionText = (text: string): ReadTransaction | null => {
  const parsed = parseJson(text);
  return isTransaction(parsed) ? parsed : null;
};

/** By hand: the ledger asks for every entry that comes. */
const isTransaction = (value: unknown): value is ReadTransaction => {
  if (typeof value !== "object" || value === null) return false;
  const { v: version, at, kind } = value as Readonly<Record<string, unknown>>;
  const isStamped = typeof version === "number" && Number.isInteger(at) && (at as number) >= 0;
  return isStamped && typeof kind === "string" && kind.length <= 40;
};

/** A transaction as read back: the common fields are certain, the others are for `readDecided` and its like. */
export type ReadTransaction = { readonly v: number; readonly at: Instant; readonly kind: string } & {
  readonly [field: string]: unknown;
};

const nullableInstant = v.nullable(instant);
const decided = v.looseObject({
  v: v.literal(1),
  at: instant,
  kind: v.literal("decided"),
  request: v.looseObject({
    service: v.string(),
    action: v.string(),
    programme: v.string(),
    place: v.looseObject({ site: v.string() }),
    itemsBefore: v.optional(v.number()),
    kind: v.optional(v.string()),
    kindBefore: v.optional(v.number()),
    renewalsBefore: v.optional(v.number()),
    tier: v.optional(v.string()),
    inside: v.optional(v.number()),
    places: v.optional(v.number()),
  }),
  reading: v.variant("kind", [
    v.object({ kind: v.literal("none") }),
    v.object({ kind: v.literal("fault"), fault: v.string() }),
    v.object({
      kind: v.literal("verified"),
      form: v.picklist(["presentation", "bearer"]),
      use: v.picklist(["citizen", "staff"]),
      programme: v.nullable(v.string()),
    }),
  ]),
  identity: v.optional(v.string()),
  windowUntil: v.optional(instant),
  knowledge: v.object({
    standing: v.union([v.number(), v.string()]),
    cuts: v.nullable(v.number()),
    checkedAt: v.object({ trust: nullableInstant, policy: nullableInstant, list: nullableInstant }),
  }),
  history: v.object({ seenAt: nullableInstant, sameActionAt: nullableInstant, cardTaps: v.number() }),
  artefacts: v.object({ manifest: v.number(), policy: v.string(), list: v.nullable(v.number()) }),
  result: v.looseObject({ effect: v.picklist(["permit", "refer"]), reason: v.string() }),
});

export type RecordedDecision = Stamp & Decided;

/** The inputs and the result of a decision, or null where something that `decide` needs is missing. */
export const readDecided = (transaction: ReadTransaction): RecordedDecision | null => {
  // To say all that is wrong with another kind takes longer than to read a decision, and half of a log is of other kinds.
  if (transaction.kind !== "decided") return null;
  const result = v.safeParse(decided, transaction);
  return result.success ? (result.output as unknown as RecordedDecision) : null;
};

/** Decides again from what was recorded. `same` is what promise 5 is about. */
export const replayDecision = (
  recorded: RecordedDecision,
  policy: Policy,
): { readonly same: boolean; readonly again: Decision<Fault> } => {
  const again = decide({ ...recorded.request, at: recorded.at }, recorded.reading, {
    policy,
    knowledge: recorded.knowledge,
    history: recorded.history,
  });
  return { same: isSame(again, recorded.result), again };
};

/** Deep equality of JSON values, whatever the order of their fields. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, each]) => key in b && isSame(each, Reflect.get(b, key)));
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
