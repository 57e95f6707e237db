/**
 * Time in the simulation: a heap of what is to happen. Nothing happens but by it, one thing after another, and between
 * two of them every promise that can go on has gone on. No timer of the machine is involved.
 */

export type Scheduler = {
  /** Milliseconds since the world began. */
  readonly now: () => number;
  /** Returns how to call it off. */
  readonly after: (milliseconds: number, happen: () => void) => () => void;
  /** Until `isOver`, or until nothing is to come or `until` has passed. */
  readonly run: (isOver: () => boolean, until?: number) => Promise<void>;
};

type Event = { readonly at: number; readonly order: number; happen: (() => void) | null };

export const createScheduler = (): Scheduler => {
  const heap: Event[] = [];
  let now = 0;
  let order = 0;
  let turns = 0;

  const push = (event: Event): void => {
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent];
      if (other === undefined || !isBefore(event, other)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = event;
  };

  const pop = (): Event | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child += 1;
      const next = heap[child];
      if (next === undefined || !isBefore(next, last)) break;
      heap[at] = next;
      at = child;
    }
    heap[at] = last;
    return top;
  };

  return {
    now: () => now,
    after: (milliseconds, happen) => {
      const event: Event = { at: now + Math.max(0, milliseconds), order: order++, happen };
      push(event);
      return () => {
        event.happen = null;
      };
    },
    run: async (isOver, until = Number.POSITIVE_INFINITY) => {
      while (!isOver()) {
        const event = pop();
        if (event === undefined) return;
        if (event.happen === null) continue;
        if (event.at > until) {
          push(event);
          now = until;
          return;
        }
        now = event.at;
        event.happen();
        turns += 1;
        await (turns % machineEvery === 0 ? machineTurn() : allPromises());
      }
    },
  };
};

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Node runs what is put off to its next tick once no promise can go on, and asks the machine for nothing in between. */
const allPromises = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

/** Between such ticks nobody is told of a promise that failed unheard: the machine has its turn now and then. */
const machineEvery = 64;
const machineTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
