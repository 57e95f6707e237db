/**
 * A power cut may leave the database's newest file ending in zeros, where what was not yet durable should be. Here they are
 * written by hand behind a browser that was killed. The control shows what the browser does of itself two starts later: once
 * it no longer does, kiosk/adapters/old-log-file.ts can go.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endInZeros, logFilesIn } from "../chaos/database-files.ts";
import type { KillableBrowser } from "../chaos/killable-browser.ts";
import { enrol, isEnrolled, openLogPage } from "../chaos/log-page.ts";
import { buildStorePage, type ServedPages, servePages } from "./store-browser.ts";

const slot = "torn";
/** Less than a block of a LevelDB log (32 KiB), so that what is written next begins in the same one. */
const tornBytes = 700;
let folder: string;
let pages: ServedPages;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "greenlane-torn-"));
  await buildStorePage(join(folder, "pages"));
  pages = await servePages(join(folder, "pages"));
});

afterAll(() => {
  pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("what lies in the database alone is there after a torn file, and after the next start", async () => {
  const profile = join(folder, "as-it-is");
  await during(profile, begin);
  const torn = endInZeros(profile, tornBytes);
  await during(profile, async (browser) => {
    await browser.page.evaluate((name) => stores.leaveOldLogFile(name), slot);
    await expect.poll(() => logFilesIn(profile).includes(torn), { timeout: 10_000 }).toBe(false);
    expect(await browser.page.evaluate(isEnrolled, slot)).toBe(true);
    expect(await browser.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([
      `greenlane/${slot}`,
    ]);
    await browser.page.evaluate(write, slot);
  });
  await during(profile, async ({ page }) => expect(await page.evaluate(isEnrolled, slot)).toBe(true));
});

test("control: without it, the browser throws the database away at the start after the next", async () => {
  const profile = join(folder, "control");
  await during(profile, begin);
  const torn = endInZeros(profile, tornBytes);
  await during(profile, async ({ page }) => {
    expect(await page.evaluate(isEnrolled, slot)).toBe(true);
    await page.evaluate(write, slot);
    expect(logFilesIn(profile)).toContain(torn);
  });
  await during(profile, async ({ page }) => expect(await page.evaluate(isEnrolled, slot)).toBe(false));
});

const during = async (profile: string, steps: (browser: KillableBrowser) => Promise<void>): Promise<void> => {
  const browser = await openLogPage(profile, `${pages.url}/`);
  try {
    await steps(browser);
  } finally {
    await browser.kill();
  }
};

const begin = async ({ page }: KillableBrowser): Promise<void> => {
  await page.evaluate(enrol, slot);
  await page.evaluate(write, slot);
};

/** In the page: rows of many sizes, over several blocks. */
const write = async (name: string): Promise<void> => {
  const db = await stores.openDatabase(name);
  for (let number = 0; number < 60; number++) {
    const bytes = crypto.getRandomValues(new Uint8Array(100 + ((number * 997) % 9000)));
    await db.change(["artefacts"], (tx) => tx.objectStore("artefacts").put(bytes, `row ${number}`));
  }
  db.close();
};
