/** The public page: a code, the rules that held, an objection, its answer. Everything it knows is gone when it is closed. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import {
  type CaseAnswer,
  caseAnswer,
  objectionAnswer,
  saidCharactersMax,
  type WhyAnswer,
  whyAnswer,
} from "../../shared/why.ts";
import { formatMoment } from "../ui/format.ts";
import { type Language, otherLanguage, tagOf } from "../ui/language.ts";
import { words as terminalWords } from "../ui/words.ts";
import { type Answer, ask } from "./ask.ts";
import { RulesCard } from "./rules.tsx";
import { charactersLeft, inSeconds, outcomes, troubleOf, words } from "./words.ts";

type Failed = Extract<Answer<unknown>, { readonly kind: "failed" }>;

type PageProps = { readonly code: string; readonly language: Language; readonly onLanguage: (next: Language) => void };

export const Page = ({ code: first, language, onLanguage }: PageProps) => {
  const [code, setCode] = useState(first);
  const [why, setWhy] = useState<WhyAnswer | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const look = async (): Promise<void> => {
    const answer = await ask(whyAnswer, "/why", { code });
    setWhy(answer.kind === "answered" ? answer.value : null);
    setFailed(answer.kind === "failed" ? answer : null);
  };
  return (
    <div class="why-page">
      <header class="bar">
        <span class="brand">Greenlane</span>
        <button
          type="button"
          class="quiet"
          lang={tagOf[otherLanguage(language)]}
          onClick={() => onLanguage(otherLanguage(language))}
        >
          {terminalWords.inOtherLanguage[language]}
        </button>
      </header>
      <main>
        <h1>{words.title[language]}</h1>
        <p class="soft">{words.about[language]}</p>
        <Asking action="look" label={words.look[language]} onAsk={look}>
          <Line name="code" label={words.code[language]} value={code} example="7KQM-3F2-9XT4" onChange={setCode} />
        </Asking>
        <Trouble failed={failed} language={language} />
        {why === null ? null : (
          <>
            <RulesCard why={why} language={language} />
            <Objecting key={why.code} code={why.code} language={language} />
          </>
        )}
        <Reading code={why?.code ?? code} language={language} />
      </main>
    </div>
  );
};

const Objecting = ({ code, language }: { readonly code: string; readonly language: Language }) => {
  const [text, setText] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const send = async (): Promise<void> => {
    const answer = await ask(objectionAnswer, "/objections", { code, text });
    if (answer.kind === "failed") return setFailed(answer);
    setFailed(null);
    setSecret(answer.value.secret);
  };
  if (secret !== null) {
    return (
      <section class="card" role="status" data-case>
        <h2>{words.opened[language]}</h2>
        <p>{words.secretAbout[language]}</p>
        <p class="secret" lang="en" data-secret={secret}>
          {secret.split("-").map((group) => (
            <span key={group}>{group} </span>
          ))}
        </p>
      </section>
    );
  }
  return (
    <details class="card">
      <summary>{words.object[language]}</summary>
      <p class="soft">{words.objectAbout[language]}</p>
      <Asking action="object" label={words.send[language]} onAsk={send}>
        <label class="field">
          {words.text[language]}
          <textarea
            name="text"
            rows={5}
            value={text}
            maxLength={saidCharactersMax}
            required
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <small>{charactersLeft[language](saidCharactersMax - text.length)}</small>
        </label>
      </Asking>
      <Trouble failed={failed} language={language} />
    </details>
  );
};

const Reading = ({ code, language }: { readonly code: string; readonly language: Language }) => {
  const [secret, setSecret] = useState("");
  const [found, setFound] = useState<CaseAnswer | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const read = async (): Promise<void> => {
    const answer = await ask(caseAnswer, "/objections/answers", { code, secret });
    setFound(answer.kind === "answered" ? answer.value : null);
    setFailed(answer.kind === "failed" ? answer : null);
  };
  return (
    <section class="card">
      <h2>{words.answerTitle[language]}</h2>
      <Asking action="read" label={words.read[language]} onAsk={read}>
        <Line
          name="secret"
          label={words.secret[language]}
          value={secret}
          example="XXXX XXXX XXXX XXXX XXXX XXXX"
          onChange={setSecret}
        />
      </Asking>
      <Trouble failed={failed} language={language} />
      {found === null ? null : <Case found={found} language={language} />}
    </section>
  );
};

const Case = ({ found, language }: { readonly found: CaseAnswer; readonly language: Language }) => (
  <div role="status" data-answer={found.answer?.outcome ?? "waiting"}>
    <h3>
      {words.yours[language]} · {formatMoment(found.at, language)}
    </h3>
    <p class="said">{found.text ?? words.erased[language]}</p>
    {found.answer === null ? (
      <p>{words.waiting[language]}</p>
    ) : (
      <>
        <h3>
          {words.answered[language]} · {formatMoment(found.answer.at, language)}
        </h3>
        <p>
          <strong>{outcomes[found.answer.outcome][language]}</strong>
        </p>
        <p class="said">{found.answer.text ?? words.erased[language]}</p>
      </>
    )}
  </div>
);

type AskingProps = {
  readonly action: string;
  readonly label: string;
  readonly onAsk: () => Promise<void>;
  readonly children: ComponentChildren;
};

/** One question at a time. */
const Asking = ({ action, label, onAsk, children }: AskingProps) => {
  const [isAsking, setAsking] = useState(false);
  return (
    <form
      data-form={action}
      onSubmit={(event) => {
        event.preventDefault();
        if (isAsking) return;
        setAsking(true);
        void onAsk().finally(() => setAsking(false));
      }}
    >
      {children}
      <button type="submit" class="main" aria-disabled={isAsking}>
        {label}
      </button>
    </form>
  );
};

type LineProps = {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly example: string;
  readonly onChange: (value: string) => void;
};

const Line = ({ name, label, value, example, onChange }: LineProps) => (
  <label class="field">
    {label}
    <input
      type="text"
      name={name}
      value={value}
      maxLength={40}
      required
      autoComplete="off"
      autoCapitalize="characters"
      spellcheck={false}
      placeholder={example}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  </label>
);

const Trouble = ({ failed, language }: { readonly failed: Failed | null; readonly language: Language }) =>
  failed === null ? null : (
    <p class="notice" role="alert" data-trouble={failed.word}>
      {troubleOf(failed.word)[language]} {failed.retrySeconds > 0 && inSeconds[language](failed.retrySeconds)}
    </p>
  );
