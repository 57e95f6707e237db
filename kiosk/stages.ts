/**
 * A session in stages: which one it is at, the screen that shows it, and its end when nobody touches it any more.
 * `none` is the stage of no session; it has no screen of its own.
 */
import { createIdle } from "./idle.ts";
import type { Lane } from "./lane.ts";
import type { Screen } from "./session.ts";

export type Stages<Stage> = {
  readonly current: () => Stage;
  /** Goes on to `next`, shows it, and starts the idle time again. */
  readonly enter: (next: Stage) => void;
  /** No session any more. Returns the stage at which it was. */
  readonly end: () => Stage;
};

/** `screenOf`: the screen of a stage, with the seconds left where it is about to end by itself. */
export const createStages = <Stage>(
  lane: Lane,
  none: Stage,
  screenOf: (stage: Stage, warning: number | null) => Screen | null,
  onIdle: () => Promise<void>,
): Stages<Stage> => {
  let stage = none;

  const draw = (warning: number | null): void => {
    const screen = screenOf(stage, warning);
    if (screen !== null) lane.show(screen);
  };
  const idle = createIdle(lane.clock, draw, () => lane.run(onIdle));

  return {
    current: () => stage,
    enter: (next) => {
      stage = next;
      idle.touch();
      draw(null);
    },
    end: () => {
      const last = stage;
      idle.stop();
      stage = none;
      return last;
    },
  };
};
