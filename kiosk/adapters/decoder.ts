/**
 * The decoder's thread: pixels in, texts out, one frame at a time. Anything with pixels can use it, the camera as well as a
 * benchmark. A camera's frames it reads itself where the browser hands them over.
 *
 * `startDecoder`, `decode` and `read` reject with an Error whose message is a short cause for staff: when the worker fails, and when
 * it stays silent for too long. A decoder that rejected is of no more use: stop it and start another.
 */

import type { Picture } from "../update/check-code.ts";
import decodeWorkerUrl from "./decode.worker.ts?worker&url";
import type { DecodeAnswer, Decoded, DecodeRequest, FramesRead, ReadRequest } from "./decode-messages.d.ts";
import { watchSilence } from "./silence.ts";
import { trustedScriptUrl } from "./trusted-types.ts";

export type Decoder = {
  /** Takes the request's buffer away; the answer brings it back. Never call it before the last one has settled. */
  readonly decode: (request: DecodeRequest) => Promise<Decoded>;
  /** Reads the camera's frames as they come, always of the same camera. Neither it nor `decode` before the last has settled. */
  readonly read: (camera: FrameSource) => Promise<FramesRead>;
  readonly stop: () => void;
};

export type FrameSource = Pick<ReadRequest, "reads" | "turns" | "millisecondsMax"> & {
  /** Another stream for each decoder. */
  readonly open: () => ReadableStream<VideoFrame>;
};

/** Loading and compiling 953 KB of WebAssembly, on a slow terminal just switched on. */
const loadMillisecondsMax = 15_000;
/** Short enough that another one reads within 3 s. */
const silenceMillisecondsMax = 1_500;

export const startDecoder = async (): Promise<Decoder> => {
  const worker = new Worker(trustedScriptUrl(decodeWorkerUrl), { type: "module" });
  const ask = (request: DecodeRequest | ReadRequest, transfer: Transferable[]): Promise<DecodeAnswer> => {
    const answered = nextAnswer(worker, silenceMillisecondsMax);
    worker.postMessage(request, transfer);
    return answered;
  };
  const decode = async (request: DecodeRequest): Promise<Decoded> => {
    const answer = await ask(request, [request.pixels]);
    if (answer.kind !== "decoded") throw new Error(causeOf(answer));
    return answer;
  };
  let isOpen = false;
  const read = async ({ open, ...asked }: FrameSource): Promise<FramesRead> => {
    const frames = isOpen ? null : open();
    isOpen = true;
    const answer = await ask({ ...asked, frames }, frames === null ? [] : [frames]);
    if (answer.kind !== "read") throw new Error(causeOf(answer));
    return answer;
  };
  try {
    const answer = await nextAnswer(worker, loadMillisecondsMax);
    if (answer.kind !== "ready") throw new Error(causeOf(answer));
  } catch (reason) {
    worker.terminate();
    throw reason;
  }
  return { decode, read, stop: () => worker.terminate() };
};

/** One picture, by a decoder of its own. */
export const decodeOnce = async ({ grey, width, height }: Picture): Promise<readonly string[]> => {
  const decoder = await startDecoder();
  try {
    return (
      await decoder.decode({
        pixels: grey.slice().buffer,
        bytesPerPixel: 1,
        width,
        height,
        looks: ["glance", "matrix"],
      })
    ).texts;
  } finally {
    decoder.stop();
  }
};

const nextAnswer = (worker: Worker, millisecondsMax: number): Promise<DecodeAnswer> =>
  new Promise((resolve, reject) => {
    const silence = watchSilence(millisecondsMax, () => reject(new Error("decoder does not answer")));
    worker.onmessage = ({ data }: MessageEvent<DecodeAnswer>) => {
      silence.end();
      resolve(data);
    };
    worker.onerror = ({ message }) => {
      silence.end();
      reject(new Error(`decoder did not load${message ? `: ${message}` : ""}`));
    };
  });

const causeOf = (answer: DecodeAnswer): string => (answer.kind === "failed" ? answer.cause : "decoder out of step");
