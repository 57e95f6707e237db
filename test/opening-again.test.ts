/** A terminal that its disk took out of service: when it is opened again, and when not. */
import { expect, test } from "vitest";
import { watchForOpeningAgain } from "../kiosk/opening-again.ts";
import { outOfService, setup } from "../kiosk/waiting.ts";

const create = (isHeld: () => boolean = () => false) => {
  const opened: number[] = [];
  let now = 0;
  let due: { readonly at: number; readonly callback: () => void }[] = [];
  const watch = watchForOpeningAgain({
    clock: {
      after: (seconds, callback) => {
        due.push({ at: now + seconds, callback });
        return () => {};
      },
    },
    isHeld,
    openAgain: () => opened.push(now),
  });
  const passTo = (at: number) => {
    for (; now < at; now++) {
      const ripe = due.filter((each) => each.at <= now);
      due = due.filter((each) => each.at > now);
      for (const { callback } of ripe) callback();
    }
  };
  return { watch, passTo, opened };
};

test("a minute after it said so, once", () => {
  const { watch, passTo, opened } = create();
  watch(outOfService("storage", "the disk is full"));
  passTo(30);
  watch(outOfService("storage", "the disk is full"));
  passTo(600);
  expect(opened).toEqual([60]);
});

test("not while it is held: it looks again each minute", () => {
  let isHeld = true;
  const { watch, passTo, opened } = create(() => isHeld);
  watch(outOfService("storage", "the disk is full"));
  passTo(200);
  isHeld = false;
  passTo(600);
  expect(opened).toEqual([240]);
});

test.each([
  ["a broken gate", outOfService("gate", "no answer")],
  ["staff who closed it", outOfService("closed", "")],
  ["an operator who revoked it", outOfService("revoked", "")],
  ["a second window", outOfService("second-tab", "")],
  ["a terminal that is being set up", setup("loading")],
])("not for %s", (_, screen) => {
  const { watch, passTo, opened } = create();
  watch(screen);
  passTo(600);
  expect(opened).toEqual([]);
});
