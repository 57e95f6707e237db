/**
 * From a playing video to texts: takes each frame the browser shows, has it read by the decoder, at most one at a time, and
 * watches that frames keep coming.
 *
 * While a frame is being read, newer ones pass by unread, and the next to be read is then the newest: there is no queue.
 */
import type { Scan } from "../ports.ts";
import type { DecodeRequest } from "./decode-messages.d.ts";
import type { Decoder } from "./decoder.ts";

export type FrameReports = {
  /** The best text of a frame. `seenAt` is when the frame was there, before it was copied and read. */
  readonly onScan: (scan: Scan) => void;
  /** After each frame that was read, with or without a text. */
  readonly onRead: () => void;
  /** A short cause for staff. May come more than once; nothing is retried here. */
  readonly onBroken: (cause: string) => void;
};

const frameGapMillisecondsMax = 3_000;
const watchMilliseconds = 500;

/** Goes on until `ended` is aborted, broken or not. */
export const readFrames = (
  video: HTMLVideoElement,
  decode: Decoder["decode"],
  { onScan, onRead, onBroken }: FrameReports,
  ended: AbortSignal,
): void => {
  const sawFrame = watchFrames(video, onBroken, ended);
  // One buffer goes back and forth for good: 3.7 MB thirty times a second are not left to the garbage collector.
  let spare = new ArrayBuffer(0);
  let isReading = false;
  // In every other frame only: between two codes the decoder is then quick enough for each frame of the camera.
  let linear = false;

  const readFrame = async (seenAt: number) => {
    linear = !linear;
    const answer = await decode({ ...(await copyFrame(video, spare)), linear });
    if (ended.aborted) return;
    spare = answer.rgba;
    onRead();
    const [text] = answer.texts;
    if (text !== undefined) onScan({ text, seenAt });
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
      (reason) => onBroken(reason instanceof Error ? reason.message : String(reason)),
    );
  };

  video.requestVideoFrameCallback(onFrame);
};

export const tracksOf = (video: HTMLVideoElement): readonly MediaStreamTrack[] =>
  video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];

/** Returns what to call at each frame. */
const watchFrames = (video: HTMLVideoElement, onBroken: (cause: string) => void, ended: AbortSignal): (() => void) => {
  let seenAt = performance.now();
  const sawFrame = () => {
    seenAt = performance.now();
  };
  const watch = () => {
    // A hidden page is shown no frames.
    if (document.hidden) sawFrame();
    if (tracksOf(video).every(({ readyState }) => readyState === "ended")) onBroken("camera disconnected");
    else if (performance.now() - seenAt > frameGapMillisecondsMax) onBroken("camera stands still");
  };
  const timer = setInterval(watch, watchMilliseconds);
  ended.addEventListener("abort", () => clearInterval(timer));
  for (const track of tracksOf(video)) track.addEventListener("ended", watch, { signal: ended });
  return sawFrame;
};

const copyFrame = async (video: HTMLVideoElement, spare: ArrayBuffer): Promise<Omit<DecodeRequest, "linear">> => {
  const frame = new VideoFrame(video);
  try {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const rgba = spare.byteLength === width * height * 4 ? spare : new ArrayBuffer(width * height * 4);
    await frame.copyTo(rgba, { format: "RGBA" });
    return { rgba, width, height };
  } finally {
    frame.close();
  }
};
