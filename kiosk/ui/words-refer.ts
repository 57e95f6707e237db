/**
 * Why somebody is sent to the ordinary way, and what to do now: what happened in plain words, then one to three steps.
 *
 * Nobody is blamed and nothing is revealed: a code whose signature is wrong, one from elsewhere and one that was taken
 * back say the same, to its holder and to whoever stands behind.
 */
import type { Bilingual } from "../../shared/policy.ts";
import { type ReferReason, type ServiceName, serviceNames } from "../../shared/terms.ts";
import type { Fault } from "../../shared/verify.ts";
import { serviceWords } from "./words-services.ts";

export type Step = "refresh" | "clock" | "own-code" | "phone" | "wait" | "desk" | "ordinary" | "staff";

export type ReferWords = { readonly happened: Bilingual; readonly steps: readonly Step[] };

/** The words for a reason. One that is newer than these words is said as a code that cannot be used. */
export const referWordsOf = (reason: string): ReferWords => (isKnown(reason) ? referWords[reason] : notUsable);

/** Not of a decision: the deposit could not be held, or the price not paid. */
export type LaneReason = "payment-refused" | "payment-away";

const isKnown = (reason: string): reason is Fault | ReferReason | LaneReason => Object.hasOwn(referWords, reason);

const notUsable: ReferWords = {
  happened: { zh: "这个码在这里用不了", en: "This code cannot be used here" },
  steps: ["ordinary", "staff"],
};

const notConfirmed: ReferWords = {
  happened: { zh: "我们没能确认这个码", en: "We could not confirm this code" },
  steps: ["refresh", "ordinary", "staff"],
};

export const referWords: Readonly<Record<Fault | ReferReason | LaneReason, ReferWords>> = {
  "not-ours": {
    happened: { zh: "这里读的是另一种码", en: "This reader takes another kind of code" },
    steps: ["own-code", "ordinary", "staff"],
  },
  "update-terminal": {
    happened: {
      zh: "您的码比这台终端新",
      en: "Your code is newer than this terminal",
    },
    steps: ["ordinary", "staff"],
  },
  unreadable: {
    happened: { zh: "我们没能读出您的码", en: "We could not read your code" },
    steps: ["refresh", "ordinary", "staff"],
  },
  "unknown-issuer": notUsable,
  "wrong-algorithm": notConfirmed,
  "bad-issuer-signature": notConfirmed,
  "bad-holder-signature": notConfirmed,
  "not-yet-valid": {
    happened: { zh: "这个码还没到可用的时间", en: "The time of this code has not come yet" },
    steps: ["clock", "ordinary", "staff"],
  },
  expired: {
    happened: { zh: "这个码已过期", en: "This code has run out" },
    steps: ["refresh", "ordinary", "staff"],
  },
  "life-too-long": notUsable,
  "from-the-future": {
    happened: { zh: "手机与终端的时间不一致", en: "Phone and terminal show different times" },
    steps: ["clock", "refresh", "ordinary"],
  },
  stale: {
    happened: { zh: "这个码需要刷新", en: "This code needs a refresh" },
    steps: ["refresh", "ordinary", "staff"],
  },
  "not-offered": {
    happened: { zh: "这台终端不办理这项服务", en: "This terminal does not offer that" },
    steps: ["ordinary", "staff"],
  },
  "staff-badge": {
    happened: { zh: "这是工作证", en: "This is a staff badge" },
    steps: ["own-code", "ordinary"],
  },
  replay: {
    happened: { zh: "每个码只能用一次", en: "Each code works only once" },
    steps: ["refresh", "ordinary", "staff"],
  },
  revoked: notUsable,
  "card-not-accepted": {
    happened: { zh: "这里不使用纸质卡", en: "Printed cards are not used here" },
    steps: ["phone", "ordinary", "staff"],
  },
  "card-limit": {
    happened: { zh: "这张纸质卡今天的次数已用完", en: "This printed card is used up for today" },
    steps: ["phone", "ordinary", "staff"],
  },
  passback: {
    happened: { zh: "刚才已经用过一次", en: "This was used here a moment ago" },
    steps: ["wait", "ordinary", "staff"],
  },
  full: {
    happened: { zh: "里面现在满了", en: "It is full inside just now" },
    steps: ["wait", "staff"],
  },
  "items-max": {
    happened: { zh: "本次可借的已满", en: "Your list for this visit is full" },
    steps: ["desk", "staff"],
  },
  "renewals-max": {
    happened: { zh: "这一本已经续借过", en: "This item was renewed already" },
    steps: ["desk", "staff"],
  },
  "payment-refused": {
    happened: { zh: "款项没有办成，什么也没有收取", en: "The payment did not go through, and nothing was taken" },
    steps: ["ordinary", "staff"],
  },
  "payment-away": {
    happened: {
      zh: "款项没能确认，已预留的会退回",
      en: "The payment could not be confirmed; what was set aside is given back",
    },
    steps: ["ordinary", "staff"],
  },
};

const everywhere = (text: Bilingual): Readonly<Record<ServiceName, Bilingual>> => forEach(() => text);

const forEach = (wordsOf: (service: ServiceName) => Bilingual): Readonly<Record<ServiceName, Bilingual>> =>
  Object.fromEntries(serviceNames.map((service) => [service, wordsOf(service)])) as Record<ServiceName, Bilingual>;

export const stepWords: Readonly<Record<Step, Readonly<Record<ServiceName, Bilingual>>>> = {
  refresh: everywhere({ zh: "刷新二维码，再出示一次", en: "Refresh the code and show it again" }),
  clock: everywhere({ zh: "请将手机时间设为自动", en: "Set the clock of your phone to automatic" }),
  "own-code": everywhere({ zh: "出示您自己的服务码", en: "Show your own service code" }),
  phone: everywhere({ zh: "有手机的话，请出示手机上的码", en: "If you have a phone, show the code on it" }),
  wait: everywhere({ zh: "等一分钟，刷新后再试", en: "Wait a minute, refresh, and try again" }),
  desk: everywhere({ zh: "其余的请到服务台办理", en: "The desk helps with the others" }),
  ordinary: forEach((service) => serviceWords[service].ordinary),
  staff: everywhere({ zh: "或询问工作人员", en: "Or ask staff" }),
};
