/**
 * Why somebody was served on which terms, in plain words: on a terminal, on the phone and on the public page. None of them
 * says anything of a score, and ordinary terms are nobody's fault.
 */
import type { Bilingual } from "../../shared/policy.ts";
import { owedReasons, type PermitReason } from "../../shared/terms.ts";
import { formatMoment } from "./format.ts";
import type { Language, Spoken } from "./language.ts";
import { byRule } from "./words.ts";
import { referWordsOf } from "./words-refer.ts";

export const whyWords = {
  why: { zh: "为什么？", en: "Why?" },
  title: { zh: "为什么是这样", en: "Why it is so" },
  code: { zh: "凭证码", en: "Receipt code" },
  rules: { zh: "规则", en: "Rules" },
  decided: { zh: "结果", en: "Decided" },
  confirmed: { zh: "规则与名单", en: "Rules and lists" },
  object: { zh: "有异议？", en: "To object" },
  close: { zh: "关闭", en: "Close" },
  never: { zh: "尚未核对过", en: "never confirmed" },
  notShown: {
    zh: "依据公布的规则。只有出示手机码的本人可以在手机上看到全部。",
    en: "By the published rules. All of it is shown on the phone that it is about.",
  },
} as const satisfies Readonly<Record<string, Bilingual>>;

const ours: Bilingual = {
  zh: "按普通条件：我们这边的数据不够新，这是我们的问题，您应得的之后会补上。",
  en: "Ordinary terms: our records here were not up to date. That is our fault; what is due to you is settled later.",
};

const permitWords: Readonly<Record<Exclude<PermitReason, "perk" | (typeof owedReasons)[number]>, Bilingual>> = {
  ordinary: { zh: "按普通条件，与大家一样。", en: "Ordinary terms, as for everyone." },
  "other-programme": {
    zh: "按普通条件：这里不使用您那个计划的名单。",
    en: "Ordinary terms: the lists of your programme are not used here.",
  },
  "no-code-needed": { zh: "归还不需要出示码，与大家一样。", en: "Giving back needs no code, for anybody." },
};

export type Reasoned = { readonly perk: string | null; readonly reason: string };

/** What was decided, in one sentence. A reason that is newer than these words is said as ordinary terms. */
export const sayDecided = (
  { perk, reason }: Reasoned,
  programme: { readonly name: Bilingual; readonly version: number },
  isReferred: boolean,
  language: Language,
): string => {
  if (isReferred) return referWordsOf(reason).happened[language];
  if (perk !== null) return byRule[language](perk, programme.name[language], String(programme.version));
  if ((owedReasons as readonly string[]).includes(reason)) return ours[language];
  return (isKnown(reason) ? permitWords[reason] : permitWords.ordinary)[language];
};

const isKnown = (reason: string): reason is keyof typeof permitWords => Object.hasOwn(permitWords, reason);

export const rulesVersion: Spoken<[name: string, version: number]> = {
  zh: (name, version) => `${name}规则，第${version}版`,
  en: (name, version) => `${name}, rules version ${version}`,
};

export const listVersion: Spoken<[manifest: number, list: number | null, confirmed: string]> = {
  zh: (manifest, list, confirmed) =>
    `第${manifest}次发布${list === null ? "" : `，名单第${list}版`}，核对于 ${confirmed}`,
  en: (manifest, list, confirmed) =>
    `Publication ${manifest}${list === null ? "" : `, list version ${list}`}, last confirmed ${confirmed}`,
};

/** When the rules and lists were last confirmed. */
export const sayConfirmed = (at: number | null, language: Language): string =>
  at === null ? whyWords.never[language] : formatMoment(at, language);

export const readMore: Spoken<[page: string]> = {
  zh: (page) => `在 ${page} 输入凭证码，可以查看规则、提出异议、查看答复。`,
  en: (page) => `At ${page}, the code shows the rules, and takes an objection and shows its answer.`,
};
