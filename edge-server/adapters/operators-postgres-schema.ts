/**
 * The tables of the operators on PostgreSQL, beside those of the ledger that several servers share. What somebody may write
 * as they like (a note, a label, what an act was about) is kept as UTF-8, since a text column takes no NUL.
 */
import type { Migrations } from "./postgres-migrations.ts";

const refuseChanges = (table: string): string => `
  CREATE TRIGGER ${table}_recorded BEFORE UPDATE OR DELETE ON ${table}
    FOR EACH ROW EXECUTE FUNCTION refuse_operator_change();
  CREATE TRIGGER ${table}_kept BEFORE TRUNCATE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_operator_change();`;

const steps: Migrations["steps"] = [
  {
    oldestReader: 1,
    sql: `
  CREATE TABLE operator (
    number bigint GENERATED ALWAYS AS IDENTITY, name text COLLATE "C" PRIMARY KEY, role text NOT NULL, password text,
    created_at bigint NOT NULL, revoked_at bigint
  );
  CREATE TABLE operator_welcome (hash bytea PRIMARY KEY, name text, role text NOT NULL, expires_at bigint NOT NULL);
  CREATE TABLE operator_attempts (key text PRIMARY KEY, failures integer NOT NULL, next_at bigint NOT NULL);
  CREATE TABLE operator_session (
    hash bytea PRIMARY KEY, name text COLLATE "C" NOT NULL REFERENCES operator (name),
    created_at bigint NOT NULL, last_seen_at bigint NOT NULL
  );
  CREATE TABLE operator_act (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, by text NOT NULL, act text NOT NULL,
    what bytea NOT NULL
  );
  CREATE TABLE operator_review (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, terminal text COLLATE "C" NOT NULL, epoch text NOT NULL,
    seq bigint NOT NULL, at bigint NOT NULL, by text NOT NULL, verdict text NOT NULL, note bytea NOT NULL
  );
  CREATE INDEX operator_review_of ON operator_review (terminal, epoch, seq);
  CREATE TABLE operator_passkey (
    number bigint GENERATED ALWAYS AS IDENTITY, id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL REFERENCES operator (name), key text NOT NULL, origin text NOT NULL,
    label bytea NOT NULL, created_at bigint NOT NULL
  );
  CREATE INDEX operator_passkey_of ON operator_passkey (name);
  CREATE TABLE operator_challenge (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hash bytea NOT NULL UNIQUE, name text,
    expires_at bigint NOT NULL
  );
  CREATE FUNCTION refuse_operator_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'nothing recorded is edited'; END $$;
  ${["operator_act", "operator_review"].map(refuseChanges).join("")}
  `,
  },
];

export const operatorMigrations: Migrations = { name: "operators", lock: 0x6772_656f, steps };
