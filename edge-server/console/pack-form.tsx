/** A programme's policy as text: written or taken from a file, checked with every error beside it, and rehearsed. */
import { useRef, useState } from "preact/hooks";
import {
  type PackCheckAnswer,
  type PackFinding,
  type PackRow,
  packCharsMax,
  packCheckAnswer,
  rehearsalRow,
} from "../../shared/rehearsal.ts";
import { ask, type Trouble } from "./ask.ts";
import { FileChoice } from "./file-choice.tsx";
import { Choice, Notice } from "./parts.tsx";
import type { Language } from "./words.ts";
import { sayPublish } from "./words-publish.ts";

type PackFormProps = {
  readonly language: Language;
  readonly packs: readonly PackRow[];
  readonly days: number;
  readonly isBusy: boolean;
  readonly onBegun: () => void;
};

export const PackForm = ({ language, packs, days, isBusy, onBegun }: PackFormProps) => {
  const [text, setText] = useState("");
  const [checked, setChecked] = useState<PackCheckAnswer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [fileName, setFileName] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const change = (value: string): void => {
    setText(value);
    setChecked(null);
    setTrouble(null);
  };
  const check = async (): Promise<boolean> => {
    const answer = await ask(packCheckAnswer, "/pack-checks", "POST", { text });
    setChecked(answer.kind === "answered" ? answer.value : null);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    return answer.kind === "answered" && answer.value.pack !== null;
  };
  const begin = async (): Promise<void> => {
    if (!(await check())) return;
    const answer = await ask(rehearsalRow, "/rehearsals", "POST", { text, days });
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    onBegun();
  };
  const show = ({ line, column }: PackFinding): void => {
    const lines = text.split("\n");
    const before = lines.slice(0, Math.max(0, line - 1)).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(before + Math.max(0, column - 1), before + (lines[line - 1]?.length ?? 0));
  };
  const take = async (file: File): Promise<void> => {
    change((await file.slice(0, 4 * packCharsMax).text()).slice(0, packCharsMax));
    setFileName(file.name);
  };
  return (
    <>
      <div class="row">
        <Choice
          label={sayPublish(language, "startFrom")}
          value=""
          choices={[
            { value: "", text: sayPublish(language, "elsewhere") },
            ...packs.map(({ programme, version }) => ({ value: programme, text: `${programme} ${version}` })),
          ]}
          onChange={(value) => {
            change(packs.find(({ programme }) => programme === value)?.json ?? text);
            setFileName(null);
          }}
        />
        <FileChoice
          language={language}
          accept=".json,application/json"
          chosen={fileName}
          onChoose={(file) => void take(file)}
        />
      </div>
      <div class="beside">
        <label class="field">
          {sayPublish(language, "packText")}
          <textarea
            ref={area}
            value={text}
            maxLength={packCharsMax}
            spellcheck={false}
            wrap="off"
            onInput={({ currentTarget }) => change(currentTarget.value)}
          />
        </label>
        {checked === null || checked.pack !== null ? null : (
          <ul class="findings" aria-label={sayPublish(language, "check")}>
            {checked.findings.map((finding) => (
              <li key={`${finding.line}:${finding.column} ${finding.at} ${finding.text}`}>
                <button type="button" onClick={() => show(finding)}>
                  <span>
                    <strong class="code">
                      {finding.line === 0 ? sayPublish(language, "whole") : `${finding.line}:${finding.column}`}
                    </strong>{" "}
                    <span lang="en">
                      {finding.at === "" ? "" : `${finding.at}: `}
                      {finding.text}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      {checked !== null && checked.pack !== null ? <p role="status">{sayPublish(language, "right")}</p> : null}
      <Notice language={language} trouble={trouble} />
      <div class="row">
        <button type="button" disabled={text === ""} onClick={() => void check()}>
          {sayPublish(language, "check")}
        </button>
        <button type="button" class="main-button" disabled={text === "" || isBusy} onClick={() => void begin()}>
          {sayPublish(language, "rehearse")}
        </button>
      </div>
    </>
  );
};
