/** What is kept and not believed, and why. */
import { quarantineAnswer } from "../../shared/admin.ts";
import { useAnswer } from "./ask.ts";
import { Loaded, type PageProps, Table } from "./parts.tsx";
import { say, sayCause, sayNumber, sayTime } from "./words.ts";

export const QuarantinePage = ({ language }: PageProps) => {
  const asked = useAnswer(quarantineAnswer, "/quarantine", 30);
  return (
    <Loaded language={language} asked={asked}>
      {({ rows, leftOut }) => (
        <>
          <Table
            language={language}
            label={say(language, "quarantine")}
            heads={(["time", "cause", "entries", "overrides", "terminal"] as const).map((word) => say(language, word))}
            rows={rows.map((row, index) => ({
              key: `${row.where} ${row.cause} ${index}`,
              cells: [
                sayTime(language, row.receivedAt),
                sayCause(language, row.cause),
                sayNumber(language, row.entries),
                row.overrides === undefined ? "" : sayNumber(language, row.overrides),
                <span key="where" class="code small">
                  {row.where}
                </span>,
              ],
            }))}
          />
          {leftOut > 0 ? <p class="quiet">+ {sayNumber(language, leftOut)}</p> : null}
        </>
      )}
    </Loaded>
  );
};
