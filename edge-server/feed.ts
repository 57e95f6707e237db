/** What somebody who listens has not been told yet. Who reads too slowly misses what comes beyond `itemsMax`. */
export type Feed<T> = {
  readonly push: (item: T) => void;
  /** All that came since, as soon as there is any; nothing after so many seconds, and once it is closed. */
  readonly next: (seconds: number) => Promise<readonly T[]>;
  readonly isClosed: () => boolean;
  readonly close: () => void;
};

/** `after` calls back after so many seconds, unless its answer is called first. */
export const createFeed = <T>(
  itemsMax: number,
  after: (seconds: number, callback: () => void) => () => void,
): Feed<T> => {
  const waiting: T[] = [];
  let isClosed = false;
  let wake = (): void => {};
  return {
    push: (item) => {
      if (waiting.length < itemsMax) waiting.push(item);
      wake();
    },
    next: async (seconds) => {
      if (waiting.length === 0 && !isClosed) {
        await new Promise<void>((resolve) => {
          const cancel = after(seconds, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      return waiting.splice(0);
    },
    isClosed: () => isClosed,
    close: () => {
      isClosed = true;
      wake();
    },
  };
};
