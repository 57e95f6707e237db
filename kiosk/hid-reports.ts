/**
 * From the input reports of a HID barcode scanner (USB HID Point of Sale usage tables 1.02, page 0x8C; the layout that the
 * makers share) to texts. Report 2, after its number:
 *
 *     0       length of the part, 0 to 56
 *     1..3    AIM identifier, which begins with "]"; some makers put one byte before it, and all that follows one later
 *     4..     the part
 *     62      0 in the last report of a code; more follows otherwise
 *
 * A report of another number or shape spoils the code that it stands in, and a pause does too: up to its last report
 * everything is dropped, since half a text must never pass for a whole one. What a text is, scan-lines.ts says.
 */
import { pauseMillisecondsMax, textLengthMax, textOf } from "./scan-lines.ts";

export const scanReportId = 2;

export type HidReports = {
  /** A report that came at `ticks` (milliseconds); the text that it ends, or null. */
  readonly feed: (reportId: number, report: Uint8Array, ticks: number) => string | null;
};

const partLengthMax = 56;
const moreFollows = 62;
const bracket = 0x5d;
const bytesMax = 4 * textLengthMax;

export const createHidReports = (): HidReports => {
  let parts: number[] = [];
  let isSpoilt = false;
  let fedAt = Number.NEGATIVE_INFINITY;

  return {
    feed: (reportId, report, ticks) => {
      // Battery, trigger and the like have numbers of their own, and may come at any time.
      if (reportId !== scanReportId) return null;
      if ((isSpoilt || parts.length > 0) && ticks - fedAt > pauseMillisecondsMax) isSpoilt = true;
      fedAt = ticks;
      const part = partOf(report);
      if (part === null) isSpoilt = true;
      else if (parts.length < bytesMax) parts.push(...part);
      if (part !== null && report[moreFollows] !== 0) return null;
      const text = isSpoilt ? null : textOf(Uint8Array.from(withoutEnd(parts)));
      parts = [];
      // A report that cannot be read does not say whether it was the last.
      isSpoilt = part === null;
      return text;
    },
  };
};

const partOf = (report: Uint8Array): Uint8Array | null => {
  const offset = report[1] === bracket ? 0 : report[2] === bracket ? 1 : null;
  const [length = 0] = report;
  if (offset === null || report.length <= moreFollows || length > partLengthMax) return null;
  return report.slice(4 + offset, 4 + offset + length);
};

/** Scanners set for serial lines before keep their line end. */
const withoutEnd = (bytes: readonly number[]): readonly number[] => {
  const end = bytes.findLastIndex((byte) => byte !== 0x0d && byte !== 0x0a);
  return bytes.slice(0, end + 1);
};
