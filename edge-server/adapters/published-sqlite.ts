/**
 * What is published, on SQLite: a publication, its artefacts and its roots are one transaction, so there is never half a
 * bundle, and the version in force is compared in the same one. Only the last two publications and what they name are kept,
 * and for good which policy and which version of a list was in force since when.
 */
import {
  hashesOf,
  type InForceSince,
  type Publication,
  type PublishedArtefact,
  type PublishedStore,
} from "../published.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

export const createSqlitePublishedStore = (path: string): PublishedStore => {
  const database = openSqlite(path, migrations);
  const selectRoots = database.prepare("SELECT root FROM roots ORDER BY version");
  const insertFirstRoot = database.prepare("INSERT INTO roots (version, root) VALUES (1, ?) ON CONFLICT DO NOTHING");
  const insertRoot = database.prepare(
    "INSERT INTO roots (version, root) SELECT coalesce(max(version), 0) + 1, ? FROM roots",
  );
  const selectVersion = database.prepare("SELECT coalesce(max(version), 0) AS version FROM publications");
  const selectPublication = database.prepare("SELECT * FROM publications ORDER BY version DESC LIMIT 1");
  const insertPublication = database.prepare(
    "INSERT INTO publications (version, issued_at, renew_at, manifest, artefacts) VALUES (?, ?, ?, ?, ?)",
  );
  const deletePublications = database.prepare("DELETE FROM publications WHERE version < ? OR version >= ?");
  const selectArtefact = database.prepare("SELECT bytes FROM artefacts WHERE sha256 = ?");
  const insertArtefact = database.prepare("INSERT INTO artefacts (sha256, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const insertName = database.prepare("INSERT INTO named (version, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const deleteArtefacts = database.prepare("DELETE FROM artefacts WHERE sha256 NOT IN (SELECT sha256 FROM named)");
  const selectMirror = database.prepare("SELECT 1 FROM mirror");
  const insertMirror = database.prepare("INSERT INTO mirror (id) VALUES (1) ON CONFLICT DO NOTHING");

  const selectHistory = database.prepare("SELECT * FROM in_force ORDER BY since, rowid");
  const selectLast = database.prepare("SELECT version FROM in_force WHERE name = ? ORDER BY rowid DESC LIMIT 1");
  const insertInForce = database.prepare("INSERT INTO in_force VALUES (?, ?, ?, ?, ?)");

  const keepInForce = ({ entry }: PublishedArtefact, since: number): void => {
    const { name, version: next, encodings } = entry;
    const isPolicy = name === "policy";
    if (!isPolicy && !name.startsWith("list/")) return;
    if (selectLast.get(name)?.version === next) return;
    const bytes = isPolicy ? selectArtefact.get(encodings[0]?.sha256 ?? "")?.bytes : undefined;
    insertInForce.run(name, next, since, entry.cuts ?? null, bytes === undefined ? null : blobOf(bytes));
  };

  const version = (): number => Number(selectVersion.get()?.version);

  return {
    roots: () => selectRoots.all().map((row) => blobOf(row.root)),
    keepFirstRoot: (root) => void insertFirstRoot.run(root),
    version,
    read: () => {
      const row = selectPublication.get();
      return row === undefined ? null : publicationOf(row);
    },
    artefact: (hash) => {
      const row = selectArtefact.get(hash);
      return row === undefined ? null : blobOf(row.bytes);
    },
    replace: (after, publication, fresh, newRoots = []) =>
      atomically(database, () => {
        if (version() !== after) return false;
        const { issuedAt, renewAt, manifest, artefacts } = publication;
        for (const root of newRoots) insertRoot.run(root);
        // A mirror may be given the same version again, or a lower one after a rotation.
        deletePublications.run(after, publication.version);
        insertPublication.run(publication.version, issuedAt, renewAt, manifest, JSON.stringify(artefacts));
        for (const [hash, bytes] of fresh) insertArtefact.run(hash, bytes);
        for (const artefact of artefacts)
          for (const hash of hashesOf(artefact)) insertName.run(publication.version, hash);
        for (const artefact of artefacts) keepInForce(artefact, issuedAt);
        deleteArtefacts.run();
        return true;
      }),
    history: () => selectHistory.all().map(inForceOf),
    isMirror: () => selectMirror.get() !== undefined,
    becomeMirror: () => void insertMirror.run(),
    atomically: (change) => atomically(database, change),
    close: () => database.close(),
  };
};

const migrations = [
  `CREATE TABLE roots (version INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT;
   CREATE TABLE publications (
     version INTEGER PRIMARY KEY, issued_at INTEGER NOT NULL, manifest BLOB NOT NULL, artefacts TEXT NOT NULL) STRICT;
   CREATE TABLE artefacts (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE named (
     version INTEGER NOT NULL REFERENCES publications (version) ON DELETE CASCADE,
     sha256 TEXT NOT NULL REFERENCES artefacts (sha256), PRIMARY KEY (version, sha256)) STRICT`,
  // What an earlier program published is due at once.
  `ALTER TABLE publications ADD COLUMN renew_at INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE mirror (id INTEGER PRIMARY KEY CHECK (id = 1)) STRICT`,
  // It begins with what is still known.
  `CREATE TABLE in_force (
     name TEXT NOT NULL, version INTEGER NOT NULL, since INTEGER NOT NULL, cuts INTEGER, signed BLOB) STRICT;
   INSERT INTO in_force
     SELECT name, version, min(issued_at), cuts,
       CASE name WHEN 'policy' THEN (SELECT bytes FROM artefacts WHERE sha256 = encoding) END
     FROM (SELECT issued_at, value ->> '$.entry.name' AS name, value ->> '$.entry.version' AS version,
         value ->> '$.entry.cuts' AS cuts, value ->> '$.entry.encodings[0].sha256' AS encoding
       FROM publications, json_each(publications.artefacts))
     WHERE name = 'policy' OR name LIKE 'list/%' GROUP BY name, version ORDER BY min(issued_at), version`,
] as const;

const inForceOf = (row: { readonly [column: string]: unknown }): InForceSince => ({
  name: String(row.name),
  version: Number(row.version),
  since: Number(row.since),
  cuts: row.cuts === null ? null : Number(row.cuts),
  signed: row.signed === null ? null : blobOf(row.signed),
});

const publicationOf = (row: { readonly [column: string]: unknown }): Publication => ({
  version: Number(row.version),
  issuedAt: Number(row.issued_at),
  renewAt: Number(row.renew_at),
  manifest: blobOf(row.manifest),
  artefacts: JSON.parse(String(row.artefacts)) as readonly PublishedArtefact[],
});
