/** How many items of each kind somebody may have, in one line; none where they are not lent by kind. */
import type { Offer } from "../session-offer.ts";
import type { Language } from "./language.ts";
import { ofKind } from "./words-library.ts";

export const kindsLine = ({ kinds = [] }: Offer, language: Language): string | null => {
  const lent = kinds.filter(({ max }) => max > 0);
  if (lent.length === 0) return null;
  return lent
    .map(({ name, max }) => ofKind[language](name[language], String(max)))
    .join(language === "zh" ? "，" : "; ");
};
