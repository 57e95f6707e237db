/**
 * Builds the apps that the server serves, where one is missing or older than what it is made of. Run by
 * `npm start` and by the tests, so that nobody looks at yesterday's screens.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const apps = ["kiosk", "wallet", "demo", "why", "console"] as const;
const sources = ["kiosk", "edge-server/console", "shared", "vite.config.ts", "package-lock.json"];

export const buildMissing = (): void => {
  const changedAt = Math.max(...sources.map((each) => newestIn(join(root, each))));
  for (const app of apps) {
    if (builtAt(app) > changedAt) continue;
    console.log(`Building ${app} ...`);
    const vite = join(root, "node_modules/vite/bin/vite.js");
    // What serves and what is tested is the same build, whatever the environment says that runs the tests.
    const env = { ...process.env, NODE_ENV: "production" };
    execFileSync(process.execPath, [vite, "build", "--mode", app, "--logLevel", "warn"], { cwd: root, env });
  }
};

const builtAt = (app: string): number =>
  statSync(join(root, "dist", app, "index.html"), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const newestIn = (path: string): number => {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((each) => newestIn(join(path, each))));
};

if (import.meta.main) buildMissing();
