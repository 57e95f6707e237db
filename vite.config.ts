import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/**
 * One build an app, so that each keeps its service worker and its precache to itself:
 * `vite build --mode kiosk`, `--mode wallet`, `--mode demo`; and `--mode console` and `--mode why`, which are of no use
 * offline and have none. Each lands in dist/APP and is served under /APP/.
 */
const roots = {
  kiosk: "kiosk",
  wallet: "kiosk/wallet",
  demo: "kiosk/demo",
  why: "kiosk/why",
  console: "edge-server/console",
} as const;

/**
 * html5-qrcode 2.3.8, fitted to us while building. Its own decoder, never run (see kiosk/adapters/scanner-camera.ts), goes,
 * and with it the bundled zxing-js: 96 KB gzipped. Its one assignment to innerHTML, which Trusted Types refuse, becomes a
 * call. Fails the build where its text is no longer what it was; nothing is left unfitted in silence.
 */
const fitHtml5Qrcode = (): Plugin => {
  const noDecoder = "\0html5-qrcode-without-decoder";
  const assignment = 'element.innerHTML = "";';
  const fitted = new Set<string>();
  const isTheirs = (id: string | undefined) => id?.includes("/node_modules/html5-qrcode/") === true;
  return {
    name: "fit-html5-qrcode",
    enforce: "pre",
    resolveId(source, importer) {
      if (!isTheirs(importer) || source !== "./zxing-html5-qrcode-decoder") return null;
      fitted.add("decoder");
      return noDecoder;
    },
    load: (id) => (id === noDecoder ? "export class ZXingHtml5QrcodeDecoder {}" : null),
    transform(code, id) {
      if (!isTheirs(id)) return null;
      let text = code;
      if (/\/html5-qrcode\.js(\?|$)/.test(id)) {
        if (code.split(assignment).length !== 2) this.error(`html5-qrcode has changed: not exactly one ${assignment}`);
        if (!code.includes("prototype.foreverScan =")) this.error("html5-qrcode has changed: no foreverScan");
        text = code.replace(assignment, "element.replaceChildren();");
        fitted.add("innerHTML");
      }
      if (/innerHTML|outerHTML|insertAdjacentHTML/.test(text)) this.error(`Trusted Types would refuse ${id}`);
      if (id.includes("zxing-js")) this.error("html5-qrcode has changed: it brings zxing-js along");
      return { code: text, map: null };
    },
    buildEnd(error) {
      const isUsed = [...this.getModuleIds()].some(isTheirs);
      if (error === undefined && isUsed && fitted.size < 2) this.error("html5-qrcode has changed: it was not fitted");
    },
  };
};

type PrecachedFile = {
  readonly url: string;
  readonly revision: string | null;
  readonly size: number;
  readonly integrity?: string;
};

/**
 * Names the build after its content: its files carry the hash of theirs in their names, so the page and these names say it
 * all. The page has the name in a `meta`, the service worker as the revision of the page. It knows the hash of every file,
 * so that it takes no other.
 */
const nameVersion = (): Plugin & { readonly describe: (file: PrecachedFile) => Promise<PrecachedFile> } => {
  let version = "";
  let folder = "";
  return {
    name: "name-version",
    configResolved: ({ build }) => {
      folder = build.outDir;
    },
    describe: async (file) => {
      const content = await readFile(join(folder, file.url));
      const integrity = `sha256-${createHash("sha256").update(content).digest("base64")}`;
      return { ...file, integrity, revision: file.url === "index.html" ? version : file.revision };
    },
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) => {
        const content = [html, ...Object.keys(bundle ?? {}).sort()].join("\n");
        version = createHash("sha256").update(content).digest("hex").slice(0, 10);
        return [{ tag: "meta", attrs: { name: "version", content: version }, injectTo: "head-prepend" }];
      },
    },
  };
};

const isApp = (mode: string): mode is keyof typeof roots => mode in roots;

// biome-ignore lint/style/noDefaultExport: Vite reads its configuration from the default export.
export default defineConfig(({ mode }) => {
  const app = isApp(mode) ? mode : "kiosk";
  const naming = nameVersion();
  return {
    root: roots[app],
    base: `/${app}/`,
    build: {
      outDir: `${import.meta.dirname}/dist/${app}`,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      assetsInlineLimit: 0,
    },
    worker: { format: "es" },
    // Bundled beforehand it would pass our plugin by; the decoder's worker is none of the optimizer's.
    optimizeDeps: { exclude: ["html5-qrcode", "zxing-wasm"] },
    plugins: [
      fitHtml5Qrcode(),
      naming,
      app !== "console" &&
        app !== "why" &&
        VitePWA({
          strategies: "injectManifest",
          srcDir: app === "kiosk" ? "." : "..",
          filename: "sw.ts",
          injectRegister: false,
          manifest: {
            name: "Greenlane",
            short_name: "Greenlane",
            start_url: `/${app}/`,
            scope: `/${app}/`,
            display: app === "kiosk" ? "fullscreen" : "standalone",
            background_color: "#ffffff",
            theme_color: "#0b5d3b",
          },
          injectManifest: {
            globPatterns: ["**/*.{html,js,css,wasm,svg,png,webmanifest}"],
            maximumFileSizeToCacheInBytes: 4_000_000,
            manifestTransforms: [async (files) => ({ manifest: await Promise.all(files.map(naming.describe)) })],
          },
        }),
    ],
  };
});
