/** Reads on in the book of objections every half a minute: the console's figures count what another server opened, too. */
import type { WriteLog } from "./events.ts";
import type { ObjectionBook } from "./objections.ts";

export type CaseWatchEdges = {
  readonly objections: Pick<ObjectionBook, "readOn">;
  /** Calls back after so many seconds, unless the answer is called first. */
  readonly after: (seconds: number, callback: () => void) => () => void;
  readonly writeLog: WriteLog;
};

const lookSeconds = 30;

/** Gives back what stops it, after the look that is under way. */
export const watchCases = ({ objections, after, writeLog }: CaseWatchEdges): (() => Promise<void>) => {
  let isStopped = false;
  let cancel = (): void => {};

  const begin = async (): Promise<void> => {
    await objections.readOn().catch((error: unknown) => {
      writeLog({ event: "cases-unread", cause: error instanceof Error ? error.message : String(error) });
    });
    if (isStopped) return;
    cancel = after(lookSeconds, () => {
      looking = begin();
    });
  };
  let looking = begin();
  return async () => {
    isStopped = true;
    cancel();
    await looking;
  };
};
