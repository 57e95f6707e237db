/** What staff see and set of reading and sounding, drawn in a real Chromium; and a terminal whose camera is out. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReaderCare, Screen } from "../../kiosk/session.ts";
import type { Language } from "../../kiosk/ui/language.ts";
import { allWell } from "./screens-cases.ts";
import { openScreens, type ScreensPage } from "./screens-page.ts";

const sizes = {
  kiosk: { width: 1080, height: 1920 },
  gate: { width: 800, height: 480 },
  desk: { width: 1280, height: 800 },
};
const languages: readonly Language[] = ["zh", "en"];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const full: ReaderCare = {
  cameras: [
    { id: "a", label: "Integrated Camera (04f2:b6d0)" },
    { id: "b", label: "" },
  ],
  camera: "a",
  light: false,
  volume: 3,
  voice: true,
  latency: (["frame", "decode", "verify", "decide", "append", "act", "all"] as const).map((stage, at) => ({
    stage,
    p50: at + 0.42,
    p95: at + 3.1,
    p99: 10 * at + 5,
  })),
  isCameraOut: false,
};
const ready: Screen = { name: "ready", service: "metro", action: "entry", hint: null };

let opened: ScreensPage;
let page: Page;

beforeAll(async () => {
  opened = await openScreens();
  page = opened.page;
  // By the driver, since the page's own policy lets no foreign script in.
  await page.evaluate(axeSource);
});
afterAll(() => opened?.close());
beforeEach(() => page.setViewportSize(sizes.desk));

const show = (care: ReaderCare | null, language: Language = "en", screen: Screen = ready) =>
  page.evaluate(
    ([care, screen, status, language]) => {
      const notes = document.querySelector<HTMLDetailsElement>("details.alarms");
      if (notes !== null) notes.open = false;
      screens.care = care;
      screens.cared.length = 0;
      screens.show(screen, status, language);
    },
    [care, screen, allWell, language] as const,
  );

const openNotes = async () => {
  await page.locator("details.alarms").evaluate((notes: HTMLDetailsElement) => {
    notes.open = true;
  });
};

describe.each(Object.entries(sizes))("at %s", (_, size) => {
  test.each(languages)("notes and camera out in %s are fit for everybody", async (language) => {
    await page.setViewportSize(size);
    for (const screen of [
      ready,
      { ...ready, service: "library", action: "checkout" },
      { ...ready, service: "bike", action: "trip_start" },
    ] as const) {
      for (const isCameraOut of [false, true]) {
        await show({ ...full, isCameraOut }, language, screen);
        expect(await page.locator("[data-camera-out]").count()).toBe(isCameraOut ? 1 : 0);
        expect(await page.evaluate(findFaults)).toEqual([]);
        await openNotes();
        expect(await page.evaluate(findFaults)).toEqual([]);
      }
    }
  });
});

/** Runs in the page. */
const findFaults = async (): Promise<readonly string[]> => {
  type Axe = { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
  const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  for (const target of document.querySelectorAll("main :is(button, summary, select, input)")) {
    if (!target.checkVisibility()) continue;
    const { height, left, right } = target.getBoundingClientRect();
    if (height < 43.9) found.push(`${Math.round(height)} px high: ${target.outerHTML}`);
    if (left < -1 || right > innerWidth + 1) found.push(`over the side: ${target.outerHTML}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("larger than the page");
  return found;
};

describe("staff", () => {
  test("choose, and what they touch comes out", async () => {
    await show(full);
    await openNotes();
    await page.locator('[data-care="camera"]').selectOption("b");
    await page.locator('[data-care="volume"]').fill("5");
    await page.locator('[data-care="light"]').click();
    await page.locator('[data-care="voice"]').click();
    expect(await page.evaluate(() => screens.cared)).toEqual([
      { kind: "camera", id: "b" },
      { kind: "volume", volume: 5 },
      { kind: "light", isOn: true },
      { kind: "voice", isOn: false },
    ]);
  });

  test("are offered nothing that would not work", async () => {
    await show({ ...full, cameras: full.cameras.slice(0, 1), light: null, voice: null, latency: [] });
    await openNotes();
    expect(
      await page.locator("[data-care]").evaluateAll((all) => all.map((each) => each.getAttribute("data-care"))),
    ).toEqual(["volume"]);
    expect(await page.locator("table").count()).toBe(0);
    await show(null);
    expect(await page.locator("[data-care]").count()).toBe(0);
  });

  test("read how long a tap takes, stage by stage", async () => {
    await show(full);
    await openNotes();
    expect(await page.locator('[data-latency="append"]').innerText()).toMatch(/Write down\s+4\.4\s+7\.1\s+45\.0/);
    expect(await page.locator("[data-latency]").count()).toBe(7);
  });
});

test("a tone is as loud as staff have set it", async () => {
  const [quiet, loud] = await page.evaluate(async () => [
    await screens.renderTone("permit", 0.2),
    await screens.renderTone("permit", 1),
  ]);
  expect(loud.loudest / quiet.loudest).toBeCloseTo(5, 1);
  expect(loud.seconds).toBeCloseTo(quiet.seconds, 2);
});
