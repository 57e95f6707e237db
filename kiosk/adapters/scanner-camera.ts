/**
 * The camera as a scanner. html5-qrcode asks for permission, opens, shows and closes the camera; it decodes nothing. The
 * frames go to the decoder's thread (frames.ts, decoder.ts).
 *
 * Reports the best text (decode-messages.d.ts) of every frame that has one, so one code held up is reported many times.
 *
 * `broken` when the camera cannot be opened, is unplugged, shows no new frame for 3 s, or when the decoder fails or stays
 * silent for 3 s; then everything is closed and opened again, after 0.5 s, 1 s, 2 s ... 30 s, until a frame has been read. A
 * hidden page gets no frames and is not broken. `scanning` only once a frame has been read from end to end.
 *
 * To be loaded with a dynamic import after the first screen: this is the heavy part of a terminal.
 */
import { Html5Qrcode } from "html5-qrcode/esm/html5-qrcode.js";
import type { Scan, Scanner, ScannerState } from "../ports.ts";
import { type Decoder, startDecoder } from "./decoder.ts";
import { readFrames, tracksOf } from "./frames.ts";

export type CameraOptions = {
  /** In the document, with a width, otherwise empty, and left alone by others: the preview's `video` is put into it. */
  readonly host: HTMLElement;
  /** The id of the camera chosen for this terminal. Another one is used while it is missing, or when none was chosen. */
  readonly recallCamera: () => Promise<string | undefined>;
};

export const cameraScanner = (options: CameraOptions): Scanner => {
  let stopping: AbortController | undefined;
  let running: Promise<void> | undefined;
  return {
    name: "camera",
    /** Resolves at the first `scanning` or `broken`; never rejects. */
    start: (onScan, onState) =>
      new Promise((resolve) => {
        stopping?.abort();
        stopping = new AbortController();
        const report = reportChanges((state) => {
          onState(state);
          if (state.kind !== "starting") resolve();
        });
        const previous = running;
        const { signal } = stopping;
        running = Promise.resolve(previous).then(() => keepScanning(options, onScan, report, signal));
        void running.then(resolve);
      }),
    /** Resolves when the camera is released. */
    stop: async () => {
      stopping?.abort();
      await running;
    },
  };
};

/** What there is to choose from, for whoever sets the terminal up. Asks for permission. */
export const listCameras = async (): Promise<readonly { readonly id: string; readonly label: string }[]> =>
  Html5Qrcode.getCameras();

const pauseMilliseconds = { first: 500, max: 30_000 };
const openMillisecondsMax = 10_000;

const keepScanning = async (
  options: CameraOptions,
  onScan: (scan: Scan) => void,
  report: (state: ScannerState) => void,
  stopped: AbortSignal,
): Promise<void> => {
  let pause = pauseMilliseconds.first;
  const onWorking = () => {
    pause = pauseMilliseconds.first;
    report({ kind: "scanning" });
  };
  report({ kind: "starting" });
  // Only said, not acted upon: the browser may be asking somebody for permission, and a second attempt would ask twice.
  const onSlow = () => report({ kind: "broken", cause: "camera does not start, or nobody allowed it" });
  while (!stopped.aborted) {
    const cause = await scanUntilBroken(options, { onScan, onWorking, onSlow }, stopped);
    if (stopped.aborted) return;
    report({ kind: "broken", cause });
    await sleep(pause, stopped);
    pause = Math.min(pause * 2, pauseMilliseconds.max);
  }
};

type CameraReports = {
  readonly onScan: (scan: Scan) => void;
  readonly onWorking: () => void;
  readonly onSlow: () => void;
};

/** One life of a camera and a decoder. Resolves to the cause of its end. */
const scanUntilBroken = async (
  options: CameraOptions,
  { onScan, onWorking, onSlow }: CameraReports,
  stopped: AbortSignal,
): Promise<string> => {
  const ended = new AbortController();
  let decoder: Decoder | undefined;
  let camera: Camera | undefined;
  try {
    decoder = await startDecoder();
    const slow = setTimeout(onSlow, openMillisecondsMax);
    camera = await openCamera(options).finally(() => clearTimeout(slow));
    const { video } = camera;
    const { decode } = decoder;
    return await new Promise<string>((resolve) => {
      if (stopped.aborted) resolve("stopped");
      stopped.addEventListener("abort", () => resolve("stopped"), { signal: ended.signal });
      readFrames(video, decode, { onScan, onRead: onWorking, onBroken: resolve }, ended.signal);
    });
  } catch (reason) {
    return causeOf(reason);
  } finally {
    ended.abort();
    decoder?.stop();
    await camera?.close();
  }
};

type Camera = { readonly video: HTMLVideoElement; readonly close: () => Promise<void> };

const openCamera = async ({ host, recallCamera }: CameraOptions): Promise<Camera> => {
  host.id ||= "camera-host";
  const camera = new Html5Qrcode(host.id, { verbose: false, useBarCodeDetectorIfSupported: false });
  silenceDecoder(camera);
  const picture = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  const open = (choice: MediaTrackConstraints) =>
    camera.start(
      { facingMode: "environment" },
      { fps: 1, videoConstraints: { ...picture, ...choice } },
      () => {},
      () => {},
    );
  const chosen = await recallCamera();
  if (chosen === undefined) await open({ facingMode: "environment" });
  else await open({ deviceId: { exact: chosen } }).catch(() => open({ facingMode: "environment" }));

  const video = host.querySelector("video");
  if (video === null) throw new Error("camera shows nothing");
  // The library's own handlers throw into nowhere; the watch in frames.ts sees the same and acts. Its width is a number of
  // pixels, measured once; the host may be resized.
  video.onabort = null;
  video.onerror = null;
  video.style.width = "100%";
  return { video, close: () => closeCamera(camera, video, host) };
};

/** html5-qrcode would decode beside us, on the page's own thread. It has no option for that, so its loop goes. */
const silenceDecoder = (camera: Html5Qrcode) => {
  const inner = camera as unknown as { foreverScan?: () => void };
  if (typeof inner.foreverScan !== "function") throw new Error("html5-qrcode has changed: no foreverScan");
  inner.foreverScan = () => {};
};

/** Whatever state the library is in, the camera's light goes out and the host is empty again. */
const closeCamera = async (camera: Html5Qrcode, video: HTMLVideoElement, host: HTMLElement) => {
  const tracks = tracksOf(video);
  try {
    await camera.stop();
  } catch {
    // It cannot stop what has not begun to play.
  }
  for (const track of tracks) track.stop();
  host.replaceChildren();
};

/** Staff need to be told once. */
const reportChanges = (report: (state: ScannerState) => void) => {
  let last = "";
  return (state: ScannerState) => {
    const now = JSON.stringify(state);
    if (now !== last) report(state);
    last = now;
  };
};

/** html5-qrcode rejects with strings. */
const causeOf = (reason: unknown): string =>
  (reason instanceof Error ? reason.message : String(reason))
    .replace("Error getting userMedia, error = ", "")
    .slice(0, 200);

const sleep = (milliseconds: number, stopped: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stopped.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
