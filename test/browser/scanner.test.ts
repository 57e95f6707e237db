/**
 * The scanners in a real Chromium: a film before the camera, keys pressed, under the very headers a terminal's page is
 * served with.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../chromium.ts";
import { type Clip, drawClip, type Picture, writeVideo } from "../video.ts";
// For the type of `window.harness`.
import type {} from "./harness/main.ts";
import { buildHarness, loadFitting, originOf, serve } from "./harness-page.ts";

const base45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const textOf = (length: number, seed: number) =>
  Array.from({ length }, (_, at) => base45[(at * at * 7 + at * seed + seed) % 45]).join("");

const presentation = `GL1:${textOf(411, 13)}`;
const inverted = `GL1:${textOf(411, 29)}`;
const shown: readonly Clip[] = [
  { seconds: 0.7 },
  { seconds: 1.3, code: { text: presentation, format: "qr" } },
  { seconds: 0.4 },
  { seconds: 1.3, code: { text: "LIB-00042", format: "code128" } },
  { seconds: 0.4 },
  { seconds: 1.3, code: { text: "9787302511625", format: "ean13" } },
  { seconds: 0.4 },
  { seconds: 1.3, inverted: true, code: { text: inverted, format: "qr" } },
];
const textsShown = shown.flatMap(({ code }) => (code === undefined ? [] : [code.text]));

let folder: string;
let server: Server;
let context: BrowserContext;
let page: Page;
const requests: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-scanner-"));
  const videoFile = join(folder, "film.mjpeg");
  await writeVideo(videoFile, shown);
  await buildHarness(join(folder, "page"));
  server = await serve(join(folder, "page"));
  context = await launchChromium({ videoFile });
  context.on("request", (request) => requests.push(request.url()));
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(originOf(server));
  await page.locator("body[data-ready]").waitFor();
});

afterAll(async () => {
  await context?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("camera", () => {
  test("reads QR codes and barcodes in the order shown, one frame at a time", async () => {
    await countRequests();
    await page.evaluate(() => harness.startCamera());
    const inOrder = await seenInOrder(textsShown.length);
    expect(inOrder.slice(0, textsShown.length)).toEqual(textsShown);

    const counted = await page.evaluate(() => counting);
    const scans = await page.evaluate(() => harness.scans.camera);
    const latencyOf = ({ seenAt, reportedAt }: (typeof scans)[number]) => reportedAt - seenAt;
    const latencies = scans.map(latencyOf);
    console.log({
      answersPerSecond: Number(((1_000 * (counted.answeredAt.length - 1)) / spanOf(counted.answeredAt)).toFixed(1)),
      decode: quantiles(counted.milliseconds),
      frameToReportOfQr: quantiles(scans.filter(({ text }) => text === presentation).map(latencyOf)),
      frameToReport: quantiles(latencies),
    });
    expect(counted.openMax).toBe(1);
    // Every sighting is reported: a code shown for 1.3 s is seen in many frames.
    expect(latencies.length).toBeGreaterThan(4 * textsShown.length);
    expect(Math.min(...latencies)).toBeGreaterThan(0);
  });

  test("says starting, then scanning", async () => {
    expect(await page.evaluate(() => harness.states.map(({ kind }) => kind))).toEqual(["starting", "scanning"]);
  });

  test("shows its picture in the host", async () => {
    expect(await page.locator(".host video").boundingBox()).toMatchObject({ width: 640, height: 360 });
    expect(await page.evaluate(() => harness.listCameras())).toHaveLength(1);
  });

  test("comes back when the camera is pulled out, with another one when the chosen one is gone", async () => {
    const began = await page.evaluate(() => {
      harness.chosenCamera = { id: "gone", label: "Gone" };
      harness.states.length = 0;
      for (const track of cameraTracks()) track.stop();
      return performance.now();
    });
    const back = await stateAfter("scanning");
    expect(await page.evaluate(() => harness.states)).toMatchObject([
      { kind: "broken", cause: "camera disconnected" },
      { kind: "scanning" },
    ]);
    expect(back - began).toBeLessThan(3_000);
    await scansAgain();
  });

  test("goes on reading, and showing, when its preview is stopped", async () => {
    const isPlaying = await page.evaluate(async () => {
      const video = harness.host.querySelector("video");
      video?.pause();
      await new Promise((resolve) => video?.addEventListener("playing", resolve, { once: true }));
      return video?.paused === false;
    });
    expect(isPlaying).toBe(true);
    await scansAgain();
  });

  test("comes back when the picture stands still, where the frames are the video's", async () => {
    await page.evaluate(async () => {
      await harness.camera.stop();
      Object.assign(globalThis, { Processor: Reflect.get(globalThis, "MediaStreamTrackProcessor") });
      Reflect.deleteProperty(globalThis, "MediaStreamTrackProcessor");
      await harness.startCamera();
      harness.states.length = 0;
      harness.host.querySelector("video")?.pause();
    });
    await stateAfter("scanning");
    expect(await page.evaluate(() => harness.states)).toMatchObject([
      { kind: "broken", cause: "camera stands still" },
      { kind: "scanning" },
    ]);
    await scansAgain();
    await page.evaluate(async () => {
      await harness.camera.stop();
      Object.assign(globalThis, { MediaStreamTrackProcessor: Reflect.get(globalThis, "Processor") });
      await harness.startCamera();
    });
  });

  test("comes back when the decoder falls silent", async () => {
    await page.evaluate(() => {
      harness.states.length = 0;
      const send = Worker.prototype.postMessage;
      Worker.prototype.postMessage = () => {
        Worker.prototype.postMessage = send;
      };
    });
    await stateAfter("scanning");
    expect(await page.evaluate(() => harness.states)).toMatchObject([
      { kind: "broken", cause: "decoder does not answer" },
      { kind: "scanning" },
    ]);
    await scansAgain();
  });

  test("says why when the camera is refused, and goes on once it is allowed", async () => {
    const refused = await page.evaluate(async () => {
      await harness.camera.stop();
      harness.states.length = 0;
      const { getUserMedia } = MediaDevices.prototype;
      MediaDevices.prototype.getUserMedia = async () => {
        throw new DOMException("Permission denied", "NotAllowedError");
      };
      await harness.startCamera();
      MediaDevices.prototype.getUserMedia = getUserMedia;
      return harness.states.at(-1);
    });
    expect(refused).toMatchObject({ kind: "broken", cause: "NotAllowedError: Permission denied" });
    await stateAfter("scanning");
  });

  test("lets the camera go when stopped", async () => {
    const left = await page.evaluate(async () => {
      const tracks = cameraTracks();
      await harness.camera.stop();
      return { states: tracks.map(({ readyState }) => readyState), children: harness.host.children.length };
    });
    expect(left).toEqual({ states: ["ended", "ended"], children: 0 });
  });
});

describe("decoder", () => {
  test("puts the larger of two codes first, every time", async () => {
    const large = { text: presentation, format: "qr" } as const;
    const small = { text: "SMALL", format: "qr" } as const;
    const [left, right] = [await drawClip({ seconds: 0, code: small }), await drawClip({ seconds: 0, code: large })];
    const both = beside(halve(left), right);
    for (let times = 0; times < 3; times++) expect(await decode(both)).toEqual([large.text, small.text]);
  });

  test("takes a QR code before a larger barcode", async () => {
    const barcode = await drawClip({ seconds: 0, code: { text: "9787302511625", format: "ean13" } });
    const qr = await drawClip({ seconds: 0, code: { text: "SMALL", format: "qr" } });
    expect(await decode(beside(barcode, halve(halve(qr))))).toEqual(["SMALL"]);
  });

  test("cuts a text too long after 1,025 characters", async () => {
    const text = textOf(1_300, 7);
    const picture = await drawClip({ seconds: 0, code: { text, format: "qr" } });
    expect(await decode(picture)).toEqual([text.slice(0, 1_025)]);
  });
});

describe("wedge", () => {
  beforeEach(() =>
    page.evaluate(() => {
      harness.scans.wedge.length = 0;
      harness.presses = 0;
      (document.activeElement as HTMLElement | null)?.blur();
    }),
  );

  test("reads a fast burst, and keeps its Enter and spaces from the focused button", { retry: 3 }, async () => {
    await page.locator("button").focus();
    await page.keyboard.type("GL1:A B C D");
    await page.keyboard.press("Enter");
    expect(await wedgeTexts()).toEqual(["GL1:A B C D"]);
    expect(await page.evaluate(() => harness.presses)).toBe(0);
  });

  test("leaves slow typing and its Enter to the page", async () => {
    await page.locator("input").fill("");
    await page.locator("input").focus();
    await page.keyboard.type("GL1:A B", { delay: 80 });
    expect(await page.locator("input").inputValue()).toBe("GL1:A B");
    await page.locator("button").focus();
    await page.keyboard.press("Enter");
    expect(await wedgeTexts()).toEqual([]);
    expect(await page.evaluate(() => harness.presses)).toBe(1);
  });

  test("takes its time from the Enter", async () => {
    const enteredAt = await press([...presentation, 20, "Enter"]);
    expect(await wedgeTexts()).toEqual([presentation]);
    expect(await page.evaluate(() => harness.scans.wedge.map(({ seenAt }) => seenAt))).toEqual([enteredAt]);
  });

  const accepted: readonly [string, readonly Key[], readonly string[]][] = [
    ["four characters", [..."1234", "Enter"], ["1234"]],
    ["1,024 characters", [..."A".repeat(1_024), "Enter"], ["A".repeat(1_024)]],
    ["Shift between capitals", ["Shift", "A", "Shift", "B", "C", "D", "Enter"], ["ABCD"]],
    ["two scans in a row", [..."AAAA", "Enter", ..."BBBB", "Enter"], ["AAAA", "BBBB"]],
    ["a scan after slow keys", ["X", 80, "Y", 80, ..."AAAA", "Enter"], ["AAAA"]],
    ["a scan after a spoilt one", ["Tab", ..."AAAA", "Enter", ..."BBBB", "Enter"], ["BBBB"]],
  ];
  test.each(accepted)("reads %s", async (_, keys, texts) => {
    await press(keys);
    expect(await wedgeTexts()).toEqual(texts);
  });

  const ignored: readonly [string, readonly Key[]][] = [
    ["three characters", [..."123", "Enter"]],
    ["1,025 characters", [..."A".repeat(1_025), "Enter"]],
    ["a control key within", [..."AAAA", "Tab", ..."BBBB", "Enter"]],
    ["Escape before the end", [..."AAAA", "Escape", "Enter"]],
    ["a key held with Ctrl", [..."AAAA", { key: "j", ctrlKey: true }, ..."BBBB", "Enter"]],
    ["a key held with Alt", [..."AAAA", { key: "F", altKey: true }, "Enter"]],
    ["a key held with Meta", [..."AAAA", { key: "r", metaKey: true }, "Enter"]],
    ["Enter with Ctrl", [..."AAAA", { key: "Enter", ctrlKey: true }]],
    ["a key held down", [..."AAAA", { key: "A", repeat: true }, "Enter"]],
    ["a character outside the alphabet", [..."AAAA", "é", ..."BBBB", "Enter"]],
    ["a late Enter", [..."AAAA", 80, "Enter"]],
  ];
  test.each(ignored)("ignores %s", async (_, keys) => {
    await press(keys);
    expect(await wedgeTexts()).toEqual([]);
  });

  test("hears nothing once stopped", async () => {
    await page.evaluate(() => harness.wedge.stop());
    await press([..."AAAA", "Enter"]);
    expect(await wedgeTexts()).toEqual([]);
  });
});

describe("build", () => {
  const transformed = async (text: string) => {
    const { transform } = await loadFitting();
    if (typeof transform !== "function") throw new Error("no transform");
    const error = (message: string) => {
      throw new Error(message);
    };
    return Reflect.apply(transform, { error }, [text, "/node_modules/html5-qrcode/esm/html5-qrcode.js"]);
  };
  const text = () => readFile(join(import.meta.dirname, "../../node_modules/html5-qrcode/esm/html5-qrcode.js"), "utf8");

  test("fits html5-qrcode as it is installed", async () => {
    expect((await transformed(await text())).code).toContain("element.replaceChildren();");
  });

  test("fails when html5-qrcode has changed", async () => {
    const changed = (await text()).replace('element.innerHTML = "";', 'element.innerHTML = ""');
    await expect(transformed(changed)).rejects.toThrow("html5-qrcode has changed");
    await expect(transformed((await text()).replace("foreverScan =", "scanForever ="))).rejects.toThrow("foreverScan");
    await expect(transformed(`${await text()}; element.outerHTML = "";`)).rejects.toThrow("Trusted Types");
  });
});

describe("page", () => {
  test("breaks no policy and leaves its origin for nothing", async () => {
    expect(await page.evaluate(() => harness.violations)).toEqual([]);
    expect(complaints).toEqual([]);
    const elsewhere = requests.filter((url) => !url.startsWith("data:") && new URL(url).origin !== originOf(server));
    expect(elsewhere).toEqual([]);
    expect(requests.filter((url) => url.endsWith(".wasm")).length).toBeGreaterThan(0);
  });

  test("starts no worker of another origin", async () => {
    const thrown = await page.evaluate(() => {
      try {
        new Worker("https://example.org/worker.js");
        return "";
      } catch (reason) {
        return String(reason);
      }
    });
    expect(thrown).toContain("TrustedScriptURL");
  });
});

declare global {
  var counting: { openMax: number; readonly milliseconds: number[]; readonly answeredAt: number[] };
  /** The camera's, and what is shown of it. */
  var cameraTracks: () => MediaStreamTrack[];
}

/** Listens in between the page and the decoder's worker. */
const countRequests = () =>
  page.evaluate(() => {
    let open = 0;
    globalThis.counting = { openMax: 0, milliseconds: [], answeredAt: [] };
    const { counting } = globalThis;
    const Before = globalThis.Worker;
    globalThis.Worker = new Proxy(Before, {
      construct: (made, given: ConstructorParameters<typeof Worker>) => {
        const worker = new made(...given);
        // Before the asker hears it: the next request may follow at once.
        worker.addEventListener("message", ({ data }) => {
          if (data.kind === "ready") return;
          open--;
          counting.milliseconds.push(data.milliseconds);
          counting.answeredAt.push(performance.now());
        });
        return worker;
      },
    });
    const send = Worker.prototype.postMessage as (message: unknown, transfer?: Transferable[]) => void;
    Worker.prototype.postMessage = function (this: Worker, message: unknown, transfer?: unknown) {
      open++;
      counting.openMax = Math.max(counting.openMax, open);
      send.call(this, message, transfer as Transferable[]);
    };
    const opened: MediaStreamTrack[] = [];
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (this: MediaDevices, asked) {
      const stream = await getUserMedia.call(this, asked);
      opened.push(...stream.getTracks());
      return stream;
    };
    globalThis.cameraTracks = () => {
      const stream = harness.host.querySelector("video")?.srcObject;
      const shown = stream instanceof MediaStream ? stream.getTracks() : [];
      return [...opened.slice(-1), ...shown];
    };
  });

const seenInOrder = async (count: number): Promise<readonly string[]> => {
  const changes = () =>
    page.evaluate(() => {
      const texts = harness.scans.camera.map(({ text }) => text);
      return texts.filter((text, at) => text !== texts[at - 1]);
    });
  await expect.poll(async () => (await changes()).length, { timeout: 40_000 }).toBeGreaterThanOrEqual(count);
  return changes();
};

const scansAgain = async () => {
  await page.evaluate(() => {
    harness.scans.camera.length = 0;
  });
  await expect.poll(() => page.evaluate(() => harness.scans.camera.length), { timeout: 10_000 }).toBeGreaterThan(0);
};

/** When the camera got into the state, by the page's clock. */
const stateAfter = async (kind: string): Promise<number> => {
  const at = () => page.evaluate((kind) => harness.states.find((state) => state.kind === kind)?.at, kind);
  await expect.poll(at, { timeout: 15_000 }).toBeDefined();
  return (await at()) ?? Number.NaN;
};

const decode = async ({ width, height, grey }: Picture): Promise<readonly string[]> =>
  page.evaluate(
    async ({ width, height, encoded }) => {
      const grey = atob(encoded);
      const rgba = new Uint8ClampedArray(4 * grey.length).fill(255);
      for (let at = 0; at < grey.length; at++) rgba.fill(grey.charCodeAt(at), 4 * at, 4 * at + 3);
      const decoder = await harness.startDecoder();
      const { texts } = await decoder.decode({
        ...{ pixels: rgba.buffer, bytesPerPixel: 4, width, height },
        looks: ["matrix", "linear"],
      });
      decoder.stop();
      return texts;
    },
    { width, height, encoded: Buffer.from(grey).toString("base64") },
  );

const halve = ({ width, height, grey }: Picture): Picture => ({
  width: width / 2,
  height: height / 2,
  grey: Uint8Array.from({ length: grey.length / 4 }, (_, at) => {
    const [x, y] = [at % (width / 2), Math.floor(at / (width / 2))];
    return grey[2 * y * width + 2 * x] ?? 0;
  }),
});

const beside = (left: Picture, right: Picture): Picture => {
  const width = left.width + right.width;
  const height = Math.max(left.height, right.height);
  const grey = new Uint8Array(width * height).fill(235);
  for (let y = 0; y < left.height; y++) grey.set(left.grey.subarray(y * left.width, (y + 1) * left.width), y * width);
  for (let y = 0; y < right.height; y++) {
    grey.set(right.grey.subarray(y * right.width, (y + 1) * right.width), y * width + left.width);
  }
  return { width, height, grey };
};

/** A key by its name or with its modifiers; a number is a pause in milliseconds. */
type Key =
  | string
  | number
  | {
      readonly key: string;
      readonly ctrlKey?: true;
      readonly altKey?: true;
      readonly metaKey?: true;
      readonly repeat?: true;
    };

/**
 * Presses keys from within the page, with time stamps of their own: whatever else the machine is doing, a scanner's keys
 * follow one another, and a pause is as long as it says. Gives the time stamp of the last.
 */
const press = (keys: readonly Key[]): Promise<number> =>
  page.evaluate(async (keys) => {
    // Longer than the gap that ends a run.
    await new Promise((resolve) => setTimeout(resolve, 80));
    let at = performance.now();
    for (const key of keys) {
      if (typeof key === "number") {
        await new Promise((resolve) => setTimeout(resolve, key));
        at += key;
      } else {
        const init = typeof key === "string" ? { key } : key;
        const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
        Object.defineProperty(event, "timeStamp", { value: at });
        document.body.dispatchEvent(event);
      }
    }
    return at;
  }, keys);

const wedgeTexts = () => page.evaluate(() => harness.scans.wedge.map(({ text }) => text));

const spanOf = (instants: readonly number[]): number => (instants.at(-1) ?? Number.NaN) - (instants[0] ?? Number.NaN);

const quantiles = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => Number((sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(1));
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
};
