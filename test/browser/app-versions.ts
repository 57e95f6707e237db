/** Versions of the terminal's page, each built from the source with a change of its own, and a server that offers one of them. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { request as ask, createServer, type Server } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { setHeaders } from "../../edge-server/headers.ts";
import { webRoutes } from "../../edge-server/web.ts";

const repository = join(import.meta.dirname, "..", "..");

/** In one file, a text that stands there once, and what stands there instead. */
export type Change = readonly [file: string, from: string, to: string];

/** So that a test does not take an hour. */
const hurried: readonly Change[] = [
  ["kiosk/adapters/register.ts", "const lookSeconds = 10;", "const lookSeconds = 0.5;"],
  ["kiosk/adapters/register.ts", "const idleSeconds = 60;", "const idleSeconds = 1;"],
  ["kiosk/adapters/register.ts", "const askSeconds = 3600;", "const askSeconds = 2;"],
  ["kiosk/update/versions.ts", "export const trialSeconds = 60;", "export const trialSeconds = 8;"],
];

/** Builds the terminal under `folder`. Resolves with the version's name and where its pages lie. */
export const buildVersion = async (folder: string, changes: readonly Change[]) => {
  await mkdir(folder, { recursive: true });
  for (const part of ["kiosk", "shared", "vite.config.ts", "package.json", "tsconfig.base.json"]) {
    await cp(join(repository, part), join(folder, part), { recursive: true });
  }
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
  for (const [file, from, to] of [...hurried, ...changes]) {
    const text = await readFile(join(folder, file), "utf8");
    if (text.split(from).length !== 2) throw new Error(`${file} has changed: not exactly one ${from}`);
    await writeFile(
      join(folder, file),
      text.replace(from, () => to),
    );
  }
  const vite = join(repository, "node_modules/vite/bin/vite.js");
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [vite, "build", "--mode", "kiosk", "--logLevel", "warn"], {
    cwd: folder,
    env,
  });
  const page = await readFile(join(folder, "dist/kiosk/index.html"), "utf8");
  const name = /<meta name="version" content="([0-9a-f]{10})">/.exec(page)?.[1];
  if (name === undefined) throw new Error("the page has no version");
  return { name, pages: join(folder, "dist") };
};

export type Front = {
  readonly url: string;
  readonly offer: (pages: string) => void;
  /** Nobody answers any more; then again. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The pages of one version, as the edge server serves them, before an edge server that has all the rest. */
export const openFront = async (edge: string): Promise<Front> => {
  let app = new Hono();
  let server: Server;
  let port = 0;

  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((request, response) => {
        if (request.url?.startsWith("/kiosk/")) return void getRequestListener(app.fetch)(request, response);
        const { method, headers, url } = request;
        const passed = ask(new URL(url ?? "/", edge), { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        passed.on("error", () => response.destroy());
        request.pipe(passed);
      });
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        port = typeof address === "object" && address !== null ? address.port : 0;
        resolve();
      });
    });

  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  await listen();
  return {
    url: `http://localhost:${port}`,
    offer: (folder) => {
      app = new Hono().use(setHeaders(false)).route("/", webRoutes({ folder, hasDemo: false, hasConsole: false }));
    },
    cut,
    mend: listen,
    close: cut,
  };
};
