/** What became of an action, by what had to move. The same for everyone let through, whatever the terms. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Action } from "../../shared/terms.ts";
import type { Screen } from "../session.ts";

export type ResultStage = Extract<Screen, { readonly name: "result" }>["stage"];

export type ResultWords = { readonly title: Bilingual; readonly next: Bilingual };

export type Machine = "gate" | "unlock" | "lock" | "desk";

export const machineOf: Readonly<Record<Action, Machine>> = {
  entry: "gate",
  exit: "gate",
  session: "desk",
  checkout: "desk",
  checkin: "desk",
  renew: "desk",
  pickup: "desk",
  order: "desk",
  trip_start: "unlock",
  trip_end: "lock",
  deposit: "desk",
  "pay-later": "desk",
  ticket: "desk",
  inquiry: "desk",
};

const askStaff: Bilingual = {
  zh: "这是我们的问题。请询问工作人员。",
  en: "That is our fault. Please ask staff.",
};

export const resultWords: Readonly<Record<Machine, Readonly<Record<ResultStage, ResultWords>>>> = {
  gate: {
    acting: {
      title: { zh: "请通行", en: "Please go through" },
      next: { zh: "闸门已打开", en: "The gate is open" },
    },
    done: {
      title: { zh: "一路顺风", en: "Have a good journey" },
      next: { zh: "谢谢", en: "Thank you" },
    },
    "timed-out": {
      title: { zh: "闸门已关上", en: "The gate has closed again" },
      next: {
        zh: "没有扣费。请刷新二维码，再出示一次。",
        en: "Nothing was charged. Please refresh your code and show it again.",
      },
    },
    broken: {
      title: { zh: "闸门没有打开", en: "The gate did not open" },
      next: {
        zh: "这是我们的问题。请走旁边的闸门，或询问工作人员。",
        en: "That is our fault. Please use the next gate, or ask staff.",
      },
    },
  },
  unlock: {
    acting: {
      title: { zh: "正在开锁", en: "Unlocking" },
      next: { zh: "请到车位旁取车", en: "Please go to the dock and take your bike" },
    },
    done: {
      title: { zh: "请骑好", en: "Have a good ride" },
      next: { zh: "在任何站点都可以还车", en: "Return it at any station" },
    },
    "timed-out": {
      title: { zh: "车锁已重新锁上", en: "The bike is locked again" },
      next: { zh: "没有扣费。需要时请再来一次。", en: "Nothing was charged. Please start again whenever you like." },
    },
    broken: {
      title: { zh: "车锁没有打开", en: "The lock did not open" },
      next: {
        zh: "这是我们的问题。请换一辆车，或询问工作人员。",
        en: "That is our fault. Please choose another bike, or ask staff.",
      },
    },
  },
  lock: {
    acting: {
      title: { zh: "请把车推入车位", en: "Push the bike into the dock" },
      next: { zh: "听到锁上的声音为止", en: "Until you hear the lock" },
    },
    done: {
      title: { zh: "还车完成", en: "Bike returned" },
      next: { zh: "谢谢", en: "Thank you" },
    },
    "timed-out": {
      title: { zh: "车位里还没有车", en: "No bike in the dock yet" },
      next: { zh: "请再试一次，或询问工作人员。", en: "Please try again, or ask staff." },
    },
    broken: {
      title: { zh: "车位没有锁上", en: "The dock did not lock" },
      next: {
        zh: "这是我们的问题。请换一个车位，或询问工作人员。",
        en: "That is our fault. Please use another dock, or ask staff.",
      },
    },
  },
  desk: {
    acting: {
      title: { zh: "请稍候", en: "One moment, please" },
      next: { zh: "正在办理", en: "We are working on it" },
    },
    done: {
      title: { zh: "办理完成", en: "All done" },
      next: { zh: "谢谢", en: "Thank you" },
    },
    "timed-out": {
      title: { zh: "这次没有办成", en: "This was not finished" },
      next: { zh: "没有扣费。请再试一次。", en: "Nothing was charged. Please try again." },
    },
    broken: { title: { zh: "这次没有办成", en: "This did not work" }, next: askStaff },
  },
};
