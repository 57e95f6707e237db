/** `ledger export`, `ledger verify`, `ledger quarantine`: what the terminals did, whether it is so, and what nobody believes. */
import { createReadStream, statSync } from "node:fs";
import { auditExport, auditLedger } from "../audit.ts";
import { readEarlierHeads } from "../audit-earlier.ts";
import type { AuditResult } from "../audit-tally.ts";
import { type Command, countOf, refuse, tableOf } from "../command.ts";
import { type ExportOptions, exportLedger } from "../export.ts";
import { explainFileError } from "../files.ts";
import type { Ledger, LedgerReader } from "../ports.ts";
import { listQuarantine, type QuarantineResult, quarantineCauses } from "../quarantine.ts";
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
  usage: "[FILE] [--against EARLIER] [--json]",
  about: `Checks every hash, checkpoint and ack, and decides every decision again: of the ledger, or of an ndjson export.
Exit code 1 when something is wrong or unknown, which is what cannot be checked for want of a key or a policy.
--against compares with an ndjson export of before: nothing that was there may be gone. Keep one elsewhere, now and then: who
has the whole database can cut off the end of a log with its acks, and only such an export, or the terminal, can tell.`,
  options: ["against"],
  givenMin: 0,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [path], option }, edges) => {
    const against = option("against");
    for (const each of [path, against]) {
      const missing = each === undefined ? null : findFile(each);
      if (missing !== null) return refuse(missing);
    }
    const heads = against === undefined ? undefined : await readEarlierHeads(createReadStream(against));
    if (heads === null) return refuse(`${against} is no ndjson export of a ledger`);
    const { registry, publisher, ledger } = await edges.open();
    const { firstRoot, laterRoots } = await publisher.current();
    const keys = { roots: await openAllRoots(firstRoot, laterRoots), registry };
    const result =
      path === undefined
        ? await fromSnapshot(await ledger(), (snapshot) => auditLedger(snapshot, keys, heads))
        : await auditExport(createReadStream(path), keys, heads);
    return {
      kind: "answered",
      text: linesOf(result),
      json: result,
      isBad: result.problems.length > 0 || unknownIn(result) > 0,
    };
  },
};

export const listQuarantined: Command = {
  name: "ledger quarantine",
  usage: "[--json]",
  about: `Lists what the ledger keeps and does not believe, with its cause; it holds up nothing that came behind it.
  unreadable        its bytes are no transaction that this version can read
  after-revocation  it came when its terminal was revoked already
  no-such-entry     it is about an entry that is not there, or not there yet
  fork              another history under the name of the same chain: none of it is in the chain
  gap, altered      what else its terminal signed and does not fit what is there
  full              so much of that was kept of this terminal that no more is`,
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const { ledger } = await edges.open();
    const result = await fromSnapshot(await ledger(), listQuarantine);
    return { kind: "answered", text: tableOfQuarantined(result), json: result };
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

const fromSnapshot = async <T>(ledger: Ledger, read: (snapshot: LedgerReader) => Promise<T>): Promise<T> => {
  const snapshot = await ledger.snapshot();
  try {
    return await read(snapshot);
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
  const { checkpoints, acks, decisions, erased, quarantined, problems, problemsLeftOut } = result;
  const found = problems.length + problemsLeftOut;
  return [
    `${result.chains === 1 ? "1 chain" : `${result.chains} chains`}, ${result.entries} entries.`,
    `Checkpoints: ${checkpoints.good} good, ${checkpoints.bad} bad, ${checkpoints.unknown} unknown.`,
    `Acks: ${acks.good} good, ${acks.bad} bad, ${acks.unknown} unknown.`,
    `Decisions: ${decisions.same} the same again, ${decisions.different} different, ${decisions.unknown} unknown.`,
    ...(erased === null
      ? []
      : [`Personal fields: gone beside ${erased.entries} entries; recorded as erased: ${erased.recorded}.`]),
    `Kept and not believed: ${causesOf(quarantined)}.`,
    ...problems.map(({ fault, where, detail }) => `${fault} at ${where}: ${detail}`),
    ...(problemsLeftOut > 0 ? [`... and ${problemsLeftOut} more`] : []),
    found > 0 ? `${countOf(found, "problem")}.` : "Nothing is wrong.",
    ...(unknownIn(result) > 0 ? ["What is unknown could not be checked: that is not a pass."] : []),
  ].join("\n");
};

const causesOf = (counts: QuarantineResult["counts"]): string => {
  const found = quarantineCauses.filter((cause) => counts[cause] > 0);
  return found.length === 0 ? "nothing" : found.map((cause) => `${counts[cause]} ${cause}`).join(", ");
};

const tableOfQuarantined = ({ counts, overrides, listed, leftOut }: QuarantineResult): string => {
  const rows = listed.map(({ cause, where, entries, receivedAt }) => [
    ...[cause, where, entries === 1 ? "1 entry" : `${entries} entries`],
    receivedAt === null ? "" : new Date(receivedAt * 1000).toISOString(),
  ]);
  return [
    ...(rows.length > 0 ? [tableOf(rows)] : []),
    ...(leftOut > 0 ? [`... and ${leftOut} more`] : []),
    `Kept and not believed: ${causesOf(counts)}.`,
    ...(overrides > 0 ? [`Of staff, in no chain and so in no queue of the console: ${overrides}.`] : []),
  ].join("\n");
};
