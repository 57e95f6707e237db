/** What became of an action, by what had to move. The same for everyone let through, whatever the terms. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Action, ServiceName } from "../../shared/terms.ts";
import type { Screen } from "../session.ts";

export type ResultStage = Extract<Screen, { readonly name: "result" }>["stage"];

export type ResultWords = { readonly title: Bilingual; readonly next: Bilingual };

export type Machine =
  | "gate"
  | "board"
  | "venue"
  | "barrier"
  | "unlock"
  | "lock"
  | "umbrella-out"
  | "umbrella-in"
  | "power-bank-out"
  | "power-bank-in"
  | "desk"
  | "ticket"
  | "shift";

export const machineOf = (service: ServiceName, action: Action): Machine => {
  const isBack = action === "trip_end";
  switch (service) {
    case "metro":
      return "gate";
    case "bus":
    case "shuttle":
      return "board";
    case "venue":
      return "venue";
    case "parking":
      return "barrier";
    case "bike":
      return isBack ? "lock" : "unlock";
    case "umbrella":
      return isBack ? "umbrella-in" : "umbrella-out";
    case "power-bank":
      return isBack ? "power-bank-in" : "power-bank-out";
    default:
      return action === "ticket" || action === "shift" ? action : "desk";
  }
};

const askStaff: Bilingual = {
  zh: "这是我们的问题。请询问工作人员。",
  en: "That is our fault. Please ask staff.",
};

type Stages = Readonly<Record<ResultStage, ResultWords>>;

/** Of a thing that a station lends. */
const takenOut = (zh: string, en: string, done: Bilingual): Stages => ({
  acting: {
    title: { zh: "正在开锁", en: "Unlocking" },
    next: { zh: `请到格口旁取${zh}`, en: `Please go to the dock and take your ${en}` },
  },
  done: { title: done, next: { zh: "在任何站点都可以归还", en: "Return it at any station" } },
  "timed-out": {
    title: { zh: "格口已重新锁上", en: "The dock is locked again" },
    next: { zh: "没有扣费。需要时请再来一次。", en: "Nothing was charged. Please start again whenever you like." },
  },
  broken: {
    title: { zh: "格口没有打开", en: "The lock did not open" },
    next: {
      zh: "这是我们的问题。请换一个，或询问工作人员。",
      en: "That is our fault. Please choose another, or ask staff.",
    },
  },
});

const broughtBack = (zh: string, en: string, En: string): Stages => ({
  acting: {
    title: { zh: `请把${zh}放入格口`, en: `Push the ${en} into the dock` },
    next: { zh: "听到锁上的声音为止", en: "Until you hear the lock" },
  },
  done: { title: { zh: "归还完成", en: `${En} returned` }, next: thanks },
  "timed-out": {
    title: { zh: `格口里还没有${zh}`, en: `No ${en} in the dock yet` },
    next: { zh: "请再试一次，或询问工作人员。", en: "Please try again, or ask staff." },
  },
  broken: {
    title: { zh: "格口没有锁上", en: "The dock did not lock" },
    next: {
      zh: "这是我们的问题。请换一个格口，或询问工作人员。",
      en: "That is our fault. Please use another dock, or ask staff.",
    },
  },
});

const passing = (what: Record<"acting" | "open" | "done" | "closed" | "shut" | "elsewhere", Bilingual>): Stages => ({
  acting: { title: what.acting, next: what.open },
  done: { title: what.done, next: thanks },
  "timed-out": { title: what.closed, next: showAgain },
  broken: {
    title: what.shut,
    next: { zh: `这是我们的问题。${what.elsewhere.zh}`, en: `That is our fault. ${what.elsewhere.en}` },
  },
});

const thanks: Bilingual = { zh: "谢谢", en: "Thank you" };
const showAgain: Bilingual = {
  zh: "没有扣费。请刷新二维码，再出示一次。",
  en: "Nothing was charged. Please refresh your code and show it again.",
};
const gateOpen: Bilingual = { zh: "闸门已打开", en: "The gate is open" };
const gateClosed: Bilingual = { zh: "闸门已关上", en: "The gate has closed again" };
const gateShut: Bilingual = { zh: "闸门没有打开", en: "The gate did not open" };

const counter: Stages = {
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
};

export const resultWords: Readonly<Record<Machine, Stages>> = {
  gate: passing({
    acting: { zh: "请通行", en: "Please go through" },
    open: gateOpen,
    done: { zh: "一路顺风", en: "Have a good journey" },
    closed: gateClosed,
    shut: gateShut,
    elsewhere: { zh: "请走旁边的闸门，或询问工作人员。", en: "Please use the next gate, or ask staff." },
  }),
  board: passing({
    acting: { zh: "请通行", en: "Please go through" },
    open: { zh: "已记录", en: "It is noted" },
    done: { zh: "一路顺风", en: "Have a good ride" },
    closed: gateClosed,
    shut: gateShut,
    elsewhere: { zh: "请询问司机。", en: "Please ask the driver." },
  }),
  venue: passing({
    acting: { zh: "请通行", en: "Please go through" },
    open: gateOpen,
    done: { zh: "祝您愉快", en: "Have a good time" },
    closed: gateClosed,
    shut: gateShut,
    elsewhere: { zh: "请到售票处，或询问工作人员。", en: "Please go to the box office, or ask staff." },
  }),
  barrier: passing({
    acting: { zh: "请通行", en: "Please drive on" },
    open: { zh: "道闸已抬起", en: "The barrier is up" },
    done: { zh: "祝您平安", en: "Drive safely" },
    closed: { zh: "道闸已落下", en: "The barrier is down again" },
    shut: { zh: "道闸没有抬起", en: "The barrier did not open" },
    elsewhere: { zh: "请询问工作人员。", en: "Please ask staff." },
  }),
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
  "umbrella-out": takenOut("伞", "umbrella", { zh: "请拿好伞", en: "Keep dry" }),
  "umbrella-in": broughtBack("伞", "umbrella", "Umbrella"),
  "power-bank-out": takenOut("充电宝", "power bank", { zh: "请拿好充电宝", en: "It is yours for now" }),
  "power-bank-in": broughtBack("充电宝", "power bank", "Power bank"),
  ticket: {
    acting: { title: { zh: "正在取号", en: "Drawing your number" }, next: { zh: "请稍候", en: "One moment, please" } },
    done: {
      title: { zh: "取号完成", en: "Here is your number" },
      next: { zh: "叫到时请到柜台", en: "Please come to the counter when it is called" },
    },
    "timed-out": {
      title: { zh: "这次没有取到号", en: "No number was drawn" },
      next: { zh: "请再试一次，或询问工作人员。", en: "Please try again, or ask staff." },
    },
    broken: { title: { zh: "这次没有取到号", en: "No number was drawn" }, next: askStaff },
  },
  desk: counter,
  shift: {
    ...counter,
    done: {
      title: { zh: "签到完成", en: "You are checked in" },
      next: { zh: "感谢您的志愿服务", en: "Thank you for your help" },
    },
  },
};
