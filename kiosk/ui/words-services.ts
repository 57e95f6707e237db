/** What is said of each service: where it is, what a code is shown for, what the ordinary way is, what to do without a camera. */
import type { DeskTask } from "../../shared/messages.ts";
import type { Bilingual } from "../../shared/policy.ts";
import type { Action, ServiceName } from "../../shared/terms.ts";
import type { DockService } from "../session.ts";

type Of<Key extends string> = Readonly<Record<Key, Bilingual>>;
type ServiceWords = Of<"place" | "ready" | "ordinary" | "cameraOut">;

const nextGate: Bilingual = { zh: "请使用旁边的闸机，或询问工作人员。", en: "Please use the next gate, or ask staff." };
const nextTerminal: Bilingual = {
  zh: "请使用旁边的终端，或拨打服务热线。",
  en: "Please use the next terminal, or call the service line.",
};
const atCounter: Bilingual = { zh: "请到柜台办理。", en: "Please ask at the counter." };

export const serviceWords: Readonly<Record<ServiceName, ServiceWords>> = {
  metro: {
    place: { zh: "地铁", en: "Metro" },
    ready: { zh: "请出示二维码", en: "Show your code" },
    ordinary: { zh: "或照常使用车票、交通卡", en: "Or use your ticket or transport card" },
    cameraOut: nextGate,
  },
  bus: {
    place: { zh: "公交", en: "Bus" },
    ready: { zh: "上车请出示二维码", en: "Show your code to board" },
    ordinary: { zh: "或照常投币、刷交通卡", en: "Or pay with coins or your transport card" },
    cameraOut: { zh: "请投币、刷交通卡，或询问司机。", en: "Please pay with coins or a card, or ask the driver." },
  },
  library: {
    place: { zh: "图书馆", en: "Library" },
    ready: { zh: "出示二维码，开始借书", en: "Show your code to borrow" },
    ordinary: { zh: "或在服务台照常办理", en: "Or borrow at the desk as usual" },
    cameraOut: {
      zh: "请使用手持扫码枪、旁边的终端，或到服务台办理。",
      en: "Please use the hand scanner, the next terminal, or the desk.",
    },
  },
  bike: {
    place: { zh: "公共自行车", en: "City bikes" },
    ready: { zh: "出示二维码，取一辆车", en: "Show your code to take a bike" },
    ordinary: { zh: "或按普通方式租车", en: "Or rent in the ordinary way" },
    cameraOut: nextTerminal,
  },
  umbrella: {
    place: { zh: "共享雨伞", en: "Umbrellas" },
    ready: { zh: "出示二维码，取一把伞", en: "Show your code to take an umbrella" },
    ordinary: { zh: "或按普通方式借伞", en: "Or borrow one in the ordinary way" },
    cameraOut: nextTerminal,
  },
  "power-bank": {
    place: { zh: "共享充电宝", en: "Power banks" },
    ready: { zh: "出示二维码，取充电宝", en: "Show your code to take a power bank" },
    ordinary: { zh: "或按普通方式租用", en: "Or rent in the ordinary way" },
    cameraOut: nextTerminal,
  },
  venue: {
    place: { zh: "文体场馆", en: "Leisure centre" },
    ready: { zh: "入场请出示二维码", en: "Show your code to come in" },
    ordinary: { zh: "或在售票处照常购票", en: "Or buy a ticket at the box office" },
    cameraOut: { zh: "请到售票处，或询问工作人员。", en: "Please go to the box office, or ask staff." },
  },
  shuttle: {
    place: { zh: "景区接驳车", en: "Park shuttle" },
    ready: { zh: "上车请出示二维码", en: "Show your code to board" },
    ordinary: { zh: "或照常购票乘车", en: "Or ride with a ticket as usual" },
    cameraOut: { zh: "请购票乘车，或询问司机。", en: "Please ride with a ticket, or ask the driver." },
  },
  parking: {
    place: { zh: "停车场", en: "Car park" },
    ready: { zh: "进场请出示二维码", en: "Show your code to drive in" },
    ordinary: { zh: "或照常取卡、在收费处缴费", en: "Or take a ticket and pay at the cashier" },
    cameraOut: { zh: "请取卡进场、在收费处缴费。", en: "Please take a ticket and pay at the cashier." },
  },
  desk: {
    place: { zh: "服务台", en: "Service desk" },
    ready: { zh: "请选择要办理的内容", en: "Please choose" },
    ordinary: { zh: "或在柜台照常办理", en: "Or ask at the counter as usual" },
    cameraOut: atCounter,
  },
  inquiry: {
    place: { zh: "查询", en: "Look up" },
    ready: { zh: "出示二维码，查看它能用在哪里", en: "Show your code to see what it gives you" },
    ordinary: { zh: "或在柜台查询", en: "Or ask at the counter" },
    cameraOut: atCounter,
  },
};

/** What is touched to bring something back, or to come out. */
export const returnLabels: Readonly<Partial<Record<ServiceName, Bilingual>>> = {
  library: { zh: "还书", en: "Return items" },
  bike: { zh: "还车", en: "Return a bike" },
  umbrella: { zh: "还伞", en: "Return an umbrella" },
  "power-bank": { zh: "归还充电宝", en: "Return a power bank" },
  metro: { zh: "出站", en: "Leave" },
  bus: { zh: "下车", en: "Get off" },
  venue: { zh: "离场", en: "Leave" },
  shuttle: { zh: "下车", en: "Get off" },
  parking: { zh: "出场", en: "Drive out" },
};

export const leavingTitle: Bilingual = { zh: "离开请出示二维码", en: "Show your code to leave" };

/** Beside the place, where a terminal does one thing only. */
export const laneOf = (service: ServiceName, action: Action): Bilingual | undefined => {
  if (action === "entry") return service === "metro" ? { zh: "进站", en: "Entry" } : undefined;
  return action === "exit" ? (service === "metro" ? { zh: "出站", en: "Exit" } : returnLabels[service]) : undefined;
};

export const taskLabels: Of<DeskTask> = {
  deposit: { zh: "免押办理", en: "A deposit" },
  "pay-later": { zh: "先用后付", en: "Pay later" },
  ticket: { zh: "取号排队", en: "A queue number" },
  shift: { zh: "志愿者签到", en: "Volunteer check-in" },
};

export const taskTitles: Of<DeskTask> = {
  deposit: { zh: "出示二维码，办理押金", en: "Show your code for the deposit" },
  "pay-later": { zh: "出示二维码，先用后付", en: "Show your code to pay later" },
  ticket: { zh: "出示二维码，取号", en: "Show your code for a number" },
  shift: { zh: "出示二维码，为志愿服务签到", en: "Show your code to check in for your shift" },
};

/** What a station lends. */
type DockWords = Of<"choose" | "none" | "taken">;

export const dockWords: Readonly<Record<DockService, DockWords>> = {
  bike: {
    choose: { zh: "请选一辆车", en: "Choose a bike" },
    none: { zh: "暂时没有车", en: "No bike just now" },
    taken: { zh: "有车", en: "Bike" },
  },
  umbrella: {
    choose: { zh: "请选一把伞", en: "Choose an umbrella" },
    none: { zh: "暂时没有伞", en: "No umbrella just now" },
    taken: { zh: "有伞", en: "Umbrella" },
  },
  "power-bank": {
    choose: { zh: "请选一个充电宝", en: "Choose a power bank" },
    none: { zh: "暂时没有充电宝", en: "No power bank just now" },
    taken: { zh: "已充好", en: "Charged" },
  },
};
