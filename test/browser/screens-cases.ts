/** Every screen there is, at its fullest, for screens.test.ts. */

import type { Screen, Status } from "../../kiosk/session.ts";
import type { Granted, Offer } from "../../kiosk/session-offer.ts";
import { drawQr } from "../../kiosk/wallet/adapters/qr.ts";
import { deskTasks } from "../../shared/messages.ts";
import type { Receipt } from "../../shared/receipt.ts";
import { usualReasons } from "../../shared/staff-rules.ts";
import {
  type Action,
  actionsOf,
  referReasons,
  type ServiceName,
  serviceNames,
  type Terms,
} from "../../shared/terms.ts";
import { faults } from "../../shared/verify.ts";

export const perk: Granted = { terms: "perk", reason: "perk" };
export const ordinary: Granted = { terms: "ordinary", reason: "ordinary" };

export const generous: Offer = {
  deposit: 0,
  currency: "CNY",
  freeSeconds: 10_800,
  loanSeconds: 30 * 86_400,
  itemsMax: 20,
  ours: false,
};
export const plain: Offer = { ...generous, deposit: 10_000, freeSeconds: 0, loanSeconds: 14 * 86_400, itemsMax: 5 };

export const allWell: Status = {
  version: "3f9a2c81d0",
  pending: 0,
  isOnline: true,
  artefacts: [
    { name: "trust", ageSeconds: 130, freshness: "fresh" },
    { name: "policy", ageSeconds: 130, freshness: "fresh" },
    { name: "list", ageSeconds: 20, freshness: "fresh" },
    { name: "staff", ageSeconds: 130, freshness: "fresh" },
  ],
  ordinaryInSeconds: null,
  isBadgeNeeded: false,
  download: null,
  alarms: [],
};

export const inTrouble: Status = {
  version: "3f9a2c81d0",
  pending: 1_204,
  isOnline: false,
  artefacts: [
    { name: "trust", ageSeconds: 90_000, freshness: "ageing" },
    { name: "policy", ageSeconds: 90_000, freshness: "ageing" },
    { name: "list", ageSeconds: 400_000, freshness: "expired" },
    { name: "staff", ageSeconds: 90_000, freshness: "ageing" },
  ],
  ordinaryInSeconds: 17_000,
  isBadgeNeeded: false,
  download: { bytes: 3_200_000, total: 5_000_000 },
  alarms: ["camera: broken: no new frame for 3 s", "clock: phones say it is 41 s slow"],
};

const help = { zh: "服务热线 0591-12345，站厅服务台", en: "Service line 0591-12345, desk in the hall" };

const dueAt = 1_799_000_000;
const items = ["FZ-0100231", "FZ-0100232", "9787302511625", "FZ-0100234", "FZ-0100235", "FZ-0100236"].map((item) => ({
  item,
  dueAt,
}));
const docks = Array.from({ length: 12 }, (_, at) => ({
  dock: String(at + 1),
  vehicle: at % 4 === 3 ? null : `B-${100 + at}`,
}));
const library = { name: "session", service: "library", warning: null } as const;
const bike = { name: "session", service: "bike", warning: null } as const;

const gate = { name: "result", service: "metro", action: "entry", dock: null } as const;
const cost = { fullPrice: 400, due: 320, priceFactor: 800, currency: "CNY", ours: true };

export const gateResult = (granted: Granted): Screen => ({
  ...gate,
  granted,
  stage: "acting",
  cost: granted.terms === "perk" ? { ...cost, ours: false } : { ...cost, due: 360, priceFactor: 900 },
});

export const libraryTerms = (offer: Offer): Screen => ({
  ...library,
  stage: "terms",
  granted: perk,
  offer,
  dock: null,
});

const kindNames = [
  { zh: "中文图书", en: "Chinese books" },
  { zh: "少儿图书", en: "Children's books" },
  { zh: "第三类图书", en: "Books of the third kind" },
];
/** Three deposits to choose among, and what there is without. */
const deposits = (free: Offer): Screen => ({
  ...library,
  stage: "tiers",
  granted: ordinary,
  choices: [
    { tier: null, name: null, offer: free },
    ...[100, 200, 300].map((yuan) => ({
      tier: `deposit-${yuan}`,
      name: { zh: `押金 ${yuan} 元`, en: `Deposit of CNY ${yuan}` },
      offer: { ...generous, deposit: yuan * 100, itemsMax: 35, kinds: kindNames.map((name) => ({ name, max: 10 })) },
    })),
  ],
});
const byKind: Offer = { ...generous, itemsMax: 4, kinds: kindNames.map((name, at) => ({ name, max: at < 2 ? 2 : 0 })) };

export const checkout = (notice: Extract<Screen, { readonly stage: "items" }>["notice"], count = 3): Screen => ({
  ...library,
  stage: "items",
  action: "checkout",
  actions: ["checkout", "renew"],
  granted: ordinary,
  offer: plain,
  items: items.slice(0, count),
  notice,
});

/** Beside metro, library and bike. */
const newServices = serviceNames.filter((each) => !["metro", "library", "bike"].includes(each));
const newResults: readonly (readonly [ServiceName, Action])[] = [
  ["bus", "entry"],
  ["venue", "entry"],
  ["parking", "exit"],
  ["umbrella", "trip_start"],
  ["power-bank", "trip_end"],
  ["desk", "deposit"],
  ["desk", "ticket"],
  ["desk", "shift"],
];

const rate = { unitSeconds: 3600, unitPrice: 100, capPerDay: 1000 };
const payLater: Offer = { ...plain, paid: "later", payLaterMax: 100_000, payLaterSeconds: 10 * 86_400 };

const gateTerms = (service: ServiceName) =>
  ({ name: "session", warning: null, service, stage: "terms", granted: perk, dock: null }) as const;

const noTerms: Terms = {
  deposit: 0,
  priceFactor: 1000,
  freeSeconds: 0,
  loanSeconds: 1_209_600,
  itemsMax: 5,
  payLater: false,
  greenChannel: false,
};

/** Every service, each better in every way, or in none. */
const perksOf = (ours: boolean): Screen => ({
  ...{ name: "session", service: "inquiry", stage: "perks", warning: null, granted: perk, currency: "CNY" },
  programme: { name: { zh: "茉莉分", en: "Moli (Jasmine) score" }, version: 2, objection: help },
  lines: serviceNames
    .filter((each) => each !== "inquiry")
    .map((service, index) => {
      const usual = { ...noTerms, deposit: 19_900 };
      const better = { ...noTerms, priceFactor: 800, freeSeconds: 10_800, payLater: true, greenChannel: true };
      return index % 2 === 0 && !ours
        ? { service, perk: "fare-20-off", terms: better, ordinary: usual, ours }
        : { service, perk: null, terms: usual, ordinary: usual, ours };
    }),
});

const itemNotices: readonly Screen[] = (
  ["busy", "done", "twice", "too-many", "renewed", "not-lent", "failed"] as const
).map((kind) => checkout({ kind, item: "9787302511625" }));

const menu = (change: Partial<Extract<Screen, { readonly stage: "menu" }>>): Screen => ({
  name: "hand-over",
  warning: null,
  stage: "menu",
  unsent: 1204,
  canMove: true,
  canTake: true,
  carried: 318,
  notice: null,
  ...change,
});

const staff = { name: "staff", warning: null } as const;
const choices: Screen = {
  ...staff,
  stage: "choices",
  role: "supervisor",
  refusal: "passback",
  choices: ["permit", "open", "annul", "ordinary", "free-passage", "close"],
  things: "docks",
  looks: ["machine", "key", "hand-over"],
  notice: null,
};
const staffCases: Readonly<Record<string, Screen>> = {
  "staff-choices": choices,
  "staff-choices-done": { ...choices, refusal: null, notice: { kind: "done", effect: "open" } } as Screen,
  "staff-choices-offered": { ...choices, notice: { kind: "offered" } } as Screen,
  "staff-choices-declined": { ...choices, notice: { kind: "declined", cause: "no-key" } } as Screen,
  "staff-choices-failed": { ...choices, role: "assistant", looks: ["machine"], notice: { kind: "failed" } } as Screen,
  "staff-released": { ...choices, role: "technician", refusal: null, choices: ["end-release"] } as Screen,
  "staff-warning": { ...choices, warning: 25 },
  "staff-reason": { ...staff, stage: "reason", effect: "permit", reasons: usualReasons, canWrite: false },
  "staff-reason-written": { ...staff, stage: "reason", effect: "permit", reasons: usualReasons, canWrite: true },
  "staff-item": { ...staff, stage: "item", isOdd: true },
  "staff-blocked-items": { ...staff, stage: "blocked-items", items: ["9787302511625", "FZ-0100241"] },
  "staff-dock": { ...staff, stage: "dock", effect: "block", docks: docks.map(({ dock }) => dock) },
  "staff-second": { ...staff, stage: "second", unfit: null },
  "staff-second-same": { ...staff, stage: "second", unfit: "same-person" },
  "staff-key": { ...staff, stage: "key" },
  "staff-machine": { ...staff, stage: "machine", canSet: true },
  "staff-objection": {
    ...staff,
    stage: "objection",
    objection: { zh: "福州市公共信用信息中心，0591-12345", en: "Fuzhou Public Credit Centre, 0591-12345" },
  },
  ...Object.fromEntries(
    ["revoked", "foreign-site", "replay", "locked-out", "expired", "unknown-issuer"].map((fault): [string, Screen] => [
      `staff-refused-${fault}`,
      { ...staff, stage: "refused", fault },
    ]),
  ),
};

/** As large as its codes are. */
const text = `GLR1:${"ABCDE".repeat(159)}`;
const code = { text, ...drawQr(text, "M") };
const movingCode = (pace: { readonly isPaused: boolean; readonly isSlow: boolean }): Screen => ({
  name: "hand-over",
  warning: null,
  stage: "moving",
  code,
  frame: 12,
  frames: 60,
  ...pace,
});

const bare: Readonly<Record<string, Screen>> = {
  "setup-not-enrolled": { name: "setup", stage: "not-enrolled", cause: "" },
  "setup-enrolling": { name: "setup", stage: "enrolling", cause: "" },
  "setup-no-server": { name: "setup", stage: "no-server", cause: "http://127.0.0.1:8787 does not answer" },
  "setup-loading": { name: "setup", stage: "loading", cause: "" },
  "setup-fetching": { name: "setup", stage: "loading", cause: "", progress: { bytes: 3_200_000, total: 5_000_000 } },
  "setup-refused": {
    name: "setup",
    stage: "refused",
    cause: "the enrolment code has been used, or its 15 minutes are over",
  },
  "ready-metro": { name: "ready", service: "metro", action: "entry", hint: null },
  "ready-library": { name: "ready", service: "library", action: "session", hint: null },
  "ready-library-hint": { name: "ready", service: "library", action: "session", hint: "item-first" },
  "ready-bike": { name: "ready", service: "bike", action: "trip_start", hint: null },
  ...Object.fromEntries(
    newServices.map((service): [string, Screen] => [
      `ready-${service}`,
      {
        name: "ready",
        service,
        action: actionsOf[service][0],
        hint: null,
        ...(service === "desk" ? { task: null, tasks: ["deposit", "pay-later", "ticket"] as const } : {}),
        ...(["venue", "shuttle", "parking"].includes(service) ? { wayOut: "closed" } : {}),
      },
    ]),
  ),
  ...Object.fromEntries(
    deskTasks.map((task): [string, Screen] => [
      `ready-desk-${task}`,
      { name: "ready", service: "desk", action: task, hint: null, task },
    ]),
  ),
  "ready-desk-hint": {
    name: "ready",
    service: "desk",
    action: "ticket",
    hint: "task-first",
    task: null,
    tasks: ["shift"],
  },
  "ready-parking-out": { name: "ready", service: "parking", action: "exit", hint: null, wayOut: "asked" },
  reading: { name: "reading" },
  paying: { name: "paying", service: "umbrella" },
  ...Object.fromEntries(
    (["acting", "done", "timed-out", "broken"] as const).flatMap((stage) =>
      newResults.map(([service, action]): [string, Screen] => [
        `result-${service}-${action}-${stage}`,
        {
          name: "result",
          service,
          action,
          granted: ordinary,
          stage,
          dock: action.startsWith("trip") ? "7" : null,
          cost: ["entry", "exit"].includes(action) ? { ...cost, ours: false } : null,
          ...(action === "ticket" && stage === "done" ? { ticket: "A012" } : {}),
        },
      ]),
    ),
  ),
  "result-gate": gateResult(perk),
  "result-gate-done": { ...gate, granted: ordinary, stage: "done", cost: { ...cost, fullPrice: null, due: null } },
  "result-gate-timed-out": { ...gate, granted: perk, stage: "timed-out", cost },
  "result-gate-broken": { ...gate, granted: perk, stage: "broken", cost },
  ...Object.fromEntries(
    (["acting", "done", "timed-out", "broken"] as const).flatMap((stage) =>
      (["trip_start", "trip_end"] as const).map((action): [string, Screen] => [
        `result-${action}-${stage}`,
        { name: "result", service: "bike", action, granted: ordinary, stage, dock: "7", cost: null },
      ]),
    ),
  ),
  ...Object.fromEntries(
    [...faults, ...referReasons, "payment-refused", "payment-away"].map((reason, index): [string, Screen] => [
      `refer-${reason}`,
      { name: "refer", service: serviceNames[index % serviceNames.length] ?? "metro", reason, help },
    ]),
  ),
  tiers: deposits(byKind),
  "tiers-none": deposits({ ...generous, itemsMax: 0 }),
  "tiers-ours": deposits({ ...generous, itemsMax: 0, ours: true }),
  "tiers-deposit": { ...(deposits(plain) as object), warning: 25 } as Screen,
  "terms-library-kinds": libraryTerms(byKind),
  "items-kind-full": checkout({
    kind: "kind-full",
    item: "9787302511625",
    of: { zh: "中文图书", en: "Chinese books" },
  }),
  "terms-library": libraryTerms(plain),
  "terms-library-ours": libraryTerms({ ...plain, ours: true }),
  "terms-bike": { ...bike, stage: "terms", granted: perk, offer: generous, dock: "7" },
  "terms-warning": { ...bike, stage: "terms", granted: perk, offer: generous, dock: "7", warning: 25 },
  ...Object.fromEntries(
    (["umbrella", "power-bank"] as const).flatMap((service): [string, Screen][] => [
      [`terms-${service}`, { ...bike, service, stage: "terms", granted: perk, offer: { ...plain, rate }, dock: "7" }],
      [`dock-${service}`, { ...bike, service, stage: "dock", action: "trip_start", granted: perk, docks }],
      [`dock-none-${service}`, { ...bike, service, stage: "dock", action: "trip_start", granted: perk, docks: [] }],
    ]),
  ),
  "terms-price": { ...gateTerms("venue"), offer: { ...plain, due: 3000, paid: "now" } },
  "terms-price-later": { ...gateTerms("parking"), offer: { ...plain, due: 2500, paid: "later" } },
  "terms-parcel": { ...libraryTerms({ ...plain, due: 500, paid: "now" }) },
  "terms-desk-deposit": { ...gateTerms("desk"), offer: { ...plain, deposit: 50_000, ours: true } },
  "terms-desk-later": { ...gateTerms("desk"), offer: payLater },
  "terms-desk-counter": {
    ...gateTerms("desk"),
    offer: { ...payLater, paid: "now", payLaterMax: 0, payLaterSeconds: 0 },
  },
  perks: perksOf(false),
  "perks-ours": perksOf(true),
  "items-order": {
    ...library,
    ...{
      stage: "items",
      action: "order",
      actions: ["checkout", "renew", "pickup", "order"],
      granted: perk,
      offer: plain,
    },
    items: [...items.slice(0, 2), { item: "FZ-0100240", dueAt: null, isOrdered: true }],
    notice: { kind: "parcel-full", item: "FZ-0100241" },
  },
  "items-none": checkout(null, 0),
  "items-many": checkout(null, 6),
  "items-not-an-item": checkout({ kind: "not-an-item" }),
  ...Object.fromEntries(
    itemNotices.map((screen) => ["notice" in screen ? `items-${screen.notice?.kind}` : "items", screen]),
  ),
  "items-renew": {
    ...library,
    stage: "items",
    action: "renew",
    actions: ["checkout", "renew"],
    granted: perk,
    offer: plain,
    items: [],
    notice: null,
  },
  "items-warning": { ...checkout({ kind: "done", item: "FZ-0100233" }), warning: 20 } as Screen,
  returns: {
    ...library,
    stage: "returns",
    items: items.slice(0, 3).map((line) => ({ ...line, dueAt: null })),
    notice: null,
  },
  "receipt-borrowed": { ...library, stage: "receipt", granted: perk, offer: generous, items: items.slice(0, 2) },
  "receipt-ours": { ...library, stage: "receipt", granted: ordinary, offer: { ...plain, ours: true }, items },
  "receipt-returned": {
    ...library,
    stage: "receipt",
    granted: null,
    offer: null,
    items: items.slice(0, 2).map((line) => ({ ...line, dueAt: null })),
  },
  "receipt-empty": { ...library, stage: "receipt", granted: null, offer: null, items: [] },
  "dock-take": { ...bike, stage: "dock", action: "trip_start", granted: perk, docks },
  "dock-return": { ...bike, stage: "dock", action: "trip_end", granted: null, docks },
  "dock-none": {
    ...bike,
    stage: "dock",
    action: "trip_end",
    granted: null,
    docks: docks.filter(({ vehicle }) => vehicle !== null),
  },
  "out-of-service-storage": {
    name: "out-of-service",
    cause: "storage",
    detail: "QuotaExceededError: the disk is full",
  },
  "out-of-service-gate": { name: "out-of-service", cause: "gate", detail: "the relay does not answer" },
  "out-of-service-closed": { name: "out-of-service", cause: "closed", detail: "" },
  "passage-free": { name: "passage", service: "metro", cause: "free" },
  "passage-alarm": { name: "passage", service: "bike", cause: "alarm" },
  ...staffCases,
  "hand-over-counting": menu({ unsent: null, canMove: false, carried: 0 }),
  "hand-over-none": menu({ unsent: 0, canMove: false, notice: { kind: "taken", entries: 1204 } }),
  "hand-over-many": menu({ canMove: false, notice: { kind: "saved", entries: 1204 } }),
  "hand-over-cannot-take": menu({ canTake: false, carried: 0 }),
  "hand-over-failed": menu({ notice: { kind: "failed", detail: "NotAllowedError: The request is not allowed here" } }),
  ...Object.fromEntries(
    (["not-a-rescue", "too-large", "truncated", "foreign", "altered", "malformed"] as const).map(
      (fault): [string, Screen] => [`hand-over-${fault}`, menu({ notice: { kind: "refused", fault } })],
    ),
  ),
  "hand-over-warning": menu({ warning: 25 }),
  "hand-over-moving": movingCode({ isPaused: false, isSlow: false }),
  "hand-over-paused": movingCode({ isPaused: true, isSlow: true }),
  "hand-over-waiting": { name: "hand-over", warning: null, stage: "taking", read: 0, total: null },
  "hand-over-taking": { name: "hand-over", warning: null, stage: "taking", read: 41, total: 120 },
};

/** As long as they come. */
export const receipt: Receipt = {
  code: "7KQM-3F2ZZ-9XT4",
  page: "greenlane.fuzhou.example.gov.cn/why",
  programme: { name: { zh: "茉莉分", en: "Moli (Jasmine) score" }, version: 12, objection: help },
  manifest: 1_204,
  confirmedAt: dueAt,
  own: { perk: "deposit-waived-from-650", reason: "perk", list: 318 },
};

const hasReceipt = (screen: Screen): boolean =>
  ["result", "refer"].includes(screen.name) ||
  ("stage" in screen && ["terms", "receipt", "perks", "objection"].includes(screen.stage));

export const cases: Readonly<Record<string, Screen>> = Object.fromEntries(
  Object.entries(bare).map(([name, screen]) => [
    name,
    hasReceipt(screen) ? ({ ...screen, receipt } as Screen) : screen,
  ]),
);
