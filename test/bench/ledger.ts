/**
 * What the ledger takes, with all its checks (the batch decoded, chained and judged, the ack signed, stored durably),
 * beside the same rows as they are, into the same tables. SQLite in a file as node:sqlite makes it, WAL and
 * `synchronous = FULL`: an insert, also in transactions of 500. PostgreSQL, where there is one: psql's COPY of everything in one transaction, from text made ready before. Best of a
 * few, taken in turns, on a machine that may have other things to do.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { createPostgresLedger } from "../../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import { migrations } from "../../edge-server/adapters/ledger-sqlite-schema.ts";
import type { Sender } from "../../edge-server/auth.ts";
import { createLogIntake } from "../../edge-server/log-intake.ts";
import type { Ledger } from "../../edge-server/ports.ts";
import { type Bytes, sha256, toHex, toUtf8 } from "../../shared/bytes.ts";
import type { Chain, Entry } from "../../shared/log.ts";
import { startPostgres } from "../postgres.ts";
import { drawKey, now } from "../sample.ts";
import { createTerminal, decidedTap } from "../world.ts";
import type { Row } from "./main.ts";

const terminalsMax = 4;
const batchesEach = 10;
const batchEntries = 500;
const rounds = 4;

export const measureIngest = async (): Promise<readonly Row[]> => {
  const sent = await writeBatches();
  const cluster = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), "greenlane-bench-"));
  let number = 0;
  const path = () => join(folder, `${++number}.sqlite`);
  try {
    const onSqlite = await bestOf([
      async () => ingest(createSqliteLedger(path()), sent),
      async () => insertRaw(path(), sent),
    ]);
    const rows = [rowOf("ingest on SQLite", onSqlite, "raw insert")];
    if (cluster === null) return rows;
    const onPostgres = await bestOf([
      async () => ingest(await createPostgresLedger(await cluster.addDatabase()), sent),
      async () => copyRaw(await cluster.addDatabase(), folder, cluster.psql, sent),
    ]);
    return [...rows, rowOf("ingest on PostgreSQL", onPostgres, "COPY")];
  } finally {
    rmSync(folder, { recursive: true });
    await cluster?.stop();
  }
};

type Sent = { readonly sender: Sender; readonly epoch: Bytes; readonly batches: readonly SentBatch[] };
type SentBatch = { readonly body: Bytes; readonly entries: readonly Entry[] };

const writeBatches = async (): Promise<readonly Sent[]> => {
  const policy = toHex(await sha256(toUtf8("a policy")));
  const sent: Sent[] = [];
  for (let number = 1; number <= terminalsMax; number++) {
    const key = await drawKey("P-256");
    const terminal = await createTerminal(`gate-${number}`, key);
    const batches: SentBatch[] = [];
    for (let from = 1; from <= batchesEach * batchEntries; from += batchEntries) {
      const to = from + batchEntries - 1;
      const identity = toHex(crypto.getRandomValues(new Uint8Array(32)));
      const seen = { identity, issuedAt: now, windowUntil: now + 90, pseudonymKey: 1 };
      for (let i = 0; i < batchEntries; i++) {
        await terminal.write({ ...decidedTap(policy), ...seen }, { pseudonym: identity.slice(0, 22) });
      }
      batches.push({ body: await terminal.batch(from, to), entries: terminal.entries.slice(from - 1, to) });
    }
    const row = { id: terminal.id, key: key.jwk, enrolledAt: now, revokedAt: null, lastSeenAt: null } as const;
    sent.push({ sender: { terminal: { ...row, profile }, key }, epoch: terminal.chain.epoch, batches });
  }
  return sent;
};

const profile = {
  service: "metro",
  action: "entry",
  programme: "here",
  site: "gate-1",
  name: "Gate",
  actuator: "simulated",
} as const;

/** Seconds that `ours` and its peer take. */
const bestOf = async ([ours, peer]: readonly [Timed, Timed]): Promise<readonly [number, number]> => {
  const best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    best[0] = Math.min(best[0], await ours());
    best[1] = Math.min(best[1], await peer());
  }
  return best;
};
type Timed = () => Promise<number>;

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
};

/** Every terminal sends one batch after another, all of them at once. */
const ingest = async (ledger: Ledger, sent: readonly Sent[]): Promise<number> => {
  const edgeKey = await drawKey();
  const takeBatch = createLogIntake(ledger, async () => edgeKey);
  const seconds = await secondsOf(() =>
    Promise.all(
      sent.map(async ({ sender, batches }) => {
        for (const { body } of batches) {
          const taken = await takeBatch(sender, async () => ({ value: body }), now);
          if (!("value" in taken) || taken.value.kind !== "acked") throw new Error("not taken");
        }
      }),
    ),
  );
  if ((await ledger.count()) !== countOf(sent)) throw new Error("not all of it");
  await ledger.close();
  return seconds;
};

const insertRaw = async (path: string, sent: readonly Sent[]): Promise<number> => {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  for (const migration of migrations) database.exec(migration);
  const insertEntry = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const insertPersonal = database.prepare("INSERT INTO personal VALUES (?, ?, ?, ?, ?)");
  const seconds = await secondsOf(async () => {
    for (const { terminal, epoch, entries } of batchesOf(sent)) {
      database.exec("BEGIN");
      for (const { seq, hash, bytes, personal } of entries) {
        insertEntry.run(terminal, epoch, seq, hash, bytes, now, "decided", now, 0);
        if (personal !== null) insertPersonal.run(terminal, epoch, seq, personal.text, personal.salt);
      }
      database.exec("COMMIT");
    }
  });
  database.close();
  return seconds;
};

const copyRaw = async (url: string, folder: string, psql: string, sent: readonly Sent[]): Promise<number> => {
  await (await createPostgresLedger(url)).close(); // the tables
  const [entries, personal] = [join(folder, "entries"), join(folder, "personal")];
  writeFileSync(entries, batchesOf(sent).flatMap(entryLines).join(""));
  writeFileSync(personal, batchesOf(sent).flatMap(personalLines).join(""));
  const copies = [`\\copy entry from '${entries}'`, `\\copy personal from '${personal}'`];
  const words = ["-qX1", url, ...copies.flatMap((copy) => ["-c", copy])];
  return secondsOf(() => promisify(execFile)(psql, words));
};

const entryLines = ({ terminal, epoch, entries }: RawBatch): readonly string[] =>
  entries.map(({ seq, hash, bytes }) =>
    lineOf(terminal, byteaOf(epoch), seq, byteaOf(hash), byteaOf(bytes), now, "decided", now, "f"),
  );
const personalLines = ({ terminal, epoch, entries }: RawBatch): readonly string[] =>
  entries.flatMap(({ seq, personal }) =>
    personal === null
      ? []
      : [lineOf(terminal, byteaOf(epoch), seq, byteaOf(toUtf8(personal.text)), byteaOf(personal.salt))],
  );
const lineOf = (...cells: readonly (string | number)[]): string => `${cells.join("\t")}\n`;
const byteaOf = (bytes: Uint8Array): string => `\\\\x${toHex(bytes)}`;

type RawBatch = Chain & { readonly entries: readonly Entry[] };
const batchesOf = (sent: readonly Sent[]): readonly RawBatch[] =>
  sent.flatMap(({ sender, epoch, batches }) =>
    batches.map(({ entries }) => ({ terminal: sender.terminal.id, epoch, entries })),
  );

const countOf = (sent: readonly Sent[]): number =>
  batchesOf(sent).reduce((count, { entries }) => count + entries.length, 0);

const goal = 0.5;
const entriesMeasured = terminalsMax * batchesEach * batchEntries;

const rowOf = (name: string, [ours, peer]: readonly [number, number], peerName: string): Row => {
  const [value, other] = [Math.round(entriesMeasured / ours), Math.round(entriesMeasured / peer)];
  const ratio = Math.round((100 * value) / other) / 100;
  const said = { part: "log", name, value, unit: "entries/s", peer: `${peerName}: ${other}`, ratio };
  return { ...said, goal: `ratio >= ${goal}`, met: ratio >= goal };
};
