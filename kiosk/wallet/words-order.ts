/** What the phone says of items to the door. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Spoken } from "../ui/language.ts";
import type { Failure } from "./state.ts";
import { causeOf } from "./words.ts";

export const orderWords = {
  offer: { zh: "图书送到家", en: "Books to your door" },
  title: { zh: "图书送到家", en: "Books to your door" },
  text: {
    zh: "输入每本书的编号或 ISBN。先看费用，再下单；费用记在您的月度账单里。",
    en: "Type the number or ISBN of each book. You see the fee before you order; it goes on your monthly statement.",
  },
  label: { zh: "图书编号或 ISBN", en: "Item number or ISBN" },
  add: { zh: "加入", en: "Add" },
  remove: { zh: "移除", en: "Remove" },
  mistyped: {
    zh: "编号由 4 至 32 个字母、数字、点或横线组成。请对照再输一次。",
    en: "A number has 4 to 32 letters, digits, dots or dashes. Please compare and type it again.",
  },
  ask: { zh: "查看费用", en: "See the fee" },
  asking: { zh: "正在办理…", en: "One moment…" },
  confirm: { zh: "确认下单", en: "Order" },
  refused: {
    zh: "现在不能在这里下单。请到图书馆办理，一切照常。",
    en: "This cannot be ordered here just now. The library takes it at its desk as usual.",
  },
  askLibrary: {
    zh: "没有收到答复。再次下单之前，请向图书馆确认是否已经下单。",
    en: "No answer came. Please ask the library whether it was ordered before you order again.",
  },
} as const satisfies Readonly<Record<string, Bilingual>>;

/** By the reason of the server; others are `refused`. */
export const orderRefusals: Readonly<Record<string, Bilingual>> = {
  "not-offered": {
    zh: "您的图书馆还不送书上门。请到图书馆借阅。",
    en: "Your library does not deliver yet. Please come to the library.",
  },
  stale: {
    zh: "二维码已过时。请稍等半分钟再试。",
    en: "The code is too old. Please wait half a minute and try again.",
  },
  "from-the-future": {
    zh: "手机的时间不对。请校准时间后再试。",
    en: "This phone's clock is wrong. Please set it and try again.",
  },
  unsure: {
    zh: "没有收到答复。再次下单之前，请向图书馆确认是否已经下单。",
    en: "No answer came. Please ask the library whether it was ordered before you order again.",
  },
};

export const tooMany: Spoken<[itemsMax: number]> = {
  zh: (itemsMax) => `一个包裹最多 ${itemsMax} 本。请移除几本。`,
  en: (itemsMax) => `At most ${itemsMax} books go in one parcel. Please remove some.`,
};
export const orderDue: Spoken<[items: number, fee: string]> = {
  zh: (items, fee) => `${items} 本，送书费 ${fee}。`,
  en: (items, fee) => `${items === 1 ? "1 book" : `${items} books`} to your door: ${fee}.`,
};
export const orderSent: Spoken<[items: number, fee: string]> = {
  zh: (items, fee) => `已下单：${items} 本，送书费 ${fee}，记在月度账单里。`,
  en: (items, fee) => `Ordered: ${items === 1 ? "1 book" : `${items} books`}, ${fee} on your monthly statement.`,
};
export const orderFailed: Spoken<[failure: Failure]> = {
  zh: (failure) => `没有下单。${causeOf.zh(failure)}。请重试。`,
  en: (failure) => `Nothing was ordered. ${causeOf.en(failure)}. Please try again.`,
};
export const orderUnsure: Spoken<[failure: Failure]> = {
  zh: (failure) => `${causeOf.zh(failure)}，还不知道是否已下单。请重试：同一单不会重复。`,
  en: (failure) =>
    `${causeOf.en(failure)}: nobody knows yet whether it was ordered. Try again: the same order counts once.`,
};
