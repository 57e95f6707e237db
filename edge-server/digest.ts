/**
 * SHA-256 at once: for so little as one entry a promise costs more than the hash, and whoever awaits one on a busy server
 * waits for all that came before its answer. The largest batch takes as long as chaining its entries.
 */
import { hash } from "node:crypto";
import type { Bytes } from "../shared/bytes.ts";

export const digest = (bytes: Bytes): Bytes => {
  const text = hash("sha256", bytes, "binary"); // in half the time of a buffer
  const digested = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) digested[i] = text.charCodeAt(i);
  return digested;
};
