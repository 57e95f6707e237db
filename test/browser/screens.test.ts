/**
 * Every screen, in both languages, at the sizes it is made for, in a real Chromium: readable, reachable and touchable by
 * everybody, nothing cut off; and nothing on it that tells one accepted citizen from another.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Press, Screen, Status } from "../../kiosk/session.ts";
import type { Language } from "../../kiosk/ui/language.ts";
import type { Receipt } from "../../shared/receipt.ts";
import {
  allWell,
  cases,
  checkout,
  gateResult,
  generous,
  inTrouble,
  libraryTerms,
  ordinary,
  perk,
  plain,
  receipt,
} from "./screens-cases.ts";
import { openScreens, type ScreensPage } from "./screens-page.ts";

const sizes = {
  kiosk: { width: 1080, height: 1920 },
  gate: { width: 800, height: 480 },
  desk: { width: 1280, height: 800 },
  frame: { width: 360, height: 560 },
};
const languages: readonly Language[] = ["zh", "en"];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let opened: ScreensPage;
let page: Page;
declare global {
  var findFaults: typeof findFaultsThere;
}

beforeAll(async () => {
  opened = await openScreens();
  page = opened.page;
  // By the driver, since the page's own policy lets no foreign script in.
  await page.evaluate(axeSource);
  await page.evaluate(`globalThis.findFaults = ${findFaultsThere}`);
});
afterAll(() => opened?.close());
beforeEach(async () => {
  await page.setViewportSize(sizes.desk);
  await page.evaluate(() => {
    screens.presses.length = 0;
  });
});

const show = (screen: Screen, language: Language = "en", status: Status = allWell) =>
  page.evaluate(([screen, status, language]) => screens.show(screen, status, language), [
    screen,
    status,
    language,
  ] as const);
const presses = (): Promise<readonly Press[]> => page.evaluate(() => screens.presses);
const markup = () => page.locator("main").evaluate((main) => main.outerHTML);

describe.each(Object.entries(sizes))("at %s", (_, size) => {
  test.each(languages)("every screen in %s is fit for everybody", async (language) => {
    await page.setViewportSize(size);
    // In one go: there are hundreds of them, and a way to the page and back for each takes as long as looking.
    const found = await page.evaluate(
      async ([cases, statuses, language]) => {
        const found: string[] = [];
        for (const [name, screen] of Object.entries(cases)) {
          for (const status of statuses) {
            screens.show({ name: "reading" }, status, language);
            screens.show(screen, status, language);
            document.querySelector<HTMLElement>("[data-show=cost]")?.click();
            // Drawn, by now, with what it costs.
            await new Promise((resolve) => setTimeout(resolve));
            const faults = await findFaults();
            found.push(...faults.map((fault) => `${name} ${status.pending}: ${fault.slice(0, 160)}`));
          }
        }
        return found;
      },
      [cases, [allWell, inTrouble], language] as const,
    );
    expect(found).toEqual([]);
  });
});

describe.each(Object.entries(sizes))("why, at %s", (_, size) => {
  test.each(languages)("is read by everybody who asks, in %s, and closed again", async (language) => {
    await page.setViewportSize(size);
    const found: string[] = [];
    const unknown: Receipt = { ...receipt, confirmedAt: null, own: null };
    const owed: Receipt = { ...receipt, own: { perk: null, reason: "list-stale", list: null } };
    for (const [name, each] of Object.entries({ receipt, unknown, owed })) {
      for (const screen of [gateResult(perk), cases["refer-revoked"], cases["terms-bike"], cases["receipt-borrowed"]]) {
        await show({ name: "reading" });
        await show({ ...screen, receipt: each } as Screen, language);
        await page.locator("[data-show=why]").click();
        await page.locator("dialog.why[open]").waitFor();
        expect(await page.locator("dialog.why").innerText()).toContain(receipt.code);
        found.push(...(await page.evaluate(() => findFaults())).map((fault) => `${name}: ${fault.slice(0, 200)}`));
        await page.keyboard.press("Escape");
        await page.locator("dialog.why").waitFor({ state: "detached" });
      }
    }
    expect(found).toEqual([]);
  });
});

/** axe, the size of what can be touched, and what is cut off. Runs in the page. */
const findFaultsThere = async (): Promise<readonly string[]> => {
  type Axe = {
    run: (
      options: object,
    ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
  };
  const { axe } = globalThis as unknown as { axe: Axe };
  const { violations } = await axe.run({ rules: { "color-contrast-enhanced": { enabled: true } } });
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );

  const shown = (element: Element) => element.closest(".unseen, .reader") === null && element.checkVisibility();
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].filter(shown);
  const named = (element: Element) => `<${element.tagName} ${element.className}> ${element.textContent}`;

  for (const target of all("button, summary")) {
    const { width, height } = target.getBoundingClientRect();
    if (Math.min(width, height) < 43.9)
      found.push(`${Math.round(width)}x${Math.round(height)} to touch: ${named(target)}`);
    if (target.scrollWidth > target.clientWidth) found.push(`wider than its button: ${named(target)}`);
  }
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) found.push("larger than the page");
  for (const scene of all(".scene, .sheet, .warning, .why")) {
    if (scene.scrollHeight > scene.clientHeight + 1)
      found.push(`${scene.scrollHeight - scene.clientHeight} px too high: ${named(scene)}`);
  }
  // Lists may scroll downwards; nothing reaches out to the side of what holds it.
  const frame = document.querySelector("main")?.getBoundingClientRect();
  for (const element of all("main *:not(svg *)")) {
    const { left, right } = element.getBoundingClientRect();
    if (frame === undefined || left < frame.left - 1 || right > frame.right + 1)
      found.push(`over the side: ${named(element)}`);
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      found.push(`cut off: ${named(element)}`);
  }
  for (const list of all(".items, .docks, .tiers")) {
    if (list.clientHeight < 64) found.push(`only ${list.clientHeight} px for the list`);
  }
  return found;
};

test("words of their own go with the reason that staff touch, typed before it, and put the end off", async () => {
  const written = cases["staff-reason-written"] as Screen;
  await show(written);
  await page.locator(".staff-note input").pressSequentially("lift out");
  await show({ ...written, warning: 20 } as Screen);
  await show(written);
  expect(await page.locator(".staff-note input").inputValue()).toBe("lift out");
  await page.locator('[data-press="staff-reason"][data-choice="other"]').click();
  const said = await presses();
  expect(said.at(-1)).toEqual({ kind: "staff-reason", reason: "other", note: "lift out" });
  expect(said[0]).toEqual({ kind: "more-time" });

  await show(cases["staff-reason"] as Screen);
  expect(await page.locator(".staff-note").count()).toBe(0);
  await page.locator('[data-press="staff-reason"][data-choice="other"]').click();
  expect((await presses()).at(-1)).toEqual({ kind: "staff-reason", reason: "other" });
});

describe("dignity", () => {
  test("a result is the same for everyone but for the attributes on main", async () => {
    const drawn = async () => (await markup()).replace(/ data-(terms|reason)="[a-z-]+"/g, "");
    await show(gateResult(perk));
    const forPerk = await drawn();
    await show(gateResult(ordinary));
    expect(await drawn()).toBe(forPerk);
    expect(forPerk).not.toMatch(/¥|%|fare|fault|score|band/i);
  });

  test("why appears when asked for, with its code on a gate, asks for time to read, and is gone with the next person", async () => {
    const result = { ...gateResult(perk), receipt } as Screen;
    await show(result);
    const before = await markup();
    for (const each of [receipt.code, "deposit-waived", "Moli"]) expect(before).not.toContain(each);
    await show({ ...gateResult(perk), receipt: { ...receipt, code: "AAAA-1-AAAA", own: null } } as Screen);
    expect(await markup()).toBe(before);
    await show(result);
    await page.getByRole("button", { name: "Why?" }).click();
    expect(await page.locator("dialog.why").innerText()).toContain("deposit-waived-from-650");
    expect(await presses()).toEqual([{ kind: "read-why" }]);
    await show({ ...result, receipt: { ...receipt, code: "AAAA-1-AAAA" } } as Screen);
    expect(await page.locator("dialog.why").count()).toBe(0);
    await show({ ...cases["result-desk-deposit-done"], receipt } as Screen);
    expect(await page.locator("[data-receipt]").innerText()).toBe(receipt.code);
    expect(await markup()).not.toContain("deposit-waived");
  });

  test("what it costs appears when asked for, asks for time to read, and is gone with the next person", async () => {
    await show(gateResult(perk));
    await page.getByRole("button", { name: "Show what it costs" }).click();
    expect(await page.locator(".cost").innerText()).toMatch(/^¥3\.20\s+Full fare ¥4\.00$/);
    expect(await presses()).toEqual([{ kind: "more-time" }]);

    await show({ ...gateResult(perk), stage: "done" } as Screen);
    expect(await page.locator(".cost").innerText()).toContain("¥3.20");
    await show(gateResult(ordinary));
    expect(await page.locator("main").innerText()).not.toContain("¥");
  });

  test("what we could not look up is said where the citizen looks, as our fault", async () => {
    await show({ name: "reading" });
    await show(gateResult(ordinary));
    await page.getByRole("button", { name: "Show what it costs" }).click();
    expect(await page.locator(".cost").innerText()).toContain("That is our fault");
  });

  test("terms to confirm have the same shape whatever they are", async () => {
    const shapes: string[] = [];
    for (const offer of [generous, plain]) {
      await show(libraryTerms(offer));
      shapes.push((await markup()).replace(/<dd>[^<]*<\/dd>/g, "<dd></dd>"));
    }
    expect(shapes[0]).toBe(shapes[1]);
  });

  test("a code that was taken back looks like any other that is of no use here", async () => {
    const referral = { name: "refer", service: "metro", help: { zh: "热线", en: "Line" } } as const;
    await show({ ...referral, reason: "revoked" });
    const revoked = await page.locator("main").innerHTML();
    await show({ ...referral, reason: "unknown-issuer" });
    expect(await page.locator("main").innerHTML()).toBe(revoked);
  });
});

describe("main carries what tests and support rely on", () => {
  const attributes = () => page.locator("main").evaluate((main) => ({ ...main.dataset }));

  test.each([
    ["ready-metro", { screen: "ready", service: "metro" }],
    [
      "result-gate",
      { screen: "result", service: "metro", stage: "acting", effect: "permit", terms: "perk", reason: "perk" },
    ],
    ["refer-stale", { screen: "refer", effect: "refer", reason: "stale" }],
    [
      "items-none",
      {
        screen: "session",
        service: "library",
        stage: "items",
        effect: "permit",
        terms: "ordinary",
        reason: "ordinary",
      },
    ],
    ["receipt-returned", { screen: "session", service: "library", stage: "receipt" }],
    ["out-of-service-storage", { screen: "out-of-service" }],
  ])("%s", async (name, expected) => {
    const screen = cases[name];
    if (screen === undefined) throw new Error(name);
    await show(screen);
    expect(await attributes()).toMatchObject(expected);
    if (!("effect" in expected)) expect(await attributes()).not.toHaveProperty("effect");
  });

  test("each item has its line", async () => {
    await show(checkout(null, 3));
    const items = await page
      .locator("[data-item]")
      .evaluateAll((lines) => lines.map((line) => line.getAttribute("data-item")));
    expect(items).toEqual(["9787302511625", "FZ-0100232", "FZ-0100231"]);
  });
});

describe("what is touched", () => {
  test.each([
    ["ready-library", [{ kind: "start-return" }]],
    ["ready-metro", []],
    ["terms-bike", [{ kind: "agree" }, { kind: "decline" }]],
    [
      "items-none",
      [{ kind: "switch-to", action: "checkout" }, { kind: "switch-to", action: "renew" }, { kind: "finish" }],
    ],
    ["returns", [{ kind: "finish" }]],
    ["receipt-borrowed", [{ kind: "leave" }]],
    [
      "dock-return",
      [
        { kind: "choose-dock", dock: "4" },
        { kind: "choose-dock", dock: "8" },
        { kind: "choose-dock", dock: "12" },
        { kind: "leave" },
      ],
    ],
    [
      "hand-over-altered",
      [{ kind: "save-file" }, { kind: "show-moving" }, { kind: "take-over" }, { kind: "open-file" }, { kind: "leave" }],
    ],
    ["hand-over-none", [{ kind: "take-over" }, { kind: "open-file" }, { kind: "leave" }]],
    ["hand-over-moving", [{ kind: "pause" }, { kind: "slow" }, { kind: "back" }]],
    ["hand-over-taking", [{ kind: "back" }]],
  ] as const)("%s: the keyboard reaches every button, and each says its press", async (name, expected) => {
    const screen = cases[name];
    if (screen === undefined) throw new Error(name);
    await show(screen);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const buttons = await page.locator("main button").count();
    const focused = new Set<string>();
    for (let tabs = 0; tabs < buttons + 2; tabs++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const { activeElement } = document;
        if (!(activeElement instanceof HTMLButtonElement) || activeElement.dataset.press === undefined) return null;
        return { outline: getComputedStyle(activeElement).outlineStyle, html: activeElement.outerHTML };
      });
      if (at === null || focused.has(at.html)) continue;
      expect(at.outline).toBe("solid");
      focused.add(at.html);
      await page.keyboard.press("Enter");
    }
    expect(await presses()).toEqual(expected);
  });

  test("one touch changes the language, on every screen", async () => {
    const tags = () => page.evaluate(() => [document.documentElement.lang, document.querySelector("main")?.lang]);
    for (const [name, screen] of Object.entries(cases)) {
      if ("warning" in screen && screen.warning !== null) continue;
      await show(screen, "zh");
      expect(await tags(), name).toEqual(["zh-Hans", "zh-Hans"]);
      await page.locator("[data-language=en]").click();
      expect(await tags(), name).toEqual(["en", "en"]);
    }
  });

  test("the warning takes the focus, gives more time by button and by Escape, and gives the focus back", async () => {
    const before = cases["terms-bike"];
    const near = cases["terms-warning"];
    if (before === undefined || near === undefined) throw new Error("no such screen");
    await show(before);
    await page.locator("[data-press=agree]").focus();
    await show(near);
    expect(await page.getByRole("alertdialog").innerText()).toContain("25 seconds");
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.press)).toBe("more-time");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    expect(await presses()).toEqual([{ kind: "more-time" }, { kind: "more-time" }]);
    expect(await page.getByRole("alertdialog").isVisible()).toBe(true);
    await show(before);
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.press)).toBe("agree");
  });
});

test("every change of screen is announced, and what became of an item too", async () => {
  await show(gateResult(perk));
  expect(await page.locator("main > [role=status]").innerText()).toBe("Please go through. The gate is open");
  await show({ name: "refer", service: "metro", reason: "stale", help: { zh: "热线 1", en: "line 1" } }, "zh");
  expect(await page.locator("main > [role=status]").innerText()).toContain("这个码需要刷新。刷新二维码");
  await show(checkout(null));
  const notice = page.locator(".notice[role=status]");
  expect(await notice.innerText()).toBe("3 items");
  await show(checkout({ kind: "twice", item: "FZ-0100232" }));
  expect(await notice.innerText()).toContain("FZ-0100232 is already in your list");
});

test("the camera's place stays in the document on every screen", async () => {
  const parents = new Set<string>();
  await page.evaluate(() => {
    screens.host.dataset.place = "first";
  });
  for (const screen of Object.values(cases)) {
    await show(screen);
    parents.add(
      await page.evaluate(
        () => `${screens.host.isConnected} ${screens.host.offsetWidth > 0} ${screens.host.parentElement?.className}`,
      ),
    );
  }
  expect([...parents]).toEqual(["true true reader-preview"]);
});

test("the foot is honest: what waits, how old each artefact is, and for staff what is wrong", async () => {
  await show(gateResult(perk), "en", inTrouble);
  const foot = page.locator("footer");
  expect(await foot.innerText()).toMatch(
    /Offline, working as usual.*1204 to send.*Keys, Rules, Staff list old \(1 day\).*Lists out of date \(4 days\)/s,
  );
  expect(await foot.innerText()).toContain("Updating 64%");
  expect(await foot.getByText("camera: broken").isVisible()).toBe(false);
  await foot.locator("summary").click();
  expect(await foot.getByText("camera: broken").isVisible()).toBe(true);
  expect(await foot.getByText("everyone has the ordinary terms in 4 hr").isVisible()).toBe(true);
  await show(gateResult(perk), "zh", { ...inTrouble, ordinaryInSeconds: 0 });
  expect(await foot.innerText()).toContain("所有人都按普通条件办理");
});

test("staff hand entries over from the foot of every screen where nobody is served", async () => {
  for (const screen of Object.values(cases)) {
    await show(screen, "en", inTrouble);
    const isFree = ["ready", "setup", "out-of-service"].includes(screen.name);
    expect(await page.locator("footer [data-press=hand-over]").count()).toBe(isFree ? 1 : 0);
  }
  await show({ name: "ready", service: "metro", action: "entry", hint: null }, "en", allWell);
  const notes = page.locator("details");
  await notes.evaluate((each: HTMLDetailsElement) => {
    each.open = true;
  });
  await page.getByRole("button", { name: "Hand over unsent entries" }).click();
  expect(await presses()).toEqual([{ kind: "hand-over" }]);
  expect(await notes.getAttribute("open")).toBeNull();
});

test("where there are badges nothing of staff is at the foot, but where no badge could be read", async () => {
  const locked = { ...inTrouble, isBadgeNeeded: true };
  for (const screen of Object.values(cases)) {
    await show(screen, "en", locked);
    const isBlind = screen.name === "setup" || (screen.name === "out-of-service" && screen.cause === "storage");
    expect(await page.locator("footer [data-press=hand-over]").count()).toBe(isBlind ? 1 : 0);
    expect(await page.locator("[data-press=try-again]").count()).toBe(0);
  }
  await show({ name: "out-of-service", cause: "gate", detail: "" }, "en", inTrouble);
  expect(await page.locator("[data-press=try-again]").count()).toBe(1);
});

test("the staff screen says of whom it is about no more than the one who was referred has read", async () => {
  for (const [name, screen] of Object.entries(cases).filter(([name]) => name.startsWith("staff-"))) {
    await show(screen, "en", allWell);
    expect(await markup(), name).not.toMatch(/perk|band|score|level/i);
  }
});

test("a long fetch says how far it is", async () => {
  const screen = { name: "setup", stage: "loading", cause: "", progress: { bytes: 32, total: 50 } } as const;
  await show(screen, "en", allWell);
  const bar = page.getByRole("progressbar", { name: "Getting ready" });
  expect(await bar.evaluate((each: HTMLProgressElement) => each.position)).toBe(0.64);
  await show({ name: "setup", stage: "loading", cause: "" }, "en", allWell);
  expect(await bar.count()).toBe(0);
});

test("one tone for every permit, another for a refer, both short and equally long", async () => {
  const [permit, refer, seconds] = await page.evaluate(async () => [
    await screens.renderTone("permit"),
    await screens.renderTone("refer"),
    screens.toneSeconds,
  ]);
  expect(permit.loudest).toBeGreaterThan(0.2);
  expect(permit.seconds).toBeCloseTo(seconds, 1);
  expect(refer.seconds).toBeCloseTo(permit.seconds, 2);
  expect(permit.crossings).toBeGreaterThan(1.5 * refer.crossings);
  expect(seconds).toBeLessThan(0.5);
});

test("nothing moves for those who asked for less motion", async () => {
  const moving = () => page.evaluate(() => document.getAnimations().length);
  await show({ name: "reading" });
  expect(await moving()).toBe(1);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await moving()).toBe(0);
  await page.emulateMedia({ reducedMotion: null });
});

test("no complaint from the browser, under a terminal's own headers", () => {
  expect(opened.complaints).toEqual([]);
});
