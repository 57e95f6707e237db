/**
 * The console as an operator has it before them, over three thousand terminals and ten million entries (`--entries`), on
 * SQLite and on PostgreSQL: the real server, the real page in Chromium, nothing remembered by the browser. Beside the first
 * view is that of a city without a terminal or an entry, beside a tap's way to the screen the bare answer to its terminal.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SigningKey } from "../../shared/keys.ts";
import { type City, succeed } from "../live-city.ts";
import { startPostgres } from "../postgres.ts";
import { type Founded, foundCity, openCity } from "./console-city.ts";
import { nameOf, terminals } from "./console-ledger.ts";
import { type ConsolePage, openConsole } from "./console-page.ts";
import { createTapper } from "./console-tapper.ts";
import type { Row } from "./main.ts";

export const usualEntries = 10_000_000;
const goal = 1000;
const firstViews = 9;
const turns = 5;
const pages = 20;
const taps = 10;

export const measureConsole = async (entries: number): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-bench-"));
  const cluster = await startPostgres(["max_wal_size=8GB"]);
  try {
    return await measureCity(await foundCity(folder, entries, cluster));
  } finally {
    await cluster?.stop();
    rmSync(folder, { recursive: true });
  }
};

/** One server after another: they would take each other's time. */
export const measureCity = async ({ counted, entries, key, empty, sqlite, postgres }: Founded) => {
  const about = `${terminals} terminals, ${entries} entries`;
  const nothing = await measureEmpty(empty);
  const measure = (folder: string, on: string, more: Readonly<Record<string, string>> = {}) =>
    withCity(folder, more, async (city) => {
      const console = await openAs(city);
      try {
        const all = [await measureTaps(console, city.url, key), ...(await measureViews(console, nothing))];
        return all.map((row) => ({ ...row, name: `${row.name}, ${on}` }));
      } finally {
        await console.close();
      }
    });
  const rows: Row[] = [rowOf("entries counted a second, when a server begins anew", counted, null, "/s")];
  rows.push(...(await measure(sqlite, `${about}, SQLite`)));
  if (postgres === null) return rows;
  const database = { DATABASE_URL: postgres.url };
  rows.push(...(await measure(postgres.folders[0], `${about}, PostgreSQL`, database)));
  const [first, second] = postgres.folders;
  const across = await withCity(first, database, (tapped) =>
    withCity(second, database, async (watched) => {
      const console = await openAs(watched);
      try {
        return await measureTaps(console, tapped.url, key);
      } finally {
        await console.close();
      }
    }),
  );
  rows.push({ ...across, name: `${across.name} of another server, ${about}, PostgreSQL` });
  return rows;
};

const withCity = async <T>(
  folder: string,
  more: Readonly<Record<string, string>>,
  work: (city: City) => Promise<T>,
): Promise<T> => {
  const city = await openCity(folder, more);
  try {
    await city.start();
    return await work(city);
  } finally {
    await city.close();
  }
};

const openAs = async (city: City): Promise<ConsolePage> => {
  const made = await succeed(city, "operator", "add", "lin.mei", "--role", "administrator", "--json");
  return openConsole((JSON.parse(made) as { readonly link: string }).link);
};

const measureEmpty = (folder: string): Promise<number> =>
  withCity(folder, {}, async (city) => {
    const console = await openAs(city);
    try {
      return middleOf(await repeat(firstViews, console.openFirstView));
    } finally {
      await console.close();
    }
  });

const measureViews = async (console: ConsolePage, empty: number): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  const views = await repeat(firstViews, console.openFirstView);
  const middle = middleOf(views);
  const peer = { peer: `empty city: ${Math.round(empty)}`, ratio: Math.round((100 * middle) / empty) / 100 };
  rows.push({ ...rowOf("first view, p50", middle), ...peer });
  rows.push(rowOf("first view, p95", lateOf(views)));

  for (const [view, selector] of Object.entries(shown)) {
    const taken: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      await console.turnTo("passkeys", "form");
      taken.push(await console.turnTo(view, selector));
    }
    rows.push(rowOf(`${view}: the first time`, taken[0] ?? Number.NaN), rowOf(`${view}, p95`, lateOf(taken)));
  }

  await console.turnTo("live", "tbody tr");
  const code = await console.page.locator("main tbody button").first().innerText();
  rows.push(
    rowOf("live: the next page, p95", lateOf(await repeat(pages, () => console.press("main .next-page", "tbody tr")))),
  );
  await console.turnTo("overrides", "tbody tr");
  rows.push(
    rowOf(
      "overrides: the next page, p95",
      lateOf(await repeat(pages, () => console.press("main .next-page", "tbody tr"))),
    ),
  );
  rows.push(rowOf("overrides: the evidence", await console.press("tbody button", "section.card")));
  rows.push(rowOf("overrides: reviewed", await console.press("main .field .row button:first-of-type", "tbody tr")));
  await console.turnTo("receipt", "form");
  await console.page.locator("main input").fill(code);
  rows.push(rowOf("receipt: found", await console.press("main button[type=submit]", "section.card")));
  for (const path of ["transactions", "overrides"]) {
    rows.push(rowOf(`${path}: the middle of all`, await askMiddle(console, path), null));
  }
  await console.turnTo("exports", "button");
  rows.push(rowOf("exports: begun", await console.press("main button.main-button", "progress")));
  rows.push(rowOf("first view while an export is made, p95", lateOf(await repeat(firstViews, console.openFirstView))));
  return rows;
};

/** What each view shows once it is drawn. */
const shown = {
  live: "tbody tr",
  overrides: "tbody tr",
  quarantine: "tbody tr",
  figures: ".figures svg",
  operators: "tbody tr",
  terminals: "tbody tr",
} as const;

/** A page in the middle of the table, which no button leads to at once. */
const askMiddle = (console: ConsolePage, path: string): Promise<number> =>
  console.page.evaluate(async (asked) => {
    const first = await (await fetch(`/v1/admin/${asked}`)).json();
    const startedAt = performance.now();
    const answer = await fetch(`/v1/admin/${asked}?before=${Math.floor(first.rows[0].number / 2)}`);
    await answer.json();
    return performance.now() - startedAt;
  }, path);

/** From before the entry is signed until its code stands on the screen. */
const measureTaps = async (console: ConsolePage, url: string, key: SigningKey): Promise<Row> => {
  await console.turnTo("live", "[data-live=true]");
  const terminal = await createTapper(url, nameOf(0), key);
  const [seen, answered]: [number[], number[]] = [[], []];
  for (let number = 0; number < taps; number++) {
    const startedAt = performance.now();
    const { code, handIn } = await terminal.tap();
    const isShown = console.waitForText("live", code).then(() => performance.now() - startedAt);
    await handIn();
    answered.push(performance.now() - startedAt);
    seen.push(await isShown);
  }
  const [value, peer] = [lateOf(seen), lateOf(answered)];
  return {
    ...rowOf("a tap in the live view, p95", value),
    peer: `acked: ${Math.round(peer)}`,
    ratio: rounded(value / peer),
  };
};

const repeat = async (times: number, work: () => Promise<number>): Promise<readonly number[]> => {
  const all: number[] = [];
  for (let number = 0; number < times; number++) all.push(await work());
  return all;
};

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
/** p95; of so few, the last but none. */
const lateOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1] ?? Number.NaN;
const rounded = (value: number): number => Math.round(100 * value) / 100;

const rowOf = (name: string, value: number, most: number | null = goal, unit = "ms"): Row => ({
  ...{ part: "console", name, value: Math.round(value), unit, peer: null, ratio: null },
  goal: most === null ? null : `<= ${most}`,
  met: most === null ? null : value <= most,
});
