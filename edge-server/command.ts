/**
 * What a command of the command line is: its words, its options, and what it does with them. A command first looks at
 * all of its input and then opens the operator's records, so that bad input changes nothing. It gives its answer back as
 * a value; only cli.ts writes.
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Instant } from "../shared/terms.ts";
import type { KeyStore } from "./keys.ts";
import type { Ledger, Publisher, Registry } from "./ports.ts";
import type { PublishedStore } from "./published.ts";
import type { Settings } from "./settings.ts";

/** The operator's records, opened. */
export type Office = {
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly keys: KeyStore;
  readonly store: PublishedStore;
  readonly ledger: () => Promise<Ledger>;
};

export type CommandEdges = {
  readonly settings: Settings;
  readonly now: () => Instant;
  readonly open: () => Promise<Office>;
  readonly serve: () => Promise<void>;
  /** One line that replaces itself; nothing where nobody is looking. */
  readonly showProgress: (line: string) => void;
};

/**
 * `refused`: one line says what is wrong. `text` and `json` say the same; `isBad` makes the exit code 1 though the
 * command did its work. `streamed`: lines, each with its end, too many to hold. `served`: nothing more to say.
 */
export type Outcome =
  | { readonly kind: "answered"; readonly text: string; readonly json: unknown; readonly isBad?: boolean }
  | { readonly kind: "streamed"; readonly lines: AsyncIterable<string> }
  | { readonly kind: "served" }
  | { readonly kind: "refused"; readonly error: string };

export type Arguments = {
  readonly given: readonly string[];
  readonly option: (name: string) => string | undefined;
  readonly hasFlag: (name: string) => boolean;
};

export type Command = {
  /** Such as "programme add". */
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly about: string;
  /** Names of options with a value; every command has --help, and --json where `hasJson`. */
  readonly options: readonly string[];
  /** Names of options without a value. */
  readonly flags?: readonly string[];
  readonly givenMin: number;
  readonly givenMax: number;
  readonly hasJson: boolean;
  /** Only where the bundle is published, not on a mirror. */
  readonly isForPublisher?: boolean;
  readonly run: (input: Arguments, edges: CommandEdges) => Promise<Outcome>;
};

export type ReadArguments =
  | { readonly kind: "read"; readonly input: Arguments; readonly isJson: boolean; readonly isHelp: boolean }
  | { readonly kind: "invalid"; readonly error: string };

export const readArguments = (command: Command, words: readonly string[]): ReadArguments => {
  const options: ParseArgsOptionsConfig = {
    help: { type: "boolean", short: "h" },
    ...(command.hasJson ? { json: { type: "boolean" } } : {}),
    ...Object.fromEntries((command.flags ?? []).map((name) => [name, { type: "boolean" } as const])),
    ...Object.fromEntries(command.options.map((name) => [name, { type: "string" } as const])),
  };
  const parsed = parseStrictly(words, options);
  if (typeof parsed === "string") return { kind: "invalid", error: parsed };
  const { values, tokens } = parsed;
  const positionals = parsed.positionals.map(unmarked);
  if (values.help === true) {
    return { kind: "read", input: noArguments, isJson: false, isHelp: true };
  }
  const named = tokens.flatMap((each) => (each.kind === "option" ? [each.name] : []));
  const twice = named.find((name, index) => named.indexOf(name) !== index);
  if (twice !== undefined) return { kind: "invalid", error: `--${twice} stands there twice` };
  if (positionals.length < command.givenMin || positionals.length > command.givenMax) {
    const problem = positionals.length < command.givenMin ? "something is missing" : "too much";
    return { kind: "invalid", error: `${problem}; use: ${command.name} ${command.usage}` };
  }
  const option = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? unmarked(value) : undefined;
  };
  const input: Arguments = { given: positionals, option, hasFlag: (name) => values[name] === true };
  return { kind: "read", input, isJson: values.json === true, isHelp: false };
};

const noArguments: Arguments = { given: [], option: () => undefined, hasFlag: () => false };

export const refuse = (error: string): Outcome => ({ kind: "refused", error });

/** "3 terminals", "1 terminal". */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Columns side by side, the last one as it is. */
export const tableOf = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))))
    .map((row) => row.join("  ").trimEnd())
    .join("\n");
};

/** Node says what is wrong by throwing; the first sentence is the line to show. */
const parseStrictly = (words: readonly string[], options: ParseArgsOptionsConfig) => {
  try {
    return parseArgs({ args: words.map(marked), options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return unmarked(error.message.split(/\.?\s*\n|\. /)[0] ?? error.message);
  }
};

/**
 * One id in 64 begins with a dash, as does a place south of the equator; to Node each would be an option. The names of ours
 * are small letters after two dashes, and -h. The mark is a character that no word of a command line can have.
 */
const marked = (word: string): string => (noOption.test(word) ? `${mark}${word}` : word);
const unmarked = (word: string): string => word.replaceAll(mark, "");
const noOption = /^-(?!h$)[^-]|^--[a-z-]*[A-Z0-9_]/;
const mark = "\0";
