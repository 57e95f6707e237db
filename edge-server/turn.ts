/** Work that is done one after another, in the order in which it came, whatever became of the work before it. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export const createTurn = (): InTurn => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined); // whoever asked for it hears of it
    return turn;
  };
};
