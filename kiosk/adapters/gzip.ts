/** The browser's gzip. */
import type { Bytes } from "../../shared/bytes.ts";
import type { Gunzip } from "../../shared/rescue.ts";
import { readBounded } from "./bounded-body.ts";

export const gzip = async (bytes: Bytes): Promise<Bytes> => {
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
};

export const gunzip: Gunzip = async (bytes, bytesMax) => {
  try {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await readBounded(new Response(plain), bytesMax);
  } catch {
    return null; // it is none
  }
};
