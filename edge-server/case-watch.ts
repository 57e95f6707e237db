/** Reads on in the book of objections every half a minute: the console's figures count what another server opened, too. */
import type { WriteLog } from "./events.ts";
import type { ObjectionBook } from "./objections.ts";
import { type RepeatEdges, repeat } from "./repeat.ts";

export type CaseWatchEdges = RepeatEdges & {
  readonly objections: Pick<ObjectionBook, "readOn">;
  readonly writeLog: WriteLog;
};

const lookSeconds = 30;

/** Gives back what stops it, after the look that is under way. */
export const watchCases = ({ objections, after, writeLog }: CaseWatchEdges): (() => Promise<void>) =>
  repeat(
    async () => {
      await objections.readOn().catch((error: unknown) => {
        writeLog({ event: "cases-unread", cause: error instanceof Error ? error.message : String(error) });
      });
      return lookSeconds;
    },
    { after },
  );
