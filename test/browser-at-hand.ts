/**
 * Sees to it that there is a Chromium for the tests, and says which: the one installed (or `CHROME_PATH`), else the
 * distribution's package where we may install it, else Playwright's download.
 */
import { execFileSync } from "node:child_process";
import { findChromium } from "./chromium.ts";

const lookFor = (): string | null => {
  try {
    return findChromium();
  } catch {
    return null;
  }
};

const run = (command: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
    return true;
  } catch {
    return false;
  }
};

const install = (): void => {
  const mayInstall = process.getuid?.() === 0;
  const isInstalled =
    mayInstall && run("apt-get", "update", "-qq") && run("apt-get", "install", "-y", "-qq", "chromium");
  if (!isInstalled) run("npx", "playwright-core", "install", "chromium");
};

if (lookFor() === null) {
  console.log("No Chromium here: getting one for the tests.");
  install();
}
const found = lookFor();
if (found === null) {
  console.error("No Chromium to be had. Install Chrome or Chromium, or set CHROME_PATH to one, and try again.");
  process.exit(1);
}
console.log(`Browser tests run in ${found}`);
