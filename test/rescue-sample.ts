/** Rescues as a terminal would write them, and by hand wrongly. */
import { gunzipSync, gzipSync } from "node:zlib";
import type { Bytes } from "../shared/bytes.ts";
import { encodeRescue, type Gunzip, type OperatorKey, sealRescue } from "../shared/rescue.ts";

export const importOperatorKey = async (secret: Bytes, version = 1): Promise<OperatorKey> => ({
  key: await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
  version,
});

export const gzip = (bytes: Uint8Array): Bytes => new Uint8Array(gzipSync(bytes));

export const gunzip: Gunzip = async (bytes, bytesMax) => {
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: bytesMax }));
  } catch {
    return null;
  }
};

export const drawSalt = (): Bytes => crypto.getRandomValues(new Uint8Array(16));

export const makeRescue = (
  terminal: string,
  batches: readonly Bytes[],
  operator: OperatorKey,
  salt: Bytes = drawSalt(),
): Promise<Bytes> => sealRescue(gzip(encodeRescue(terminal, batches)), operator, salt);
