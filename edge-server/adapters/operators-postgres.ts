/**
 * Operators, their sessions and what they did, on PostgreSQL: one store for all servers that share a ledger. Changes that
 * belong together are made under one lock, so that servers take turns at them; that is how attempts are counted once, and
 * why reviews are numbered in the order in which they can be read. Triggers refuse to change or delete an act or a review.
 */
import type { OperatorRole, Verdict } from "../../shared/admin.ts";
import { type Bytes, toUtf8 } from "../../shared/bytes.ts";
import type { PublicJwk } from "../../shared/keys.ts";
import type {
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
import { personalTextOf as textOf } from "./ledger-postgres-reader.ts";
import { operatorMigrations } from "./operators-postgres-schema.ts";
import { type Ask, openPostgres } from "./postgres.ts";
import { migratePostgres } from "./postgres-migrations.ts";

/** Longer than any wait within the database. */
const answerSecondsMax = 12;
const changeLock = 0x6772_6570;

/** `url`: postgres://... Throws one clear line where the database cannot be asked or is of a newer version. */
export const createPostgresOperators = async (url: string, secondsMax = answerSecondsMax): Promise<OperatorStore> => {
  await migratePostgres(url, operatorMigrations);
  const postgres = openPostgres(url, secondsMax);
  const atomically: OperatorStore["atomically"] = (change) =>
    postgres.transact(async (ask) => {
      await ask("SELECT pg_advisory_xact_lock($1)", [changeLock]);
      return change(recordsBy(ask));
    });
  return {
    ...recordsBy(postgres.ask),
    recordReview: (review) => atomically((records) => records.recordReview(review)),
    atomically,
    close: postgres.close,
  };
};

const recordsBy = (ask: Ask): OperatorRecords => {
  const run = async (sql: string, ...values: readonly unknown[]): Promise<void> => {
    await ask(sql, values);
  };
  const all = async <R extends object, T>(read: (row: R) => T, sql: string, ...values: readonly unknown[]) =>
    (await ask<R>(sql, values)).map(read);
  const first = async <R extends object, T>(read: (row: R) => T, sql: string, ...values: readonly unknown[]) =>
    (await all(read, sql, ...values))[0] ?? null;
  return {
    operators: () => all(operatorOf, `SELECT ${operatorColumns} FROM operator ORDER BY number`),
    operator: (name) => first(operatorOf, `SELECT ${operatorColumns} FROM operator WHERE name = $1`, name),
    putOperator: ({ name, role, password, createdAt, revokedAt }) =>
      run(upsertOperator, name, role, password, createdAt, revokedAt),
    putWelcome: ({ hash, name, role, expiresAt }) => run(replaceWelcome, hash, name, role, expiresAt),
    welcome: (hash, now) =>
      first(welcomeOf, "SELECT * FROM operator_welcome WHERE hash = $1 AND expires_at > $2", hash, now),
    takeWelcome: (hash, now) =>
      first(welcomeOf, "DELETE FROM operator_welcome WHERE hash = $1 AND expires_at > $2 RETURNING *", hash, now),
    attempts: (key) => first(attemptsOf, "SELECT * FROM operator_attempts WHERE key = $1", key),
    putAttempts: ({ key, failures, nextAt }) => run(upsertAttempts, key, failures, nextAt),
    dropAttempts: (key) => run("DELETE FROM operator_attempts WHERE key = $1", key),
    endAttempts: async (before) => (await first(({ count }: { count: number }) => count, endAttempts, before)) ?? 0,
    session: (hash) => first(sessionOf, "SELECT * FROM operator_session WHERE hash = $1", hash),
    putSession: ({ hash, name, createdAt, lastSeenAt }) => run(upsertSession, hash, name, createdAt, lastSeenAt),
    dropSession: (hash) => run("DELETE FROM operator_session WHERE hash = $1", hash),
    dropSessionsOf: (name) => run("DELETE FROM operator_session WHERE name = $1", name),
    endSessions: (createdBefore, seenBefore) =>
      run("DELETE FROM operator_session WHERE created_at < $1 OR last_seen_at < $2", createdBefore, seenBefore),
    passkeys: (name) => all(passkeyOf, "SELECT * FROM operator_passkey WHERE name = $1 ORDER BY number", name),
    passkey: (id) => first(passkeyOf, "SELECT * FROM operator_passkey WHERE id = $1", id),
    putPasskey: ({ id, name, key, origin, label, createdAt }) =>
      run(insertPasskey, id, name, JSON.stringify(key), origin, toUtf8(label), createdAt),
    dropPasskey: async (name, id) =>
      (await ask("DELETE FROM operator_passkey WHERE name = $1 AND id = $2 RETURNING id", [name, id])).length > 0,
    dropPasskeysOf: (name) => run("DELETE FROM operator_passkey WHERE name = $1", name),
    putChallenge: ({ hash, name, expiresAt }, rowsMax) => run(addChallenge, hash, name, expiresAt, rowsMax - 1),
    takeChallenge: async (hash, now) => {
      const taken = await first(challengeOf, "DELETE FROM operator_challenge WHERE hash = $1 RETURNING *", hash);
      return taken === null || taken.expiresAt <= now ? null : taken;
    },
    recordAct: ({ at, by, act, what }) => run(insertAct, at, by, act, toUtf8(what)),
    acts: (before, rowsMax) =>
      all(
        (row: ActRow) => ({ ...row, what: textOf(row.what) }),
        "SELECT * FROM operator_act WHERE number < $1 ORDER BY number DESC LIMIT $2",
        ...[before, rowsMax],
      ),
    recordReview: ({ of, at, by, verdict, note }) =>
      run(insertReview, of.terminal, of.epoch, of.seq, at, by, verdict, toUtf8(note)),
    reviewsAfter: (number, rowsMax) =>
      all(
        (row: ReviewRow) => ({ number: row.number, ...reviewOf(row) }),
        "SELECT * FROM operator_review WHERE number > $1 ORDER BY number LIMIT $2",
        ...[number, rowsMax],
      ),
    reviews: ({ terminal, epoch, seq }) => all(reviewOf, selectReviews, terminal, epoch, seq),
  };
};

const operatorColumns = "name, role, password, created_at, revoked_at";
const upsertOperator = `
  INSERT INTO operator (${operatorColumns}) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, revoked_at = excluded.revoked_at`;
const replaceWelcome = `
  WITH before AS (DELETE FROM operator_welcome WHERE name IS NOT DISTINCT FROM $2)
  INSERT INTO operator_welcome VALUES ($1, $2, $3, $4)`;
const upsertAttempts = `
  INSERT INTO operator_attempts VALUES ($1, $2, $3)
  ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, next_at = excluded.next_at`;
/** What is deleted is still counted by the rest of the statement. */
const endAttempts = `
  WITH over AS (DELETE FROM operator_attempts WHERE next_at < $1 RETURNING key)
  SELECT (SELECT count(*) FROM operator_attempts) - (SELECT count(*) FROM over) AS count`;
const upsertSession = `
  INSERT INTO operator_session VALUES ($1, $2, $3, $4)
  ON CONFLICT (hash) DO UPDATE SET last_seen_at = excluded.last_seen_at`;
const insertPasskey = `
  INSERT INTO operator_passkey (id, name, key, origin, label, created_at) VALUES ($1, $2, $3, $4, $5, $6)`;
/** The new one, and the newest of those before. */
const addChallenge = `
  WITH over AS (
    DELETE FROM operator_challenge
    WHERE number <= (SELECT number FROM operator_challenge ORDER BY number DESC OFFSET $4 LIMIT 1))
  INSERT INTO operator_challenge (hash, name, expires_at) VALUES ($1, $2, $3)`;
const insertAct = "INSERT INTO operator_act (at, by, act, what) VALUES ($1, $2, $3, $4)";
const insertReview = `
  INSERT INTO operator_review (terminal, epoch, seq, at, by, verdict, note) VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const selectReviews = `
  SELECT * FROM operator_review WHERE terminal = $1 AND epoch = $2 AND seq = $3 ORDER BY number`;

type Timed = { readonly created_at: number };

const operatorOf = (
  row: Pick<OperatorRow, "name" | "role" | "password"> & Timed & { readonly revoked_at: number | null },
) =>
  ({
    ...{ name: row.name, role: row.role, password: row.password },
    ...{ createdAt: row.created_at, revokedAt: row.revoked_at },
  }) satisfies OperatorRow;

const welcomeOf = (row: {
  readonly hash: Bytes;
  readonly name: string | null;
  readonly role: OperatorRole;
  readonly expires_at: number;
}): Welcome => ({ hash: row.hash, name: row.name, role: row.role, expiresAt: row.expires_at });

const attemptsOf = (row: Pick<Attempts, "key" | "failures"> & { readonly next_at: number }): Attempts => ({
  ...{ key: row.key, failures: row.failures, nextAt: row.next_at },
});

const sessionOf = (row: Pick<OperatorSession, "hash" | "name"> & Timed & { readonly last_seen_at: number }) =>
  ({
    ...{ hash: row.hash, name: row.name, createdAt: row.created_at, lastSeenAt: row.last_seen_at },
  }) satisfies OperatorSession;

const passkeyOf = (
  row: Pick<Passkey, "id" | "name" | "origin"> & Timed & { readonly key: string; readonly label: Bytes },
): Passkey => ({
  ...{ id: row.id, name: row.name, key: JSON.parse(row.key) as PublicJwk, origin: row.origin },
  ...{ label: textOf(row.label), createdAt: row.created_at },
});

const challengeOf = (row: Pick<Challenge, "hash" | "name"> & { readonly expires_at: number }): Challenge => ({
  ...{ hash: row.hash, name: row.name, expiresAt: row.expires_at },
});

type ActRow = {
  readonly number: number;
  readonly at: number;
  readonly by: string;
  readonly act: string;
  readonly what: Bytes;
};

type ReviewRow = Review["of"] & {
  readonly number: number;
  readonly at: number;
  readonly by: string;
  readonly verdict: Verdict;
  readonly note: Bytes;
};

const reviewOf = ({ terminal, epoch, seq, at, by, verdict, note }: ReviewRow): Review => ({
  ...{ of: { terminal, epoch, seq }, at, by, verdict, note: textOf(note) },
});
