/** The page with nothing but the terminal's stores, in a browser that can be killed; what it writes and reads there. */
import type {} from "../browser/store-page/main.ts";
import { type KillableBrowser, openBrowser } from "./killable-browser.ts";

/** `onClaim`: the page has called `claim(text)`. */
export const openLogPage = async (
  profileFolder: string,
  url: string,
  onClaim: (text: string) => void = () => {},
): Promise<KillableBrowser> => {
  const browser = await openBrowser(profileFolder, onClaim);
  await browser.page.goto(url);
  await browser.page.locator("body[data-ready]").waitFor({ state: "attached" });
  return browser;
};

/** In the page: all that is in the log. */
export const readAll = async (name: string) => {
  const { log, stored } = await stores.openLog(name);
  const { entries, faults } = await stores.readChain(log, stored);
  return { isNew: stored.isNew, ackedSeq: stored.ackedSeq, entries, faults, alarms: log.alarms() };
};

/** In the page: a few more entries, and all that is in the log then. */
export const writeMore = async (name: string) => {
  const { log, stored } = await stores.openLog(name);
  await stores.fill(log, stored.head, 3);
  await log.settled();
  const again = await log.open(stored.chain.terminal);
  const { entries, faults } = await stores.readChain(log, again);
  const hasStopped = again.head.seq === stored.head.seq + 3 ? [] : [`it does not go on after ${stored.head.seq}`];
  return { after: entries, faults: [...faults, ...hasStopped] };
};
