/** Exports of the ledger: one at a time, with how far it is; it goes on when this page is closed. */
import { useState } from "preact/hooks";
import { exportJob, exportsAnswer } from "../../shared/admin.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { Choice, Loaded, Notice, type PageProps, Table } from "./parts.tsx";
import { say, sayNumber, sayTime } from "./words.ts";

export const ExportsPage = ({ language }: PageProps) => {
  const asked = useAnswer(exportsAnswer, "/exports", 1);
  const [format, setFormat] = useState("ndjson");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const begin = async (): Promise<void> => {
    const answer = await ask(exportJob, "/exports", "POST", { format, since: null });
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    asked.again();
  };
  return (
    <>
      <div class="row">
        <Choice
          label={say(language, "format")}
          value={format}
          choices={["ndjson", "csv"].map((value) => ({ value, text: value }))}
          onChange={setFormat}
        />
        <button type="button" class="main-button" onClick={() => void begin()}>
          {say(language, "begin")}
        </button>
      </div>
      <Notice language={language} trouble={trouble} />
      <Loaded language={language} asked={asked}>
        {({ jobs }) => (
          <Table
            language={language}
            label={say(language, "exports")}
            heads={["time", "format", "state", "entries", "download"].map((word) => say(language, word as "time"))}
            rows={jobs.map((job) => ({
              key: String(job.number),
              cells: [
                sayTime(language, job.at),
                job.format,
                <>
                  {say(language, job.state)} <span lang="en">{job.cause}</span>
                  {job.state === "running" ? (
                    <progress max={Math.max(1, job.total)} value={job.entries} aria-label={say(language, "running")} />
                  ) : null}
                </>,
                sayNumber(language, job.entries),
                job.state === "done" ? (
                  <a class="link" href={`/v1/admin/exports/${job.number}`} download>
                    {say(language, "download")}
                  </a>
                ) : (
                  ""
                ),
              ],
            }))}
          />
        )}
      </Loaded>
    </>
  );
};
