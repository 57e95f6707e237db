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

/** In the page: all that is in the log; and its mark as it was found, by which a loss is understood. */
export const readAll = async (name: string) => {
  const mark = localStorage.getItem(`greenlane/${name}`) ?? "no mark";
  const { log, stored } = await stores.openLog(name);
  const { entries, faults } = await stores.readChain(log, stored);
  return { isNew: stored.isNew, ackedSeq: stored.ackedSeq, entries, faults, alarms: [...log.alarms(), mark] };
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

/** In the page: writes for as long as there is power. Entries of all sizes; now and then some are acknowledged and pruned. */
export const writeOn = async (name: string): Promise<void> => {
  const claim: (text: string) => void = Reflect.get(globalThis, "claim");
  const { log, stored } = await stores.openLog(name);
  const run = async (): Promise<void> => {
    for (let head = stored.head; ; ) {
      const cause = "x".repeat(Math.random() < 0.05 ? 30_000 : Math.random() * 1000);
      const { entry } = await stores.makeNext(head, undefined, cause);
      await log.append(entry);
      const hash = [...entry.hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      claim(`${entry.seq} ${hash} ${entry.personal?.text ?? ""}`);
      head = entry;
      if (entry.seq % 150 !== 0) continue;
      await log.acknowledge(entry.seq - 20, 4000 * entry.seq);
      await log.prune(0);
    }
  };
  run().catch((reason: unknown) => claim(String(reason)));
};

/** In the page: a terminal's identity, which lies in the database alone. */
export const enrol = async (name: string): Promise<void> => {
  const db = await stores.openDatabase(name);
  const profile = { service: "library", programme: "here", site: "s", name: "Desk", actuator: "simulated" } as const;
  const answer = { terminal: "t-1", operatorKey: "b3BlcmF0b3I", operatorKeyVersion: 2, root: "AAAA", profile };
  await stores.identityOf(db).write(answer, new Uint8Array(32), await stores.makeKeyPair());
  db.close();
};

/** In the page. A database that the browser throws away may first fail to open. */
export const isEnrolled = async (name: string): Promise<boolean> => {
  try {
    const db = await stores.openDatabase(name);
    const identity = await stores.identityOf(db).read();
    db.close();
    return identity !== null;
  } catch {
    return false;
  }
};
