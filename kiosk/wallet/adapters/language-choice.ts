/**
 * The language somebody chose on this origin's pages, kept in localStorage so that the phone and the demo around it
 * speak the same; the browser's own language before anybody chose.
 */
import { type Language, languageOf } from "../../ui/language.ts";

export type LanguageChoice = {
  readonly read: () => Language;
  readonly write: (language: Language) => void;
  /** Another page of this origin chose. */
  readonly onChange: (callback: (language: Language) => void) => void;
};

const item = "greenlane-language";

export const openLanguageChoice = (): LanguageChoice => ({
  read: () => languageOf(localStorage.getItem(item) ?? navigator.language),
  write: (language) => localStorage.setItem(item, language),
  onChange: (callback) =>
    addEventListener("storage", ({ key, newValue }) => {
      if (key === item && newValue !== null) callback(languageOf(newValue));
    }),
});
