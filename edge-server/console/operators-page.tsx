/** Who may open the console, how somebody comes in or goes, and what was done. */
import { useState } from "preact/hooks";
import {
  actPage,
  type InviteAnswer,
  inviteAnswer,
  operatorRoles,
  operatorRow,
  operatorsAnswer,
} from "../../shared/admin.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { Badge, Choice, Field, Loaded, Notice, type PageProps, Pager, Table, usePages } from "./parts.tsx";
import { say, sayTime } from "./words.ts";
import { sayAct, sayRole } from "./words-log.ts";

export const OperatorsPage = ({ language, operator }: PageProps) => {
  const asked = useAnswer(operatorsAnswer, "/operators", 30);
  const pages = usePages<number>();
  const acts = useAnswer(actPage, `/acts${pages.at === null ? "" : `?before=${pages.at}`}`, 30);
  const [name, setName] = useState("");
  const [role, setRole] = useState("operator");
  const [made, setMade] = useState<InviteAnswer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const invite = async (): Promise<void> => {
    const answer = await ask(inviteAnswer, "/operators", "POST", { name, role });
    setMade(answer.kind === "answered" ? answer.value : null);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    acts.again();
  };
  const end = async (who: string): Promise<void> => {
    const answer = await ask(operatorRow, `/operators/${who}`, "DELETE");
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    asked.again();
    acts.again();
  };
  return (
    <>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <Field label={say(language, "name")} value={name} lengthMax={32} onChange={setName} />
        <Choice
          label={say(language, "role")}
          value={role}
          choices={operatorRoles.map((value) => ({ value, text: sayRole(language, value) }))}
          onChange={setRole}
        />
        <button type="submit" class="main-button">
          {say(language, "invite")}
        </button>
      </form>
      <Notice language={language} trouble={trouble} />
      {made === null ? null : <p class="card code">{made.link}</p>}
      <Loaded language={language} asked={asked}>
        {({ operators }) => (
          <Table
            language={language}
            label={say(language, "operators")}
            heads={["who", "role", "state", "end"].map((word) => say(language, word as "who"))}
            rows={operators.map((each) => ({
              key: each.name,
              cells: [
                each.name,
                sayRole(language, each.role),
                <Badge key="state" language={language} state={each.state} />,
                each.state === "active" && each.name !== operator.name ? (
                  <button type="button" onClick={() => void end(each.name)}>
                    {say(language, "end")}
                  </button>
                ) : (
                  ""
                ),
              ],
            }))}
          />
        )}
      </Loaded>
      <h2>{say(language, "acts")}</h2>
      <Loaded language={language} asked={acts}>
        {({ rows, next }) => (
          <>
            <Table
              language={language}
              label={say(language, "acts")}
              isTurned={pages.isTurned}
              heads={["time", "who", "what", "about"].map((word) => say(language, word as "time"))}
              rows={rows.map((row) => ({
                key: String(row.number),
                cells: [
                  sayTime(language, row.at),
                  row.by,
                  sayAct(language, row.act),
                  <span key="what" class="code small">
                    {row.what}
                  </span>,
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
