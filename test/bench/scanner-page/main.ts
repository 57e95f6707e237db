/** Four decoders on the same pictures, in one page: ours as the terminal runs it, in its worker; the others as they come. */
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import { Html5QrcodeSupportedFormats } from "html5-qrcode/esm/core.js";
import { ZXingHtml5QrcodeDecoder } from "html5-qrcode/esm/zxing-html5-qrcode-decoder.js";
import jsQR from "jsqr";
import { startDecoder } from "../../../kiosk/adapters/decoder.ts";
import { middleOf } from "../../../kiosk/adapters/frame-copy.ts";
import { turns } from "../../../kiosk/adapters/turns.ts";
import polyfillWasm from "../../../node_modules/barcode-detector/node_modules/zxing-wasm/dist/reader/zxing_reader.wasm?url";

export const decoderNames = ["greenlane", "html5-qrcode", "jsQR", "BarcodeDetector"] as const;
export type DecoderName = (typeof decoderNames)[number];

/** `milliseconds`: of each frame that was looked at for it; one, except by ours. */
export type Reading = { readonly text: string | null; readonly milliseconds: readonly number[] };

/**
 * By its address: a photo, or 1280x720 grey values. A `frame` is what a camera at a gate gives: ours looks at the middle of it
 * there (frame-copy.ts), the others at all of it.
 */
export type Asked = { readonly url: string; readonly kind: "photo" | "grey" | "frame"; readonly times: number };

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

type Light = { readonly bytes: Uint8Array<ArrayBuffer>; readonly width: number; readonly height: number };

/** As the terminal at a gate does: frame after frame, each looked at in its way. */
const readOurs = async ({ bytes, width, height }: Light): Promise<Reading> => {
  const texts: string[] = [];
  const milliseconds: number[] = [];
  for (const looks of turns.codes) {
    const pixels = bytes.slice().buffer;
    const began = performance.now();
    const answer = await ours.decode({ pixels, bytesPerPixel: 1, width, height, looks });
    milliseconds.push(performance.now() - began);
    texts.push(...answer.texts.slice(0, 1));
  }
  return { text: texts[0] ?? null, milliseconds };
};

/** What a camera gives of it. */
const lightOfPicture = (picture: ImageData, isFrame: boolean): Light => {
  const whole = new DOMRectReadOnly(0, 0, picture.width, picture.height);
  const { x, y, width, height } = isFrame ? middleOf(whole) : whole;
  const { data } = brush.getImageData(x, y, width, height);
  return { bytes: Uint8Array.from({ length: width * height }, (_, at) => lightOf(data, 4 * at)), width, height };
};

/** As cameras tell it (BT.601). */
const lightOf = (data: Uint8ClampedArray, at: number): number =>
  Math.round(0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0));

/** Each gets the picture as it likes it, made before the clock runs. */
const others: Readonly<Record<Exclude<DecoderName, "greenlane">, (picture: ImageData) => Promise<string | null>>> = {
  // It throws where it finds none.
  "html5-qrcode": async () => (await theirs.decodeAsync(canvas).catch(() => null))?.text ?? null,
  jsQR: async ({ data, width, height }) => jsQR(data, width, height)?.data ?? null,
  BarcodeDetector: async (picture) => (await polyfill.detect(picture))[0]?.rawValue ?? null,
};

const readPicture = async (asked: Asked): Promise<Readonly<Record<DecoderName, readonly Reading[]>>> => {
  const picture = await loadPicture(asked);
  const light = lightOfPicture(picture, asked.kind === "frame");
  const readings: Record<DecoderName, Reading[]> = { greenlane: [], "html5-qrcode": [], jsQR: [], BarcodeDetector: [] };
  for (let time = 0; time < asked.times; time++) {
    readings.greenlane.push(await readOurs(light));
    for (const name of ["html5-qrcode", "jsQR", "BarcodeDetector"] as const) {
      const began = performance.now();
      const text = await others[name](picture).catch(() => null);
      readings[name].push({ text, milliseconds: [performance.now() - began] });
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
