/** `scores publish`: a programme's score list, with the lawful restrictions on it. */
import { createReadStream, statSync } from "node:fs";
import type { Instant } from "../../shared/terms.ts";
import { type Command, type CommandEdges, countOf, refuse } from "../command.ts";
import { explainFileError, readTextFile } from "../files.ts";
import { listsMax } from "../list-artefact.ts";
import type { Restriction } from "../ports.ts";
import { readRestrictions } from "../restrictions.ts";
import { type ReadScores, readScores } from "../scores-csv.ts";
import { readListName, type Sizes, sizesOf } from "./score-lists.ts";

export const publishScores: Command = {
  name: "scores publish",
  usage: "FILE.csv --programme P --list U [--restrictions FILE.csv] [--json]",
  about: `Publishes a score list: header idx,score or idx,band; a value is an integer, empty (no score), suspended or revoked.
Every row is checked before anything is published. Scores are sorted into bands by the programme's cuts and forgotten.
--restrictions: header idx,basis,until,appeal; these citizens have no band until then, a day (over at its first second,
UTC) or Unix seconds. They take the place of the restrictions before; without the option those stay. Each drops by itself
at its end. They stay on this server: terminals see somebody without a score.`,
  options: ["programme", "list", "restrictions"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async (input, edges) => {
    const name = readListName(input);
    if (typeof name === "string") return refuse(name);
    const { registry, publisher, store } = await edges.open();
    const pack = registry.packs().find((each) => each.programme === name.programme);
    if (pack === undefined) return refuse(`no programme ${name.programme}: see programme list`);
    const before = registry.lists();
    const isNew = !before.some((row) => row.programme === name.programme && row.list === name.list);
    if (isNew && before.length >= listsMax) return refuse(`there are ${listsMax} lists already`);

    const [path = ""] = input.given;
    const scores = await readFile(path, (chunks, onRead) => readScores(chunks, pack, onRead), edges);
    if (typeof scores === "string") return refuse(scores);
    if (scores.kind === "invalid") return refuse(`${path}, line ${scores.line}: ${scores.problem}`);

    const { packed, entries } = scores;
    const restrictionsPath = input.option("restrictions");
    const given = restrictionsPath === undefined ? null : readFor(restrictionsPath, entries, edges.now());
    if (typeof given === "string") return refuse(given);

    const version = registry.atomically(() => {
      const next = (registry.list(name)?.version ?? 0) + 1;
      registry.putList({ ...name, version: next, cuts: pack.cuts.version, entries, packed });
      if (given !== null) registry.putRestrictions(name, given);
      return next;
    });
    const published = await publisher.publish(edges.showProgress);
    const sizes = sizesOf(store.read(), name);
    const restrictions = registry.restrictions(name).length;
    const counts = Object.fromEntries(scores.counts);
    const beyond = [1, 2, 3, 4, 5].slice(pack.cuts.at.length).filter((band) => band in counts);
    return {
      kind: "answered",
      json: {
        ...name,
        version,
        entries,
        rows: scores.rows,
        counts,
        cuts: pack.cuts.version,
        restrictions,
        ...sizes,
        bundle: published.version,
      },
      text: [
        `List ${name.list} of ${name.programme}, version ${version}, is in force with bundle ${published.version}.`,
        `${countOf(entries, "place")}, ${entries - scores.rows} of them without a row: no score.`,
        ...summaryOf(scores.counts),
        ...(restrictions === 0 ? [] : [`${countOf(restrictions, "restriction")} in force, not counted above.`]),
        travelOf(sizes),
        ...beyond.map((band) => `Warning: ${pack.programme} has no cut for band ${band}; it gets no perk.`),
      ].join("\n"),
    };
  },
};

type ReadChunks = (chunks: AsyncIterable<Uint8Array>, onRead: (bytes: number) => void) => Promise<ReadScores>;

/** The scores, or what is wrong with the file itself. */
const readFile = async (path: string, read: ReadChunks, edges: CommandEdges): Promise<ReadScores | string> => {
  try {
    const { size } = statSync(path);
    let done = 0;
    let shown = 0;
    return await read(createReadStream(path, { highWaterMark: 1024 * 1024 }), (bytes) => {
      done += bytes;
      const percent = Math.floor((100 * done) / Math.max(size, 1));
      if (percent > shown) edges.showProgress(`${path}  ${barOf(percent)} ${percent} %`);
      shown = percent;
    });
  } catch (error) {
    return explainFileError(error, path);
  }
};

const barOf = (percent: number): string => {
  const filled = Math.round(percent / 4);
  return `[${"#".repeat(filled)}${".".repeat(25 - filled)}]`;
};

/** A row has two texts of up to 300 characters: this is room for 100,000 rows and more. */
const restrictionsBytesMax = 32 * 1024 * 1024;

const readFor = (path: string, entries: number, now: Instant): readonly Restriction[] | string => {
  const text = readTextFile(path, restrictionsBytesMax);
  if (text.kind === "unreadable") return text.error;
  const read = readRestrictions(text.value, entries, now);
  return read.kind === "read" ? read.restrictions : `${path}, line ${read.line}: ${read.problem}`;
};

const travelOf = ({ snapshotBytes, patches }: Sizes): string => {
  const [newest] = patches;
  const snapshot = `As a snapshot it has ${snapshotBytes} bytes`;
  return newest === undefined
    ? `${snapshot}; there is no patch to it.`
    : `${snapshot}, as a patch from version ${newest.from} ${newest.bytes}; terminals of ${countOf(patches.length, "earlier version")} can take a patch.`;
};

const summaryOf = (counts: ReadonlyMap<unknown, number>): readonly string[] => {
  const order = [5, 4, 3, 2, 1, "none", "suspended", "revoked"] as const;
  const parts = order.flatMap((standing) => {
    const count = counts.get(standing);
    return count === undefined ? [] : [`${typeof standing === "number" ? `band ${standing}` : standing}: ${count}`];
  });
  return [parts.join(", ")];
};
