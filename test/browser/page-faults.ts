/** Whether a page of the console is fit for everybody: axe, the size of what can be touched, and what is cut off. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const findFaults = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axeSource);
  return page.evaluate(findInPage);
};

/** Runs in the page. */
const findInPage = async (): Promise<readonly string[]> => {
  type Axe = { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
  const { axe } = globalThis as unknown as { axe: Axe };
  const { violations } = await axe.run();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  // What is hidden nobody touches: not shown, not read out, not reached by the keyboard.
  for (const target of document.querySelectorAll<HTMLElement>(
    ":is(button, a, input, select, textarea):not([hidden])",
  )) {
    const { width, height } = target.getBoundingClientRect();
    if (Math.min(width, height) < 43.9) found.push(`${width}x${height} to touch: ${target.textContent}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the page");
  return found;
};
