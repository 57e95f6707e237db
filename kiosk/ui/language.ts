/** The languages a terminal speaks. Everyone may change it with one touch, on every screen. */
import type { Bilingual } from "../../shared/policy.ts";

export type Language = keyof Bilingual;

/** A text with something in it. */
export type Spoken<Parts extends readonly unknown[]> = Readonly<Record<Language, (...parts: Parts) => string>>;

/** For the `lang` attribute. */
export const tagOf: Readonly<Record<Language, string>> = { zh: "zh-Hans", en: "en" };

/** For Intl: where the terminal stands decides how dates and amounts look. */
export const localeOf: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };

export const otherLanguage = (language: Language): Language => (language === "zh" ? "en" : "zh");

/** The one of ours that comes nearest to a browser's language tag (BCP 47). */
export const languageOf = (tag: string): Language => (tag.toLowerCase().startsWith("zh") ? "zh" : "en");
