/** Four decoders on the same pictures, in one page: ours as the terminal runs it, in its worker; the others as they come. */
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import { Html5QrcodeSupportedFormats } from "html5-qrcode/esm/core.js";
import { ZXingHtml5QrcodeDecoder } from "html5-qrcode/esm/zxing-html5-qrcode-decoder.js";
import jsQR from "jsqr";
import { startDecoder } from "../../../kiosk/adapters/decoder.ts";
import polyfillWasm from "../../../node_modules/barcode-detector/node_modules/zxing-wasm/dist/reader/zxing_reader.wasm?url";

export const decoderNames = ["greenlane", "html5-qrcode", "jsQR", "BarcodeDetector"] as const;
export type DecoderName = (typeof decoderNames)[number];

export type Reading = { readonly text: string | null; readonly milliseconds: number };

/** By its address: a photo, or 1280x720 grey values. */
export type Asked = { readonly url: string; readonly kind: "photo" | "grey"; readonly times: number };

const canvas = document.createElement("canvas");
const brush = canvas.getContext("2d", { willReadFrequently: true });
if (brush === null) throw new Error("no canvas");

const loadPicture = async ({ url, kind }: Asked): Promise<ImageData> => {
  const blob = await (await fetch(url)).blob();
  if (kind === "photo") {
    const bitmap = await createImageBitmap(blob);
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    brush.drawImage(bitmap, 0, 0);
  } else {
    const grey = new Uint8Array(await blob.arrayBuffer());
    [canvas.width, canvas.height] = [1280, 720];
    const picture = new ImageData(1280, 720);
    for (let at = 0; at < grey.length; at++)
      picture.data.fill(grey[at] ?? 0, 4 * at, 4 * at + 3).fill(255, 4 * at + 3, 4 * at + 4);
    brush.putImageData(picture, 0, 0);
  }
  return brush.getImageData(0, 0, canvas.width, canvas.height);
};

prepareZXingModule({ overrides: { locateFile: () => polyfillWasm }, fireImmediately: true });
const ours = await startDecoder();
const theirs = new ZXingHtml5QrcodeDecoder([Html5QrcodeSupportedFormats.QR_CODE], false, { warn: () => {} });
const polyfill = new BarcodeDetector({ formats: ["qr_code"] });

/** As the terminal at a gate does: quickly in one frame, thoroughly in the next. The time is that of a frame, their mean. */
const readOurs = async ({ data, width, height }: ImageData): Promise<Reading> => {
  const texts: string[] = [];
  let milliseconds = 0;
  for (const isQuick of [true, false]) {
    const rgba = data.slice().buffer;
    const began = performance.now();
    const answer = await ours.decode({ rgba, width, height, linear: false, isQuick });
    milliseconds += performance.now() - began;
    texts.push(...answer.texts.slice(0, 1));
  }
  return { text: texts[0] ?? null, milliseconds: milliseconds / 2 };
};

/** Each gets the picture as it likes it, made before the clock runs. */
const others: Readonly<Record<Exclude<DecoderName, "greenlane">, (picture: ImageData) => Promise<string | null>>> = {
  // It throws where it finds none.
  "html5-qrcode": async () => (await theirs.decodeAsync(canvas).catch(() => null))?.text ?? null,
  jsQR: async ({ data, width, height }) => jsQR(data, width, height)?.data ?? null,
  BarcodeDetector: async (picture) => (await polyfill.detect(picture))[0]?.rawValue ?? null,
};

const readPicture = async (asked: Asked): Promise<Readonly<Record<DecoderName, readonly Reading[]>>> => {
  const picture = await loadPicture(asked);
  const readings: Record<DecoderName, Reading[]> = { greenlane: [], "html5-qrcode": [], jsQR: [], BarcodeDetector: [] };
  for (let time = 0; time < asked.times; time++) {
    readings.greenlane.push(await readOurs(picture));
    for (const name of ["html5-qrcode", "jsQR", "BarcodeDetector"] as const) {
      const began = performance.now();
      const text = await others[name](picture).catch(() => null);
      readings[name].push({ text, milliseconds: performance.now() - began });
    }
  }
  return readings;
};

const bench = { readPicture, startDecoder };
declare global {
  var scannerBench: typeof bench;
}
globalThis.scannerBench = bench;
document.body.dataset.ready = "yes";
