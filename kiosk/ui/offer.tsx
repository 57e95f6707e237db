/**
 * Terms as a list. Every line is always there and looks the same, whether the deposit is nothing or a hundred.
 */
import type { ServiceName } from "../../shared/terms.ts";
import type { Offer } from "../session-offer.ts";
import { formatDuration, formatMoney } from "./format.ts";
import { kindsLine } from "./kinds.ts";
import type { Language } from "./language.ts";
import { atMostItems, atMostPerDay, priceOfTime, words } from "./words.ts";

type OfferProps = {
  readonly offer: Offer;
  readonly service: ServiceName;
  readonly dock: string | null;
  readonly language: Language;
};

export const OfferList = ({ offer, service, dock, language }: OfferProps) => (
  <>
    <dl class="offer">
      {offer.due !== undefined && <PriceLines offer={offer} due={offer.due} language={language} />}
      {offer.due === undefined && offer.paid !== undefined && <PayLaterLines offer={offer} language={language} />}
      {offer.due === undefined && offer.paid === undefined && (
        <DepositLines offer={offer} service={service} language={language} />
      )}
      {dock !== null && <Line name={words.dock[language]}>{dock}</Line>}
    </dl>
    {offer.ours && <p class="quiet ours">{words.ours[language]}</p>}
  </>
);

type LinesProps = Pick<OfferProps, "offer" | "language">;

/** A price to pay here, or later. */
const PriceLines = ({ offer, due, language }: LinesProps & { readonly due: number }) => (
  <>
    <Line name={words.due[language]}>{formatMoney(due, offer.currency, language)}</Line>
    <Line name={words.whenPaid[language]}>{(offer.paid === "later" ? words.paidLater : words.paidNow)[language]}</Line>
  </>
);

const PayLaterLines = ({
  offer: { paid, payLaterMax = null, payLaterSeconds = null, currency },
  language,
}: LinesProps) => (
  <>
    <Line name={words.whenPaid[language]}>{(paid === "later" ? words.paidLater : words.paidAtCounter)[language]}</Line>
    <Line name={words.payLaterMax[language]}>
      {payLaterMax === null ? words.noLimit[language] : formatMoney(payLaterMax, currency, language)}
    </Line>
    <Line name={words.payLaterSeconds[language]}>
      {payLaterSeconds === null ? words.noLimit[language] : formatDuration(payLaterSeconds, language)}
    </Line>
  </>
);

const DepositLines = ({ offer, service, language }: LinesProps & Pick<OfferProps, "service">) => (
  <>
    <Line name={words.deposit[language]} note={words.depositNote[language]}>
      {formatMoney(offer.deposit, offer.currency, language)}
    </Line>
    {service === "library" && (
      <>
        <Line name={words.loan[language]}>{formatDuration(offer.loanSeconds, language)}</Line>
        <Line name={words.items[language]} note={kindsLine(offer, language)}>
          {atMostItems[language](offer.itemsMax)}
        </Line>
      </>
    )}
    {(service === "bike" || service === "umbrella" || service === "power-bank") && (
      <Line name={words.freeTime[language]}>{formatDuration(offer.freeSeconds, language)}</Line>
    )}
    {offer.rate !== undefined && <RateLine rate={offer.rate} currency={offer.currency} language={language} />}
  </>
);

type RateProps = Pick<Offer, "currency"> & { readonly rate: NonNullable<Offer["rate"]>; readonly language: Language };

const RateLine = ({ rate: { unitPrice, unitSeconds, capPerDay }, currency, language }: RateProps) => {
  const price = formatMoney(unitPrice, currency, language);
  const unit = formatDuration(unitSeconds, language);
  const cap = capPerDay === null ? null : atMostPerDay[language](formatMoney(capPerDay, currency, language));
  return (
    <Line name={words.rate[language]} note={cap}>
      {priceOfTime[language](price, unit)}
    </Line>
  );
};

type LineProps = { readonly name: string; readonly note?: string | null; readonly children: string };

const Line = ({ name, note = null, children }: LineProps) => (
  <div class="offer-line">
    <dt>
      {name}
      {note !== null && <small>{note}</small>}
    </dt>
    <dd>{children}</dd>
  </div>
);
