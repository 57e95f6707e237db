/**
 * What is said between whoever has frames (decoder.ts) and the decoder's thread (decode.worker.ts).
 *
 * The worker says `ready` once, or `failed`. Then each request gets exactly one answer, in order; the asker has at most one
 * request open. It is asked to decode one picture, or to read a camera's frames itself until one has a text. A declaration
 * file, because both threads' programs need it and each is compiled alone.
 */

/**
 * How a frame is looked at.
 *
 *     glance    a QR code in even light: a fifth of the time of the others
 *     inverted  a QR code in any light, also light on dark
 *     reduced   a QR code in any light, also at half the size: what is blurred
 *     matrix    a QR code or Data Matrix: any light, light on dark, at a third of the size
 *     linear    a barcode of lines
 */
export type Look = "glance" | "inverted" | "reduced" | "matrix" | "linear";

export type DecodeRequest = {
  /** Row by row without padding; what follows the last row (a camera's colours) is not looked at. Transferred. */
  readonly pixels: ArrayBuffer;
  /** 1: its light. 4: red, green and blue in either order, and one that is not looked at. */
  readonly bytesPerPixel: 1 | 4;
  readonly width: number;
  readonly height: number;
  /** One after another, until one finds something. */
  readonly looks: readonly Look[];
};

/** `all`: the whole picture, barcodes on items too. `codes`: only codes that people show, in the middle of it. */
export type Reads = "all" | "codes";

export type ReadRequest = {
  /** A camera's, given with the first of these requests and transferred; afterwards null. */
  readonly frames: ReadableStream<VideoFrame> | null;
  readonly reads: Reads;
  /** Of one frame after another. */
  readonly turns: readonly (readonly Look[])[];
  /** Answered by then, with or without a text, or a frame. */
  readonly millisecondsMax: number;
};

export type Decoded = {
  readonly kind: "decoded";
  /**
   * The texts that a look found in the frame, best first: QR codes, then Data Matrix or linear barcodes; then the larger
   * before the smaller, the upper before the lower, the left before the right. Each is cut after 1,025 characters: one more
   * than a credential's text may have, so that what was too long is still seen to be.
   */
  readonly texts: readonly string[];
  /** Time spent on this frame in the worker. */
  readonly milliseconds: number;
  /** The memory of the WebAssembly, which never shrinks. */
  readonly heapBytes: number;
  /** The request's buffer, transferred back, to be filled with another frame. */
  readonly pixels: ArrayBuffer;
};

export type FramesRead = Omit<Decoded, "kind" | "pixels"> & {
  readonly kind: "read";
  /** One of each frame (stillness.ts), oldest first; none where none came. */
  readonly samples: readonly number[];
  /** When the last frame was there, had been copied, and had been read: milliseconds since 1970, by the clock of both threads. */
  readonly seenAt: number;
  readonly copiedAt: number;
  readonly readAt: number;
};

/** After `failed` nothing more comes: start another worker. */
export type DecodeAnswer =
  | { readonly kind: "ready" }
  | Decoded
  | FramesRead
  | { readonly kind: "failed"; readonly cause: string };
