/** A QR code for a console: half blocks, light on dark, with the quiet zone around it; and as rows of 0 and 1 for a page. */
import { encode, renderUnicodeCompact } from "uqr";

export const drawQrCode = (text: string): string => renderUnicodeCompact(text, { ecc: "L", border: 2 });

export const qrRowsOf = (text: string): string[] =>
  encode(text, { ecc: "M", border: 4 }).data.map((row) => row.map((dark) => (dark ? "1" : "0")).join(""));
