/**
 * The thread of the second copy of a log: journal-files.ts over the folder `greenlane/SLOT` of the origin private file
 * system. Speaks journal-messages.ts and nothing else.
 */
import { createJournalFiles, type Folder } from "../journal-files.ts";
import type { JournalAnswer, JournalRequest, Numbered } from "../journal-messages.ts";

const openMillisecondsMax = 3000;

const openFolder = async (slot: string): Promise<Folder> => {
  const origin = await navigator.storage.getDirectory();
  const all = await origin.getDirectoryHandle("greenlane", { create: true });
  const folder = await all.getDirectoryHandle(slot, { create: true });
  return {
    names: async () => {
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    },
    open: async (name, how) => openHandle(await folder.getFileHandle(name, how)),
    remove: (name) => folder.removeEntry(name),
  };
};

/** A page that has just gone may hold it for a moment longer. */
const openHandle = async (file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> => {
  const until = performance.now() + openMillisecondsMax;
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (reason) {
      if (performance.now() > until) throw reason;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

const answerTo = createJournalFiles(openFolder);

addEventListener("message", async ({ data: { id, content } }: MessageEvent<Numbered<JournalRequest>>) => {
  postMessage({ id, content: await answerTo(content) } satisfies Numbered<JournalAnswer>);
});
