/** A terminal whose disk does not answer when it starts, in a real Chromium: it says so, and serves once the disk answers. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, succeed } from "../live-city.ts";
import { commandHere } from "./command-line.ts";

let folder: string;
let city: City;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-again-"));
  city = commandHere(await createCity());
  await city.start();
});

afterAll(async () => {
  await city?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("it is opened again by itself after a minute, for as long as it takes", async () => {
  const profile = ["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro"];
  const enrolled = await succeed(city, ...profile, "--site", "gate", "--name", "Gate", "--json");
  const context = await launchChromium({ profileFolder: join(folder, "profile") });
  try {
    const page = await context.newPage();
    await page.goto(JSON.parse(enrolled).link);
    await page.locator('main[data-screen="ready"]').waitFor();

    await page.evaluate(() => sessionStorage.setItem("failing", "2"));
    await page.addInitScript(() => {
      const left = Number(sessionStorage.getItem("failing"));
      if (left === 0) return;
      sessionStorage.setItem("failing", String(left - 1));
      navigator.storage.persist = () => Promise.reject(new Error("the disk does not answer"));
    });
    await page.clock.install();
    await page.reload();
    for (let starts = 1; starts <= 2; starts++) {
      const told = page.locator('main[data-screen="out-of-service"]');
      await told.waitFor();
      expect(await told.innerText()).toContain("the disk does not answer");
      expect(await page.evaluate(() => sessionStorage.getItem("failing"))).toBe(String(2 - starts));
      await Promise.all([page.waitForEvent("load"), page.clock.fastForward(60_000)]);
    }
    await page.locator('main[data-screen="ready"]').waitFor();
  } finally {
    await context.close();
  }
});
