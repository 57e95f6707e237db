/** `programme check`, `programme add`, `programme list`: whose scores are honoured, and by which rules. */
import { type Command, countOf, type Outcome, refuse } from "../command.ts";
import { readTextFile } from "../files.ts";
import { describePack, linesOfPack } from "../pack-lines.ts";
import { judgePack } from "../pack-proposal.ts";
import { type Finding, lineOf, reportPack } from "../pack-report.ts";
import { operatorCurrency } from "../policy.ts";

export const checkProgramme: Command = {
  name: "programme check",
  usage: "PACK.json [--json]",
  about: `Says everything that is wrong with a pack, by line and column, and what would be right; changes nothing. An editor
does the same while it is written, by the "$schema" that the packs in shared/programmes name.`,
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [path = ""] }) => {
    const text = readTextFile(path);
    if (text.kind === "unreadable") return refuse(text.error);
    const report = reportPack(text.value, operatorCurrency);
    if (report.kind === "wrong") {
      const { findings } = report;
      const lines = [...findings.map((each) => `${path}:${lineOf(each)}`), countOf(findings.length, "error")];
      return { kind: "answered", text: lines.join("\n"), json: { findings }, isBad: true };
    }
    const { pack } = report;
    const said = [`${path} is right.`, linesOfPack(pack)].join("\n");
    return { kind: "answered", text: said, json: { findings: [], ...describePack(pack) } };
  },
};

export const addProgramme: Command = {
  name: "programme add",
  usage: "PACK.json [--json]",
  about: "Publishes a programme's pack, new or in place of the one before. It is checked as a terminal would check it.",
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [path = ""] }, edges) => {
    const text = readTextFile(path);
    if (text.kind === "unreadable") return refuse(text.error);
    const report = reportPack(text.value, operatorCurrency);
    if (report.kind === "wrong") return refuse(`${path}:${firstFinding(report.findings, path)}`);
    const { pack } = report;

    const { registry, publisher } = await edges.open();
    const proposed = judgePack(pack, registry);
    if (proposed.kind === "clash") return refuse(`${path}: ${proposed.problem}`);
    const { listsToPublishAnew } = proposed;

    registry.putPack(pack);
    const { version } = await publisher.publish();
    return {
      kind: "answered",
      json: { ...describePack(pack), bundle: version, listsToPublishAnew },
      text: [
        `${pack.programme} version ${pack.version} is in force with bundle ${version}.`,
        linesOfPack(pack),
        ...listsToPublishAnew.map(
          (list) => `List ${list} was sorted by other cuts: until it is published anew, everyone gets ordinary terms.`,
        ),
      ].join("\n"),
    };
  },
};

export const listProgrammes: Command = {
  name: "programme list",
  usage: "[--json]",
  about: "Lists the programmes that are honoured, their services and perks, and what still needs a threshold.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges): Promise<Outcome> => {
    const packs = (await edges.open()).registry.packs();
    return {
      kind: "answered",
      json: packs.map(describePack),
      text: packs.length === 0 ? "No programme yet: programme add PACK.json" : packs.map(linesOfPack).join("\n\n"),
    };
  },
};

const firstFinding = (findings: readonly Finding[], path: string): string => {
  const [first, ...more] = findings;
  if (first === undefined) return "not a pack";
  return more.length === 0
    ? lineOf(first)
    : `${lineOf(first)} (and ${countOf(more.length, "more error")}: programme check ${path})`;
};
