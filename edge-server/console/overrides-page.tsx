/** Who let whom through, and why: the queue of what nobody has looked at yet, with its evidence beside it. */
import { useState } from "preact/hooks";
import {
  type EntryAnswer,
  entryAnswer,
  mayActAs,
  type OverrideRow,
  overridePage,
  quarantineAnswer,
  reviewRow,
  type Verdict,
  verdicts,
} from "../../shared/admin.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { EntryCard } from "./entry-card.tsx";
import { Badge, Choice, Field, Loaded, Notice, type PageProps, Pager, Table, usePages } from "./parts.tsx";
import { say, sayApart, sayPattern, sayState, sayTime } from "./words.ts";
import { sayEffect, sayReason } from "./words-log.ts";

export const OverridesPage = ({ language, operator }: PageProps) => {
  const [state, setState] = useState("open");
  const pages = usePages<number>();
  const [chosen, setChosen] = useState<{ readonly row: OverrideRow; readonly entry: EntryAnswer } | null>(null);
  const [note, setNote] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const query = `${state === "" ? "?" : `?state=${state}`}${pages.at === null ? "" : `&before=${pages.at}`}`;
  const asked = useAnswer(overridePage, `/overrides${query}`, 10);
  const apart = useAnswer(quarantineAnswer, "/quarantine", 30).value?.overrides ?? 0;

  const open = async (row: OverrideRow): Promise<void> => {
    const { terminal, epoch, seq } = row.of;
    const answer = await ask(entryAnswer, `/transactions/${encodeURIComponent(terminal)}/${epoch}/${seq}`);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    setChosen(answer.kind === "answered" ? { row, entry: answer.value } : null);
  };
  const review = async ({ of }: OverrideRow, verdict: Verdict): Promise<void> => {
    const answer = await ask(reviewRow, "/reviews", "POST", { of, verdict, note });
    if (answer.kind === "failed") return setTrouble(answer.trouble);
    setNote("");
    setChosen(null);
    asked.again();
  };

  return (
    <>
      <Choice
        label={say(language, "state")}
        value={state}
        choices={[
          ...["open", ...verdicts].map((value) => ({ value, text: sayState(language, value as Verdict) })),
          { value: "", text: say(language, "all") },
        ]}
        onChange={(value) => {
          setState(value);
          pages.begin();
        }}
      />
      <Notice language={language} trouble={trouble} />
      {apart === 0 ? null : (
        <p class="notice" role="status" data-apart={apart}>
          {sayApart(language, apart)}
        </p>
      )}
      {chosen === null ? null : (
        <div class="field">
          <EntryCard language={language} entry={chosen.entry} />
          <div class="row">
            {mayActAs(operator.role, "operator") ? (
              <>
                <Field label={say(language, "note")} value={note} lengthMax={500} onChange={setNote} />
                {verdicts.map((verdict) => (
                  <button key={verdict} type="button" onClick={() => void review(chosen.row, verdict)}>
                    {say(language, verdict)}
                  </button>
                ))}
              </>
            ) : null}
            <button type="button" onClick={() => setChosen(null)}>
              {say(language, "close")}
            </button>
          </div>
        </div>
      )}
      <Loaded language={language} asked={asked}>
        {({ rows, next }) => (
          <>
            <Table
              language={language}
              label={say(language, "overrides")}
              isTurned={pages.isTurned}
              heads={["time", "site", "what", "reason", "staff", "state", "evidence"].map((word) =>
                say(language, word as "time"),
              )}
              rows={rows.map((row) => ({
                key: String(row.number),
                cells: [
                  sayTime(language, row.at),
                  row.site ?? row.of.terminal,
                  <>
                    {sayEffect(language, row.effect)}
                    {row.patterns.map((pattern) => (
                      <div key={pattern} class="small">
                        {sayPattern(language, pattern)}
                      </div>
                    ))}
                  </>,
                  sayReason(language, row.reason, row.reasonName),
                  <span key="staff" class="code small">
                    {row.staff.map((each) => each.slice(0, 8)).join(", ")}
                  </span>,
                  <Badge key="state" language={language} state={row.state} />,
                  <button key="open" type="button" onClick={() => void open(row)}>
                    {say(language, "evidence")}
                  </button>,
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
