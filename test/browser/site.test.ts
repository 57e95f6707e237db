/**
 * Terminals of one site that know of each other, each a page of its own before the real server: an exit barrier that knows
 * when a stay began at the entrance, and two gates of a venue that share its room.
 */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";

let city: City;
let issuer: Issuer;
let context: BrowserContext;
const complaints: string[] = [];

beforeAll(async () => {
  city = await createCity();
  await city.start();
  issuer = await createIssuer(city);
  context = await launchChromium({ extraArgs: ["--accept-lang=en-US"] });
  context.on("weberror", (error) => complaints.push(String(error.error())));
});

afterAll(async () => {
  await context?.close();
  await city?.close();
});

const open = async (service: "parking" | "venue", action: "entry" | "exit" | "both", slot: string): Promise<Page> => {
  const enrolled = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", service, "--action", action],
    ...["--site", "square", "--name", slot, "--json"],
  );
  const page = await context.newPage();
  await page.goto(`${city.url}/kiosk/?slot=${slot}${new URL(JSON.parse(enrolled).link).hash}`);
  await shows(page, "ready");
  return page;
};

const shows = (page: Page, screen: string, more = ""): Promise<void> =>
  page.locator(`main[data-screen="${screen}"]${more}`).waitFor({ timeout: 60_000 });

const isAcknowledged = async (page: Page): Promise<boolean> =>
  (await page.locator("[data-pending]").first().getAttribute("data-pending")) === "0";

const now = (): number => Math.floor(Date.now() / 1000);

/** As a scanner types it, until it is read: one held up is one tap. */
const show = async (page: Page, phone: (at: number) => Promise<string>): Promise<void> => {
  const drawn = () => page.locator("main").evaluate((main) => JSON.stringify({ ...main.dataset }));
  const [before, text] = [await drawn(), await phone(now())];
  await page.bringToFront();
  await waitUntil(async () => {
    await page.evaluate((keys) => {
      for (const key of [...keys, "Enter"]) window.dispatchEvent(new KeyboardEvent("keydown", { key }));
    }, text);
    return (await drawn()) !== before;
  });
};

type Said = { readonly kind: string; readonly transaction: { readonly request?: { readonly places?: number } } };
const ledger = async (): Promise<readonly Said[]> =>
  (await succeed(city, "ledger", "export")).split("\n").flatMap((line) => {
    const said = line === "" ? {} : JSON.parse(line);
    return "kind" in said ? [said as Said] : [];
  });

test("an exit barrier has the fee confirmed for a stay that began at the entrance, and lets out whom nobody saw", async () => {
  const entrance = await open("parking", "entry", "entrance");
  const barrier = await open("parking", "exit", "barrier");
  const parked = issuer.phone(people.ordinary);
  await show(entrance, parked);
  await shows(entrance, "result", '[data-stage="done"]');
  await waitUntil(() => isAcknowledged(entrance));
  await show(barrier, parked);
  await shows(barrier, "session", '[data-stage="terms"]');
  await barrier.locator('[data-press="agree"]').first().click();
  await shows(barrier, "result", '[data-stage="done"]');
  await shows(barrier, "ready");
  await show(barrier, issuer.phone(people.ordinary));
  await shows(barrier, "result", '[data-stage="done"]');
  expect(complaints).toEqual([]);
});

test("two gates of a venue share its room: the first gives the second some of it, through the ledger", async () => {
  const first = await open("venue", "both", "first");
  await open("venue", "both", "second");
  await waitUntil(async () => (await ledger()).some(({ kind }) => kind === "gave"));
  await show(first, issuer.phone(people.ordinary));
  await shows(first, "session", '[data-stage="terms"]');
  const asked = async () => (await ledger()).flatMap(({ transaction }) => transaction.request?.places ?? []);
  await waitUntil(async () => (await asked()).length > 0);
  expect(await asked()).toEqual([20]);
  await waitUntil(async () => (await ledger()).filter(({ kind }) => kind === "share").length >= 2);
  expect(await succeed(city, "ledger", "verify")).toContain("Nothing is wrong");
  expect(complaints).toEqual([]);
});
