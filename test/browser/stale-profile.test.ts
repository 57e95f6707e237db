/**
 * A terminal whose disk is put back to what it was some time ago, in a real Chromium with the real server: it cannot know,
 * and goes on with a chain that the ledger has longer already. Once the ledger says so, the terminal begins a new epoch by
 * itself, serves on, and tells there what happened meanwhile: nobody who passed is missing, and nobody is in it twice.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { typeText } from "./typing.ts";

let folder: string;
let city: City;
let issuer: Issuer;
let link: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-stale-"));
  city = commandHere(await createCity());
  await city.start();
  issuer = await createIssuer(city);
  const profile = ["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro"];
  link = JSON.parse(await succeed(city, ...profile, "--site", "gate", "--name", "Gate", "--json")).link;
});

afterAll(async () => {
  await city?.close();
  await rm(folder, { recursive: true, force: true });
});

test("what happened after the disk was put back is told in a new epoch, each thing once", async () => {
  await withTerminal(link, async (page) => {
    await tap(page, 1);
    await drain(page);
  });
  await cp(join(folder, "profile"), join(folder, "image"), { recursive: true });
  await withTerminal(`${city.url}/kiosk/`, async (page) => {
    await tap(page, 2);
    await drain(page);
  });

  await rm(join(folder, "profile"), { recursive: true });
  await cp(join(folder, "image"), join(folder, "profile"), { recursive: true });
  await city.kill();
  await withTerminal(`${city.url}/kiosk/`, async (page) => {
    await tap(page, 2);
    await city.start();
    const told = (): Promise<readonly Line[]> => exported().then((lines) => lines.filter(isRecovered));
    await waitUntil(async () => (await told()).length >= 5);
    await page.locator('main[data-screen="ready"]').waitFor();
    await tap(page, 1);
    await drain(page);
  });

  const lines = await exported();
  const epochs = [...new Set(lines.map(({ epoch }) => epoch))];
  expect(epochs).toHaveLength(2);
  const permits = lines.map(factOf).filter((fact) => fact?.result?.effect === "permit");
  expect(new Set(permits.map((fact) => fact?.identity)).size).toBe(1 + 2 + 2 + 1);
  expect(permits).toHaveLength(1 + 2 + 2 + 1);
  expect(lines.filter(({ transaction }) => transaction.newEpoch === true)).toHaveLength(2);
  // The ledger keeps the history that it was told second as evidence, and says so.
  const audit = await city.greenlane("ledger", "verify");
  expect(audit.out + audit.err).toMatch(/fork/);
});

type Transaction = {
  readonly kind: string;
  readonly bytes?: string;
  readonly newEpoch?: boolean;
  readonly identity?: string;
  readonly result?: { readonly effect: string };
};
type Line = { readonly epoch: string; readonly transaction: Transaction };

const exported = async (): Promise<readonly Line[]> =>
  (await succeed(city, "ledger", "export"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const isRecovered = ({ transaction }: Line): boolean => transaction.kind === "recovered";

/** What a line is about: the transaction itself, or the one that is told again in it. */
const factOf = (line: Line): Transaction | null => {
  if (!isRecovered(line)) return line.transaction;
  return JSON.parse(Buffer.from(line.transaction.bytes ?? "", "base64url").toString("utf8"));
};

const withTerminal = async (url: string, use: (page: Page) => Promise<void>): Promise<void> => {
  const context = await launchChromium({ profileFolder: join(folder, "profile") });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('main[data-screen="ready"]').waitFor();
    await use(page);
  } finally {
    await context.close();
  }
};

/** So many people, one after another, each with a phone of their own. */
const tap = async (page: Page, count: number): Promise<void> => {
  for (let each = 0; each < count; each++) {
    const code = await issuer.code(people.perk, Math.floor(Date.now() / 1000));
    // A terminal that is writing something down just then is shown it a little longer.
    await waitUntil(async () => {
      await typeText(page, code);
      const result = page.locator('main[data-screen="result"]').waitFor({ timeout: 2500 });
      return result.then(
        () => true,
        () => false,
      );
    });
    await page.locator('main[data-screen="ready"]').waitFor();
  }
};

const drain = (page: Page): Promise<void> =>
  waitUntil(async () => {
    const pending = await page.locator("[data-pending]").first().getAttribute("data-pending");
    return pending === "0";
  });
