/** Web Locks: what only one page of this browser may do at a time. A lock ends with its page, however that ends. */

/** Runs `work` while nobody else holds the lock. */
export const withLock = async (name: string, work: () => Promise<void>): Promise<void> => {
  await navigator.locks.request(name, work);
};

/** Resolves once this page alone holds the lock, for as long as it lives. `onTaken`: another page has it; we wait. */
export const holdForGood = (name: string, onTaken: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const hold = (): Promise<never> => {
      resolve();
      return new Promise(() => {});
    };
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock !== null) return hold();
        onTaken();
        navigator.locks.request(name, hold).catch(reject);
      })
      .catch(reject);
  });
