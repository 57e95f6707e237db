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
import { Loaded, Notice, type PageProps, Pager, Table, usePages } from "./parts.tsx";
import { say, sayCause, sayTime } from "./words.ts";
import { sayName } from "./words-names.ts";

/** On the first page; what was there before is on the next. */
const rowsMax = 200;
const arrived = array(transactionRow);

export const LivePage = ({ language }: PageProps) => {
  const pages = usePages<number>();
  const asked = useAnswer(transactionPage, `/transactions${pages.at === null ? "" : `?before=${pages.at}`}`, 30);
  const [fresh, setFresh] = useState<readonly TransactionRow[]>([]);
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

  const open = async ({ of }: TransactionRow): Promise<void> => {
    const answer = await ask(entryAnswer, `/transactions/${encodeURIComponent(of.terminal)}/${of.epoch}/${of.seq}`);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    setEntry(answer.kind === "answered" ? answer.value : null);
  };

  return (
    <>
      <p class="quiet" data-live={isOpen}>
        {say(language, isOpen ? "connected" : "loading")}
      </p>
      <Notice language={language} trouble={trouble} />
      {entry === null ? null : (
        <div class="field">
          <EntryCard language={language} entry={entry} />
          <button type="button" onClick={() => setEntry(null)}>
            {say(language, "close")}
          </button>
        </div>
      )}
      <Loaded language={language} asked={asked}>
        {(page) => {
          const rows = pages.at === null ? newestOf(page.rows, fresh) : page.rows;
          const last = rows.at(-1)?.number ?? 1;
          return (
            <>
              <Table
                language={language}
                label={say(language, "live")}
                isTurned={pages.isTurned}
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
              <Pager language={language} pages={pages} next={last > 1 ? last : null} />
            </>
          );
        }}
      </Loaded>
    </>
  );
};

const newestOf = (known: readonly TransactionRow[], fresh: readonly TransactionRow[]): readonly TransactionRow[] => {
  const all = new Map([...known, ...fresh].map((row) => [row.number, row]));
  return [...all.values()].sort((a, b) => b.number - a.number).slice(0, rowsMax);
};
