/**
 * A camera and its decoder over a long day, in a real Chromium: frozen, muted, pulled out and put back, hung, grown, lit; and
 * codes that no phone of ours shows.
 */
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { encode } from "uqr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Look } from "../../kiosk/adapters/decode-messages.d.ts";
import { turns } from "../../kiosk/adapters/turns.ts";
import { launchChromium } from "../chromium.ts";
import { drawClip, type Picture } from "../video.ts";
import { soakDecoder } from "./decode-soak.ts";
import { type FedCamera, feedCamera } from "./fed-camera.ts";
// For the type of `window.harness`.
import type {} from "./harness/main.ts";
import { buildHarness, originOf, serve } from "./harness-page.ts";

const restartMillisecondsMax = 3_000;
const decodes = 5_000;
const thorough = ["matrix", "linear"] as const;

let folder: string;
let server: Server;
let context: BrowserContext;
let page: Page;
let camera: FedCamera;
let code: Picture;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlane-camera-"));
  await buildHarness(join(folder, "page"));
  server = await serve(join(folder, "page"));
  context = await launchChromium({ extraArgs: ["--enable-precise-memory-info", "--js-flags=--expose-gc"] });
  page = await context.newPage();
  await page.goto(originOf(server));
  await page.locator("body[data-ready]").waitFor();
  camera = await feedCamera(page);
  code = await drawClip({ seconds: 0, code: { text: "GL1:ONE", format: "qr" } });
});

afterAll(async () => {
  await context?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ["where the browser hands frames over", true],
  ["where they are taken from the video", false],
])("watchdog, %s", (_, isHandedOver) => {
  beforeEach(async () => {
    await camera.show(code);
    await page.evaluate(async (isHandedOver) => {
      await harness.camera.stop();
      harness.chosenCamera = null;
      const name = "MediaStreamTrackProcessor";
      fed.Processor ??= Reflect.get(globalThis, name);
      if (isHandedOver) Reflect.set(globalThis, name, fed.Processor);
      else Reflect.deleteProperty(globalThis, name);
      Object.assign(fed, { isFrozen: false, isMuted: false, isStanding: false, opened: [] });
      fed.cameras = [{ id: "one", label: "Camera one", hasLight: false }];
      await harness.startCamera();
    }, isHandedOver);
    await expectScans();
  });

  test("notices a frozen picture, and reads again within 3 s", async () => {
    // It takes a second of noise to know a camera by it.
    await page.waitForFunction(() => harness.scans.camera.length > 45);
    await page.evaluate(() => {
      harness.states.length = 0;
      fed.isFrozen = true;
    });
    const frozenAt = await now();
    await expectRestart("camera shows the same picture again and again", frozenAt);
    // Still frozen, but never seen alive since: it is not opened again and again.
    const opened = await page.evaluate(() => fed.opened.length);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2_500)));
    expect(await page.evaluate(() => fed.opened.length)).toBe(opened);
  });

  test("rests while the tap that a code began is in hand, for 0.3 s at most", async () => {
    const readPauses = (isInHand: boolean) =>
      page.evaluate(async (isInHand) => {
        harness.inHand = isInHand ? new Promise(() => {}) : null;
        harness.scans.camera.length = 0;
        while (harness.scans.camera.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
        const seen = harness.scans.camera.slice(1, 5);
        return seen.slice(1).map(({ seenAt }, at) => seenAt - (seen[at]?.reportedAt ?? 0));
      }, isInHand);
    expect(Math.min(...(await readPauses(true)))).toBeGreaterThan(290);
    expect(Math.min(...(await readPauses(false)))).toBeLessThan(290);
  });

  test("that is closed before it plays is no complaint, anything else is", async () => {
    const complaints: string[] = [];
    const hear = ({ message }: Error): void => void complaints.push(message);
    page.on("pageerror", hear);
    await page.evaluate(async () => {
      const video = document.body.appendChild(document.createElement("video"));
      video.srcObject = document.querySelector("video")?.srcObject ?? null;
      void video.play();
      video.remove();
      await new Promise((resolve) => setTimeout(resolve, 200));
      void Promise.reject(new Error("something else"));
    });
    await expect.poll(() => complaints).toEqual(["something else"]);
    page.off("pageerror", hear);
  });

  test("notices a muted camera, and reads again within 3 s", async () => {
    const mutedAt = await page.evaluate(() => {
      harness.states.length = 0;
      fed.isMuted = true;
      return performance.now();
    });
    // It is silent until it is heard of again, or the next one would be too.
    await page.waitForFunction(() => harness.states.length > 0);
    await page.evaluate(() => {
      fed.isMuted = false;
    });
    await expectRestart("camera is muted", mutedAt);
  });

  test("notices a camera that stands still, and reads again within 3 s", async () => {
    const stoodAt = await page.evaluate(() => {
      harness.states.length = 0;
      fed.isStanding = true;
      return performance.now();
    });
    await page.waitForFunction(() => harness.states.length > 0);
    await page.evaluate(() => {
      fed.isStanding = false;
    });
    await expectRestart("camera stands still", stoodAt);
  });

  test("reads nothing while nobody sees the page, which is no failure, and goes on afterwards", async () => {
    const seen = await page.evaluate(async () => {
      const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
      let isHidden = true;
      Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
      harness.states.length = 0;
      // What was in hand is reported.
      await wait(500);
      harness.scans.camera.length = 0;
      fed.isStanding = true;
      await wait(2_500);
      const scans = harness.scans.camera.length;
      isHidden = fed.isStanding = false;
      while (harness.scans.camera.length === 0) await wait(20);
      Reflect.deleteProperty(document, "hidden");
      return { scans, states: harness.states.length };
    });
    expect(seen).toEqual({ scans: 0, states: 0 });
  });

  test("notices a decoder that cannot read what it must, and says when nothing helps", async () => {
    await page.evaluate(async () => {
      await harness.camera.stop();
      harness.states.length = 0;
      const send = Worker.prototype.postMessage as (message: unknown, transfer?: Transferable[]) => void;
      Object.assign(globalThis, { sendAsBefore: send });
      Worker.prototype.postMessage = function (this: Worker, message: unknown, transfer?: unknown) {
        const { pixels } = message as { pixels?: ArrayBuffer };
        if (pixels !== undefined) new Uint8Array(pixels).fill(255);
        send.call(this, message, transfer as Transferable[]);
      };
      await harness.startCamera();
    });
    const lasting = () => page.evaluate(() => harness.states.some((state) => "isLasting" in state));
    await expect.poll(lasting, { timeout: 20_000 }).toBe(true);
    const states = await page.evaluate(() => harness.states.map((state) => ({ ...state, at: 0 })));
    expect(states[1]).toEqual({ kind: "broken", cause: "decoder does not read its check code", at: 0 });
    await page.evaluate(() => {
      harness.states.length = 0;
      Worker.prototype.postMessage = Reflect.get(globalThis, "sendAsBefore");
    });
    await expect.poll(() => page.evaluate(() => harness.states.at(-1)?.kind), { timeout: 20_000 }).toBe("scanning");
  });

  test("takes another camera while the chosen one is away, and the chosen one when it is back", async () => {
    await page.evaluate(() => {
      harness.chosenCamera = { id: "two", label: "Camera two" };
      fed.plug([...fed.cameras, { id: "two", label: "Camera two", hasLight: false }]);
    });
    await expect.poll(openedLast).toBe("two");
    await expectScans();
    await page.evaluate(() => {
      fed.cameras = fed.cameras.filter(({ id }) => id === "one");
      const stream = harness.host.querySelector("video")?.srcObject;
      if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
    });
    await expect.poll(openedLast).toBe("one");
    await expectScans();
    const pluggedAt = await page.evaluate(() => {
      // The same camera by another id, as a browser gives it after its storage was cleared.
      fed.plug([...fed.cameras, { id: "two-again", label: "Camera two", hasLight: false }]);
      return performance.now();
    });
    await expect.poll(openedLast).toBe("two-again");
    await expectScans();
    expect((await now()) - pluggedAt).toBeLessThan(restartMillisecondsMax);
  });

  test("waits for a camera without one, and takes it as soon as it is plugged in", async () => {
    await page.evaluate(() => {
      fed.cameras = [];
      const stream = harness.host.querySelector("video")?.srcObject;
      if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
    });
    // By now it waits for seconds between two attempts.
    await page.waitForFunction(() => harness.states.some((state) => "isLasting" in state), undefined, {
      timeout: 20_000,
    });
    const pluggedAt = await page.evaluate(() => {
      harness.scans.camera.length = 0;
      fed.plug([{ id: "one", label: "Camera one", hasLight: false }]);
      return performance.now();
    });
    await expectScans();
    expect((await now()) - pluggedAt).toBeLessThan(restartMillisecondsMax);
  });

  test("offers a light only where the camera has one, and switches it", async () => {
    expect(await page.evaluate(() => harness.open?.light)).toBeNull();
    await page.evaluate(() => {
      harness.chosenCamera = { id: "lit", label: "Lit" };
      fed.plug([...fed.cameras, { id: "lit", label: "Lit", hasLight: true }]);
    });
    await page.waitForFunction(() => harness.open?.light?.isOn === false);
    for (const isOn of [true, false]) {
      await page.evaluate((isOn) => harness.open?.light?.turn(isOn), isOn);
      expect(await page.evaluate(() => [fed.isLit, harness.open?.light?.isOn])).toEqual([isOn, isOn]);
    }
  });
});

describe("codes that no phone of ours shows", () => {
  test.each([
    ["as in a mirror", (x: number, y: number, size: number) => [size - 1 - x, y] as const],
    ["upside down", (x: number, y: number, size: number) => [size - 1 - x, size - 1 - y] as const],
    ["on its side", (x: number, y: number) => [y, x] as const],
  ])("is read %s, however it is looked at", async (_, place) => {
    const picture = drawCode("GL1:MIRROR", 6, place);
    for (const look of ["glance", "inverted", "reduced", "matrix"] as const)
      expect(await decode(picture, [look])).toEqual(["GL1:MIRROR"]);
  });

  test("is read light on dark, at every gate within four frames", async () => {
    const { grey, ...size } = drawCode("GL1:DARK", 6);
    const picture = { ...size, grey: grey.map((each) => 255 - each) };
    const read = await Promise.all(turns.codes.map(async (looks) => (await decode(picture, looks))[0]));
    expect(read).toContain("GL1:DARK");
  });

  test("one over another is one of the two or none, never a third text", async () => {
    const [under, over] = [drawCode("GL1:UNDER", 12), drawCode("GL1:OVER", 5)];
    for (const shift of [0, 40, 90, 140, 190]) {
      const texts = await decode(lay(over, under, shift));
      expect(texts.filter((text) => text !== "GL1:UNDER" && text !== "GL1:OVER")).toEqual([]);
    }
  });

  test("of 3,000 characters is cut, in time for the next frame", async () => {
    const text = `GL1:${"A9".repeat(1_498)}`;
    const picture = drawCode(text, 3);
    const answered = await page.evaluate(decodeIn, [sent(picture), thorough] as const);
    expect(answered.texts).toEqual([text.slice(0, 1_025)]);
    expect(answered.milliseconds).toBeLessThan(1_000);
  });
});

describe("long days", () => {
  test("a worker that read enough is followed by another, and no frame is lost", async () => {
    const counted = await page.evaluate(
      async (picture) => {
        const grey = Uint8Array.from(atob(picture.encoded), (each) => each.charCodeAt(0));
        let workers = 0;
        let ended = 0;
        const { terminate } = Worker.prototype;
        Worker.prototype.terminate = function (this: Worker) {
          ended += 1;
          terminate.call(this);
        };
        const Before = globalThis.Worker;
        globalThis.Worker = new Proxy(Before, {
          construct: (made, given: ConstructorParameters<typeof Worker>) => {
            workers += 1;
            return new made(...given);
          },
        });
        const decoder = await harness.startLastingDecoder(20);
        let pixels = new ArrayBuffer(grey.length);
        let read = 0;
        let frames = 0;
        for (; workers < 5 && frames < 20_000; frames++) {
          new Uint8Array(pixels).set(grey);
          const { width, height } = picture;
          const answer = await decoder.decode({ pixels, bytesPerPixel: 1, width, height, looks: ["matrix"] });
          if (answer.texts[0] === "GL1:LAST") read += 1;
          pixels = answer.pixels;
        }
        decoder.stop();
        // One that was just being started ends once it has.
        for (let wait = 0; wait < 100 && ended < workers; wait++) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        globalThis.Worker = Before;
        Worker.prototype.terminate = terminate;
        return { read, frames, workers, left: workers - ended };
      },
      sent(drawCode("GL1:LAST", 4)),
    );
    expect(counted.read).toBe(counted.frames);
    expect(counted.workers).toBe(5);
    expect(counted.left).toBe(0);
  });

  test("one that reads a camera's frames is followed too, and they go to the newest alone", async () => {
    await camera.show(code);
    const counted = await page.evaluate(async () => {
      type Processor = new (asked: { track: MediaStreamTrack; maxBufferSize: number }) => { readable: ReadableStream };
      const Processor = (fed.Processor ?? Reflect.get(globalThis, "MediaStreamTrackProcessor")) as Processor;
      const workers: Worker[] = [];
      const before = Worker.prototype.postMessage;
      const send = before as (message: unknown, transfer?: Transferable[]) => void;
      Worker.prototype.postMessage = function (this: Worker, message: unknown, transfer?: unknown) {
        if ("turns" in (message as object) && workers.at(-1) !== this) workers.push(this);
        send.call(this, message, transfer as Transferable[]);
      };
      const [track] = (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks();
      if (track === undefined) throw new Error("no track");
      const decoder = await harness.startLastingDecoder(20);
      let opened = 0;
      const open = () => {
        opened += 1;
        return new Processor({ track, maxBufferSize: 1 }).readable;
      };
      const source = { open, reads: "codes", turns: [["glance"]], millisecondsMax: 250 } as const;
      const texts: string[] = [];
      let frames = 0;
      // Until the code is there.
      while ((await decoder.read(source)).texts.length === 0);
      while (opened < 4 && frames < 2_000) {
        const read = await decoder.read(source);
        frames += read.samples.length;
        texts.push(...read.texts);
      }
      decoder.stop();
      track.stop();
      Worker.prototype.postMessage = before;
      return { opened, workers: new Set(workers).size, turns: workers.length, frames, texts };
    });
    expect(counted).toMatchObject({ opened: 4, workers: 4, turns: 4 });
    expect(counted.frames).toBeGreaterThanOrEqual(60);
    expect(counted.texts).toHaveLength(counted.frames);
    expect(new Set(counted.texts)).toEqual(new Set(["GL1:ONE"]));
  });

  test(`${decodes} decodes leave nothing of each behind`, async () => {
    // A page of its own: nothing of the tests before is given back meanwhile.
    await page.reload();
    await page.locator("body[data-ready]").waitFor();
    const text = "GL1:SOAK";
    const soaked = await page.evaluate(soakDecoder, { ...sent(drawCode(text, 4)), text, decodes, holder: "harness" });
    console.log({ decodes, ...soaked, megabytesIn100000: (soaked.heapBytesEach * 100_000) / 2 ** 20 });
    expect(soaked.read).toBe(decodes);
    expect(soaked.wasmBytes).toBe(0);
    // 1 MB in 100,000; that many are run by the benchmark.
    expect(soaked.heapBytesEach).toBeLessThan(2 ** 20 / 100_000);
  });
});

const expectScans = async () => {
  await page.evaluate(() => {
    harness.scans.camera.length = 0;
  });
  await page.waitForFunction(() => harness.scans.camera.length > 0, undefined, { timeout: 10_000, polling: 20 });
};

const now = () => page.evaluate(() => performance.now());

const openedLast = () => page.evaluate(() => fed.opened.at(-1));

const expectRestart = async (cause: string, since: number) => {
  const back = () => page.evaluate(() => harness.states.findLast(({ kind }) => kind === "scanning")?.at ?? 0);
  await expect.poll(back, { timeout: 15_000 }).toBeGreaterThan(0);
  expect(
    await page.evaluate(() => harness.states.map((state) => ("cause" in state ? state.cause : state.kind))),
  ).toEqual([cause, "scanning"]);
  expect((await back()) - since).toBeLessThan(restartMillisecondsMax);
};

/** `place`: where a module goes. */
const drawCode = (
  text: string,
  scale: number,
  place: (x: number, y: number, size: number) => readonly [number, number] = (x, y) => [x, y],
): Picture => {
  const { data, size } = encode(text, { ecc: text.length > 2_000 ? "L" : "M", border: 4 });
  const side = size * scale;
  const grey = new Uint8Array(side * side).fill(235);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [column, row] = place(Math.floor(x / scale), Math.floor(y / scale), size);
      if (data[row]?.[column] === true) grey[y * side + x] = 20;
    }
  }
  return { width: side, height: side, grey };
};

/** `over` on `under`, so far from its left and upper edge. */
const lay = (over: Picture, under: Picture, shift: number): Picture => {
  const grey = under.grey.slice();
  for (let y = 0; y < over.height; y++) {
    for (let x = 0; x < over.width; x++) {
      const [left, top] = [x + shift, y + shift];
      if (left < under.width && top < under.height) grey[top * under.width + left] = over.grey[y * over.width + x] ?? 0;
    }
  }
  return { ...under, grey };
};

type Sent = { readonly width: number; readonly height: number; readonly encoded: string };

const sent = ({ width, height, grey }: Picture): Sent => ({
  width,
  height,
  encoded: Buffer.from(grey).toString("base64"),
});

const decodeIn = async ([{ width, height, encoded }, looks]: readonly [Sent, readonly Look[]]) => {
  const grey = atob(encoded);
  const rgba = new Uint8ClampedArray(4 * grey.length).fill(255);
  for (let at = 0; at < grey.length; at++) rgba.fill(grey.charCodeAt(at), 4 * at, 4 * at + 3);
  const decoder = await harness.startDecoder();
  const { texts, milliseconds } = await decoder.decode({
    ...{ pixels: rgba.buffer, bytesPerPixel: 4, width, height },
    looks,
  });
  decoder.stop();
  return { texts, milliseconds };
};

const decode = async (picture: Picture, looks: readonly Look[] = thorough): Promise<readonly string[]> =>
  (await page.evaluate(decodeIn, [sent(picture), looks] as const)).texts;
