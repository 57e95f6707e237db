/** The scanners' harness page: built as the terminal is, and served under the very headers a terminal's page has. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { build, loadConfigFromFile, type Plugin } from "vite";

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self' http://127.0.0.1:* http://localhost:*",
  "img-src 'self' data:",
  "style-src 'self'",
  "media-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types greenlane",
].join("; ");

/** Built as the terminal is: with the very plugin of the project's configuration. */
export const buildHarness = async (outDir: string) => {
  await build({
    configFile: false,
    root: join(import.meta.dirname, "harness"),
    logLevel: "warn",
    build: { outDir, emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
    worker: { format: "es" },
    plugins: [await loadFitting()],
  });
};

export const loadFitting = async (): Promise<Plugin> => {
  const file = join(import.meta.dirname, "../../vite.config.ts");
  const loaded = await loadConfigFromFile({ command: "build", mode: "kiosk" }, file);
  const isFitting = (plugin: unknown): plugin is Plugin =>
    typeof plugin === "object" && plugin !== null && "name" in plugin && plugin.name === "fit-html5-qrcode";
  const fitting = loaded?.config.plugins?.find(isFitting);
  if (fitting === undefined) throw new Error("vite.config.ts does not fit html5-qrcode");
  return fitting;
};

export const serve = async (root: string): Promise<Server> => {
  const types: Readonly<Record<string, string>> = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
  };
  const served = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(root, pathname === "/" ? "index.html" : pathname);
    const body = await readFile(file).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-security-policy": policy,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => served.listen(0, "127.0.0.1", resolve));
  return served;
};

export const originOf = (served: Server): string => `http://127.0.0.1:${(served.address() as AddressInfo).port}`;
