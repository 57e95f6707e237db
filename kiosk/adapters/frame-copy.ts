/** What of a camera's frame is read: its middle or all of it, as the camera has it, in one buffer that goes from frame to frame. */
import type { DecodeRequest, Reads } from "./decode-messages.d.ts";

export type CopiedFrame = Omit<DecodeRequest, "looks">;

/** Closes the frame. Its pixels are written into `spare` where they fit. */
export const copyFrame = async (frame: VideoFrame, reads: Reads, spare: ArrayBuffer): Promise<CopiedFrame> => {
  try {
    const seen = frame.visibleRect ?? new DOMRectReadOnly(0, 0, frame.codedWidth, frame.codedHeight);
    const rect = reads === "all" ? seen : middleOf(seen);
    const { width, height } = rect;
    const way = wayOf(frame.format);
    const options = { rect, ...(way.format === null ? {} : { format: way.format }) };
    const bytes = frame.allocationSize(options);
    const pixels = spare.byteLength === bytes ? spare : new ArrayBuffer(bytes);
    await frame.copyTo(pixels, options);
    return { pixels, bytesPerPixel: way.bytesPerPixel, width, height };
  } finally {
    frame.close();
  }
};

/** As it is where that can be read: a camera's own formats begin with the light of each pixel. Otherwise as colours. */
const wayOf = (
  format: VideoPixelFormat | null,
): Pick<CopiedFrame, "bytesPerPixel"> & { readonly format: "RGBA" | null } => {
  if (format === null) return { bytesPerPixel: 4, format: "RGBA" };
  if (/^(I4\d\d|NV\d\d)A?$/.test(format)) return { bytesPerPixel: 1, format: null };
  return { bytesPerPixel: 4, format: /^(RGB|BGR)[AX]$/.test(format) ? null : "RGBA" };
};

/** At most 4:3 of a picture wider than that, and the same in height: what lies beside it is behind people's backs. */
export const middleOf = ({ x, y, width, height }: DOMRectReadOnly): DOMRectReadOnly => {
  const [across, down] = [Math.min(width, even((height * 4) / 3)), Math.min(height, even((width * 4) / 3))];
  return new DOMRectReadOnly(x + even((width - across) / 2), y + even((height - down) / 2), across, down);
};

/** Colours come one for two pixels. */
const even = (pixels: number): number => 2 * Math.floor(pixels / 2);
