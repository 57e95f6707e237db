/** The printed card: made anew each time it is asked for, shown as it will be on paper. */
import { Failed } from "./failed.tsx";
import { Qr } from "./qr.tsx";
import { formatInstant, type PageProps } from "./view.ts";
import { cardFailed, cardHowTo, cardUntil, words } from "./words.ts";

export const CardPage = ({ state, view, actions, drawQr }: PageProps) => {
  const { card } = state;
  const { language } = view;
  if (card === null || card.kind === "asking") return <p role="status">{words.cardAsking[language]}</p>;
  if (card.kind === "failed") {
    return <Failed said={cardFailed[language](card)} language={language} again={() => actions.open("card")} />;
  }
  return (
    <>
      <article class="card">
        <header>
          <strong>{words.brand[language]}</strong>
          <h1>{words.cardTitle[language]}</h1>
        </header>
        <Qr text={card.text} level="Q" label={words.codeLabel[language]} drawQr={drawQr} />
        <div>
          <strong>{cardUntil[language](formatInstant(card.exp, language))}</strong>
          <ul>
            {cardHowTo.map((line) => (
              <li key={line.en}>{line[language]}</li>
            ))}
          </ul>
          <p>{words.cardLost[language]}</p>
        </div>
      </article>
      <p class="soft unprinted">{words.cardWarning[language]}</p>
      <button type="button" class="main unprinted" onClick={actions.print}>
        {words.print[language]}
      </button>
    </>
  );
};
