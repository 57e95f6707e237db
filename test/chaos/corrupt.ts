/**
 * Files that are not what was written: bytes flipped, cut off, emptied, gone, or those of last week. One store of the
 * terminal at a time: it repairs itself from the others and has every entry. Both copies of the log: it begins a new epoch
 * and says so. And the server's ledger: nothing wrong is served, and a backup goes on.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sendFromTerminals } from "../bench/senders.ts";
import { buildStorePage, servePages } from "../browser/store-browser.ts";
import { createCity, succeed } from "../live-city.ts";
import { undoAtEnd } from "./leftovers.ts";
import { openLogPage, readAll, writeMore } from "./log-page.ts";
import type { Row } from "./main.ts";

/** Where Chromium keeps them, below the profile. */
const places = {
  IndexedDB: "Default/IndexedDB",
  OPFS: "Default/File System",
  "local storage": "Default/Local Storage",
} as const;
type Store = keyof typeof places;

/** To all files below a folder; `old` holds what it held before. */
const damages: Readonly<Record<string, (folder: string, old: string) => void>> = {
  "16 bytes flipped": (folder) => {
    for (const file of largest(folder)) flip(file, 16);
  },
  "cut off": (folder) => {
    for (const file of largest(folder)) truncateSync(file, Math.floor(statSync(file).size / 2));
  },
  emptied: (folder) => {
    for (const file of filesIn(folder)) truncateSync(file, 0);
  },
  deleted: (folder) => rmSync(folder, { recursive: true }),
  "an older copy": (folder, old) => {
    rmSync(folder, { recursive: true });
    cpSync(old, folder, { recursive: true });
  },
};

const slot = "corrupt";
const entriesBefore = 150;
const entriesAfter = 150;

export const corruptFiles = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-corrupt-"));
  const work = undoAtEnd(() => rmSync(folder, { recursive: true, force: true }));
  await buildStorePage(join(folder, "page"));
  const pages = await servePages(join(folder, "page"));
  try {
    const whole = await prepare(folder, `${pages.url}/`);
    const rows: Row[] = [];
    for (const store of Object.keys(places) as Store[]) {
      const wrong: string[] = [];
      for (const damage of Object.keys(damages)) {
        const { found, faults } = await meet(folder, `${pages.url}/`, [store], damage);
        const isWhole = !found.isNew && JSON.stringify(found.entries) === JSON.stringify(whole);
        if (!isWhole || faults.length > 0)
          wrong.push(`${damage}: ${faults.join("; ") || "not whole"} (${found.alarms})`);
        console.log(
          `corrupt: ${store}, ${damage}: ${isWhole ? "whole" : "LOST"} (${found.alarms.join("; ") || "no alarm"})`,
        );
      }
      rows.push(rowOf(store, wrong, "repairs itself, 0 lost"));
    }
    const wrong: string[] = [];
    for (const damage of Object.keys(damages)) {
      const { found, faults } = await meet(folder, `${pages.url}/`, ["IndexedDB", "OPFS"], damage);
      const isAnew = found.isNew && found.alarms.some((alarm) => alarm.startsWith("the log was lost"));
      // Flipped bytes may lie where each copy can be mended from the other.
      const isWhole = !found.isNew && JSON.stringify(found.entries) === JSON.stringify(whole);
      if ((!isAnew && !isWhole) || faults.length > 0)
        wrong.push(`${damage}: ${faults.join("; ") || "continued"} (${found.alarms})`);
      console.log(`corrupt: both copies, ${damage}: ${isAnew ? "a new epoch" : isWhole ? "whole" : "CONTINUED"}`);
    }
    rows.push(rowOf("both copies of the log at once", wrong, "a new epoch and an alarm, or whole"));
    return [...rows, await corruptLedger()];
  } finally {
    pages.close();
    work.now();
  }
};

const rowOf = (name: string, wrong: readonly string[], goal: string): Row => {
  for (const each of wrong) console.error(`${name}, ${each}`);
  const count = Object.keys(damages).length;
  return {
    part: "corrupt",
    name,
    found: `${count - wrong.length} of ${count} damages`,
    goal,
    isKept: wrong.length === 0,
  };
};

/** A profile with a log, and beside it the same as it was halfway. What is in the log. */
const prepare = async (folder: string, url: string): Promise<readonly (readonly [number, string])[]> => {
  const profile = join(folder, "whole");
  const run = async (count: number) => {
    const { page, kill } = await openLogPage(profile, url);
    await page.evaluate(
      async ([name, wanted]) => {
        const { log, stored } = await stores.openLog(name);
        await stores.fill(log, stored.head, wanted);
        await log.acknowledge(stored.head.seq + 50, 1000);
        await log.settled();
        // The mark is written a second later.
        await new Promise((resolve) => setTimeout(resolve, 1200));
      },
      [slot, count] as const,
    );
    await page.context().close();
    await kill();
  };
  await run(entriesBefore);
  cpSync(profile, join(folder, "old"), { recursive: true });
  await run(entriesAfter);
  const { page, kill } = await openLogPage(profile, url);
  const { entries } = await page.evaluate(readAll, slot);
  await page.context().close();
  await kill();
  return entries;
};

const meet = async (folder: string, url: string, damaged: readonly Store[], damage: string) => {
  const profile = join(folder, "damaged");
  cpSync(join(folder, "whole"), profile, { recursive: true });
  for (const store of damaged) damages[damage]?.(join(profile, places[store]), join(folder, "old", places[store]));
  const { page, kill } = await openLogPage(profile, url);
  try {
    const found = await page.evaluate(readAll, slot);
    const { faults } = await page.evaluate(writeMore, slot);
    return { found, faults: [...found.faults, ...faults] };
  } finally {
    await kill();
    rmSync(profile, { recursive: true, force: true });
  }
};

/** The SQLite file, whole and damaged. Either the server does not start, or the audit names what is wrong. */
const corruptLedger = async (): Promise<Row> => {
  const city = await createCity();
  const ending = undoAtEnd(() => {
    const id = city.serverProcess();
    if (id !== undefined) process.kill(id, "SIGKILL");
    rmSync(city.folder, { recursive: true, force: true });
  });
  await city.start();
  await sendFromTerminals(city, 2, 500);
  const backup = join(city.folder, "backup");
  await succeed(city, "backup", "--out", backup);
  await city.kill();
  await succeed(city, "ledger", "verify");
  const file = join(city.folder, "data", "ledger.sqlite");
  const whole = join(city.folder, "whole.sqlite");
  cpSync(file, whole);

  const ways: Readonly<Record<string, () => void>> = {
    "a byte of an entry flipped": () => {
      const bytes = readFileSync(file);
      const at = bytes.indexOf("xxxxxxxxxxxxxxxx", Math.floor(bytes.length / 2));
      bytes[at] = 0x79;
      writeFileSync(file, bytes);
    },
    "16 bytes flipped": () => flip(file, 16),
    "cut off": () => truncateSync(file, Math.floor(statSync(file).size / 2)),
    "its tail cut off": () => truncateSync(file, statSync(file).size - 200_000),
    "a part of its last page cut off": () => truncateSync(file, statSync(file).size - 100),
    garbage: () => writeFileSync(file, Buffer.alloc(10_000, 7)),
  };
  const unreadable = ["cut off", "its tail cut off", "garbage"];
  const wrong: string[] = [];
  for (const [name, damage] of Object.entries(ways)) {
    for (const end of ["-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
    cpSync(whole, file);
    damage();
    const { exitCode, out, err } = await city.greenlane("ledger", "verify");
    const said = `${out}${err}`.trim().split("\n").at(-1) ?? "";
    console.log(`corrupt: ledger, ${name}: ${exitCode === 0 ? "NOT SAID" : said}`);
    if (exitCode === 0) wrong.push(`${name}: nothing is said`);
    if (!unreadable.includes(name)) continue;
    const isStarted = await city.start().then(
      () => true,
      () => false,
    );
    await city.kill();
    if (isStarted) wrong.push(`${name}: the server starts on it`);
  }

  rmSync(join(city.folder, "data"), { recursive: true });
  await succeed(city, "restore", backup);
  await city.start();
  await sendFromTerminals(city, 1, 100);
  const audit = await city.greenlane("ledger", "verify");
  if (audit.exitCode !== 0) wrong.push(`restored from its backup: ${audit.out}${audit.err}`);
  await city.close();
  ending.now();
  for (const each of wrong) console.error(each);
  const count = Object.keys(ways).length + 1;
  return {
    part: "corrupt",
    name: "the ledger's file (SQLite), and its backup",
    found: `${count - wrong.length} of ${count} said or restored`,
    goal: "said; a backup goes on",
    isKept: wrong.length === 0,
  };
};

const flip = (file: string, count: number): void => {
  const bytes = readFileSync(file);
  for (let each = 0; each < count; each++) {
    const at = Math.floor(Math.random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
  }
  writeFileSync(file, bytes);
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));

/** Where what matters is. */
const largest = (folder: string): readonly string[] =>
  filesIn(folder)
    .toSorted((a, b) => statSync(b).size - statSync(a).size)
    .slice(0, 1);
