/**
 * The second copy of the log: a `LogCopy` in files that a thread of its own writes (journal-files.ts). It shares neither
 * code nor files with the database.
 *
 * Rejects with an Error whose message is a short cause for staff: when the file does not take something, and when the thread
 * fails or stays silent. After that `rewrite` begins with a fresh thread.
 */
import type { JournalAnswer, JournalRequest } from "./journal-messages.ts";
import type { FoundCopy, LogCopy } from "./ports.ts";

export type JournalThread = {
  readonly ask: (request: JournalRequest) => Promise<JournalAnswer>;
  readonly end: () => void;
};

const chunk = 500;

export const journalCopy = (slot: string, startThread: () => JournalThread): LogCopy => {
  let thread: JournalThread | null = null;

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
      // What it drops, the first has dropped before.
      keptFrom: 1,
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
