/** A log and copies of it, whole and damaged, for the tests of their repair. */
import type { FoundCopy } from "../kiosk/ports.ts";
import { type Chain, type Entry, genesisOf, type Head, makeEntry } from "../shared/log.ts";

export const chainOf = (epoch: number, terminal = "t-1"): Chain => ({
  terminal,
  epoch: new Uint8Array(16).fill(epoch),
});

/** Entry `seq` is of second 1000 + seq; `word` makes another history of it. */
export const writeEntries = async (after: Head, count: number, word = "a test"): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  for (let head = after; entries.length < count; ) {
    const stamp = { v: 1, at: 1001 + head.seq, boot: "b", clock: "device" } as const;
    const fault = { kind: "fault", part: "gate", cause: word } as const;
    const salt = new Uint8Array(16).fill(head.seq);
    const entry = await makeEntry(head, { ...stamp, ...fault }, { item: `item ${head.seq}` }, salt);
    entries.push(entry);
    head = entry;
  }
  return entries;
};

export const writeChain = async (chain: Chain, count: number, word?: string): Promise<readonly Entry[]> =>
  writeEntries(await genesisOf(chain), count, word);

/** A copy with these entries; its head is the last one unless told. */
export const copyOf = (
  chain: Chain | null,
  entries: readonly Entry[],
  told: Partial<Omit<FoundCopy, "read" | "chain">> = {},
): FoundCopy => {
  const last = entries.at(-1);
  return {
    chain,
    head: last === undefined ? null : { seq: last.seq, hash: last.hash },
    isTorn: false,
    ackedSeq: 0,
    floorAt: 0,
    ...told,
    read: async (seq, max) => entries.filter((entry) => entry.seq >= seq).slice(0, max),
  };
};
