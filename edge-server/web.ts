/**
 * The built pages: kiosk, wallet, demo, why and console, each under its own name, and the start page (a mirror, which has no
 * ledger, has neither of the last two). What is not a plain path of letters, digits, `.`, `_` and `-` is not looked for, so
 * no path leads out of the folder. A deep link (no dot in its last part) falls back to the page of its app. Files that
 * carry their hash in their name are for good; all others are asked for anew each time, and answered by 304 where they are
 * the same.
 */
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { type Context, Hono } from "hono";
import type { Bytes } from "../shared/bytes.ts";
import { answerProblem } from "./problem.ts";
import { startPage, startStyle } from "./start-page.ts";

export type WebOptions = { readonly folder: string; readonly hasDemo: boolean; readonly hasConsole: boolean };

export const webRoutes = ({ folder, hasDemo, hasConsole }: WebOptions): Hono => {
  const readWebFile = createFileReader(folder);
  const web = new Hono();
  web.get("/", (c) => c.html(startPage(hasDemo), 200, { "Cache-Control": "no-cache" }));
  web.get("/start.css", (c) => c.body(startStyle, 200, { "Content-Type": "text/css", "Cache-Control": "no-cache" }));
  const apps = ["kiosk", "wallet", ...(hasDemo ? ["demo"] : []), ...(hasConsole ? ["why", "console"] : [])];
  for (const app of apps) {
    web.get(`/${app}`, (c) => c.redirect(`/${app}/`, 308));
    web.get(`/${app}/*`, async (c) => {
      const path = c.req.path.slice(`/${app}/`.length);
      const isDeepLink = !path.slice(path.lastIndexOf("/") + 1).includes(".");
      const name = isDeepLink ? "index.html" : path;
      const file = safePath.test(name) ? await readWebFile(`${app}/${name}`) : null;
      if (file !== null) return answerFile(c, file, name.startsWith("assets/"));
      return isDeepLink ? answerNotBuilt(c) : answerProblem(c, "not-found");
    });
  }
  return web;
};

const safePath = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

type WebFile = { readonly bytes: Bytes; readonly etag: string; readonly mediaType: string };

/** Keeps what it read for as long as the file is the same, so that many terminals share one copy. */
const createFileReader = (folder: string) => {
  const read = new Map<string, WebFile>();
  return async (name: string): Promise<WebFile | null> => {
    const path = join(folder, name);
    const mediaType = mediaTypes[extname(name)];
    const status = await stat(path).catch(isMissing);
    if (mediaType === undefined || status === null || !status.isFile()) return null;
    const etag = `"${status.size.toString(36)}-${status.mtimeMs.toString(36)}"`;
    const known = read.get(name);
    if (known?.etag === etag) return known;
    const file = { bytes: new Uint8Array(await readFile(path)), etag, mediaType };
    read.set(name, file);
    return file;
  };
};

const isMissing = (error: NodeJS.ErrnoException): null => {
  if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "ENAMETOOLONG") return null;
  throw error;
};

const answerFile = (c: Context, file: WebFile, isForGood: boolean): Response => {
  const headers = {
    ETag: file.etag,
    "Cache-Control": isForGood ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (c.req.header("if-none-match") === file.etag) return c.body(null, 304, headers);
  return c.body(file.bytes, 200, { ...headers, "Content-Type": file.mediaType });
};

const answerNotBuilt = (c: Context): Response =>
  c.text("The pages are not built yet. / 页面尚未构建。\n\n    npm run build\n", 503, { "Cache-Control": "no-store" });
