/** One entry with all that it rests on: its words, what it answers, and what reviewers said. Nobody is in it. */
import type { EntryAnswer } from "../../shared/admin.ts";
import { type Language, say, sayCause, sayState, sayTime } from "./words.ts";

export const EntryCard = ({ language, entry }: { readonly language: Language; readonly entry: EntryAnswer }) => (
  <section class="card" aria-label={say(language, "evidence")}>
    <h2>
      {sayCause(language, entry.row.word)} · <span class="code">{entry.row.code}</span>
    </h2>
    <p class="small code quiet">
      {entry.row.of.terminal} / {entry.row.of.seq} · {sayTime(language, entry.row.at)} · {entry.hash.slice(0, 16)}
    </p>
    <Written language={language} label={say(language, "what")} written={entry.transaction} />
    {entry.note === null ? null : (
      <p>
        {say(language, "written")}: <strong>{entry.note}</strong>
      </p>
    )}
    {entry.answers.map((answered) => (
      <div key={answered.row.code} class="field">
        <h3>
          {say(language, "answers")}: {sayCause(language, answered.row.word)}{" "}
          <span class="code">{answered.row.code}</span>
        </h3>
        <Written
          language={language}
          label={`${say(language, "answers")} ${answered.row.code}`}
          written={answered.transaction}
        />
      </div>
    ))}
    {entry.policy === null ? null : (
      <p>
        {say(language, "objection")}: {entry.policy.objection[language]}
      </p>
    )}
    {entry.reviews.map(({ at, by, verdict, note }) => (
      <p key={at}>
        {sayTime(language, at)} {by}: <strong>{sayState(language, verdict)}</strong> {note}
      </p>
    ))}
  </section>
);

const Written = ({
  language,
  label,
  written,
}: {
  readonly language: Language;
  readonly label: string;
  readonly written: EntryAnswer["transaction"];
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard.
  <section class="written" tabIndex={0} aria-label={label}>
    <pre lang="en">{written === null ? say(language, "nothing") : JSON.stringify(written, null, 1)}</pre>
  </section>
);
