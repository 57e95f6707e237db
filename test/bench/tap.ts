/**
 * From the first legible frame to the recorded permit, in a real Chromium with a film before the camera; what a terminal
 * loads before its first screen; and what the server weighs while a hundred terminals send.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { launchChromium } from "../chromium.ts";
import { firstLoadGoalKilobytes, firstLoadKilobytes } from "../first-load.ts";
import { type City, createCity, createIssuer, people, succeed, waitUntil } from "../live-city.ts";
import { type Clip, writeVideo } from "../video.ts";
import type { Row } from "./main.ts";
import { sendFromTerminals } from "./senders.ts";

const taps = 60;
const secondsShown = 0.5;
const secondsBetween = 0.3;
const setUpSeconds = 12;
const terminals = 100;
const entriesEach = 500;

export const measureTap = async (): Promise<readonly Row[]> => {
  const city = await createCity();
  try {
    await city.start();
    return [...(await measureCamera(city)), measureSize(), await measureServer(city)];
  } finally {
    await city.close();
  }
};

const measureCamera = async (city: City): Promise<readonly Row[]> => {
  const issuer = await createIssuer(city);
  const gate = await startGate();
  const answer = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "bench", "--name", "Bench"],
    ...["--actuator", `http://127.0.0.1:${(gate.address() as AddressInfo).port}`, "--json"],
  );
  const link: string = JSON.parse(answer).link;
  const film: Clip[] = [{ seconds: 4 }];
  const startAt = Date.now() / 1000 + setUpSeconds;
  for (let tap = 0; tap < taps; tap++) {
    const at = Math.floor(startAt + film.reduce((sum, each) => sum + each.seconds, 0));
    film.push({ seconds: secondsShown, code: { text: await issuer.code(people.perk, at), format: "qr" } });
    film.push({ seconds: secondsBetween });
  }
  const videoFile = join(city.folder, "film.mjpeg");
  const seconds = await writeVideo(videoFile, [...film, { seconds: 30 }]);
  const context = await launchChromium({ videoFile });
  try {
    await context.addInitScript(() => {
      const taps: number[] = [];
      Object.assign(window, { greenlaneTaps: taps });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntriesByName("tap")) taps.push(entry.duration);
      }).observe({ type: "measure", buffered: true });
    });
    const page = await context.newPage();
    await page.goto(link.replace("/kiosk/#", "/kiosk/?slot=bench#"));
    const readTaps = () => page.evaluate(() => Reflect.get(window, "greenlaneTaps") as readonly number[]);
    await waitUntil(async () => (await readTaps()).length >= taps, seconds + 20).catch(() => {});
    const recorded = await readTaps();
    const bare = await page.evaluate(appendBare);
    const peer = `bare durable write, p50 ${round(percentile(bare, 50))} ms`;
    const row = (name: string, value: number, goalMs: number | null): Row => ({
      part: "tap",
      name,
      value: round(value),
      unit: "ms",
      peer,
      ratio: round(value / percentile(bare, 50)),
      goal: goalMs === null ? null : `<= ${goalMs}`,
      met: goalMs === null ? null : value <= goalMs,
    });
    return [
      row("frame to recorded permit, p50", percentile(recorded, 50), null),
      row("frame to recorded permit, p95", percentile(recorded, 95), 150),
      {
        part: "tap",
        name: "permits recorded of codes shown",
        value: recorded.length,
        unit: "taps",
        peer: `${taps} shown`,
        ratio: round(recorded.length / taps),
        goal: `= ${taps}`,
        met: recorded.length === taps,
      },
    ];
  } finally {
    await context.close();
    gate.close();
  }
};

/** In the page: the least that a durable entry costs here, in milliseconds, a hundred times. */
export const appendBare = async (): Promise<readonly number[]> => {
  const opening = indexedDB.open("bare", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("log");
  await new Promise((resolve) => {
    opening.onsuccess = resolve;
  });
  const times: number[] = [];
  for (let key = 0; key < 100; key++) {
    const startedAt = performance.now();
    const writing = opening.result.transaction("log", "readwrite", { durability: "strict" });
    writing.objectStore("log").put(new Uint8Array(1000), key);
    await new Promise((resolve) => {
      writing.oncomplete = resolve;
    });
    times.push(performance.now() - startedAt);
  }
  return times;
};

const measureSize = (): Row => {
  const kilobytes = firstLoadKilobytes();
  return {
    ...{ part: "tap", name: "terminal JavaScript, gzip", value: round(kilobytes), unit: "KB", ratio: null },
    peer: "what it fetches after its first screen aside",
    goal: `<= ${firstLoadGoalKilobytes}`,
    met: kilobytes <= firstLoadGoalKilobytes,
  };
};

const measureServer = async (city: City): Promise<Row> => {
  const before = residentMegabytes(city);
  const perSecond = await sendFromTerminals(city, terminals, entriesEach);
  const after = residentMegabytes(city);
  return {
    part: "tap",
    name: `server memory at its highest, ${terminals} terminals sending`,
    value: after,
    unit: "MB",
    peer: `${before} MB before; ${Math.round(perSecond)} entries/s taken in`,
    ratio: round(after / before),
    goal: "<= 200",
    met: after <= 200,
  };
};

/** The highest so far, as the system counts it. */
const residentMegabytes = (city: City): number => {
  const status = readFileSync(`/proc/${city.serverProcess()}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1000);
};

/** A gate that always turns, at once. */
export const startGate = (): Promise<Server> =>
  new Promise((resolve) => {
    const gate = createServer((request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "content-type");
      response.setHeader("access-control-allow-private-network", "true");
      if (request.method === "OPTIONS") return response.writeHead(204).end();
      request.resume();
      return response.writeHead(200, { "content-type": "application/json" }).end('{"outcome":"completed"}');
    });
    gate.listen(0, "127.0.0.1", () => resolve(gate));
  });

export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
};

const round = (value: number): number => Math.round(value * 10) / 10;
