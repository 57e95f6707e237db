/** The public page, wired. A code after # is put into its field and taken out of the address at once. */
import { render } from "preact";
import { type Language, languageOf, tagOf } from "../ui/language.ts";
import { Page } from "./page.tsx";
import { words } from "./words.ts";

const takeCode = (): string => {
  const code = /^#([0-9A-Za-z-]{9,40})$/.exec(location.hash)?.[1] ?? "";
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  return code;
};

const app = document.getElementById("app") ?? document.body;
const code = takeCode();

const draw = (language: Language): void => {
  document.documentElement.lang = tagOf[language];
  document.title = `${words.title[language]} · Greenlane`;
  render(<Page code={code} language={language} onLanguage={draw} />, app);
};
draw(languageOf(navigator.language));
