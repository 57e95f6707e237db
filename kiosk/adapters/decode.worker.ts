/**
 * The decoder's thread: pixels in, or a camera's frames, and texts out. Speaks decode-messages.d.ts and nothing else.
 *
 * Of a camera's frames at most one is in hand, and none is kept: those that come meanwhile, and those that come while nobody
 * asks, are closed unread, and the next to be read is then the newest.
 *
 * Reads QR codes (model 2) and the barcodes found on items: EAN-13 (books too), Code 39, Code 128, Codabar, Data Matrix;
 * rotated and inverted ones as well. The WebAssembly is the bundled one, of this origin.
 *
 * Its functions are called without the library's own wrapper, which wants colours, and turns them into light once more for
 * each look at a frame: half the time of an easy one.
 */
import {
  type Binarizer,
  binarizers,
  characterSets,
  eanAddOnSymbols,
  encodeFormats,
  prepareZXingModule,
  type ReadInputBarcodeFormat,
  textModes,
  type ZXingReaderModule,
  type ZXingReaderOptions,
  type ZXingReadResult,
} from "zxing-wasm/reader";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";
import type { DecodeAnswer, DecodeRequest, Look, ReadRequest } from "./decode-messages.d.ts";
import { copyFrame } from "./frame-copy.ts";
import { createLookout } from "./lookout.ts";
import { sampleOf } from "./stillness.ts";

const optionsFor = (
  formats: readonly ReadInputBarcodeFormat[],
  { binarizer = "LocalAverage", ...others }: Partial<Omit<ZXingReaderOptions, "binarizer">> & { binarizer?: Binarizer },
): ZXingReaderOptions => ({
  formats: encodeFormats([...formats]),
  binarizer: binarizers.indexOf(binarizer),
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  tryDenoise: false,
  isPure: false,
  downscaleFactor: 3,
  downscaleThreshold: 500,
  minLineCount: 2,
  // Enough to choose the largest among what is in front of a camera.
  maxNumberOfSymbols: 4,
  validateOptionalChecksum: false,
  returnErrors: false,
  eanAddOnSymbol: eanAddOnSymbols.indexOf("Ignore"),
  textMode: textModes.indexOf("Plain"),
  characterSet: characterSets.indexOf("Unknown"),
  tryCode39ExtendedMode: true,
  ...others,
});

/** A QR code is found at any angle; only the others have to be turned. */
const qr = ["QRCodeModel2"] as const;

const optionsOf: Readonly<Record<Look, ZXingReaderOptions>> = {
  // One threshold for the whole picture: quick, and right where light falls evenly, which a local one takes for noise.
  glance: optionsFor(qr, { binarizer: "GlobalHistogram" }),
  inverted: optionsFor(qr, { tryInvert: true }),
  reduced: optionsFor(qr, { tryDownscale: true, downscaleFactor: 2, tryHarder: true }),
  matrix: optionsFor([...qr, "DataMatrix"], { tryRotate: true, tryInvert: true, tryDownscale: true }),
  // Without trying harder, every other linear code held up small or askew is missed.
  linear: optionsFor(["EAN13", "Code39Std", "Code128", "Codabar"], {
    ...{ tryRotate: true, tryInvert: true, tryDownscale: true, tryHarder: true },
  }),
};

const textLengthMax = 1_024;

type Found = ReturnType<ZXingReaderModule["readBarcodesFromPixmap"]>;

/** What of the module is used here; its own types leave out its memory, and what frees it. */
type Zxing = {
  readonly readBarcodesFromPixmap: (
    ...asked: Parameters<ZXingReaderModule["readBarcodesFromPixmap"]>
  ) => Found & { readonly delete: () => void };
  readonly HEAPU8: Uint8Array;
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
};

/** Its light, in the memory of the WebAssembly. Made anew where a frame has another size. */
let place = { address: 0, size: 0 };

const start = async () => {
  try {
    const overrides = { locateFile: () => wasmUrl };
    const zxing = (await prepareZXingModule({ overrides, fireImmediately: true })) as unknown as Zxing;
    addEventListener("message", ({ data }: MessageEvent<DecodeRequest | ReadRequest>) => {
      if ("pixels" in data) decodePicture(zxing, data);
      else void readFrames(zxing, data);
    });
    answer({ kind: "ready" });
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder did not load: ${reason}` });
  }
};

const decodePicture = (zxing: Zxing, request: DecodeRequest): void => {
  try {
    const { pixels } = request;
    const began = performance.now();
    const texts = textsOf(zxing, request);
    const heapBytes = zxing.HEAPU8.byteLength;
    answer({ kind: "decoded", texts, milliseconds: performance.now() - began, heapBytes, pixels }, [pixels]);
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder: ${reason}` });
  }
};

/** One buffer and one round of turns for good, as long as this thread lives. */
let spare = new ArrayBuffer(0);
let turn = 0;
const lookout = createLookout();

const readFrames = async (zxing: Zxing, { frames, reads, turns, millisecondsMax }: ReadRequest): Promise<void> => {
  try {
    if (frames !== null) void passFrames(frames);
    const endsAt = performance.now() + millisecondsMax;
    const samples: number[] = [];
    const originAt = performance.timeOrigin;
    let read = { texts: [] as readonly string[], milliseconds: 0, seenAt: 0, copiedAt: 0, readAt: 0 };
    while (read.texts.length === 0 && performance.now() < endsAt) {
      const frame = await nextFrame(endsAt - performance.now());
      if (frame === null) break;
      const seenAt = performance.now();
      const copied = await copyFrame(frame, reads, spare);
      spare = copied.pixels;
      const copiedAt = performance.now();
      samples.push(sampleOf(new Uint8Array(spare)));
      let texts: readonly string[] = [];
      const isWorthReading = lookout.isWorthReading(copied);
      const beganAt = performance.now();
      if (isWorthReading) {
        const looks = turns[turn++ % turns.length] ?? [];
        texts = textsOf(zxing, { ...copied, looks });
      }
      if (texts.length > 0) lookout.sawText();
      const readAt = performance.now();
      read = {
        texts,
        milliseconds: readAt - beganAt,
        seenAt: originAt + seenAt,
        copiedAt: originAt + copiedAt,
        readAt: originAt + readAt,
      };
    }
    answer({ kind: "read", samples, heapBytes: zxing.HEAPU8.byteLength, ...read });
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder: ${reason}` });
  }
};

/** Whoever waits for a frame. */
let take: ((frame: VideoFrame | null) => void) | null = null;

/** Ends with the camera. */
const passFrames = async (frames: ReadableStream<VideoFrame>): Promise<void> => {
  const reader = frames.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (take === null) value.close();
    else take(value);
  }
};

const nextFrame = (millisecondsMax: number): Promise<VideoFrame | null> =>
  new Promise((resolve) => {
    const settle = (frame: VideoFrame | null): void => {
      clearTimeout(timer);
      take = null;
      resolve(frame);
    };
    const timer = setTimeout(() => settle(null), millisecondsMax);
    take = settle;
  });

const textsOf = (zxing: Zxing, request: DecodeRequest): readonly string[] => {
  placeLight(zxing, request);
  return readCodes(zxing, request)
    .toSorted(byRank)
    .map(({ text }) => text.slice(0, textLengthMax + 1));
};

const placeLight = (zxing: Zxing, { pixels, bytesPerPixel, width, height }: DecodeRequest): void => {
  const size = width * height;
  if (pixels.byteLength < size * bytesPerPixel) throw new Error("less than a frame");
  if (place.size !== size) {
    zxing._free(place.address);
    place = { address: zxing._malloc(size), size };
    if (place.address === 0) throw new Error("no memory");
  }
  const light = zxing.HEAPU8.subarray(place.address, place.address + size);
  if (bytesPerPixel === 1) light.set(new Uint8Array(pixels, 0, size));
  else mixColours(new Uint32Array(pixels, 0, size), light);
};

/** Twice as much of green as of each of the others: near enough to what an eye sees, and whichever of them comes first. */
const mixColours = (colours: Uint32Array, light: Uint8Array): void => {
  for (let at = 0; at < light.length; at++) {
    const colour = colours[at] ?? 0;
    light[at] = ((colour & 0xff) + ((colour >>> 7) & 0x1fe) + ((colour >>> 16) & 0xff)) >>> 2;
  }
};

const readCodes = (zxing: Zxing, { width, height, looks }: DecodeRequest): readonly ZXingReadResult[] => {
  for (const look of looks) {
    const found = zxing.readBarcodesFromPixmap(place.address, width, height, optionsOf[look]);
    try {
      if (found.size() > 0) return Array.from({ length: found.size() }, (_, at) => found.get(at)).filter(isThere);
    } finally {
      found.delete();
    }
  }
  return [];
};

const isThere = (result: ZXingReadResult | undefined): result is ZXingReadResult => result !== undefined;

const byRank = (a: ZXingReadResult, b: ZXingReadResult): number =>
  rankOf(a) - rankOf(b) ||
  areaOf(b) - areaOf(a) ||
  a.position.topLeft.y - b.position.topLeft.y ||
  a.position.topLeft.x - b.position.topLeft.x;

const rankOf = ({ symbology }: ZXingReadResult): number => (symbology === "QRCode" ? 0 : 1);

/** Of the quadrangle, by its diagonals: a rotated code counts as much as an upright one. */
const areaOf = ({ position: { topLeft, topRight, bottomRight, bottomLeft } }: ZXingReadResult): number =>
  Math.abs(
    (bottomRight.x - topLeft.x) * (bottomLeft.y - topRight.y) -
      (bottomLeft.x - topRight.x) * (bottomRight.y - topLeft.y),
  ) / 2;

const answer = (message: DecodeAnswer, transfer: Transferable[] = []) => postMessage(message, { transfer });

void start();
