/**
 * What goes wrong, and how often: of every hundred operations (a transaction, a request to the file's thread, a delivery, a movement of
 * the gate, a tap) about one meets a fault of its kind. The world does what these words say.
 */
import type { Dice } from "./dice.ts";

/** Where an operation can be met. */
export type Place = "database" | "file" | "gate" | "tap" | "delivery" | "server";

const kinds = {
  /** `kill`: the browser or one page of it; `power`: the device. Before the operation had its effect, or after it. */
  database: {
    "kill-before": 3,
    "kill-after": 3,
    "power-before": 3,
    "power-after": 3,
    "disk-full": 2,
    "write-error": 2,
    "error-after-commit": 2,
    "damage-database": 3,
    "damage-file": 3,
    "damage-mark": 2,
    "storage-reset": 0.3,
    "stale-profile": 0.3,
  },
  file: {
    "kill-before": 3,
    "kill-after": 3,
    "power-before": 2,
    "power-after": 2,
    "thread-fails": 3,
    "torn-write": 4,
    "short-write": 2,
    "power-before-flush": 3,
  },
  gate: { "kill-before": 2, "kill-after": 3, "power-after": 3, "gate-fault": 2, "gate-timeout": 2 },
  tap: { "clock-jump": 4, "second-tab": 3, reload: 3, "kill-before": 2 },
  delivery: {
    offline: 2,
    "lost-request": 3,
    "lost-answer": 4,
    duplicate: 4,
    "late-duplicate": 4,
    slow: 3,
    "500-after-commit": 4,
    garbage: 3,
    "empty-200": 2,
    "cut-answer": 3,
    "old-answer": 3,
    "others-answer": 4,
    "forged-ack": 3,
    "altered-answer": 2,
    "altered-request": 3,
    "problem-by-a-stranger": 1,
  },
  server: { "crash-before-commit": 3, "crash-after-commit": 4, unavailable: 3, "restored-from-backup": 1.5 },
} as const satisfies Record<Place, Readonly<Record<string, number>>>;

export type FaultAt<P extends Place> = keyof (typeof kinds)[P];
export type Fault = { [P in Place]: FaultAt<P> }[Place];

export type Faults = {
  /** Counts an operation; the fault that it meets, null where there is none. */
  readonly at: <P extends Place>(place: P) => FaultAt<P> | null;
  readonly operations: () => number;
  readonly counts: ReadonlyMap<string, number>;
  readonly stop: () => void;
};

/** `shares`: of the operations at a place, where it is not one in a hundred. */
export const createFaults = (dice: Dice, share: number, shares: Partial<Record<Place, number>> = {}): Faults => {
  const counts = new Map<string, number>();
  let operations = 0;
  let isOver = false;
  return {
    at: <P extends Place>(place: P) => {
      operations += 1;
      if (!dice.chance(shares[place] ?? share) || isOver) return null;
      const weights = Object.entries(kinds[place]) as [FaultAt<P>, number][];
      let left = dice.between(
        0,
        weights.reduce((sum, [, weight]) => sum + weight, 0),
      );
      const struck = weights.find(([, weight]) => {
        left -= weight;
        return left < 0;
      });
      if (struck === undefined) return null;
      counts.set(String(struck[0]), (counts.get(String(struck[0])) ?? 0) + 1);
      return struck[0];
    },
    operations: () => operations,
    counts,
    stop: () => {
      isOver = true;
    },
  };
};
