/** A real Chromium with a profile where the test says, that stands still or dies as a whole when it is told to. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchChromium } from "../chromium.ts";
import { isChromiumGone, signalChromium } from "./chromium-family.ts";
import { undoAtEnd } from "./leftovers.ts";

export type KillableBrowser = {
  readonly page: Page;
  /** Every process of it stands still, or goes on. */
  readonly stop: () => void;
  readonly goOn: () => void;
  /** `kill -9` of all of them. */
  readonly kill: () => Promise<void>;
};

/** `onClaim`: a page has called `claim(text)`. */
export const openBrowser = async (profileFolder: string, onClaim: (text: string) => void): Promise<KillableBrowser> => {
  const running = undoAtEnd(() => signalChromium(profileFolder, "SIGKILL"));
  // Of the browser before, which was not asked whether it had finished.
  for (const name of ["SingletonLock", "SingletonSocket", "SingletonCookie"]) {
    rmSync(join(profileFolder, name), { force: true });
  }
  const context = await launchChromium({ profileFolder, extraArgs: ["--disk-cache-size=1"] });
  const closed = new Promise((resolve) => context.once("close", resolve));
  const [page = await context.newPage()] = context.pages();
  const wire = await context.newCDPSession(page);
  await wire.send("Runtime.enable");
  await wire.send("Runtime.addBinding", { name: "claim" });
  wire.on("Runtime.bindingCalled", ({ payload }) => onClaim(payload));
  return {
    page,
    stop: () => signalChromium(profileFolder, "SIGSTOP"),
    goOn: () => signalChromium(profileFolder, "SIGCONT"),
    kill: async () => {
      running.now();
      await closed;
      while (!isChromiumGone(profileFolder)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
};
