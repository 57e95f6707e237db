/** `citizen export`, `citizen erase`: what is kept about a pseudonym, and that it goes. */
import { userInfo } from "node:os";
import { openStatementFolders, type StatementFolder } from "../adapters/statement-folder.ts";
import { type CitizenRecord, findEntries, type KeptLine, tellEntry, tellLine } from "../citizen-record.ts";
import { type Command, type CommandEdges, countOf, type Office, refuse } from "../command.ts";
import { erasePersonal } from "../erasure.ts";
import { pathsIn } from "../settings.ts";

export const exportCitizen: Command = {
  name: "citizen export",
  usage: "--pseudonym P [--json]",
  about: `Shows everything that is kept about a pseudonym: entries, what is personal beside them, and lines of statements; in
plain words, or with --json as it is kept. Only the citizen's programme can say whose pseudonym it is (settle answer).`,
  options: ["pseudonym"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const pseudonym = readPseudonym(option("pseudonym"));
    if (pseudonym === null) return refuse(notOne);
    const office = await edges.open();
    const snapshot = await (await office.ledger()).snapshot();
    try {
      const entries = await findEntries(snapshot, pseudonym);
      const lines = await linesOf(statementsIn(office, edges), pseudonym);
      const record: CitizenRecord = { pseudonym, entries, lines };
      return { kind: "answered", text: textOf(record), json: record };
    } finally {
      await snapshot.close();
    }
  },
};

export const eraseCitizen: Command = {
  name: "citizen erase",
  usage: "--pseudonym P [--json]",
  about: `Erases what is personal beside every entry about a pseudonym, and the pseudonym in the statements that were written:
what was done and its sums stay, and nothing says any more whose they are. Every chain still verifies, and it is recorded by
whom and when (ledger erasures). Settle the months before: what was not stated by then is owed to nobody any more. Backups,
and what was given to others, keep what they have. It cannot be undone.`,
  options: ["pseudonym"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const pseudonym = readPseudonym(option("pseudonym"));
    if (pseudonym === null) return refuse(notOne);
    const office = await edges.open();
    const at = edges.now();
    const record = { at, by: `command line, ${userInfo().username}` };
    const entries = await erasePersonal(await office.ledger(), { kind: "pseudonym", pseudonym }, record);
    let lines = 0;
    for (const folder of statementsIn(office, edges)) lines += await folder.forget(pseudonym);
    const text = `Erased beside ${entries === 1 ? "1 entry" : `${entries} entries`}, and in ${countOf(lines, "line")} of statements.`;
    return { kind: "answered", text, json: { at, entries, lines } };
  },
};

const notOne = "--pseudonym must be one: 22 characters of base64url";
const readPseudonym = (text: string | undefined): string | null =>
  text !== undefined && /^[A-Za-z0-9_-]{22}$/.test(text) ? text : null;

const statementsIn = ({ registry }: Office, { settings }: CommandEdges): readonly StatementFolder[] =>
  openStatementFolders(
    pathsIn(settings.folder).settlements,
    registry.packs().map(({ programme }) => programme),
  );

const linesOf = async (folders: readonly StatementFolder[], pseudonym: string): Promise<readonly KeptLine[]> => {
  const lines: KeptLine[] = [];
  for (const folder of folders) {
    for await (const { name, line } of folder.linesOfAll()) {
      if (!line.includes(pseudonym)) continue;
      const { pseudonym: whose, ...stated } = JSON.parse(line) as KeptLine["line"] & { readonly pseudonym: string };
      if (whose === pseudonym) lines.push({ period: name.slice(0, 7), line: stated });
    }
  }
  return lines;
};

const textOf = ({ pseudonym, entries, lines }: CitizenRecord): string =>
  entries.length + lines.length === 0
    ? `Nothing is kept about ${pseudonym}.`
    : [
        `Kept about ${pseudonym}: ${entries.length === 1 ? "1 entry" : `${entries.length} entries`}, ${countOf(lines.length, "line")}.`,
        ...entries.map(tellEntry),
        ...lines.map(tellLine),
      ].join("\n");
