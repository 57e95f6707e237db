/**
 * The command line: `node edge-server/cli.ts COMMAND` (FORMATS, "Command line"). Wiring only: finds the command, reads its
 * arguments, opens the operator's records for it, and prints what it answers.
 *
 * Exit codes: 0 done; 1 looked, and something is wrong (`code check`, `ledger verify`), or it could not be done;
 * 2 the input is not right. What is wrong is one line on stderr, and nothing was changed.
 */
import { existsSync } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openKeyFiles } from "./adapters/key-files.ts";
import { openLedger } from "./adapters/ledger.ts";
import { createSqlitePublishedStore } from "./adapters/published-sqlite.ts";
import { createSqliteRegistry } from "./adapters/registry-sqlite.ts";
import { type Command, type CommandEdges, type Office, readArguments } from "./command.ts";
import { backupRecords, restoreRecords } from "./commands/backup.ts";
import { exportBundle, importBundle } from "./commands/bundle.ts";
import { eraseCitizen, exportCitizen } from "./commands/citizen.ts";
import { checkCode } from "./commands/code.ts";
import { eraseEntries, listErasures } from "./commands/erasure.ts";
import { exportEvents, sendEvents } from "./commands/events.ts";
import { listIssuers, revokeIssuer, trustIssuer } from "./commands/issuer.ts";
import { exportEntries, listQuarantined, verifyEntries } from "./commands/ledger.ts";
import { listLogEvents } from "./commands/log-events.ts";
import { addOperator, listOperators, revokeOperator } from "./commands/operator.ts";
import { listOrdersCommand } from "./commands/order.ts";
import { addProgramme, checkProgramme, listProgrammes } from "./commands/programme.ts";
import { recogniseProgramme } from "./commands/recognition.ts";
import { importRescue } from "./commands/rescue.ts";
import { listRoots, rotateRoot } from "./commands/root.ts";
import { exportScores, listScores } from "./commands/score-lists.ts";
import { publishScores } from "./commands/scores.ts";
import { serveCommand } from "./commands/serve.ts";
import { settleCommand } from "./commands/settle.ts";
import { answerSettle } from "./commands/settle-answer.ts";
import { placeSite } from "./commands/site.ts";
import { addStaff, listStaff, revokeStaff } from "./commands/staff.ts";
import { putStaffKey, setStaffRules } from "./commands/staff-key.ts";
import { enrolTerminal, listTerminals, revokeTerminal } from "./commands/terminal.ts";
import { createMirror, mirrorRefusal } from "./mirror.ts";
import { createPublisher } from "./publisher.ts";
import { type Environment, pathsIn, readSettings, type Settings } from "./settings.ts";

const commands: readonly Command[] = [
  serveCommand,
  addProgramme,
  checkProgramme,
  listProgrammes,
  recogniseProgramme,
  trustIssuer,
  listIssuers,
  revokeIssuer,
  publishScores,
  listScores,
  exportScores,
  rotateRoot,
  listRoots,
  exportBundle,
  importBundle,
  enrolTerminal,
  listTerminals,
  revokeTerminal,
  placeSite,
  addStaff,
  listStaff,
  revokeStaff,
  putStaffKey,
  setStaffRules,
  addOperator,
  listOperators,
  revokeOperator,
  listLogEvents,
  checkCode,
  exportEntries,
  verifyEntries,
  listQuarantined,
  eraseEntries,
  listErasures,
  importRescue,
  answerSettle,
  settleCommand,
  listOrdersCommand,
  exportEvents,
  sendEvents,
  exportCitizen,
  eraseCitizen,
  backupRecords,
  restoreRecords,
];

export type Console = { readonly out: Writable; readonly err: Writable & { readonly isTTY?: boolean } };

/** Gives the exit code. `words`: what stands after the program's name. */
export const runCli = async (words: readonly string[], environment: Environment, console: Console): Promise<number> => {
  const command = commands.find(({ name }) => name.split(" ").every((word, index) => words[index] === word));
  if (command === undefined) return answerUnknown(words, console);
  const read = readArguments(command, words.slice(command.name.split(" ").length));
  if (read.kind === "invalid") return complain(console, `${command.name}: ${read.error}`, 2);
  if (read.isHelp) return print(console, helpOf(command));
  const settings = readSettings(environment);
  if (settings.kind === "invalid") return complain(console, settings.error, 2);

  if (command.isForPublisher === true && isMirror(settings.settings)) {
    return complain(console, `${command.name}: ${mirrorRefusal}`, 2);
  }

  const { edges, close } = openEdges(settings.settings, console);
  try {
    const outcome = await command.run(read.input, edges);
    edges.showProgress("");
    if (outcome.kind === "refused") return complain(console, `${command.name}: ${outcome.error}`, 2);
    if (outcome.kind === "served") return 0;
    if (outcome.kind === "streamed") {
      await pipeline(Readable.from(outcome.lines), console.out, { end: false });
      return 0;
    }
    print(console, read.isJson ? JSON.stringify(outcome.json, null, 2) : outcome.text);
    return outcome.isBad === true ? 1 : 0;
  } catch (error) {
    if (hasCode(error, "EPIPE")) return 0; // who reads no further, such as head, has seen enough
    return complain(console, error instanceof Error ? error.message : String(error), 1);
  } finally {
    await close();
  }
};

/** Asked before a command begins, which would otherwise change the registry first. */
const isMirror = ({ folder }: Settings): boolean => {
  const { published } = pathsIn(folder);
  if (!existsSync(published)) return false;
  const store = createSqlitePublishedStore(published);
  const answer = store.isMirror();
  store.close();
  return answer;
};

const now = (): number => Math.floor(Date.now() / 1000);

const openEdges = (
  settings: Settings,
  console: Console,
): { readonly edges: CommandEdges; readonly close: () => Promise<void> } => {
  const opened: Closable[] = [];
  const keep = <T extends Closable>(each: T): T => {
    opened.push(each);
    return each;
  };
  const open = async (): Promise<Office> => {
    const paths = pathsIn(settings.folder);
    const keys = await openKeyFiles(paths.keys);
    const registry = keep(createSqliteRegistry(paths.registry));
    const store = keep(createSqlitePublishedStore(paths.published));
    const publisher = store.isMirror() ? createMirror(store) : createPublisher({ registry, keys, store, now });
    return { registry, keys, store, publisher, ledger: async () => keep(await openLedger(settings)) };
  };
  const serve = async (): Promise<void> => {
    const { serve: run } = await import("./main.ts"); // other commands need not load the server
    await run(settings);
  };
  return {
    edges: { settings, now, open, serve, showProgress: progressOn(console) },
    close: async () => {
      for (const each of opened) await each.close();
    },
  };
};

type Closable = { readonly close: () => void | Promise<void> };

const progressOn = ({ err }: Console): CommandEdges["showProgress"] => {
  let isShown = false;
  return (line) => {
    if (err.isTTY !== true || (line === "" && !isShown)) return;
    err.write(`\r\u001b[K${line}`);
    isShown = line !== "";
  };
};

const answerUnknown = (words: readonly string[], console: Console): number => {
  const given = words.filter((word) => !word.startsWith("-"));
  const [noun] = given;
  const ofNoun = commands.filter(({ name }) => noun !== undefined && name.split(" ")[0] === noun);
  const choice = ofNoun.length > 0 ? ofNoun : commands;
  const isHelp = words.includes("--help") || words.includes("-h");
  if (isHelp && (noun === undefined || (ofNoun.length > 0 && given.length === 1))) {
    return print(console, overviewOf(choice));
  }
  if (noun === undefined) return complain(console, "which command? See --help", 2);
  const names = choice.map(({ name }) => name).join(", ");
  return complain(console, `no command "${given.slice(0, 2).join(" ")}": it can be ${names}`, 2);
};

const helpOf = (command: Command): string => `greenlane ${command.name} ${command.usage}\n\n${command.about}`;

const overviewOf = (some: readonly Command[]): string =>
  [
    "greenlane COMMAND [--help]",
    "",
    ...some.map(({ name, about }) => `  ${name.padEnd(17)} ${about.split("\n")[0] ?? ""}`),
  ].join("\n");

const print = ({ out }: Console, text: string): number => {
  out.write(`${text}\n`);
  return 0;
};

const complain = ({ err }: Console, error: string, code: number): number => {
  err.write(`greenlane: ${error.replaceAll(/\s*\n\s*/g, " ")}\n`);
  return code;
};

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

if (import.meta.main) {
  process.stdout.on("error", (error) => {
    if (!hasCode(error, "EPIPE")) throw error;
  });
  process.exitCode = await runCli(process.argv.slice(2), process.env, { out: process.stdout, err: process.stderr });
}
