/**
 * Statements in a folder, for their owner alone since lines name pseudonyms:
 *
 *     PERIOD.statement.json     the operator's sums             PERIOD.conflicts.ndjson
 *     PERIOD.lines.ndjson       what each citizen owes and is owed
 *     PERIOD.ask.P.ndjson       for programme P; its answer comes here as PERIOD.answer.P.ndjson, and stays
 *     pseudonym-key.json        the operator's key, which P needs for that
 *
 * A statement is written whole: new files take the place of the old ones at the end, or all are dropped.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { readLines } from "../lines.ts";

export const openStatementFolder = (folder: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = (pattern: RegExp): readonly string[] =>
    readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  const linesOf = async function* (name: string): AsyncIterable<{ readonly name: string; readonly line: string }> {
    for await (const line of readLines(createReadStream(join(folder, name)), lineCharsMax)) {
      if (line === null) throw new Error(`${join(folder, name)}: a line is too long`);
      if (line !== "") yield { name, line };
    }
  };
  const linesIn = async function* (wanted: readonly string[]) {
    for (const name of wanted) yield* linesOf(name);
  };

  return {
    folder,
    /** Of each period that was stated, what its statement says; earliest first. */
    statements: (): readonly unknown[] =>
      names(/^\d{4}-\d\d\.statement\.json$/).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8"))),
    /** Of the periods before this one, earliest first. */
    linesBefore: (period: string) =>
      linesIn(names(/^\d{4}-\d\d\.lines\.ndjson$/).filter((name) => name.slice(0, 7) < period)),
    linesOfAll: () => linesIn(names(/^\d{4}-\d\d\.lines\.ndjson$/)),
    answers: () => linesIn(names(/^\d{4}-\d\d\.answer\..+\.ndjson$/)),
    /** Leaves every line and sum as it is, and says no more whose they are; how many lines that were. */
    forget: async (pseudonym: string): Promise<number> => {
      let forgotten = 0;
      for (const name of names(/^\d{4}-\d\d\.(lines|ask\..+|answer\..+)\.ndjson$/)) {
        const isStated = name.endsWith(".lines.ndjson");
        const path = join(folder, name);
        const file = openSync(`${path}.new`, "w", 0o600);
        let found = 0;
        for await (const { line } of linesOf(name)) {
          const isTheirs = line.includes(pseudonym);
          if (isTheirs) found += 1;
          if (!isTheirs || isStated) writeSync(file, `${line.replaceAll(pseudonym, erasedName)}\n`);
        }
        fsyncSync(file);
        closeSync(file);
        if (found > 0) renameSync(`${path}.new`, path);
        else rmSync(`${path}.new`);
        forgotten += found;
      }
      return forgotten;
    },
    writeKey: (json: string): void => writeFileSync(join(folder, "pseudonym-key.json"), json, { mode: 0o600 }),
    draft: (period: string): Draft => createDraft(folder, period, names),
  };
};

/** The one of all programmes, and those of one each, as far as they are there. */
export const openStatementFolders = (folder: string, programmes: readonly string[]): readonly StatementFolder[] =>
  [folder, ...programmes.map((programme) => join(folder, programme))].filter(existsSync).map(openStatementFolder);

export type StatementFolder = ReturnType<typeof openStatementFolder>;

export type Draft = {
  readonly write: (name: string, line: string) => void;
  /** Whether what was written is what is there already, to the byte. */
  readonly isSame: () => Promise<boolean>;
  readonly keep: () => readonly string[];
  readonly drop: () => void;
};

const createDraft = (folder: string, period: string, names: (pattern: RegExp) => readonly string[]): Draft => {
  const files = new Map<string, { readonly file: number; waiting: string[]; chars: number }>();
  const suffix = ".new";
  for (const left of names(/\.new$/)) rmSync(join(folder, left));
  const flush = (each: { readonly file: number; waiting: string[]; chars: number }): void => {
    if (each.chars > 0) writeSync(each.file, each.waiting.join(""));
    each.waiting = [];
    each.chars = 0;
  };
  const finish = (): void => {
    for (const each of files.values()) {
      flush(each);
      fsyncSync(each.file);
      closeSync(each.file);
    }
  };
  const isOfPeriod = (name: string): boolean =>
    name.startsWith(`${period}.`) && !name.startsWith(`${period}.answer.`) && !name.endsWith(suffix);
  const old = (): readonly string[] => names(/json$/).filter(isOfPeriod);
  const digest = async (path: string): Promise<string> => {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest("hex");
  };
  return {
    write: (name, line) => {
      const path = join(folder, `${period}.${name}${suffix}`);
      const known = files.get(path) ?? { file: openSync(path, "wx", 0o600), waiting: [], chars: 0 };
      files.set(path, known);
      known.waiting.push(line, "\n");
      known.chars += line.length + 1;
      if (known.chars >= 256 * 1024) flush(known);
    },
    isSame: async () => {
      for (const each of files.values()) flush(each);
      const fresh = [...files.keys()];
      if (fresh.length !== old().length) return false;
      for (const path of fresh) {
        const before = path.slice(0, -suffix.length);
        if (!existsSync(before) || (await digest(before)) !== (await digest(path))) return false;
      }
      return true;
    },
    keep: () => {
      finish();
      const kept = [...files.keys()].map((path) => path.slice(0, -suffix.length));
      for (const name of old()) if (!kept.includes(join(folder, name))) rmSync(join(folder, name));
      // The statement last: with it the others are there.
      for (const path of kept.sort((a, b) => Number(isStatement(a)) - Number(isStatement(b)))) {
        renameSync(`${path}${suffix}`, path);
      }
      return kept;
    },
    drop: () => {
      finish();
      for (const path of files.keys()) rmSync(path);
    },
  };
};

/** Stands where a pseudonym was. */
const erasedName = "erased";

const isStatement = (path: string): boolean => path.endsWith(".statement.json");
const lineCharsMax = 1024 * 1024;
