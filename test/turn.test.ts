import { expect, it } from "vitest";
import { createPlaces, createTurns } from "../edge-server/turn.ts";

/** Who comes when. */

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

it("lets names take turns, however much one of them has waiting", async () => {
  const turns = createTurns(2);
  const done: string[] = [];
  const work = (name: string) =>
    turns(name, async () => {
      await pause();
      done.push(name);
    });
  const others = Array.from({ length: 50 }, (_, index) => `other ${index}`);
  const all = [...Array(200).fill("liar"), ...others, ...others].map(work);
  await Promise.all(all);
  const last = done.lastIndexOf("other 49");
  expect(done.slice(0, last).filter((name) => name === "liar").length).toBeLessThanOrEqual(4);
  expect(done).toHaveLength(300);
});

it("does no more than so many at once, and of one name one after another in order", async () => {
  const turns = createTurns(3);
  let [running, most] = [0, 0];
  const order: string[] = [];
  const busy = new Set<string>();
  const work = (name: string, number: number) =>
    turns(name, async () => {
      expect(busy.has(name)).toBe(false);
      busy.add(name);
      running += 1;
      most = Math.max(most, running);
      for (let i = 0; i <= number % 3; i++) await pause();
      order.push(`${name}${number}`);
      running -= 1;
      busy.delete(name);
    });
  await Promise.all(["a", "b", "c", "d", "e"].flatMap((name) => [1, 2, 3, 4].map((number) => work(name, number))));
  expect(most).toBe(3);
  for (const name of ["a", "e"]) {
    expect(order.filter((each) => each.startsWith(name))).toEqual([1, 2, 3, 4].map((number) => `${name}${number}`));
  }
});

it("goes on after work that failed, which alone is told", async () => {
  const turns = createTurns(1);
  const failed = turns("a", async () => {
    throw new Error("failed");
  });
  const next = turns("a", async () => "next");
  const other = turns("b", async () => "other");
  await expect(failed).rejects.toThrow("failed");
  expect(await Promise.all([next, other])).toEqual(["next", "other"]);
});

it("has only so many places under a name, and gives them back whatever became of the work", async () => {
  const places = createPlaces(2);
  const fail = () => places("a", async () => Promise.reject(new Error("failed")));
  const [first, second, third] = [fail(), fail(), places("a", async () => "third")];
  expect(await third).toBe("full");
  expect(await places("b", async () => "other")).toBe("other");
  for (const each of [first, second]) await expect(each).rejects.toThrow("failed");
  expect(await Promise.all([places("a", async () => 1), places("a", async () => 2)])).toEqual([1, 2]);
});
