/**
 * Taps at a gate, in the built terminal, before a camera that the test feeds with codes signed the moment before: from the
 * frame to the durable entry and the gate's command, beside the bare parts of the same in the same page; and from the picture
 * before the lens to the command; the same with all of Chromium held to a sixth of the CPU, the camera's feed included, which
 * is held cheap for that (fed-camera.ts): a device's frames are made by another process. With `isSoak` ten minutes more,
 * thirty people a minute. All of it after the terminal's first minute, in which two copies of an entry are waited for
 * (twin-log.ts): that has a row of its own.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { lastingSeconds } from "../../kiosk/twin-log.ts";
import { openTerminal, showPeople, type Tap } from "../browser/shown-people.ts";
import { launchChromium } from "../chromium.ts";
import { createCity } from "../live-city.ts";
import { holdProgram } from "./cpu-quota.ts";
import type { Row } from "./main.ts";
import { appendBare, percentile, startGate } from "./tap.ts";

const taps = 1_000;
const firstTaps = 150;
const heldTaps = 300;
const heldShare = 1 / 6;
const soakTaps = 300;
const soakSecondsBetween = 2;

export const measureTaps = async (isSoak: boolean): Promise<readonly Row[]> => {
  const city = await createCity();
  const gate = await startGate();
  try {
    await city.start();
    const profileFolder = await mkdtemp(join(tmpdir(), "greenlane-bench-taps-"));
    const context = await launchChromium({ profileFolder });
    try {
      const page = await openTerminal(context, city, gate);
      const minuteEnds = Date.now() + 1000 * lastingSeconds;
      await page.evaluate(showPeople, { count: 20, secondsBetween: 0 });
      const first = await page.evaluate(showPeople, { count: firstTaps, secondsBetween: 0 });
      await new Promise((resolve) => setTimeout(resolve, minuteEnds - Date.now()));
      const before = await page.evaluate(() => decodeTimes.length);
      const shown = await page.evaluate(showPeople, { count: taps, secondsBetween: 0 });
      const bare = await measureBare(page, before);
      const rows = [
        ...rowsOfTaps(shown, bare),
        await stagesRow(page),
        firstRow(first),
        await measureHeld(page, profileFolder),
      ];
      if (!isSoak) return rows;
      const soaked = await page.evaluate(showPeople, { count: soakTaps, secondsBetween: soakSecondsBetween });
      return [...rows, ...rowsOfSoak(soaked)];
    } finally {
      await context.close();
      await rm(profileFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
  } finally {
    await city.close();
    gate.close();
  }
};

type Bare = Readonly<Record<"copy" | "decode" | "verify" | "append", number>>;

/** The medians of what a tap cannot do without, each alone: decoding by what the worker said of the taps' own frames. */
const measureBare = async (page: Page, decodesBefore: number): Promise<Bare> => {
  const decodes = await page.evaluate((before) => decodeTimes.slice(before), decodesBefore);
  const append = await page.evaluate(appendBare);
  const { copy, verify } = await page.evaluate(async () => {
    const video = document.querySelector("video");
    if (video === null) throw new Error("no video");
    const copies: number[] = [];
    const verifies: number[] = [];
    const pixels = new ArrayBuffer(1.5 * 960 * 720);
    const rect = new DOMRectReadOnly(160, 0, 960, 720);
    const bytes = new Uint8Array(200);
    const issuer = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const holder = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const raw = await crypto.subtle.exportKey("raw", holder.publicKey);
    const signed = [
      await crypto.subtle.sign("Ed25519", issuer.privateKey, bytes),
      await crypto.subtle.sign(algorithm, holder.privateKey, bytes),
    ] as const;
    for (let time = 0; time < 200; time++) {
      const frame = new VideoFrame(video);
      const copyAt = performance.now();
      await frame.copyTo(pixels, { rect });
      copies.push(performance.now() - copyAt);
      frame.close();
      const verifyAt = performance.now();
      await crypto.subtle.verify("Ed25519", issuer.publicKey, signed[0], bytes);
      const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["verify"]);
      await crypto.subtle.verify(algorithm, key, signed[1], bytes);
      verifies.push(performance.now() - verifyAt);
    }
    return { copy: copies, verify: verifies };
  });
  const middle = (values: readonly number[]) => percentile(values, 50);
  return { copy: middle(copy), decode: middle(decodes), verify: middle(verify), append: middle(append) };
};

const isNumber = (value: number | null): value is number => value !== null;

const rowsOfTaps = (shown: readonly Tap[], bare: Bare): readonly Row[] => {
  const fromFrame = shown.map((tap) => tap.fromFrame).filter(isNumber);
  const fromLens = shown.map((tap) => tap.fromLens).filter(isNumber);
  const sum = bare.copy + bare.decode + bare.verify + bare.append;
  const peer = `bare: copy ${round(bare.copy)} + decode ${round(bare.decode)} + verify ${round(bare.verify)} + append ${round(bare.append)}`;
  const row = (name: string, value: number, goal: number): Row => ({
    ...{ part: "scanner", name, value: round(value), unit: "ms", peer: null, ratio: null },
    ...{ goal: `<= ${goal}`, met: value <= goal },
  });
  const ratio = percentile(fromFrame, 50) / sum;
  return [
    missedRow("taps", shown),
    row("frame to durable and commanded, p50", percentile(fromFrame, 50), 4),
    row("frame to durable and commanded, p99", percentile(fromFrame, 99), 10),
    {
      ...{
        part: "scanner",
        name: "frame to commanded, p50, to the sum of its bare parts",
        value: round(percentile(fromFrame, 50)),
      },
      ...{ unit: "ms", peer: `${round(sum)} = ${peer}`, ratio: round(ratio), goal: "<= 1.3x", met: ratio <= 1.3 },
    },
    row(
      "decision to its picture, p95 (one frame at 60 Hz)",
      percentile(shown.map((tap) => tap.toPicture).filter(isNumber), 95),
      16.7,
    ),
    row("camera at 30 fps to the gate told, p95", percentile(fromLens, 95), 120),
  ];
};

const firstRow = (first: readonly Tap[]): Row => {
  const times = first.map(({ fromFrame }) => fromFrame ?? Number.POSITIVE_INFINITY);
  const name = "in its first minute: frame to durable in both copies and commanded, p50";
  const peer = `p99 ${round(percentile(times, 99))} ms`;
  return {
    ...{ part: "scanner", name, value: round(percentile(times, 50)), unit: "ms" },
    ...{ peer, ratio: null, goal: null, met: null },
  };
};

/** As on a machine six times slower. */
const measureHeld = async (page: Page, profileFolder: string): Promise<Row> => {
  const row = { part: "scanner", unit: "ms", ratio: null };
  const held = await holdProgram(profileFolder, heldShare);
  if (held.kind === "impossible")
    return { ...row, name: "a sixth of the CPU: not measured", value: 0, peer: held.cause, goal: null, met: null };
  try {
    await page.evaluate(showPeople, { count: 10, secondsBetween: 0 });
    const shown = await page.evaluate(showPeople, { count: heldTaps, secondsBetween: 0.2 });
    const times = shown.map((tap) => tap.fromFrame ?? Number.POSITIVE_INFINITY);
    const p99 = percentile(times, 99);
    const name = `all of Chromium on a sixth of ${availableParallelism()} cores: frame to commanded, p99`;
    const fromLens = shown.map((tap) => tap.fromLens ?? Number.POSITIVE_INFINITY);
    const peer = `p50 ${round(percentile(times, 50))} ms; from the camera p50 ${round(percentile(fromLens, 50))}, p99 ${round(percentile(fromLens, 99))} ms`;
    return { ...row, name, value: round(p99), peer, goal: "<= 60", met: p99 <= 60 };
  } finally {
    await held.release();
  }
};

/** Where the time goes, as the terminal itself has it for staff: the newest thousand taps. */
const stagesRow = async (page: Page): Promise<Row> => {
  const stages = await page.locator("[data-latency]").evaluateAll((rows) =>
    rows.map((row) => ({
      stage: row.getAttribute("data-latency"),
      cells: [...row.querySelectorAll("td")].map((cell) => cell.textContent),
    })),
  );
  const peer = stages.map(({ stage, cells }) => `${stage} ${cells[0]} / ${cells[2]}`).join(", ");
  return {
    ...{ part: "scanner", name: "of that, p50 / p99, as staff are shown", value: stages.length, unit: "stages" },
    ...{ peer, ratio: null, goal: null, met: null },
  };
};

const rowsOfSoak = (soaked: readonly Tap[]): readonly Row[] => [
  missedRow("30 people a minute for 10 minutes", soaked),
  {
    ...{ part: "scanner", name: "of them, the longest from camera to gate", unit: "ms", ratio: null, peer: null },
    ...{ value: round(Math.max(...soaked.map((tap) => tap.fromLens ?? 0))), goal: null, met: null },
  },
];

const missedRow = (name: string, shown: readonly Tap[]): Row => {
  const missed = shown.filter(({ fromFrame }) => fromFrame === null).length;
  return {
    ...{
      part: "scanner",
      name: `${name}: missed of ${shown.length}`,
      value: missed,
      unit: "taps",
      peer: null,
      ratio: null,
    },
    ...{ goal: "= 0", met: missed === 0 },
  };
};

const round = (value: number): number => Math.round(value * 100) / 100;
