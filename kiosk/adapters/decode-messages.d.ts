/**
 * What is said between whoever has frames (decoder.ts) and the decoder's thread (decode.worker.ts).
 *
 * The worker says `ready` once, or `failed`. Then each request gets exactly one answer, in order; the asker has at most one
 * request open. A declaration file, because both threads' programs need it and each is compiled alone.
 */

export type DecodeRequest = {
  /** 8 bits each, row by row without padding: 4 * width * height bytes. Transferred. */
  readonly rgba: ArrayBuffer;
  readonly width: number;
  readonly height: number;
  /** Whether to look for linear barcodes too, where there is no other code. It doubles the time of an empty frame. */
  readonly linear: boolean;
  /** Dark on light QR codes only, at full size: half the time, for every other frame where nothing else is shown. */
  readonly isQuick?: boolean;
};

export type Decoded = {
  readonly kind: "decoded";
  /**
   * The texts in the frame, best first: QR codes, then Data Matrix, and linear barcodes only where there is neither; then
   * the larger before the smaller, the upper before the lower, the left before the right. Each is cut after 1,025
   * characters: one more than a credential's text may have, so that what was too long is still seen to be.
   */
  readonly texts: readonly string[];
  /** Time spent on this frame in the worker. */
  readonly milliseconds: number;
  /** The memory of the WebAssembly, which never shrinks. */
  readonly heapBytes: number;
  /** The request's buffer, transferred back, to be filled with another frame. */
  readonly rgba: ArrayBuffer;
};

/** After `failed` nothing more comes: start another worker. */
export type DecodeAnswer = { readonly kind: "ready" } | Decoded | { readonly kind: "failed"; readonly cause: string };
