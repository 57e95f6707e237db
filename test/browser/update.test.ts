/**
 * A terminal in a real Chromium, and versions of its app that come while it serves: a good one is taken, but only between
 * two citizens; one that is broken at its start, finds itself ill, or says nothing is gone back from, by the terminal itself
 * and without a network; and whatever became of them, the log is whole.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { buildVersion, type Change, type Front, openFront } from "./app-versions.ts";
import { typeText } from "./typing.ts";

const titled = (title: string): Change => ["kiosk/index.html", "<title>Greenlane</title>", `<title>${title}</title>`];
const decoder = "kiosk/adapters/decode.worker.ts";
const database = "kiosk/adapters/database.ts";

const versions = {
  first: [titled("first")],
  good: [titled("good")],
  broken: [["kiosk/main.tsx", "start().catch(", 'throw new Error("broken");\nstart().catch(']],
  // It raises the database as well: the version before has to open that.
  ill: [
    [decoder, "const textLengthMax = 1_024;", "const textLengthMax = 4;"],
    [database, "(name, 3, {", "(name, 99, {"],
    [database, 'createObjectStore("carried", { keyPath: "id" })', 'createObjectStore("of-a-later-version")'],
  ],
  silent: [
    [
      "kiosk/main.tsx",
      "const start = async (): Promise<void> => {",
      "const start = async () => {\nawait new Promise(() => {});",
    ],
  ],
  forgetful: [[database, "openOrRaise(`greenlane/", "openOrRaise(`elsewhere/"]],
  last: [titled("last")],
} as const satisfies Record<string, readonly Change[]>;

type Name = keyof typeof versions;

let folder: string;
let city: City;
let front: Front;
let issuer: Issuer;
let context: BrowserContext;
let page: Page;
const built = new Map<Name, { readonly name: string; readonly pages: string }>();
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-update-"));
  for (const name of Object.keys(versions) as Name[]) {
    built.set(name, await buildVersion(join(folder, name), versions[name]));
  }
  city = await createCity();
  await city.start();
  issuer = await createIssuer(city);
  front = await openFront(city.url);
  offer("first");
  context = await launchChromium({ profileFolder: join(folder, "profile") });
  context.on("console", (message) => {
    const isExpected = /Failed to load resource|net::ERR_|broken/.test(message.text());
    if (message.type() === "error" && !isExpected) complaints.push(message.text());
  });
  page = await context.newPage();
});

afterAll(async () => {
  await context?.close();
  await front?.close();
  await city?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const nameOf = (name: Name): string => built.get(name)?.name ?? "";
const offer = (name: Name): void => front.offer(built.get(name)?.pages ?? "");

const scan = (text: string): Promise<void> => typeText(page, text);

/** Null also while the page goes. */
const version = (): Promise<string | null> =>
  page.evaluate(() => document.querySelector("[data-version]")?.getAttribute("data-version") ?? null).catch(() => null);

/** The version runs, and serves. */
const runs = async (name: Name): Promise<void> => {
  await waitUntil(async () => (await version()) === nameOf(name), 60);
  await page.locator('main[data-screen="ready"]').waitFor();
  // It scans once it found itself well.
  await waitUntil(() =>
    page.evaluate(() => localStorage.getItem("greenlane/main/hand-over") === null).catch(() => false),
  );
};

/** That a browser without a person before it gives no promise about its storage is no matter here. */
const alarms = async (): Promise<readonly string[]> =>
  (await page.locator('.alarms li[lang="en"]').allTextContents()).filter(
    (each) => !each.includes("clear this storage"),
  );

/** What lies in the terminal's own log, read beside it: the texts and the hashes, in order. */
const readLog = (): Promise<readonly { readonly text: string; readonly hash: string }[]> =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("greenlane/main");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction("log").objectStore("log").getAll();
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            opening.result.close();
            resolve(
              reading.result.map(({ bytes, hash }: { bytes: Uint8Array; hash: Uint8Array }) => ({
                text: new TextDecoder().decode(bytes),
                hash: [...hash].map((each) => each.toString(16).padStart(2, "0")).join(""),
              })),
            );
          };
        };
      }),
  );

/** By which versions it was started, in order. */
const starts = async (): Promise<readonly string[]> =>
  (await readLog()).flatMap(({ text }) => {
    const { kind, app } = JSON.parse(text);
    return kind === "started" ? [app] : [];
  });

/** Someone holds up a code that is not ours: an entry, and no more. */
const refuse = async (): Promise<void> => {
  const before = (await readLog()).length;
  await scan("https://example.org/ticket/1");
  await waitUntil(async () => (await readLog()).length > before);
};

const isWaiting = (): Promise<boolean> =>
  page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting != null);

/** Somebody is in the middle of it: then nothing may change. */
const openSession = async (): Promise<void> => {
  await scan(await issuer.code(people.ordinary, Math.floor(Date.now() / 1000)));
  await page.locator('main[data-screen="session"][data-stage="terms"]').waitFor();
};
const leaveSession = async (): Promise<void> => {
  await page.locator('[data-press="agree"]').click();
  await page.locator('main[data-stage="items"]').waitFor();
  await scan("LIB-00042");
  await page.locator("[data-item]").first().waitFor();
  await page.locator('[data-press="finish"]').click();
  await page.locator('[data-press="leave"]').click();
};

/** Offered while somebody is served, and here before it is let in. */
const bring = async (name: Name): Promise<void> => {
  await openSession();
  offer(name);
  await waitUntil(isWaiting);
};

const goesBack = async (name: Name, cause: RegExp, to: Name): Promise<void> => {
  await waitUntil(async () => (await alarms().catch(() => [])).some((each) => each.includes(nameOf(name))), 60);
  await runs(to);
  const said = (await alarms()).filter((each) => each.includes("failed its self-check"));
  expect(said).toEqual([
    expect.stringMatching(`^version ${nameOf(name)} failed its self-check \\(.*\\): running version ${nameOf(to)}$`),
  ]);
  expect(said[0]).toMatch(cause);
};

test("the first version installs itself", async () => {
  const enrol = ["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "library"];
  const answer = await succeed(city, ...enrol, "--site", "hall", "--name", "Desk", "--json");
  await page.goto(`${front.url}/kiosk/${new URL(JSON.parse(answer).link).hash}`);
  await runs("first");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await refuse();
});

test("a good version waits until nobody is served, and is then taken", async () => {
  await bring("good");
  // Longer than it would wait for an idle terminal.
  await page.waitForTimeout(3000);
  expect(await version()).toBe(nameOf("first"));
  expect(await isWaiting()).toBe(true);
  await leaveSession();
  await runs("good");
  await refuse();
  expect(await alarms()).toEqual([]);
  expect(await starts()).toEqual([nameOf("first"), nameOf("good")]);
});

test("one that is broken at its start is gone back from, without a network", async () => {
  await bring("broken");
  await front.cut();
  await leaveSession();
  await goesBack("broken", /no word within/, "good");
  await refuse();
  expect(await starts()).toEqual([nameOf("first"), nameOf("good"), nameOf("good")]);
});

test("and is not tried again", async () => {
  await front.mend();
  await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
  await page.reload();
  await runs("good");
  await page.waitForTimeout(6000);
  expect(await isWaiting()).toBe(false);
  expect((await starts()).slice(2)).toEqual(Array(2).fill(nameOf("good")));
});

test("one that finds itself ill is gone back from, though it raised the database", async () => {
  await bring("ill");
  await leaveSession();
  await goesBack("ill", /\(code: read \["GREE/, "good");
  await refuse();
  expect((await starts()).slice(4)).toEqual([nameOf("ill"), nameOf("good")]);
});

test("so is one that says nothing", async () => {
  await bring("silent");
  await leaveSession();
  await goesBack("silent", /no word within/, "good");
  await refuse();
});

test("so is one that does not find the log", async () => {
  await bring("forgetful");
  await leaveSession();
  await goesBack("forgetful", /\(log: it was not opened\)/, "good");
  await refuse();
});

test("the next good one is taken, and staff are told nothing more", async () => {
  await bring("last");
  await leaveSession();
  await runs("last");
  await refuse();
  expect(await alarms()).toEqual([]);
});

test("every entry is in the ledger exactly once, and the audit passes", async () => {
  await waitUntil(async () => (await page.locator("[data-pending]").getAttribute("data-pending")) === "0");
  const written = (await readLog()).map(({ hash }) => hash);
  const lines = (await succeed(city, "ledger", "export")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).hash)).toEqual(written);
  expect(await city.greenlane("ledger", "verify")).toMatchObject({ exitCode: 0 });
  expect(complaints).toEqual([]);
});
