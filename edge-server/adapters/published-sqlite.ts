/**
 * What is published, on SQLite: a publication and its artefacts are one transaction, so there is never half a bundle,
 * and the version in force is compared in the same one. Only the last two publications and what they name are kept.
 */
import type { PublishedArtefact } from "../artefacts.ts";
import { hashOf } from "../artefacts.ts";
import type { Publication, PublishedStore } from "../publisher.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

export const createSqlitePublishedStore = (path: string): PublishedStore => {
  const database = openSqlite(path, migrations);
  const selectRoot = database.prepare("SELECT root FROM roots WHERE version = 1");
  const insertRoot = database.prepare("INSERT INTO roots (version, root) VALUES (1, ?) ON CONFLICT DO NOTHING");
  const selectVersion = database.prepare("SELECT coalesce(max(version), 0) AS version FROM publications");
  const selectPublication = database.prepare("SELECT * FROM publications ORDER BY version DESC LIMIT 1");
  const insertPublication = database.prepare(
    "INSERT INTO publications (version, issued_at, manifest, artefacts) VALUES (?, ?, ?, ?)",
  );
  const deletePublications = database.prepare("DELETE FROM publications WHERE version < ?");
  const selectArtefact = database.prepare("SELECT bytes FROM artefacts WHERE sha256 = ?");
  const insertArtefact = database.prepare("INSERT INTO artefacts (sha256, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const insertName = database.prepare("INSERT INTO named (version, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const deleteArtefacts = database.prepare("DELETE FROM artefacts WHERE sha256 NOT IN (SELECT sha256 FROM named)");

  const version = (): number => Number(selectVersion.get()?.version);
  const firstRoot = () => {
    const row = selectRoot.get();
    return row === undefined ? null : blobOf(row.root);
  };

  return {
    firstRoot,
    keepFirstRoot: (root) => {
      insertRoot.run(root);
      return firstRoot() ?? root;
    },
    version,
    read: () => {
      const row = selectPublication.get();
      return row === undefined ? null : publicationOf(row);
    },
    artefact: (hash) => {
      const row = selectArtefact.get(hash);
      return row === undefined ? null : blobOf(row.bytes);
    },
    replace: (after, publication, fresh) =>
      atomically(database, () => {
        if (version() !== after) return false;
        const { issuedAt, manifest, artefacts } = publication;
        insertPublication.run(publication.version, issuedAt, manifest, JSON.stringify(artefacts));
        for (const [hash, bytes] of fresh) insertArtefact.run(hash, bytes);
        for (const artefact of artefacts) insertName.run(publication.version, hashOf(artefact));
        deletePublications.run(after);
        deleteArtefacts.run();
        return true;
      }),
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
] as const;

const publicationOf = (row: { readonly [column: string]: unknown }): Publication => ({
  version: Number(row.version),
  issuedAt: Number(row.issued_at),
  manifest: blobOf(row.manifest),
  artefacts: JSON.parse(String(row.artefacts)) as readonly PublishedArtefact[],
});
