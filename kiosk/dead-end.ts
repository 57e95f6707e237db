/**
 * The end of a chain of which the ledger takes no more (outbox.ts says why). It is left when nobody is being served, and the
 * page that begins after it tells what was in it in a new one. A disk may refuse that, too: the terminal has stopped by then
 * and shows nothing by itself any more, so it is said here that it is out of service.
 */
import type { Clock } from "./ports.ts";
import type { Screen } from "./session.ts";
import type { Terminal } from "./terminal-parts.ts";
import type { TwinLog } from "./twin-log.ts";
import { outOfService } from "./waiting.ts";

export type DeadEndParts = {
  readonly serving: Pick<Terminal, "isIdle" | "stop">;
  readonly log: Pick<TwinLog, "settled" | "abandon">;
  readonly clock: Pick<Clock, "after">;
  readonly show: (screen: Screen) => void;
  readonly beginAgain: () => void;
};

/** `fromSeq`: what is kept of it from here on is to be told again. */
export const leaveChain = async (fromSeq: number, parts: DeadEndParts): Promise<void> => {
  const { serving, log, clock } = parts;
  while (!serving.isIdle()) await new Promise<void>((resolve) => clock.after(1, resolve));
  await serving.stop();
  try {
    await log.settled();
    await log.abandon(fromSeq);
  } catch (cause) {
    return parts.show(outOfService("storage", String(cause)));
  }
  parts.beginAgain();
};
