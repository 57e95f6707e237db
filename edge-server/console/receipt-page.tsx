/** The entry that a receipt names. */
import { useState } from "preact/hooks";
import { type EntryAnswer, entryAnswer } from "../../shared/admin.ts";
import { ask, type Trouble } from "./ask.ts";
import { EntryCard } from "./entry-card.tsx";
import { Field, Notice, type PageProps } from "./parts.tsx";
import { say } from "./words.ts";

export const ReceiptPage = ({ language }: PageProps) => {
  const [code, setCode] = useState("");
  const [entry, setEntry] = useState<EntryAnswer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const search = async (): Promise<void> => {
    const answer = await ask(entryAnswer, `/receipts/${encodeURIComponent(code.trim() || "-")}`);
    setEntry(answer.kind === "answered" ? answer.value : null);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
  };
  return (
    <>
      <p>{say(language, "receiptAbout")}</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        <Field label={say(language, "code")} value={code} lengthMax={40} onChange={setCode} />
        <button type="submit" class="main-button">
          {say(language, "search")}
        </button>
      </form>
      <Notice language={language} trouble={trouble} />
      {entry === null ? null : <EntryCard language={language} entry={entry} />}
    </>
  );
};
