/**
 * The survey on SQLite. Counting is one transaction a part: what was counted and how far it came are never apart. A power
 * cut may lose the newest of it (`synchronous = NORMAL`), which is then counted again.
 */
import * as v from "valibot";
import type { OverrideRow } from "../../shared/admin.ts";
import { fromBase64url, toBase64url } from "../../shared/bytes.ts";
import { type HealthReport, healthReport } from "../../shared/health.ts";
import type { Chain } from "../../shared/log.ts";
import { fromRef, refText } from "../entry-ref.ts";
import { daySeconds, hourSeconds, type Latest, type OddRun, type OverrideState, type SurveyStore } from "../survey.ts";
import type { SeenEntry, SeenOverride } from "../survey-reading.ts";
import { atomically, blobOf, openSqlite } from "./sqlite.ts";

export const createSqliteSurvey = (path: string): SurveyStore => {
  const database = openSqlite(path, migrations);
  database.exec("PRAGMA synchronous = NORMAL");
  const prepare = (sql: string) => database.prepare(sql);
  const selectChain = prepare("SELECT id, seq FROM chains WHERE terminal = ? AND epoch = ?");
  const insertChain = prepare("INSERT INTO chains (terminal, epoch, lead, seq) VALUES (?, ?, ?, 0) RETURNING id, seq");
  const raiseChain = prepare("UPDATE chains SET seq = ? WHERE id = ?");
  const selectLed = prepare("SELECT terminal, epoch FROM chains WHERE lead = ?");
  const selectLastRun = prepare("SELECT first, count FROM runs ORDER BY first DESC LIMIT 1");
  const insertRun = prepare("INSERT INTO runs VALUES (?, ?, ?, ?)");
  const selectRuns = prepare(`
    SELECT first, count, from_seq, terminal, epoch FROM runs JOIN chains ON chains.id = runs.chain
    WHERE first < ? ORDER BY first DESC LIMIT ?`);
  const addHour = prepare(`
    INSERT INTO hours VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count`);
  const selectHours = prepare("SELECT * FROM hours WHERE hour >= ? ORDER BY hour, service, word");
  const addDay = prepare(`
    INSERT INTO days VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET permits = permits + excluded.permits, technical = technical + excluded.technical`);
  const selectDays = prepare(`
    SELECT terminal, sum(permits) AS permits, sum(technical) AS technical FROM days WHERE day >= ? GROUP BY terminal`);
  const upsertLatest = prepare(`
    INSERT INTO latest VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET at = max(at, excluded.at),
      app = coalesce(excluded.app, app), manifest = coalesce(excluded.manifest, manifest),
      mode = coalesce(excluded.mode, mode)`);
  const selectLatest = prepare("SELECT * FROM latest");
  const insertOverride = prepare("INSERT INTO overrides VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const selectOverrides = prepare("SELECT * FROM overrides WHERE number < ? ORDER BY number DESC LIMIT ?");
  const selectInState = prepare("SELECT * FROM overrides WHERE state = ? AND number < ? ORDER BY number DESC LIMIT ?");
  const countOpen = prepare("SELECT count(*) AS count FROM overrides WHERE state = 'open'");
  const updateState = prepare("UPDATE overrides SET state = ? WHERE terminal = ? AND epoch = ? AND seq = ?");
  const selectVerdict = prepare("SELECT verdict FROM verdicts WHERE terminal = ? AND epoch = ? AND seq = ?");
  const upsertVerdict = prepare(
    "INSERT INTO verdicts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET verdict = excluded.verdict",
  );
  const selectFrom = prepare("SELECT * FROM overrides WHERE at BETWEEN ? AND ? ORDER BY at LIMIT ?");
  const selectUpTo = prepare("SELECT * FROM overrides WHERE at BETWEEN ? AND ? ORDER BY at DESC LIMIT ?");
  const insertOdd = prepare("INSERT INTO odd VALUES (?, ?, ?, ?, ?, ?, ?)");
  const selectOdd = prepare("SELECT * FROM odd ORDER BY number DESC LIMIT ?");
  const sumOdd = prepare("SELECT cause, count(*) AS runs, sum(entries) AS entries FROM odd GROUP BY cause");
  const upsertHealth = prepare(`
    INSERT INTO health VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, report = excluded.report`);
  const selectHealth = prepare("SELECT * FROM health");

  const lastNumber = (): number => {
    const run = selectLastRun.get();
    return run === undefined ? 0 : Number(run.first) + Number(run.count) - 1;
  };

  const addOverride = (number: number, chain: Chain, seen: SeenEntry, override: SeenOverride, state: OverrideState) => {
    const { kind, effect, reason, factor, staff, answers } = override;
    const place = [chain.terminal, chain.epoch, seen.seq] as const;
    const said = [
      kind,
      effect,
      reason,
      factor,
      JSON.stringify(staff),
      answers === null ? null : refText(answers),
    ] as const;
    insertOverride.run(number, ...place, seen.at, ...said, state);
  };

  const addSums = (terminal: string, entries: readonly SeenEntry[]): void => {
    const hours = new Map<string, number>();
    const days = new Map<number, { permits: number; technical: number }>();
    for (const { at, service, word, count } of entries) {
      const hour = [at - (at % hourSeconds), service, word].join(" ");
      hours.set(hour, (hours.get(hour) ?? 0) + count);
      if (word !== "perk" && word !== "ordinary" && word !== "technical") continue;
      const day = at - (at % daySeconds);
      const sum = days.get(day) ?? { permits: 0, technical: 0 };
      days.set(day, { permits: sum.permits + count, technical: sum.technical + (word === "technical" ? count : 0) });
    }
    for (const [key, count] of hours) {
      const [hour, service, word] = key.split(" ");
      addHour.run(Number(hour), service ?? "", word ?? "", count);
    }
    for (const [day, { permits, technical }] of days) addDay.run(day, terminal, permits, technical);
  };

  const noteLatest = (terminal: string, entries: readonly SeenEntry[]): void => {
    const newest = (read: (entry: SeenEntry) => string | number | null) =>
      entries.findLast((entry) => read(entry) !== null);
    const at = Math.max(...entries.map((entry) => entry.at));
    const app = newest(({ started }) => started)?.started ?? null;
    const manifest = newest((entry) => entry.manifest)?.manifest ?? null;
    upsertLatest.run(terminal, at, app, manifest, newest(({ mode }) => mode)?.mode ?? null);
  };

  const noteOdd = (first: number, { terminal, epoch }: Chain, entries: readonly SeenEntry[]): void => {
    for (let from = 0; from < entries.length; ) {
      const cause = entries[from]?.odd ?? null;
      const end = entries.findIndex((entry, index) => index > from && entry.odd !== cause);
      const to = end < 0 ? entries.length : end;
      const { seq, receivedAt } = entries[from] ?? { seq: 0, receivedAt: 0 };
      if (cause !== null) insertOdd.run(first + from, terminal, epoch, seq, cause, to - from, receivedAt);
      from = to;
    }
  };

  const overrideOf = (row: Row): OverrideRow => ({
    number: Number(row.number),
    of: { terminal: String(row.terminal), epoch: toBase64url(blobOf(row.epoch)), seq: Number(row.seq) },
    at: Number(row.at),
    kind: String(row.kind),
    effect: String(row.effect),
    reason: String(row.reason),
    reasonName: null,
    factor: String(row.factor),
    staff: JSON.parse(String(row.staff)) as string[],
    answers: row.answers === null ? null : fromRef(String(row.answers)),
    site: null,
    state: row.state as OverrideState,
    patterns: [],
  });

  /** As read last: of three thousand, most say the same as a moment ago, or have not been heard of since. */
  const reports = new Map<string, { readonly text: string; readonly report: HealthReport | null }>();

  return {
    seqOf: ({ terminal, epoch }) => Number(selectChain.get(terminal, epoch)?.seq ?? 0),
    add: (chain, lead, entries) =>
      atomically(database, () => {
        const { terminal, epoch } = chain;
        const row = selectChain.get(terminal, epoch) ?? insertChain.get(terminal, epoch, lead);
        const [id, seq] = [Number(row?.id), Number(row?.seq)];
        if (entries.some((entry, index) => entry.seq !== seq + 1 + index)) {
          throw new Error(`the entries do not follow ${seq}`);
        }
        const first = lastNumber() + 1;
        insertRun.run(first, id, seq + 1, entries.length);
        addSums(terminal, entries);
        noteLatest(terminal, entries);
        noteOdd(first, chain, entries);
        for (const [index, seen] of entries.entries()) {
          if (seen.override === null) continue;
          const state = (selectVerdict.get(terminal, epoch, seen.seq)?.verdict ?? "open") as OverrideState;
          addOverride(first + index, chain, seen, seen.override, state);
        }
        raiseChain.run(seq + entries.length, id);
        return first;
      }),
    count: lastNumber,
    arrivals: (before, rowsMax) =>
      selectRuns
        .all(before, rowsMax)
        .flatMap((row) => {
          const [first, count, fromSeq] = [Number(row.first), Number(row.count), Number(row.from_seq)];
          const chain = chainOf(row);
          const above = Math.min(count, before - first);
          return Array.from({ length: Math.min(above, rowsMax) }, (_, index) => {
            const offset = above - 1 - index;
            return { ...chain, number: first + offset, seq: fromSeq + offset };
          });
        })
        .slice(0, rowsMax),
    chainsWith: (lead) => selectLed.all(lead).map(chainOf),
    hours: (from) =>
      selectHours.all(from).map((row) => ({
        hour: Number(row.hour),
        service: String(row.service),
        word: String(row.word),
        count: Number(row.count),
      })),
    days: (from) =>
      selectDays.all(from).map((row) => ({
        terminal: String(row.terminal),
        permits: Number(row.permits),
        technical: Number(row.technical),
      })),
    latest: () => selectLatest.all().map(latestOf),
    overrides: (state, before, rowsMax) =>
      (state === null ? selectOverrides.all(before, rowsMax) : selectInState.all(state, before, rowsMax)).map(
        overrideOf,
      ),
    overridesUpTo: (at, from, rowsMax) => selectUpTo.all(from, at, rowsMax).map(overrideOf),
    overridesFrom: (at, until, rowsMax) => selectFrom.all(at, until, rowsMax).map(overrideOf),
    openOverrides: () => Number(countOpen.get()?.count),
    odd: (rowsMax) =>
      selectOdd.all(rowsMax).map((row) => ({
        ...chainOf(row),
        number: Number(row.number),
        seq: Number(row.seq),
        cause: row.cause as OddRun["cause"],
        entries: Number(row.entries),
        receivedAt: Number(row.received_at),
      })),
    oddSums: () =>
      sumOdd.all().map((row) => ({
        cause: row.cause as OddRun["cause"],
        runs: Number(row.runs),
        entries: Number(row.entries),
      })),
    putVerdict: ({ terminal, epoch, seq }, verdict) =>
      atomically(database, () => {
        const place = [terminal, fromBase64url(epoch) ?? new Uint8Array(0), seq] as const;
        upsertVerdict.run(...place, verdict);
        updateState.run(verdict, ...place);
      }),
    health: () =>
      selectHealth.all().flatMap((row) => {
        const [terminal, at, text] = [String(row.terminal), Number(row.at), String(row.report)];
        const before = reports.get(terminal);
        if (before?.text !== text) reports.set(terminal, { text, report: readReport(text) });
        const report = reports.get(terminal)?.report ?? null;
        return report === null ? [] : [{ terminal, at, report }];
      }),
    putHealth: ({ terminal, at, report }) => void upsertHealth.run(terminal, at, JSON.stringify(report)),
    clear: () =>
      atomically(database, () => {
        for (const table of counted) database.exec(`DELETE FROM ${table}`);
      }),
    close: () => database.close(),
  };
};

const counted = ["runs", "hours", "days", "latest", "overrides", "odd", "chains"] as const;

const migrations = [
  `CREATE TABLE chains (
     id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, epoch BLOB NOT NULL, lead INTEGER NOT NULL, seq INTEGER NOT NULL,
     UNIQUE (terminal, epoch)) STRICT;
   CREATE INDEX chains_lead ON chains (lead);
   CREATE TABLE runs (
     first INTEGER PRIMARY KEY, chain INTEGER NOT NULL, from_seq INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
   CREATE TABLE hours (
     hour INTEGER NOT NULL, service TEXT NOT NULL, word TEXT NOT NULL, count INTEGER NOT NULL,
     PRIMARY KEY (hour, service, word)) STRICT, WITHOUT ROWID;
   CREATE TABLE days (
     day INTEGER NOT NULL, terminal TEXT NOT NULL, permits INTEGER NOT NULL, technical INTEGER NOT NULL,
     PRIMARY KEY (day, terminal)) STRICT, WITHOUT ROWID;
   CREATE TABLE latest (
     terminal TEXT PRIMARY KEY, at INTEGER NOT NULL, app TEXT, manifest INTEGER, mode TEXT) STRICT, WITHOUT ROWID;
   CREATE TABLE overrides (
     number INTEGER PRIMARY KEY, terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
     kind TEXT NOT NULL, effect TEXT NOT NULL, reason TEXT NOT NULL, factor TEXT NOT NULL, staff TEXT NOT NULL,
     answers TEXT, state TEXT NOT NULL, UNIQUE (terminal, epoch, seq)) STRICT;
   CREATE INDEX overrides_state ON overrides (state, number);
   CREATE INDEX overrides_at ON overrides (at);
   CREATE TABLE odd (
     number INTEGER PRIMARY KEY, terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, cause TEXT NOT NULL,
     entries INTEGER NOT NULL, received_at INTEGER NOT NULL) STRICT;
   CREATE TABLE health (terminal TEXT PRIMARY KEY, at INTEGER NOT NULL, report TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE verdicts (
     terminal TEXT NOT NULL, epoch BLOB NOT NULL, seq INTEGER NOT NULL, verdict TEXT NOT NULL,
     PRIMARY KEY (terminal, epoch, seq)) STRICT, WITHOUT ROWID`,
] as const;

type Row = { readonly [column: string]: unknown };

const readReport = (text: string): HealthReport | null => {
  const read = v.safeParse(healthReport, JSON.parse(text));
  return read.success ? read.output : null;
};

const chainOf = (row: Row): Chain => ({ terminal: String(row.terminal), epoch: blobOf(row.epoch) });

const latestOf = (row: Row): Latest => ({
  terminal: String(row.terminal),
  at: Number(row.at),
  app: row.app === null ? null : String(row.app),
  manifest: row.manifest === null ? null : Number(row.manifest),
  mode: row.mode === null ? null : String(row.mode),
});
