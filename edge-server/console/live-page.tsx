/** Entries as they come, within a second of the tap, and all before them page by page. */
import { useEffect, useState } from "preact/hooks";
import { array } from "valibot";
import {
  type EntryAnswer,
  entryAnswer,
  type TransactionRow,
  transactionPage,
  transactionRow,
} from "../../shared/admin.ts";
import { readAnswer } from "../../shared/messages.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { EntryCard } from "./entry-card.tsx";
import { Notice, type PageProps, Table } from "./parts.tsx";
import { say, sayCause, sayTime } from "./words.ts";
import { sayName } from "./words-names.ts";

const rowsMax = 1000;
const arrived = array(transactionRow);

export const LivePage = ({ language }: PageProps) => {
  const first = useAnswer(transactionPage, "/transactions", 30);
  const [later, setLater] = useState<readonly TransactionRow[]>([]);
  const [fresh, setFresh] = useState<readonly TransactionRow[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [entry, setEntry] = useState<EntryAnswer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const stream = new EventSource("/v1/admin/transactions/events");
    stream.addEventListener("open", () => setOpen(true));
    stream.addEventListener("error", () => setOpen(false));
    stream.addEventListener("entries", ({ data: text }: MessageEvent<string>) => {
      const rows = readAnswer(arrived, JSON.parse(text));
      if (rows !== null) setFresh((before) => [...rows.toReversed(), ...before].slice(0, rowsMax));
    });
    return () => stream.close();
  }, []);

  const load = async (before: number): Promise<void> => {
    const answer = await ask(transactionPage, `/transactions?before=${before}`);
    if (answer.kind === "failed") return setTrouble(answer.trouble);
    setLater((known) => [...known, ...answer.value.rows]);
    setNext(answer.value.next ?? 0);
  };
  const open = async ({ of }: TransactionRow): Promise<void> => {
    const answer = await ask(entryAnswer, `/transactions/${encodeURIComponent(of.terminal)}/${of.epoch}/${of.seq}`);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    setEntry(answer.kind === "answered" ? answer.value : null);
  };

  const all = new Map([...later, ...(first.value?.rows ?? []), ...fresh].map((row) => [row.number, row]));
  const rows = [...all.values()].sort((a, b) => b.number - a.number);
  const before = next ?? first.value?.next ?? 0;
  return (
    <>
      <p class="quiet" data-live={isOpen}>
        {say(language, isOpen ? "connected" : "loading")}
      </p>
      <Notice language={language} trouble={trouble ?? first.trouble} />
      {entry === null ? null : (
        <div class="field">
          <EntryCard language={language} entry={entry} />
          <button type="button" onClick={() => setEntry(null)}>
            {say(language, "close")}
          </button>
        </div>
      )}
      <Table
        language={language}
        label={say(language, "live")}
        heads={[say(language, "time"), say(language, "terminal"), say(language, "what"), say(language, "code")]}
        rows={rows.map((row) => ({
          key: String(row.number),
          cells: [
            sayTime(language, row.at ?? row.receivedAt),
            <span key="terminal" class="code">
              {row.of.terminal}
            </span>,
            `${sayCause(language, row.word)}${row.action === null ? "" : ` · ${sayName(language, row.action)}`}`,
            <button key="code" type="button" class="code" onClick={() => void open(row)}>
              {row.code}
            </button>,
          ],
        }))}
      />
      {before > 1 ? (
        <button type="button" onClick={() => void load(before)}>
          {say(language, "more")}
        </button>
      ) : null}
    </>
  );
};
