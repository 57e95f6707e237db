/**
 * The camera as a scanner. html5-qrcode asks for permission, opens, shows and closes the camera; it decodes nothing. The
 * frames go to the decoder's thread (frames.ts, lasting-decoder.ts).
 *
 * Reports the best text (decode-messages.d.ts) of every frame that has one, so one code held up is reported many times.
 *
 * `broken` when the camera cannot be opened, is unplugged, shows no new frame or only an old one for 1.5 s, or when the
 * decoder fails or stays silent for 1.5 s; then everything is closed and opened again, after 0.25 s, 0.5 s, 1 s ... 30 s, and
 * at once when a camera is plugged in, until a frame has been read. From the fourth failure in a row on it `isLasting`. A
 * hidden page reads no frames and is not broken. `scanning` only once a frame has been read from end to end.
 *
 * To be loaded with a dynamic import after the first screen: this is the heavy part of a terminal.
 */
import { Html5Qrcode } from "html5-qrcode/esm/html5-qrcode.js";
import type { ChosenCamera, OnScan, OpenCamera, Scanner, ScannerState } from "../ports.ts";
import { lightOf, suitCamera } from "./camera-settings.ts";
import type { Reads } from "./decode-messages.d.ts";
import type { Decoder } from "./decoder.ts";
import { type Filmed, readFrames } from "./frames.ts";
import { handsOverFrames } from "./frames-of-track.ts";
import { startLastingDecoder } from "./lasting-decoder.ts";

export type CameraOptions = {
  /** In the document, with a width, otherwise empty, and left alone by others: the preview's `video` is put into it. */
  readonly host: HTMLElement;
  readonly reads: Reads;
  /** The camera chosen for this terminal. Another one is used while it is missing, or when none was chosen. */
  readonly recallCamera: () => ChosenCamera | null;
  /** Called with each camera that opens, and with null when it closes. */
  readonly onCamera: (camera: OpenCamera | null) => void;
};

export type CameraScanner = Scanner & {
  /** Another camera was chosen: it is opened instead. */
  readonly changeCamera: () => void;
};

export const cameraScanner = (options: CameraOptions): CameraScanner => {
  let stopping: AbortController | undefined;
  let running: Promise<void> | undefined;
  const changes = new EventTarget();
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
        running = Promise.resolve(previous).then(() => keepScanning(options, changes, onScan, report, signal));
        void running.then(resolve);
      }),
    /** Resolves when the camera is released. */
    stop: async () => {
      stopping?.abort();
      await running;
    },
    changeCamera: () => changes.dispatchEvent(new Event("change")),
  };
};

/** What there is to choose from, for whoever sets the terminal up. Asks for permission. */
export const listCameras = async (): Promise<readonly ChosenCamera[]> => Html5Qrcode.getCameras();

const pauseMilliseconds = { first: 250, max: 30_000 };
const openMillisecondsMax = 10_000;
const failuresMax = 3;

/** How a life ended that nobody has to be told of. */
const otherCamera = "another camera is to be used";

const keepScanning = async (
  options: CameraOptions,
  changes: EventTarget,
  onScan: OnScan,
  report: (state: ScannerState) => void,
  stopped: AbortSignal,
): Promise<void> => {
  let pause = pauseMilliseconds.first;
  let failures = 0;
  const onWorking = () => {
    pause = pauseMilliseconds.first;
    failures = 0;
    report({ kind: "scanning" });
  };
  report({ kind: "starting" });
  // Only said, not acted upon: the browser may be asking somebody for permission, and a second attempt would ask twice.
  const onSlow = () => report({ kind: "broken", cause: "camera does not start, or nobody allowed it" });
  while (!stopped.aborted) {
    const cause = await scanUntilBroken(options, changes, { onScan, onWorking, onSlow }, stopped);
    if (stopped.aborted) return;
    if (cause === otherCamera) continue;
    failures += 1;
    report({ kind: "broken", cause, ...(failures > failuresMax ? { isLasting: true } : {}) });
    await sleep(pause, changes, stopped);
    pause = Math.min(pause * 2, pauseMilliseconds.max);
  }
};

type CameraReports = {
  readonly onScan: OnScan;
  readonly onWorking: () => void;
  readonly onSlow: () => void;
};

/** One life of a camera and a decoder. Resolves to the cause of its end. */
const scanUntilBroken = async (
  options: CameraOptions,
  changes: EventTarget,
  { onScan, onWorking, onSlow }: CameraReports,
  stopped: AbortSignal,
): Promise<string> => {
  const ended = new AbortController();
  const { signal } = ended;
  let decoder: Decoder | undefined;
  let camera: Camera | undefined;
  try {
    decoder = await startLastingDecoder();
    const slow = setTimeout(onSlow, openMillisecondsMax);
    camera = await openCamera(options).finally(() => clearTimeout(slow));
    const [filmed, proven] = [camera, decoder];
    const { track } = camera;
    await suitCamera(track);
    await tellCamera(track, options.onCamera);
    return await new Promise<string>((resolve) => {
      if (stopped.aborted) resolve("stopped");
      stopped.addEventListener("abort", () => resolve("stopped"), { signal });
      changes.addEventListener("change", () => resolve(otherCamera), { signal });
      const onPlugged = async () => {
        const cameras = await camerasHere();
        const wanted = findChosen(cameras, options.recallCamera());
        if (wanted !== undefined && wanted.id !== idOf(track)) resolve(otherCamera);
        else if (!signal.aborted) await tellCamera(track, options.onCamera);
      };
      navigator.mediaDevices.addEventListener("devicechange", () => void onPlugged(), { signal });
      const reports = { onScan, onRead: onWorking, onBroken: resolve };
      void readFrames(filmed, options.reads, proven, reports, signal);
    });
  } catch (reason) {
    return causeOf(reason);
  } finally {
    ended.abort();
    decoder?.stop();
    options.onCamera(null);
    await camera?.close();
  }
};

type Camera = Filmed & { readonly close: () => Promise<void> };

/** Small enough for every frame to be read, large enough for a code at arm's length. */
const picture = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
/** Enough to aim by: drawn in full, the picture costs a small machine more than its reading. */
const preview = { frameRate: { max: 15 } };

const openCamera = async ({ host, recallCamera }: CameraOptions): Promise<Camera> => {
  host.id ||= "camera-host";
  const camera = new Html5Qrcode(host.id, { verbose: false, useBarCodeDetectorIfSupported: false });
  silenceDecoder(camera);
  addEventListener("unhandledrejection", forgivePlay);
  const open = (choice: MediaTrackConstraints) =>
    camera.start(
      { facingMode: "environment" },
      { fps: 1, videoConstraints: { ...picture, ...choice } },
      () => {},
      () => {},
    );
  // Ids and labels are known from the moment the camera was first allowed, and then before it is opened.
  const chosen = findChosen(await camerasHere(), recallCamera());
  if (chosen === undefined) await open({ facingMode: "environment" });
  else await open({ deviceId: { exact: chosen.id } }).catch(() => open({ facingMode: "environment" }));

  const video = host.querySelector("video");
  if (video === null) throw new Error("camera shows nothing");
  // The library's own handlers throw into nowhere; the watch in frames.ts sees the same and acts. Its width is a number of
  // pixels, measured once; the host may be resized. Where the host lies is the page's affair, whose place it fills.
  video.onabort = null;
  video.onerror = null;
  video.style.width = "100%";
  host.style.position = "";
  const [track] = tracksOf(video);
  const shown = track === undefined || !handsOverFrames() ? track : await thinPreview(video, track);
  const close = () => closeCamera(camera, video, host, track);
  if (track !== undefined && shown !== undefined) return { video, track, shown, close };
  await close();
  throw new Error("camera shows nothing");
};

const tracksOf = (video: HTMLVideoElement): readonly MediaStreamTrack[] =>
  video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];

/** Where the frames are read apart from the video. A camera that cannot show less shows all. */
const thinPreview = async (video: HTMLVideoElement, track: MediaStreamTrack): Promise<MediaStreamTrack> => {
  const shown = track.clone();
  await shown.applyConstraints(preview).catch(() => {});
  video.srcObject = new MediaStream([shown]);
  // Its own frames are watched no more: should it stop, when it is moved within the page, it goes on.
  video.onpause = () => void video.play().catch(() => {});
  await video.play().catch(() => {});
  return shown;
};

const camerasHere = async (): Promise<readonly ChosenCamera[]> =>
  (await navigator.mediaDevices.enumerateDevices())
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "")
    .map(({ deviceId, label }) => ({ id: deviceId, label }));

const findChosen = (cameras: readonly ChosenCamera[], chosen: ChosenCamera | null): ChosenCamera | undefined => {
  if (chosen === null) return undefined;
  return (
    cameras.find(({ id }) => id === chosen.id) ?? cameras.find(({ label }) => label !== "" && label === chosen.label)
  );
};

const idOf = (track: MediaStreamTrack): string => track.getSettings().deviceId ?? "";

const tellCamera = async (track: MediaStreamTrack, onCamera: CameraOptions["onCamera"]): Promise<void> => {
  const cameras = await camerasHere();
  lightOf(track, (light) => onCamera({ id: idOf(track), cameras, light }));
};

/** html5-qrcode would decode beside us, on the page's own thread. It has no option for that, so its loop goes. */
const silenceDecoder = (camera: Html5Qrcode) => {
  const inner = camera as unknown as { foreverScan?: () => void };
  if (typeof inner.foreverScan !== "function") throw new Error("html5-qrcode has changed: no foreverScan");
  inner.foreverScan = () => {};
};

/** The library forgets what play() promised. Closed before it began to play, that is refused, and nothing is wrong. */
const forgivePlay = (event: PromiseRejectionEvent): void => {
  const { reason } = event;
  if (reason instanceof DOMException && reason.name === "AbortError" && /play\(\)/.test(reason.message)) {
    event.preventDefault();
  }
};

/** Whatever state the library is in, the camera's light goes out and the host is empty again. */
const closeCamera = async (
  camera: Html5Qrcode,
  video: HTMLVideoElement,
  host: HTMLElement,
  track?: MediaStreamTrack,
) => {
  const tracks = [...tracksOf(video), ...(track === undefined ? [] : [track])];
  video.onpause = null;
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

/** Shorter where a camera is plugged in or chosen. */
const sleep = (milliseconds: number, changes: EventTarget, stopped: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const woken = new AbortController();
    const wake = () => {
      clearTimeout(timer);
      woken.abort();
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    const { signal } = woken;
    stopped.addEventListener("abort", wake, { signal });
    changes.addEventListener("change", wake, { signal });
    navigator.mediaDevices.addEventListener("devicechange", wake, { signal });
  });
