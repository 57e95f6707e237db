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

/** Several queues: what bears one name is always in the same one. */
export const createTurns = (count: number): ((name: string) => InTurn) => {
  const turns = Array.from({ length: count }, createTurn);
  const first = createTurn();
  return (name) => turns[numberOf(name) % count] ?? first;
};

const numberOf = (name: string): number => {
  let number = 0;
  for (let i = 0; i < name.length; i++) number = (number * 31 + name.charCodeAt(i)) >>> 0;
  return number;
};
