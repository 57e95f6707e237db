/** Deposits among which everybody may choose, and going without one. Every choice looks the same, whatever it comes to. */

import type { Screen } from "../session.ts";
import type { TierChoice } from "../session-library.ts";
import { formatDuration, formatMoney } from "./format.ts";
import { headingOf } from "./headings.ts";
import { kindsLine } from "./kinds.ts";
import type { Language } from "./language.ts";
import { type OnPress, PressButton } from "./press-button.tsx";
import { atMostItems, words } from "./words.ts";
import { tierWords, upTo } from "./words-library.ts";

type SessionTiersProps = {
  readonly screen: Extract<Screen, { readonly name: "session"; readonly stage: "tiers" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const SessionTiers = ({ screen, language, onPress }: SessionTiersProps) => (
  <section class="sheet sheet-tiers">
    <h1>{headingOf(screen)[language]}</h1>
    <ul class="tiers">
      {screen.choices.map((choice) => (
        <li key={choice.tier}>
          <PressButton press={{ kind: "choose-tier", tier: choice.tier }} onPress={onPress} kind="tier">
            <Choice choice={choice} language={language} />
          </PressButton>
        </li>
      ))}
    </ul>
    {screen.choices.some(({ offer }) => offer.ours) && <p class="quiet ours">{words.ours[language]}</p>}
    <div class="sheet-actions">
      <PressButton press={{ kind: "decline" }} onPress={onPress} kind="secondary">
        {words.decline[language]}
      </PressButton>
    </div>
  </section>
);

type ChoiceProps = { readonly choice: TierChoice; readonly language: Language };

const Choice = ({ choice: { name, offer }, language }: ChoiceProps) => {
  const kinds = kindsLine(offer, language);
  return (
    <>
      <span class="tier-name">{name === null ? withoutTier(offer, language) : name[language]}</span>
      <span class="tier-gives">
        {offer.itemsMax === 0
          ? tierWords.nothing[language]
          : upTo[language](atMostItems[language](offer.itemsMax), formatDuration(offer.loanSeconds, language))}
      </span>
      {kinds !== null && <small class="tier-kinds">{kinds}</small>}
    </>
  );
};

const withoutTier = ({ deposit, currency }: TierChoice["offer"], language: Language): string =>
  deposit === 0 ? tierWords.none[language] : `${words.deposit[language]} ${formatMoney(deposit, currency, language)}`;
