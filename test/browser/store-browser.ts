/** A real Chromium with a profile on disk, and in it the page with nothing but a terminal's stores. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Page } from "playwright-core";
import { build, type Plugin } from "vite";
import { launchChromium } from "../chromium.ts";
// For the type of `window.stores`.
import type {} from "./store-page/main.ts";

export type StoreBrowser = {
  readonly page: () => Page;
  /** Another page of the same browser. */
  readonly openPage: () => Promise<Page>;
  /** The page goes and comes back: nothing holds its files any more. */
  readonly reload: () => Promise<void>;
  /** `kill -9` of all its processes, and a start on the same profile. */
  readonly killAndStart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type ServedPages = { readonly url: string; readonly close: () => void };

/** The page as it is built, under `base`. `fit` changes its source on the way. */
export const buildStorePage = async (outDir: string, base = "/", fit: readonly Plugin[] = []): Promise<void> => {
  await build({
    configFile: false,
    root: join(import.meta.dirname, "store-page"),
    base,
    logLevel: "warn",
    plugins: [...fit],
    worker: { format: "es", plugins: () => [...fit] },
    build: { outDir, emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
  });
};

/** One origin for all that was built into `folder`. */
export const servePages = async (folder: string): Promise<ServedPages> => {
  const server = createServer(async (request, response) => {
    const file = (request.url ?? "/").replace(/\/$/, "/index.html");
    const type = extname(file) === ".html" ? "text/html" : "text/javascript";
    response.writeHead(200, { "content-type": type }).end(await readFile(join(folder, file)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
};

export const openStoreBrowser = async (): Promise<StoreBrowser> => {
  const folder = await mkdtemp(join(tmpdir(), "greenlane-store-"));
  const profileFolder = join(folder, "profile");
  const built = join(folder, "page");
  await buildStorePage(built);
  const pages = await servePages(built);

  const isReady = (page: Page) => page.locator("body[data-ready]").waitFor({ state: "attached" });
  const openPage = async (): Promise<Page> => {
    const opened = await context.newPage();
    await opened.goto(`${pages.url}/`);
    await isReady(opened);
    return opened;
  };
  /** Every process of this browser: its profile folder is nobody else's. */
  const kill = async (): Promise<void> => {
    const closed = new Promise((resolve) => context.once("close", resolve));
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes(`--user-data-dir=${profileFolder}`)) process.kill(Number(pid), "SIGKILL");
    }
    await closed;
  };

  let context = await launchChromium({ profileFolder });
  let page = await openPage();
  return {
    page: () => page,
    openPage,
    reload: async () => {
      await page.reload();
      await isReady(page);
    },
    killAndStart: async () => {
      await kill();
      context = await launchChromium({ profileFolder });
      page = await openPage();
    },
    close: async () => {
      await context.close();
      pages.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
};
