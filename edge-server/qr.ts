/** A QR code for a console: half blocks, light on dark, with the quiet zone around it. */
import { renderUnicodeCompact } from "uqr";

export const drawQrCode = (text: string): string => renderUnicodeCompact(text, { ecc: "L", border: 2 });
