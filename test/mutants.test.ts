/** The laws bite: every mutant of `decide` and of the check of packs is found by one of them (laws/mutants.ts). */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { mutants } from "./laws/mutants.ts";

it(`finds each of ${mutants.length} mutants`, async () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  const hunt = join(import.meta.dirname, "laws/hunt.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", hunt]);
  expect(JSON.parse(stdout)).toEqual({ mutants: mutants.length, survivors: [], stray: [] });
}, 400_000);
