/**
 * What three thousand terminals wrote in thirty days, as it stands in a ledger: taps with their outcomes and what is
 * personal, refusals, overrides that answer them (a tenth of all, so that ten million entries have a queue of a million),
 * and here and there an entry that cannot be read. Made up, the same at every run, and written straight into the tables:
 * the hashes are of the entries, but no chain is computed, since none is looked at.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import type { Writable } from "node:stream";
import { createPostgresLedger } from "../../edge-server/adapters/ledger-postgres.ts";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import { toBase64url } from "../../shared/bytes.ts";
import type { Profile } from "../../shared/messages.ts";

export const terminals = 3000;
const sites = 150;
const days = 30;
const epoch = new Uint8Array(16).fill(1);
const salt = new Uint8Array(16);
const bound = toBase64url(new Uint8Array(32));
const unreadableEvery = 997;

export const nameOf = (terminal: number): string => `gate-${String(terminal).padStart(4, "0")}`;

export const profileOf = (terminal: number): Profile => ({
  ...{ service: "metro", action: terminal % 2 === 0 ? "entry" : "exit", programme: "fuzhou-moli" },
  ...{ site: `site-${terminal % sites}`, name: `Gate ${terminal}`, actuator: "simulated" },
});

type Row = {
  readonly terminal: string;
  readonly seq: number;
  readonly at: number;
  readonly kind: string | null;
  readonly text: string;
  readonly personal: string | null;
};

/** In the order of time, which is not that of any key. */
function* makeRows(entries: number, until: number): Iterable<Row> {
  const from = until - days * 86_400;
  for (let number = 0; number < entries; number++) {
    const terminal = number % terminals;
    const seq = Math.floor(number / terminals) + 1;
    const at = from + Math.floor((number / entries) * days * 86_400);
    yield { terminal: nameOf(terminal), seq, at, ...entryOf(terminal, seq, number, at) };
  }
}

/** Ten entries, over and over: what is let through, refused and overridden. */
const entryOf = (
  terminal: number,
  seq: number,
  number: number,
  at: number,
): Pick<Row, "kind" | "text" | "personal"> => {
  const head = `{"v":1,"at":${at},"boot":"b","clock":"device"`;
  const about = (before: number): string =>
    `"of":{"terminal":"${nameOf(terminal)}","epoch":"${toBase64url(epoch)}","seq":${seq - before}}`;
  const plain = (kind: string, rest: string) => ({ kind, text: `${head},"kind":"${kind}",${rest}}`, personal: null });
  if (seq === 1) return plain("started", `"app":"1.4.0","newEpoch":true`);
  if (number % unreadableEvery === 0) return { kind: null, text: `${head},`, personal: null };
  const decided = (result: string) => ({
    kind: "decided",
    text:
      `${head},"kind":"decided","request":{"service":"metro","action":"entry","programme":"fuzhou-moli",` +
      `"place":{"site":"site-${terminal % sites}"}},"reading":{"kind":"verified","form":"presentation","use":"citizen",` +
      `"programme":"fuzhou-moli"},"identity":"${number.toString(16).padStart(64, "0")}","issuedAt":${at},` +
      `"windowUntil":${at + 90},"knowledge":{"standing":2,"cuts":7,"checkedAt":{"trust":${at},"policy":${at},"list":${at}}},` +
      `"history":{"seenAt":null,"sameActionAt":null,"cardTaps":0},"artefacts":{"manifest":1,"policy":"${policy}","list":1},` +
      `"result":${result},"pseudonymKey":1,"personal":"${bound}"}`,
    personal: `{"pseudonym":"person-${String(number % 999_983).padStart(15, "0")}"}`,
  });
  const permit = (reason: string) =>
    decided(`{"effect":"permit","terms":${terms},"perk":null,"reason":"${reason}","owed":false}`);
  const acted = plain("acted", `${about(1)},"outcome":"completed"`);
  const entries = [
    ...[permit("perk"), acted, permit("ordinary"), acted, permit(terminal % 9 === 0 ? "list-stale" : "perk"), acted],
    ...[permit("ordinary"), acted, decided(`{"effect":"refer","reason":"replay"}`)],
    plain(
      "override",
      `${about(1)},"staff":["staff-${terminal % 40}"],"badges":[],"factor":"badge","reason":"lost-card","effect":"permit",` +
        `"terms":null,"perk":null,"service":"metro"`,
    ),
  ];
  return entries[(seq - 2) % entries.length] ?? acted;
};

const policy = "00".repeat(32);
const terms = `{"deposit":0,"priceFactor":900,"freeSeconds":1800,"loanSeconds":0,"itemsMax":0,"payLater":false,"greenChannel":false}`;
const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

export const fillSqlite = async (path: string, entries: number, until: number): Promise<void> => {
  await createSqliteLedger(path).close(); // the tables
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  database.exec("PRAGMA cache_size = -400000; BEGIN");
  const insertChain = database.prepare("INSERT INTO chain VALUES (?, ?, ?)");
  const insertEntry = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)");
  const insertPersonal = database.prepare("INSERT INTO personal VALUES (?, ?, ?, ?, ?)");
  for (const { terminal, seq, at, kind, text, personal } of makeRows(entries, until)) {
    if (seq === 1) insertChain.run(terminal, epoch, at);
    insertEntry.run(terminal, epoch, seq, hashOf(text), Buffer.from(text), kind === null ? null : at, kind, at);
    if (personal !== null) insertPersonal.run(terminal, epoch, seq, personal, salt);
  }
  database.exec("COMMIT");
  database.close();
};

/** By psql's COPY, into empty tables. */
export const fillPostgres = async (url: string, psql: string, entries: number, until: number): Promise<void> => {
  await (await createPostgresLedger(url)).close();
  const [chain, entry, personal] = (["chain", "entry", "personal"] as const).map((table) => copyInto(url, psql, table));
  if (chain === undefined || entry === undefined || personal === undefined) return;
  for (const row of makeRows(entries, until)) {
    const place = [row.terminal, byteaOf(epoch)];
    const at = row.kind === null ? "\\N" : row.at;
    if (row.seq === 1) await chain.write(...place, row.at);
    await entry.write(
      ...[...place, row.seq, byteaOf(hashOf(row.text)), byteaOf(row.text)],
      ...[at, row.kind ?? "\\N", row.at, "f"],
    );
    if (row.personal !== null) await personal.write(...place, row.seq, byteaOf(row.personal), byteaOf(salt));
  }
  for (const each of [chain, entry, personal]) await each.end();
  const analyze = spawn(psql, ["-qX", url, "-c", "VACUUM ANALYZE"], { stdio: "inherit" });
  await once(analyze, "close");
};

const byteaOf = (value: string | Uint8Array): string => `\\\\x${Buffer.from(value).toString("hex")}`;

const copyInto = (url: string, psql: string, table: string) => {
  const copy = spawn(psql, ["-qX", url, "-c", `\\copy ${table} from stdin`], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = once(copy, "close");
  const stdin: Writable = copy.stdin;
  let lines = "";
  const flush = async (): Promise<void> => {
    const isFull = !stdin.write(lines);
    lines = "";
    if (isFull) await once(stdin, "drain");
  };
  return {
    write: async (...cells: readonly (string | number)[]): Promise<void> => {
      lines += `${cells.join("\t")}\n`;
      if (lines.length > 1024 * 1024) await flush();
    },
    end: async (): Promise<void> => {
      await flush();
      stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(`COPY of ${table}: ${code}`);
    },
  };
};
