/** What is said of lending: the choice of a deposit, and what became of each item. */
import type { Bilingual } from "../../shared/policy.ts";
import type { ItemNotice } from "../session-library.ts";
import type { Spoken } from "./language.ts";

export const tierWords = {
  title: { zh: "想怎么借？", en: "How would you like to borrow?" },
  none: { zh: "不交押金", en: "Without a deposit" },
  nothing: { zh: "只办理续借、取预约", en: "To renew, and to pick up what was kept" },
} as const satisfies Readonly<Record<string, Bilingual>>;

/** What a choice gives. */
export const upTo: Spoken<[items: string, time: string]> = {
  zh: (items, time) => `最多 ${items}，借期 ${time}`,
  en: (items, time) => `Up to ${items}, for ${time}`,
};

export const ofKind: Spoken<[kind: string, count: string]> = {
  zh: (kind, count) => `${kind} ${count} 件`,
  en: (kind, count) => `${kind}: ${count}`,
};

export const itemsScanned: Spoken<[count: number]> = {
  zh: (count) => `已扫描 ${count} 件`,
  en: (count) => (count === 1 ? "1 item" : `${count} items`),
};

export const dueOn: Spoken<[date: string]> = { zh: (date) => `${date}前归还`, en: (date) => `Due ${date}` };

type PlainNotice = Exclude<ItemNotice["kind"], "kind-full" | "not-an-item">;

/** About the item just scanned. */
export const itemNotices: Readonly<Record<PlainNotice, Spoken<[item: string]>>> = {
  busy: { zh: (item) => `正在办理 ${item}`, en: (item) => `Working on ${item}` },
  done: { zh: (item) => `${item} 已办理`, en: (item) => `${item} is done` },
  twice: {
    zh: (item) => `${item} 已经扫描过了，不会重复办理。`,
    en: (item) => `${item} is already in your list, and counts once.`,
  },
  "too-many": {
    zh: (item) => `本次可借的已满，${item} 没有借出。其余的请到服务台办理。`,
    en: (item) => `Your list for this visit is full, so ${item} was left out. The desk helps with the others.`,
  },
  renewed: {
    zh: (item) => `${item} 已经续借过，归还日期不变。需要更久请到服务台办理。`,
    en: (item) => `${item} was renewed before, and stays due as it is. The desk helps if you need it longer.`,
  },
  "parcel-full": {
    zh: (item) => `包裹已满，${item} 没有放进去。可以下次再送。`,
    en: (item) => `The parcel is full, so ${item} was left out. Another parcel can bring it.`,
  },
  "not-lent": {
    zh: (item) => `${item} 暂不外借，请交给工作人员。`,
    en: (item) => `${item} is not lent at the moment. Please hand it to staff.`,
  },
  failed: {
    zh: (item) => `${item} 没有办成，这是我们的问题。请再试一次，或询问工作人员。`,
    en: (item) => `${item} did not work. That is our fault. Please try again, or ask staff.`,
  },
};

/** No more of its kind. */
export const kindFull: Spoken<[item: string, kind: string]> = {
  zh: (item, kind) => `${kind}可借的已满，${item} 没有借出。其余的请到服务台办理。`,
  en: (item, kind) =>
    `You have all that can be lent of: ${kind}. So ${item} was left out. The desk helps with the others.`,
};
