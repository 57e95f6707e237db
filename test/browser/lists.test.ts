/**
 * A city of ten million, whole: published by the command line, fetched by a real terminal in Chromium, and the next day's
 * changes as a patch; a citizen whose band changed gets the new terms at the next tap.
 */
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { changeScores, cityEntries, makeScores, writeScores } from "../city-scores.ts";
import { type City, createCity, createIssuer, type Issuer, succeed, waitUntil } from "../live-city.ts";
import { typeText } from "./typing.ts";

/** The citizen whose score changes overnight, from below every cut to the highest band. */
const riser = 7_654_321;

let city: City;
let issuer: Issuer;
let context: BrowserContext;
let page: Page;
/** Lengths of the pieces of artefacts that the terminal has fetched. */
const pieces: Promise<number>[] = [];

const publish = async (scores: Uint16Array): Promise<void> => {
  const file = join(city.folder, "city.csv");
  await writeScores(file, scores);
  await succeed(city, "scores", "publish", file, "--programme", "fuzhou-moli", "--list", "whole");
};

const tap = async (): Promise<string | null> => {
  const code = await issuer.code(riser, Math.floor(Date.now() / 1000), "whole");
  await typeText(page, code);
  const main = page.locator('main[data-screen="result"]');
  await main.waitFor();
  const terms = await main.getAttribute("data-terms");
  await page.locator('main[data-screen="ready"]').waitFor();
  return terms;
};

/** Asks the server again, as when the network returns, until the terminal has this version of the list. */
const follow = async (version: number): Promise<void> => {
  await waitUntil(async () => {
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return (await installedVersion(page)) === version;
  }, 120);
};

beforeAll(async () => {
  city = await createCity();
  await city.start();
  issuer = await createIssuer(city);
  context = await launchChromium();
  page = await context.newPage();
  page.on("response", (response) => {
    if (response.url().includes("/v1/artefacts/")) pieces.push(response.body().then((body) => body.length));
  });
});

afterAll(async () => {
  await context?.close();
  await city?.close();
});

test("ten million citizens reach a terminal, and a day's changes follow as a patch", async () => {
  const scores = makeScores(cityEntries, 1);
  scores[riser] = 600;
  await publish(scores);
  const answer = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "gate", "--name", "Gate"],
    "--json",
  );
  await page.goto(JSON.parse(answer).link);
  await page.locator('main[data-screen="ready"]').waitFor({ timeout: 60_000 });
  await follow(1);
  const whole = await fetchedBytes();
  // 4 bits a citizen would be 5 MB; the values' own entropy is about a third of that.
  expect(whole).toBeGreaterThan(1_000_000);
  expect(whole).toBeLessThan(2_200_000);
  expect(await tap()).toBe("ordinary");

  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  console.log(`ten million citizens: ${mega(whole)} MB fetched, ${mega(used)} MB of storage used`);
  expect(used).toBeLessThan(64_000_000);

  const next = changeScores(scores, 0.01, 2);
  next[riser] = 800;
  await publish(next);
  await follow(2);
  const patch = (await fetchedBytes()) - whole;
  console.log(`one score in a hundred changed: ${mega(patch)} MB fetched`);
  expect(patch).toBeLessThan(whole / 10);
  expect(await tap()).toBe("perk");
}, 400_000);

const fetchedBytes = async (): Promise<number> => (await Promise.all(pieces)).reduce((sum, each) => sum + each, 0);

const mega = (bytes: number): string => (bytes / 1e6).toFixed(2);

/** The version of the list in the manifest that lies in the terminal's store, read beside it; 0 where there is none. */
const installedVersion = (from: Page): Promise<number> =>
  from.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("greenlane/main");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction("bundle").objectStore("bundle").get("manifest");
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            opening.result.close();
            // Signed, not sealed: the JSON stands in it as it is.
            const text = new TextDecoder().decode(reading.result);
            resolve(Number(/"name":"list\/fuzhou-moli\/whole","version":(\d+)/.exec(text)?.[1] ?? 0));
          };
        };
      }),
  );
