/** `bundle export`, `bundle import`: the signed bundle by stick, and servers that only mirror it. */
import { fromHex, sha256, toHex } from "../../shared/bytes.ts";
import {
  type KeysDocument,
  readBundleFolder,
  readKeysFile,
  writeBundleFolder,
  writeKeysFile,
} from "../bundle-folder.ts";
import { openImport } from "../bundle-import.ts";
import { type Command, countOf, type Office, refuse } from "../command.ts";
import type { TerminalRow } from "../ports.ts";
import { hashesOf } from "../published.ts";

export const exportBundle: Command = {
  name: "bundle export",
  usage: "--out DIR [--keys FILE] [--json]",
  about: `Writes what is published: roots, manifest and every encoding, named by its SHA-256. Nothing in DIR is secret.
--keys FILE also writes the list keys and the terminals that may have them (0600): keep it apart from DIR.
A bundle is good for 24 hours, and signed anew when half of that is over: carry it at least daily.`,
  options: ["out", "keys"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const out = option("out");
    if (out === undefined || out === "") return refuse("--out is missing");
    const office = await edges.open();
    const published = await office.publisher.current();
    const named = office.store.read()?.artefacts ?? [];
    const artefacts = named.flatMap(hashesOf);
    const written = writeBundleFolder(out, { published, artefacts, artefact: office.publisher.artefact });
    if (written.kind === "unreadable") return refuse(written.error);

    const keysFile = option("keys");
    const isMissingKeys = named.some(({ entry, key }) => key === null && entry.name.startsWith("list/"));
    if (keysFile !== undefined && isMissingKeys) return refuse("--keys: this mirror was not given the keys itself");
    const document = keysDocumentOf(published.version, published.keys, office);
    const kept = keysFile === undefined ? null : writeKeysFile(keysFile, document);
    if (kept?.kind === "unreadable") return refuse(kept.error);
    const root = toHex(await sha256(published.firstRoot));
    const rest = { out, bundle: published.version, root, artefacts: artefacts.length, bytes: written.value };
    return {
      kind: "answered",
      json: { ...rest, keys: keysFile ?? null },
      text: [
        `${out}: bundle ${published.version}, ${countOf(artefacts.length, "file")} of artefacts, ${written.value} bytes.`,
        `The SHA-256 of its first root: ${root}`,
        ...(keysFile === undefined
          ? ["Without --keys a mirror cannot open the lists to anybody."]
          : [`${keysFile}: the list keys, and ${countOf(document.terminals.length, "terminal")} that may have them.`]),
      ].join("\n"),
    };
  },
};

export const importBundle: Command = {
  name: "bundle import",
  usage: "DIR [--root SHA256] [--keys FILE] [--json]",
  about: `Makes this server a mirror: from now on it serves exactly what is in DIR, and publishes nothing of its own.
Everything is checked as a terminal would check it, and nothing older is taken. --root is the SHA-256 of the first root,
as bundle export says it: for the first import. --keys FILE as written by bundle export lets the terminals in it have the
list keys here. A mirror enrols no terminal and takes no log.`,
  options: ["root", "keys"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [folder = ""], option }, edges) => {
    const wanted = option("root");
    if (wanted !== undefined && !/^[0-9a-f]{64}$/.test(wanted)) return refuse("--root must be 64 hexadecimal digits");
    const files = readBundleFolder(folder);
    if (files.kind === "unreadable") return refuse(files.error);
    const keysFile = option("keys");
    const secrets = keysFile === undefined ? null : readKeysFile(keysFile);
    if (secrets?.kind === "unreadable") return refuse(secrets.error);

    const { store, registry } = await edges.open();
    const [first] = store.roots();
    if (first !== undefined && !store.isMirror()) {
      return refuse("this server publishes a bundle of its own: import where GREENLANE_DATA is an empty folder");
    }
    const own = first === undefined ? null : toHex(await sha256(first));
    if (own !== null && wanted !== undefined && wanted !== own) return refuse(`this is a mirror of root ${own}`);
    const pinned = fromHex(own ?? wanted ?? "");
    if (pinned?.length !== 32) return refuse("--root is missing: the SHA-256 of the first root, from bundle export");

    const keys = secrets?.value.keys ?? null;
    const before = store.version();
    const carried = await openImport({ ...files.value, keys }, store, pinned, edges.now());
    if (carried.kind === "refused") return refuse(`${folder} is refused: ${carried.fault}, ${carried.detail}`);
    const { publication, newRoots, fresh } = carried.value;
    const isKept = store.atomically(() => {
      const isReplaced = store.replace(before, publication, fresh, newRoots);
      if (isReplaced) store.becomeMirror();
      return isReplaced;
    });
    if (!isKept) throw new Error("another import was faster: try again");
    for (const terminal of secrets?.value.terminals ?? [])
      registry.putTerminal(rowOf(terminal, registry.terminal(terminal.id)));

    const sealed = publication.artefacts.filter(({ entry }) => entry.name.startsWith("list/"));
    const openable = sealed.filter(({ key }) => key !== null).length;
    const terminals = secrets?.value.terminals.length ?? 0;
    return {
      kind: "answered",
      json: { bundle: publication.version, root: store.roots().length, lists: sealed.length, openable, terminals },
      text: [
        `This server mirrors bundle ${publication.version} now, under root ${store.roots().length}.`,
        `${countOf(sealed.length, "score list")}, the keys of ${openable}; ${countOf(terminals, "terminal")} brought along.`,
      ].join("\n"),
    };
  },
};

const keysDocumentOf = (
  version: number,
  keys: Readonly<Record<string, string>>,
  { registry }: Office,
): KeysDocument => ({
  v: 1,
  version,
  keys: { ...keys },
  terminals: registry
    .terminals()
    .flatMap(({ id, profile, key, enrolledAt, revokedAt }) =>
      key === null || enrolledAt === null ? [] : [{ id, profile, key, enrolledAt, revokedAt }],
    ),
});

/** Revoked on either side is revoked. */
const rowOf = (terminal: KeysDocument["terminals"][number], here: TerminalRow | null): TerminalRow => ({
  ...terminal,
  revokedAt: here?.revokedAt ?? terminal.revokedAt,
  lastSeenAt: here?.lastSeenAt ?? null,
});
