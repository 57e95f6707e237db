/** Rehearses in another thread (rehearsal/main.ts). Resolves when the thread has ended, whatever became of it. */
import { Worker } from "node:worker_threads";
import type { Rehearsed } from "../../shared/rehearsal.ts";
import type { RehearsalStart } from "../rehearsal/main.ts";
import type { Rehearse } from "../rehearse-run.ts";

type Said = { readonly entries: number } | { readonly result: Rehearsed | null };

export const createRehearsalThread =
  (settings: RehearsalStart["settings"]): Rehearse =>
  (asked, stop, say) =>
    new Promise((resolve, reject) => {
      const { folder, databaseUrl } = settings;
      const start: RehearsalStart = { settings: { folder, databaseUrl }, asked };
      const thread = new Worker(new URL("../rehearsal/main.ts", import.meta.url), { workerData: start });
      let result: Rehearsed | null = null;
      let cause: Error | null = null;
      const end = (): void => thread.postMessage("stop");
      stop.addEventListener("abort", end);
      if (stop.aborted) end();
      thread.on("message", (said: Said) => {
        if ("entries" in said) say(said.entries);
        else result = said.result;
      });
      thread.on("error", (error) => {
        cause = error instanceof Error ? error : new Error(String(error));
      });
      thread.on("exit", () => {
        stop.removeEventListener("abort", end);
        if (cause === null) resolve(result);
        else reject(cause);
      });
    });
