/** A score list as the file that the command line takes: sent as it is, read and compared by the server. */
import { useState } from "preact/hooks";
import { type PackRow, rehearsalRow } from "../../shared/rehearsal.ts";
import { askAboutFile, type Trouble } from "./ask.ts";
import { FileChoice } from "./file-choice.tsx";
import { Choice, Field, Notice } from "./parts.tsx";
import type { Language } from "./words.ts";
import { sayPublish } from "./words-publish.ts";

type ListFormProps = {
  readonly language: Language;
  readonly packs: readonly PackRow[];
  readonly days: number;
  readonly isBusy: boolean;
  readonly onBegun: () => void;
};

export const ListForm = ({ language, packs, days, isBusy, onBegun }: ListFormProps) => {
  const [programme, setProgramme] = useState(packs[0]?.programme ?? "");
  const [list, setList] = useState(packs[0]?.lists[0]?.list ?? "a");
  const [file, setFile] = useState<File | null>(null);
  const [isSending, setSending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const begin = async (): Promise<void> => {
    if (file === null) return;
    setSending(true);
    onBegun();
    const query = new URLSearchParams({ programme, list, days: String(days) });
    const answer = await askAboutFile(rehearsalRow, `/list-rehearsals?${query}`, file, "text/csv");
    setSending(false);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    onBegun();
  };
  return (
    <>
      <p class="quiet">{sayPublish(language, "listAbout")}</p>
      <div class="row">
        <Choice
          label={sayPublish(language, "programme")}
          value={programme}
          choices={packs.map((pack) => ({ value: pack.programme, text: pack.programme }))}
          onChange={setProgramme}
        />
        <Field label={sayPublish(language, "listName")} value={list} lengthMax={32} onChange={setList} />
        <FileChoice language={language} accept=".csv,text/csv" chosen={file?.name ?? null} onChoose={setFile} />
      </div>
      <Notice language={language} trouble={trouble} />
      <div class="row">
        <button
          type="button"
          class="main-button"
          disabled={file === null || isBusy || isSending}
          onClick={() => void begin()}
        >
          {sayPublish(language, "rehearse")}
        </button>
      </div>
    </>
  );
};
