/**
 * Bytes and their spellings. Every reader is strict: each byte sequence has exactly one hexadecimal (lower case) and one
 * base64url (RFC 4648 section 5, no padding, unused bits zero) spelling, and anything else is null.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Every two digits of base64url, by their 12 bits. */
const digitPairs: readonly string[] = Array.from({ length: 4096 }, (_, i) => `${digits[i >> 6]}${digits[i & 63]}`);
const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
const encoder = new TextEncoder();
// ignoreBOM keeps a leading U+FEFF as a character, so that reading and writing again gives the same bytes.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const toHex = (bytes: Uint8Array): string => {
  let hex = "";
  for (const byte of bytes) hex += hexPairs[byte];
  return hex;
};

export const fromHex = (hex: string): Bytes | null => {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) return null;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
};

export const toBase64url = (bytes: Uint8Array): string => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += digitPairs[bits >> 12];
    text += digitPairs[bits & 4095];
  }
  return text.slice(0, Math.ceil((4 * bytes.length) / 3));
};

export const fromBase64url = (text: string): Bytes | null => {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  // A last character with unused bits set decodes to the same bytes: only what we would write ourselves is right.
  return toBase64url(bytes) === text ? bytes : null;
};

export const toUtf8 = (text: string): Bytes => {
  return encoder.encode(text);
};

/** How many bytes it took of `room`. Of text that does not fit, only what does is written. */
export const writeUtf8 = (text: string, room: Bytes): number => encoder.encodeInto(text, room).written;

/** Null when the bytes are not UTF-8; nothing is replaced. */
export const fromUtf8 = (bytes: Uint8Array): string | null => {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
};

export const concatBytes = (...parts: readonly Uint8Array[]): Bytes => {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** Not in constant time: for public values only. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  // A loop: a call for each byte of a log of a hundred megabytes takes seconds.
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** SHA-256, as the platform does it best. As WebCrypto's, it has copied the bytes when it returns, done or not. */
export type Digest = (bytes: Bytes) => Bytes | Promise<Bytes>;

export const sha256 = async (bytes: Bytes): Promise<Bytes> => {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
};
