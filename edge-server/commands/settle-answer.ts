/** `settle answer`: the programme, which alone knows its subjects, says what each of them was. Nothing of an operator's is opened. */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import * as v from "valibot";
import { fromBase64url, toUtf8 } from "../../shared/bytes.ts";
import type { CryptoKey } from "../../shared/keys.ts";
import { importPseudonymKey } from "../../shared/log.ts";
import { type Command, type Outcome, refuse } from "../command.ts";
import { explainFileError, readJsonFile, writeWholeFile } from "../files.ts";
import { readLines } from "../lines.ts";
import {
  answerAsked,
  answerHeadingOf,
  readAsked,
  readHeading,
  readStanding,
  type SubjectStanding,
} from "../settle-ask.ts";

export const answerSettle: Command = {
  name: "settle answer",
  usage: "ASK.ndjson --key pseudonym-key.json --subjects FILE.csv --out ANSWER.ndjson [--json]",
  about: `For the programme: answers what an operator asks, from the programme's own records. FILE.csv has the header
sub,standing or sub,from,standing: a subject of its credentials, what it was (none, suspended, revoked, or the band 1 to 5),
and from when on (Unix seconds). Who is not in the file is not answered for. The answer names no subject.`,
  options: ["key", "subjects", "out"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [ask = ""], option }) => {
    const [keyFile, subjectsFile, out] = [option("key"), option("subjects"), option("out")];
    if (keyFile === undefined || subjectsFile === undefined || out === undefined) {
      return refuse("say --key, --subjects and --out");
    }
    const key = await readKey(keyFile);
    if (typeof key === "string") return refuse(key);
    try {
      const subjects = await readSubjects(subjectsFile);
      return typeof subjects === "string" ? refuse(subjects) : await answer(ask, key, subjects, out);
    } catch (error) {
      return refuse(explainFileError(error, basename(ask)));
    }
  },
};

const answer = async (
  path: string,
  key: CryptoKey,
  subjects: readonly SubjectStanding[],
  out: string,
): Promise<Outcome> => {
  const lines: string[] = [];
  let find: Awaited<ReturnType<typeof answerAsked>> | null = null;
  let asked = 0;
  for await (const line of readLines(createReadStream(path), lineCharsMax)) {
    if (line === "") continue;
    if (find === null) {
      const heading = line === null ? null : readHeading("ask", line);
      if (heading === null) return refuse(`${path} is not what settle asks`);
      find = await answerAsked(subjects, key, heading.programme);
      lines.push(answerHeadingOf(heading.programme));
      continue;
    }
    const one = line === null ? null : readAsked(line);
    if (one === null) return refuse(`${path}, line ${asked + 2}: not a line of an ask`);
    asked += 1;
    const found = find(one);
    if (found !== null) lines.push(JSON.stringify(found));
  }
  if (find === null) return refuse(`${path} is empty`);
  const answered = lines.length - 1;
  const written = writeWholeFile(out, toUtf8(`${lines.join("\n")}\n`), 0o600);
  if (written.kind === "unreadable") return refuse(written.error);
  const text = `${answered} of ${asked} answered; the others are nobody's in ${subjects.length} rows.`;
  return { kind: "answered", text, json: { asked, answered, out } };
};

const keyFile = v.object({ version: v.number(), key: v.pipe(v.string(), v.maxLength(100)) });

const readKey = async (path: string): Promise<CryptoKey | string> => {
  const json = readJsonFile(path);
  if (json.kind === "unreadable") return json.error;
  const read = v.safeParse(keyFile, json.value);
  const bytes = read.success ? fromBase64url(read.output.key) : null;
  if (bytes === null || bytes.length === 0) return `${path} is no pseudonym-key.json of an operator`;
  return importPseudonymKey(bytes);
};

/** What is wrong with it is a text. */
const readSubjects = async (path: string): Promise<readonly SubjectStanding[] | string> => {
  const subjects: SubjectStanding[] = [];
  let columns: readonly string[] | null = null;
  let number = 0;
  for await (const line of readLines(createReadStream(path), lineCharsMax)) {
    number += 1;
    const cells =
      line
        ?.replace(/\r$/, "")
        .replace(/^\uFEFF/, "")
        .split(",") ?? [];
    if (line === "") continue;
    if (columns === null) {
      columns = cells;
      if (!["sub,standing", "sub,from,standing"].includes(cells.join())) {
        return `${path}: the header must be sub,standing or sub,from,standing`;
      }
      continue;
    }
    const cell = (name: string): string => cells[columns?.indexOf(name) ?? -1] ?? "";
    const [sub, from, standing] = [cell("sub"), cell("from") || "0", readStanding(cell("standing"))];
    if (cells.length !== columns.length || !/^[A-Za-z0-9_-]{8,32}$/.test(sub)) {
      return `${path}, line ${number}: no subject with what it was`;
    }
    if (!/^\d{1,12}$/.test(from)) return `${path}, line ${number}: from is "${from}": it must be Unix seconds`;
    if (standing === null) {
      return `${path}, line ${number}: "${cell("standing")}": it can be none, suspended, revoked, or 1 to 5`;
    }
    subjects.push({ sub, from: Number(from), standing });
  }
  return columns === null ? `${path} is empty` : subjects;
};

const lineCharsMax = 64 * 1024;
