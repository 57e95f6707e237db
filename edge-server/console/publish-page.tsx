/** Publishes a policy or a score list: what is proposed, what it would have changed in the recorded past, and the yes to it. */
import { useState } from "preact/hooks";
import { mayActAs } from "../../shared/admin.ts";
import {
  packsAnswer,
  type RehearsalRow,
  rehearsalRow,
  rehearsalsAnswer,
  rehearsedDays,
} from "../../shared/rehearsal.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { ListForm } from "./list-form.tsx";
import { PackForm } from "./pack-form.tsx";
import { Choice, Loaded, Notice, type PageProps } from "./parts.tsx";
import { RehearsalResult } from "./rehearsal-result.tsx";
import { type Language, sayTime } from "./words.ts";
import { sayPublish } from "./words-publish.ts";

export const PublishPage = ({ language, operator }: PageProps) => {
  const packs = useAnswer(packsAnswer, "/packs", 30);
  const known = useAnswer(rehearsalsAnswer, "/rehearsals", 1);
  const [kind, setKind] = useState<"policy" | "list">("policy");
  const [days, setDays] = useState<number>(rehearsedDays[0]);
  const newest = known.value?.rehearsals[0];
  const isBusy = newest !== undefined && isUnderWay(newest);
  const begun = (): void => known.again();
  return (
    <>
      <p class="quiet">{sayPublish(language, "about")}</p>
      <div class="row">
        <Choice
          label={sayPublish(language, "kind")}
          value={kind}
          choices={(["policy", "list"] as const).map((value) => ({ value, text: sayPublish(language, value) }))}
          onChange={(value) => setKind(value === "list" ? "list" : "policy")}
        />
        <Choice
          label={sayPublish(language, "days")}
          value={String(days)}
          choices={rehearsedDays.map((each) => ({ value: String(each), text: sayPublish(language, `days${each}`) }))}
          onChange={(value) => setDays(Number(value))}
        />
      </div>
      <Loaded language={language} asked={packs}>
        {({ packs: rows }) => {
          const given = { language, packs: rows, days, isBusy, onBegun: begun };
          return kind === "policy" ? <PackForm {...given} /> : <ListForm {...given} />;
        }}
      </Loaded>
      <Loaded language={language} asked={known}>
        {({ rehearsals }) =>
          rehearsals.map((row, index) => (
            <RehearsalCard
              key={row.number}
              language={language}
              row={row}
              isNewest={index === 0}
              mayPublish={mayActAs(operator.role, "administrator")}
              onChanged={() => {
                known.again();
                packs.again();
              }}
            />
          ))
        }
      </Loaded>
    </>
  );
};

const isUnderWay = ({ state }: RehearsalRow): boolean => state === "reading" || state === "running";

type CardProps = {
  readonly language: Language;
  readonly row: RehearsalRow;
  readonly mayPublish: boolean;
  readonly onChanged: () => void;
};

const RehearsalCard = ({
  language,
  row,
  isNewest,
  mayPublish,
  onChanged,
}: CardProps & { readonly isNewest: boolean }) => {
  const [isAsked, setAsked] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const cancel = async (): Promise<void> => {
    const answer = await ask(rehearsalRow, `/rehearsals/${row.number}`, "DELETE");
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    onChanged();
  };
  const isOver = row.state === "done" || row.state === "published";
  const isShown = isNewest || isAsked;
  const title =
    row.list === null
      ? `${row.programme} ${row.version === null ? "" : `${sayPublish(language, "version")} ${row.version}`}`
      : `${row.programme} / ${row.list}`;
  return (
    <section class="card" aria-label={`${row.number} ${title}`} data-rehearsal={row.state}>
      <h2>{title}</h2>
      <p class="quiet">
        {sayTime(language, row.at)}, {sayPublish(language, "by")} {row.by}
      </p>
      <p role="status">
        <strong>{sayPublish(language, row.state)}</strong>
        {row.bundle === null ? null : `, ${sayPublish(language, "inForce")} ${row.bundle}`}{" "}
        <span lang="en">{row.cause}</span>
      </p>
      {isUnderWay(row) ? (
        <div class="row level">
          <progress
            aria-label={sayPublish(language, row.state)}
            max={Math.max(1, row.total)}
            value={Math.min(row.done, row.total)}
          />
          <button type="button" onClick={() => void cancel()}>
            {sayPublish(language, "cancel")}
          </button>
        </div>
      ) : null}
      <Notice language={language} trouble={trouble} />
      {isOver && !isShown ? (
        <div class="row">
          <button type="button" onClick={() => setAsked(true)}>
            {sayPublish(language, "show")}
          </button>
        </div>
      ) : null}
      {isOver && isShown ? (
        <>
          {row.listsToPublishAnew.length === 0 ? null : (
            <p class="notice">
              {sayPublish(language, "anew")} {row.listsToPublishAnew.join(", ")}
            </p>
          )}
          <RehearsalResult language={language} number={row.number} />
        </>
      ) : null}
      {row.state === "done" && isShown ? (
        <Publication language={language} row={row} mayPublish={mayPublish} onChanged={onChanged} />
      ) : null}
    </section>
  );
};

const Publication = ({ language, row, mayPublish, onChanged }: CardProps) => {
  const [isAsked, setAsked] = useState(false);
  const [isSent, setSent] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const publish = async (): Promise<void> => {
    setSent(true);
    const answer = await ask(rehearsalRow, `/rehearsals/${row.number}/publication`, "POST", {
      sha256: row.sha256,
    });
    setSent(false);
    setAsked(false);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    onChanged();
  };
  if (!mayPublish) return <p class="quiet">{sayPublish(language, "administrator")}</p>;
  return (
    <>
      <Notice language={language} trouble={trouble} />
      {isAsked ? (
        <fieldset class="card">
          <legend>
            <strong>{sayPublish(language, "really")}</strong>
          </legend>
          <p>{sayPublish(language, "reallyAbout")}</p>
          <p class="code small">{row.sha256}</p>
          <div class="row">
            <button type="button" class="main-button" disabled={isSent} onClick={() => void publish()}>
              {sayPublish(language, "yes")}
            </button>
            <button type="button" disabled={isSent} onClick={() => setAsked(false)}>
              {sayPublish(language, "back")}
            </button>
          </div>
        </fieldset>
      ) : (
        <div class="row">
          <button type="button" class="main-button" onClick={() => setAsked(true)}>
            {sayPublish(language, "publish")}
          </button>
        </div>
      )}
    </>
  );
};
