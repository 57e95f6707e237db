/**
 * Work under names: at most `count` pieces at once, those of one name one after another in the order in which they came,
 * whatever became of the one before. The names take turns: however much waits under one, whoever comes under another waits
 * for no more than a piece of each.
 */
export type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export const createTurns = (count: number): Turns => {
  /** In the order of their turns. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const busy = new Set<string>();

  const begin = (): void => {
    for (const [name, works] of waiting) {
      if (busy.size >= count) return;
      const work = busy.has(name) ? undefined : works.shift();
      if (work === undefined) continue;
      waiting.delete(name);
      if (works.length > 0) waiting.set(name, works); // behind all others
      busy.add(name);
      void work().finally(() => {
        busy.delete(name);
        begin();
      });
    }
  };
  return (name, work) =>
    new Promise((resolve, reject) => {
      const works = waiting.get(name) ?? [];
      waiting.set(name, works);
      works.push(() => work().then(resolve, reject));
      begin();
    });
};

/** At most `max` pieces of work at once under one name; what is more is not begun. */
export type Places = <T>(name: string, work: () => Promise<T>) => Promise<T | "full">;

export const createPlaces = (max: number): Places => {
  const taken = new Map<string, number>();
  return async (name, work) => {
    const before = taken.get(name) ?? 0;
    if (before >= max) return "full";
    taken.set(name, before + 1);
    try {
      return await work();
    } finally {
      const left = (taken.get(name) ?? 1) - 1;
      if (left === 0) taken.delete(name);
      else taken.set(name, left);
    }
  };
};
