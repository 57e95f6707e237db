/**
 * The decoder's thread: pixels in, texts out. Speaks decode-messages.d.ts and nothing else.
 *
 * Reads QR codes (model 2) and the barcodes found on items: EAN-13 (books too), Code 39, Code 128, Codabar, Data Matrix;
 * rotated and inverted ones as well. The WebAssembly is the bundled one, of this origin.
 */
import { prepareZXingModule, type ReaderOptions, type ReadResult, readBarcodes } from "zxing-wasm/reader";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";
import type { DecodeAnswer, DecodeRequest } from "./decode-messages.d.ts";

const shared = {
  tryRotate: true,
  tryInvert: true,
  // Without it, linear codes in a noisy picture are missed; costs a tenth.
  tryDownscale: true,
  // Enough to choose the largest among what is in front of a camera.
  maxNumberOfSymbols: 4,
  textMode: "Plain",
} satisfies ReaderOptions;

/** Trying harder finds hardly more of these, and would cost five times as much. */
const matrixOptions: ReaderOptions = { ...shared, formats: ["QRCodeModel2", "DataMatrix"], tryHarder: false };

/** Trying harder costs next to nothing where it is not done for each inversion and size. */
const quickOptions: ReaderOptions = {
  ...shared,
  tryInvert: false,
  tryDownscale: false,
  formats: ["QRCodeModel2"],
  tryHarder: true,
};

/** Without trying harder, every other linear code held up small or askew is missed. */
const linearOptions: ReaderOptions = {
  ...shared,
  formats: ["EAN13", "Code39Std", "Code128", "Codabar"],
  tryHarder: true,
};

const textLengthMax = 1_024;

addEventListener("message", async (event: MessageEvent<DecodeRequest>) => {
  try {
    const { rgba, width, height, linear, isQuick = false } = event.data;
    const began = performance.now();
    const texts = (await readCodes(new ImageData(new Uint8ClampedArray(rgba), width, height), linear, isQuick))
      .toSorted(byRank)
      .map(({ text }) => text.slice(0, textLengthMax + 1));
    answer({ kind: "decoded", texts, milliseconds: performance.now() - began, heapBytes: heapBytes(), rgba }, [rgba]);
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder: ${reason}` });
  }
});

let heapBytes = (): number => 0;

const start = async () => {
  try {
    const zxing = await prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });
    // Named by its own code, not by its types.
    heapBytes = () => (Reflect.get(zxing, "HEAPU8") as Uint8Array).byteLength;
    answer({ kind: "ready" });
  } catch (reason) {
    answer({ kind: "failed", cause: `decoder did not load: ${reason}` });
  }
};

/** The credential first, and fast. */
const readCodes = async (picture: ImageData, linear: boolean, isQuick: boolean): Promise<readonly ReadResult[]> => {
  if (isQuick) return readBarcodes(picture, quickOptions);
  const codes = await readBarcodes(picture, matrixOptions);
  return codes.length > 0 || !linear ? codes : readBarcodes(picture, linearOptions);
};

const byRank = (a: ReadResult, b: ReadResult): number =>
  rankOf(a) - rankOf(b) ||
  areaOf(b) - areaOf(a) ||
  a.position.topLeft.y - b.position.topLeft.y ||
  a.position.topLeft.x - b.position.topLeft.x;

const rankOf = ({ symbology }: ReadResult): number => (symbology === "QRCode" ? 0 : 1);

/** Of the quadrangle, by its diagonals: a rotated code counts as much as an upright one. */
const areaOf = ({ position: { topLeft, topRight, bottomRight, bottomLeft } }: ReadResult): number =>
  Math.abs(
    (bottomRight.x - topLeft.x) * (bottomLeft.y - topRight.y) -
      (bottomLeft.x - topRight.x) * (bottomRight.y - topLeft.y),
  ) / 2;

const answer = (message: DecodeAnswer, transfer: Transferable[] = []) => postMessage(message, { transfer });

void start();
