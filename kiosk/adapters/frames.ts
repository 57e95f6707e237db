/**
 * From an open camera to texts: has its frames read, at most one at a time, and watches that they keep coming and keep
 * changing. By the decoder's own thread where the browser hands a track's frames to it, otherwise by this one, from the
 * playing video.
 *
 * While a frame is being read, newer ones pass by unread, and the next to be read is then the newest: there is no queue. So
 * they do while the tap that a frame began is in hand, for no longer than nobody else could be served: what there is of a
 * slow machine is for that tap.
 */
import type { OnScan } from "../ports.ts";
import type { FramesRead, Reads } from "./decode-messages.d.ts";
import type { Decoder } from "./decoder.ts";
import { handsOverFrames, readTrack } from "./frames-of-track.ts";
import { readVideo } from "./frames-of-video.ts";
import { createStillness } from "./stillness.ts";

/** `shown`: of what the video plays, which is the track itself or a smaller copy. */
export type Filmed = {
  readonly video: HTMLVideoElement;
  readonly track: MediaStreamTrack;
  readonly shown: MediaStreamTrack;
};

export type FrameReports = {
  /** The best text of a frame. `seenAt` is when the frame was there, before it was copied and read. */
  readonly onScan: OnScan;
  /** After frames that were read, with or without a text. */
  readonly onRead: () => void;
  /** A short cause for staff. May come more than once; nothing is retried here. */
  readonly onBroken: (cause: string) => void;
};

/** What was read since the last time, with this thread's clock; of no frame, where none came within a step. */
export type Reading = Pick<FramesRead, "texts" | "samples" | "seenAt" | "copiedAt" | "readAt">;

export const stepMilliseconds = 250;

/** Short enough that a camera is open again within 3 s. */
const emptyStepsMax = 6;

/** Goes on until `ended` is aborted, or it is broken. */
export const readFrames = async (
  filmed: Filmed,
  reads: Reads,
  decoder: Decoder,
  { onScan, onRead, onBroken }: FrameReports,
  ended: AbortSignal,
): Promise<void> => {
  const { video, track } = filmed;
  watchEnd(filmed, onBroken, ended);
  const read = handsOverFrames() ? readTrack(track, reads, decoder) : readVideo(video, reads, decoder);
  const stillness = createStillness();
  let emptySteps = 0;
  try {
    while (!ended.aborted) {
      // Before a page that nobody sees, nobody holds up a code.
      if (document.hidden) {
        await rest(stepMilliseconds);
        continue;
      }
      const { texts, samples, ...times } = await read();
      if (ended.aborted) return;
      // Counted in steps rather than in time gone by: a page that was held up has heard of no frame either.
      emptySteps = samples.length > 0 || document.hidden ? 0 : emptySteps + 1;
      if (emptySteps > emptyStepsMax) return onBroken(track.muted ? "camera is muted" : "camera stands still");
      if (samples.length === 0) continue;
      const now = performance.now();
      if (samples.map((sample) => stillness.isFrozen(sample, now)).includes(true))
        return onBroken("camera shows the same picture again and again");
      onRead();
      const [text] = texts;
      if (text !== undefined) await Promise.race([onScan({ text, ...times }), rest(restMillisecondsMax)]);
    }
  } catch (reason) {
    // Of a camera that was pulled out there is no frame any more: that is said, and not how it showed.
    onBroken(isEnded(filmed) ? disconnected : reason instanceof Error ? reason.message : String(reason));
  }
};

const disconnected = "camera disconnected";

const isEnded = ({ track, shown }: Filmed): boolean => track.readyState === "ended" || shown.readyState === "ended";

const watchEnd = (filmed: Filmed, onBroken: (cause: string) => void, ended: AbortSignal): void => {
  const watch = () => {
    if (isEnded(filmed)) onBroken(disconnected);
  };
  const timer = setInterval(watch, watchMilliseconds);
  ended.addEventListener("abort", () => clearInterval(timer));
  for (const track of [filmed.track, filmed.shown]) track.addEventListener("ended", watch, { signal: ended });
};

const watchMilliseconds = 200;
const restMillisecondsMax = 300;

const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
