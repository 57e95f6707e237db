/**
 * The registry on SQLite. Documents (packs, issuers, profiles, staff) are kept as the JSON that they are published as, score
 * lists as packed blobs, their earlier versions as snapshots. Rows come back in the order in which they were first put.
 */
import type { Bytes } from "../../shared/bytes.ts";
import type { PublicJwk } from "../../shared/keys.ts";
import type { Profile } from "../../shared/messages.ts";
import type { Pack, Recognition } from "../../shared/policy.ts";
import type { StaffRules } from "../../shared/staff-rules.ts";
import type { TrustEntry } from "../../shared/trust.ts";
import type { EnrolmentCode, ListHead, ListSnapshot, LostPlace, Registry, Restriction, TerminalRow } from "../ports.ts";
import type { StaffRow } from "../staff-book.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

export const createSqliteRegistry = (path: string): Registry => {
  const database = openSqlite(path, migrations);
  const selectPacks = database.prepare("SELECT json FROM packs ORDER BY id");
  const upsertPack = database.prepare(
    "INSERT INTO packs (programme, json) VALUES (?, ?) ON CONFLICT (programme) DO UPDATE SET json = excluded.json",
  );
  const selectRecognitions = database.prepare("SELECT json FROM recognitions ORDER BY id");
  const upsertRecognition = database.prepare(
    `INSERT INTO recognitions (visitor, here, json) VALUES (?, ?, ?)
     ON CONFLICT (visitor, here) DO UPDATE SET json = excluded.json`,
  );
  const deleteRecognition = database.prepare("DELETE FROM recognitions WHERE visitor = ? AND here = ?");
  const selectIssuers = database.prepare("SELECT json FROM issuers ORDER BY id");
  const upsertIssuer = database.prepare(
    "INSERT INTO issuers (kid, json) VALUES (?, ?) ON CONFLICT (kid) DO UPDATE SET json = excluded.json",
  );
  const selectLists = database.prepare("SELECT programme, list, version, cuts, entries FROM lists ORDER BY id");
  const selectList = database.prepare("SELECT * FROM lists WHERE programme = ? AND list = ?");
  const upsertList = database.prepare(
    `INSERT INTO lists (programme, list, version, cuts, entries, packed) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (programme, list) DO UPDATE SET
       version = excluded.version, cuts = excluded.cuts, entries = excluded.entries, packed = excluded.packed`,
  );
  const selectSnapshots = database.prepare(
    `SELECT programme, list, version, entries, published_at FROM list_snapshots
     WHERE programme = ? AND list = ? ORDER BY version DESC`,
  );
  const selectSnapshot = database.prepare(
    "SELECT * FROM list_snapshots WHERE programme = ? AND list = ? AND version = ?",
  );
  const upsertSnapshot = database.prepare(
    `INSERT INTO list_snapshots (programme, list, version, entries, published_at, snapshot) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (programme, list, version) DO UPDATE SET
       entries = excluded.entries, published_at = excluded.published_at, snapshot = excluded.snapshot`,
  );
  const deleteSnapshots = database.prepare(
    "DELETE FROM list_snapshots WHERE programme = ? AND list = ? AND version < ?",
  );
  const selectRestrictions = database.prepare(
    "SELECT * FROM restrictions WHERE programme = ? AND list = ? ORDER BY idx",
  );
  const insertRestriction = database.prepare(
    "INSERT INTO restrictions (programme, list, idx, basis, until, appeal) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const deleteRestrictions = database.prepare("DELETE FROM restrictions WHERE programme = ? AND list = ?");
  const raiseRestricted = database.prepare(
    `UPDATE lists SET version = version + 1
     WHERE (programme, list) IN (SELECT programme, list FROM restrictions WHERE until <= ?)`,
  );
  const deleteEnded = database.prepare("DELETE FROM restrictions WHERE until <= ?");
  const selectNextEnd = database.prepare("SELECT min(until) AS until FROM restrictions");
  const selectLosses = database.prepare("SELECT * FROM losses WHERE programme = ? AND list = ? ORDER BY number");
  const upsertLoss = database.prepare(
    `INSERT INTO losses (programme, list, idx, standing, moved_to) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (programme, list, idx) DO UPDATE SET standing = excluded.standing, moved_to = excluded.moved_to`,
  );
  const deleteLoss = database.prepare("DELETE FROM losses WHERE programme = ? AND list = ? AND idx = ?");
  const raiseList = database.prepare("UPDATE lists SET version = version + 1 WHERE programme = ? AND list = ?");
  const selectPlaces = database.prepare("SELECT * FROM places ORDER BY site");
  const upsertPlace = database.prepare(
    "INSERT INTO places VALUES (?, ?, ?) ON CONFLICT (site) DO UPDATE SET lat = excluded.lat, lon = excluded.lon",
  );
  const deletePlace = database.prepare("DELETE FROM places WHERE site = ?");
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
  const selectStaff = database.prepare("SELECT json FROM staff ORDER BY number");
  const upsertStaff = database.prepare(
    "INSERT INTO staff (staff, json) VALUES (?, ?) ON CONFLICT (staff) DO UPDATE SET json = excluded.json",
  );
  const selectRules = database.prepare("SELECT json FROM staff_rules");
  const upsertRules = database.prepare(
    "INSERT INTO staff_rules (id, json) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
  );
  const deleteExpiredCodes = database.prepare("DELETE FROM enrolment_codes WHERE expires_at <= ?");

  return {
    packs: () => selectPacks.all().map((row) => jsonOf<Pack>(row.json)),
    putPack: (pack) => void upsertPack.run(pack.programme, JSON.stringify(pack)),
    recognitions: () => selectRecognitions.all().map((row) => jsonOf<Recognition>(row.json)),
    putRecognition: (each) => void upsertRecognition.run(each.visitor, each.here, JSON.stringify(each)),
    dropRecognition: (visitor, here) => void deleteRecognition.run(visitor, here),
    issuers: () => selectIssuers.all().map((row) => jsonOf<TrustEntry>(row.json)),
    putIssuer: (entry) => void upsertIssuer.run(entry.kid, JSON.stringify(entry)),
    lists: () => selectLists.all().map(headOf),
    list: ({ programme, list }) => {
      const row = selectList.get(programme, list);
      return row === undefined ? null : { ...headOf(row), packed: blobOf(row.packed) };
    },
    putList: (row) => void upsertList.run(row.programme, row.list, row.version, row.cuts, row.entries, row.packed),
    snapshots: ({ programme, list }) => selectSnapshots.all(programme, list).map(snapshotHeadOf),
    snapshot: ({ programme, list }, version) => {
      const row = selectSnapshot.get(programme, list, version);
      return row === undefined ? null : { ...snapshotHeadOf(row), snapshot: blobOf(row.snapshot) };
    },
    putSnapshot: (row) =>
      void upsertSnapshot.run(row.programme, row.list, row.version, row.entries, row.publishedAt, row.snapshot),
    dropSnapshots: ({ programme, list }, version) => void deleteSnapshots.run(programme, list, version),
    restrictions: ({ programme, list }) => selectRestrictions.all(programme, list).map(restrictionOf),
    putRestrictions: ({ programme, list }, restrictions) =>
      atomically(database, () => {
        deleteRestrictions.run(programme, list);
        for (const { index, basis, until, appeal } of restrictions) {
          insertRestriction.run(programme, list, index, basis, until, appeal);
        }
      }),
    endRestrictions: (now) =>
      atomically(database, () => {
        raiseRestricted.run(now);
        deleteEnded.run(now);
      }),
    nextRestrictionEnd: () => numberOrNull(selectNextEnd.get()?.until),
    losses: ({ programme, list }) => selectLosses.all(programme, list).map(lostPlaceOf),
    putLoss: ({ programme, list }, { index, standing, movedTo }) =>
      atomically(database, () => {
        upsertLoss.run(programme, list, index, standing, movedTo);
        raiseList.run(programme, list);
      }),
    dropLoss: ({ programme, list }, index) =>
      atomically(database, () => {
        if (deleteLoss.run(programme, list, index).changes > 0) raiseList.run(programme, list);
      }),
    places: () =>
      new Map(selectPlaces.all().map(({ site, lat, lon }) => [String(site), { lat: Number(lat), lon: Number(lon) }])),
    putPlace: (site, at) => void (at === null ? deletePlace.run(site) : upsertPlace.run(site, at.lat, at.lon)),
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
    staff: () => selectStaff.all().map((row) => jsonOf<StaffRow>(row.json)),
    putStaff: (row) => void upsertStaff.run(row.staff, JSON.stringify(row)),
    staffRules: () => {
      const row = selectRules.get();
      return row === undefined ? null : jsonOf<StaffRules>(row.json);
    },
    putStaffRules: (rules) => void upsertRules.run(JSON.stringify(rules)),
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
  `CREATE TABLE list_snapshots (
     programme TEXT NOT NULL, list TEXT NOT NULL, version INTEGER NOT NULL, entries INTEGER NOT NULL,
     published_at INTEGER NOT NULL, snapshot BLOB NOT NULL, PRIMARY KEY (programme, list, version)) STRICT;
   CREATE TABLE restrictions (
     programme TEXT NOT NULL, list TEXT NOT NULL, idx INTEGER NOT NULL, basis TEXT NOT NULL, until INTEGER NOT NULL,
     appeal TEXT NOT NULL, PRIMARY KEY (programme, list, idx)) STRICT;
   CREATE INDEX restrictions_until ON restrictions (until)`,
  `CREATE TABLE losses (
     number INTEGER PRIMARY KEY AUTOINCREMENT, programme TEXT NOT NULL, list TEXT NOT NULL, idx INTEGER NOT NULL,
     standing TEXT NOT NULL, moved_to INTEGER, UNIQUE (programme, list, idx)) STRICT`,
  `CREATE TABLE staff (number INTEGER PRIMARY KEY, staff TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
   CREATE TABLE staff_rules (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT`,
  `CREATE TABLE recognitions (
     id INTEGER PRIMARY KEY, visitor TEXT NOT NULL, here TEXT NOT NULL, json TEXT NOT NULL,
     UNIQUE (visitor, here)) STRICT`,
  "CREATE TABLE places (site TEXT PRIMARY KEY, lat REAL NOT NULL, lon REAL NOT NULL) STRICT, WITHOUT ROWID",
] as const;

type Row = { readonly [column: string]: unknown };

/** Written by this file alone, so its shape is known. */
const jsonOf = <T>(value: unknown): T => JSON.parse(String(value)) as T;

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

const headOf = (row: Row): ListHead => ({
  programme: String(row.programme),
  list: String(row.list),
  version: Number(row.version),
  cuts: Number(row.cuts),
  entries: Number(row.entries),
});

const snapshotHeadOf = (row: Row): Omit<ListSnapshot, "snapshot"> => ({
  programme: String(row.programme),
  list: String(row.list),
  version: Number(row.version),
  entries: Number(row.entries),
  publishedAt: Number(row.published_at),
});

const lostPlaceOf = (row: Row): LostPlace => ({
  index: Number(row.idx),
  standing: row.standing === "revoked" ? "revoked" : "suspended",
  movedTo: numberOrNull(row.moved_to),
});

const restrictionOf = (row: Row): Restriction => ({
  index: Number(row.idx),
  basis: String(row.basis),
  until: Number(row.until),
  appeal: String(row.appeal),
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
