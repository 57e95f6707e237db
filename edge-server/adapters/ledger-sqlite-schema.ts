/**
 * The tables of the ledger on SQLite, and how they came about (see sqlite.ts). `fork.hash` is the head that the terminal
 * signed; it is missing where a fork came before anybody kept it. `entries`, `overrides` say how many are in a batch; they are
 * missing where it came before anybody weighed it. The indexes have all that a list of them says, so that no batch is read for it.
 */
const refuseChanges = (table: string): string =>
  ["UPDATE", "DELETE"]
    .map(
      (change) => `CREATE TRIGGER ${table}_${change.toLowerCase()} BEFORE ${change} ON ${table}
        BEGIN SELECT RAISE(ABORT, 'nothing recorded is edited'); END;`,
    )
    .join("\n");

export const migrations: readonly string[] = [
  `
  CREATE TABLE chain (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, received_at INTEGER NOT NULL,
    UNIQUE (terminal, epoch)
  ) STRICT;
  CREATE TABLE entry (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0),
    hash BLOB NOT NULL, bytes BLOB NOT NULL, at INTEGER, kind TEXT,
    received_at INTEGER NOT NULL, after_revocation INTEGER NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  CREATE TABLE personal (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, salt BLOB NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  CREATE TABLE receipt (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, checkpoint BLOB NOT NULL, ack BLOB NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  CREATE TABLE fork (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, batch BLOB NOT NULL, received_at INTEGER NOT NULL,
    UNIQUE (terminal, epoch, seq)
  ) STRICT;
  ${["chain", "entry", "receipt", "fork"].map(refuseChanges).join("\n")}
  `,
  `
  ALTER TABLE fork ADD COLUMN hash BLOB;
  CREATE TABLE evidence (
    terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    cause TEXT NOT NULL, batch BLOB NOT NULL, received_at INTEGER NOT NULL,
    UNIQUE (terminal, epoch, seq, hash)
  ) STRICT;
  CREATE TABLE erasure (
    terminal TEXT NOT NULL, at INTEGER NOT NULL, cause TEXT NOT NULL, by TEXT NOT NULL, entries INTEGER NOT NULL
  ) STRICT;
  ${["evidence", "erasure"].map(refuseChanges).join("\n")}
  `,
  `
  ALTER TABLE fork ADD COLUMN entries INTEGER;
  ALTER TABLE fork ADD COLUMN overrides INTEGER;
  ALTER TABLE evidence ADD COLUMN entries INTEGER;
  ALTER TABLE evidence ADD COLUMN overrides INTEGER;
  CREATE INDEX fork_received ON fork (received_at, terminal, epoch, seq, entries, overrides);
  CREATE INDEX evidence_received ON evidence (received_at, terminal, epoch, seq, cause, entries, overrides);
  `,
];
