/** The issuer did not give what was asked for: why, and once more. */
import type { Language } from "../ui/language.ts";
import { words } from "./words.ts";

type FailedProps = { readonly said: string; readonly language: Language; readonly again: () => void };

export const Failed = ({ said, language, again }: FailedProps) => (
  <div class="notice" role="alert">
    <p>{said}</p>
    <button type="button" class="main" onClick={again}>
      {words.again[language]}
    </button>
  </div>
);
