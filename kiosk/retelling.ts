/**
 * What was never acknowledged of a lost chain, told again in the one that is written now (shared/recovered.ts): a few
 * entries at a time, so that citizens are served meanwhile. Each few are forgotten only when they stand in the log; broken
 * off in between, they are told once more, which changes nothing.
 */
import type { Entry } from "../shared/log.ts";
import { retell } from "../shared/recovered.ts";
import type { Journal } from "./journal.ts";
import { isEntry } from "./log-weave.ts";
import type { Clock, LogStore } from "./ports.ts";

export type RetellingParts = {
  readonly log: Pick<LogStore, "remains" | "dropRemains">;
  readonly journal: Pick<Journal, "write">;
  readonly clock: Pick<Clock, "after">;
  /** Runs when nothing else does. */
  readonly run: (task: () => Promise<void>) => void;
};

const pauseSeconds = 1;

export const retellRemains = ({ log, journal, clock, run }: RetellingParts): void => {
  const next = (): void =>
    run(async () => {
      const remains = await log.remains(0);
      if (remains === null) return;
      for (const entry of remains.entries) {
        if (!isEntry(entry)) continue; // nothing that could be told: not even bytes
        const { happening, personal } = retell(remains.chain, entry);
        await journal.write(happening, personal);
      }
      await log.dropRemains(remains.key);
      clock.after(pauseSeconds, next);
    });
  next();
};

/** All that is still to be told, oldest first. */
export const readRemains = async (log: Pick<LogStore, "remains">): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  for (let remains = await log.remains(0); remains !== null; remains = await log.remains(remains.key)) {
    entries.push(...remains.entries.filter(isEntry));
  }
  return entries;
};
