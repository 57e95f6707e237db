/** A camera's frames as a playing video shows them: copied by this thread, and read by the decoder's. */
import type { Reads } from "./decode-messages.d.ts";
import type { Decoder } from "./decoder.ts";
import { copyFrame } from "./frame-copy.ts";
import { type Reading, stepMilliseconds } from "./frames.ts";
import { createLookout } from "./lookout.ts";
import { sampleOf } from "./stillness.ts";
import { turns } from "./turns.ts";

export const readVideo = (video: HTMLVideoElement, reads: Reads, decoder: Decoder): (() => Promise<Reading>) => {
  // One buffer goes back and forth for good: 3.7 MB thirty times a second are not left to the garbage collector.
  let spare = new ArrayBuffer(0);
  let turn = 0;
  const lookout = createLookout();
  return async () => {
    if (!(await isFrameShown(video))) return { texts: [], samples: [], seenAt: 0, copiedAt: 0, readAt: 0 };
    const seenAt = performance.now();
    const frame = await copyFrame(new VideoFrame(video), reads, spare);
    const copiedAt = performance.now();
    const samples = [sampleOf(new Uint8Array(frame.pixels))];
    spare = frame.pixels;
    if (!lookout.isWorthReading(frame)) return { texts: [], samples, seenAt, copiedAt, readAt: copiedAt };
    const looks = turns[reads][turn++ % turns[reads].length] ?? [];
    const { texts, pixels } = await decoder.decode({ ...frame, looks });
    spare = pixels;
    if (texts.length > 0) lookout.sawText();
    return { texts, samples, seenAt, copiedAt, readAt: performance.now() };
  };
};

/** Waits for the next, for one step at most. */
const isFrameShown = (video: HTMLVideoElement): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = video.requestVideoFrameCallback(() => {
      clearTimeout(timer);
      resolve(true);
    });
    const timer = setTimeout(() => {
      video.cancelVideoFrameCallback(asked);
      resolve(false);
    }, stepMilliseconds);
  });
