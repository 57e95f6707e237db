/**
 * When the network may have returned: the browser says so, or the page is looked at again, or, where no browser can know
 * (the cable was in, and the switch or the server was away), the server answers a small question again. That is asked
 * every 0.25 to 0.75 s for the first minute or so from a request that reached nobody on, then ten times less often, while
 * somebody listens.
 *
 * A server that answers the first such question was not away: whatever failed has to be tried again in its own time.
 */
import type { Random } from "../ports.ts";

export type NetworkReturn = {
  /** A request reached nobody. */
  readonly onUnreached: () => void;
  readonly onReturn: (callback: () => void) => () => void;
};

const answerSeconds = 2;

export const watchReturn = (origin: string, random: Random): NetworkReturn => {
  const listeners = new Set<() => void>();
  let isAsking = false;

  const askUntilThere = async (): Promise<void> => {
    for (let asked = 0; listeners.size > 0; asked++) {
      const pause = pauseBefore(asked, (random.bytes(1)[0] ?? 0) / 256);
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!(await isThere(origin))) continue;
      if (asked > 0) for (const listener of listeners) listener();
      return;
    }
  };

  return {
    onUnreached: () => {
      if (isAsking) return;
      isAsking = true;
      void askUntilThere().finally(() => {
        isAsking = false;
      });
    },
    onReturn: (callback) => {
      const seen = () => {
        if (!document.hidden) callback();
      };
      listeners.add(callback);
      addEventListener("online", callback);
      document.addEventListener("visibilitychange", seen);
      return () => {
        listeners.delete(callback);
        removeEventListener("online", callback);
        document.removeEventListener("visibilitychange", seen);
      };
    },
  };
};

/** In milliseconds. A city of terminals must not keep asking a server that is down for hours twice a second each. */
export const pauseBefore = (asked: number, chance: number): number => (asked < 120 ? 1 : 10) * (250 + 500 * chance);

/** The login page of a wireless network is not the server. */
const isThere = async (origin: string): Promise<boolean> => {
  try {
    const { ok, headers } = await fetch(`${origin}/healthz`, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(answerSeconds * 1000),
    });
    return ok && headers.get("content-type")?.startsWith("application/json") === true;
  } catch {
    return false;
  }
};
