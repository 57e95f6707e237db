/** The rules that a receipt rests on: what everyone has there, and each perk by its score, as they were published. */

import { serviceNames } from "../../shared/terms.ts";
import type { Rules, WhyAnswer } from "../../shared/why.ts";
import { formatMoment } from "../ui/format.ts";
import type { Language } from "../ui/language.ts";
import { sayBetter, sayTerms } from "../ui/terms-said.ts";
import { serviceWords } from "../ui/words-services.ts";
import { listVersion, rulesVersion, sayConfirmed } from "../ui/words-why.ts";
import { fromScore, words } from "./words.ts";

type CardProps = { readonly why: WhyAnswer; readonly language: Language };

export const RulesCard = ({ why, language }: CardProps) => (
  <section class="card" data-why={why.code}>
    <h2>{words.rules[language]}</h2>
    <p class="soft">
      {placeOf(why.service, language)} · {formatMoment(why.hour, language)}
    </p>
    {why.rules === null ? (
      <p>{words.gone[language]}</p>
    ) : (
      <>
        <p>
          <strong>{rulesVersion[language](why.rules.programme.name[language], why.rules.programme.version)}</strong>
        </p>
        <RulesList rules={why.rules} language={language} />
        <p>
          {words.objectPlace[language]} {why.rules.programme.objection[language]}
        </p>
      </>
    )}
    <p class="soft">
      {listVersion[language](why.manifest, null, sayConfirmed(why.confirmedAt, language))} · {why.policy}
    </p>
    <p class="soft">{words.onPhone[language]}</p>
  </section>
);

const RulesList = ({ rules, language }: { readonly rules: Rules; readonly language: Language }) => {
  const join = (said: readonly string[]): string => said.join(language === "zh" ? "；" : "; ");
  return (
    <dl>
      <dt>{words.forAll[language]}</dt>
      <dd>{join(sayTerms(rules.ordinary, rules.currency, language))}</dd>
      {rules.perks.map(({ id, atLeast, terms }) => (
        <div key={id} class="rule">
          <dt>
            {atLeast === null ? words.notSet[language] : fromScore[language](atLeast)} <small>{id}</small>
          </dt>
          <dd>{join(sayBetter(terms, rules.ordinary, rules.currency, language))}</dd>
        </div>
      ))}
    </dl>
  );
};

/** A service that is newer than these words by its own name. */
const placeOf = (service: string, language: Language): string => {
  const known = serviceNames.find((each) => each === service);
  return known === undefined ? service : serviceWords[known].place[language];
};
