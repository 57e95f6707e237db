/**
 * What staff may do, by role, and how often: the operator's part of the policy (`staff`), with what holds where a policy
 * says nothing. The reasons to choose from are the pack's, or those below.
 *
 *     permit         let through after a refusal, on the terms that were due without it
 *     ordinary       the same on ordinary terms though the code is genuine: takes two people, one of them a supervisor
 *     open           open the gate: an emergency, somebody who needs help, or who is inside with a dead phone
 *     annul          take the last transaction back; an assistant only what they permitted themselves
 *     block, free    take a dock out of use, or an item that is not to be lent, and put it back
 *     serve          as usual, after one of the next two
 *     free-passage   the gate stands open, and nobody is asked for a code
 *     close          nobody is served here
 *     end-release    closes again what a fire alarm has opened
 *     serve-again    a machine that was broken works again
 *
 * Limits are per person, terminal and shift, and hold without a network.
 */
import * as v from "valibot";
import type { Instant } from "./terms.ts";

export const roles = ["assistant", "supervisor", "technician"] as const;
export type Role = (typeof roles)[number];

export const overrideEffects = [
  "permit",
  "ordinary",
  "open",
  "annul",
  "block",
  "free",
  "serve",
  "free-passage",
  "close",
  "end-release",
  "serve-again",
] as const;
export type OverrideEffect = (typeof overrideEffects)[number];

const supervised: readonly OverrideEffect[] = overrideEffects;
const allowed: Readonly<Record<Role, readonly OverrideEffect[]>> = {
  assistant: ["permit", "open", "annul"],
  supervisor: supervised,
  technician: ["end-release", "serve-again"],
};

export const mayDo = (role: Role, effect: OverrideEffect): boolean => allowed[role].includes(effect);

/** Takes something genuine away from somebody: never one person alone. */
export const needsTwo = (effect: OverrideEffect): boolean => effect === "ordinary";

/** The modes of a terminal, as they are switched to. */
export const modeEffects = ["serve", "free-passage", "close"] as const satisfies readonly OverrideEffect[];
export type ServiceMode = (typeof modeEffects)[number];
export const isModeEffect = (effect: OverrideEffect): effect is ServiceMode =>
  (modeEffects as readonly OverrideEffect[]).includes(effect);

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000));
const limits = v.strictObject({ permit: count, open: count, annul: count });

/** `keyFor`: what takes a security key beside the badge. */
export const staffRulesJson = v.strictObject({
  shiftSeconds: v.pipe(count, v.minValue(60), v.maxValue(86_400)),
  limits: v.strictObject({ assistant: limits, supervisor: limits }),
  coolDownSeconds: v.pipe(count, v.maxValue(3600)),
  keyFor: v.pipe(v.array(v.picklist(overrideEffects)), v.maxLength(overrideEffects.length)),
});
export type StaffRules = v.InferOutput<typeof staffRulesJson>;

export const usualStaffRules: StaffRules = {
  shiftSeconds: 8 * 3600,
  limits: {
    assistant: { permit: 60, open: 60, annul: 10 },
    supervisor: { permit: 120, open: 120, annul: 30 },
  },
  coolDownSeconds: 20,
  keyFor: [],
};

export const staffRulesOf = (policy: { readonly operator: string; readonly staff?: StaffRules | undefined }) =>
  policy.staff ?? usualStaffRules;

/** An override that was written down, as far as limits count it. */
export type CountedOverride = { readonly staff: string; readonly effect: OverrideEffect; readonly at: Instant };

/** How many more times in this shift; null where it is not counted. */
export const timesLeft = (
  rules: StaffRules,
  role: Role,
  staff: string,
  effect: OverrideEffect,
  earlier: readonly CountedOverride[],
  at: Instant,
): number | null => {
  const counted = countedAs(effect);
  if (counted === null || role === "technician") return null;
  const times = earlier.filter(
    (each) => each.staff === staff && countedAs(each.effect) === counted && Math.abs(at - each.at) < rules.shiftSeconds,
  );
  return Math.max(0, rules.limits[role][counted] - times.length);
};

const countedAs = (effect: OverrideEffect): "permit" | "open" | "annul" | null => {
  if (effect === "permit" || effect === "ordinary") return "permit";
  return effect === "open" || effect === "annul" ? effect : null;
};

export type OverrideReason = { readonly id: string; readonly name: { readonly zh: string; readonly en: string } };

export const usualReasons: readonly OverrideReason[] = [
  { id: "phone-broken", name: { zh: "手机没电或坏了", en: "Phone dead or broken" } },
  { id: "unreadable", name: { zh: "码读不出来", en: "Code cannot be read" } },
  { id: "twice", name: { zh: "误刷了两次", en: "Shown twice by mistake" } },
  { id: "our-fault", name: { zh: "我们的设备有问题", en: "Our equipment failed" } },
  { id: "assistance", name: { zh: "需要协助（轮椅、婴儿车、行李）", en: "Needs help (wheelchair, pram, luggage)" } },
  { id: "emergency", name: { zh: "紧急情况", en: "Emergency" } },
  { id: "works", name: { zh: "维护或客流安排", en: "Works, or many people" } },
  { id: "other", name: { zh: "其他", en: "Something else" } },
];

/** A pack may name its own. Those that no pack may forget are there all the same: a life, and the work on the machine. */
export const reasonsOf = (
  pack: {
    readonly programme: string;
    readonly overrides?: { readonly reasons: readonly OverrideReason[] } | undefined;
  } | null,
): readonly OverrideReason[] => {
  const own = pack?.overrides?.reasons ?? [];
  if (own.length === 0) return usualReasons;
  const missing = usualReasons.filter(({ id }) => unforgettable.includes(id) && own.every((each) => each.id !== id));
  return [...own, ...missing];
};

const unforgettable: readonly string[] = ["emergency", "works"];

export const noteCharsMax = 140;

/** What staff wrote beside their reason, as it is kept: one line, and no code that a scanner typed into it. */
export const noteOf = (text: string): string => {
  const line = text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return /\bGL\d/.test(line) ? "" : [...line].slice(0, noteCharsMax).join("");
};

/** Items that are not to be lent, at one terminal: each start tells them again. */
export const blockedMax = 60;
