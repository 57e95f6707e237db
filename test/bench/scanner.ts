/**
 * `scanner [FOLDER]`: how many codes are read, how fast, and how soon the gate is told. Ours beside html5-qrcode's own
 * decoder, jsQR and the BarcodeDetector polyfill, in the same run and browser.
 *
 * FOLDER: photos with the text of each in a .txt beside it, in folders of any depth; without it, none are read and the table
 * says so. Then our own hard set (hard-codes.ts), a film's frame and an empty one; then taps (scanner-taps.ts).
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Page } from "playwright-core";
import { encode } from "uqr";
import { build } from "vite";
import { soakDecoder } from "../browser/decode-soak.ts";
import { originOf } from "../browser/harness-page.ts";
import { launchChromium } from "../chromium.ts";
import { createPresentations, drawHardCodes } from "../hard-codes.ts";
import { createDraw } from "../list-sample.ts";
import { drawClip, type Picture } from "../video.ts";
import type { Row } from "./main.ts";
import type { Asked, DecoderName, Reading } from "./scanner-page/main.ts";
import { measureTaps } from "./scanner-taps.ts";

const seed = 5;
const hardRounds = 1;
const frameTimes = 40;
const soakDecodes = 100_000;

export const measureScanner = async (photoFolder: string | undefined, isSoak: boolean): Promise<readonly Row[]> => [
  ...(await measureDecoders(photoFolder)),
  ...(await measureTaps(isSoak)),
];

export const measureDecoders = async (photoFolder: string | undefined): Promise<readonly Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), "greenlane-bench-scanner-"));
  const bodies = new Map<string, Buffer>();
  await buildPage(folder);
  const server = await serve(folder, bodies);
  const context = await launchChromium({ extraArgs: ["--enable-precise-memory-info", "--js-flags=--expose-gc"] });
  try {
    const page = await context.newPage();
    await page.goto(originOf(server));
    await page.locator("body[data-ready]").waitFor({ state: "attached" });
    return [
      ...(await measurePhotos(page, bodies, photoFolder)),
      ...(await measureHard(page, bodies)),
      ...(await measureFrames(page, bodies)),
      await measureGrowth(page),
    ];
  } finally {
    await context.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
};

type Readings = Readonly<Record<DecoderName, readonly Reading[]>>;
type Case = { readonly asked: Asked; readonly expected: string };
type Tally = {
  readonly read: number;
  readonly wrong: number;
  readonly accepted: number;
  readonly milliseconds: number;
};

type Read = { readonly expected: string; readonly readings: Readings };

const readAll = async (page: Page, cases: readonly Case[]): Promise<readonly Read[]> => {
  const all: Read[] = [];
  for (const { asked, expected } of cases) {
    const readings = await page.evaluate((asked) => scannerBench.readPicture(asked), asked);
    all.push({ expected, readings });
  }
  return all;
};

/** Ours cuts what is longer (decode-messages.d.ts). */
const cut = (text: string): string => text.slice(0, 1_025).trim();

const tallyOf =
  (all: readonly Read[]) =>
  (name: DecoderName): Tally => {
    const firsts = all.flatMap(({ expected, readings }) => {
      const [first] = readings[name];
      return first === undefined ? [] : [{ expected, ...first }];
    });
    const isRight = ({ text, expected }: (typeof firsts)[number]) => text !== null && cut(text) === cut(expected);
    return {
      read: firsts.filter(isRight).length,
      // The only ones that a terminal would look at any further.
      accepted: firsts.filter((each) => each.text?.startsWith("GL") === true && !isRight(each)).length,
      wrong: firsts.filter((each) => each.text !== null && !isRight(each)).length,
      milliseconds: middleOf(firsts.map(({ milliseconds }) => meanOf(milliseconds))),
    };
  };

const rowsOfCodes = (name: string, all: readonly Read[]): readonly Row[] => {
  const [tally, count] = [tallyOf(all), all.length];
  const [ours, theirs, jsqr, polyfill] = [
    tally("greenlane"),
    tally("html5-qrcode"),
    tally("jsQR"),
    tally("BarcodeDetector"),
  ];
  const peer = (of: "read" | "wrong" | "milliseconds") =>
    `html5-qrcode ${round(theirs[of])}, jsQR ${round(jsqr[of])}, polyfill ${round(polyfill[of])}`;
  const ratio = ours.read / theirs.read;
  const part = "scanner";
  return [
    {
      ...{ part, name: `${name}: codes read of ${count}`, value: ours.read, unit: "codes", peer: peer("read") },
      ...{ ratio: round(ratio), goal: ">= 1.3x html5-qrcode", met: ratio >= 1.3 },
    },
    {
      ...{ part, name: `${name}: wrong texts`, value: ours.wrong, unit: "codes", peer: peer("wrong"), ratio: null },
      ...{ goal: null, met: null },
    },
    {
      ...{ part, name: `${name}: wrong texts that look like ours`, value: ours.accepted, unit: "codes", ratio: null },
      ...{ peer: null, goal: "= 0", met: ours.accepted === 0 },
    },
    {
      ...{ part, name: `${name}: time, p50`, value: round(ours.milliseconds), unit: "ms", peer: peer("milliseconds") },
      ...{ ratio: round(ours.milliseconds / theirs.milliseconds), goal: null, met: null },
    },
  ];
};

const pictureEndings = [".webp", ".png", ".jpg", ".jpeg"];

const measurePhotos = async (
  page: Page,
  bodies: Map<string, Buffer>,
  folder: string | undefined,
): Promise<readonly Row[]> => {
  const nothing = { part: "scanner", value: 0, unit: "codes", peer: null, ratio: null, goal: null, met: null };
  if (folder === undefined) return [{ ...nothing, name: "photos: none; give a folder: scanner FOLDER" }];
  const cases: Case[] = [];
  for (const file of (await readdir(folder, { recursive: true })).toSorted()) {
    const words = join(folder, file.replace(/\.[^.]+$/, ".txt"));
    if (!pictureEndings.includes(extname(file)) || !existsSync(words)) continue;
    const url = `/photos/${cases.length}`;
    bodies.set(url, await readFile(join(folder, file)));
    cases.push({ asked: { url, kind: "photo", times: 1 }, expected: await readFile(words, "utf8") });
  }
  if (cases.length === 0) return [{ ...nothing, name: `photos: none with a .txt beside it in ${folder}` }];
  return rowsOfCodes("photos", await readAll(page, cases));
};

const measureHard = async (page: Page, bodies: Map<string, Buffer>): Promise<readonly Row[]> => {
  const codes = await drawHardCodes(seed, hardRounds);
  const cases = codes.map(({ picture, text }, at): Case => {
    const url = `/hard/${at}`;
    bodies.set(url, Buffer.from(picture.grey));
    return { asked: { url, kind: "grey", times: 1 }, expected: text };
  });
  const all = await readAll(page, cases);
  const rows = [...rowsOfCodes("hard set", all)];
  for (const condition of new Set(codes.map((each) => each.condition))) {
    const some = all.filter((_, at) => codes[at]?.condition === condition);
    const tally = tallyOf(some);
    const [ours, theirs] = [tally("greenlane").read, tally("html5-qrcode").read];
    const peer = `html5-qrcode ${theirs}, jsQR ${tally("jsQR").read}, polyfill ${tally("BarcodeDetector").read}`;
    rows.push({
      ...{ part: "scanner", name: `hard set, ${condition}: read of ${some.length}`, value: ours, unit: "codes", peer },
      ...{ ratio: null, goal: null, met: null },
    });
  }
  return rows;
};

const measureFrames = async (page: Page, bodies: Map<string, Buffer>): Promise<readonly Row[]> => {
  const text = await (await createPresentations())();
  const frames: readonly [string, Picture, number][] = [
    ["720p frame with a code", await drawClip({ seconds: 0, code: { text, format: "qr" } }), 0.45],
    ["empty 720p frame", drawRoom(), 0.3],
  ];
  const rows: Row[] = [];
  for (const [name, { grey }, goal] of frames) {
    bodies.set("/frame", Buffer.from(grey));
    const asked: Asked = { url: "/frame", kind: "frame", times: frameTimes };
    const readings = await page.evaluate((asked) => scannerBench.readPicture(asked), asked);
    const time = (of: DecoderName) => timeOfFrame(readings[of].slice(5));
    const ratio = time("greenlane") / time("html5-qrcode");
    const peer = `html5-qrcode ${round(time("html5-qrcode"))}, jsQR ${round(time("jsQR"))}, polyfill ${round(time("BarcodeDetector"))}`;
    rows.push({
      ...{
        part: "scanner",
        name: `${name}, p50`,
        value: round(time("greenlane")),
        unit: "ms",
        peer,
        ratio: round(ratio),
      },
      ...{ goal: `<= ${goal}x html5-qrcode`, met: ratio <= goal },
    });
  }
  return rows;
};

const measureGrowth = async (page: Page): Promise<Row> => {
  const text = "GL1:SOAK";
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const scale = 4;
  const side = size * scale;
  const isDark = (at: number) => data[Math.floor(at / side / scale)]?.[Math.floor((at % side) / scale)] === true;
  const grey = Buffer.from(Uint8Array.from({ length: side * side }, (_, at) => (isDark(at) ? 20 : 235)));
  const picture = { width: side, height: side, encoded: grey.toString("base64") };
  const soaked = await page.evaluate(soakDecoder, { ...picture, text, decodes: soakDecodes, holder: "scannerBench" });
  const megabytes = (soaked.heapBytesEach * soakDecodes) / 2 ** 20;
  const peer = `${soaked.read} read; worker's memory + ${soaked.wasmBytes} bytes`;
  return {
    ...{ part: "scanner", name: `heap gained over ${soakDecodes} decodes`, value: round(megabytes), unit: "MB", peer },
    ...{ ratio: null, goal: "<= 1", met: megabytes <= 1 && soaked.read === soakDecodes },
  };
};

/** A station hall with nobody in it: a wall that gets darker, a doorway, tiles, and the sensor's noise. */
const drawRoom = (): Picture => {
  const draw = createDraw(seed);
  const grey = new Uint8Array(1280 * 720);
  for (let at = 0; at < grey.length; at++) {
    const [x, y] = [at % 1280, Math.floor(at / 1280)];
    const isDoor = x > 480 && x < 700 && y > 150 && y < 560;
    const isJoint = y > 560 && (x + y) % 90 < 3;
    const light = isDoor ? 60 : isJoint ? 90 : 170 - y / 9 - x / 40;
    grey[at] = Math.round(light + 8 * (draw() + draw() - 1));
  }
  return { width: 1280, height: 720, grey };
};

const buildPage = (outDir: string) =>
  build({
    configFile: false,
    root: join(import.meta.dirname, "scanner-page"),
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
    worker: { format: "es" },
  });

const serve = async (root: string, bodies: ReadonlyMap<string, Buffer>): Promise<Server> => {
  const types: Readonly<Record<string, string>> = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
  };
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const body =
      bodies.get(path) ?? (await readFile(join(root, path === "/" ? "index.html" : path)).catch(() => undefined));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": path === "/" ? "text/html; charset=utf-8" : (types[extname(path)] ?? "application/octet-stream"),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
};

/** Each of several frames in turn has its own time, and counts as much as the others. */
const timeOfFrame = (readings: readonly Reading[]): number =>
  meanOf(
    (readings[0]?.milliseconds ?? []).map((_, turn) => middleOf(readings.map((each) => each.milliseconds[turn] ?? 0))),
  );

const meanOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const round = (value: number): number => Math.round(value * 100) / 100;
