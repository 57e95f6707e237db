/** The harness page, built, served under the headers a terminal's page has, and opened in a real Chromium. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Page } from "playwright-core";
import { build } from "vite";
import { launchChromium } from "../chromium.ts";
// For the type of `window.screens`.
import type {} from "./screens-harness/main.tsx";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "img-src 'self' data:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types greenlane",
].join("; ");

export type ScreensPage = {
  readonly page: Page;
  /** Errors of the console and of the page. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
};

export const openScreens = async (): Promise<ScreensPage> => {
  const folder = await mkdtemp(join(tmpdir(), "greenlane-screens-"));
  await buildHarness(folder);
  const server = await serve(folder);
  const context = await launchChromium();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.locator("body[data-ready]").waitFor({ state: "attached" });
  const close = async () => {
    await context.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { page, complaints, close };
};

const buildHarness = (folder: string) =>
  build({
    configFile: false,
    root: join(import.meta.dirname, "screens-harness"),
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: { outDir: folder, emptyOutDir: true, assetsInlineLimit: 0, target: "es2022", modulePreload: false },
    logLevel: "error",
  });

const serve = async (folder: string): Promise<Server> => {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = url === "/" ? "/index.html" : url;
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
    response.end(await readFile(join(folder, path)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
};

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};
