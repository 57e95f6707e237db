/**
 * What an earlier export proves: that every chain reached at least so far, by this very hash. Somebody with the whole
 * database can cut off the end of a chain together with its receipts, and nothing that is left says so; whoever kept an
 * export says so, and so does the terminal, which kept the acks.
 */
import { type Bytes, equalBytes, toBase64url } from "../shared/bytes.ts";
import type { Chain, Head } from "../shared/log.ts";
import type { Tally } from "./audit-tally.ts";
import { readExport } from "./export-reader.ts";

/** The last entry of each chain, by TERMINAL/EPOCH. */
export type EarlierHeads = ReadonlyMap<string, Head>;

/** Null where something in it is no line of an export. */
export const readEarlierHeads = async (chunks: AsyncIterable<Uint8Array>): Promise<EarlierHeads | null> => {
  const heads = new Map<string, Head>();
  for await (const { line } of readExport(chunks)) {
    if (line === null) return null;
    const name = nameOf(line);
    if (line.seq > (heads.get(name)?.seq ?? 0)) heads.set(name, { seq: line.seq, hash: line.hash });
  }
  return heads;
};

export type EarlierAudit = { readonly addEntry: (entry: Chain & Head) => void; readonly finish: () => void };

export const createEarlierAudit = (heads: EarlierHeads, tally: Tally): EarlierAudit => {
  const found = new Map<string, Bytes>();
  return {
    addEntry: (entry) => {
      const name = nameOf(entry);
      if (heads.get(name)?.seq === entry.seq) found.set(name, entry.hash);
    },
    finish: () => {
      for (const [name, { seq, hash }] of heads) {
        const here = found.get(name);
        if (here === undefined) tally.report("cut", `${name}/${seq}`, "it was there in the earlier export");
        else if (!equalBytes(here, hash))
          tally.report("altered", `${name}/${seq}`, "another one in the earlier export");
      }
    },
  };
};

const nameOf = ({ terminal, epoch }: Chain): string => `${terminal}/${toBase64url(epoch)}`;
