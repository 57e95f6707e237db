import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

/**
 * One build an app, so that each keeps its service worker and its precache to itself:
 * `vite build --mode kiosk`, `--mode wallet`, `--mode demo`. Each lands in dist/APP and is served under /APP/.
 */
const roots = { kiosk: "kiosk", wallet: "kiosk/wallet", demo: "kiosk/demo" } as const;

const isApp = (mode: string): mode is keyof typeof roots => mode in roots;

// biome-ignore lint/style/noDefaultExport: Vite reads its configuration from the default export.
export default defineConfig(({ mode }) => {
  const app = isApp(mode) ? mode : "kiosk";
  return {
    root: roots[app],
    base: `/${app}/`,
    build: {
      outDir: `${import.meta.dirname}/dist/${app}`,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
    },
    worker: { format: "es" },
    plugins: [
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
        injectManifest: { globPatterns: ["**/*.{html,js,css,wasm,svg,png,webmanifest}"], maximumFileSizeToCacheInBytes: 4_000_000 },
      }),
    ],
  };
});
