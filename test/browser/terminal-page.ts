/** One terminal in a page of a real Chromium, used as people use it, and a scanner that types. */
import type { BrowserContext, Page } from "playwright-core";
import { type City, waitUntil } from "../live-city.ts";
import { typeText } from "./typing.ts";

export type TerminalPage = {
  readonly page: Page;
  /** Waits until this screen is drawn; `more` are data attributes of `<main>`. */
  readonly shows: (screen: string, more?: Readonly<Record<string, string>>) => Promise<void>;
  readonly press: (what: string, more?: string) => Promise<void>;
  readonly texts: () => Promise<string>;
  /** As a scanner types it. */
  readonly type: (text: string) => Promise<void>;
  /** Holds a code before the reader until it is read: one held up is one tap. */
  readonly showText: (text: string) => Promise<void>;
  /** Waits until all that it wrote is acknowledged, and closes the page. */
  readonly leave: () => Promise<void>;
};

/** `link` enrols it, as `terminal enrol` prints it. */
export const openTerminal = async (
  context: BrowserContext,
  city: City,
  slot: string,
  link: string,
): Promise<TerminalPage> => {
  const page = await context.newPage();
  await page.goto(`${city.url}/kiosk/?slot=${slot}${new URL(link).hash}`);

  const shows: TerminalPage["shows"] = (screen, more = {}) => {
    const rest = Object.entries(more).map(([name, value]) => `[data-${name}="${value}"]`);
    return page.locator(`main[data-screen="${screen}"]${rest.join("")}`).waitFor({ timeout: 60_000 });
  };
  const type: TerminalPage["type"] = (text) => typeText(page, text);

  await shows("ready");
  return {
    page,
    shows,
    press: (what, more = "") => page.locator(`[data-press="${what}"]${more}`).first().click(),
    texts: () => page.locator("main").innerText(),
    type,
    showText: async (text) => {
      const drawn = () => page.locator("main").evaluate((main) => JSON.stringify({ ...main.dataset }));
      const before = await drawn();
      await waitUntil(async () => {
        await type(text);
        return (await drawn()) !== before;
      });
    },
    leave: async () => {
      await waitUntil(async () => (await page.locator("[data-pending]").first().getAttribute("data-pending")) === "0");
      await page.close();
    },
  };
};
