/**
 * A minute of the morning before a real gate: thirty people, one every two seconds, each with a code of their own. Ten such
 * minutes are `npm run bench -- scanner --soak`.
 */
import type { Server } from "node:http";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGate } from "../bench/tap.ts";
import { launchChromium } from "../chromium.ts";
import { type City, createCity } from "../live-city.ts";
import { openTerminal, showPeople } from "./shown-people.ts";

const count = 30;
const secondsBetween = 2;
/** A busy machine is no stuck one. */
const patienceSeconds = 30;

let city: City;
let gate: Server;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  city = await createCity();
  gate = await startGate();
  await city.start();
  context = await launchChromium();
  page = await openTerminal(context, city, gate);
});

afterAll(async () => {
  await context?.close();
  gate?.close();
  await city?.close();
});

test("lets thirty people through in a minute, each once", async () => {
  // The first sees to it that the camera reads.
  await page.evaluate(showPeople, { count: 1, secondsBetween, patienceSeconds });
  const before = await page.evaluate(() => commandedAt.length);
  const shown = await page.evaluate(showPeople, { count, secondsBetween, patienceSeconds });
  expect(shown.filter(({ fromLens }) => fromLens === null)).toEqual([]);
  // A code is held up for a while after it was read, and is still one tap.
  expect(await page.evaluate(() => commandedAt.length)).toBe(before + count);
});
