/**
 * Publishing from the console, in a real Chromium: a policy that is wrong, then right, rehearsed on what a terminal has
 * recorded, and published; a list as a file; a rehearsal that is cancelled; and an operator who may not. Every state is fit
 * for everybody, in both languages, at a tablet's size either way up.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type { BrowserContext, FileChooser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Rehearse } from "../../edge-server/rehearse-run.ts";
import { rehearseLedger } from "../../edge-server/rehearse-run.ts";
import { makeWelcomeLink } from "../../edge-server/sign-in.ts";
import type { OperatorRole } from "../../shared/admin.ts";
import type { Pack } from "../../shared/policy.ts";
import { packStatuses, valueOf as valueOfStanding } from "../../shared/status-list.ts";
import { type AdminWorld, openAdminWorld, password } from "../admin-world.ts";
import { launchChromium } from "../chromium.ts";
import { drawKey, samplePack } from "../sample.ts";
import { createTerminal, decidedTap, sendSigned } from "../world.ts";
import { findFaults } from "./page-faults.ts";

const languages = ["en", "zh"] as const;
const sizes = [
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
] as const;

let world: AdminWorld;
let context: BrowserContext;
let page: Page;
let url: string;
let close: () => void;
const complaints: string[] = [];
const faults: string[] = [];
/** Null: rehearsals go on. */
let gate: Promise<void> | null = null;

beforeAll(async () => {
  const later: { rehearse: Rehearse | null } = { rehearse: null };
  const rehearse: Rehearse = async (asked, stop, say) => {
    say(2);
    const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
    if (gate !== null) await Promise.race([gate, stopped]);
    if (stop.aborted) return null;
    return later.rehearse === null ? null : later.rehearse(asked, stop, say);
  };
  world = await openAdminWorld({ hasTls: false, webFolder: join(import.meta.dirname, "../../dist"), rehearse });
  later.rehearse = rehearseLedger(world.ledger);
  const server = createServer(getRequestListener(world.app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const key = await drawKey("P-256");
  const terminal = await createTerminal("gate-1", key);
  const profile = {
    ...({ service: "metro", action: "entry", programme: "here", site: "east", name: "East 1" } as const),
    actuator: "simulated",
  };
  world.registry.putTerminal({ id: "gate-1", profile, key: key.jwk, enrolledAt: 1, revokedAt: null, lastSeenAt: null });
  for (const standing of [2, 2, 3, "none", "none"] as const)
    await terminal.write(decidedTap("00".repeat(32), standing));
  expect((await sendSigned(world.app, terminal, "/v1/log", await terminal.batch())).status).toBe(200);
  const packed = packStatuses(([2, 2, 1, "none"] as const).map(valueOfStanding));
  world.registry.putList({ programme: "here", list: "a", version: 1, cuts: 7, entries: 4, packed });
  world.clock.now += 60;
  context = await launchChromium();
  page = await context.newPage();
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.setViewportSize(sizes[0]);
  await comeIn("lin.mei", "administrator");
});
afterAll(async () => {
  await context?.close();
  close?.();
  await world?.close();
});

const comeIn = async (name: string, role: OperatorRole): Promise<void> => {
  const link = await makeWelcomeLink(world.operators, url, { name, role }, world.clock.now);
  await page.goto("about:blank");
  await page.goto(link.replace(world.url, url));
  await page.locator("input").nth(0).fill(name);
  await page.locator("input").nth(1).fill(password);
  await page.locator("button[type=submit]").click();
  await page.locator('.nav a[href="#publish"]').click();
  await page.locator("main[data-page=publish] textarea").waitFor();
};

/** Looks at the page as it stands, in both languages and both ways up. */
const look = async (name: string): Promise<void> => {
  for (const language of languages) {
    if (!((await page.locator("html").getAttribute("lang")) ?? "").startsWith(language)) {
      await page.locator(".head button").first().click();
      await page.locator(`html[lang^=${language}]`).waitFor();
    }
    for (const size of sizes) {
      await page.setViewportSize(size);
      const found = await findFaults(page);
      faults.push(...found.map((fault) => `${name} ${language} ${size.width}: ${fault.slice(0, 200)}`));
      const { SCREENS } = process.env;
      const path = join(SCREENS ?? "", `publish-${name}-${language}-${size.width}.png`);
      if (SCREENS !== undefined) await page.screenshot({ path, fullPage: true });
    }
  }
  await page.setViewportSize(sizes[0]);
  await page.locator(".head button").first().click();
  await page.locator("html[lang^=en]").waitFor();
};

const button = (text: string) => page.locator("main").getByRole("button", { name: text, exact: true });
/** The newest. */
const card = (state: string) =>
  page
    .locator(".page > section")
    .first()
    .and(page.locator(`[data-rehearsal=${state}]`));

const metro = samplePack.services.metro as NonNullable<Pack["services"]["metro"]>;
const cheaper: Pack = {
  ...samplePack,
  version: 4,
  services: {
    ...samplePack.services,
    metro: { ...metro, perks: metro.perks.map((each) => ({ ...each, terms: { ...each.terms, priceFactor: 500 } })) },
  },
};

test("a policy with mistakes is shown each beside its text, and a press goes to the place", async () => {
  await page.locator("textarea").fill(JSON.stringify({ ...cheaper, verzion: 4, currency: "EUR" }, null, 2));
  await button("Check").click();
  await page.locator(".findings li").nth(1).waitFor();
  expect(await page.locator(".findings").innerText()).toMatch(/verzion[\s\S]*version|currency/);
  await look("findings");
  await page.locator(".findings button", { hasText: "EUR" }).click();
  const chosen = await page.locator("textarea").evaluate((area) => {
    const { value, selectionStart, selectionEnd } = area as HTMLTextAreaElement;
    return value.slice(selectionStart, selectionEnd);
  });
  expect(chosen).toContain("EUR");
});

test("one under way shows how far it is, and is cancelled", async () => {
  let goOn = (): void => {};
  gate = new Promise((resolve) => {
    goOn = resolve;
  });
  await page.locator("textarea").fill(JSON.stringify(cheaper, null, 2));
  await button("Rehearse").click();
  await card("running").waitFor();
  expect(await page.locator("progress").getAttribute("max")).toBe("5");
  await look("running");
  await button("Cancel it").click();
  await card("cancelled").waitFor();
  gate = null;
  goOn();
});

test("a policy is rehearsed, and published after a second yes", async () => {
  await button("Rehearse").click();
  await card("done").locator("table").nth(1).waitFor();
  const said = await card("done").innerText();
  expect(said).toContain("price: 80 % → 50 %");
  expect(said).toContain("-¥3.60");
  expect(said).not.toMatch(/band|standing|pseudonym/);
  const [code = ""] = /[0-9A-Z]{4}-[0-9A-Z]+-[0-9A-Z]{4}/.exec(said) ?? [];
  expect(code).not.toBe("");
  await look("rehearsed");
  await button("Publish ...").click();
  await look("really");
  expect(world.registry.packs()[0]?.version).toBe(3);
  await button("Yes, publish it").click();
  await card("published").waitFor();
  expect(world.registry.packs()[0]).toEqual(cheaper);
  expect((await world.acts())[0]).toMatchObject({ by: "lin.mei", act: "policy-published" });
  await look("published");
});

test("a file is chosen in the page's language, by the keyboard, and its name is read out", async () => {
  await page.locator("main select").first().selectOption("list");
  const [asked, chosen] = [page.locator("main .file-choice button"), page.locator("main .file-choice [role=status]")];
  const words: string[] = [];
  for (const language of languages.toReversed()) {
    if (!((await page.locator("html").getAttribute("lang")) ?? "").startsWith(language)) {
      await page.locator(".head button").first().click();
      await page.locator(`html[lang^=${language}]`).waitFor();
    }
    words.push(`${await asked.innerText()} ${await chosen.innerText()}`);
  }
  expect(words.toSorted()).toEqual(["Choose a file No file is chosen", "选择文件 尚未选择文件"]);
  expect(await page.locator("main input[type=file]").isVisible()).toBe(false);
  const taken: string[] = [];
  const take = async (chooser: FileChooser): Promise<void> => {
    const name = `chosen-${taken.length}.csv`;
    taken.push(name);
    writeFileSync(join(world.folder, name), "idx,score\n0,700\n");
    await chooser.setFiles(join(world.folder, name));
  };
  page.on("filechooser", take);
  for (const key of ["Enter", "Space"]) {
    await asked.focus();
    await page.keyboard.press(key);
    await chosen.filter({ hasText: `chosen-${key === "Enter" ? 0 : 1}.csv` }).waitFor();
  }
  page.off("filechooser", take);
  expect(taken).toHaveLength(2);
});

test("a list is a file: what moves, and about what it would have meant", async () => {
  const path = join(world.folder, "scores.csv");
  writeFileSync(path, "idx,score\n0,700\n1,600\n2,800\n3,\n");
  await page.locator("main select").first().selectOption("list");
  await page.locator("main input[type=file]").setInputFiles(path);
  await button("Rehearse").click();
  await card("done").locator("table").nth(3).waitFor();
  expect(await card("done").innerText()).toContain("An estimate");
  await look("list");
  await button("Publish ...").click();
  await button("Yes, publish it").click();
  await card("published").waitFor();
  expect(world.registry.list({ programme: "here", list: "a" })).toMatchObject({ version: 2, entries: 4 });
});

test("a file that is wrong is refused by its line", async () => {
  const path = join(world.folder, "wrong.csv");
  writeFileSync(path, "idx,score\n0,700\nx,1\n");
  await page.locator("main input[type=file]").setInputFiles(path);
  await button("Rehearse").click();
  await page.locator("main .notice", { hasText: "Line 3" }).waitFor();
  await look("refused");
});

test("what was published meanwhile is not run over, and the page says what to do", async () => {
  await page.locator("main select").first().selectOption("policy");
  await page.locator("textarea").fill(JSON.stringify({ ...cheaper, version: 6 }, null, 2));
  await button("Rehearse").click();
  await card("done").waitFor();
  world.registry.putPack({ ...cheaper, version: 5 });
  await button("Publish ...").click();
  await button("Yes, publish it").click();
  await page.locator("main .notice", { hasText: "rehearse it again" }).first().waitFor();
  expect(world.registry.packs()[0]?.version).toBe(5);
});

test("an operator rehearses, and is told who publishes", async () => {
  await comeIn("wang.fang", "operator");
  await card("done").waitFor();
  await page.locator("main", { hasText: "An administrator publishes it." }).waitFor();
  expect(await button("Publish ...").count()).toBe(0);
  await look("operator");
});

test("all of it was fit for everybody, and nothing was complained about", () => {
  expect(faults).toEqual([]);
  expect(complaints.filter((each) => !/401|409|422/.test(each))).toEqual([]);
});
