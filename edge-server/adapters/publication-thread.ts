/** Publishes in another thread (publication/main.ts). Resolves when the thread has ended well; rejects with its cause. */
import { Worker } from "node:worker_threads";
import type { PublicationStart } from "../publication/main.ts";

export const publishInThread = (folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const start: PublicationStart = { folder };
    const thread = new Worker(new URL("../publication/main.ts", import.meta.url), { workerData: start });
    let cause: Error | null = null;
    thread.on("error", (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    thread.on("exit", () => (cause === null ? resolve() : reject(cause)));
  });
