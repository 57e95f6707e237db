/**
 * A mirror: serves what was imported (bundle-import.ts), byte for byte, and signs nothing. It follows what another process
 * imports meanwhile. What it has expires like any other bundle: then terminals go on with theirs and say so.
 */
import type { Publisher } from "./ports.ts";
import { answerOf, type PublishedStore } from "./published.ts";

export const mirrorRefusal = "this server is a mirror: do this where the bundle is published, and import it from there";

export const createMirror = (store: PublishedStore): Publisher => {
  const refuse = () => Promise.reject(new Error(mirrorRefusal));
  return {
    current: async () => {
      const publication = store.read();
      if (publication === null) throw new Error("nothing was imported yet");
      return answerOf(store.roots(), publication);
    },
    artefact: (hash) => (/^[0-9a-f]{64}$/.test(hash) ? store.artefact(hash) : null),
    publish: refuse,
    rotate: refuse,
    keys: refuse,
  };
};
