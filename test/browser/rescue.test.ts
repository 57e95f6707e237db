/**
 * Entries that their terminal cannot send, brought to the ledger without its network, in a real Chromium: off it as a file
 * into `ledger import`, and as a moving code, filmed, before the camera of another terminal, which keeps it over a restart
 * and sends it. Later the terminal is back and sends the same itself. The ledger holds every entry once.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { type Clip, writeVideo } from "../video.ts";
import { commandHere } from "./command-line.ts";
import { typeText } from "./typing.ts";

let folder: string;
let city: City;
let issuer: Issuer;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-rescue-"));
  city = commandHere(await createCity());
  await city.start();
  issuer = await createIssuer(city);
});
afterAll(async () => {
  await city?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const enrol = async (name: string): Promise<string> => {
  const where = ["--programme", "fuzhou-moli", "--profile", "metro", "--site", "east", "--name", name, "--json"];
  return new URL(JSON.parse(await succeed(city, "terminal", "enrol", ...where)).link).hash;
};

const launch = async (profile: string, videoFile?: string): Promise<BrowserContext> => {
  const film = videoFile === undefined ? {} : { videoFile };
  const context = await launchChromium({ profileFolder: join(folder, profile), ...film });
  context.on("weberror", (error) => {
    if (!/play\(\) request was interrupted/.test(String(error.error()))) complaints.push(String(error.error()));
  });
  context.on("console", (message) => {
    const isExpected = /Failed to load resource|net::ERR_/.test(message.text());
    if (message.type() === "error" && !isExpected) complaints.push(message.text());
  });
  return context;
};

const openTerminal = async (context: BrowserContext, hash = ""): Promise<Page> => {
  const page = await context.newPage();
  // Headless, nobody can answer the picker: the file goes where downloads go.
  await page.addInitScript(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
  await page.goto(`${city.url}/kiosk/${hash}`);
  await page.locator('main[data-screen="ready"]').waitFor();
  return page;
};

const passThrough = async (page: Page): Promise<void> => {
  await typeText(page, await issuer.code(people.perk, Math.floor(Date.now() / 1000)));
  await page.locator('main[data-screen="result"][data-stage="done"]').waitFor();
  await page.locator('main[data-screen="ready"]').waitFor();
};

const pendingIn = async (page: Page): Promise<number> =>
  Number(await page.locator("[data-pending]").first().getAttribute("data-pending"));

const openDesk = async (page: Page): Promise<void> => {
  await page.locator("footer summary").click();
  await page.locator("[data-press=hand-over]").click();
  await page.locator('main[data-screen="hand-over"]').waitFor();
};

const countUnsent = async (page: Page): Promise<number> => {
  const told = page.locator("[data-unsent]");
  await told.waitFor();
  return Number(await told.getAttribute("data-unsent"));
};

/** Every text of the moving code, as it is shown. */
const readMovingCode = async (page: Page): Promise<readonly string[]> => {
  const texts = new Map<number, string>();
  let frames = Number.POSITIVE_INFINITY;
  await waitUntil(async () => {
    const shown = await page.locator(".moving-code").evaluate((code) => {
      const { frame, code: text } = (code as unknown as HTMLElement).dataset;
      return { frame, text, frames: document.querySelector(".hand-over progress")?.getAttribute("max") };
    });
    frames = Number(shown.frames);
    texts.set(Number(shown.frame), shown.text ?? "");
    return texts.size === frames;
  }, 60);
  return [...texts].toSorted(([a], [b]) => a - b).map(([, text]) => text);
};

const storeOf = (page: Page, store: string): Promise<readonly { readonly hash?: readonly number[] }[]> =>
  page.evaluate(
    (from) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("greenlane/main");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction(from).objectStore(from).getAll();
          reading.onsuccess = () => {
            opening.result.close();
            resolve(
              JSON.parse(JSON.stringify(reading.result, (_, each) => (each instanceof Uint8Array ? [...each] : each))),
            );
          };
        };
      }),
    store,
  );

const hashesIn = async (page: Page): Promise<readonly string[]> =>
  (await storeOf(page, "log")).map(({ hash }) => Buffer.from(hash ?? []).toString("hex"));

const hashesOf = async (terminalHashes: readonly string[]): Promise<readonly string[]> => {
  const lines = (await succeed(city, "ledger", "export")).trim().split("\n");
  return lines.map((line) => JSON.parse(line).hash).filter((hash) => terminalHashes.includes(hash));
};

test("a file into ledger import, a moving code before another terminal's camera, and the terminal itself: once", async () => {
  const broken = await launch("broken");
  const page = await openTerminal(broken, await enrol("Gate 1"));
  await waitUntil(async () => (await pendingIn(page)) === 0);
  await broken.setOffline(true);
  await passThrough(page);
  await passThrough(page);
  await waitUntil(async () => (await pendingIn(page)) === 4);

  // As a file.
  await openDesk(page);
  expect(await countUnsent(page)).toBe(4);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("[data-press=save-file]").click()]);
  expect(download.suggestedFilename()).toMatch(/^greenlane-rescue-metro-[a-z0-9]{10}-\d{4}-\d\d-\d\d\.glr$/);
  const file = join(folder, "taken.glr");
  await download.saveAs(file);
  await page.locator("[data-notice=saved]").waitFor();
  expect(await succeed(city, "ledger", "import", file)).toMatch(/^metro-\w+: 4 new, 0 there already\.\n$/);
  expect(await succeed(city, "ledger", "import", file)).toMatch(/^metro-\w+: 0 new, 4 there already\.\n$/);
  await page.locator("[data-press=leave]").click();
  await page.locator('main[data-screen="ready"]').waitFor();
  expect(await pendingIn(page)).toBe(4);

  // As a moving code.
  await passThrough(page);
  await openDesk(page);
  expect(await countUnsent(page)).toBe(6);
  await page.locator("[data-press=show-moving]").click();
  const texts = await readMovingCode(page);
  expect(texts.length).toBeGreaterThan(1);
  const clips = texts.map((text): Clip => ({ seconds: 4 / 30, code: { text, format: "qr" } }));
  const videoFile = join(folder, "moving.mjpeg");
  await writeVideo(videoFile, clips);

  // Another terminal reads it without a network, and is switched off.
  const carrying = await launch("carrying", videoFile);
  const other = await openTerminal(carrying, await enrol("Gate 2"));
  await waitUntil(async () => (await pendingIn(other)) === 0);
  await carrying.setOffline(true);
  await openDesk(other);
  await other.locator("[data-press=take-over]").click();
  await other.locator("[data-notice=taken]").waitFor({ timeout: 60_000 });
  expect(await other.locator("[data-carried]").getAttribute("data-carried")).toBe("6");
  const brokenHashes = await hashesIn(page);
  expect((await hashesOf(brokenHashes)).length).toBe(brokenHashes.length - 2);
  expect((await storeOf(other, "carried")).length).toBe(1);
  await carrying.close();

  // It comes back, and sends what it carries.
  const again = await launch("carrying");
  const back = await openTerminal(again);
  await waitUntil(async () => (await storeOf(back, "carried")).length === 0);
  expect((await hashesOf(brokenHashes)).toSorted()).toEqual([...brokenHashes].toSorted());
  await waitUntil(async () => (await pendingIn(back)) === 0);
  await again.close();

  // The first terminal comes back, too: it knows nothing of all this.
  expect(await pendingIn(page)).toBe(6);
  await broken.setOffline(false);
  await waitUntil(async () => (await pendingIn(page)) === 0, 90);
  expect((await hashesOf(brokenHashes)).toSorted()).toEqual([...brokenHashes].toSorted());
  expect(await city.greenlane("ledger", "verify")).toMatchObject({ exitCode: 0 });
  await broken.close();
  expect(complaints).toEqual([]);
});
