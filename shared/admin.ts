/**
 * The JSON of /v1/admin: what the console asks and is answered, as schemas. The server reads requests with them, its
 * OpenAPI document comes from them, and so do the types of both ends. Nothing here names a citizen or a band.
 */
import * as v from "valibot";
import { profile } from "./messages.ts";
import { objectionOutcomes } from "./objection.ts";
import { said } from "./why.ts";

/** Each may do what those before may, and more. */
export const operatorRoles = ["viewer", "operator", "administrator"] as const;
export type OperatorRole = (typeof operatorRoles)[number];

export const mayActAs = (role: OperatorRole, wanted: OperatorRole): boolean =>
  operatorRoles.indexOf(role) >= operatorRoles.indexOf(wanted);

/** What a reviewer says of an override. None of them takes it out of the ledger, or out of the list. */
export const verdicts = ["approved", "questioned", "annulled"] as const;
export type Verdict = (typeof verdicts)[number];

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(400));
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);
const role = v.picklist(operatorRoles);
const verdict = v.picklist(verdicts);

export const operatorName = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9.-]{1,31}$/, "must be a short name such as lin.mei"),
);
const oneTimeCode = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/, "must be a one-time code"));
const newPassword = v.pipe(v.string(), v.minLength(12), v.maxLength(200));

/* Coming in. */

export const signInRequest = v.strictObject({ name: operatorName, password: v.pipe(v.string(), v.maxLength(200)) });
export const welcomeRequest = v.strictObject({ code: oneTimeCode, name: operatorName, password: newPassword });
export const operatorAnswer = v.object({ name: operatorName, role });
export type OperatorAnswer = v.InferOutput<typeof operatorAnswer>;

/* Passkeys. `client`, `authenticator`: as WebAuthn gives them, base64url. */

const base64url = (charsMax: number) => v.pipe(v.string(), v.maxLength(charsMax), v.regex(/^[A-Za-z0-9_-]+$/));
const passkeyId = base64url(1400);
const answered = { id: passkeyId, client: base64url(6000), authenticator: base64url(6000) };
export const challengeAnswer = v.object({ challenge: v.string() });
export type ChallengeAnswer = v.InferOutput<typeof challengeAnswer>;
export const passkeySignIn = v.strictObject({ ...answered, signature: base64url(200) });
export type PasskeySignIn = v.InferOutput<typeof passkeySignIn>;
export const passkeyBegin = v.strictObject({ password: v.pipe(v.string(), v.maxLength(200)) });
/** `known`: ids of keys that are not to be made again. */
export const passkeyBeginAnswer = v.object({ challenge: v.string(), known: v.array(v.string()) });
export type PasskeyBeginAnswer = v.InferOutput<typeof passkeyBeginAnswer>;
export const passkeyRequest = v.strictObject({
  ...answered,
  key: v.looseObject({ kty: v.string() }),
  label: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(60)),
});
export type PasskeyRequest = v.InferOutput<typeof passkeyRequest>;
export const passkeyRow = v.object({ id: passkeyId, label: v.string(), createdAt: count });
export const passkeysAnswer = v.object({ passkeys: v.array(passkeyRow) });
export type PasskeysAnswer = v.InferOutput<typeof passkeysAnswer>;

/* Entries. */

/** `epoch`: base64url of 16 bytes. */
export const entryRef = v.strictObject({
  terminal: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  epoch: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/, "must be an epoch")),
  seq: v.pipe(count, v.minValue(1)),
});

/** `word`: what it comes down to (see survey-reading). `number`: in the order of arrival; the cursor of pages. */
export const transactionRow = v.object({
  number: count,
  of: entryRef,
  at: nullable(count),
  receivedAt: count,
  kind: nullable(text),
  service: nullable(text),
  action: nullable(text),
  site: nullable(text),
  word: text,
  code: text,
});
export type TransactionRow = v.InferOutput<typeof transactionRow>;
/** `next`: the cursor of what comes after; null at the end. */
export const transactionPage = v.object({ total: count, rows: v.array(transactionRow), next: nullable(count) });
export type TransactionPage = v.InferOutput<typeof transactionPage>;

/** One entry with all that it rests on. `transaction` is what was written, without whoever it was about. */
export const reviewRow = v.object({ at: count, by: text, verdict, note: v.string() });
export const entryAnswer = v.object({
  row: transactionRow,
  hash: v.string(),
  isAfterRevocation: v.boolean(),
  transaction: nullable(v.record(v.string(), v.unknown())),
  answers: v.array(v.object({ row: transactionRow, transaction: nullable(v.record(v.string(), v.unknown())) })),
  policy: nullable(
    v.object({ programme: text, version: count, objection: v.object({ zh: v.string(), en: v.string() }) }),
  ),
  reviews: v.array(reviewRow),
  /** What staff wrote beside their reason; for whoever may review it, and nobody else. */
  note: nullable(text),
});
export type EntryAnswer = v.InferOutput<typeof entryAnswer>;

/* Overrides. */

export const overridePatterns = ["one-badge", "one-reason", "one-person", "one-minute", "two-places"] as const;
export type OverridePattern = (typeof overridePatterns)[number];
export const overrideRow = v.object({
  number: count,
  of: entryRef,
  at: count,
  kind: text,
  effect: text,
  reason: text,
  /** As the pack of one programme calls it; null where none does. */
  reasonName: nullable(v.object({ zh: v.string(), en: v.string() })),
  factor: text,
  staff: v.array(text),
  answers: nullable(entryRef),
  site: nullable(text),
  state: v.picklist(["open", ...verdicts]),
  patterns: v.array(v.picklist(overridePatterns)),
});
export type OverrideRow = v.InferOutput<typeof overrideRow>;
export const overridePage = v.object({ open: count, rows: v.array(overrideRow), next: nullable(count) });
export type OverridePage = v.InferOutput<typeof overridePage>;
export const reviewRequest = v.strictObject({ of: entryRef, verdict, note: v.pipe(v.string(), v.maxLength(500)) });

/* Objections. */

/** `number` names the case. `isOwn`: by the phone that the receipt is about; anybody else may only have seen its code. */
export const caseRow = v.object({
  number: count,
  at: count,
  code: text,
  isOwn: v.boolean(),
  outcome: nullable(v.picklist(objectionOutcomes)),
});
export type CaseRow = v.InferOutput<typeof caseRow>;
export const casePage = v.object({ open: count, rows: v.array(caseRow), next: nullable(count) });
/** `text` null where it was erased, `entry` where it is not in the ledger. */
export const caseView = v.object({
  row: caseRow,
  text: nullable(v.string()),
  entry: nullable(entryAnswer),
  answer: nullable(
    v.object({ at: count, by: text, outcome: v.picklist(objectionOutcomes), text: nullable(v.string()) }),
  ),
});
export type CaseView = v.InferOutput<typeof caseView>;
export const answerRequest = v.strictObject({ outcome: v.picklist(objectionOutcomes), text: said });

/* Terminals. */

export const terminalStates = ["well", "attention", "silent", "waiting", "revoked"] as const;
export type TerminalState = (typeof terminalStates)[number];

export const terminalRow = v.object({
  id: text,
  name: text,
  site: text,
  service: text,
  programme: text,
  state: v.picklist(terminalStates),
  /** Words of what is to be seen to; free text of the terminal only in `alarms`. */
  causes: v.array(text),
  alarms: v.array(text),
  lastSeenAt: nullable(count),
  lastEntryAt: nullable(count),
  app: nullable(text),
  manifest: nullable(count),
  pending: nullable(count),
  /** When perks end there, if nothing reaches it any more. */
  ordinaryFrom: nullable(count),
  p95: nullable(v.number()),
  storage: nullable(v.number()),
  /** Of today and the six days before: how many were let through, and how many on ordinary terms for a cause of ours. */
  permits: count,
  technical: count,
});
export type TerminalHealth = v.InferOutput<typeof terminalRow>;
export const terminalPage = v.object({ total: count, rows: v.array(terminalRow), next: nullable(text) });
export type TerminalPage = v.InferOutput<typeof terminalPage>;
export const enrolRequest = v.strictObject({ profile });
/** `qr`: rows of 0 and 1, with the quiet zone. */
export const enrolAnswer = v.object({ id: text, link: v.string(), expiresAt: count, qr: v.array(v.string()) });
export type EnrolAnswer = v.InferOutput<typeof enrolAnswer>;

/* Overview. */

/** WGS 84, in degrees. */
export const position = v.strictObject({
  lat: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
  lon: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
});
export type Position = v.InferOutput<typeof position>;
/** `at` null: not on the map. */
export const siteRequest = v.strictObject({ site: v.pipe(v.string(), v.maxLength(64)), at: nullable(position) });
export const siteAnswer = v.object({ site: text, at: nullable(position) });

export const siteRow = v.object({
  site: text,
  programme: text,
  at: nullable(position),
  services: v.array(text),
  states: v.object({ well: count, attention: count, silent: count, waiting: count, revoked: count }),
});
export type SiteRow = v.InferOutput<typeof siteRow>;
export const alertRow = v.object({
  what: text,
  name: text,
  at: nullable(count),
  severity: v.picklist(["soon", "now"]),
});
export type Alert = v.InferOutput<typeof alertRow>;
export const overviewAnswer = v.object({
  at: count,
  entries: count,
  /** What the figures still have to count. */
  behind: count,
  openOverrides: count,
  openObjections: count,
  manifest: count,
  sites: v.array(siteRow),
  alerts: v.array(alertRow),
});
export type OverviewAnswer = v.InferOutput<typeof overviewAnswer>;
export type Overview = v.InferOutput<typeof overviewAnswer>;

/** `count` of a `word` in the hour that begins at `hour`. */
export const hourRow = v.object({ hour: count, service: text, word: text, count });
export const figuresAnswer = v.object({
  from: count,
  hours: v.array(hourRow),
  latency: v.array(v.object({ stage: text, terminals: count, p50: v.number(), p95: v.number() })),
  technical: v.array(v.object({ terminal: text, name: text, permits: count, technical: count })),
});
export type Figures = v.InferOutput<typeof figuresAnswer>;

/* Quarantine. */

export const quarantineAnswer = v.object({
  counts: v.record(v.string(), count),
  /** Of staff, in no chain: the queue of overrides cannot have them. */
  overrides: count,
  rows: v.array(
    v.object({
      cause: text,
      where: text,
      entries: count,
      overrides: v.exactOptional(count),
      receivedAt: nullable(count),
    }),
  ),
  leftOut: count,
});
export type QuarantineAnswer = v.InferOutput<typeof quarantineAnswer>;

/* Exports. */

export const exportRequest = v.strictObject({ format: v.picklist(["ndjson", "csv"]), since: nullable(count) });
export const exportJob = v.object({
  number: count,
  at: count,
  format: v.picklist(["ndjson", "csv"]),
  since: nullable(count),
  state: v.picklist(["running", "done", "failed"]),
  /** Lines so far, of about so many. */
  entries: count,
  total: count,
  bytes: count,
  cause: v.string(),
});
export type ExportJob = v.InferOutput<typeof exportJob>;
export const exportsAnswer = v.object({ jobs: v.array(exportJob) });
export type ExportsAnswer = v.InferOutput<typeof exportsAnswer>;

/* Operators, and what they did. */

export const operatorRow = v.object({ name: text, role, state: v.picklist(["active", "revoked"]), createdAt: count });
export const operatorsAnswer = v.object({ operators: v.array(operatorRow) });
export type OperatorsAnswer = v.InferOutput<typeof operatorsAnswer>;
export const inviteRequest = v.strictObject({ name: operatorName, role });
export const inviteAnswer = v.object({ link: v.string(), expiresAt: count });
export type InviteAnswer = v.InferOutput<typeof inviteAnswer>;
export const actPage = v.object({
  rows: v.array(v.object({ number: count, at: count, by: text, act: text, what: text })),
  next: nullable(count),
});
export type ActPage = v.InferOutput<typeof actPage>;
