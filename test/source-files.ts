/**
 * The source of the whole project, read for the house rules: every file that we wrote, what it imports, and its code
 * without comments and texts.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const home = resolve(import.meta.dirname, "..");
const notOurs = /^(node_modules|dist|data|\..*|vectors|coverage|test-results)$/;

/** `path` from the top, with `/`. `uncommented`: without comments; `code`: without what stands in texts, too. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly code: string;
  readonly uncommented: string;
  readonly imports: readonly Import[];
};

/** `target`: a path from the top for one of our own files, else the specifier as it stands there. */
export type Import = { readonly specifier: string; readonly target: string; readonly isOurs: boolean };

export const readTop = (): readonly string[] => readdirSync(home);

export const readSource = (): readonly SourceFile[] =>
  filesIn(home)
    .filter((path) => /\.(ts|tsx|css|html|json)$/.test(path))
    .map(readOne);

export const readJson = (path: string): unknown => JSON.parse(readFileSync(join(home, path), "utf8"));

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.test(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });

const readOne = (absolute: string): SourceFile => {
  const text = readFileSync(absolute, "utf8");
  const isCode = /\.tsx?$/.test(absolute);
  const uncommented = isCode ? strip(text, false) : text;
  return {
    path: pathOf(absolute),
    text,
    lines: text.split("\n").length - 1,
    uncommented,
    code: isCode ? strip(text, true) : text,
    imports: isCode ? importsOf(uncommented, absolute) : [],
  };
};

const pathOf = (absolute: string): string => relative(home, absolute).replaceAll("\\", "/");

/** Texts first, so that `//` in a text is no comment. Of a template the code in it stays. */
const strip = (text: string, alsoTexts: boolean): string =>
  text.replace(/"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (part) => {
    if (part.startsWith("/")) return " ";
    if (!alsoTexts) return part;
    return part.startsWith('"')
      ? '""'
      : [...part.matchAll(/\$\{([^}]*)\}/g)].map(([, inside = ""]) => strip(inside, true)).join(" ");
  });

const importsOf = (uncommented: string, absolute: string): readonly Import[] => {
  const patterns = [
    /(?:^|\n)\s*(?:import|export)\b[^"`;]*?\bfrom\s*"([^"]+)"/g,
    /(?:^|\n)\s*import\s*"([^"]+)"/g,
    /\bimport\(\s*"([^"]+)"/g,
    /\bnew URL\(\s*"(\.{1,2}\/[^"]+\.tsx?)"/g,
  ];
  return patterns
    .flatMap((pattern) => [...uncommented.matchAll(pattern)])
    .map(([, specifier = ""]) => {
      const isOurs = specifier.startsWith(".");
      const bare = specifier.replace(/\?.*$/, "");
      return { specifier, isOurs, target: isOurs ? pathOf(resolve(dirname(absolute), bare)) : bare };
    });
};
