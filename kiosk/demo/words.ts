/** What the demo page says, in both languages side by side. */
import type { Bilingual } from "../../shared/policy.ts";
import type { ServiceName } from "../../shared/terms.ts";
import type { Spoken } from "../ui/language.ts";
import type { Lesson } from "./demo.ts";

type Words<Key extends string> = Readonly<Record<Key, Bilingual>>;

export const words = {
  inOtherLanguage: { zh: "English", en: "中文" },
  brand: { zh: "绿色通道", en: "Greenlane" },
  title: { zh: "演示：一部手机，三台终端", en: "Demo: one phone, three terminals" },
  startOver: { zh: "重新开始", en: "Start over" },
  opening: { zh: "正在准备三台终端…", en: "Getting three terminals ready…" },
  closed: {
    zh: "连不上演示城市的服务器。请确认它在运行，然后重试。",
    en: "The demo city's server does not answer. See that it runs, then try again.",
  },
  again: { zh: "重试", en: "Try again" },
  lessons: { zh: "五件可以试的事", en: "Five things to try" },
  learnt: { zh: "已完成", en: "done" },

  phone: { zh: "市民的手机", en: "The citizen's phone" },
  pickFirst: { zh: "先在手机上选一位市民", en: "First pick a citizen on the phone" },
  dragCode: { zh: "拖到一台终端上", en: "Drag onto a terminal" },
  showCode: { zh: "出示手机的码", en: "Show the phone's code" },
  dropHere: { zh: "在此出示", en: "Show it here" },

  choose: { zh: "换成另一项服务", en: "Show another service here" },
  shelf: { zh: "书架：点一本，给终端扫描", en: "Shelf: pick a book to scan" },
  log: { zh: "本机日志", en: "The terminal's log" },
  logEmpty: { zh: "还没有记录", en: "Nothing written yet" },
  acked: { zh: "服务器已签收", en: "acknowledged" },
  pending: { zh: "待发送", en: "waiting" },
} as const satisfies Words<string>;

export const switchWords = {
  network: {
    label: { zh: "网络", en: "Network" },
    on: { zh: "已接通", en: "up" },
    off: { zh: "已断开", en: "cut" },
  },
  turnstile: {
    label: { zh: "闸机", en: "Turnstile" },
    on: { zh: "会转动", en: "turns" },
    off: { zh: "不转动", en: "does not turn" },
  },
  account: {
    label: { zh: "账户", en: "Account" },
    on: { zh: "可付款", en: "pays" },
    off: { zh: "不付款", en: "does not pay" },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<"label" | "on" | "off", Bilingual>>>>;

export const terminalNames: Readonly<Record<ServiceName, Bilingual>> = {
  metro: { zh: "地铁闸机", en: "Metro gate" },
  library: { zh: "图书馆自助机", en: "Library desk" },
  bike: { zh: "公共自行车站", en: "Bike station" },
  bus: { zh: "公交闸机", en: "Bus gate" },
  umbrella: { zh: "共享雨伞架", en: "Umbrella stand" },
  "power-bank": { zh: "充电宝柜", en: "Power bank dock" },
  venue: { zh: "场馆入口", en: "Venue entrance" },
  shuttle: { zh: "接驳车入口", en: "Shuttle gate" },
  parking: { zh: "停车场", en: "Car park" },
  desk: { zh: "服务台", en: "Service desk" },
  inquiry: { zh: "权益查询机", en: "Inquiry terminal" },
};

export const lessonWords: Readonly<Record<Lesson, { readonly title: Bilingual; readonly how: Bilingual }>> = {
  perk: {
    title: { zh: "享受优惠", en: "Get a perk" },
    how: {
      zh: "选一位 700 分以上的市民，向闸机出示他的码。",
      en: "Show the gate the code of someone with 700 points or more.",
    },
  },
  ordinary: {
    title: { zh: "普通条件，一样放行", en: "Ordinary terms, same green" },
    how: {
      zh: "换一位分数低或没有分的人：屏幕一模一样。",
      en: "Now someone with fewer, or none: the screen is the same.",
    },
  },
  offline: {
    title: { zh: "断网也能过", en: "Pass without a network" },
    how: {
      zh: "断开网络，再出示另一个人的码。",
      en: "Cut the network, then show another person's code.",
    },
  },
  drained: {
    title: { zh: "恢复网络，日志发清", en: "The log drains" },
    how: { zh: "接通网络，看空心方块逐个变实。", en: "Bring it back: watch the hollow blocks fill." },
  },
  "not-turned": {
    title: { zh: "没转动，不收费", en: "Not turned, not charged" },
    how: { zh: "让闸机不转动，再换一个人出示码。", en: "Stop the turnstile, then show the gate one more code." },
  },
};

export const pendingCount: Spoken<[count: number]> = {
  zh: (count) => (count === 0 ? "全部已签收" : `${count} 条待发送`),
  en: (count) => (count === 0 ? "all acknowledged" : `${count} waiting`),
};

export type Book = { readonly barcode: string; readonly title: Bilingual };

/** Titles that nobody owns any more. */
export const shelf: readonly Book[] = [
  { barcode: "FZ-0004127", title: { zh: "红楼梦", en: "Red Chamber" } },
  { barcode: "FZ-0018850", title: { zh: "西游记", en: "Journey West" } },
  { barcode: "FZ-0020361", title: { zh: "山海经", en: "Hills and Seas" } },
  { barcode: "FZ-0031742", title: { zh: "梦溪笔谈", en: "Dream Pool" } },
];
