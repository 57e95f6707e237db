/**
 * What has to be undone however this program ends: by itself, by an error, by Ctrl-C. The newest first; each by itself, so
 * that one that fails keeps none of the others. Nothing here waits: there is no time left for it.
 */
const undoings = new Set<() => void>();

export type Undoing = {
  readonly now: () => void;
  /** It was undone in another way. */
  readonly forget: () => void;
};

export const undoAtEnd = (undo: () => void): Undoing => {
  if (undoings.size === 0) watchEnd();
  undoings.add(undo);
  return {
    now: () => {
      if (undoings.delete(undo)) undo();
    },
    forget: () => void undoings.delete(undo),
  };
};

let isWatching = false;

const watchEnd = (): void => {
  if (isWatching) return;
  isWatching = true;
  process.once("exit", undoAll);
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
};

const undoAll = (): void => {
  for (const undo of [...undoings].reverse()) {
    try {
      undo();
    } catch (reason) {
      console.error(`left behind: ${reason instanceof Error ? reason.message : reason}`);
    }
  }
  undoings.clear();
};
