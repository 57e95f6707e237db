/**
 * What lies in the database alone, and power cuts of the worst kind: each leaves the database's newest file ending in zeros
 * (of cuts as they come, about one in six does). One disk is written on and cut again and again, and after each cut
 * there are two starts: the first reads up to the zeros and writes on, the second meets them in the middle of the file.
 *
 * The control starts without kiosk/adapters/old-log-file.ts. It has to lose.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStorePage, servePages } from "../browser/store-browser.ts";
import { endInZeros } from "./database-files.ts";
import { makeDisk, mountDisk } from "./disk.ts";
import { undoAtEnd } from "./leftovers.ts";
import { enrol, isEnrolled, openLogPage, writeOn } from "./log-page.ts";
import type { Row } from "./main.ts";

type Start = (disk: string, end: "killed" | "cut") => Promise<{ readonly disk: string; readonly isKept: boolean }>;

const slot = "torn";
const megabytes = 160;
const zerosMax = 2000;
const millisecondsMin = 300;
const millisecondsMax = 900;

export const tearDatabase = async (cuts: number): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-torn-"));
  const work = undoAtEnd(() => rmSync(folder, { recursive: true, force: true }));
  await buildStorePage(join(folder, "pages"));
  const pages = await servePages(join(folder, "pages"));
  try {
    const lostBare = await runArm(join(folder, "bare.img"), cuts, startAt(`${pages.url}/`, false));
    const lost = await runArm(join(folder, "kept.img"), cuts, startAt(`${pages.url}/`, true));
    const shown = (count: number) => `${cuts} cuts, the database lost after ${count}`;
    return [
      { part: "power", name: "a torn database file", found: shown(lost), goal: "0 lost", isKept: lost === 0 },
      { part: "power", name: "control, the file kept", found: shown(lostBare), goal: "loses", isKept: lostBare > 0 },
    ];
  } finally {
    pages.close();
    work.now();
  }
};

/** After how many cuts it was lost. */
const runArm = async (image: string, cuts: number, start: Start): Promise<number> => {
  makeDisk(image, megabytes);
  let { disk } = await start(image, "cut");
  let lost = 0;
  for (let cut = 1; cut <= cuts; cut++) {
    const first = await start(disk, "killed");
    const second = await start(first.disk, "cut");
    disk = second.disk;
    if (!first.isKept || !second.isKept) lost++;
  }
  rmSync(disk);
  return lost;
};

/** Looks for what was kept, keeps it anew where it is gone, and writes on until the end. */
const startAt =
  (url: string, isLeaving: boolean): Start =>
  async (image, end) => {
    const disk = mountDisk(image);
    const profileFolder = join(disk.mounted, "profile");
    mkdirSync(profileFolder, { recursive: true });
    let failure: string | null = null;
    const browser = await openLogPage(profileFolder, url, (text) => {
      if (!/^\d+ /.test(text)) failure = text;
    });
    const copy = `${image.replace(/(-\d+)*\.img$/, "")}-${Date.now()}.img`;
    let isKept = false;
    try {
      if (isLeaving) await browser.page.evaluate((name) => stores.leaveOldLogFile(name), slot);
      isKept = await browser.page.evaluate(isEnrolled, slot);
      if (!isKept) await browser.page.evaluate(enrol, slot);
      await browser.page.evaluate(writeOn, slot);
      await sleep(millisecondsMin + Math.random() * (millisecondsMax - millisecondsMin));
      if (failure !== null) throw new Error(`the log fails: ${failure}`);
      browser.stop();
      if (end === "cut") await disk.copyTo(copy);
    } finally {
      await browser.kill();
      await disk.unmount();
    }
    if (end === "killed") return { disk: image, isKept };
    rmSync(image);
    await tear(copy);
    return { disk: copy, isKept };
  };

const tear = async (image: string): Promise<void> => {
  const disk = mountDisk(image);
  endInZeros(join(disk.mounted, "profile"), 1 + Math.floor(Math.random() * zerosMax));
  await disk.unmount();
};

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
