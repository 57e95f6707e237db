/** `ledger import`: what was taken off a terminal that could not send it any more. */
import { type Bytes, fromUtf8 } from "../../shared/bytes.ts";
import { entriesIn, rescueBytesMax, splitRescues } from "../../shared/rescue.ts";
import { type Assembly, addFrame, isComplete, joinFrames, readFrame } from "../../shared/rescue-frames.ts";
import { type Command, refuse } from "../command.ts";
import { readBytesFile } from "../files.ts";
import { createLogIntake } from "../log-intake.ts";
import { problems } from "../problem.ts";
import { type BatchVerdict, createRescueIntake, type RescueVerdict } from "../rescue-intake.ts";

export const importRescue: Command = {
  name: "ledger import",
  usage: "FILE [--json]",
  about: `Takes what was saved off a terminal that could not send it (FILE.glr), also while the server runs.
FILE may also be the texts of its moving code, one a line. Importing twice changes nothing.
Exit code 1 when something was refused; what could be taken is in the ledger all the same.`,
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [path = ""] }, edges) => {
    const file = readBytesFile(path, fileBytesMax);
    if (file.kind === "unreadable") return refuse(file.error);
    const rescues = await rescuesIn(file.value);
    if (typeof rescues === "string") return refuse(`${path}: ${rescues}`);
    const { registry, keys, publisher, ledger } = await edges.open();
    const edgeKey = async () => (await publisher.keys()).edge;
    const takeBatch = createLogIntake(await ledger(), edgeKey);
    const take = createRescueIntake({ registry, operator: keys.operator, takeBatch, edgeKey });
    const taken: Taken[] = [];
    for (const sealed of rescues) taken.push(takenOf(await take(sealed, edges.now())));
    const [first] = taken;
    // Nothing at all was taken, and so nothing was changed.
    if (first !== undefined && taken.every(({ cause }) => cause !== null)) return refuse(`${path}: ${first.cause}`);
    return {
      kind: "answered",
      text: taken.map(textOf).join("\n"),
      json: { rescues: taken },
      isBad: taken.some(({ cause, refused }) => cause !== null || refused.length > 0),
    };
  },
};

/** Some tens of rescues: more than one terminal ever holds. */
const fileBytesMax = 32 * rescueBytesMax;

/** As a file has them, or as the lines of a moving code; or what is wrong with that. */
const rescuesIn = async (file: Bytes): Promise<readonly Bytes[] | string> => {
  if (file.length === 0) return "it is empty";
  if (fromUtf8(file.subarray(0, 5)) !== "GLR1:") return splitRescues(file);
  const assembled: Bytes[] = [];
  let assembly: Assembly | null = null;
  for (const line of (fromUtf8(file) ?? "").split(/\r?\n/)) {
    const frame = readFrame(line);
    if (frame === null && line !== "") return "a line of it is no text of a moving code";
    if (frame !== null) assembly = addFrame(assembly, frame);
    if (assembly === null || !isComplete(assembly)) continue;
    const sealed = await joinFrames(assembly);
    if (sealed === null) return "the texts of the moving code do not fit together";
    assembled.push(sealed);
    assembly = null;
  }
  if (assembly === null) return assembled;
  return `${assembly.total - assembly.parts.size} of ${assembly.total} texts of the moving code are missing`;
};

type Refused = { readonly from: number; readonly to: number; readonly problem: string; readonly title: string };

/** `cause`: why nothing of it was taken, null where something was. */
type Taken = {
  readonly terminal: string | null;
  readonly added: number;
  readonly present: number;
  readonly refused: readonly (Refused & { readonly next?: number })[];
  readonly cause: string | null;
};

const takenOf = (verdict: RescueVerdict): Taken => {
  const nothing = { terminal: null, added: 0, present: 0, refused: [] };
  if (verdict.kind === "refused") return { ...nothing, cause: verdict.cause };
  if (verdict.kind === "unavailable") throw new Error(`the ledger cannot be asked now: ${verdict.cause}`);
  const { terminal, verdicts } = verdict;
  const acked = verdicts.filter((each) => each.kind === "acked");
  const added = acked.reduce((sum, each) => sum + each.added, 0);
  const entries = entriesIn({ terminal, batches: acked.map(({ batch }) => batch) });
  return { terminal, added, present: entries - added, refused: verdicts.flatMap(refusedOf), cause: null };
};

const refusedOf = (verdict: BatchVerdict): Taken["refused"] => {
  if (verdict.kind === "acked") return [];
  const { from, head } = verdict.batch;
  const next = verdict.kind === "gap" ? { next: verdict.next } : {};
  return [{ from, to: head.seq, problem: verdict.kind, title: problems[verdict.kind][1], ...next }];
};

const textOf = ({ terminal, added, present, refused, cause }: Taken): string =>
  cause !== null
    ? `A part of the file was refused: ${cause}.`
    : [
        `${terminal}: ${added} new, ${present} there already.`,
        ...refused.map(({ from, to, title, problem, next }) => {
          const wanted = next === undefined ? "" : `; the ledger needs entry ${next} first`;
          return `${terminal}: entries ${from} to ${to} refused: ${title} (${problem})${wanted}.`;
        }),
      ].join("\n");
