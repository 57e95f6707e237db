/**
 * A backup: the operator's records in a folder of their own, for its owner alone (0700, files 0600), copied while
 * everything runs. Each database is as it was at one moment. The order makes them fit each other: the ledger first, so
 * that the registry knows every terminal in it, and the keys last, so that none is missing that is already in force.
 *
 *     ledger.sqlite  published.sqlite  registry.sqlite  citizens.sqlite  operators.sqlite  keys/*.jwk
 *     settlements/   statements as they were written: what was stated is not stated otherwise later
 *     backup.json    {"v": 1, "at", "files"}, written last: without it, it is no backup
 *
 * A folder appears whole, under its name, or not at all.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { toUtf8 } from "../../shared/bytes.ts";
import type { Instant } from "../../shared/terms.ts";
import { explainFileError, type Named, readJsonFile, syncFile, writeWholeFile } from "../files.ts";
import { pathsIn } from "../settings.ts";
import { copySqlite, isWholeSqlite } from "./sqlite.ts";

/** What is in it, by name. */
export type Backup = { readonly at: Instant; readonly files: readonly string[] };

/** `hasLedger`: the ledger is a file here, and not on PostgreSQL. */
export const writeBackup = (
  from: string,
  to: string,
  { hasLedger, at }: { readonly hasLedger: boolean; readonly at: Instant },
): Promise<Named<Backup>> =>
  makeFolder<Backup>(to, async (draft) => {
    const { ledger, published, registry, citizens, operators, keys, settlements } = pathsIn(from);
    if (!existsSync(registry)) return unreadable(`${from} holds no records`);
    const databases = [...(hasLedger ? [ledger] : []), published, registry, citizens, operators].filter((path) =>
      existsSync(path),
    );
    for (const path of databases) await copySqlite(path, join(draft, basename(path)));
    const names = readdirSync(keys).filter((name) => name.endsWith(".jwk"));
    copyKeys(keys, join(draft, "keys"), names);
    const statements = statementsIn(settlements);
    copyStatements(from, draft, statements);
    const files = [...databases.map((path) => basename(path)), ...names.map((name) => `keys/${name}`), ...statements];
    const written = writeWholeFile(join(draft, "backup.json"), toUtf8(JSON.stringify({ v: 1, at, files })), 0o600);
    return written.kind === "unreadable" ? written : { kind: "read", value: { at, files } };
  });

/** Into a folder that is empty or not there yet. Every database is checked before it counts. */
export const restoreBackup = async (from: string, to: string): Promise<Named<Backup>> => {
  const document = readJsonFile(join(from, "backup.json"));
  if (document.kind === "unreadable") return unreadable(`${from} is no whole backup: ${document.error}`);
  const read = v.safeParse(backupDocument, document.value);
  if (!read.success) return unreadable(`${from} is no backup of this version`);
  const { at, files } = read.output;
  return makeFolder<Backup>(to, async (draft) => {
    for (const name of files.filter((each) => each.endsWith(".sqlite"))) {
      copyPrivately(join(from, name), join(draft, name));
      if (!isWholeSqlite(join(draft, name))) return unreadable(`${join(from, name)} is damaged`);
    }
    const names = files.filter((name) => name.startsWith("keys/")).map((name) => basename(name));
    copyKeys(join(from, "keys"), join(draft, "keys"), names);
    const statements = files.filter((name) => name.startsWith("settlements/"));
    copyStatements(from, draft, statements);
    return { kind: "read", value: { at, files } };
  });
};

/** `settlements/`, a folder of one programme where there is one, and a file that no name leads out of. */
const statementName = /^settlements\/([a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*\.(json|ndjson)$/;
const recordName = /^(keys\/[a-z0-9][a-z0-9-]*\.jwk|[a-z]+\.sqlite)$/;
const fileName = v.pipe(
  v.string(),
  v.check((name) => recordName.test(name) || statementName.test(name)),
);
const backupDocument = v.object({ v: v.literal(1), at: v.number(), files: v.array(fileName) });

/** Runs `fill` on a draft beside the folder, which then takes its name; nothing is left of one that failed. */
const makeFolder = async <T>(folder: string, fill: (draft: string) => Promise<Named<T>>): Promise<Named<T>> => {
  const draft = `${folder}.new`;
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) return unreadable(`${folder} is not empty`);
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    const filled = await fill(draft);
    if (filled.kind === "read") {
      syncFile(draft);
      renameSync(draft, folder);
      syncFile(dirname(folder));
    }
    return filled;
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error; // not of a file: the database's own words
    return unreadable(explainFileError(error, folder));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/** Those that were finished: what is being written has a name of its own. */
const statementsIn = (folder: string): readonly string[] =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [])
    .map((name) => `settlements/${name.replaceAll("\\", "/")}`)
    .filter((name) => statementName.test(name))
    .sort();

const copyStatements = (from: string, to: string, names: readonly string[]): void => {
  for (const name of names) {
    mkdirSync(dirname(join(to, name)), { recursive: true, mode: 0o700 });
    copyPrivately(join(from, name), join(to, name));
    syncFile(dirname(join(to, name)));
  }
};

const copyKeys = (from: string, to: string, names: readonly string[]): void => {
  mkdirSync(to, { mode: 0o700 });
  for (const name of names) copyPrivately(join(from, name), join(to, name));
  syncFile(to);
};

const copyPrivately = (from: string, to: string): void => {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
  syncFile(to);
};

const unreadable = (error: string): Named<never> => ({ kind: "unreadable", error });
