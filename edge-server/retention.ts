/**
 * Erases what is personal once it has been kept long enough: soon after the server starts, and once a day from then on,
 * in small steps with a rest after each. Servers that share a ledger do it at times of their own and take turns at a chain;
 * the later one finds little left. A ledger that cannot be asked is asked again the next time.
 *
 * How long is a setting of the server and not a rule of the signed policy: terminals refuse a policy with a field that they
 * do not know, and would stay with the one before.
 */
import type { Instant } from "../shared/terms.ts";
import { type ErasingLedger, erasePersonal } from "./erasure.ts";

export type RetentionEdges = {
  readonly ledger: ErasingLedger;
  readonly now: () => Instant;
  /** Calls back after so many seconds, unless the answer is called first. */
  readonly after: (seconds: number, callback: () => void) => () => void;
  /** 0 to 1. */
  readonly random: () => number;
  /** Hears of each time: how many entries, or why not. */
  readonly say: (result: { readonly entries: number } | { readonly cause: string }) => void;
};

export const daySeconds = 86_400;
const startSecondsMax = 600;
const restSeconds = 0.02;

/** Gives back what stops it, after the step that is under way. */
export const startRetention = (edges: RetentionEdges, keptDays: number): (() => Promise<void>) => {
  const { ledger, now, after, random, say } = edges;
  let isStopped = false;
  let cancel = (): void => {};
  let erasing: Promise<void> = Promise.resolve();
  const rest = async (): Promise<void> => {
    await new Promise<void>((resolve) => void after(restSeconds, resolve));
    if (isStopped) throw stopped;
  };

  const erase = async (): Promise<void> => {
    const at = now();
    try {
      const erasable = { kind: "age", before: at - keptDays * daySeconds } as const;
      const entries = await erasePersonal(ledger, erasable, { at, by: "server" }, rest);
      if (entries > 0) say({ entries });
    } catch (error) {
      if (error !== stopped) say({ cause: error instanceof Error ? error.message : String(error) });
    }
    if (!isStopped) plan(daySeconds);
  };
  const plan = (seconds: number): void => {
    cancel = after(seconds, () => {
      erasing = erase();
    });
  };
  plan(random() * startSecondsMax);
  return async () => {
    isStopped = true;
    cancel();
    await erasing;
  };
};

const stopped = new Error("stopped");
