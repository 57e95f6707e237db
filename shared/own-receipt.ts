/**
 * That a receipt is one's own: what somebody's phone signs to read why, in full, or to object as the one it was about. Who
 * has only seen the code cannot make it, and a photographed code of the phone is none.
 *
 *     COSE_Sign1 by the holder's key, protected exactly {1: alg, 16: "application/greenlane-own-receipt+cose"},
 *     payload CBOR {"credential": bytes, "code": the receipt's code as it is written, "at": instant}
 *
 * A server takes one made within 300 s of its own time (proof.ts).
 */
import type { Bytes } from "./bytes.ts";
import { decodeCbor, encodeCbor, integerOf, labels, readSign1, signSign1, verifySign1 } from "./cose.ts";
import type { PublicKey, SigningKey } from "./keys.ts";
import type { Instant } from "./terms.ts";

export const ownReceiptBytesMax = 2048;

export type OwnReceiptRequest = { readonly credential: Bytes; readonly code: string; readonly at: Instant };

/** Not yet believed: whoever believes the credential knows whose key must have signed it (`isSignedBy`). */
export type OwnReceipt = OwnReceiptRequest & { readonly isSignedBy: (key: PublicKey) => Promise<boolean> };

export const signOwnReceipt = ({ credential, code, at }: OwnReceiptRequest, holder: SigningKey): Promise<Bytes> => {
  const payload = new Map<string, unknown>([
    ["credential", credential],
    ["code", code],
    ["at", at],
  ]);
  return signSign1(new Map([[labels.typ, mediaType]]), encodeCbor(payload), holder);
};

/** Null where the bytes are none. Never throws. */
export const openOwnReceipt = (bytes: Bytes): OwnReceipt | null => {
  const sign1 = bytes.length > ownReceiptBytesMax ? null : readSign1(bytes, [labels.alg, labels.typ]);
  if (sign1 === null || sign1.header.get(labels.typ) !== mediaType) return null;
  const payload = decodeCbor(sign1.payload)?.value;
  if (!(payload instanceof Map) || payload.size !== 3) return null;
  const [credential, code] = ["credential", "code"].map((name) => payload.get(name));
  const at = integerOf(payload.get("at"));
  if (!(credential instanceof Uint8Array) || typeof code !== "string" || code.length > 40 || at === null) return null;
  const isSignedBy = async (key: PublicKey): Promise<boolean> => (await verifySign1(sign1, key)) === "ok";
  return { credential: new Uint8Array(credential), code, at, isSignedBy };
};

const mediaType = "application/greenlane-own-receipt+cose";
