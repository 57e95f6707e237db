/**
 * A terminal's log on its way from the terminal's disk to the ledger, in a real Chromium with a profile on disk and with the
 * real server in a process of its own: how soon an entry is durable, how soon a backlog is acknowledged once the network
 * returns, and what its peers take for the same records (log-peers.ts). Best of a few rounds, taken in turns, on a machine
 * that may have other things to do.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import type { Decided } from "../../shared/transaction.ts";
import { launchChromium } from "../chromium.ts";
import { type City, createCity, succeed } from "../live-city.ts";
import { decidedTap } from "../world.ts";
import { measureFairness } from "./fairness.ts";
import { measureIngest } from "./ledger.ts";
// For the type of `window.logBench`.
import type {} from "./log-page/main.ts";
import { type Doc, openPeers } from "./log-peers.ts";
import type { Row } from "./main.ts";
import { buildPage } from "./page.ts";
import { measureSimulation } from "./sim.ts";

const entriesMeasured = 10_000;
const rounds = 3;
/** Of the slowest peer, which takes its requests one by one. */
const replayed = 1000;
const appendsAtPace = 2000;
const paceMilliseconds = 20;
const lags = 5;
const tap: Decided = decidedTap("ab".repeat(32));

export const measureLog = async (): Promise<readonly Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), "greenlane-bench-log-"));
  const city = await createCity();
  const context = await launchChromium({ profileFolder: join(folder, "profile") });
  try {
    await city.start();
    const { page, serve } = await openPage(city, context, folder);
    const drained = await measureDrain(context, page, folder);
    const appends = await serve(() => measureAppends(page, drained.appends));
    const lag = await measureLags(city, context, page);
    return [
      ...drained.rows,
      ...appends,
      ...lag,
      ...(await serve(() => measureStart(page))),
      ...(await measureIngest()),
      ...(await measureFairness()),
      ...(await measureSimulation()),
    ];
  } finally {
    await context.close();
    await city.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
};

/**
 * A page of the server's own origin, enrolled. The server has no such page: while it `serve`s work, its files are put in
 * between. Then each of the page's requests goes to and fro through this process, so nothing is timed that sends any.
 */
const openPage = async (city: City, context: BrowserContext, folder: string): Promise<BenchPage> => {
  const built = await buildPage("log-page", folder);
  const answer = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "bench", "--name", "Bench"],
    "--json",
  );
  const page = await context.newPage();
  const files = `${city.url}/bench/**`;
  const serve = async <T>(work: () => Promise<T>): Promise<T> => {
    await page.route(files, async (route) => {
      const file = await built.read(new URL(route.request().url()).pathname.replace("/bench", ""));
      await route.fulfill(file === null ? { status: 404 } : { contentType: file.type, body: file.body });
    });
    const result = await work();
    await page.unrouteAll({ behavior: "wait" });
    return result;
  };
  await serve(async () => {
    await page.goto(`${city.url}/bench/`);
    await page.locator("body[data-ready]").waitFor({ state: "attached" });
    await page.evaluate((fragment) => logBench.open(fragment), new URL(JSON.parse(answer).link).hash);
    await page.evaluate(() => logBench.start());
  });
  return { page, serve };
};

type BenchPage = { readonly page: Page; readonly serve: <T>(work: () => Promise<T>) => Promise<T> };

type Drained = { readonly rows: readonly Row[]; readonly appends: readonly number[] };

const measureDrain = async (context: BrowserContext, page: Page, folder: string): Promise<Drained> => {
  const peers = await openPeers(context, folder);
  const docs = Array.from({ length: entriesMeasured }, docOf);
  const [ours, replicated, appends]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    await context.setOffline(true);
    appends.push(...(await write(page, entriesMeasured, 0)));
    const draining = page.evaluate(() => logBench.drained());
    await context.setOffline(false);
    ours.push((await draining) / 1000);
    const { seq, cursor, alarms } = await page.evaluate(() => logBench.state());
    if (cursor !== seq || alarms.length > 0) throw new Error(`acknowledged ${cursor} of ${seq}: ${alarms.join("; ")}`);
    replicated.push(await peers.replicate(docs));
  }
  const replaySeconds = (await peers.replay(docs.slice(0, replayed))) * (entriesMeasured / replayed);
  peers.close();

  const name = `${entriesMeasured} queued entries, network returns to cursor durable`;
  const best = Math.min(...ours);
  const row = (title: string, peer: string, seconds: number, goal: number): Row =>
    rowOf(title, best, "s", `${peer} ${round(seconds)}`, best / seconds, `<= 1/${goal}`, seconds / best >= goal);
  return {
    appends,
    rows: [
      rowOf(name, best, "s", null, null, "<= 0.5", best <= 0.5),
      row(name, "PouchDB replication, batches of 1000:", Math.min(...replicated), 6),
      row(name, `workbox-background-sync (${replayed}, by ${entriesMeasured / replayed}):`, replaySeconds, 100),
    ],
  };
};

const docOf = (_: unknown, index: number): Doc => {
  const identity = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  const _id = String(index + 1).padStart(10, "0");
  return {
    _id,
    ...tap,
    ...{ v: 1, at: index, boot: "b", clock: "device", identity, pseudonym: identity.slice(0, 22) },
  };
};

const write = (page: Page, count: number, pause: number): Promise<readonly number[]> =>
  page.evaluate((wanted) => logBench.write(...wanted), [tap, count, pause] as const);

const measureAppends = async (page: Page, backToBack: readonly number[]): Promise<readonly Row[]> => {
  const bare = await page.evaluate((count) => logBench.writeBare(count, 1000), appendsAtPace);
  const atPace = await write(page, appendsAtPace, paceMilliseconds);
  const rows = (title: string, times: readonly number[]): readonly Row[] =>
    [
      { percent: 50, most: 1 },
      { percent: 99, most: 8 },
    ].map(({ percent, most }) => {
      const [ours, database, file] = [times, bare.database, bare.file].map((each) => percentile(each, percent));
      const peer = `bare strict transaction ${round(database)}; bare file write and flush ${round(file)}`;
      const ratio = (ours ?? Number.NaN) / (database ?? Number.NaN);
      return rowOf(`${title}, p${percent}`, ours, "ms", peer, ratio, `<= ${most}`, (ours ?? Number.NaN) <= most);
    });
  return [
    ...rows(`append to durable, ${paceMilliseconds} ms apart`, atPace),
    ...rows("append to durable, back to back", backToBack),
  ];
};

/** From the network's return to the ack of the entry that waited for it, the worst of a few; and from a tap to its ack. */
const measureLags = async (city: City, context: BrowserContext, page: Page): Promise<readonly Row[]> => {
  await page.evaluate(() => logBench.nudge());
  await page.evaluate(() => logBench.drained());
  const [told, untold, online]: [number[], number[], number[]] = [[], [], []];
  for (let lag = 0; lag < lags; lag++) {
    await context.setOffline(true);
    await page.evaluate((each) => logBench.leaveOne(each), tap);
    await page.waitForTimeout(3000);
    const draining = page.evaluate(() => logBench.drained());
    await context.setOffline(false);
    told.push((await draining) / 1000);
  }
  for (let lag = 0; lag < lags; lag++) {
    await city.kill();
    await page.evaluate((each) => logBench.leaveOne(each), tap);
    await page.waitForTimeout(6000);
    const acked = page.evaluate(() => logBench.ackedAt());
    const listening = listensAt(city);
    await city.start();
    untold.push(((await acked) - (await listening)) / 1000);
  }
  for (let each = 0; each < 100; each++) online.push((await page.evaluate((it) => logBench.tapToAck(it), tap)) / 1000);
  const row = (name: string, value: number): Row => rowOf(name, value, "s", null, null, "<= 1", value <= 1);
  return [
    row("lag after the network returned, to the first ack", Math.max(...told)),
    row("lag after the server returned, which no browser tells", Math.max(...untold)),
    row("tap to ack while online, p99", percentile(online, 99)),
  ];
};

/** When the server first answered, by the clock of this machine. */
const listensAt = async (city: City): Promise<number> => {
  for (;;) {
    const answer = await fetch(`${city.url}/healthz`).catch(() => null);
    if (answer?.ok === true) return Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** Everything that was written so far is still kept, since it was acknowledged today. */
const measureStart = async (page: Page): Promise<readonly Row[]> => {
  await page.reload();
  await page.locator("body[data-ready]").waitFor({ state: "attached" });
  const { openMs, seq, alarms } = await page.evaluate(() => logBench.open());
  if (alarms.length > 0) throw new Error(alarms.join("; "));
  return [rowOf(`start with ${seq} kept entries, both copies verified`, openMs / 1000, "s", null, null, null, null)];
};

const rowOf = (
  name: string,
  value: number | undefined,
  unit: string,
  peer: string | null,
  ratio: number | null,
  goal: string | null,
  met: boolean | null,
): Row => ({
  ...{ part: "log", name, value: round(value), unit, peer, ratio: ratio === null ? null : round(ratio) },
  ...{ goal, met },
});

const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
};

const round = (value = Number.NaN): number => Number(value.toPrecision(3));
