/**
 * The registry on SQLite. Documents (packs, issuers, profiles) are kept as the JSON that they are published as, score
 * lists as packed blobs. Rows come back in the order in which they were first put.
 */
import type { Bytes } from "../../shared/bytes.ts";
import type { PublicJwk } from "../../shared/keys.ts";
import type { Profile } from "../../shared/messages.ts";
import type { Pack } from "../../shared/policy.ts";
import type { TrustEntry } from "../../shared/trust.ts";
import type { EnrolmentCode, ListRow, Registry, TerminalRow } from "../ports.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

export const createSqliteRegistry = (path: string): Registry => {
  const database = openSqlite(path, migrations);
  const selectPacks = database.prepare("SELECT json FROM packs ORDER BY id");
  const upsertPack = database.prepare(
    "INSERT INTO packs (programme, json) VALUES (?, ?) ON CONFLICT (programme) DO UPDATE SET json = excluded.json",
  );
  const selectIssuers = database.prepare("SELECT json FROM issuers ORDER BY id");
  const upsertIssuer = database.prepare(
    "INSERT INTO issuers (kid, json) VALUES (?, ?) ON CONFLICT (kid) DO UPDATE SET json = excluded.json",
  );
  const selectLists = database.prepare("SELECT * FROM lists ORDER BY id");
  const upsertList = database.prepare(
    `INSERT INTO lists (programme, list, version, cuts, entries, packed) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (programme, list) DO UPDATE SET
       version = excluded.version, cuts = excluded.cuts, entries = excluded.entries, packed = excluded.packed`,
  );
  const selectTerminals = database.prepare("SELECT * FROM terminals ORDER BY number");
  const selectTerminal = database.prepare("SELECT * FROM terminals WHERE id = ?");
  const upsertTerminal = database.prepare(
    `INSERT INTO terminals (id, profile, key, enrolled_at, revoked_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, key = excluded.key,
       enrolled_at = excluded.enrolled_at, revoked_at = excluded.revoked_at, last_seen_at = excluded.last_seen_at`,
  );
  const deleteTerminal = database.prepare("DELETE FROM terminals WHERE id = ? AND key IS NULL");
  const insertCode = database.prepare("INSERT INTO enrolment_codes (hash, terminal, expires_at) VALUES (?, ?, ?)");
  const deleteCode = database.prepare("DELETE FROM enrolment_codes WHERE hash = ? RETURNING terminal, expires_at");
  const deleteExpiredCodes = database.prepare("DELETE FROM enrolment_codes WHERE expires_at <= ?");

  return {
    packs: () => selectPacks.all().map((row) => jsonOf<Pack>(row.json)),
    putPack: (pack) => void upsertPack.run(pack.programme, JSON.stringify(pack)),
    issuers: () => selectIssuers.all().map((row) => jsonOf<TrustEntry>(row.json)),
    putIssuer: (entry) => void upsertIssuer.run(entry.kid, JSON.stringify(entry)),
    lists: () => selectLists.all().map(listOf),
    putList: (row) => void upsertList.run(row.programme, row.list, row.version, row.cuts, row.entries, row.packed),
    terminals: () => selectTerminals.all().map(terminalOf),
    terminal: (id) => {
      const row = selectTerminal.get(id);
      return row === undefined ? null : terminalOf(row);
    },
    putTerminal: (terminal) =>
      void upsertTerminal.run(
        terminal.id,
        JSON.stringify(terminal.profile),
        terminal.key === null ? null : JSON.stringify(terminal.key),
        terminal.enrolledAt,
        terminal.revokedAt,
        terminal.lastSeenAt,
      ),
    dropTerminal: (id) => void deleteTerminal.run(id),
    putEnrolmentCode: (code) => void insertCode.run(code.hash, code.terminal, code.expiresAt),
    takeEnrolmentCode: (hash, now) =>
      atomically(database, () => {
        deleteExpiredCodes.run(now);
        const row = deleteCode.get(hash);
        return row === undefined ? null : codeOf(hash, row);
      }),
    atomically: (change) => atomically(database, change),
    close: () => database.close(),
  };
};

const migrations = [
  `CREATE TABLE packs (id INTEGER PRIMARY KEY, programme TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
   CREATE TABLE issuers (id INTEGER PRIMARY KEY, kid TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
   CREATE TABLE lists (
     id INTEGER PRIMARY KEY, programme TEXT NOT NULL, list TEXT NOT NULL, version INTEGER NOT NULL,
     cuts INTEGER NOT NULL, entries INTEGER NOT NULL, packed BLOB NOT NULL, UNIQUE (programme, list)) STRICT;
   CREATE TABLE terminals (
     number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, profile TEXT NOT NULL, key TEXT,
     enrolled_at INTEGER, revoked_at INTEGER, last_seen_at INTEGER) STRICT;
   CREATE TABLE enrolment_codes (
     hash BLOB PRIMARY KEY, terminal TEXT NOT NULL REFERENCES terminals (id) ON DELETE CASCADE,
     expires_at INTEGER NOT NULL) STRICT`,
] as const;

type Row = { readonly [column: string]: unknown };

/** Written by this file alone, so its shape is known. */
const jsonOf = <T>(value: unknown): T => JSON.parse(String(value)) as T;

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

const listOf = (row: Row): ListRow => ({
  programme: String(row.programme),
  list: String(row.list),
  version: Number(row.version),
  cuts: Number(row.cuts),
  entries: Number(row.entries),
  packed: blobOf(row.packed),
});

const terminalOf = (row: Row): TerminalRow => ({
  id: String(row.id),
  profile: jsonOf<Profile>(row.profile),
  key: row.key === null ? null : jsonOf<PublicJwk>(row.key),
  enrolledAt: numberOrNull(row.enrolled_at),
  revokedAt: numberOrNull(row.revoked_at),
  lastSeenAt: numberOrNull(row.last_seen_at),
});

const codeOf = (hash: Bytes, row: Row): EnrolmentCode => ({
  hash,
  terminal: String(row.terminal),
  expiresAt: Number(row.expires_at),
});
