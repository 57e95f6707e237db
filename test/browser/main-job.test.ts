/**
 * The main job, whole: three terminals in a real Chromium with a profile on disk, a film of real QR codes before the
 * camera, the real server. First with the network; then the server is killed and the browser restarted without it; then
 * the server returns, and the ledger holds what the terminals wrote, each entry exactly once.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults } from "../../shared/verify.ts";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { type Clip, writeVideo } from "../video.ts";

/** The time from making a film to its first frame before a camera that is ready, generously (seconds). */
const setUpSeconds = 12;

type Slot = "metro" | "library" | "bike";
type Seen = { readonly screen: string; readonly effect: string; readonly terms: string; readonly reason: string };

let folder: string;
let city: City;
let issuer: Issuer;
const links = new Map<Slot, string>();
const foreign: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-main-job-"));
  city = await createCity();
  await city.start();
  issuer = await createIssuer(city);
  for (const slot of ["metro", "library", "bike"] as const) {
    const answer = await succeed(
      city,
      ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", slot],
      ...["--site", `site-${slot}`, "--name", `Test ${slot}`, "--json"],
    );
    links.set(slot, JSON.parse(answer).link);
  }
});

afterAll(async () => {
  await city?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("with the server, then without it, then with it again", () => {
  for (const network of ["online", "offline"] as const) {
    test(`${network}: a metro gate permits with a perk and on ordinary terms, and refers every fault`, async () => {
      if (network === "offline") await city.kill();
      const shown: Clip[] = [{ seconds: 3 }];
      const at = (): number => Math.floor(nowSeconds() + setUpSeconds + lengthOf(shown));
      const show = async (text: string, seconds: number): Promise<void> => {
        shown.push({ seconds, code: { text, format: "qr" } }, { seconds: 0.6 });
      };
      const perk = await issuer.code(people.perk, at());
      await show(perk, 1.5);
      await show(await issuer.code(people.ordinary, at()), 1.5);
      for (const fault of faults) await show(await issuer.faulty(fault, at()), 1.2);
      await show(await issuer.code(people.revoked, at()), 1.2);
      await show(perk, 1.2);

      const expected = [
        "result permit perk perk",
        "result permit ordinary ordinary",
        ...faults.map((fault) => `refer refer  ${fault}`),
        "refer refer  revoked",
        "refer refer  replay",
      ];
      await withTerminal("metro", shown, async (page) => {
        const outcomes = async () => distinct((await seenOn(page)).filter((each) => each.effect !== "").map(lineOf));
        await waitUntil(async () => (await outcomes()).length >= expected.length, lengthOf(shown) + 20).catch(() => {});
        expect(await outcomes()).toEqual(expected);
      });
    });

    test(`${network}: a library desk lends two items`, async () => {
      const shown: Clip[] = [{ seconds: 3 }];
      const at = nowSeconds() + setUpSeconds + 3;
      shown.push({ seconds: 3, code: { text: await issuer.code(people.ordinary, at), format: "qr" } }, { seconds: 4 });
      shown.push({ seconds: 2.5, code: { text: "9787302511625", format: "ean13" } }, { seconds: 2 });
      shown.push({ seconds: 2.5, code: { text: "LIB-00042", format: "code128" } }, { seconds: 20 });

      await withTerminal("library", shown, async (page) => {
        await page.locator('main[data-screen="session"][data-stage="terms"][data-terms="ordinary"]').waitFor();
        await page.locator('[data-press="agree"]').click();
        await page.locator("[data-item]").nth(1).waitFor();
        const items = await page
          .locator("[data-item]")
          .evaluateAll((each) => each.map((one) => one.getAttribute("data-item")));
        expect(items.sort()).toEqual(["9787302511625", "LIB-00042"]);
        await page.locator('[data-press="finish"]').click();
        await page.locator('main[data-stage="receipt"]').waitFor();
        await page.locator('[data-press="leave"]').click();
        await page.locator('main[data-screen="ready"]').waitFor();
      });
    });

    test(`${network}: a bike station lends a bike and takes it back`, async () => {
      const at = nowSeconds() + setUpSeconds + 3;
      const code = await issuer.code(people.lower, at);
      const shown: Clip[] = [{ seconds: 3 }, { seconds: 3, code: { text: code, format: "qr" } }, { seconds: 40 }];

      await withTerminal("bike", shown, async (page) => {
        await page.locator('main[data-screen="session"][data-stage="dock"]').waitFor();
        await page.locator('[data-press="choose-dock"]:not([disabled])').first().click();
        await page.locator('main[data-stage="terms"][data-terms="perk"]').waitFor();
        await page.locator('[data-press="agree"]').click();
        await page.locator('main[data-screen="result"][data-stage="done"]').waitFor();
        await page.locator('main[data-screen="ready"]').waitFor();
        await page.locator('[data-press="start-return"]').click();
        await page.locator('[data-press="choose-dock"]:not([disabled])').first().click();
        await page.locator('main[data-screen="result"][data-stage="done"]').waitFor();
      });
    });
  }

  test("the server returns: every entry is in the ledger exactly once, and the audit passes", async () => {
    await city.start();
    const written: string[] = [];
    for (const slot of links.keys()) {
      await withTerminal(slot, [{ seconds: 5 }], async (page) => {
        await page.locator('main[data-screen="ready"]').waitFor();
        await waitUntil(async () => (await pendingIn(page, slot)) === 0, 90);
        written.push(...(await hashesIn(page, slot)));
      });
    }
    const lines = (await succeed(city, "ledger", "export")).trim().split("\n");
    const held = lines.map((line) => JSON.parse(line));
    expect(held.map((each) => each.hash).sort()).toEqual([...new Set(written)].sort());
    const permits = held.filter((each) => each.transaction.result?.effect === "permit");
    expect(permits.filter((each) => each.transaction.request.action === "entry")).toHaveLength(4);
    expect(permits.filter((each) => each.transaction.request.action === "checkout")).toHaveLength(4);
    expect(permits.filter((each) => each.transaction.request.action === "trip_start")).toHaveLength(2);
    expect(permits.filter((each) => each.transaction.request.action === "trip_end")).toHaveLength(2);
    for (const fault of faults) {
      expect(
        held.filter((each) => each.transaction.result?.reason === fault),
        fault,
      ).toHaveLength(2);
    }

    const audit = await city.greenlane("ledger", "verify");
    expect(audit).toMatchObject({ exitCode: 0 });
    const file = join(folder, "export.ndjson");
    await import("node:fs/promises").then(({ writeFile }) => writeFile(file, `${lines.join("\n")}\n`));
    expect(await city.greenlane("ledger", "verify", file)).toMatchObject({ exitCode: 0 });
  });

  test("no request left this machine, and nothing broke the page's own rules", () => {
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const lengthOf = (clips: readonly Clip[]): number => clips.reduce((sum, each) => sum + each.seconds, 0);
const lineOf = (seen: Seen): string => `${seen.screen} ${seen.effect} ${seen.terms} ${seen.reason}`;
const distinct = (lines: readonly string[]): readonly string[] => lines.filter((each, at) => each !== lines[at - 1]);

/** Opens the terminal of `slot` before the film, in the one profile that all have; enrols it where it is not yet. */
const withTerminal = async (slot: Slot, film: readonly Clip[], use: (page: Page) => Promise<void>): Promise<void> => {
  const videoFile = join(folder, "film.mjpeg");
  await writeVideo(videoFile, [...film, { seconds: 20 }]);
  const context = await launchChromium({ profileFolder: join(folder, "profile"), videoFile });
  try {
    await watch(context);
    const page = await context.newPage();
    await page.goto(pageOf(slot));
    links.set(slot, "");
    await use(page);
    await page.close({ runBeforeUnload: false });
  } finally {
    await context.close();
  }
};

const pageOf = (slot: Slot): string => {
  const link = links.get(slot) ?? "";
  const hash = link === "" ? "" : new URL(link).hash;
  return `${city.url}/kiosk/?slot=${slot}${hash}`;
};

const watch = async (context: BrowserContext): Promise<void> => {
  context.on("request", (request) => {
    if (!["localhost", "127.0.0.1"].includes(new URL(request.url()).hostname)) foreign.push(request.url());
  });
  context.on("console", (message) => {
    const isExpected = /Failed to load resource|net::ERR_/.test(message.text());
    if (message.type() === "error" && !isExpected) complaints.push(message.text());
  });
  context.on("weberror", (error) => {
    // A page that is closed while its camera starts takes the picture away from it.
    const isClosing = /play\(\) request was interrupted/.test(String(error.error()));
    if (!isClosing) complaints.push(String(error.error()));
  });
  await context.addInitScript(() => {
    const seen: unknown[] = [];
    Object.assign(window, { greenlaneSeen: seen });
    let last = "";
    const look = (): void => {
      const data = document.querySelector("main")?.dataset;
      if (data === undefined) return;
      const { screen = "", effect = "", terms = "", reason = "" } = data;
      const line = JSON.stringify({ screen, effect, terms, reason });
      if (line !== last) seen.push(JSON.parse(line));
      last = line;
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
  });
};

const seenOn = (page: Page): Promise<readonly Seen[]> =>
  page.evaluate(() => Reflect.get(window, "greenlaneSeen") as readonly Seen[]);

/** What lies in the terminal's own store, read beside it. */
const readStore = (page: Page, slot: Slot, store: string): Promise<readonly unknown[]> =>
  page.evaluate(
    ([name, from]) =>
      new Promise<readonly unknown[]>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction(from).objectStore(from).getAll();
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            opening.result.close();
            resolve(
              JSON.parse(
                JSON.stringify(reading.result, (_key, each) => (each instanceof Uint8Array ? [...each] : each)),
              ),
            );
          };
        };
      }),
    [`greenlane/${slot}`, store] as const,
  );

const hashesIn = async (page: Page, slot: Slot): Promise<readonly string[]> => {
  const entries = (await readStore(page, slot, "log")) as readonly { readonly hash: readonly number[] }[];
  return entries.map(({ hash }) => Buffer.from(hash).toString("hex"));
};

const pendingIn = async (page: Page, _slot: Slot): Promise<number> =>
  Number(await page.locator("[data-pending]").first().getAttribute("data-pending"));
