/**
 * The console in a real Chromium, as an operator has it before them: how long until a view is drawn, in milliseconds, by the
 * page's own clock, from the click or the navigation to the frame that shows it.
 */
import type { BrowserContext, Page } from "playwright-core";
import { password } from "../admin-world.ts";
import { launchChromium } from "../chromium.ts";

export type ConsolePage = {
  readonly page: Page;
  /** From the navigation, with nothing in the browser's cache. */
  readonly openFirstView: () => Promise<number>;
  /** From the click on its name. `selector`: what is there once the view is drawn. */
  readonly turnTo: (view: string, selector: string) => Promise<number>;
  /** From the click on `button` until what `sign` selects is there and reads otherwise, or is another number of things. */
  readonly press: (button: string, sign: string) => Promise<number>;
  /** Resolves once `text` stands in the view; what to wait for is there at once, so that nothing is missed. */
  readonly waitForText: (view: string, text: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

/** `link` makes an operator. */
export const openConsole = async (link: string): Promise<ConsolePage> => {
  const context = await launchChromium();
  await context.addInitScript(watchFirstView);
  const page = await context.newPage();
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.goto(link);
  await page.locator("input[type=text]").fill("lin.mei");
  await page.locator("input[type=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.locator("main[data-page=terminals]").waitFor();
  const cache = await context.newCDPSession(page);
  const url = new URL("/console/", link).href;
  return {
    page,
    openFirstView: async () => {
      await page.goto("about:blank");
      await cache.send("Network.clearBrowserCache");
      await page.goto(url);
      const drawn = await page.waitForFunction(() => Reflect.get(window, "greenlaneDrawnAt") as number | undefined);
      return (await drawn.jsonValue()) ?? Number.NaN;
    },
    turnTo: (view, selector) => page.evaluate(timeTurn, { view, selector }),
    press: (button, sign) => page.evaluate(timePress, { button, sign }),
    waitForText: (view, text) =>
      page.waitForFunction(
        (wanted) => document.querySelector(`main[data-page=${wanted.view}]`)?.textContent?.includes(wanted.text),
        { view, text },
        { timeout: 60_000 },
      ),
    close: () => closeAll(context),
  };
};

const closeAll = (context: BrowserContext): Promise<void> => context.close();

/** The first view is whole with its sites and its first terminals; of an empty city, with its headings. */
const watchFirstView = (): void => {
  const isDrawn = (): boolean => {
    const main = document.querySelector("main[data-page=terminals]");
    return main !== null && main.querySelector(".sites") !== null && main.querySelectorAll("h2").length >= 2;
  };
  const observer = new MutationObserver(() => {
    if (!isDrawn()) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => Object.assign(window, { greenlaneDrawnAt: performance.now() })));
  });
  observer.observe(document, { subtree: true, childList: true });
};

const timeTurn = ({ view, selector }: { readonly view: string; readonly selector: string }): Promise<number> =>
  new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${view}: no ${selector} within a minute`)), 60_000);
    const startedAt = performance.now();
    const look = (): void => {
      if (document.querySelector(`main[data-page=${view}] ${selector}`) === null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - startedAt)));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true });
    document.querySelector<HTMLElement>(`.nav a[href="#${view}"]`)?.click();
  });

const timePress = ({ button, sign }: { readonly button: string; readonly sign: string }): Promise<number> =>
  new Promise((resolve, reject) => {
    const found = document.querySelector<HTMLElement>(button);
    if (found === null) return reject(new Error(`no ${button}`));
    setTimeout(() => reject(new Error(`${button}: nothing came of it within a minute`)), 60_000);
    const read = (): string | null => {
      const signs = document.querySelectorAll(sign);
      return signs.length === 0 ? null : `${signs.length} ${signs[0]?.textContent ?? ""}`;
    };
    const before = read();
    const startedAt = performance.now();
    const observer = new MutationObserver(() => {
      const now = read();
      if (now === null || now === before) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - startedAt)));
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true });
    found.click();
  });
