/** A page of the benchmark, built as the terminal's pages are. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { build } from "vite";

export type BuiltPage = {
  /** Null where there is no such file; "/" is the page itself. */
  readonly read: (path: string) => Promise<{ readonly type: string; readonly body: Buffer } | null>;
};

/** `page`: a folder beside this file, whose index.html begins it. `others`: scripts of it that nothing imports. */
export const buildPage = async (page: string, folder: string, others: readonly string[] = []): Promise<BuiltPage> => {
  const root = join(import.meta.dirname, page);
  const outDir = join(folder, page);
  await build({
    configFile: false,
    root,
    base: "./",
    logLevel: "warn",
    worker: { format: "es" },
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: { polyfill: false },
    },
  });
  for (const other of others) {
    await build({
      configFile: false,
      root,
      logLevel: "warn",
      define: { "process.env.NODE_ENV": '"production"' },
      build: {
        outDir,
        emptyOutDir: false,
        target: "es2022",
        lib: {
          entry: join(root, other),
          formats: ["iife"],
          name: "script",
          fileName: () => other.replace(/ts$/, "js"),
        },
      },
    });
  }
  return {
    read: async (path) => {
      const file = path.endsWith("/") ? "index.html" : path.replace(/^\//, "");
      const body = await readFile(join(outDir, file)).catch(() => null);
      return body === null ? null : { type: types[extname(file)] ?? "application/octet-stream", body };
    },
  };
};

const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };
