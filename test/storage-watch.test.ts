/** Whether there is room: by the browser's figures, and by a write. */
import { describe, expect, test } from "vitest";
import { judgeRoom, type Room, type RoomJudgement, watchStorage } from "../kiosk/storage-watch.ts";

describe("judgeRoom", () => {
  test.each([
    [0, 0, "roomy"],
    [0, 1e9, "roomy"],
    [0.79e9, 1e9, "roomy"],
    [0.8e9, 1e9, "short"],
    [0.949e9, 1e9, "short"],
    [0.95e9, 1e9, "full"],
    [2e9, 1e9, "full"],
  ] as const)("%d of %d bytes: %s", (usage, quota, kind) => {
    expect(judgeRoom({ usage, quota }).kind).toBe(kind);
  });

  test("says how much", () => {
    expect(judgeRoom({ usage: 876e6, quota: 1e9 }).cause).toBe("storage: 87 % of 1000 MB are used");
    expect(judgeRoom({ usage: 1, quota: 1e9 }).cause).toBe("");
  });
});

test("looks at once and every three minutes, writing each time", async () => {
  const rooms: (Room | Error)[] = [{ usage: 1, quota: 100 }, { usage: 85, quota: 100 }, new Error("no figures")];
  const judged: RoomJudgement[] = [];
  const pauses: number[] = [];
  let beats = 0;
  let again = (): void => {};
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  watchStorage({
    estimate: async () => {
      const room = rooms.shift();
      if (room === undefined || room instanceof Error) throw room;
      return room;
    },
    beat: async () => {
      beats += 1;
      if (beats === 4) throw new Error("QuotaExceededError");
    },
    clock: {
      after: (seconds, callback) => {
        pauses.push(seconds);
        again = callback;
        return () => {};
      },
    },
    onJudged: (judgement) => judged.push(judgement),
  });
  for (let look = 1; look <= 4; look++) {
    await settle();
    expect([beats, judged.length]).toEqual([look, look]);
    again();
  }
  expect(judged.map(({ kind }) => kind)).toEqual(["roomy", "short", "short", "full"]);
  expect(judged.at(-1)?.cause).toBe("storage: the disk takes nothing: Error: QuotaExceededError");
  expect(new Set(pauses)).toEqual(new Set([180]));
});
