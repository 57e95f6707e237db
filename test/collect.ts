/** All that a stream gives. */
export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** A stream of what is at hand. */
export const streamOf = async function* <T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
};
