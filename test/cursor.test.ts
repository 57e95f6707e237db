/** The outbox's cursor before a disk that takes as long as it likes, or takes nothing. */
import { beforeEach, expect, it } from "vitest";
import { type Cursor, createCursor } from "../kiosk/cursor.ts";

type Writing = { readonly seq: number; readonly at: number; readonly end: () => void; readonly fail: () => void };

let writings: Writing[];
let moved: number[];
let ticks: number;
let cursor: Cursor;

beforeEach(() => {
  [writings, moved, ticks] = [[], [], 0];
  const acknowledge = (seq: number, at: number) =>
    new Promise<void>((resolve, reject) => {
      writings.push({ seq, at, end: resolve, fail: () => reject(new Error("the disk is full")) });
    });
  cursor = createCursor({ acknowledge }, { ticks: () => ticks }, 5, () => moved.push(cursor.seq()));
});

const asked = () => writings.map(({ seq, at }) => [seq, at]);
const end = async (index: number): Promise<void> => {
  writings[index]?.end();
  await Promise.resolve();
  await Promise.resolve();
};

it("is what lies on the disk, and nothing that is on its way there", async () => {
  cursor.move(9, 100);
  expect([cursor.seq(), moved]).toEqual([5, []]);
  await end(0);
  expect([cursor.seq(), moved]).toEqual([9, [9]]);
  await cursor.settled();
});

it("writes one ack at a time, and of those that wait only the newest", async () => {
  cursor.move(9, 100);
  expect(cursor.isBehind()).toBe(false);
  cursor.move(12, 101);
  cursor.move(15, 102);
  expect([asked(), cursor.isBehind()]).toEqual([[[9, 100]], true]);
  const settled = cursor.settled();
  await end(0);
  expect([asked()[1], cursor.seq(), cursor.isBehind()]).toEqual([[15, 102], 9, false]);
  await end(1);
  await settled;
  expect([cursor.seq(), moved, writings.length]).toEqual([15, [9, 15], 2]);
});

it("writes no second one within a second, unless it is asked for", async () => {
  cursor.move(9, 100);
  await end(0);
  ticks = 999;
  cursor.move(12, 101);
  cursor.move(15, 102);
  expect([asked(), cursor.isBehind(), cursor.seq()]).toEqual([[[9, 100]], false, 9]);
  ticks = 1000;
  cursor.move(18, 103);
  expect(asked()).toEqual([
    [9, 100],
    [18, 103],
  ]);
  await end(1);
  cursor.move(21, 104);
  expect(writings.length).toBe(2);
  const settled = cursor.settled();
  expect(asked()[2]).toEqual([21, 104]);
  await end(2);
  await settled;
  expect([cursor.seq(), moved]).toEqual([21, [9, 18, 21]]);
});

it("says once what could not be written, forgets what waited behind it, and goes on with the next", async () => {
  cursor.move(9, 100);
  cursor.move(12, 101);
  writings[0]?.fail();
  await expect(cursor.settled()).rejects.toThrow("the disk is full");
  await cursor.settled();
  expect([cursor.seq(), cursor.isBehind(), writings.length]).toEqual([5, false, 1]);
  cursor.move(8, 103);
  const settled = cursor.settled();
  await end(1);
  await settled;
  expect([cursor.seq(), asked()[1]]).toEqual([8, [8, 103]]);
});
