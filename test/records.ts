/** Records of operators in folders that go away, and the real command line over them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, expect } from "vitest";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { runCli } from "../edge-server/cli.ts";
import { pathsIn } from "../edge-server/settings.ts";

const root = mkdtempSync(join(tmpdir(), "greenlane-backup-"));
afterAll(() => rmSync(root, { recursive: true }));
let number = 0;
/** A folder that nobody has used. */
export const nowhere = (): string => join(root, `${++number}`);

export const run = async (data: string, words: readonly string[], more: Readonly<Record<string, string>> = {}) => {
  const said = { out: "", err: "" };
  const sink = (name: keyof typeof said) =>
    new Writable({
      write: (chunk, _, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await runCli(words, { GREENLANE_DATA: data, ...more }, { out: sink("out"), err: sink("err") });
  return { code, ...said };
};
export const must = async (data: string, ...words: readonly string[]): Promise<string> => {
  const { code, out, err } = await run(data, words);
  expect([code, err], words.join(" ")).toEqual([0, ""]);
  return out;
};
export const backUp = async (data: string): Promise<string> => {
  const out = nowhere();
  await must(data, "backup", "--out", out);
  return out;
};
export const makeRecords = async (): Promise<string> => {
  const data = nowhere();
  await must(data, "issuer", "list");
  await createSqliteLedger(pathsIn(data).ledger).close();
  return data;
};
