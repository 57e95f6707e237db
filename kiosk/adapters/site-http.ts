/** `POST /v1/stays`, `GET /v1/places` and `GET /v1/site/events`, where the server was there a moment ago. */
import type { GenericSchema } from "valibot";
import { fromUtf8 } from "../../shared/bytes.ts";
import { places, readAnswer, stay } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import type { Reach } from "../reach.ts";
import type { Site } from "../site.ts";
import { readBounded } from "./bounded-body.ts";
import { askSigned, type SignedAsk } from "./signed-ask.ts";
import { followSite } from "./site-events.ts";

/** Somebody stands before a closed barrier meanwhile. */
const staySeconds = 1;
const placesSeconds = 10;
const bytesMax = 64 * 1024;

type Asked = Pick<SignedAsk, "path" | "json"> & { readonly seconds: number };

export const httpSite = (identity: Identity, now: () => Instant, reach: Pick<Reach, "isOnline" | "onChange">): Site => {
  const ask = async <T>({ seconds, ...asked }: Asked, schema: GenericSchema<unknown, T>): Promise<T | null> => {
    if (!reach.isOnline()) return null;
    try {
      const signal = AbortSignal.timeout(seconds * 1000);
      const response = await askSigned(identity, { ...asked, at: now(), signal });
      const bytes = await readBounded(response, bytesMax);
      return response.ok && bytes !== null ? readAnswer(schema, JSON.parse(fromUtf8(bytes) ?? "")) : null;
    } catch {
      return null; // as without a network
    }
  };
  return {
    stayOf: (pseudonym) => ask({ path: "/v1/stays", json: { pseudonym }, seconds: staySeconds }, stay),
    places: () => ask({ path: "/v1/places", seconds: placesSeconds }, places),
    listen: (hear) => {
      const open = (signal: AbortSignal) => askSigned(identity, { path: "/v1/site/events", at: now(), signal });
      followSite({ open, reach, hear });
    },
  };
};
