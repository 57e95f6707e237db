/**
 * Notices that something which should be heard of all the time is not. Counted in steps of a clock rather than in time gone
 * by: where the whole page was held up, what waited to be heard comes before the next step, and nothing is missed.
 */
export type Silence = { readonly heard: () => void; readonly end: () => void };

export const silenceStepMilliseconds = 250;

/** Calls `onSilent` once. */
export const watchSilence = (millisecondsMax: number, onSilent: () => void): Silence => {
  let steps = 0;
  const timer = setInterval(() => {
    steps += 1;
    if (steps * silenceStepMilliseconds <= millisecondsMax) return;
    clearInterval(timer);
    onSilent();
  }, silenceStepMilliseconds);
  return {
    heard: () => {
      steps = 0;
    },
    end: () => clearInterval(timer),
  };
};
