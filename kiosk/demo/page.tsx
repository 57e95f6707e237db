/** The demo's page: lessons on top, the phone and its terminals below. Codes go to a terminal by button or by drag. */

import { type Language, otherLanguage, tagOf } from "../ui/language.ts";
import { Lessons } from "./lessons.tsx";
import type { PageProps } from "./page-props.ts";
import { TerminalCard } from "./terminal-card.tsx";
import { switchWords, words } from "./words.ts";

export const Page = (props: PageProps) => {
  const { demo, language, actions } = props;
  return (
    <div class="demo" lang={tagOf[language]}>
      <header class="top">
        <h1>
          <span class="brand">{words.brand[language]}</span> {words.title[language]}
        </h1>
        <Switch name="network" isOn={demo.isNetworkUp} language={language} onClick={actions.switchNetwork} />
        <Switch name="turnstile" isOn={demo.doesTurn} language={language} onClick={actions.switchTurnstile} />
        <Switch name="account" isOn={demo.doesPay} language={language} onClick={actions.switchAccount} />
        <button type="button" onClick={actions.startOver}>
          {words.startOver[language]}
        </button>
        <button type="button" lang={tagOf[otherLanguage(language)]} onClick={actions.switchLanguage}>
          {words.inOtherLanguage[language]}
        </button>
      </header>
      <Lessons learnt={demo.learnt} language={language} />
      <main>
        <Phone {...props} />
        {demo.city.kind === "asking" ? <p role="status">{words.opening[language]}</p> : null}
        {demo.city.kind === "closed" ? (
          <div class="notice" role="alert">
            <p>{words.closed[language]}</p>
            <p>
              <small>{demo.city.cause}</small>
            </p>
            <button type="button" onClick={actions.open}>
              {words.again[language]}
            </button>
          </div>
        ) : null}
        {demo.terminals.map((terminal) => (
          <TerminalCard key={terminal.slot} terminal={terminal} {...props} />
        ))}
      </main>
    </div>
  );
};

const Phone = ({ demo, language }: PageProps) => (
  <section class="holder" aria-labelledby="phone-name">
    <h2 id="phone-name">{words.phone[language]}</h2>
    <iframe class="handset" src="/wallet/" title={words.phone[language]} data-frame="phone" />
    {demo.code === null ? (
      <p class="ticket none">{words.pickFirst[language]}</p>
    ) : (
      <p class="ticket" data-code={demo.code} draggable onDragStart={startDrag} onDragEnd={endDrag}>
        {words.dragCode[language]}
      </p>
    )}
  </section>
);

type SwitchProps = {
  readonly name: keyof typeof switchWords;
  readonly isOn: boolean;
  readonly language: Language;
  readonly onClick: () => void;
};

const Switch = ({ name, isOn, language, onClick }: SwitchProps) => {
  const { label, on, off } = switchWords[name];
  return (
    <button type="button" class="switch" role="switch" data-switch={name} aria-checked={isOn} onClick={onClick}>
      {label[language]}
      <span class="state" aria-hidden="true">
        {(isOn ? on : off)[language]}
      </span>
    </button>
  );
};

/** While something is dragged the frames let go of the pointer, so that it can be dropped on what they stand in. */
const startDrag = ({ dataTransfer }: DragEvent): void => {
  dataTransfer?.setData("text/plain", "code");
  document.documentElement.classList.add("dragging");
};

const endDrag = (): void => document.documentElement.classList.remove("dragging");
