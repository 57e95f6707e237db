/**
 * Work that is done again and again: now, and each time after as many seconds as it says. It says itself what went wrong
 * with it, and does not throw.
 */
export type RepeatEdges = {
  /** Calls back after so many seconds, unless the answer is called first. */
  readonly after: (seconds: number, callback: () => void) => () => void;
};

/** Gives back what stops it, after the piece that is under way. */
export const repeat = (work: () => Promise<number>, { after }: RepeatEdges): (() => Promise<void>) => {
  let isStopped = false;
  let cancel = (): void => {};
  const begin = async (): Promise<void> => {
    const seconds = await work();
    if (isStopped) return;
    cancel = after(seconds, () => {
      working = begin();
    });
  };
  let working = begin();
  return async () => {
    isStopped = true;
    cancel();
    await working;
  };
};
