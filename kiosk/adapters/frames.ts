/**
 * From a playing video to texts: takes each frame the browser shows, has it read by the decoder, at most one at a time, and
 * watches that frames keep coming and keep changing.
 *
 * While a frame is being read, newer ones pass by unread, and the next to be read is then the newest: there is no queue. So
 * they do while the tap that a frame began is in hand, for no longer than nobody else could be served: what there is of a
 * slow machine is for that tap.
 */
import type { OnScan } from "../ports.ts";
import type { DecodeRequest, Look } from "./decode-messages.d.ts";
import type { Decoder } from "./decoder.ts";
import { watchSilence } from "./silence.ts";
import { createStillness, type Stillness } from "./stillness.ts";

export type FrameReports = {
  /** The best text of a frame. `seenAt` is when the frame was there, before it was copied and read. */
  readonly onScan: OnScan;
  /** After each frame that was read, with or without a text. */
  readonly onRead: () => void;
  /** A short cause for staff. May come more than once; nothing is retried here. */
  readonly onBroken: (cause: string) => void;
};

/** `all`: the whole picture, barcodes on items too. `codes`: only codes that people show, in the middle of it. */
export type Reads = "all" | "codes";

/** How one frame after another is looked at: never all at once, so that every frame is read within its time. */
export const turns: Readonly<Record<Reads, readonly (readonly Look[])[]>> = {
  all: [
    ["glance", "matrix", "linear"],
    ["glance", "matrix"],
  ],
  codes: [["glance"], ["glance", "inverted"], ["glance"], ["glance", "reduced"]],
};

/** Short enough that a camera is open again within 3 s. */
const frameGapMillisecondsMax = 1_500;

/** Goes on until `ended` is aborted, broken or not. */
export const readFrames = (
  video: HTMLVideoElement,
  reads: Reads,
  decode: Decoder["decode"],
  { onScan, onRead, onBroken }: FrameReports,
  ended: AbortSignal,
): void => {
  const sawFrame = watchFrames(video, onBroken, ended);
  const stillness = createStillness();
  // One buffer goes back and forth for good: 3.7 MB thirty times a second are not left to the garbage collector.
  let spare = new ArrayBuffer(0);
  let isReading = false;
  let turn = 0;

  const readFrame = async (seenAt: number) => {
    const frame = await copyFrame(video, reads, spare);
    const copiedAt = performance.now();
    if (isFrozen(stillness, frame, copiedAt)) onBroken("camera shows the same picture again and again");
    const looks = turns[reads][turn++ % turns[reads].length] ?? [];
    const answer = await decode({ ...frame, looks });
    if (ended.aborted) return;
    spare = answer.pixels;
    onRead();
    const [text] = answer.texts;
    if (text === undefined) return;
    const inHand = onScan({ text, seenAt, copiedAt, readAt: performance.now() });
    await Promise.race([inHand, rest(restMillisecondsMax)]);
  };

  const onFrame = () => {
    if (ended.aborted) return;
    const seenAt = performance.now();
    sawFrame();
    video.requestVideoFrameCallback(onFrame);
    if (isReading) return;
    isReading = true;
    readFrame(seenAt).then(
      () => {
        isReading = false;
      },
      // Of a camera that was pulled out there is no frame any more: that is said, and not how it showed.
      (reason) => onBroken(isEnded(video) ? disconnected : reason instanceof Error ? reason.message : String(reason)),
    );
  };

  video.requestVideoFrameCallback(onFrame);
};

const disconnected = "camera disconnected";

const isEnded = (video: HTMLVideoElement): boolean => tracksOf(video).every(({ readyState }) => readyState === "ended");

export const tracksOf = (video: HTMLVideoElement): readonly MediaStreamTrack[] =>
  video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];

/** Returns what to call at each frame. */
const watchFrames = (video: HTMLVideoElement, onBroken: (cause: string) => void, ended: AbortSignal): (() => void) => {
  const isMuted = () => tracksOf(video).some(({ muted }) => muted);
  const causeOfSilence = () => {
    if (isEnded(video)) return disconnected;
    return isMuted() ? "camera is muted" : "camera stands still";
  };
  const watch = () => {
    // A hidden page is shown no frames.
    if (document.hidden) silence.heard();
    if (isEnded(video)) onBroken(disconnected);
  };
  const silence = watchSilence(frameGapMillisecondsMax, () => onBroken(causeOfSilence()));
  const timer = setInterval(watch, watchMilliseconds);
  ended.addEventListener("abort", () => {
    silence.end();
    clearInterval(timer);
  });
  for (const track of tracksOf(video)) track.addEventListener("ended", watch, { signal: ended });
  return silence.heard;
};

const watchMilliseconds = 200;
const restMillisecondsMax = 300;

const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

type Frame = Omit<DecodeRequest, "looks">;

const copyFrame = async (video: HTMLVideoElement, reads: Reads, spare: ArrayBuffer): Promise<Frame> => {
  const frame = new VideoFrame(video);
  try {
    const seen = frame.visibleRect ?? new DOMRectReadOnly(0, 0, frame.codedWidth, frame.codedHeight);
    const rect = reads === "all" ? seen : middleOf(seen);
    const { width, height } = rect;
    const way = wayOf(frame.format);
    const options = { rect, ...(way.format === null ? {} : { format: way.format }) };
    const bytes = frame.allocationSize(options);
    const pixels = spare.byteLength === bytes ? spare : new ArrayBuffer(bytes);
    await frame.copyTo(pixels, options);
    return { pixels, bytesPerPixel: way.bytesPerPixel, width, height };
  } finally {
    frame.close();
  }
};

/** As it is where that can be read: a camera's own formats begin with the light of each pixel. Otherwise as colours. */
const wayOf = (format: VideoPixelFormat | null): Pick<Frame, "bytesPerPixel"> & { readonly format: "RGBA" | null } => {
  if (format === null) return { bytesPerPixel: 4, format: "RGBA" };
  if (/^(I4\d\d|NV\d\d)A?$/.test(format)) return { bytesPerPixel: 1, format: null };
  return { bytesPerPixel: 4, format: /^(RGB|BGR)[AX]$/.test(format) ? null : "RGBA" };
};

/** At most 4:3 of a picture wider than that, and the same in height: what lies beside it is behind people's backs. */
export const middleOf = ({ x, y, width, height }: DOMRectReadOnly): DOMRectReadOnly => {
  const [across, down] = [Math.min(width, even((height * 4) / 3)), Math.min(height, even((width * 4) / 3))];
  return new DOMRectReadOnly(x + even((width - across) / 2), y + even((height - down) / 2), across, down);
};

/** Colours come one for two pixels. */
const even = (pixels: number): number => 2 * Math.floor(pixels / 2);

const isFrozen = (stillness: Stillness, { pixels }: Frame, at: number): boolean =>
  stillness.isFrozen(new Uint8Array(pixels), at);
