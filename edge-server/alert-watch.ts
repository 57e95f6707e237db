/**
 * Says what ends soon in the log, when the server starts and once a day from then on. What could not be read is said, too,
 * and read again after an hour.
 */
import type { Alert } from "../shared/admin.ts";
import type { WriteLog } from "./events.ts";

export type AlertWatchEdges = {
  readonly alerts: () => Promise<readonly Alert[]>;
  /** Calls back after so many seconds, unless the answer is called first. */
  readonly after: (seconds: number, callback: () => void) => () => void;
  readonly writeLog: WriteLog;
};

const daySeconds = 86_400;
const hourSeconds = 3600;

/** Gives back what stops it, after the look that is under way. */
export const watchAlerts = ({ alerts, after, writeLog }: AlertWatchEdges): (() => Promise<void>) => {
  let isStopped = false;
  let cancel = (): void => {};

  const look = async (): Promise<number> => {
    try {
      for (const { what, name, severity } of await alerts()) writeLog({ event: "alert", what, name, severity });
      return daySeconds;
    } catch (error) {
      writeLog({ event: "alerts-unread", cause: error instanceof Error ? error.message : String(error) });
      return hourSeconds;
    }
  };
  const begin = async (): Promise<void> => {
    const seconds = await look();
    if (isStopped) return;
    cancel = after(seconds, () => {
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
