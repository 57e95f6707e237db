/** Web Locks of one device: one holder at a time, the others in the order in which they asked; a page's end frees its own. */
import type { Lock } from "../../kiosk/outbox.ts";

export type Life = { isAlive: boolean };

type Waiting = { readonly life: Life; readonly begin: () => void };

export type Locks = {
  readonly lockFor: (life: Life) => Lock;
  /** Resolves once `life` alone holds it, for as long as it lives. */
  readonly holdForGood: (name: string, life: Life) => Promise<void>;
  readonly release: (life: Life) => void;
};

const isExclusive = true;

export const createLocks = (): Locks => {
  const holders = new Map<string, Life>();
  const queues = new Map<string, Waiting[]>();

  const free = (name: string): void => {
    holders.delete(name);
    const next = queues.get(name)?.shift();
    if (next === undefined) return;
    holders.set(name, next.life);
    next.begin();
  };

  const take = (name: string, life: Life): Promise<void> =>
    new Promise((begin) => {
      // What a page had begun goes on here when it has ended, up to where it asks for something.
      if (!life.isAlive) return;
      if (!isExclusive || !holders.has(name)) {
        holders.set(name, life);
        return begin();
      }
      queues.set(name, [...(queues.get(name) ?? []), { life, begin }]);
    });

  return {
    lockFor: (life) => async (name, work) => {
      await take(name, life);
      try {
        await work();
      } finally {
        if (holders.get(name) === life) free(name);
      }
    },
    holdForGood: take,
    release: (life) => {
      for (const [name, queue] of queues) {
        queues.set(
          name,
          queue.filter((waiting) => waiting.life !== life),
        );
      }
      for (const [name, holder] of [...holders]) if (holder === life) free(name);
    },
  };
};
