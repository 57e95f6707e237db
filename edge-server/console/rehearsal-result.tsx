/** What came out of a rehearsal: counts, terms, money, receipts. */
import {
  type ListChange,
  type Rehearsal,
  type Rehearsed,
  type RehearsedService,
  rehearsal,
} from "../../shared/rehearsal.ts";
import { useAnswer } from "./ask.ts";
import { Loaded, Table } from "./parts.tsx";
import { type Language, sayNumber } from "./words.ts";
import { sayName } from "./words-names.ts";
import { type PublishWord, sayChange, sayDirection, sayMoney, sayPublish, sayStanding } from "./words-publish.ts";

type ResultProps = { readonly language: Language; readonly number: number };

export const RehearsalResult = ({ language, number }: ResultProps) => {
  const asked = useAnswer(rehearsal, `/rehearsals/${number}`, 60);
  return (
    <Loaded language={language} asked={asked}>
      {({ list, change, result }: Rehearsal) => (
        <>
          {change === null ? null : <ChangeOfList language={language} change={change} />}
          {result === null ? (
            <p class="quiet">{list === null ? null : sayPublish(language, "noEstimate")}</p>
          ) : (
            <Outcome language={language} result={result} />
          )}
        </>
      )}
    </Loaded>
  );
};

const ChangeOfList = ({ language, change }: { readonly language: Language; readonly change: ListChange }) => {
  const word = (name: PublishWord): string => sayPublish(language, name);
  const { moved } = change;
  const figures = [
    ["rows", change.rows],
    ...(moved === null ? [] : (["added", "removed", "changed"] as const).map((name) => [name, moved[name]] as const)),
    ["restrictions", change.restrictions],
  ] as const;
  return (
    <>
      <ul class="row">
        {figures.map(([name, value]) => (
          <li key={name} class="badge">
            {word(name)}: {sayNumber(language, value)}
          </li>
        ))}
      </ul>
      {moved === null ? <p class="notice">{word("otherCuts")}</p> : null}
      <div class="beside">
        <Table
          language={language}
          label={word("places")}
          heads={[word("standing"), word("before"), word("after")]}
          rows={change.standings.map(({ standing, before, after }) => ({
            key: standing,
            cells: [sayStanding(language, standing), sayNumber(language, before), sayNumber(language, after)],
          }))}
        />
        {change.services.length === 0 ? null : (
          <Table
            language={language}
            label={word("placesByService")}
            heads={[word("places"), sayDirection(language, "more"), sayDirection(language, "less")]}
            rows={change.services.map(({ service, more, less }) => ({
              key: service,
              cells: [sayName(language, service), sayNumber(language, more), sayNumber(language, less)],
            }))}
          />
        )}
      </div>
    </>
  );
};

const counted = ["decisions", "more", "less", "mixed", "same", "unchanged", "either"] as const;
/** Of those that are rarely anything a column of noughts tells nothing. */
const rare = ["mixed", "same", "either"] as const satisfies readonly (typeof counted)[number][];

const Outcome = ({ language, result }: { readonly language: Language; readonly result: Rehearsed }) => {
  const { services, groups, untold, currency } = result;
  const word = (name: PublishWord): string => sayPublish(language, name);
  const isShown = (name: (typeof counted)[number]): boolean =>
    !(rare as readonly string[]).includes(name) || services.some((row) => row[name] > 0);
  const columns = counted.filter(isShown);
  const headOf = (name: (typeof counted)[number]): string =>
    name === "decisions" || name === "unchanged" || name === "either" ? word(name) : sayDirection(language, name);
  const money = (amount: number) => <span class="number">{sayMoney(language, currency, amount)}</span>;
  const hasExamples = groups.some(({ examples }) => examples.length > 0);
  const left = untold.unreadable + untold["other-cuts"];
  return (
    <>
      {result.isEstimate ? <p class="notice">{word("estimate")}</p> : null}
      <h3>{word("figures")}</h3>
      <Table
        language={language}
        label={word("figures")}
        heads={[word("change"), ...columns.map(headOf), word("deposit"), word("price")]}
        rows={services.map((row: RehearsedService) => ({
          key: `${row.programme} ${row.service}`,
          cells: [
            <>
              {sayName(language, row.service)}
              <div class="small quiet">{row.programme}</div>
            </>,
            ...columns.map((name) => sayNumber(language, row[name])),
            money(row.deposit),
            money(row.price),
          ],
        }))}
      />
      {services.some(({ either }) => either > 0) ? <p class="quiet">{word("eitherAbout")}</p> : null}
      {left === 0 ? null : (
        <p class="quiet">
          {word("untold")}: {sayNumber(language, left)}
        </p>
      )}
      <h3>{word("groups")}</h3>
      {groups.length === 0 ? (
        <p>{word("nothing")}</p>
      ) : (
        <Table
          language={language}
          label={word("groups")}
          heads={[
            word("change"),
            word("decisions"),
            word("deposit"),
            word("price"),
            ...(hasExamples ? [word("examples")] : []),
          ]}
          rows={groups.map((group, index) => ({
            key: String(index),
            cells: [
              <>
                <span class="badge" data-state={group.direction}>
                  {sayDirection(language, group.direction)}
                </span>{" "}
                {sayName(language, group.service)}, {sayName(language, group.action)}
                {sayChange(language, currency, group.before, group.after).map((line) => (
                  <div key={line} class="small">
                    {line}
                  </div>
                ))}
              </>,
              sayNumber(language, group.decisions),
              money(group.deposit),
              group.price === null ? word("priceUntold") : money(group.price),
              ...(hasExamples ? [<Codes key="examples" codes={group.examples} />] : []),
            ],
          }))}
        />
      )}
      {result.groupsLeftOut === 0 ? null : (
        <p class="quiet">
          {word("leftOut")}: {sayNumber(language, result.groupsLeftOut)}
        </p>
      )}
    </>
  );
};

const Codes = ({ codes }: { readonly codes: readonly string[] }) => (
  <span class="code small">
    {codes.map((code) => (
      <div key={code} class="number">
        {code}
      </div>
    ))}
  </span>
);
