/** What citizens object to, and the answer, given once. Beside each case: the entry that it is about, with nobody in it. */
import { useState } from "preact/hooks";
import { type CaseView, casePage, caseView, mayActAs } from "../../shared/admin.ts";
import { type ObjectionOutcome, objectionOutcomes } from "../../shared/objection.ts";
import { saidCharactersMax } from "../../shared/why.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { EntryCard } from "./entry-card.tsx";
import { Choice, Loaded, Notice, type PageProps, Pager, Table, usePages } from "./parts.tsx";
import { type Language, say, sayOutcome, sayTime } from "./words.ts";

export const ObjectionsPage = ({ language, operator }: PageProps) => {
  const [state, setState] = useState("open");
  const pages = usePages<number>();
  const [chosen, setChosen] = useState<CaseView | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const query = `${state === "" ? "?" : `?state=${state}`}${pages.at === null ? "" : `&before=${pages.at}`}`;
  const asked = useAnswer(casePage, `/objections${query}`, 10);

  const open = async (number: number): Promise<void> => {
    const answer = await ask(caseView, `/objections/${number}`);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    setChosen(answer.kind === "answered" ? answer.value : null);
  };
  const give = async (number: number, outcome: ObjectionOutcome, text: string): Promise<void> => {
    const answer = await ask(caseView, `/objections/${number}`, "POST", { outcome, text });
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    if (answer.kind === "failed") return;
    setChosen(answer.value);
    asked.again();
  };

  return (
    <>
      <Choice
        label={say(language, "state")}
        value={state}
        choices={[
          { value: "open", text: say(language, "unanswered") },
          { value: "answered", text: say(language, "answered") },
          { value: "", text: say(language, "all") },
        ]}
        onChange={(value) => {
          setState(value);
          pages.begin();
        }}
      />
      <Notice language={language} trouble={trouble} />
      {chosen === null ? null : (
        <CaseCard
          key={chosen.row.number}
          language={language}
          found={chosen}
          onAnswer={(outcome, text) => give(chosen.row.number, outcome, text)}
          onClose={() => setChosen(null)}
        />
      )}
      <Loaded language={language} asked={asked}>
        {({ rows, next }) => (
          <>
            <Table
              language={language}
              label={say(language, "objections")}
              isTurned={pages.isTurned}
              heads={[
                say(language, "time"),
                say(language, "code"),
                say(language, "byWhom"),
                say(language, "state"),
                say(language, "case"),
              ]}
              rows={rows.map((row) => ({
                key: String(row.number),
                cells: [
                  sayTime(language, row.at),
                  <span key="code" class="code">
                    {row.code}
                  </span>,
                  say(language, row.isOwn ? "own" : "byCode"),
                  row.outcome === null ? say(language, "unanswered") : sayOutcome(language, row.outcome),
                  mayActAs(operator.role, "operator") ? (
                    <button key="open" type="button" onClick={() => void open(row.number)}>
                      {say(language, "open")}
                    </button>
                  ) : null,
                ],
              }))}
            />
            <Pager language={language} pages={pages} next={next} />
          </>
        )}
      </Loaded>
    </>
  );
};

type CaseCardProps = {
  readonly language: Language;
  readonly found: CaseView;
  readonly onAnswer: (outcome: ObjectionOutcome, text: string) => Promise<void>;
  readonly onClose: () => void;
};

const CaseCard = ({ language, found, onAnswer, onClose }: CaseCardProps) => {
  const { row, text, entry, answer } = found;
  return (
    <section class="card" data-case={row.number} aria-label={`${say(language, "case")} ${row.number}`}>
      <h2>
        {say(language, row.isOwn ? "own" : "byCode")} · <span class="code">{row.code}</span>
      </h2>
      <p class="said">{text ?? say(language, "erased")}</p>
      {answer === null ? (
        <AnswerForm language={language} isOwn={row.isOwn} onAnswer={onAnswer} />
      ) : (
        <p class="said">
          {sayTime(language, answer.at)} {answer.by}: <strong>{sayOutcome(language, answer.outcome)}</strong>
          {"\n"}
          {answer.text ?? say(language, "erased")}
        </p>
      )}
      <button type="button" onClick={onClose}>
        {say(language, "close")}
      </button>
      {entry === null ? null : <EntryCard language={language} entry={entry} />}
    </section>
  );
};

type AnswerFormProps = Pick<CaseCardProps, "language" | "onAnswer"> & { readonly isOwn: boolean };

const AnswerForm = ({ language, isOwn, onAnswer }: AnswerFormProps) => {
  const [outcome, setOutcome] = useState<ObjectionOutcome>("stands");
  const [text, setText] = useState("");
  const [isSending, setSending] = useState(false);
  return (
    <form
      class="answer"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSending) return;
        setSending(true);
        void onAnswer(outcome, text).finally(() => setSending(false));
      }}
    >
      <p class="notice">{say(language, isOwn ? "ownAbout" : "byCodeAbout")}</p>
      <Choice
        label={say(language, "outcome")}
        value={outcome}
        choices={objectionOutcomes.map((value) => ({ value, text: sayOutcome(language, value) }))}
        onChange={(value) => setOutcome(objectionOutcomes.find((each) => each === value) ?? "stands")}
      />
      <label class="field">
        {say(language, "answer")}
        <textarea
          rows={4}
          required
          maxLength={saidCharactersMax}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit" class="main-button" aria-disabled={isSending}>
        {say(language, "giveAnswer")}
      </button>
    </form>
  );
};
