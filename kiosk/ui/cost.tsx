/**
 * What a tap costs, for the one who asks. Not in the page before it is asked for; gone with the next person's result,
 * even if that follows at once. Asking also asks for more time to read.
 */
import { useLayoutEffect, useState } from "preact/hooks";
import type { Cost } from "../session-offer.ts";
import { formatMoney, formatShare } from "./format.ts";
import type { Language } from "./language.ts";
import type { OnPress } from "./press-button.tsx";
import { fullFare, shareOfFare, words } from "./words.ts";
import type { ResultStage } from "./words-result.ts";

type CostProps = {
  readonly cost: Cost;
  readonly stage: ResultStage;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const CostOnRequest = ({ cost, stage, language, onPress }: CostProps) => {
  const [isShown, setShown] = useState(false);
  useLayoutEffect(() => {
    if (stage === "acting") setShown(false); // somebody else's tap has begun
  }, [stage]);
  const toggle = () => {
    setShown(!isShown);
    if (!isShown) onPress({ kind: "more-time" });
  };
  return (
    <>
      <div class="cost" aria-live="polite">
        {isShown && <Amounts cost={cost} language={language} />}
      </div>
      <button type="button" class="button button-on-field" data-show="cost" aria-expanded={isShown} onClick={toggle}>
        {(isShown ? words.hideCost : words.showCost)[language]}
      </button>
    </>
  );
};

const Amounts = ({ cost, language }: Pick<CostProps, "cost" | "language">) => (
  <div class="cost-paper">
    {cost.due === null ? (
      <p class="amount">{shareOfFare[language](formatShare(cost.priceFactor, language))}</p>
    ) : (
      <div class="cost-price">
        <p class="amount">{formatMoney(cost.due, cost.currency, language)}</p>
        {cost.fullPrice !== null && (
          <p class="quiet">{fullFare[language](formatMoney(cost.fullPrice, cost.currency, language))}</p>
        )}
      </div>
    )}
    {cost.ours && <p class="quiet ours">{words.ours[language]}</p>}
  </div>
);
