/** `scores publish`, `scores export`: a programme's score list, in and out. */
import { createReadStream, statSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { encodeStatusListCwt } from "../../shared/status-list.ts";
import { type Arguments, type Command, type CommandEdges, countOf, refuse } from "../command.ts";
import { explainFileError, writeWholeFile } from "../files.ts";
import { type ReadScores, readScores } from "../scores-csv.ts";

export const publishScores: Command = {
  name: "scores publish",
  usage: "FILE.csv --programme P --list U [--json]",
  about: `Publishes a score list: header idx,score or idx,band; a value is an integer, empty (no score), suspended or revoked.
Every row is checked before anything is published. Scores are sorted into bands by the programme's cuts and forgotten.`,
  options: ["programme", "list"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async (input, edges) => {
    const name = readListName(input);
    if (typeof name === "string") return refuse(name);
    const { registry, publisher } = await edges.open();
    const pack = registry.packs().find((each) => each.programme === name.programme);
    if (pack === undefined) return refuse(`no programme ${name.programme}: see programme list`);
    const before = registry.lists();
    const old = before.find((row) => row.programme === name.programme && row.list === name.list);
    if (old === undefined && before.length >= listsMax) return refuse(`there are ${listsMax} lists already`);

    const [path = ""] = input.given;
    const scores = await readFile(path, (chunks, onRead) => readScores(chunks, pack, onRead), edges);
    if (typeof scores === "string") return refuse(scores);
    if (scores.kind === "invalid") return refuse(`${path}, line ${scores.line}: ${scores.problem}`);

    const { packed, entries } = scores;
    const version = (old?.version ?? 0) + 1;
    registry.putList({ ...name, version, cuts: pack.cuts.version, entries, packed });
    const published = await publisher.publish();
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
        bundle: published.version,
      },
      text: [
        `List ${name.list} of ${name.programme}, version ${version}, is in force with bundle ${published.version}.`,
        `${countOf(entries, "place")}, ${entries - scores.rows} of them without a row: no score.`,
        ...summaryOf(scores.counts),
        ...beyond.map((band) => `Warning: ${pack.programme} has no cut for band ${band}; it gets no perk.`),
      ].join("\n"),
    };
  },
};

export const exportScores: Command = {
  name: "scores export",
  usage: "--programme P --list U --out FILE.cwt [--json]",
  about: "Writes the list that is in force as a standard Token Status List (CWT), signed by the publisher.",
  options: ["programme", "list", "out"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (input, edges) => {
    const name = readListName(input);
    if (typeof name === "string") return refuse(name);
    const out = input.option("out");
    if (out === undefined || out === "") return refuse("--out is missing");
    const { registry, keys } = await edges.open();
    const row = registry.lists().find((each) => each.programme === name.programme && each.list === name.list);
    if (row === undefined) return refuse(`no list ${name.list} of ${name.programme}: scores publish makes one`);

    const iat = edges.now();
    const deflated = new Uint8Array(deflateSync(row.packed, { level: 9 }));
    const cwt = await encodeStatusListCwt(
      { uri: name.list, iat, exp: iat + exportLifeSeconds, ttl: exportLifeSeconds / 2, deflated },
      keys.server.publisher,
    );
    const written = writeWholeFile(out, cwt);
    if (written.kind === "unreadable") return refuse(written.error);
    return {
      kind: "answered",
      json: { ...name, version: row.version, entries: row.entries, out, bytes: cwt.length },
      text: `${out}: list ${name.list} of ${name.programme}, version ${row.version}, ${countOf(row.entries, "place")}, ${cwt.length} bytes.`,
    };
  },
};

/** As many as fit into a manifest beside trust, policy and staff. */
const listsMax = 500;
/** Of an exported list; verifiers look for a new one after half of it. */
const exportLifeSeconds = 24 * 3600;

const readListName = ({ option }: Arguments): { readonly programme: string; readonly list: string } | string => {
  const [programme, list] = [option("programme"), option("list")];
  if (programme === undefined) return "--programme is missing";
  if (list === undefined) return "--list is missing";
  if (!/^[a-z0-9-]{1,32}$/.test(list)) return `--list is "${list}": it must be a short name such as a`;
  return { programme, list };
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
      if (percent > shown) edges.showProgress(`${path}: ${percent} %`);
      shown = percent;
    });
  } catch (error) {
    return explainFileError(error, path);
  }
};

const summaryOf = (counts: ReadonlyMap<unknown, number>): readonly string[] => {
  const order = [5, 4, 3, 2, 1, "none", "suspended", "revoked"] as const;
  const parts = order.flatMap((standing) => {
    const count = counts.get(standing);
    return count === undefined ? [] : [`${typeof standing === "number" ? `band ${standing}` : standing}: ${count}`];
  });
  return [parts.join(", ")];
};
