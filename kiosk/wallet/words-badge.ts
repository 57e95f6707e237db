/** What the phone says of a staff badge, in both languages side by side. */
import type { Bilingual } from "../../shared/policy.ts";
import type { Spoken } from "../ui/language.ts";
import type { Failure } from "./state.ts";
import { causeOf } from "./words.ts";

export const badgeWords = {
  title: { zh: "工作证", en: "Staff badge" },
  offer: { zh: "我的工作证", en: "My staff badge" },
  asking: { zh: "正在领取工作证…", en: "Getting the badge…" },
  malformed: {
    zh: "这个链接不完整。请再扫一次，或请运营方重新发一个。",
    en: "This link is not whole. Scan it again, or ask the operator for another one.",
  },
  another: { zh: "请运营方重新发一个链接。", en: "Please ask the operator for another link." },
  none: {
    zh: "这部手机上没有工作证。请运营方发一个链接。",
    en: "There is no badge on this phone. Ask the operator for a link.",
  },
  codeLabel: { zh: "工作证二维码", en: "QR code of the staff badge" },
  howTo: {
    zh: "出示给终端，即可打开工作人员界面。每个码只能用一次。",
    en: "Hold it to a terminal: it opens the staff screen. Each code counts once.",
  },
  notYours: { zh: "这是工作证，不是您自己的码。", en: "This is the badge, not a code of your own." },
  lost: {
    zh: "手机丢了？请立即告诉值班长，由运营方收回工作证。",
    en: "Phone lost? Tell your supervisor at once: the operator takes the badge back.",
  },
  expiredText: {
    zh: "连上网络后会自动续期。在此之前请用打印的工作证，或找值班长。",
    en: "It renews by itself once the phone is online. Until then use a printed badge, or ask a supervisor.",
  },
  remove: { zh: "从这部手机移除", en: "Remove it from this phone" },
  removeText: {
    zh: "移除后，这部手机不能再出示它。要再用，须请运营方发新的链接。",
    en: "This phone cannot show it any more then. To have one again, ask the operator for a new link.",
  },
  removeSure: { zh: "移除", en: "Remove it" },
  keep: { zh: "保留", en: "Keep it" },
} as const satisfies Readonly<Record<string, Bilingual>>;

export const linkFailed: Spoken<[failure: Failure]> = {
  zh: (failure) => `没有领到工作证。${causeOf.zh(failure)}。`,
  en: (failure) => `No badge was given. ${causeOf.en(failure)}.`,
};
export const badgeUntil: Spoken<[when: string]> = {
  zh: (when) => `工作证有效至 ${when}`,
  en: (when) => `Badge good until ${when}`,
};
export const badgeEnded: Spoken<[when: string]> = {
  zh: (when) => `工作证已于 ${when} 到期`,
  en: (when) => `The badge ended on ${when}`,
};
