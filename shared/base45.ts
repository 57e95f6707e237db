/**
 * Base45 (RFC 9285): bytes in the alphanumeric alphabet of a QR code. Two bytes are three characters, a last single byte
 * is two; characters go from the least significant digit. Reading refuses (null) characters outside the alphabet, a
 * length that no bytes have (3n + 1), and groups above what their bytes can hold (> 65535, > 255).
 */
import type { Bytes } from "./bytes.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const noDigit = 255;
/** By the character's code. */
const digitValues = new Uint8Array(128).fill(noDigit);
for (let digit = 0; digit < alphabet.length; digit++) digitValues[alphabet.charCodeAt(digit)] = digit;

export const encodeBase45 = (bytes: Uint8Array): string => {
  let text = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) text += digitsOf((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0), 3);
  return bytes.length % 2 === 0 ? text : text + digitsOf(bytes[bytes.length - 1] ?? 0, 2);
};

export const decodeBase45 = (text: string): Bytes | null => {
  const rest = text.length % 3;
  if (rest === 1) return null;
  const bytes = new Uint8Array(2 * Math.floor(text.length / 3) + (rest === 2 ? 1 : 0));
  for (let i = 0, at = 0; i < text.length; i += 3, at += 2) {
    const length = Math.min(3, text.length - i);
    const value = groupValue(text, i, length);
    if (value === null || value > (length === 3 ? 0xffff : 0xff)) return null;
    if (length === 3) bytes[at] = value >> 8;
    bytes[at + length - 2] = value & 0xff;
  }
  return bytes;
};

const digitsOf = (value: number, length: number): string => {
  let digits = "";
  for (let rest = value; digits.length < length; rest = Math.floor(rest / 45)) digits += alphabet.charAt(rest % 45);
  return digits;
};

const groupValue = (text: string, from: number, length: number): number | null => {
  let value = 0;
  for (let i = from + length - 1; i >= from; i--) {
    const digit = digitValues[text.charCodeAt(i)] ?? noDigit;
    if (digit === noDigit) return null;
    value = value * 45 + digit;
  }
  return value;
};
