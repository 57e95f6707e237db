/** `POST /v1/stays` and `GET /v1/places`, where the server was there a moment ago. */
import type { GenericSchema } from "valibot";
import { fromUtf8 } from "../../shared/bytes.ts";
import { places, readAnswer, stay } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import type { Site } from "../site.ts";
import { readBounded } from "./bounded-body.ts";
import { askSigned, type SignedAsk } from "./signed-ask.ts";

/** Somebody stands before a closed barrier meanwhile. */
const staySeconds = 1;
const placesSeconds = 10;
const bytesMax = 64 * 1024;

export const httpSite = (identity: Identity, now: () => Instant, isOnline: () => boolean): Site => {
  const ask = async <T>(asked: Omit<SignedAsk, "at">, schema: GenericSchema<unknown, T>): Promise<T | null> => {
    if (!isOnline()) return null;
    try {
      const response = await askSigned(identity, { ...asked, at: now() });
      const bytes = await readBounded(response, bytesMax);
      return response.ok && bytes !== null ? readAnswer(schema, JSON.parse(fromUtf8(bytes) ?? "")) : null;
    } catch {
      return null; // as without a network
    }
  };
  return {
    stayOf: (pseudonym) => ask({ path: "/v1/stays", json: { pseudonym }, seconds: staySeconds }, stay),
    places: () => ask({ path: "/v1/places", seconds: placesSeconds }, places),
  };
};
