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

/** Reads any entry's common fields; null where the bytes are no transaction. Never throws. */
export const readTransaction = (bytes: Bytes): ReadTransaction | null => readTransactionText(fromUtf8(bytes) ?? "");

export const readTransactionText = (text: string): ReadTransaction | null => {
  const parsed = parseJson(text);
  return isTransaction(parsed) ? parsed : null;
};

/** By hand: the ledger asks for every entry that comes. */
const isTransaction = (value: unknown): value is ReadTransaction => {
  if (!isObject(value)) return false;
  const { v: version, at, kind } = value;
  const isStamped = typeof version === "number" && Number.isInteger(at) && (at as number) >= 0;
  return isStamped && typeof kind === "string" && kind.length <= 40;
};

/** A transaction as read back: the common fields are certain, the others are for `readDecided` and its like. */
export type ReadTransaction = { readonly v: number; readonly at: Instant; readonly kind: string } & {
  readonly [field: string]: unknown;
};

/** Whether a value is what is meant. By hand: every start reads every decision of a day, and an audit reads them all. */
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isInstant: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
/** What else it has is its own business. */
const shape = (fields: Readonly<Record<string, Check>>): Check => {
  const checks = Object.entries(fields);
  return (value) => isObject(value) && checks.every(([field, check]) => check(value[field]));
};
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const readings: Readonly<Record<Reading["kind"], Check>> = {
  none: () => true,
  fault: shape({ fault: isText }),
  verified: shape({
    form: oneOf("presentation", "bearer"),
    use: oneOf("citizen", "staff"),
    programme: nullable(isText),
  }),
};

const isDecided = shape({
  v: oneOf(1),
  at: isInstant,
  kind: oneOf("decided"),
  request: shape({
    service: isText,
    action: isText,
    programme: isText,
    place: shape({ site: isText }),
    itemsBefore: optional(isNumber),
    kind: optional(isText),
    kindBefore: optional(isNumber),
    renewalsBefore: optional(isNumber),
    tier: optional(isText),
    inside: optional(isNumber),
    places: optional(isNumber),
  }),
  reading: (value) =>
    isObject(value) && Object.hasOwn(readings, String(value.kind)) && readings[value.kind as Reading["kind"]](value),
  identity: optional(isText),
  windowUntil: optional(isInstant),
  knowledge: shape({
    standing: (value) => isNumber(value) || isText(value),
    cuts: nullable(isNumber),
    checkedAt: shape({ trust: nullable(isInstant), policy: nullable(isInstant), list: nullable(isInstant) }),
  }),
  history: shape({ seenAt: nullable(isInstant), sameActionAt: nullable(isInstant), cardTaps: isNumber }),
  artefacts: shape({ manifest: isNumber, policy: isText, list: nullable(isNumber) }),
  result: shape({ effect: oneOf("permit", "refer"), reason: isText }),
});

export type RecordedDecision = Stamp & Decided;

/** The inputs and the result of a decision, or null where something that `decide` needs is missing. */
export const readDecided = (transaction: ReadTransaction): RecordedDecision | null =>
  isDecided(transaction) ? (transaction as unknown as RecordedDecision) : null;

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
