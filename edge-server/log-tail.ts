/** Where the part of a log begins that was written lately. */
import type { Chain } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import type { LedgerParts } from "./ports.ts";

const stepRows = 1000;

/** The seq of an entry behind which nothing is missing that was written since; 0 before the first. */
export const seqBefore = async (
  ledger: Pick<LedgerParts, "part">,
  chain: Chain,
  headSeq: number,
  since: Instant,
): Promise<number> => {
  let seq = headSeq;
  while (seq > 0) {
    seq = Math.max(0, seq - stepRows);
    const [oldest] = await ledger.part(chain, seq, 1);
    if (oldest?.at != null && oldest.at < since) break;
  }
  return seq;
};
