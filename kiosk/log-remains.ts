/** The remains of lost chains: what was never acknowledged of them, kept in the first copy to be told again (retelling.ts). */
import { sha256, toHex, toUtf8 } from "../shared/bytes.ts";
import type { Entry } from "../shared/log.ts";
import type { FirstCopy, FoundCopy } from "./ports.ts";

/** As many of the remains as are told again at a time. */
const remainsChunk = 50;

/** Each entry once. How many there were. */
export const keepRemains = async (
  first: Pick<FirstCopy, "keepRemains">,
  found: readonly FoundCopy[],
): Promise<number> => {
  const kept = new Set<string>();
  for (const copy of found) {
    for (let seq = copy.ackedSeq + 1; ; ) {
      const entries = await copy.read(seq, remainsChunk);
      const newest = entries.at(-1);
      if (newest === undefined) break;
      const others: Entry[] = [];
      for (const entry of entries) {
        const name = await nameOf(entry);
        if (!kept.has(name)) others.push(entry);
        kept.add(name);
      }
      if (others.length > 0) await first.keepRemains(copy, others);
      seq = newest.seq + 1;
    }
  }
  return kept.size;
};

/** By all that is in it: one that is damaged may still say the hash of the one that is not. */
const nameOf = async ({ seq, hash, bytes, personal }: Entry): Promise<string> => {
  const parts = [hash, bytes, personal?.salt].map((part) => (part instanceof Uint8Array ? toHex(part) : ""));
  return toHex(await sha256(toUtf8(JSON.stringify([seq, ...parts, personal?.text]))));
};

/** For staff, in English. */
export const describeKept = (count: number): readonly string[] =>
  count === 0 ? [] : [`${count} entries of a lost log were never acknowledged: they are told again in this one`];
