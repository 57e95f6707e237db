import type { PerkLine, Screen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { type OnPress, PressButton } from "./press-button.tsx";
import { servicePictures } from "./service-pictures.ts";
import { sayBetter } from "./terms-said.ts";
import { ReceiptCode } from "./why.tsx";
import { byRule, words } from "./words.ts";
import { serviceWords } from "./words-services.ts";

type PerksScreen = Extract<Screen, { readonly name: "session"; readonly stage: "perks" }>;
type SessionPerksProps = { readonly screen: PerksScreen; readonly language: Language; readonly onPress: OnPress };

export const SessionPerks = ({ screen, language, onPress }: SessionPerksProps) => (
  <section class="sheet">
    <h1>{headingOf(screen)[language]}</h1>
    {/* A list that scrolls has to be reachable with the keyboard. */}
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
    <section class="items perks" tabIndex={0} aria-label={headingOf(screen)[language]}>
      <ol>
        {screen.lines.map((line) => (
          <Given key={line.service} line={line} screen={screen} language={language} />
        ))}
      </ol>
    </section>
    <p class="help">
      <strong>{words.help[language]}</strong> <span>{screen.programme.objection[language]}</span>
    </p>
    {screen.receipt !== undefined && <ReceiptCode receipt={screen.receipt} language={language} />}
    <div class="sheet-actions">
      <PressButton press={{ kind: "leave" }} onPress={onPress} kind="primary">
        {words.leave[language]}
      </PressButton>
    </div>
  </section>
);

type GivenProps = { readonly line: PerkLine; readonly screen: PerksScreen; readonly language: Language };

const Given = ({ line, screen, language }: GivenProps) => {
  const Drawn = servicePictures[line.service];
  const { name, version } = screen.programme;
  const better = sayBetter(line.terms, line.ordinary, screen.currency, language);
  return (
    <li data-perk-of={line.service}>
      <Drawn />
      <span class="item-name">{serviceWords[line.service].place[language]}</span>
      <span class="item-due">
        {better.length === 0 ? words.asForAll[language] : better.join(language === "zh" ? "；" : "; ")}
      </span>
      {line.perk !== null && (
        <small class="perk-rule">{byRule[language](line.perk, name[language], String(version))}</small>
      )}
      {line.ours && <small class="perk-rule">{words.ours[language]}</small>}
    </li>
  );
};
