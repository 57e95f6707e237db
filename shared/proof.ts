/**
 * How somebody asks an issuer for a credential: a proof of the holder's key (FORMATS, "HTTP", `POST /v1/credentials`).
 *
 *     COSE_Sign1 by the holder's key, protected exactly {1: alg, 16: "application/greenlane-proof+cose"}, payload CBOR
 *     {"key": COSE_Key, "citizen": handle or null, "credential": bytes or null, "form": "phone" | "card", "at": instant}
 *
 * It carries its key itself, since the issuer may not know it yet. `citizen`: whose credential it is to be (the demo);
 * null with no credential asks for a new person. `credential`: the earlier one, for a renewal or a printed card.
 * An issuer takes a proof made within 300 s of its own time.
 */
import type { Bytes } from "./bytes.ts";
import { decodeCbor, encodeCbor, integerOf, labels, readSign1, signSign1, verifySign1 } from "./cose.ts";
import { coseKeyOf, importPublicKey, jwkOfCoseKey, type PublicJwk, type PublicKey, type SigningKey } from "./keys.ts";
import type { Instant } from "./terms.ts";

export const proofBytesMax = 4096;
export const proofAgeMaxSeconds = 300;

export type ProofRequest = {
  readonly key: PublicJwk;
  readonly citizen: string | null;
  readonly credential: Bytes | null;
  readonly form: "phone" | "card";
  readonly at: Instant;
};

/** Only `openProof` makes one: `key` has signed it. */
export type Proof = Omit<ProofRequest, "key"> & { readonly key: PublicKey };

/** `request.key` is the holder's own: by another's, nobody would open it. */
export const signProof = (request: ProofRequest, holder: SigningKey): Promise<Bytes> => {
  const payload = new Map<string, unknown>([
    ["key", coseKeyOf(request.key)],
    ["citizen", request.citizen],
    ["credential", request.credential],
    ["form", request.form],
    ["at", request.at],
  ]);
  return signSign1(new Map([[labels.typ, mediaType]]), encodeCbor(payload), holder);
};

/** Null where the bytes are no proof, or its key has not signed it. Never throws. */
export const openProof = async (bytes: Bytes): Promise<Proof | null> => {
  const sign1 = bytes.length > proofBytesMax ? null : readSign1(bytes, [labels.alg, labels.typ]);
  if (sign1 === null || sign1.header.get(labels.typ) !== mediaType) return null;
  const payload = decodeCbor(sign1.payload)?.value;
  const claims = payload instanceof Map && payload.size === 5 ? readClaims(payload) : null;
  const key = payload instanceof Map ? await importPublicKey(jwkOfCoseKey(payload.get("key"))) : null;
  if (claims === null || key === null || (await verifySign1(sign1, key)) !== "ok") return null;
  return { ...claims, key };
};

const mediaType = "application/greenlane-proof+cose";

const readClaims = (payload: ReadonlyMap<unknown, unknown>): Omit<ProofRequest, "key"> | null => {
  const [citizen, credential, form] = ["citizen", "credential", "form"].map((name) => payload.get(name));
  const at = integerOf(payload.get("at"));
  if (citizen !== null && (typeof citizen !== "string" || citizen.length > 64)) return null;
  if (credential !== null && !(credential instanceof Uint8Array)) return null;
  if ((form !== "phone" && form !== "card") || at === null) return null;
  return { citizen, credential: credential === null ? null : new Uint8Array(credential), form, at };
};
