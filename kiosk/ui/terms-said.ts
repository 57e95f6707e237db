/** Terms in words: what they are, and what is better in them than in others. */
import type { Bilingual } from "../../shared/policy.ts";
import { isNoWorse, type Terms } from "../../shared/terms.ts";
import { formatDuration, formatMoney, formatShare } from "./format.ts";
import type { Language } from "./language.ts";
import { atMostItems, insteadOf, words } from "./words.ts";

type Said = readonly [keyof Terms, Bilingual, (of: Terms) => string];

const dimensionsIn = (currency: string, language: Language): readonly Said[] => [
  ["deposit", words.deposit, (of) => formatMoney(of.deposit, currency, language)],
  ["priceFactor", words.due, (of) => formatShare(of.priceFactor, language)],
  ["freeSeconds", words.freeTime, (of) => formatDuration(of.freeSeconds, language)],
  ["loanSeconds", words.loan, (of) => formatDuration(of.loanSeconds, language)],
  ["itemsMax", words.items, (of) => atMostItems[language](of.itemsMax)],
];

/** Each dimension in which `terms` give more. */
export const sayBetter = (terms: Terms, ordinary: Terms, currency: string, language: Language): readonly string[] => {
  if (isNoWorse(ordinary, terms)) return [];
  return [
    ...dimensionsIn(currency, language).flatMap(([dimension, name, say]) =>
      terms[dimension] === ordinary[dimension] ? [] : [insteadOf[language](name[language], say(terms), say(ordinary))],
    ),
    ...(terms.payLater && !ordinary.payLater ? [words.payLater[language]] : []),
    ...(terms.greenChannel && !ordinary.greenChannel ? [words.priorityLine[language]] : []),
  ];
};

/** What there is to say of these terms: no word of what is not part of the service. */
export const sayTerms = (terms: Terms, currency: string, language: Language): readonly string[] => [
  ...dimensionsIn(currency, language).flatMap(([dimension, name, say]) => {
    const isSaid =
      dimension === "deposit" || (dimension === "priceFactor" ? terms.priceFactor !== 1000 : terms[dimension] !== 0);
    return isSaid ? [`${name[language]} ${say(terms)}`] : [];
  }),
  ...(terms.payLater ? [words.payLater[language]] : []),
  ...(terms.greenChannel ? [words.priorityLine[language]] : []),
];
