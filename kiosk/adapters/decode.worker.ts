/**
 * The decoder's thread: pixels in, texts out. Speaks decode-messages.d.ts and nothing else.
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
import type { DecodeAnswer, DecodeRequest, Look } from "./decode-messages.d.ts";

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
    addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => readFrame(zxing, data));
    answer({ kind: "ready" });
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder did not load: ${reason}` });
  }
};

const readFrame = (zxing: Zxing, request: DecodeRequest): void => {
  try {
    const { pixels } = request;
    const began = performance.now();
    placeLight(zxing, request);
    const texts = readCodes(zxing, request)
      .toSorted(byRank)
      .map(({ text }) => text.slice(0, textLengthMax + 1));
    const heapBytes = zxing.HEAPU8.byteLength;
    answer({ kind: "decoded", texts, milliseconds: performance.now() - began, heapBytes, pixels }, [pixels]);
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder: ${reason}` });
  }
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
