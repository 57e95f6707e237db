import { defineConfig } from "vitest/config";

/** As many files at once as there are processors, in one queue: those of a browser wait more than they work. */
const maxWorkers = "100%";
/** What is waited for is a state: on a busy machine it comes late, and the test is as good. */
const expect = { poll: { timeout: 20_000 } };

/** `node`: fast, no browser. `browser`: drives a real Chromium. */
// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  test: {
    projects: [
      // A database that is started, killed and started again takes its time on a busy machine.
      {
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/browser/**"],
          maxWorkers,
          expect,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: "test/browser/global-setup.ts",
          maxWorkers,
          expect,
          testTimeout: 240_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
