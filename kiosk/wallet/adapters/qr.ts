/**
 * Draws the text of a code as the path of a QR code, in units of one module, the quiet zone of four modules included.
 * Upper-case base45 falls into the alphanumeric mode by itself.
 */
import { encode } from "uqr";

export type QrPath = { readonly size: number; readonly path: string };

/** M on screens, Q on paper (FORMATS, "QR text"). */
export type QrLevel = "M" | "Q";

const quietModules = 4;

export const drawQr = (text: string, level: QrLevel): QrPath => {
  const { data, size } = encode(text, { ecc: level, border: quietModules });
  // One subpath for each run of dark modules: a few hundred instead of thousands.
  const rows = data.map((row, y) => {
    const line = row.map((dark) => (dark ? "1" : "0")).join("");
    return [...line.matchAll(/1+/g)]
      .map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`)
      .join("");
  });
  return { size, path: rows.join("") };
};
