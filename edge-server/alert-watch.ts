/**
 * Says what ends soon in the log, when the server starts and once a day from then on. What could not be read is said, too,
 * and read again after an hour.
 */
import type { Alert } from "../shared/admin.ts";
import type { WriteLog } from "./events.ts";
import { type RepeatEdges, repeat } from "./repeat.ts";

export type AlertWatchEdges = RepeatEdges & {
  readonly alerts: () => Promise<readonly Alert[]>;
  readonly writeLog: WriteLog;
};

const daySeconds = 86_400;
const hourSeconds = 3600;

/** Gives back what stops it, after the look that is under way. */
export const watchAlerts = ({ alerts, after, writeLog }: AlertWatchEdges): (() => Promise<void>) =>
  repeat(
    async () => {
      try {
        for (const { what, name, severity } of await alerts()) writeLog({ event: "alert", what, name, severity });
        return daySeconds;
      } catch (error) {
        writeLog({ event: "alerts-unread", cause: error instanceof Error ? error.message : String(error) });
        return hourSeconds;
      }
    },
    { after },
  );
