/** One code, decoded again and again: what is left behind. Runs in a page that has a decoder to start. */
import type { startDecoder } from "../../kiosk/adapters/decoder.ts";

export type SoakAsked = {
  /** The page's global that holds `startDecoder`. */
  readonly holder: string;
  readonly text: string;
  readonly width: number;
  readonly height: number;
  /** Grey values, base64. */
  readonly encoded: string;
  readonly decodes: number;
};

export type Soaked = {
  readonly read: number;
  /** What the page's heap gains with each decode: the slope of the line that fits best. */
  readonly heapBytesEach: number;
  readonly wasmBytes: number;
};

/** Needs `--enable-precise-memory-info` and `--js-flags=--expose-gc`. */
export const soakDecoder = async (asked: SoakAsked): Promise<Soaked> => {
  const { width, height, text, decodes } = asked;
  const grey = atob(asked.encoded);
  const light = Uint8Array.from(grey, (each) => each.charCodeAt(0));
  const start = Reflect.get(Reflect.get(globalThis, asked.holder), "startDecoder") as typeof startDecoder;
  const decoder = await start();
  let pixels: ArrayBuffer = light.buffer;
  const looks = ["glance", "inverted", "reduced", "matrix"] as const;
  let wasm = 0;
  let read = 0;
  const run = async (count: number) => {
    for (let decode = 0; decode < count; decode++) {
      const look = looks[decode % looks.length] ?? "glance";
      const answer = await decoder.decode({ pixels, bytesPerPixel: 1, width, height, looks: [look] });
      pixels = answer.pixels;
      wasm = answer.heapBytes;
      if (answer.texts[0] === text) read += 1;
    }
  };
  const heap = async () => {
    for (let time = 0; time < 3; time++) {
      (Reflect.get(globalThis, "gc") as () => void)();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return (Reflect.get(performance, "memory") as { usedJSHeapSize: number }).usedJSHeapSize;
  };
  // Until everything is compiled and all buffers have their size.
  await run(2_000);
  const wasmBefore = wasm;
  read = 0;
  const heaps = [await heap()];
  const parts = 10;
  for (let part = 0; part < parts; part++) {
    await run(decodes / parts);
    heaps.push(await heap());
  }
  decoder.stop();
  const middle = parts / 2;
  const mean = heaps.reduce((sum, each) => sum + each, 0) / heaps.length;
  const rise = heaps.reduce((sum, each, at) => sum + (at - middle) * (each - mean), 0);
  const spread = heaps.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  return { read, heapBytesEach: rise / spread / (decodes / parts), wasmBytes: wasm - wasmBefore };
};
