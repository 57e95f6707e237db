/**
 * The tables of the ledger on PostgreSQL, and how they came about. Every key contains the terminal, no table points at
 * another one and no key is drawn from a sequence, so that all of them can be spread by the terminal: on Citus, after
 * `SET citus.enable_unsafe_triggers TO on` (ours look at no other row), with
 * `create_distributed_table('entry', 'terminal')` and so on. Text is compared by its bytes, as everywhere else here.
 */
import type { Migrations } from "./postgres-migrations.ts";

const refuseChanges = (table: string): string => `
  CREATE TRIGGER ${table}_recorded BEFORE UPDATE OR DELETE ON ${table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER ${table}_kept BEFORE TRUNCATE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();`;

const steps: Migrations["steps"] = [
  {
    oldestReader: 1,
    sql: `
  CREATE TABLE chain (
    terminal text COLLATE "C" NOT NULL, epoch bytea NOT NULL, received_at bigint NOT NULL,
    PRIMARY KEY (terminal, epoch)
  );
  CREATE TABLE entry (
    terminal text COLLATE "C" NOT NULL, epoch bytea NOT NULL, seq bigint NOT NULL CHECK (seq > 0),
    hash bytea NOT NULL, bytes bytea NOT NULL, at bigint, kind text,
    received_at bigint NOT NULL, after_revocation boolean NOT NULL,
    PRIMARY KEY (terminal, epoch, seq)
  );
  CREATE TABLE personal (
    terminal text COLLATE "C" NOT NULL, epoch bytea NOT NULL, seq bigint NOT NULL, text bytea NOT NULL, salt bytea NOT NULL,
    PRIMARY KEY (terminal, epoch, seq)
  );
  CREATE TABLE receipt (
    terminal text COLLATE "C" NOT NULL, epoch bytea NOT NULL, seq bigint NOT NULL,
    checkpoint bytea NOT NULL, ack bytea NOT NULL,
    PRIMARY KEY (terminal, epoch, seq)
  );
  CREATE TABLE fork (
    terminal text COLLATE "C" NOT NULL, epoch bytea NOT NULL, seq bigint NOT NULL,
    batch bytea NOT NULL, received_at bigint NOT NULL,
    PRIMARY KEY (terminal, epoch, seq)
  );
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'nothing recorded is edited'; END $$;
  ${["chain", "entry", "receipt", "fork"].map(refuseChanges).join("")}
  `,
  },
  {
    oldestReader: 1, // who does not know of it leaves it alone
    sql: `
  ALTER TABLE fork ADD COLUMN hash bytea;
  CREATE TABLE evidence (
    terminal text COLLATE "C" NOT NULL, epoch bytea NOT NULL, seq bigint NOT NULL, hash bytea NOT NULL,
    cause text NOT NULL, batch bytea NOT NULL, received_at bigint NOT NULL,
    PRIMARY KEY (terminal, epoch, seq, hash)
  );
  CREATE TABLE erasure (
    terminal text COLLATE "C" NOT NULL, at bigint NOT NULL, cause text NOT NULL, by text NOT NULL, entries integer NOT NULL
  );
  ${["evidence", "erasure"].map(refuseChanges).join("")}
  `,
  },
  {
    oldestReader: 1, // who does not weigh a batch leaves it open
    sql: `
  ALTER TABLE fork ADD COLUMN entries integer, ADD COLUMN overrides integer;
  ALTER TABLE evidence ADD COLUMN entries integer, ADD COLUMN overrides integer;
  CREATE INDEX fork_received ON fork (received_at, terminal, epoch, seq, entries, overrides);
  CREATE INDEX evidence_received ON evidence (received_at, terminal, epoch, seq, cause, entries, overrides);
  `,
  },
];

export const ledgerMigrations: Migrations = { name: "ledger", lock: 0x6772_656e, steps }; // "gren"
