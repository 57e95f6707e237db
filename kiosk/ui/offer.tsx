/**
 * Terms as a list. Every line is always there and looks the same, whether the deposit is nothing or a hundred.
 */
import type { Offer } from "../session.ts";
import { formatDuration, formatMoney } from "./format.ts";
import type { Language } from "./language.ts";
import { atMostItems, words } from "./words.ts";

type OfferProps = {
  readonly offer: Offer;
  readonly service: "library" | "bike";
  readonly dock: string | null;
  readonly language: Language;
};

export const OfferList = ({ offer, service, dock, language }: OfferProps) => (
  <>
    <dl class="offer">
      <Line name={words.deposit[language]} note={words.depositNote[language]}>
        {formatMoney(offer.deposit, offer.currency, language)}
      </Line>
      {service === "library" && (
        <>
          <Line name={words.loan[language]}>{formatDuration(offer.loanSeconds, language)}</Line>
          <Line name={words.items[language]}>{atMostItems[language](offer.itemsMax)}</Line>
        </>
      )}
      {service === "bike" && <Line name={words.freeTime[language]}>{formatDuration(offer.freeSeconds, language)}</Line>}
      {dock !== null && <Line name={words.dock[language]}>{dock}</Line>}
    </dl>
    {offer.ours && <p class="quiet ours">{words.ours[language]}</p>}
  </>
);

type LineProps = { readonly name: string; readonly note?: string; readonly children: string };

const Line = ({ name, note, children }: LineProps) => (
  <div class="offer-line">
    <dt>
      {name}
      {note !== undefined && <small>{note}</small>}
    </dt>
    <dd>{children}</dd>
  </div>
);
