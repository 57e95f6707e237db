/**
 * A score list (FORMATS, "Score list"): 4 bits a citizen, packed, with the values of the Token Status List
 * (draft-ietf-oauth-status-list-21).
 *
 *     byte     0        1        2
 *     bits   7654 3210 7654 3210 7654 3210     the even index sits in the low half of its byte, the odd one
 *     index     1    0    3    2    5    4     above it; of an odd number of entries the last high half is unused
 *
 *     0 none   1 revoked   2 suspended   3, 12, 13, 14, 15 bands 1 to 5   others, and past the end: unknown
 *
 * No value stands for a low score, so a terminal cannot learn one.
 */
import type { Bytes } from "./bytes.ts";
import { encodeCbor, kidBytes, labels, signSign1 } from "./cose.ts";
import type { SigningKey } from "./keys.ts";

export type Band = 1 | 2 | 3 | 4 | 5;
export type Standing = Band | "none" | "revoked" | "suspended" | "unknown";

export type OpenedList =
  | { readonly kind: "valid"; readonly value: StatusList }
  | { readonly kind: "invalid"; readonly error: string };
export type StatusList = { readonly packed: Bytes; readonly entries: number };

/** Invalid when the bytes are not exactly as many as the entries need. */
export const openStatusList = (packed: Bytes, entries: number): OpenedList =>
  Number.isSafeInteger(entries) && entries >= 0 && packed.length === packedLength(entries)
    ? { kind: "valid", value: { packed, entries } }
    : { kind: "invalid", error: `${packed.length} bytes are not a list of ${entries} entries` };

/** Total: an index that the list has not, or that is no index, is unknown. */
export const standingAt = (list: StatusList, index: number): Standing => {
  if (!Number.isSafeInteger(index) || index < 0 || index >= list.entries) return "unknown";
  const byte = list.packed[Math.floor(index / 2)] ?? 0;
  return standings.get(index % 2 === 0 ? byte & 0x0f : byte >> 4) ?? "unknown";
};

/** The value to publish. Nobody is published as unknown. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: nothing here uses the global of that name.
export const valueOf = (standing: Exclude<Standing, "unknown">): number => {
  for (const [value, meaning] of standings) if (meaning === standing) return value;
  throw new TypeError(`no value stands for ${String(standing)}`);
};

/** One value an entry; a value that does not fit in 4 bits is a bug: throws. */
export const packStatuses = (values: ArrayLike<number>): Bytes => {
  const packed = new Uint8Array(packedLength(values.length));
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? -1;
    if (!Number.isInteger(value) || value < 0 || value > 15) throw new RangeError(`entry ${index} is ${value}`);
    const at = Math.floor(index / 2);
    packed[at] = (packed[at] ?? 0) | (index % 2 === 0 ? value : value << 4);
  }
  return packed;
};

/** `exp` and `ttl` (seconds a verifier may go on using it) as in the draft; `deflated` is the packed list in zlib form. */
export type StatusListCwt = {
  readonly uri: string;
  readonly iat: number;
  readonly exp: number;
  readonly ttl: number;
  readonly deflated: Bytes;
};

/** The standard Token Status List, for registered verifiers (`scores export`). Compression is the caller's. */
export const encodeStatusListCwt = (list: StatusListCwt, publisher: SigningKey): Promise<Bytes> => {
  const header = new Map<number, unknown>([
    [labels.kid, kidBytes(publisher)],
    [labels.typ, "application/statuslist+cwt"],
  ]);
  const statusList = new Map<string, unknown>([
    ["bits", 4],
    ["lst", list.deflated],
  ]);
  const payload = new Map<number, unknown>([
    [claim.sub, list.uri],
    [claim.iat, list.iat],
    [claim.exp, list.exp],
    [claim.ttl, list.ttl],
    [claim.statusList, statusList],
  ]);
  return signSign1(header, encodeCbor(payload), publisher);
};

const claim = { sub: 2, exp: 4, iat: 6, statusList: 65_533, ttl: 65_534 } as const;

const standings: ReadonlyMap<number, Standing> = new Map<number, Standing>([
  [0, "none"],
  [1, "revoked"],
  [2, "suspended"],
  [3, 1],
  [12, 2],
  [13, 3],
  [14, 4],
  [15, 5],
]);

const packedLength = (entries: number): number => Math.ceil(entries / 2);
