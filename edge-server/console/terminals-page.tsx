/** How every terminal fares: what ends soon, each site at a glance, and the list, those first that need somebody. */
import { useState } from "preact/hooks";
import { overviewAnswer, type TerminalHealth, terminalPage, terminalStates } from "../../shared/admin.ts";
import { ask, useAnswer } from "./ask.ts";
import { Badge, Choice, Field, Loaded, type PageProps, Table } from "./parts.tsx";
import { Sites } from "./sites.tsx";
import { type Language, say, sayCause, sayNumber, sayState, sayTime } from "./words.ts";

export const TerminalsPage = ({ language, operator }: PageProps) => {
  const [state, setState] = useState("");
  const [site, setSite] = useState("");
  const [find, setFind] = useState("");
  const overview = useAnswer(overviewAnswer, "/overview", 10);
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
  const first = useAnswer(terminalPage, `/terminals?${query}`, 10);
  const [later, setLater] = useState<{ readonly rows: readonly TerminalHealth[]; readonly next: string | null } | null>(
    null,
  );
  const next = later === null ? (first.value?.next ?? null) : later.next;
  const load = async (after: string): Promise<void> => {
    const answer = await ask(terminalPage, `/terminals?${query}&after=${encodeURIComponent(after)}`);
    if (answer.kind === "answered")
      setLater({ rows: [...(later?.rows ?? []), ...answer.value.rows], next: answer.value.next });
  };
  return (
    <Loaded language={language} asked={first}>
      {({ total, rows }) => (
        <>
          <h2>
            {say(language, "terminals")}: {sayNumber(language, total)}
          </h2>
          <Table
            language={language}
            label={say(language, "terminals")}
            heads={["terminal", "state", "seen", "pending", "ordinaryFrom", "version", "p95"].map((word) =>
              say(language, word as "state"),
            )}
            rows={[...rows, ...(later?.rows ?? [])].map((row) => ({ key: row.id, cells: cellsOf(language, row) }))}
          />
          {next === null ? null : (
            <button type="button" onClick={() => void load(next)}>
              {say(language, "more")}
            </button>
          )}
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
