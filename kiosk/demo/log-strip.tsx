/** A terminal's log: a block an entry, hollow until the server has acknowledged it, and the newest in words. */
import type { Language } from "../ui/language.ts";
import { type DemoTerminal, pendingOf } from "./demo.ts";
import { pendingCount, words } from "./words.ts";
import { entryWords } from "./words-log.ts";

const linesMax = 4;

type LogStripProps = { readonly terminal: DemoTerminal; readonly language: Language };

export const LogStrip = ({ terminal, language }: LogStripProps) => {
  const entries = terminal.news?.entries ?? [];
  const pending = pendingOf(terminal);
  return (
    <div class="log" data-pending={pending}>
      <h3>
        {words.log[language]} <span class="count">{pendingCount[language](pending)}</span>
      </h3>
      <div class="blocks" aria-hidden="true">
        {entries.map(({ seq, acked }) => (
          <span key={seq} class={acked ? "block acked" : "block"} />
        ))}
      </div>
      {entries.length === 0 ? <p class="soft">{words.logEmpty[language]}</p> : null}
      <ol class="lines">
        {entries
          .slice(-linesMax)
          .toReversed()
          .map((line) => (
            <li key={line.seq} data-acked={line.acked}>
              <span class="seq">{line.seq}</span> {entryWords(line, language)}
              <span class="unseen"> ({(line.acked ? words.acked : words.pending)[language]})</span>
            </li>
          ))}
      </ol>
    </div>
  );
};
