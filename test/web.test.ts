import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, problemWord, type World } from "./world.ts";

const top = mkdtempSync(join(tmpdir(), "greenlane-web-"));
const folder = join(top, "dist");
let world: World;

beforeAll(async () => {
  mkdirSync(join(folder, "kiosk", "assets"), { recursive: true });
  mkdirSync(join(folder, "demo"));
  writeFileSync(join(top, "secret.txt"), "secret");
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "kiosk", ".secret.txt"), "secret");
  writeFileSync(join(folder, "kiosk", "index.html"), "the kiosk");
  writeFileSync(join(folder, "kiosk", "sw.js"), "the worker");
  writeFileSync(join(folder, "kiosk", "assets", "app-1a2b.js"), "the app");
  writeFileSync(join(folder, "kiosk", "assets", "reader.wasm"), "wasm");
  writeFileSync(join(folder, "demo", "index.html"), "the demo");
  world = await createWorld({ webFolder: folder });
});
afterAll(() => rmSync(top, { recursive: true }));

const get = (path: string, headers = {}) => world.app.request(path, { headers });

describe("the built pages", () => {
  it.each([
    ["/kiosk/", "the kiosk", "text/html; charset=utf-8", "no-cache"],
    ["/kiosk/any/deep/link?x=1", "the kiosk", "text/html; charset=utf-8", "no-cache"],
    ["/kiosk/sw.js", "the worker", "text/javascript; charset=utf-8", "no-cache"],
    ["/kiosk/assets/app-1a2b.js", "the app", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/kiosk/assets/reader.wasm", "wasm", "application/wasm", "public, max-age=31536000, immutable"],
  ])("serves %s", async (path, text, type, caching) => {
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("cache-control")).toBe(caching);
    expect(response.headers.get("content-security-policy")).toContain("worker-src 'self'");
  });

  it("leads to the folder of an app", async () => {
    const response = await get("/kiosk");
    expect([response.status, response.headers.get("location")]).toEqual([308, "/kiosk/"]);
  });

  it("says that a file is the same, until it is another", async () => {
    const etag = (await get("/kiosk/sw.js")).headers.get("etag") ?? "";
    expect((await get("/kiosk/sw.js", { "if-none-match": etag })).status).toBe(304);
    writeFileSync(join(folder, "kiosk", "sw.js"), "the new one");
    utimesSync(join(folder, "kiosk", "sw.js"), 1, 1);
    const changed = await get("/kiosk/sw.js", { "if-none-match": etag });
    expect([changed.status, await changed.text()]).toEqual([200, "the new one"]);
  });

  it.each([
    "/kiosk/../secret.txt",
    "/kiosk/%2e%2e/secret.txt",
    "/kiosk/..%2fsecret.txt",
    "/kiosk/..%2f..%2fsecret.txt",
    "/kiosk/..%5csecret.txt",
    "/kiosk/assets/../../secret.txt",
    "/kiosk//secret.txt",
    "/kiosk/.secret.txt",
    "/kiosk/%00.txt",
    "/secret.txt",
    "/kiosk/no-such.js",
    "/kiosk/assets",
    `/kiosk/${"a".repeat(5000)}.js`,
  ])("gives nothing for %s", async (path) => {
    const response = await get(path);
    expect(await response.clone().text()).not.toContain("secret");
    if (response.status !== 200) expect([response.status, await problemWord(response)]).toEqual([404, "not-found"]);
    else expect(await response.text()).toBe("the kiosk"); // a deep link
  });

  it("says how to build what is not built, and has no demo outside the demo city", async () => {
    const missing = await get("/wallet/");
    expect([missing.status, await missing.text()]).toEqual([503, expect.stringContaining("npm run build")]);
    expect((await get("/demo/")).status).toBe(404);
  });
});

describe("the start page", () => {
  const hrefs = (html: string) => [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, href]) => href);

  it("leads to every page that is there, in Chinese and English", async () => {
    const response = await get("/");
    const html = await response.text();
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(hrefs(html)).toEqual(["/start.css", "/kiosk/", "/wallet/", "/openapi.json"]);
    expect(html).toMatch(/终端 <span lang="en">Terminal/);
    expect(html).not.toMatch(/<style|<script|style=|onclick/);
  });

  it("leads to the demo first where there is one", async () => {
    const demo = {
      citizens: () => ({ programme: "here", citizens: [] }),
      addTerminals: async () => ({ terminals: [] }),
    };
    const { app } = await createWorld({ webFolder: folder, demo });
    expect(hrefs(await (await app.request("/")).text())[1]).toBe("/demo/");
    expect(await (await app.request("/demo/")).text()).toBe("the demo");
  });

  it("has its style at an address of its own", async () => {
    const response = await get("/start.css");
    expect(response.headers.get("content-type")).toBe("text/css");
    expect(await response.text()).toContain("#0b5d3b");
  });
});
