/**
 * Builds the three apps that the server serves, where one is missing or older than what it is made of. Run by
 * `npm start` and by the tests, so that nobody looks at yesterday's screens.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "..");
const apps = ["kiosk", "wallet", "demo"] as const;
const sources = ["kiosk", "shared", "vite.config.ts", "package-lock.json"];

export const buildMissing = async (): Promise<void> => {
  const changedAt = Math.max(...sources.map((each) => newestIn(join(root, each))));
  for (const app of apps) {
    if (builtAt(app) > changedAt) continue;
    console.log(`Building ${app} ...`);
    await build({ configFile: join(root, "vite.config.ts"), mode: app, logLevel: "warn" });
  }
};

const builtAt = (app: string): number =>
  statSync(join(root, "dist", app, "index.html"), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newestIn = (path: string): number => {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((each) => newestIn(join(path, each))));
};

if (import.meta.main) await buildMissing();
