/** Operators, their sessions and what they did, on SQLite. Triggers refuse to change or delete an act or a review. */
import type { OperatorRole, Verdict } from "../../shared/admin.ts";
import type { PublicJwk } from "../../shared/keys.ts";
import type {
  Act,
  Attempts,
  Challenge,
  OperatorRecords,
  OperatorRow,
  OperatorSession,
  OperatorStore,
  Passkey,
  Review,
  Welcome,
} from "../operators.ts";
import { createTurns } from "../turn.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

export const createSqliteOperators = (path: string): OperatorStore => {
  const database = openSqlite(path, migrations);
  const prepare = (sql: string) => database.prepare(sql);
  const selectOperators = prepare("SELECT * FROM operators ORDER BY id");
  const selectOperator = prepare("SELECT * FROM operators WHERE name = ?");
  const upsertOperator = prepare(
    `INSERT INTO operators (name, role, password, created_at, revoked_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, revoked_at = excluded.revoked_at`,
  );
  const deleteWelcomes = prepare("DELETE FROM welcomes WHERE name IS ?");
  const insertWelcome = prepare("INSERT INTO welcomes VALUES (?, ?, ?, ?)");
  const selectWelcome = prepare("SELECT * FROM welcomes WHERE hash = ? AND expires_at > ?");
  const takeWelcome = prepare("DELETE FROM welcomes WHERE hash = ? AND expires_at > ? RETURNING *");
  const selectAttempts = prepare("SELECT * FROM attempts WHERE key = ?");
  const upsertAttempts = prepare(
    `INSERT INTO attempts VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, next_at = excluded.next_at`,
  );
  const deleteAttempts = prepare("DELETE FROM attempts WHERE key = ?");
  const endAttempts = prepare("DELETE FROM attempts WHERE next_at < ?");
  const countAttempts = prepare("SELECT count(*) AS count FROM attempts");
  const selectSession = prepare("SELECT * FROM sessions WHERE hash = ?");
  const upsertSession = prepare(
    "INSERT INTO sessions VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET last_seen_at = excluded.last_seen_at",
  );
  const deleteSession = prepare("DELETE FROM sessions WHERE hash = ?");
  const deleteSessionsOf = prepare("DELETE FROM sessions WHERE name = ?");
  const endSessions = prepare("DELETE FROM sessions WHERE created_at < ? OR last_seen_at < ?");
  const selectPasskeys = prepare("SELECT * FROM passkeys WHERE name = ? ORDER BY number");
  const selectPasskey = prepare("SELECT * FROM passkeys WHERE id = ?");
  const insertPasskey = prepare(
    "INSERT INTO passkeys (id, name, key, origin, label, created_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const deletePasskey = prepare("DELETE FROM passkeys WHERE name = ? AND id = ?");
  const deletePasskeysOf = prepare("DELETE FROM passkeys WHERE name = ?");
  const insertChallenge = prepare("INSERT INTO challenges (hash, name, expires_at) VALUES (?, ?, ?)");
  const endChallenges = prepare("DELETE FROM challenges WHERE number <= (SELECT max(number) FROM challenges) - ?");
  const takeChallenge = prepare("DELETE FROM challenges WHERE hash = ? RETURNING *");
  const insertAct = prepare("INSERT INTO acts (at, by, act, what) VALUES (?, ?, ?, ?)");
  const selectActs = prepare("SELECT * FROM acts WHERE number < ? ORDER BY number DESC LIMIT ?");
  const insertReview = prepare(
    "INSERT INTO reviews (terminal, epoch, seq, at, by, verdict, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const selectReviewsAfter = prepare("SELECT * FROM reviews WHERE number > ? ORDER BY number LIMIT ?");
  const selectReviews = prepare("SELECT * FROM reviews WHERE terminal = ? AND epoch = ? AND seq = ? ORDER BY number");

  const recordsBy = (run: Run): OperatorRecords => ({
    operators: () => run(() => selectOperators.all().map(operatorOf)),
    operator: (name) => run(() => orNull(selectOperator.get(name), operatorOf)),
    putOperator: ({ name, role, password, createdAt, revokedAt }) =>
      run(() => void upsertOperator.run(name, role, password, createdAt, revokedAt)),
    putWelcome: ({ hash, name, role, expiresAt }) =>
      run(() =>
        atomically(database, () => {
          deleteWelcomes.run(name);
          insertWelcome.run(hash, name, role, expiresAt);
        }),
      ),
    welcome: (hash, now) => run(() => orNull(selectWelcome.get(hash, now), welcomeOf)),
    takeWelcome: (hash, now) => run(() => orNull(takeWelcome.get(hash, now), welcomeOf)),
    attempts: (key) => run(() => orNull(selectAttempts.get(key), attemptsOf)),
    putAttempts: ({ key, failures, nextAt }) => run(() => void upsertAttempts.run(key, failures, nextAt)),
    dropAttempts: (key) => run(() => void deleteAttempts.run(key)),
    endAttempts: (before) =>
      run(() =>
        atomically(database, () => {
          endAttempts.run(before);
          return Number(countAttempts.get()?.count);
        }),
      ),
    session: (hash) => run(() => orNull(selectSession.get(hash), sessionOf)),
    putSession: ({ hash, name, createdAt, lastSeenAt }) =>
      run(() => void upsertSession.run(hash, name, createdAt, lastSeenAt)),
    dropSession: (hash) => run(() => void deleteSession.run(hash)),
    dropSessionsOf: (name) => run(() => void deleteSessionsOf.run(name)),
    endSessions: (createdBefore, seenBefore) => run(() => void endSessions.run(createdBefore, seenBefore)),
    passkeys: (name) => run(() => selectPasskeys.all(name).map(passkeyOf)),
    passkey: (id) => run(() => orNull(selectPasskey.get(id), passkeyOf)),
    putPasskey: ({ id, name, key, origin, label, createdAt }) =>
      run(() => void insertPasskey.run(id, name, JSON.stringify(key), origin, label, createdAt)),
    dropPasskey: (name, id) => run(() => deletePasskey.run(name, id).changes > 0),
    dropPasskeysOf: (name) => run(() => void deletePasskeysOf.run(name)),
    putChallenge: ({ hash, name, expiresAt }, rowsMax) =>
      run(() =>
        atomically(database, () => {
          insertChallenge.run(hash, name, expiresAt);
          endChallenges.run(rowsMax);
        }),
      ),
    takeChallenge: (hash, now) =>
      run(() => {
        const taken = orNull(takeChallenge.get(hash), challengeOf);
        return taken === null || taken.expiresAt <= now ? null : taken;
      }),
    recordAct: ({ at, by, act, what }) => run(() => void insertAct.run(at, by, act, what)),
    acts: (before, rowsMax) => run(() => selectActs.all(before, rowsMax).map(actOf)),
    recordReview: ({ of, at, by, verdict, note }) =>
      run(() => void insertReview.run(of.terminal, of.epoch, of.seq, at, by, verdict, note)),
    reviewsAfter: (number, rowsMax) =>
      run(() =>
        selectReviewsAfter.all(number, rowsMax).map((row) => ({ number: Number(row.number), ...reviewOf(row) })),
      ),
    reviews: (of) => run(() => selectReviews.all(of.terminal, of.epoch, of.seq).map(reviewOf)),
  });

  // One thing after another: what is asked beside a transaction is no part of it.
  const turns = createTurns(1);
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => turns("", work);
  const records = recordsBy(atOnce);
  return {
    ...recordsBy((work) => inTurn(async () => work())),
    atomically: (change) =>
      inTurn(async () => {
        database.exec("BEGIN IMMEDIATE");
        try {
          const result = await change(records);
          database.exec("COMMIT");
          return result;
        } catch (error) {
          if (database.isTransaction) database.exec("ROLLBACK");
          throw error;
        }
      }),
    close: () => inTurn(async () => database.close()),
  };
};

type Run = <T>(work: () => T) => Promise<T>;
const atOnce: Run = async (work) => work();

const refuseChanges = (table: string): string =>
  ["UPDATE", "DELETE"]
    .map(
      (change) => `CREATE TRIGGER ${table}_${change.toLowerCase()} BEFORE ${change} ON ${table}
        BEGIN SELECT RAISE(ABORT, 'nothing recorded is edited'); END;`,
    )
    .join("\n");

const migrations = [
  `CREATE TABLE operators (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, password TEXT,
     created_at INTEGER NOT NULL, revoked_at INTEGER) STRICT;
   CREATE TABLE welcomes (hash BLOB PRIMARY KEY, name TEXT, role TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
   CREATE TABLE attempts (key TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_at INTEGER NOT NULL) STRICT;
   CREATE TABLE sessions (
     hash BLOB PRIMARY KEY, name TEXT NOT NULL REFERENCES operators (name),
     created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL) STRICT;
   CREATE TABLE acts (
     number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by TEXT NOT NULL, act TEXT NOT NULL,
     what TEXT NOT NULL) STRICT;
   CREATE TABLE reviews (
     number INTEGER PRIMARY KEY AUTOINCREMENT, terminal TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
     at INTEGER NOT NULL, by TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL) STRICT;
   CREATE INDEX reviews_of ON reviews (terminal, epoch, seq);
   ${["acts", "reviews"].map(refuseChanges).join("\n")}`,
  `CREATE TABLE passkeys (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL REFERENCES operators (name),
     key TEXT NOT NULL, origin TEXT NOT NULL, label TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
   CREATE INDEX passkeys_of ON passkeys (name);
   CREATE TABLE challenges (
     number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, name TEXT, expires_at INTEGER NOT NULL) STRICT`,
] as const;

type Row = { readonly [column: string]: unknown };

const orNull = <T>(row: Row | undefined, read: (row: Row) => T): T | null => (row === undefined ? null : read(row));

const operatorOf = (row: Row): OperatorRow => ({
  name: String(row.name),
  role: row.role as OperatorRole,
  password: row.password === null ? null : String(row.password),
  createdAt: Number(row.created_at),
  revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
});

const welcomeOf = (row: Row): Welcome => ({
  hash: blobOf(row.hash),
  name: row.name === null ? null : String(row.name),
  role: row.role as OperatorRole,
  expiresAt: Number(row.expires_at),
});

const sessionOf = (row: Row): OperatorSession => ({
  hash: blobOf(row.hash),
  name: String(row.name),
  createdAt: Number(row.created_at),
  lastSeenAt: Number(row.last_seen_at),
});

const passkeyOf = (row: Row): Passkey => ({
  id: String(row.id),
  name: String(row.name),
  key: JSON.parse(String(row.key)) as PublicJwk,
  origin: String(row.origin),
  label: String(row.label),
  createdAt: Number(row.created_at),
});

const challengeOf = (row: Row): Challenge => ({
  hash: blobOf(row.hash),
  name: row.name === null ? null : String(row.name),
  expiresAt: Number(row.expires_at),
});

const actOf = (row: Row): Act & { readonly number: number } => ({
  number: Number(row.number),
  at: Number(row.at),
  by: String(row.by),
  act: String(row.act),
  what: String(row.what),
});

const attemptsOf = (row: Row): Attempts => ({
  key: String(row.key),
  failures: Number(row.failures),
  nextAt: Number(row.next_at),
});

const reviewOf = (row: Row): Review => ({
  of: { terminal: String(row.terminal), epoch: String(row.epoch), seq: Number(row.seq) },
  at: Number(row.at),
  by: String(row.by),
  verdict: row.verdict as Verdict,
  note: String(row.note),
});
