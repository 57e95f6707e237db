/**
 * A citizen asks why, in both languages: a receipt on a real terminal, the public page, an objection, its answer from the
 * console, and the citizen reads it. The server is real, and afterwards its ledger verifies with the case in it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, createIssuer, type Issuer, people, succeed, waitUntil } from "../live-city.ts";
import { commandHere } from "./command-line.ts";
import { typeText } from "./typing.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { SCREENS } = process.env;

let city: City;
let issuer: Issuer;
let context: BrowserContext;
let terminal: Page;
let desk: Page;
const complaints: string[] = [];

beforeAll(async () => {
  city = commandHere(await createCity());
  await city.start();
  issuer = await createIssuer(city);
  context = await launchChromium({ extraArgs: ["--accept-lang=en-US"] });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  const where = ["--programme", "fuzhou-moli", "--profile", "umbrella", "--site", "here", "--name", "Umbrellas"];
  const { link } = JSON.parse(await succeed(city, "terminal", "enrol", ...where, "--json"));
  terminal = await context.newPage();
  await terminal.setViewportSize({ width: 1080, height: 1920 });
  await terminal.goto(`${city.url}/kiosk/${new URL(link).hash}`);
  await terminal.locator('main[data-screen="ready"]').waitFor({ timeout: 60_000 });
  const invited = JSON.parse(await succeed(city, "operator", "add", "lin.mei", "--role", "operator", "--json"));
  desk = await context.newPage();
  await desk.setViewportSize({ width: 1024, height: 768 });
  await desk.goto(invited.link);
  await desk.locator("input").nth(0).fill("lin.mei");
  await desk.locator("input").nth(1).fill("correct horse battery");
  await desk.locator("button[type=submit]").click();
  await desk.locator("main[data-page=terminals]").waitFor();
});

afterAll(async () => {
  await context?.close();
  await city?.close();
});

/** Takes an umbrella; the receipt's code, once what it names is in the ledger. */
const takeUmbrella = (person: number): Promise<string> => {
  const phone = issuer.phone(person);
  return takeUmbrellaBy(() => phone(Math.floor(Date.now() / 1000)));
};

const takeUmbrellaBy = async (show: () => Promise<string>): Promise<string> => {
  await terminal.bringToFront();
  await waitUntil(async () => {
    await typeText(terminal, await show());
    return terminal
      .locator('main[data-stage="dock"]')
      .waitFor({ timeout: 2500 })
      .then(
        () => true,
        () => false,
      );
  });
  await terminal.locator('[data-press="choose-dock"]').first().click();
  await terminal.locator('[data-press="agree"]').click();
  await terminal.locator('main[data-screen="result"][data-stage="done"]').waitFor();
  const code = await terminal.locator("[data-receipt]").innerText();
  await waitUntil(async () => (await terminal.locator("[data-pending]").first().getAttribute("data-pending")) === "0");
  return code;
};

const languageOf = (page: Page) => page.locator("html").getAttribute("lang");
/** Until the page is drawn, and has said so, its language is what its file says. */
const speak = async (page: Page, button: string, language: string): Promise<void> => {
  await page.locator(button).waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  await waitUntil(async () => {
    if (((await languageOf(page)) ?? "").startsWith(language)) return true;
    await page.locator(button).click();
    const spoken = page.locator(`html[lang^=${language}]`).waitFor({ timeout: 2500 });
    return spoken.then(
      () => true,
      () => false,
    );
  });
};

const found: string[] = [];
/** axe, the size of what can be touched, what is cut off; and a picture for who looks. */
const lookAt = async (page: Page, name: string): Promise<void> => {
  const held = await page.context().newCDPSession(page);
  await held.send("Page.setBypassCSP", { enabled: true });
  await page.evaluate(axeSource);
  const faults = await page.evaluate(async () => {
    type Axe = { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
    const faults = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    for (const target of document.querySelectorAll<HTMLElement>("button, a, input, select, textarea, summary")) {
      if (!target.checkVisibility()) continue;
      const { width, height } = target.getBoundingClientRect();
      if (Math.min(width, height) < 43.9) faults.push(`${width}x${height} to touch: ${target.textContent}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the page");
    return faults;
  });
  found.push(...faults.map((fault) => `${name}: ${fault.slice(0, 200)}`));
  if (SCREENS !== undefined) await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true });
  await held.detach();
};

test.each([
  ["en", people.ordinary],
  ["zh", people.perk],
])("from the receipt to the answer, in %s", async (language, person) => {
  const other = ".bar button";
  await speak(terminal, "[data-language]", language);
  const code = await takeUmbrella(person);
  await lookAt(terminal, `${language}-terminal-result`);
  await terminal.locator("[data-show=why]").click();
  const why = terminal.locator("dialog.why");
  expect(await why.innerText()).toContain(code);
  await lookAt(terminal, `${language}-terminal-why`);
  await why.locator("button").click();

  const page = await context.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${city.url}/why/#${code}`);
  await speak(page, other, language);
  expect(page.url()).toBe(`${city.url}/why/`);
  expect(await page.locator("input[name=code]").inputValue()).toBe(code);
  // A terminal hands in what it wrote within moments.
  await waitUntil(async () => {
    await page.locator("form[data-form=look] button").click();
    await page.locator("[data-why], [data-trouble]").first().waitFor();
    return (await page.locator("[data-why]").count()) === 1;
  });
  const rules = await page.locator("[data-why]").innerText();
  expect(rules).toContain("650");
  expect(rules).not.toMatch(/band|standing/);
  await page.locator("summary").click();
  await lookAt(page, `${language}-why-rules`);

  const text = `Why is it so? 为什么？ <img src=x onerror=alert(1)> ${language}`;
  await page.locator("textarea").fill(text);
  await page.locator("form[data-form=object] button").click();
  const secret = (await page.locator("[data-secret]").getAttribute("data-secret")) ?? "";
  expect(secret).toMatch(/^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/);
  await lookAt(page, `${language}-why-opened`);
  await page.close();

  await speak(desk, ".head button >> nth=0", language);
  await desk.locator('.nav a[href="#objections"]').click();
  await desk.locator("main[data-page=objections] select").first().selectOption("open");
  await desk.locator("tbody tr", { hasText: code }).locator("button").click();
  const card = desk.locator("section[data-case]");
  await card.waitFor();
  expect(await card.locator(".said").first().innerText()).toBe(text);
  expect(await card.locator(".notice").innerText()).toMatch(/Anybody who saw the code|看到凭证码的人/);
  await card.locator("textarea").fill(`It is as published. 按公布的规则。 ${language}`);
  await lookAt(desk, `${language}-console-objection`);
  await card.locator("button[type=submit]").click();
  await card.locator("textarea").waitFor({ state: "detached" });
  await lookAt(desk, `${language}-console-answered`);
  await card.locator("> button").click();

  const later = await context.newPage();
  await later.setViewportSize({ width: 390, height: 844 });
  await later.goto(`${city.url}/why/`);
  await speak(later, other, language);
  await later.locator("input[name=code]").fill(code.toLowerCase());
  await later.locator("input[name=secret]").fill("WRONG");
  await later.locator("form[data-form=read] button").click();
  await later.locator('[data-trouble="not-found"]').waitFor();
  await later.locator("input[name=secret]").fill(secret.toLowerCase().replaceAll("-", " "));
  await later.locator("form[data-form=read] button").click();
  await later.locator('[data-answer="stands"]').waitFor();
  expect(await later.locator("[data-answer]").innerText()).toContain(`按公布的规则。 ${language}`);
  await lookAt(later, `${language}-why-answer`);
  expect(later.url()).toBe(`${city.url}/why/`);
  await later.close();
});

test.each(["en", "zh"])(
  "the phone that it is about reads what was decided, and objects as that, in %s",
  async (language) => {
    const phone = await context.newPage();
    await phone.setViewportSize({ width: 390, height: 844 });
    await phone.goto(`${city.url}/wallet/`);
    await speak(phone, ".bar button >> nth=-1", language);
    // Once there is somebody on the phone it opens with the code.
    await phone.locator("main[data-page=code] [data-code], main[data-page=people] .person").first().waitFor();
    if ((await phone.locator("main[data-page=people]").count()) === 1) await phone.locator(".person").first().click();
    await phone.locator("main [data-code]").waitFor();
    await speak(terminal, "[data-language]", language);
    const code = await takeUmbrellaBy(
      async () => (await phone.locator("main [data-code]").getAttribute("data-code")) ?? "",
    );
    await phone.getByRole("button", { name: /Ask about a receipt|查询凭证/ }).click();
    await phone.locator("input[name=receipt]").fill(code);
    await waitUntil(async () => {
      await phone.locator("main button.main").click();
      await phone.locator("[data-receipt=told], [data-receipt=failed]").waitFor({ state: "attached" });
      return (await phone.locator("[data-told]").count()) === 1;
    });
    expect(await phone.locator("[data-told]").innerText()).toMatch(/rules version|规则/);
    await lookAt(phone, `${language}-phone-why`);
    await phone.locator("textarea").fill("为什么？ Why?");
    await phone.locator("form:has(textarea) button").click();
    await phone.locator("[data-case-secret]").waitFor();
    await lookAt(phone, `${language}-phone-opened`);
    await phone.close();
    await desk.bringToFront();
    await desk.locator('.nav a[href="#objections"]').click();
    await desk.locator("tbody tr", { hasText: code }).waitFor();
    expect(await desk.locator("tbody tr", { hasText: code }).innerText()).toMatch(/Signed by the phone|本人手机签名/);
  },
);

test("everything on the way is fit for everybody, and nothing was complained about", () => {
  expect([found, complaints]).toEqual([[], []]);
});

test("the cases are in the ledger and in its export, and everything verifies", async () => {
  await waitUntil(async () => (await terminal.locator("[data-pending]").first().getAttribute("data-pending")) === "0");
  const verified = await city.greenlane("ledger", "verify");
  expect(verified.out).toContain("Nothing is wrong.");
  expect(verified.exitCode).toBe(0);
  const lines = (await succeed(city, "ledger", "export"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const ours = lines.filter((line) => line.terminal === "edge.objections").map((line) => line.kind);
  expect(ours).toEqual(["objection", "answer", "objection", "answer", "objection", "objection"]);
});
