/**
 * `POST /v1/stays`, where the server was there a moment ago. Somebody stands before a closed barrier meanwhile: what does
 * not answer in a second is not waited for.
 */
import { fromUtf8 } from "../../shared/bytes.ts";
import { readAnswer, stay } from "../../shared/messages.ts";
import type { Instant } from "../../shared/terms.ts";
import type { Identity } from "../ports.ts";
import type { Site } from "../site.ts";
import { readBounded } from "./bounded-body.ts";
import { postSigned } from "./signed-post.ts";

const answerSeconds = 1;
const bytesMax = 1024;

export const httpSite = (identity: Identity, now: () => Instant, isOnline: () => boolean): Site => ({
  stayOf: async (pseudonym) => {
    if (!isOnline()) return null;
    try {
      const post = { path: "/v1/stays", json: { pseudonym }, at: now(), seconds: answerSeconds };
      const response = await postSigned(identity, post);
      const bytes = await readBounded(response, bytesMax);
      return response.ok && bytes !== null ? readAnswer(stay, JSON.parse(fromUtf8(bytes) ?? "")) : null;
    } catch {
      return null; // as without a network: the fee follows
    }
  },
});
