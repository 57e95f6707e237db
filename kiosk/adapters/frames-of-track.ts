/** A camera's frames, read by the decoder's thread: they go to it past this one, which only hears of texts. */
import type { Reads } from "./decode-messages.d.ts";
import type { Decoder } from "./decoder.ts";
import { type Reading, stepMilliseconds } from "./frames.ts";
import { turns } from "./turns.ts";

type TrackProcessor = { readonly readable: ReadableStream<VideoFrame> };

/** Chromium has it in pages; others have none, or none that a page can use. */
const processorHere = (): unknown => Reflect.get(globalThis, "MediaStreamTrackProcessor");

export const handsOverFrames = (): boolean => typeof processorHere() === "function";

export const readTrack = (track: MediaStreamTrack, reads: Reads, decoder: Decoder): (() => Promise<Reading>) => {
  const open = (): ReadableStream<VideoFrame> => {
    const asked = [{ track, maxBufferSize: 1 }];
    const { readable }: TrackProcessor = Reflect.construct(processorHere() as typeof Object, asked);
    return readable;
  };
  const camera = { open, reads, turns: turns[reads], millisecondsMax: stepMilliseconds };
  return async () => {
    const { texts, samples, seenAt, copiedAt, readAt } = await decoder.read(camera);
    const originAt = performance.timeOrigin;
    return { texts, samples, seenAt: seenAt - originAt, copiedAt: copiedAt - originAt, readAt: readAt - originAt };
  };
};
