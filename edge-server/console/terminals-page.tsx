/** How every terminal fares: what ends soon, each site at a glance, and the list, those first that need somebody. */
import { useState } from "preact/hooks";
import { type TerminalHealth, terminalPage, terminalStates } from "../../shared/admin.ts";
import { useAnswer } from "./ask.ts";
import { Badge, Choice, Field, Loaded, type PageProps, Pager, Table, usePages } from "./parts.tsx";
import { Sites } from "./sites.tsx";
import { type Language, say, sayCause, sayNumber, sayState, sayTime } from "./words.ts";

export const TerminalsPage = ({ language, operator, overview }: PageProps) => {
  const [state, setState] = useState("");
  const [site, setSite] = useState("");
  const [find, setFind] = useState("");
  const query = new URLSearchParams(
    Object.entries({ state, site, find }).filter(([, value]) => value !== ""),
  ).toString();
  return (
    <>
      <Loaded language={language} asked={overview}>
        {({ alerts, sites, behind }) => (
          <>
            {behind > 0 ? (
              <p class="notice">
                {say(language, "behind")} {sayNumber(language, behind)}
              </p>
            ) : null}
            {alerts.length > 0 ? (
              <section class="card" aria-label={say(language, "alerts")}>
                <h2>{say(language, "alerts")}</h2>
                <ul>
                  {alerts.map(({ what, name, at, severity }) => (
                    <li key={`${what} ${name}`}>
                      {sayCause(language, what)}: <span class="code">{name}</span> {sayTime(language, at)}{" "}
                      {severity === "now" ? say(language, "now") : ""}
                    </li>
                  ))}
                </ul>
              </section>
            ) : null}
            <Sites
              language={language}
              operator={operator}
              sites={sites}
              chosen={site}
              onChoose={setSite}
              onPlaced={overview.again}
            />
          </>
        )}
      </Loaded>
      <div class="row">
        <Field label={say(language, "find")} value={find} lengthMax={100} onChange={setFind} />
        <Choice
          label={say(language, "state")}
          value={state}
          choices={[
            { value: "", text: say(language, "all") },
            ...terminalStates.map((value) => ({ value, text: sayState(language, value) })),
          ]}
          onChange={setState}
        />
      </div>
      <TerminalList key={query} language={language} query={query} />
    </>
  );
};

const TerminalList = ({ language, query }: { readonly language: Language; readonly query: string }) => {
  const pages = usePages<string>();
  const after = pages.at === null ? "" : `&after=${encodeURIComponent(pages.at)}`;
  const asked = useAnswer(terminalPage, `/terminals?${query}${after}`, 10);
  return (
    <Loaded language={language} asked={asked}>
      {({ total, rows, next }) => (
        <>
          <h2>
            {say(language, "terminals")}: {sayNumber(language, total)}
          </h2>
          <Table
            language={language}
            label={say(language, "terminals")}
            isTurned={pages.isTurned}
            heads={["terminal", "state", "seen", "pending", "ordinaryFrom", "version", "p95"].map((word) =>
              say(language, word as "state"),
            )}
            rows={rows.map((row) => ({ key: row.id, cells: cellsOf(language, row) }))}
          />
          <Pager language={language} pages={pages} next={next} />
        </>
      )}
    </Loaded>
  );
};

const cellsOf = (language: Language, row: TerminalHealth) => [
  <>
    <strong>{row.name}</strong>
    <div class="small quiet code">
      {row.site} · {row.id}
    </div>
  </>,
  <>
    <Badge language={language} state={row.state} />
    <div class="small">{row.causes.map((cause) => sayCause(language, cause)).join(", ")}</div>
    {row.alarms.map((alarm) => (
      <div key={alarm} class="small quiet" lang="en">
        {alarm}
      </div>
    ))}
  </>,
  sayTime(language, row.lastSeenAt),
  row.pending === null ? "–" : sayNumber(language, row.pending),
  sayTime(language, row.ordinaryFrom),
  `${row.app ?? "–"} / ${row.manifest ?? "–"}`,
  row.p95 === null ? "–" : `${Math.round(row.p95)} ms`,
];
