/** The second copy of the log (journal-copy.ts) in the origin private file system, by file-journal.worker.ts. */
import { type JournalThread, journalCopy } from "../journal-copy.ts";
import type { JournalAnswer, JournalRequest, Numbered } from "../journal-messages.ts";
import type { LogCopy } from "../ports.ts";
import fileJournalWorkerUrl from "./file-journal.worker.ts?worker&url";
import { trustedScriptUrl } from "./trusted-types.ts";

/** A large journal is read from end to end when it is opened. */
const silenceMillisecondsMax = 60_000;

export const fileJournal = (slot: string): LogCopy => journalCopy(slot, startThread);

const startThread = (): JournalThread => {
  const worker = new Worker(trustedScriptUrl(fileJournalWorkerUrl), { type: "module" });
  const open = new Map<number, { readonly answer: (answer: JournalAnswer) => void; readonly silence: number }>();
  let next = 1;
  const failAll = (cause: string): void => {
    for (const { answer, silence } of open.values()) {
      clearTimeout(silence);
      answer({ kind: "failed", cause });
    }
    open.clear();
  };
  worker.onmessage = ({ data: { id, content } }: MessageEvent<Numbered<JournalAnswer>>) => {
    const asked = open.get(id);
    clearTimeout(asked?.silence);
    open.delete(id);
    asked?.answer(content);
  };
  worker.onerror = ({ message }) => failAll(`journal did not load${message ? `: ${message}` : ""}`);
  return {
    ask: (content) =>
      new Promise((answer) => {
        const id = next++;
        const silence = setTimeout(() => failAll("journal does not answer"), silenceMillisecondsMax);
        open.set(id, { answer, silence });
        worker.postMessage({ id, content } satisfies Numbered<JournalRequest>);
      }),
    end: () => {
      worker.terminate();
      failAll("journal was closed");
    },
  };
};
