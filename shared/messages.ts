/**
 * The JSON that terminals, phones and the server exchange under /v1 (FORMATS, "HTTP"), as schemas: the server's
 * validation and its OpenAPI document come from these, and so do the types of both ends.
 */
import * as v from "valibot";

const base64url = v.pipe(v.string(), v.maxLength(1_000_000), v.regex(/^[A-Za-z0-9_-]*$/, "must be base64url"));
const shortText = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const word = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "must be a short word"));

export const publicJwk = v.variant("kty", [
  v.strictObject({ kty: v.literal("OKP"), crv: v.literal("Ed25519"), x: base64url }),
  v.strictObject({ kty: v.literal("EC"), crv: v.literal("P-256"), x: base64url, y: base64url }),
]);

const placed = { programme: word, site: word, name: shortText, actuator: shortText, payments: v.optional(shortText) };

export const deskTasks = ["deposit", "pay-later", "ticket", "shift"] as const;
const deskTask = v.picklist(deskTasks);
export type DeskTask = v.InferOutput<typeof deskTask>;

/** Where people go through, and where things are taken from. */
export const gateServices = ["metro", "bus", "venue", "shuttle", "parking"] as const;
export const dockServices = ["bike", "umbrella", "power-bank"] as const;

/**
 * What stands where, and what it does. `tasks`: what a service desk offers; one that does not say offers all but `shift`,
 * the check-in of volunteers, which is for where they come together. `actuator`: `simulated`, or where its controller is. `payments`: `simulated`, or the
 * URL of a local gateway to the operator's payment system; one that is not named is simulated.
 */
export const profile = v.variant("service", [
  v.object({
    service: v.picklist(gateServices),
    action: v.picklist(["entry", "exit", "both"]),
    ...placed,
  }),
  v.object({ service: v.literal("library"), ...placed }),
  v.object({
    service: v.picklist(dockServices),
    docks: v.pipe(v.array(word), v.minLength(1), v.maxLength(60)),
    ...placed,
  }),
  v.object({ service: v.literal("desk"), tasks: v.optional(v.pipe(v.array(deskTask), v.minLength(1))), ...placed }),
  v.object({ service: v.literal("inquiry"), ...placed }),
]);
export type Profile = v.InferOutput<typeof profile>;
export type GateProfile = Extract<Profile, { readonly action: string }>;
export type DeskProfile = Extract<Profile, { readonly service: "desk" }>;
export type DockProfile = Extract<Profile, { readonly docks: readonly string[] }>;

/** `code`: 128 bits, good once and for 15 minutes. `key`: the terminal's own public key. */
export const enrolmentRequest = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/, "must be an enrolment code")),
  key: publicJwk,
});
export type EnrolmentRequest = v.InferOutput<typeof enrolmentRequest>;

/** `root` is the first root, base64url: the one whose SHA-256 the enrolment link pins. */
export const enrolmentAnswer = v.object({
  terminal: word,
  operatorKey: base64url,
  operatorKeyVersion: v.number(),
  profile,
  root: base64url,
});
export type EnrolmentAnswer = v.InferOutput<typeof enrolmentAnswer>;

/**
 * `roots`: every root after the first, in order. `keys`: hex list keys by the SHA-256 of the sealed encoding; empty for
 * anybody but an enrolled terminal that signed its request.
 */
export const manifestAnswer = v.object({
  roots: v.pipe(v.array(base64url), v.maxLength(100)),
  manifest: base64url,
  keys: v.record(v.string(), v.string()),
});
export type ManifestAnswer = v.InferOutput<typeof manifestAnswer>;

/** RFC 9457. `type` is stable: `urn:greenlane:problem:WORD`. `next` only with `gap`. */
export const problem = v.looseObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  next: v.optional(v.number()),
});
export type Problem = v.InferOutput<typeof problem>;
export const problemType = (word: string): string => `urn:greenlane:problem:${word}`;

/** What became of each batch of a rescue, in order. `ack`: base64url, signed, of the place where that batch ends. */
export const rescueAnswer = v.object({
  terminal: word,
  batches: v.pipe(
    v.array(
      v.variant("kind", [
        v.object({ kind: v.literal("acked"), ack: base64url, added: v.number() }),
        v.object({ kind: v.literal("refused"), problem }),
      ]),
    ),
    v.maxLength(64),
  ),
});
export type RescueAnswer = v.InferOutput<typeof rescueAnswer>;

/** By a pseudonym: when somebody was last seen to come in where the asking terminal stands, and to leave. Unix seconds. */
export const stayRequest = v.strictObject({
  pseudonym: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/, "must be a pseudonym")),
});
const seenAt = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)));
export const stay = v.object({ enteredAt: seenAt, leftAt: seenAt });
export type Stay = v.InferOutput<typeof stay>;

const many = v.pipe(v.number(), v.integer(), v.minValue(-1_000_000), v.maxValue(1_000_000));
/** Of the day that began at `from`: every gate of the place where the asking terminal stands (places.ts). */
export const places = v.object({
  from: v.number(),
  gates: v.pipe(
    v.array(
      v.object({
        ...{ terminal: word, letsIn: v.boolean(), hasShare: v.boolean(), inside: many },
        given: v.record(word, many),
      }),
    ),
    v.maxLength(200),
  ),
});
export type Places = v.InferOutput<typeof places>;

/** A line of `GET /v1/site/events`: a code that was shown there, by its identity, and until when nobody takes it again. */
export const spentCode = v.object({
  identity: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  at: v.pipe(v.number(), v.integer(), v.minValue(0)),
  windowUntil: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
export type SpentCode = v.InferOutput<typeof spentCode>;

/** As barcodes carry it: a library item number or an ISBN. */
export const itemPattern = /^[A-Za-z0-9][A-Za-z0-9.-]{3,31}$/;

/** `code`: the text of a code that the phone has just made. `fee`: what was agreed to, in minor units; null asks what is due. */
export const orderRequest = v.strictObject({
  code: v.pipe(v.string(), v.maxLength(1024)),
  items: v.pipe(
    v.array(v.pipe(v.string(), v.regex(itemPattern, "must be an item number"))),
    v.minLength(1),
    v.maxLength(100),
  ),
  fee: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))),
});
export type OrderRequest = v.InferOutput<typeof orderRequest>;

const orderFee = { fee: v.number(), currency: v.pipe(v.string(), v.maxLength(3)) };
/** `due`: nothing is ordered yet. `reason`: a fault of the code, a reason of `decide`, `twice` (an item), or `too-many`. */
export const orderAnswer = v.variant("kind", [
  v.object({ kind: v.literal("due"), ...orderFee }),
  v.object({ kind: v.literal("ordered"), ...orderFee }),
  v.object({ kind: v.literal("refused"), reason: v.string(), itemsMax: v.exactOptional(v.number()) }),
]);
export type OrderAnswer = v.InferOutput<typeof orderAnswer>;

/** A citizen of the demo city, as the reference phone offers them. */
export const demoCitizen = v.object({
  handle: word,
  name: v.object({ zh: v.string(), en: v.string() }),
  about: v.object({ zh: v.string(), en: v.string() }),
});
export const demoCitizens = v.object({ programme: word, citizens: v.array(demoCitizen) });
export type DemoCitizens = v.InferOutput<typeof demoCitizens>;

/** Terminals made for a demo page. `link` enrols one, once. */
export const demoTerminals = v.object({
  terminals: v.array(v.object({ terminal: word, profile, link: v.string() })),
});
export type DemoTerminals = v.InferOutput<typeof demoTerminals>;

/** Reads an answer: null where it is not what was agreed. */
export const readAnswer = <T>(schema: v.GenericSchema<unknown, T>, value: unknown): T | null => {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : null;
};
