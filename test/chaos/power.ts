/**
 * Power cuts. A real Chromium writes the terminal's log to a disk of its own, and each entry is claimed, as a gate would
 * open, once `append` resolved. At random moments everything stands still and the disk is copied as it is: what waits in
 * memory is lost, as at a power cut. Each copy is then a disk that comes back: what was claimed before the cut has to be
 * there, unaltered, in one chain that goes on. The last disk that came back is written on in the next round.
 *
 * The control does the same with a log that is never flushed. It has to lose; an experiment in which it does not shows nothing.
 *
 * `cutAtNewFile` does it at moments that are not random: a little after the database has begun another of its files, before
 * the one before is all on the disk (store-log.ts). Its control believes the database: an entry in one transaction, its head.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStorePage, servePages } from "../browser/store-browser.ts";
import { type Careless, withoutFlush, withoutRepeat } from "./careless.ts";
import { logFilesIn } from "./database-files.ts";
import { makeDisk, mountDisk } from "./disk.ts";
import { undoAtEnd } from "./leftovers.ts";
import { openLogPage, readAll, writeMore, writeOn } from "./log-page.ts";
import type { Row } from "./main.ts";

export type Arm = {
  readonly cuts: number;
  readonly claimed: number;
  readonly lost: number;
  readonly cutsThatLost: number;
};

type Found = {
  readonly isNew: boolean;
  readonly ackedSeq: number;
  /** seq -> hash and what is personal. */
  readonly entries: ReadonlyMap<number, string>;
  readonly faults: readonly string[];
  readonly alarms: readonly string[];
};
/** `upTo`: the newest entry that was claimed before the power went. */
type Cut = { readonly image: string; readonly upTo: number };
/** `claims` begin with those that were there before, `wroteOn` of them. */
type Round = { readonly claims: ReadonlyMap<number, string>; readonly wroteOn: number; readonly cuts: readonly Cut[] };

/** Resolves when the power is to be cut. */
type Moment = (profileFolder: string) => Promise<void>;

const slot = "power";
const megabytes = 160;
const cutsARound = 10;
const millisecondsBetweenMax = 600;
const newFileSecondsMax = 60;
const behindMillisecondsMax = 3;
const profileOn = (mounted: string): string => join(mounted, "profile");

export const cutPower = (cuts: number): Promise<readonly Row[]> =>
  compare("power", withoutFlush(), Math.max(2, Math.ceil(cuts / 10)), cuts, anyTime, [
    "the log as it is",
    "control, never flushed",
  ]);

export const cutAtNewFile = (cuts: number): Promise<readonly Row[]> =>
  compare("switch", withoutRepeat(), cuts, cuts, aNewFile, ["the log as it is", "control, the database believed"]);

const anyTime: Moment = () => sleep(Math.random() * millisecondsBetweenMax);

const aNewFile: Moment = async (profileFolder) => {
  const before = new Set(logFilesIn(profileFolder));
  const until = Date.now() + newFileSecondsMax * 1000;
  // Asked again and again: whoever waits to be told is told too late.
  while (logFilesIn(profileFolder).every((name) => before.has(name))) {
    if (Date.now() > until) throw new Error("the database begins no other file");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await sleep(Math.random() * behindMillisecondsMax);
};

const compare = async (
  part: string,
  careless: Careless,
  controlCuts: number,
  cuts: number,
  moment: Moment,
  [name, controlName]: readonly [string, string],
): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-power-"));
  const work = undoAtEnd(() => rmSync(folder, { recursive: true, force: true }));
  await buildStorePage(join(folder, "pages/careful"), "/careful/");
  await buildStorePage(join(folder, "pages/careless"), "/careless/", [careless.plugin]);
  if (!careless.isComplete()) throw new Error("the control's page was not fitted: see test/chaos/careless.ts");
  const pages = await servePages(join(folder, "pages"));
  try {
    const control = await runArm(folder, `${pages.url}/careless/`, controlCuts, moment, "control");
    const strict = await runArm(folder, `${pages.url}/careful/`, cuts, moment, "as it is");
    return [
      { part, name, found: shownOf(strict), goal: "0 lost", isKept: strict.cutsThatLost === 0 },
      { part, name: controlName, found: shownOf(control), goal: "loses", isKept: control.cutsThatLost > 0 },
    ];
  } finally {
    pages.close();
    work.now();
  }
};

const runArm = async (
  folder: string,
  url: string,
  cuts: number,
  moment: Moment,
  name: "as it is" | "control",
): Promise<Arm> => {
  let disk = join(folder, `${name.replaceAll(" ", "-")}.img`);
  makeDisk(disk, megabytes);
  let before: ReadonlyMap<number, string> = new Map();
  let arm: Arm = { cuts: 0, claimed: 0, lost: 0, cutsThatLost: 0 };
  while (arm.cuts < cuts) {
    const round = await writeAndCut(disk, url, Math.min(cutsARound, cuts - arm.cuts), moment, before);
    rmSync(disk);
    const lost = new Set<string>();
    for (const [number, { image, upTo }] of round.cuts.entries()) {
      const { found, after } = await bringBack(image, url);
      const missed = missedIn(found, round.claims, upTo);
      if (missed.length > 0 && name !== "control") {
        console.error(`cut ${arm.cuts + number + 1}: ${missed.slice(0, 5).join("; ")} (${found.alarms.join("; ")})`);
      }
      for (const each of missed) lost.add(each);
      arm = { ...arm, cutsThatLost: arm.cutsThatLost + (missed.length > 0 ? 1 : 0) };
      if (number < round.cuts.length - 1) rmSync(image);
      else [disk, before] = [image, after];
    }
    const claimed = arm.claimed + round.claims.size - round.wroteOn;
    arm = { ...arm, cuts: arm.cuts + round.cuts.length, claimed, lost: arm.lost + lost.size };
    console.log(`power, ${name}: ${shownOf(arm)} (of ${cuts} cuts)`);
  }
  rmSync(disk);
  return arm;
};

const shownOf = ({ cuts, claimed, lost, cutsThatLost }: Arm): string =>
  `${cuts} cuts, ${claimed} entries claimed, ${lost} lost in ${cutsThatLost} cuts`;

/** Writes on the disk, and copies it as many times as power is cut. */
const writeAndCut = async (
  image: string,
  url: string,
  count: number,
  moment: Moment,
  before: ReadonlyMap<number, string>,
): Promise<Round> => {
  const disk = mountDisk(image);
  const profileFolder = profileOn(disk.mounted);
  mkdirSync(profileFolder, { recursive: true });
  const claims = new Map(before);
  const cuts: Cut[] = [];
  let failure: string | null = null;
  const browser = await openLogPage(profileFolder, url, (text) => {
    const [, seq, content] = /^(\d+) (.*)$/s.exec(text) ?? [];
    if (content === undefined) failure = text;
    else claims.set(Number(seq), content);
  });
  try {
    await browser.page.evaluate(writeOn, slot);
    for (let number = 1; number <= count; number++) {
      await moment(profileFolder);
      if (failure !== null) throw new Error(`the log fails: ${failure}`);
      const copy = `${image.replace(/(-\d+)*\.img$/, "")}-${Date.now()}.img`;
      browser.stop();
      await disk.copyTo(copy);
      await allHeard(claims);
      cuts.push({ image: copy, upTo: Math.max(0, ...claims.keys()) });
      browser.goOn();
    }
  } finally {
    await browser.kill();
    await disk.unmount();
  }
  return { claims, wroteOn: before.size, cuts };
};

/** Of what was claimed before everything stood still, some is still on its way here. */
const allHeard = async (claims: ReadonlyMap<number, string>): Promise<void> => {
  for (let heard = -1; heard !== claims.size; ) {
    heard = claims.size;
    await sleep(5);
  }
};

/** The power is back: what is on the disk, and after a few more entries. */
const bringBack = async (
  image: string,
  url: string,
): Promise<{ readonly found: Found; readonly after: ReadonlyMap<number, string> }> => {
  const disk = mountDisk(image);
  const browser = await openLogPage(profileOn(disk.mounted), url);
  try {
    const { entries, ...told } = await browser.page.evaluate(readAll, slot);
    const { after, faults } = await browser.page.evaluate(writeMore, slot);
    return {
      found: { ...told, faults: [...told.faults, ...faults], entries: new Map(entries) },
      after: new Map(after),
    };
  } finally {
    await browser.kill();
    await disk.unmount();
  }
};

/** Each in words. What was acknowledged may have been pruned. */
const missedIn = (found: Found, claims: ReadonlyMap<number, string>, upTo: number): readonly string[] => {
  const first = Math.min(...found.entries.keys());
  const isPruned = (seq: number) => seq < first && seq < found.ackedSeq;
  const missing = [...claims].flatMap(([seq, content]) => {
    const there = found.entries.get(seq);
    if (there === content) return [];
    if (there !== undefined) return [`entry ${seq} is another`];
    return seq > upTo || isPruned(seq) ? [] : [`entry ${seq} is missing`];
  });
  return [...missing, ...found.faults, ...(found.isNew && upTo > 0 ? ["the log was begun anew"] : [])];
};

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
