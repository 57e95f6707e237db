/** Each site at a glance: on the map, and in the list beside it, which also chooses whose terminals are shown. */
import { useState } from "preact/hooks";
import {
  mayActAs,
  type OperatorAnswer,
  type Position,
  position,
  type SiteRow,
  siteAnswer,
  terminalStates,
} from "../../shared/admin.ts";
import { readAnswer } from "../../shared/messages.ts";
import { ask, type Trouble } from "./ask.ts";
import { Field, Notice } from "./parts.tsx";
import { SiteMap, SiteMark, stateOfSite } from "./site-map.tsx";
import { type Language, say, sayState } from "./words.ts";

type SitesProps = {
  readonly language: Language;
  readonly operator: OperatorAnswer;
  readonly sites: readonly SiteRow[];
  readonly chosen: string;
  readonly onChoose: (site: string) => void;
  readonly onPlaced: () => void;
};

export const Sites = ({ language, operator, sites, chosen, onChoose, onPlaced }: SitesProps) => {
  const known = sites.find(({ site }) => site === chosen);
  return (
    <section class="sites" aria-label={say(language, "sites")}>
      <h2>{say(language, "sites")}</h2>
      <SiteMap language={language} sites={sites} chosen={chosen} />
      <ul class="site-list">
        {sites.map((each) => (
          <li key={`${each.programme} ${each.site}`}>
            <button
              type="button"
              aria-pressed={chosen === each.site}
              onClick={() => onChoose(chosen === each.site ? "" : each.site)}
            >
              <SiteMark state={stateOfSite(each)} />
              <strong>{each.site}</strong>
              {terminalStates
                .filter((word) => each.states[word] > 0)
                .map((word) => (
                  <span key={word} class="badge" data-state={word}>
                    {each.states[word]} {sayState(language, word)}
                  </span>
                ))}
              {each.at === null ? <span class="small quiet">{say(language, "noPosition")}</span> : null}
            </button>
          </li>
        ))}
      </ul>
      {known !== undefined && mayActAs(operator.role, "operator") ? (
        <PlaceForm key={known.site} language={language} row={known} onPlaced={onPlaced} />
      ) : null}
    </section>
  );
};

type PlaceFormProps = { readonly language: Language; readonly row: SiteRow; readonly onPlaced: () => void };

const PlaceForm = ({ language, row, onPlaced }: PlaceFormProps) => {
  const [text, setText] = useState(row.at === null ? "" : `${row.at.lat}, ${row.at.lon}`);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const send = async (): Promise<void> => {
    const at = text.trim() === "" ? null : readPosition(text);
    if (at === "invalid") return setTrouble({ word: "no-position", detail: "", retrySeconds: 0 });
    const answer = await ask(siteAnswer, "/sites", "POST", { site: row.site, at });
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    onPlaced();
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Field label={`${row.site}: ${say(language, "position")}`} value={text} lengthMax={40} onChange={setText} />
      <button type="submit">{say(language, "save")}</button>
      <Notice language={language} trouble={trouble} />
    </form>
  );
};

const readPosition = (text: string): Position | "invalid" => {
  const [, lat, lon] = /^\s*(-?[\d.]+)\s*[,，\s]\s*(-?[\d.]+)\s*$/.exec(text) ?? [];
  return readAnswer(position, { lat: Number(lat), lon: Number(lon) }) ?? "invalid";
};
