/**
 * A decoder that stays as it was on the first day. A worker that has read many frames, or whose memory has grown, is
 * followed by another, started beside it: no frame waits. Before it is given a frame, each must read a code drawn for that.
 *
 * Rejects as decoder.ts does, and where a follower does not start or cannot read.
 */
import { checkText, drawCheckCode } from "../update/check-code.ts";
import { type Decoder, startDecoder } from "./decoder.ts";

/** Several times what frames of 1280x720 need. */
const heapBytesMax = 128 * 2 ** 20;

/** In frames. */
const quarterOfAnHour = 25_000;

export const startLastingDecoder = async (framesMax = quarterOfAnHour): Promise<Decoder> => {
  let current = await startProven();
  let follower: Decoder | null = null;
  let failure: unknown = null;
  let isStarting = false;
  let isStopped = false;
  let frames = 0;

  const startFollower = (): void => {
    if (isStarting) return;
    isStarting = true;
    startProven().then(
      (started) => {
        if (isStopped) started.stop();
        else follower = started;
      },
      (cause: unknown) => {
        failure = cause;
      },
    );
  };

  const newest = (): Decoder => {
    if (failure !== null) throw failure;
    if (follower !== null) {
      current.stop();
      current = follower;
      follower = null;
      isStarting = false;
      frames = 0;
    }
    return current;
  };

  const count = (read: number, heapBytes: number): void => {
    frames += read;
    if (frames >= framesMax || heapBytes > heapBytesMax) startFollower();
  };

  return {
    decode: async (request) => {
      const answer = await newest().decode(request);
      count(1, answer.heapBytes);
      return answer;
    },
    read: async (camera) => {
      const answer = await newest().read(camera);
      count(answer.samples.length, answer.heapBytes);
      return answer;
    },
    stop: () => {
      isStopped = true;
      current.stop();
      follower?.stop();
    },
  };
};

const startProven = async (): Promise<Decoder> => {
  const decoder = await startDecoder();
  const { grey, width, height } = drawCheckCode();
  const asked = { pixels: grey.buffer, bytesPerPixel: 1, width, height, looks: ["inverted"] } as const;
  const { texts } = await decoder.decode(asked).catch((cause) => {
    decoder.stop();
    throw cause;
  });
  if (texts[0] === checkText) return decoder;
  decoder.stop();
  throw new Error("decoder does not read its check code");
};
