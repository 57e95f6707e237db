/** What waits for a lull: how long, and how often it is then done. */
import { expect, test } from "vitest";
import { inLull } from "../kiosk/lull.ts";

const play = (asks: readonly number[]): readonly number[] => {
  const done: number[] = [];
  let now = 0;
  let due: { at: number; readonly callback: () => void } | null = null;
  const after = (seconds: number, callback: () => void) => {
    due = { at: now + 1000 * seconds, callback };
    return () => {
      due = null;
    };
  };
  const ask = inLull({ ticks: () => now, after }, () => done.push(now));
  const passTo = (at: number) => {
    if (due !== null && due.at <= at) {
      const { callback } = due;
      [now, due] = [due.at, null];
      callback();
    }
    now = at;
  };
  for (const at of asks) {
    passTo(at);
    ask();
  }
  passTo(60_000);
  return done;
};

test("once, 0.2 s after it was last asked for", () => {
  expect(play([0])).toEqual([200]);
  expect(play([0, 100, 250])).toEqual([450]);
  expect(play([0, 1_000])).toEqual([200, 1_200]);
});

test("within 0.5 s after it was first asked for, however often it is asked for again", () => {
  const asks = Array.from({ length: 30 }, (_, at) => at * 100);
  expect(play(asks)).toEqual([410, 910, 1_410, 1_910, 2_410, 2_910]);
  expect(play(Array.from({ length: 120 }, (_, at) => at * 5))).toEqual([500, 795]);
});

test("where no lull comes in time, behind what was asked for and before what comes next", () => {
  expect(play([0, 80, 160, 240, 320, 400])).toEqual([330, 600]);
});

test("and behind all that belongs together", () => {
  const people = [0, 90, 180, 270, 360].flatMap((tapAt) => [tapAt, tapAt + 6]);
  expect(play(people)).toEqual([376]);
});
