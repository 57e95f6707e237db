/**
 * How an artefact travels (FORMATS, "Bundle"), as one of its encodings:
 *
 *     plain                 as it is
 *     snapshot+aes256gcm    a score list, coded by list-snapshot.ts and sealed
 *     patch+aes256gcm       a score list, coded by list-patch.ts from the list of version `from`, and sealed
 *
 * Sealed: iv (12) || ciphertext and tag, under a key that only enrolled terminals get, so that any CDN or stick can carry
 * it. Declared lengths bound everything before it is decoded, and what comes out is what the manifest names, or nothing.
 */
import { type Bytes, fromHex, sha256, toHex } from "./bytes.ts";
import { applyPatch } from "./list-patch.ts";
import { decodeSnapshot } from "./list-snapshot.ts";
import type { ArtefactEncoding, ArtefactEntry } from "./manifest.ts";
import { type Opened, opened, refused } from "./root.ts";
import type { OpenedList, StatusList } from "./status-list.ts";

/** The list that is here, for a patch to start from. */
export type Base = { readonly version: number; readonly statuses: StatusList };

/** Seals an artefact for enrolled terminals. `key` (32) is new for each version, `iv` (12) random. */
export const sealArtefact = async (coded: Bytes, key: Bytes, iv: Bytes): Promise<Bytes> => {
  const aes = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, false, ["encrypt"]);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, coded));
  const bytes = new Uint8Array(iv.length + sealed.length);
  bytes.set(iv);
  bytes.set(sealed, iv.length);
  return bytes;
};

/** `from`: the version that a patch starts from. */
export const describeEncoding = async (
  format: ArtefactEncoding["format"],
  bytes: Bytes,
  from: number | null = null,
): Promise<ArtefactEncoding> => ({
  format,
  from,
  length: bytes.length,
  sha256: toHex(await sha256(bytes)),
});

/** The decoded bytes of an artefact, proven to be what the manifest names. `base`: for patches only. */
export const openArtefact = async (
  entry: ArtefactEntry,
  encoded: ArtefactEncoding,
  bytes: Bytes,
  key: Bytes | null,
  base: Base | null = null,
): Promise<Opened<Bytes>> => {
  if (bytes.length !== encoded.length) return refused("wrong-length", entry.name);
  if (toHex(await sha256(bytes)) !== encoded.sha256) return refused("wrong-hash", entry.name);
  const coded = encoded.format === "plain" ? opened(bytes) : await unseal(bytes, key, entry.name);
  const decoded = coded.kind === "refused" ? coded : decode(entry, encoded, coded.value, base);
  return decoded.kind === "refused" ? decoded : checkDecoded(entry, decoded.value);
};

const decode = (entry: ArtefactEntry, encoded: ArtefactEncoding, coded: Bytes, base: Base | null): Opened<Bytes> => {
  const { name, length, entries = 0 } = entry;
  if (encoded.format === "snapshot+aes256gcm") {
    // Decoding makes as much as the entries say, so that must be what the length says.
    if (length !== Math.ceil(entries / 2)) return refused("wrong-length", name);
    return packedOf(decodeSnapshot(coded, entries), name);
  }
  if (encoded.format === "patch+aes256gcm") {
    if (base === null || base.version !== encoded.from) return refused("missing-artefact", `${name} ${encoded.from}`);
    return packedOf(applyPatch(base.statuses, coded), name);
  }
  return opened(coded);
};

const packedOf = (list: OpenedList, name: string): Opened<Bytes> =>
  list.kind === "invalid" ? refused("malformed", `${name}: ${list.error}`) : opened(list.value.packed);

const unseal = async (bytes: Bytes, key: Bytes | null, name: string): Promise<Opened<Bytes>> => {
  if (key === null || key.length !== 32) return refused("no-key", name);
  const aes = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, false, ["decrypt"]);
  const iv = bytes.slice(0, 12);
  try {
    return opened(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, bytes.slice(12))));
  } catch {
    return refused("wrong-hash", `${name}: does not open under its key`);
  }
};

/** The decoded bytes again, as they were stored. */
export const checkDecoded = async (entry: ArtefactEntry, decoded: Bytes): Promise<Opened<Bytes>> => {
  if (decoded.length !== entry.length) return refused("wrong-length", entry.name);
  const isSame = toHex(await sha256(decoded)) === entry.sha256;
  return isSame ? opened(decoded) : refused("wrong-hash", entry.name);
};

/** The key that opens a sealed encoding, from the list that the server gave beside the manifest (hex by SHA-256). */
export const keyOf = (keys: Readonly<Record<string, string>>, encoded: ArtefactEncoding): Bytes | null => {
  const text = keys[encoded.sha256];
  return text === undefined ? null : fromHex(text);
};
