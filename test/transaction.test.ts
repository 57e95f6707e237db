import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, fromUtf8, toUtf8 } from "../shared/bytes.ts";
import { decide } from "../shared/decide.ts";
import { decodePolicy, type Policy } from "../shared/policy.ts";
import {
  encodeTransaction,
  type Happening,
  type RecordedDecision,
  readDecided,
  readPersonal,
  readTransaction,
  replayDecision,
  type Stamp,
} from "../shared/transaction.ts";
import { now, samplePolicy, sampleRules } from "./sample.ts";

const stamp: Stamp = { v: 1, at: now, boot: "b1", clock: "device" };
const of = { terminal: "gate-1", epoch: "AAAAAAAAAAAAAAAAAAAAAA", seq: 4 };

const request = {
  service: "library",
  action: "checkout",
  programme: "here",
  place: { site: "north", dock: "d1" },
  itemsBefore: 1,
} as const;
const reading = { kind: "verified", form: "presentation", use: "citizen", programme: "here" } as const;
const knowledge = { standing: 2, cuts: 7, checkedAt: { trust: now - 10, policy: now - 20, list: now - 30 } } as const;
const history = { seenAt: null, sameActionAt: null, cardTaps: 0 };

const recorded: RecordedDecision = {
  ...stamp,
  kind: "decided",
  request,
  reading,
  identity: "ab".repeat(32),
  issuedAt: now - 5,
  windowUntil: now + 85,
  knowledge,
  history,
  artefacts: { manifest: 9, policy: "cd".repeat(32), list: 3 },
  result: decide({ ...request, at: now }, reading, { policy: samplePolicy, knowledge, history }),
  pseudonymKey: 1,
};

const readBack = (transaction: unknown): RecordedDecision | null => {
  const read = readTransaction(toUtf8(JSON.stringify(transaction)));
  return read === null ? null : readDecided(read);
};

/** Sets what stands at a dotted path of a copy. */
const changed = (whole: object, path: string, value: unknown): object => {
  const [key = "", ...rest] = path.split(".");
  const inner: unknown = Reflect.get(whole, key);
  const next = rest.length === 0 ? value : changed(Object(inner), rest.join("."), value);
  const copy: Record<string, unknown> = { ...whole, [key]: next };
  if (next === undefined) delete copy[key];
  return copy;
};

const isSame = (transaction: unknown, policy: Policy = samplePolicy): boolean => {
  const read = readBack(transaction);
  if (read === null) throw new Error("this should be readable");
  return replayDecision(read, policy).same;
};

describe("what was written is read back", () => {
  const happenings: readonly Happening[] = [
    { kind: "acted", of, outcome: "timed-out", dock: "d1", cause: "nobody passed" },
    { kind: "agreed", of, accepted: true, deposit: 10_000, currency: "CNY" },
    { kind: "started", app: "0.1.0", newEpoch: false },
    { kind: "installed", manifest: 9, policy: "cd".repeat(32), signedPolicy: "AAAA" },
    { kind: "mode", mode: "out-of-service", cause: "storage" },
    { kind: "fault", part: "scanner", cause: "camera taken away" },
  ];

  it.each(happenings)("$kind", (happening) => {
    const transaction = { ...stamp, ...happening };
    expect(readTransaction(encodeTransaction(transaction))).toEqual(transaction);
  });

  it("decided, with all that it rests on", () => {
    const bytes = encodeTransaction(recorded);
    expect(fromUtf8(bytes)).toBe(JSON.stringify(recorded));
    expect(readBack(recorded)).toEqual(recorded);
  });

  it.each([
    { kind: "none" },
    { kind: "fault", fault: "stale" },
    { kind: "verified", form: "bearer", use: "staff", programme: null },
  ] as const)("decided on a reading of $kind", (other) => {
    const result = decide({ ...request, at: now }, other, { policy: samplePolicy, knowledge, history });
    const again = readBack({ ...recorded, reading: other, result });
    expect(again).toEqual({ ...recorded, reading: other, result });
    expect(isSame({ ...recorded, reading: other, result })).toBe(true);
  });
});

describe("readers keep what they do not know", () => {
  it("kinds, fields and later versions", () => {
    const later = { v: 2, at: now, kind: "levitated", boot: 7, height: { metres: 3 } };
    expect(readTransaction(toUtf8(JSON.stringify(later)))).toEqual(later);
    expect(readBack(later)).toBeNull();
    expect(readBack({ ...recorded, v: 2 })).toBeNull();
    expect(isSame({ ...recorded, weather: "rain" })).toBe(true);
  });

  it.each<[string, unknown]>([
    ["no object", [1, 2]],
    ["nothing", null],
    ["no version", { at: now, kind: "started" }],
    ["no time", { v: 1, kind: "started" }],
    ["a time before 1970", { v: 1, at: -1, kind: "started" }],
    ["half a second", { v: 1, at: 0.5, kind: "started" }],
    ["no kind", { v: 1, at: now }],
    ["a kind that is a number", { v: 1, at: now, kind: 4 }],
    ["a kind without end", { v: 1, at: now, kind: "x".repeat(41) }],
  ])("but not %s", (_name, value) => {
    expect(readTransaction(toUtf8(JSON.stringify(value)))).toBeNull();
  });

  it("nor bytes that are no JSON, whatever they are", () => {
    expect(readTransaction(new Uint8Array(0))).toBeNull();
    expect(readTransaction(Uint8Array.of(0x22, 0xff, 0x22))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readTransaction(new Uint8Array(bytes) as Bytes)).toBeNull();
      }),
    );
  });

  it("nor throws on any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const read = readTransaction(toUtf8(json));
        if (read !== null) readDecided(read);
      }),
    );
  });
});

describe("a recorded decision, decided again", () => {
  it("comes out the same, whatever the order of the fields", () => {
    expect(replayDecision(recorded, samplePolicy)).toEqual({ same: true, again: recorded.result });
    if (recorded.result.effect !== "permit") throw new Error("as made above");
    const terms = Object.fromEntries(Object.entries(recorded.result.terms).reverse());
    expect(isSame({ ...recorded, result: { ...recorded.result, terms } })).toBe(true);
  });

  it("does not look at what decide does not", () => {
    for (const [path, value] of [
      ["identity", "00".repeat(32)],
      ["boot", "b2"],
      ["clock", "floor"],
      ["request.place.site", "south"],
      ["request.at", 0],
      ["artefacts.manifest", 10],
    ] as const) {
      expect(isSame(changed(recorded, path, value))).toBe(true);
    }
  });

  it.each<[path: string, value: unknown]>([
    ["at", now + 10_000],
    ["request.service", "metro"],
    ["request.service", "constructor"],
    ["request.action", "checkin"],
    ["request.programme", "there"],
    ["request.itemsBefore", 2],
    ["reading", { kind: "none" }],
    ["reading", { kind: "fault", fault: "stale" }],
    ["reading.use", "staff"],
    ["reading.programme", "there"],
    ["reading.programme", null],
    ["knowledge.standing", 1],
    ["knowledge.standing", 3],
    ["knowledge.standing", "none"],
    ["knowledge.standing", "revoked"],
    ["knowledge.standing", "unknown"],
    ["knowledge.cuts", 6],
    ["knowledge.cuts", null],
    ["knowledge.checkedAt.trust", null],
    ["knowledge.checkedAt.policy", now - 1001],
    ["knowledge.checkedAt.list", null],
    ["history.seenAt", now - 3],
    ["history.sameActionAt", now - 3],
    ["result.effect", "refer"],
    ["result.reason", "ordinary"],
    ["result.perk", null],
    ["result.perk", "more-items"],
    ["result.owed", true],
    ["result.owed", undefined],
    ["result.more", 1],
    ["result.terms", null],
    ["result.terms", undefined],
    ["result.terms.more", 1],
    ...Object.entries(sampleRules("library").ordinary).flatMap(([dimension, value]): [string, unknown][] => [
      [`result.terms.${dimension}`, typeof value === "number" ? value + 1 : !value],
      [`result.terms.${dimension}`, undefined],
    ]),
  ])("is found different where %s was %j", (path, value) => {
    expect(isSame(changed(recorded, path, value))).toBe(false);
  });

  it("is found different where a card's form or its taps were", () => {
    const bearer = { ...reading, form: "bearer" } as const;
    const seen = { ...history, seenAt: now - 30, cardTaps: 19 };
    const result = decide({ ...request, at: now }, bearer, { policy: samplePolicy, knowledge, history: seen });
    const card = { ...recorded, reading: bearer, history: seen, result };
    expect(isSame(card)).toBe(true);
    expect(isSame(changed(card, "reading.form", "presentation"))).toBe(false);
    expect(isSame(changed(card, "history.cardTaps", 20))).toBe(false);
  });

  it("is found different under another policy", () => {
    expect(isSame(recorded, { ...samplePolicy, packs: [] })).toBe(false);
    expect(isSame(recorded, { ...samplePolicy, perkGraceSeconds: 29 })).toBe(false);
  });

  it("as the first terminals wrote it comes out the same for good", () => {
    const recordedOnce = JSON.parse(readFileSync(new URL("vectors/decisions-v1.json", import.meta.url), "utf8"));
    const policy = decodePolicy(recordedOnce.policy);
    if (policy.kind === "invalid") throw new Error(policy.errors.join());
    expect(policy.value).toEqual(JSON.parse(recordedOnce.policy));
    expect(recordedOnce.decided.length).toBeGreaterThan(150);
    for (const transaction of recordedOnce.decided) {
      expect(isSame(transaction, policy.value), JSON.stringify(transaction)).toBe(true);
    }
  });

  it("is never found the same for terms of another shape", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (terms) => {
        expect(isSame({ ...recorded, result: { ...recorded.result, terms } })).toBe(false);
      }),
    );
  });

  it.each([
    "v",
    "at",
    "request",
    "request.service",
    "request.action",
    "request.programme",
    "request.place",
    "reading",
    "reading.kind",
    "reading.form",
    "reading.use",
    "reading.programme",
    "knowledge",
    "knowledge.standing",
    "knowledge.cuts",
    "knowledge.checkedAt",
    "knowledge.checkedAt.trust",
    "knowledge.checkedAt.policy",
    "knowledge.checkedAt.list",
    "history",
    "history.seenAt",
    "history.sameActionAt",
    "history.cardTaps",
    "artefacts",
    "result",
    "result.effect",
    "result.reason",
  ])("cannot be decided again without %s", (path) => {
    expect(readBack(changed(recorded, path, undefined))).toBeNull();
    expect(readBack(changed(recorded, path, { not: "this" }))).toBeNull();
  });
});

describe("what is personal", () => {
  it("is read as it was written", () => {
    const personal = { pseudonym: "p", item: "i", vehicle: "v" };
    expect(readPersonal(JSON.stringify(personal))).toEqual(personal);
    expect(readPersonal("{}")).toEqual({});
  });

  it.each(["", "[1", "null", '"text"', '{"item":4}', '{"pseudonym":null}'])("is null for %j", (text) => {
    expect(readPersonal(text)).toBeNull();
  });
});
