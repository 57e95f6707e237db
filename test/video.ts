/**
 * Films for a camera that is not there: motion JPEG, 1280x720, 30 frames a second, grey, for Chromium's
 * `--use-file-for-fake-video-capture` (which plays it at 30 frames a second from the start at every opening, in a loop).
 *
 * Each clip shows one code, or nothing where it has no code, for its seconds. A baseline JPEG of one component is written by
 * hand with Huffman tables of almost flat length: a blank frame takes 5 KB, a QR code some 40 KB.
 */
import { open, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { encode } from "uqr";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";

export type Clip = {
  readonly seconds: number;
  /** Nothing to read where it is missing: a pause between two codes. */
  readonly code?: { readonly text: string; readonly format: "qr" | "code128" | "ean13" };
  /** Light on dark, as on a phone in dark mode. */
  readonly inverted?: boolean;
};

/** Grey values, row by row. */
export type Picture = { readonly width: number; readonly height: number; readonly grey: Uint8Array };

export const framesPerSecond = 30;
const width = 1280;
const height = 720;
const paper = 235;
const ink = 20;

/** Writes the film and returns its length in seconds. */
export const writeVideo = async (file: string, clips: readonly Clip[]): Promise<number> => {
  const film = await open(file, "w");
  let frames = 0;
  try {
    for (const clip of clips) {
      const frame = encodeJpeg(await drawClip(clip));
      const count = Math.round(clip.seconds * framesPerSecond);
      for (let shown = 0; shown < count; shown++) await film.write(frame);
      frames += count;
    }
  } finally {
    await film.close();
  }
  return frames / framesPerSecond;
};

/** What a camera would see of a clip: the code in the middle of the picture, as large as its quiet zone lets it be. */
export const drawClip = async ({ code, inverted = false }: Clip): Promise<Picture> => {
  const [light, dark] = inverted ? [ink, paper] : [paper, ink];
  const grey = new Uint8Array(width * height).fill(light);
  if (code !== undefined) {
    const bars = code.format === "qr" ? drawQr(code.text) : await drawBarcode(code.text, code.format);
    const scale = Math.floor(Math.min(width / bars.width, height / bars.height));
    // A bar is as high as the picture allows; a module of a QR code is square.
    const rowScale = bars.height === 1 ? 300 : scale;
    const left = (width - bars.width * scale) >> 1;
    const top = (height - bars.height * rowScale) >> 1;
    for (let y = 0; y < bars.height * rowScale; y++) {
      for (let x = 0; x < bars.width * scale; x++) {
        if (bars.isDark(Math.floor(x / scale), Math.floor(y / rowScale))) grey[(top + y) * width + left + x] = dark;
      }
    }
  }
  return { width, height, grey };
};

type Bars = {
  readonly width: number;
  readonly height: number;
  readonly isDark: (x: number, y: number) => boolean;
};

const drawQr = (text: string): Bars => {
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  return { width: size, height: size, isDark: (x, y) => data[y]?.[x] === true };
};

const quietModules = 11;

const drawBarcode = async (text: string, format: "code128" | "ean13"): Promise<Bars> => {
  await prepareWriter();
  const { symbol, error } = await writeBarcode(text, {
    format: format === "ean13" ? "EAN13" : "Code128",
    addQuietZones: false,
    addHRT: false,
  });
  if (error !== "") throw new Error(`${format} ${text}: ${error}`);
  return {
    width: symbol.width + 2 * quietModules,
    height: 1,
    isDark: (x) => x >= quietModules && x < quietModules + symbol.width && (symbol.data[x - quietModules] ?? 255) < 128,
  };
};

let writer: Promise<unknown> | undefined;

const prepareWriter = (): Promise<unknown> => {
  writer ??= readFile(fileURLToPath(import.meta.resolve("zxing-wasm/writer/zxing_writer.wasm"))).then((wasm) =>
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true }),
  );
  return writer;
};

// JPEG, ITU-T T.81, baseline sequential. Symbol 0 (no difference; end of block) has a code of its own that is short; all
// others share one length, so that a code is its index.
const dcSymbols = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const acSymbols = [0x00, 0xf0];
for (let run = 0; run < 16; run++) for (let size = 1; size <= 10; size++) acSymbols.push((run << 4) | size);

// Coarse on purpose: the film stays small, and a cheap camera is no better.
const quantum = 24;

const zigzag = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
];

const cosines = Float64Array.from({ length: 64 }, (_, at) => {
  const frequency = at >> 3;
  return Math.cos(((2 * (at & 7) + 1) * frequency * Math.PI) / 16) * (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5;
});

/** Width and height must be multiples of 8. */
export const encodeJpeg = (picture: Picture): Uint8Array => {
  const bits = bitWriter();
  let previousDc = 0;
  for (let top = 0; top < picture.height; top += 8) {
    for (let left = 0; left < picture.width; left += 8) {
      previousDc = writeBlock(bits, transformBlock(picture, left, top), previousDc);
    }
  }
  const size = [picture.height >> 8, picture.height & 255, picture.width >> 8, picture.width & 255];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, [0, ...Array<number>(64).fill(quantum)]),
    ...segment(0xc0, [8, ...size, 1, 1, 0x11, 0]),
    ...segment(0xc4, [0x00, ...codeLengths({ 1: 1, 5: 11 }), ...dcSymbols]),
    ...segment(0xc4, [0x10, ...codeLengths({ 2: 1, 8: 161 }), ...acSymbols]),
    ...segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    ...bits.finish(),
    ...[0xff, 0xd9],
  ]);
};

const segment = (marker: number, body: readonly number[]): readonly number[] => {
  const length = body.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...body];
};

const codeLengths = (counts: Readonly<Record<number, number>>): readonly number[] =>
  Array.from({ length: 16 }, (_, at) => counts[at + 1] ?? 0);

const transformBlock = ({ grey, width: stride }: Picture, left: number, top: number): Int32Array => {
  const rows = new Float64Array(64);
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) {
        sum += ((grey[(top + y) * stride + left + x] ?? 0) - 128) * (cosines[u * 8 + x] ?? 0);
      }
      rows[y * 8 + u] = sum;
    }
  }
  const block = new Int32Array(64);
  for (let v = 0; v < 8; v++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += (rows[y * 8 + u] ?? 0) * (cosines[v * 8 + y] ?? 0);
      block[v * 8 + u] = Math.round(sum / quantum);
    }
  }
  return block;
};

const writeBlock = (bits: BitWriter, block: Int32Array, previousDc: number): number => {
  const dc = block[0] ?? 0;
  const step = dc - previousDc;
  const stepSize = sizeOf(step);
  if (stepSize === 0) bits.write(0, 1);
  else bits.write(0b10000 + stepSize - 1, 5);
  bits.write(amplitude(step, stepSize), stepSize);

  const writeAc = (symbol: number) => bits.write(0x40 + acSymbols.indexOf(symbol) - 1, 8);
  let run = 0;
  for (const at of zigzag.slice(1)) {
    const value = block[at] ?? 0;
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) writeAc(0xf0);
    const size = sizeOf(value);
    writeAc((run << 4) | size);
    bits.write(amplitude(value, size), size);
    run = 0;
  }
  if (run > 0) bits.write(0, 2);
  return dc;
};

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

const amplitude = (value: number, size: number): number => (value < 0 ? value + (1 << size) - 1 : value);

type BitWriter = {
  readonly write: (value: number, length: number) => void;
  readonly finish: () => readonly number[];
};

const bitWriter = (): BitWriter => {
  const bytes: number[] = [];
  let pending = 0;
  let count = 0;
  const write = (value: number, length: number) => {
    pending = (pending << length) | value;
    count += length;
    while (count >= 8) {
      count -= 8;
      const byte = (pending >> count) & 255;
      bytes.push(byte);
      // Inside the scan a byte of ones must be followed by a zero, or it would be a marker.
      if (byte === 255) bytes.push(0);
    }
    pending &= (1 << count) - 1;
  };
  return {
    write,
    finish: () => {
      if (count > 0) write((1 << (8 - count)) - 1, 8 - count);
      return bytes;
    },
  };
};
