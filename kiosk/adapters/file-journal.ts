/**
 * The second copy of the log: a `LogCopy` in a file of the origin private file system, written by a thread of its own
 * (file-journal.worker.ts). It shares neither code nor files with the database.
 *
 * Rejects with an Error whose message is a short cause for staff: when the file does not take something, and when the thread
 * fails or stays silent. After that `rewrite` begins with a fresh thread.
 */
import type { FoundCopy, LogCopy } from "../ports.ts";
import fileJournalWorkerUrl from "./file-journal.worker.ts?worker&url";
import type { JournalAnswer, JournalRequest, Numbered } from "./journal-messages.d.ts";
import { trustedScriptUrl } from "./trusted-types.ts";

type Thread = { readonly ask: (request: JournalRequest) => Promise<JournalAnswer>; readonly end: () => void };

const chunk = 500;
/** A large journal is read from end to end when it is opened. */
const silenceMillisecondsMax = 60_000;

export const fileJournal = (slot: string): LogCopy => {
  let thread: Thread | null = null;

  const ask = async (request: JournalRequest): Promise<JournalAnswer> => {
    thread ??= startThread();
    try {
      const answer = await thread.ask(request);
      if (answer.kind === "failed") throw new Error(answer.cause);
      return answer;
    } catch (reason) {
      // Its file is free again only when the thread has gone.
      thread?.end();
      thread = null;
      throw reason;
    }
  };
  const tell = async (request: JournalRequest): Promise<void> => void (await ask(request));

  const foundOf = (answer: JournalAnswer): readonly FoundCopy[] =>
    (answer.kind === "found" ? answer.files : []).map(({ file, ...found }) => ({
      ...found,
      read: async (seq, max) => {
        const read = await ask({ kind: "read", file, seq, max });
        return read.kind === "entries" ? read.entries : [];
      },
    }));

  return {
    find: async () => foundOf(await ask({ kind: "find", slot })),
    rewrite: async ({ chain, firstSeq, head, ackedSeq, floorAt, read }) => {
      await tell({ kind: "start", slot, chain });
      for (let seq = firstSeq; seq <= head.seq; ) {
        const entries = await read(seq, chunk);
        const newest = entries.at(-1);
        if (newest === undefined) throw new Error(`entry ${seq} cannot be read`);
        await tell({ kind: "fill", entries });
        seq = newest.seq + 1;
      }
      await tell({ kind: "finish", ackedSeq, floorAt });
    },
    append: (after, entries) => tell({ kind: "append", after, entries }),
    acknowledge: (seq, floorAt) => tell({ kind: "acknowledge", seq, floorAt }),
    dropBefore: (seq) => tell({ kind: "drop-before", seq }),
  };
};

const startThread = (): Thread => {
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
