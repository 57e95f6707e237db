/**
 * From the bytes of a wired scanner to texts. Serial scanners, and library RFID pads that speak like one, send lines:
 *
 *     [AIM] text (CR | LF)        AIM: "]", a letter, a letter or digit, where the scanner is set to name the symbology
 *
 * A text has 4 characters or more. One longer than 1,025 is cut there, as a camera's is: it is refused as too long, not
 * unheard. A line that is no UTF-8 or holds a control character is no text and is dropped, and so is what no line ended.
 *
 * Half a text must never pass for a whole one. So after a pause within a line, which is also what a cable pulled out and a
 * machine that slept look like, everything up to the next end of a line is dropped: one scan too few, and the next is read.
 */
import { type Bytes, fromUtf8 } from "../shared/bytes.ts";

/** A whole code takes 0.5 s at 9,600 baud, without a gap; a busy page reads late. */
export const pauseMillisecondsMax = 500;
export const textLengthMin = 4;
/** One more than a credential's text may have. */
export const textLengthMax = 1_025;

export type ScanLines = {
  /** Bytes that came at `ticks` (milliseconds); the texts that they end. */
  readonly feed: (bytes: Uint8Array, ticks: number) => readonly string[];
  /** Bytes may have been lost here: nothing up to the next end of a line is whole. */
  readonly breakOff: () => void;
  /** Whether a line has begun and not ended. */
  readonly isOpen: () => boolean;
};

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
// Four bytes a character at most, and the AIM identifier.
const lineBytesMax = 4 * textLengthMax + 3;

export const createScanLines = (): ScanLines => {
  let line: number[] = [];
  let isSpoilt = false;
  let fedAt = Number.NEGATIVE_INFINITY;
  const isOpen = (): boolean => isSpoilt || line.length > 0;

  const end = (): string | null => {
    const text = isSpoilt ? null : textOf(Uint8Array.from(line));
    line = [];
    isSpoilt = false;
    return text;
  };

  return {
    isOpen,
    breakOff: () => {
      isSpoilt = true;
    },
    feed: (bytes, ticks) => {
      if (isOpen() && ticks - fedAt > pauseMillisecondsMax) isSpoilt = true;
      fedAt = ticks;
      const texts: string[] = [];
      for (const byte of bytes) {
        if (byte === carriageReturn || byte === lineFeed) {
          const text = end();
          if (text !== null) texts.push(text);
        } else if (line.length < lineBytesMax) line.push(byte);
      }
      return texts;
    },
  };
};

/** What stands in one whole line or report; null where it is nothing that a code could say. */
export const textOf = (bytes: Bytes): string | null => {
  // Cut within a character it would be no UTF-8 any more; what was cut is past the limit anyway.
  const text = fromUtf8(bytes) ?? (bytes.length >= lineBytesMax ? cutText(bytes) : null);
  if (text === null || controls.test(text)) return null;
  const bare = text.replace(aimIdentifier, "").slice(0, textLengthMax);
  return bare.length < textLengthMin ? null : bare;
};

const cutText = (bytes: Bytes): string | null => {
  for (let cut = 1; cut <= 3; cut++) {
    const text = fromUtf8(bytes.slice(0, bytes.length - cut));
    if (text !== null) return text;
  }
  return null;
};

const controls = /\p{Cc}/u;
const aimIdentifier = /^\][A-Za-z][A-Za-z0-9]/;
