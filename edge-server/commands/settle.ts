/** `settle`: what everybody owes and is owed, for a month; `settle answer`: the programme's part in it. */
import { join } from "node:path";
import * as v from "valibot";
import { toBase64url } from "../../shared/bytes.ts";
import { createSpillFiles } from "../adapters/spill-files.ts";
import { openStatementFolder, type StatementFolder } from "../adapters/statement-folder.ts";
import { openByAny } from "../audit-decisions.ts";
import { type Command, countOf, type Office, refuse, tableOf } from "../command.ts";
import { createInForce } from "../in-force.ts";
import { type Period, readPeriod } from "../period.ts";
import type { Ledger } from "../ports.ts";
import { openAllRoots } from "../root-chain.ts";
import { pathsIn } from "../settings.ts";
import { type Answer, askHeadingOf, readAnswer, readHeading } from "../settle-ask.ts";
import type { Earlier } from "../settle-corrections.ts";
import { bucketsFor } from "../settle-groups.ts";
import { type Settled, settlePeriod } from "../settle-run.ts";
import type { Statement } from "../statement.ts";

export const settleCommand: Command = {
  name: "settle",
  usage: "--period 2026-11 [--programme P] [--out DIR] [--json]",
  about: `Says what everybody owes and is owed for a month (China's time), each line with the entries that it rests on.
Writes into DIR, or the folder settlements beside the data: the operator's statement, the citizens' lines, conflicts, and for
each programme what only it can tell (PERIOD.ask.P.ndjson, with the key in pseudonym-key.json: give both to the programme and
to nobody else). Its answer (settle answer) goes into the same folder as PERIOD.answer.P.ndjson; then run settle again.
The same again writes the same bytes. What came late for a month that was stated is a correction in the next one; a month
that has a later one after it stays as it is. --programme keeps to one, in a folder of its own within DIR.`,
  options: ["period", "programme", "out"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const name = option("period");
    const period = name === undefined ? null : readPeriod(name);
    if (period === null) return refuse(`--period is "${name ?? ""}": it must be a month, such as 2026-11`);
    const now = edges.now();
    if (period.from >= now) return refuse(`${period.name} has not begun`);
    const programme = option("programme") ?? null;
    const office = await edges.open();
    if (programme !== null && !office.registry.packs().some((pack) => pack.programme === programme)) {
      return refuse(`there is no programme ${programme}: see programme list`);
    }
    const out = option("out") ?? pathsIn(edges.settings.folder).settlements;
    const folder = openStatementFolder(programme === null ? out : join(out, programme));
    const stated = statedIn(folder);
    const unfinished = stated.find((each) => each.isProvisional && each.period < period.name);
    if (unfinished !== undefined) {
      return refuse(`${unfinished.period} was written before it was over: write it again first`);
    }
    const isClosed = stated.some((each) => each.period > period.name);

    const { statement, draft } = await writeDraft(office, folder, stated, period, now, programme, edges.showProgress);
    if (isClosed && !(await draft.isSame())) {
      draft.drop();
      return refuse(`${period.name} is closed, since a later month was stated: what came late stands in the next one`);
    }
    const files = draft.keep();
    return { kind: "answered", text: textOf(statement, files), json: { ...statement, files } };
  },
};

type StatedPeriod = { readonly period: string; readonly isProvisional: boolean };

const stated = v.object({ period: v.string(), isProvisional: v.boolean() });
const statedIn = (folder: StatementFolder): readonly StatedPeriod[] =>
  folder.statements().map((each) => v.parse(stated, each));

const writeDraft = async (
  office: Office,
  folder: StatementFolder,
  periods: readonly StatedPeriod[],
  period: Period,
  now: number,
  programme: string | null,
  say: (line: string) => void,
) => {
  const { firstRoot, laterRoots } = await office.publisher.current();
  const roots = await openAllRoots(firstRoot, laterRoots);
  const openPolicy = (signed: Uint8Array<ArrayBuffer>) => openByAny(signed, roots);
  const ledger: Ledger = await office.ledger();
  const entries = await ledger.count();
  const snapshot = await ledger.snapshot();
  const spill = createSpillFiles(folder.folder, bucketsFor(entries));
  const draft = folder.draft(period.name);
  const asked = new Set<string>();
  const { operator } = office.keys;
  const take = (settled: Settled): void => {
    if (settled.kind === "line") {
      draft.write("lines.ndjson", JSON.stringify({ pseudonym: settled.pseudonym, ...settled.line }));
    } else if (settled.kind === "conflict") draft.write("conflicts.ndjson", JSON.stringify(settled.conflict));
    else {
      const name = `ask.${settled.programme}.ndjson`;
      if (!asked.has(name)) draft.write(name, askHeadingOf(settled.programme, period.name, operator.version));
      asked.add(name);
      draft.write(name, JSON.stringify(settled.asked));
    }
  };
  try {
    const statement = await settlePeriod(
      {
        ...{ ledger: snapshot, entries, spill, openPolicy, say },
        inForce: await createInForce(office.store.history(), openPolicy),
        answers: answersIn(folder),
        earlier: earlierIn(folder, period),
        statedPeriods: new Set(periods.map((each) => each.period)),
      },
      period,
      now,
      programme,
      take,
    );
    draft.write("statement.json", JSON.stringify(statement, null, 2));
    if (asked.size > 0) {
      folder.writeKey(JSON.stringify({ version: operator.version, key: toBase64url(operator.bytes) }));
    }
    return { statement, draft };
  } catch (error) {
    draft.drop();
    throw error;
  } finally {
    spill.close();
    await snapshot.close();
  }
};

/** What is no answer stops everything: money rests on it. */
const answersIn = async function* (folder: StatementFolder): AsyncIterable<Answer> {
  const headed = new Set<string>();
  for await (const { name, line } of folder.answers()) {
    const isHeading = !headed.has(name);
    const answer = isHeading ? null : readAnswer(line);
    if (isHeading ? readHeading("answer", line) === null : answer === null) {
      throw new Error(`${join(folder.folder, name)}: no answer as settle answer writes it: ${line.slice(0, 60)}`);
    }
    headed.add(name);
    if (answer !== null) yield answer;
  }
};

const earlierIn = async function* (
  folder: StatementFolder,
  { name: period }: Period,
): AsyncIterable<Earlier & { readonly pseudonym: string }> {
  for await (const { name, line } of folder.linesBefore(period)) {
    const { pseudonym, ...stood } = JSON.parse(line) as Earlier["line"] & { readonly pseudonym: string };
    yield { pseudonym, period: stood.kind === "correction" ? stood.period : name.slice(0, 7), line: stood };
  }
};

const textOf = (statement: Statement, files: readonly string[]): string => {
  const { period, sums, people, lines, conflicts, nobody, entriesRead, isProvisional } = statement;
  const rows = sums.map((each) => [
    ...[each.programme, each.service, each.currency, String(each.uses)],
    ...[each.charged, each.owed, each.paid, each.depositsHeld, each.depositsReleased, each.depositsForfeited].map(
      moneyOf,
    ),
    ...[moneyOf(each.correctedCharge - each.correctedOwed), String(each.pending)],
  ]);
  const heading = ["programme", "service", "", "uses", "charged", "owed back", "paid", "held", "released", "kept"];
  const pending = sums.reduce((sum, each) => sum + each.pending, 0);
  return [
    `${period}: ${countOf(lines, "line")} of ${people === 1 ? "1 person" : `${people} people`}, from ${entriesRead} entries.`,
    ...(rows.length === 0 ? [] : [tableOf([[...heading, "corrected", "to ask"], ...rows])]),
    ...Object.entries(conflicts).map(([kind, many]) => `${kind}: ${many}`),
    ...(nobody > 0 ? [`${countOf(nobody, "tap")} of nobody: what was personal is gone, or never was there.`] : []),
    ...(pending > 0 ? ["Some lines wait for the programme's answer: see settle --help."] : []),
    ...(isProvisional ? ["The month is not over: write it again when it is."] : []),
    ...files,
  ].join("\n");
};

/** Two decimals, as CNY and most have. */
const moneyOf = (minor: number): string => (minor / 100).toFixed(2);
