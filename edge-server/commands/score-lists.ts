/** `scores list`, `scores export`: the score lists that are in force. */
import { deflateSync } from "node:zlib";
import type { ArtefactEntry } from "../../shared/manifest.ts";
import { encodeStatusListCwt } from "../../shared/status-list.ts";
import { type Arguments, type Command, countOf, refuse, tableOf } from "../command.ts";
import { writeWholeFile } from "../files.ts";
import { nameOf } from "../list-artefact.ts";
import { listAsPublished } from "../losses.ts";
import type { ListName } from "../ports.ts";
import type { Publication } from "../published.ts";

export const listScores: Command = {
  name: "scores list",
  usage: "[--json]",
  about: "Lists the score lists: version, places, cuts, bytes as they travel, and how many restrictions are in force.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const { registry, publisher, store } = await edges.open();
    await publisher.current();
    const publication = store.read();
    const rows = registry.lists().map(({ programme, list, version, entries, cuts }) => {
      const restrictions = registry.restrictions({ programme, list }).length;
      return { programme, list, version, entries, cuts, ...sizesOf(publication, { programme, list }), restrictions };
    });
    return {
      kind: "answered",
      json: rows,
      text:
        rows.length === 0
          ? "No score list yet: scores publish FILE.csv --programme P --list U"
          : tableOf([
              ["programme", "list", "version", "places", "cuts", "snapshot", "patches", "restrictions"],
              ...rows.map((row) => [
                row.programme,
                row.list,
                ...[row.version, row.entries, row.cuts].map(String),
                countOf(row.snapshotBytes, "byte"),
                String(row.patches.length),
                String(row.restrictions),
              ]),
            ]),
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
  isForPublisher: true,
  run: async (input, edges) => {
    const name = readListName(input);
    if (typeof name === "string") return refuse(name);
    const out = input.option("out");
    if (out === undefined || out === "") return refuse("--out is missing");
    const { registry, publisher } = await edges.open();
    const { publisher: key } = await publisher.keys(); // what is over is over in this copy as well
    const row = registry.list(name);
    if (row === null) return refuse(`no list ${name.list} of ${name.programme}: scores publish makes one`);

    const iat = edges.now();
    const packed = listAsPublished(row, registry.restrictions(name), registry.losses(name));
    const deflated = new Uint8Array(deflateSync(packed, { level: 9 }));
    const cwt = await encodeStatusListCwt(
      { uri: name.list, iat, exp: iat + exportLifeSeconds, ttl: exportLifeSeconds / 2, deflated },
      key,
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

/** Of an exported list; verifiers look for a new one after half of it. */
const exportLifeSeconds = 24 * 3600;

export const readListName = ({ option }: Arguments): ListName | string => {
  const [programme, list] = [option("programme"), option("list")];
  if (programme === undefined) return "--programme is missing";
  if (list === undefined) return "--list is missing";
  if (!/^[a-z0-9-]{1,32}$/.test(list)) return `--list is "${list}": it must be a short name such as a`;
  return { programme, list };
};

/** As they travel, in bytes. */
export type Sizes = {
  readonly snapshotBytes: number;
  readonly patches: readonly { readonly from: number; readonly bytes: number }[];
};

export const sizesOf = (publication: Publication | null, name: ListName): Sizes => {
  const found = publication?.artefacts.find(({ entry }) => entry.name === nameOf(name));
  const encodings: ArtefactEntry["encodings"] = found?.entry.encodings ?? [];
  return {
    snapshotBytes: encodings.find(({ from }) => from === null)?.length ?? 0,
    patches: encodings.flatMap(({ from, length }) => (from === null ? [] : [{ from, bytes: length }])),
  };
};
