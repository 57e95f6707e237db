/** A real Chromium for tests and benchmarks: the one installed, headless, alone with a profile folder of its own. */
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

export type LaunchOptions = {
  /** Kept when it is given, so that a profile can be opened again; otherwise temporary and removed when closed. */
  readonly profileFolder?: string;
  /** What the camera sees: an .mjpeg or .y4m file, looped (see video.ts). Without it, Chromium's own test picture. */
  readonly videoFile?: string;
  readonly extraArgs?: readonly string[];
};

export const findChromium = (): string => {
  const { CHROME_PATH, PATH = "" } = process.env;
  if (CHROME_PATH) return CHROME_PATH;
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const found = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name))).find(isExecutable);
  if (found === undefined) throw new Error(`no Chromium: set CHROME_PATH, or put one of ${names.join(", ")} on PATH`);
  return found;
};

export const launchChromium = async (options: LaunchOptions = {}): Promise<BrowserContext> => {
  const folder = options.profileFolder ?? (await mkdtemp(join(tmpdir(), "greenlane-chromium-")));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: findChromium(),
    headless: true,
    args: [
      ...flags,
      ...(options.videoFile === undefined ? [] : [`--use-file-for-fake-video-capture=${options.videoFile}`]),
      ...(options.extraArgs ?? []),
    ],
  });
  if (options.profileFolder === undefined) {
    const close = context.close.bind(context);
    context.close = async (...reason) => {
      await close(...reason);
      // Chromium writes on for a moment after it said goodbye.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    };
  }
  return context;
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
];
