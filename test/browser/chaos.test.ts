/** A few of the power cuts of `npm run chaos`, with their control; skipped, with the reason, where they cannot be made. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whyNoDisk } from "../chaos/disk.ts";

test("power cuts lose nothing that the log said was durable", async ({ skip }) => {
  const cause = whyNoDisk();
  if (cause !== null) return skip(cause);
  const program = join(import.meta.dirname, "../chaos/main.ts");
  const { exitCode, said } = await run(program, "power", "--cuts", "8");
  console.log(said.trim());
  expect(exitCode).toBe(0);
});

/** By itself, so that it cleans up however it ends. */
const run = (...words: readonly string[]): Promise<{ readonly exitCode: unknown; readonly said: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, words, { timeout: 180_000 }, (error, out, err) =>
      resolve({ exitCode: error === null ? 0 : error.code, said: out + err }),
    );
  });
