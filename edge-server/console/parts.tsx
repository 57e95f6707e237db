/** What every page of the console is made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { OperatorAnswer, OverrideRow, OverviewAnswer, TerminalState } from "../../shared/admin.ts";
import type { Asked, Trouble } from "./ask.ts";
import { type Language, say, sayState, sayTrouble } from "./words.ts";

export type PageProps = {
  readonly language: Language;
  readonly operator: OperatorAnswer;
  /** The whole at a glance, which every page stands in. */
  readonly overview: Asked<OverviewAnswer>;
};

export const Notice = ({ language, trouble }: { readonly language: Language; readonly trouble: Trouble | null }) =>
  trouble === null ? null : (
    <p class="notice" role="alert">
      {sayTrouble(language, trouble.word)}
      {trouble.retrySeconds > 0 ? ` (${trouble.retrySeconds} s)` : ""}
      {trouble.detail === "" ? null : <span lang="en"> {trouble.detail}</span>}
    </p>
  );

type LoadedProps<T> = {
  readonly language: Language;
  readonly asked: Asked<T>;
  readonly children: (value: T) => ComponentChildren;
};

/** Keeps what it knows on the screen, whatever became of the last question. */
export const Loaded = <T,>({ language, asked, children }: LoadedProps<T>) => (
  <>
    <Notice language={language} trouble={asked.trouble} />
    {asked.value === null
      ? asked.trouble === null && <p class="quiet">{say(language, "loading")}</p>
      : children(asked.value)}
  </>
);

type State = TerminalState | OverrideRow["state"] | "active";

export const Badge = ({ language, state }: { readonly language: Language; readonly state: State }) => (
  <span class="badge" data-state={state}>
    {sayState(language, state)}
  </span>
);

type TableProps = {
  readonly language: Language;
  readonly label: string;
  /** A page was turned to it: whoever reads by keyboard, or is read to, goes on at its top. */
  readonly isTurned?: boolean;
  readonly heads: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
};

export const Table = ({ language, label, isTurned = false, heads, rows }: TableProps) => {
  const region = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isTurned) region.current?.focus();
  }, [isTurned]);
  if (rows.length === 0) return <p class="quiet">{say(language, "nothing")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by the keyboard.
    <section ref={region} class="scroll" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={heads[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

/** Where one is in a table of any length: a page at a time, so that it stays as fast at a million rows. `at` null: the first. */
export type Pages<T> = {
  readonly at: T | null;
  readonly isTurned: boolean;
  readonly turn: (at: T | null) => void;
  /** Another table, from its first page on. */
  readonly begin: () => void;
};

export const usePages = <T extends string | number>(): Pages<T> => {
  const [{ at, isTurned }, setPage] = useState<Pick<Pages<T>, "at" | "isTurned">>({ at: null, isTurned: false });
  return {
    ...{ at, isTurned },
    turn: (to) => setPage({ at: to, isTurned: true }),
    begin: () => setPage({ at: null, isTurned: false }),
  };
};

type PagerProps<T> = { readonly language: Language; readonly pages: Pages<T>; readonly next: T | null };

export const Pager = <T,>({ language, pages, next }: PagerProps<T>) =>
  pages.at === null && next === null ? null : (
    <nav class="row" aria-label={say(language, "turnPages")}>
      {pages.at === null ? null : (
        <button type="button" onClick={() => pages.turn(null)}>
          {say(language, "firstPage")}
        </button>
      )}
      {next === null ? null : (
        <button type="button" class="next-page" onClick={() => pages.turn(next)}>
          {say(language, "nextPage")}
        </button>
      )}
    </nav>
  );

type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly isSecret?: boolean;
  readonly complete?: string;
  readonly lengthMax?: number;
  readonly onChange: (value: string) => void;
};

export const Field = ({ label, value, isSecret = false, complete = "off", lengthMax = 200, onChange }: FieldProps) => {
  const own = {
    value,
    autocomplete: complete,
    maxLength: lengthMax,
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => onChange(currentTarget.value),
  };
  return isSecret ? (
    <label class="field">
      {label}
      <input type="password" {...own} />
    </label>
  ) : (
    <label class="field">
      {label}
      <input type="text" {...own} />
    </label>
  );
};

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
};

export const Choice = ({ label, value, choices, onChange }: ChoiceProps) => (
  <label class="field">
    {label}
    <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.text}
        </option>
      ))}
    </select>
  </label>
);

/** Bars side by side, each with its words and its figure. */
export const Bars = ({
  label,
  bars,
}: {
  readonly label: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly text: string }[];
}) => {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const height = bars.length * 28;
  return (
    <svg
      viewBox={`0 0 400 ${Math.max(28, height)}`}
      role="img"
      aria-label={`${label}: ${bars.map(({ name, text }) => `${name} ${text}`).join(", ")}`}
    >
      {bars.map(({ name, value, text }, index) => (
        <g key={name} transform={`translate(0 ${index * 28})`}>
          <rect class="track" x="0" y="2" width="400" height="22" rx="4" />
          <rect class="bar" x="0" y="20" width={(400 * value) / most} height="4" />
          <text x="6" y="17">
            {name}
          </text>
          <text x="394" y="17" text-anchor="end">
            {text}
          </text>
        </g>
      ))}
    </svg>
  );
};
