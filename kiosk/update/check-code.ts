/** A QR code (version 1, level M) that a program can look at to see whether it reads: row by row, 21 modules each. */

/** Its light, row by row. */
export type Picture = { readonly grey: Uint8Array<ArrayBuffer>; readonly width: number; readonly height: number };

export const checkText = "GREENLANE";

const rows = [
  ...[0x1fc27f, 0x105c41, 0x174f5d, 0x174e5d, 0x17595d, 0x104d41, 0x1fd57f, 0x000700, 0x154212, 0x128061, 0x14c91c],
  ...[0x1bb86b, 0x09dd56, 0x001aaf, 0x1fc6ec, 0x10438a, 0x175ec7, 0x17486e, 0x175d25, 0x10487b, 0x1fd965],
];
const pixelsPerModule = 4;
const quietModules = 4;

export const drawCheckCode = (): Picture => {
  const side = (rows.length + 2 * quietModules) * pixelsPerModule;
  const grey = new Uint8Array(side * side).fill(255);
  for (let y = 0; y < side; y++) {
    const row = rows[Math.floor(y / pixelsPerModule) - quietModules] ?? 0;
    for (let x = 0; x < side; x++) {
      const column = Math.floor(x / pixelsPerModule) - quietModules;
      const isDark = column >= 0 && column < rows.length && ((row >> (rows.length - 1 - column)) & 1) === 1;
      if (isDark) grey[y * side + x] = 0;
    }
  }
  return { grey, width: side, height: side };
};
