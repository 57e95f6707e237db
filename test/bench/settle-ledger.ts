/**
 * A city's month as it stands in a ledger: rides between gates and rented bikes, two taps each, with their outcomes and
 * what is personal; one tap in fifty was decided while our list was too old. Made up, the same at every run, and written
 * straight into the tables: no hash is computed, since none is looked at.
 */
import { execFile } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { createPostgresLedger } from "../../edge-server/adapters/ledger-postgres.ts";
import { migrations } from "../../edge-server/adapters/ledger-sqlite-schema.ts";
import { toBase64url } from "../../shared/bytes.ts";
import { createDraw } from "../list-sample.ts";

export type Rows = {
  readonly entry: (terminal: string, seq: number, at: number, kind: string, bytes: string) => void;
  readonly personal: (terminal: string, seq: number, text: string) => void;
};

export type Month = { readonly from: number; readonly policy: string; readonly signedPolicy: string };

const terminals = 400;
const tapsPerPerson = 10;
const salt = new Uint8Array(16);
export const epoch = new Uint8Array(16).fill(1);
const epochName = toBase64url(epoch);
const bound = toBase64url(new Uint8Array(32));

/** Journeys are written by the terminals where they began and ended, in the order of time. */
export const writeMonth = (rows: Rows, taps: number, { from, policy, signedPolicy }: Month): void => {
  const draw = createDraw(7);
  const seqs = new Map<string, number>();
  const people = Math.max(1, Math.floor(taps / tapsPerPerson));
  const pick = (below: number): number => Math.floor(draw() * below);
  const write = (terminal: string, at: number, kind: string, rest: string, personal: string | null): number => {
    const seq = (seqs.get(terminal) ?? 0) + 1;
    seqs.set(terminal, seq);
    const tail = personal === null ? "}" : `,"personal":"${bound}"}`;
    rows.entry(
      terminal,
      seq,
      at,
      kind,
      `{"v":1,"at":${at},"boot":"b","clock":"device","kind":"${kind}",${rest}${tail}`,
    );
    if (personal !== null) rows.personal(terminal, seq, personal);
    return seq;
  };
  for (let number = 0; number < terminals; number++) {
    write(
      nameOf(number),
      from,
      "installed",
      `"manifest":1,"policy":"${policy}","signedPolicy":"${signedPolicy}"`,
      null,
    );
  }

  const tap = (
    service: string,
    action: string,
    terminal: number,
    at: number,
    person: number | null,
    vehicle: number | null,
  ) => {
    const name = nameOf(terminal);
    const isOld = draw() < 0.02;
    const standing = person === null ? '"unknown"' : isOld ? '"none"' : String(1 + (person % 3));
    const verified = `{"kind":"verified","form":"presentation","use":"citizen","programme":"here"}`;
    const checkedAt = isOld ? at - 300_000 : at - 60;
    const code =
      person === null ? "" : `"identity":"${identityOf(at, person)}","issuedAt":${at},"windowUntil":${at + 90},`;
    const reason = person === null ? "no-code-needed" : isOld ? "list-stale" : "ordinary";
    const terms = `{"deposit":0,"priceFactor":900,"freeSeconds":1800,"loanSeconds":0,"itemsMax":0,"payLater":false,"greenChannel":false}`;
    const seq = write(
      name,
      at,
      "decided",
      `"request":{"service":"${service}","action":"${action}","programme":"here","place":{"site":"${siteOf(terminal)}"}},` +
        `"reading":${person === null ? '{"kind":"none"}' : verified},${code}` +
        `"knowledge":{"standing":${standing},"cuts":7,"checkedAt":{"trust":${at - 60},"policy":${at - 60},"list":${checkedAt}}},` +
        `"history":{"seenAt":null,"sameActionAt":null,"cardTaps":0},"artefacts":{"manifest":1,"policy":"${policy}","list":1},` +
        `"result":{"effect":"permit","terms":${terms},"perk":null,"reason":"${reason}","owed":${reason === "list-stale"}}` +
        (person === null ? "" : ',"pseudonymKey":1'),
      person === null ? null : `{"pseudonym":"${pseudonymOf(person)}"}`,
    );
    const of = `"of":{"terminal":"${name}","epoch":"${epochName}","seq":${seq}},"outcome":"completed"`;
    write(name, at + 2, "acted", of, vehicle === null ? null : `{"vehicle":"v-${vehicle}"}`);
  };

  for (let journey = 0; journey < taps / 2; journey++) {
    const at = from + Math.floor((journey / (taps / 2)) * 29 * 86_400);
    const person = pick(people);
    const isBike = draw() < 0.2;
    const [start, end] = isBike ? (["trip_start", "trip_end"] as const) : (["entry", "exit"] as const);
    const service = isBike ? "bike" : "metro";
    const vehicle = isBike ? journey : null;
    tap(service, start, pick(terminals), at, person, vehicle);
    tap(service, end, pick(terminals), at + 600 + pick(3000), isBike ? null : person, vehicle);
  }
};

/** Into a file of its own; returns how many entries. */
export const writeSqliteMonth = (path: string, taps: number, month: Month): number => {
  const database = new DatabaseSync(path);
  database.exec(
    "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000",
  );
  for (const migration of migrations) database.exec(migration);
  database.exec(`PRAGMA user_version = ${migrations.length}; BEGIN`);
  const insertEntry = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)");
  const insertPersonal = database.prepare("INSERT INTO personal VALUES (?, ?, ?, ?, ?)");
  const insertChain = database.prepare("INSERT INTO chain VALUES (?, ?, ?)");
  const hash = new Uint8Array(32);
  let entries = 0;
  writeMonth(
    {
      entry: (terminal, seq, at, kind, bytes) => {
        if (seq === 1) insertChain.run(terminal, epoch, at);
        insertEntry.run(terminal, epoch, seq, hash, Buffer.from(bytes), at, kind, at);
        entries += 1;
      },
      personal: (terminal, seq, text) => void insertPersonal.run(terminal, epoch, seq, text, salt),
    },
    taps,
    month,
  );
  database.exec("COMMIT");
  database.close();
  return entries;
};

/** Into empty tables, by psql's COPY from files in `folder`. */
export const copyPostgresMonth = async (
  url: string,
  psql: string,
  folder: string,
  taps: number,
  month: Month,
): Promise<void> => {
  await (await createPostgresLedger(url)).close(); // the tables
  const tables = ["chain", "entry", "personal"] as const;
  const files = tables.map((name) => ({ name, path: join(folder, name), lines: [] as string[], chars: 0 }));
  const flush = (file: (typeof files)[number]): void => {
    appendFileSync(file.path, file.lines.join(""));
    Object.assign(file, { lines: [], chars: 0 });
  };
  const write = (table: number, ...cells: readonly (string | number)[]): void => {
    const file = files[table];
    if (file === undefined) return;
    const line = `${cells.join("\t")}\n`;
    file.lines.push(line);
    file.chars += line.length;
    if (file.chars > 1024 * 1024) flush(file);
  };
  const byteaOf = (text: string | Uint8Array): string => `\\\\x${Buffer.from(text).toString("hex")}`;
  const [chain, hash, noSalt] = [byteaOf(epoch), byteaOf(new Uint8Array(32)), byteaOf(salt)];
  writeMonth(
    {
      entry: (terminal, seq, at, kind, bytes) => {
        if (seq === 1) write(0, terminal, chain, at);
        write(1, terminal, chain, seq, hash, byteaOf(bytes), at, kind, at, "f");
      },
      personal: (terminal, seq, text) => write(2, terminal, chain, seq, byteaOf(text), noSalt),
    },
    taps,
    month,
  );
  files.forEach(flush);
  const copies = files.flatMap(({ name, path }) => ["-c", `\\copy ${name} from '${path}'`]);
  await promisify(execFile)(psql, ["-qX1", url, ...copies, "-c", "ANALYZE"]);
};

const nameOf = (terminal: number): string => `gate-${String(terminal).padStart(4, "0")}`;
const siteOf = (terminal: number): string => ["east", "west", "north"][terminal % 3] ?? "east";
const pseudonymOf = (person: number): string => `person-${String(person).padStart(15, "0")}`;
const identityOf = (at: number, person: number): string =>
  `${at.toString(16).padStart(32, "0")}${person.toString(16).padStart(32, "0")}`;
