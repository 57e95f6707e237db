/** `ledger export`, `ledger verify`: what the terminals did, and whether it is so. */
import { createReadStream, statSync } from "node:fs";
import { type AuditKeys, auditExport, auditLedger } from "../audit.ts";
import type { AuditResult } from "../audit-tally.ts";
import { type Command, countOf, refuse } from "../command.ts";
import { type ExportOptions, exportLedger } from "../export.ts";
import { explainFileError } from "../files.ts";
import type { Ledger } from "../ports.ts";
import { openAllRoots } from "../root-chain.ts";

export const exportEntries: Command = {
  name: "ledger export",
  usage: "[--since T] [--format ndjson|csv] [--json]",
  about: `Prints every entry, one line each, with its transaction; what is personal is left out.
--since is a time in Unix seconds. --json is --format ndjson, which is what is printed without either.`,
  options: ["since", "format"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const format = option("format") ?? "ndjson";
    if (format !== "ndjson" && format !== "csv") return refuse(`--format is "${format}": it can be ndjson or csv`);
    const since = option("since");
    if (since !== undefined && !/^\d{1,12}$/.test(since)) {
      return refuse(`--since is "${since}": it must be a time in Unix seconds`);
    }
    const options = { format, since: since === undefined ? null : Number(since) } as const;
    const { ledger } = await edges.open();
    return { kind: "streamed", lines: exportSnapshot(await ledger(), options) };
  },
};

export const verifyEntries: Command = {
  name: "ledger verify",
  usage: "[FILE] [--json]",
  about: `Checks every hash, checkpoint and ack, and decides every decision again: of the ledger, or of an ndjson export.
Exit code 1 when something is wrong or unknown, which is what cannot be checked for want of a key or a policy.`,
  options: [],
  givenMin: 0,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [path] }, edges) => {
    const missing = path === undefined ? null : findFile(path);
    if (missing !== null) return refuse(missing);
    const { registry, publisher, ledger } = await edges.open();
    const { firstRoot, laterRoots } = await publisher.current();
    const keys = { roots: await openAllRoots(firstRoot, laterRoots), registry };
    const result =
      path === undefined ? await auditSnapshot(await ledger(), keys) : await auditExport(createReadStream(path), keys);
    return {
      kind: "answered",
      text: linesOf(result),
      json: result,
      isBad: result.problems.length > 0 || unknownIn(result) > 0,
    };
  },
};

const exportSnapshot = async function* (ledger: Ledger, options: ExportOptions): AsyncIterable<string> {
  const snapshot = await ledger.snapshot();
  try {
    yield* exportLedger(snapshot, options);
  } finally {
    await snapshot.close();
  }
};

const auditSnapshot = async (ledger: Ledger, keys: AuditKeys): Promise<AuditResult> => {
  const snapshot = await ledger.snapshot();
  try {
    return await auditLedger(snapshot, keys);
  } finally {
    await snapshot.close();
  }
};

const unknownIn = ({ checkpoints, acks, decisions }: AuditResult): number =>
  checkpoints.unknown + acks.unknown + decisions.unknown;

/** What is wrong with the file, or null. */
const findFile = (path: string): string | null => {
  try {
    return statSync(path).isFile() ? null : `${path} is not a file`;
  } catch (error) {
    return explainFileError(error, path);
  }
};

const linesOf = (result: AuditResult): string => {
  const { checkpoints, acks, decisions, problems, problemsLeftOut } = result;
  const found = problems.length + problemsLeftOut;
  return [
    `${result.chains === 1 ? "1 chain" : `${result.chains} chains`}, ${result.entries} entries.`,
    `Checkpoints: ${checkpoints.good} good, ${checkpoints.bad} bad, ${checkpoints.unknown} unknown.`,
    `Acks: ${acks.good} good, ${acks.bad} bad, ${acks.unknown} unknown.`,
    `Decisions: ${decisions.same} the same again, ${decisions.different} different, ${decisions.unknown} unknown.`,
    ...problems.map(({ fault, where, detail }) => `${fault} at ${where}: ${detail}`),
    ...(problemsLeftOut > 0 ? [`... and ${problemsLeftOut} more`] : []),
    found > 0 ? `${countOf(found, "problem")}.` : "Nothing is wrong.",
    ...(unknownIn(result) > 0 ? ["What is unknown could not be checked: that is not a pass."] : []),
  ].join("\n");
};
