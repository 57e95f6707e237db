/**
 * Who went in and came out lately where a terminal stands, as the terminals of that site and service have told the ledger.
 * Each log is read once, from the end, and then followed; what is older than two days is forgotten.
 *
 * What a terminal has not sent yet is not in it: the answer is the ledger's, no more.
 */
import { toHex } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import type { Stay } from "../shared/messages.ts";
import { createPassReader, type Pass, type PassReader } from "../shared/passes.ts";
import type { Instant } from "../shared/terms.ts";
import { readPersonal, readTransaction } from "../shared/transaction.ts";
import type { LedgerEntry, LedgerParts, Registry, TerminalRow } from "./ports.ts";
import { createTurns } from "./turn.ts";

export type Passages = (terminal: TerminalRow, now: Instant) => Promise<readonly Pass[]>;

export type PassageEdges = {
  readonly ledger: LedgerParts;
  readonly registry: Pick<Registry, "terminals">;
};

const keptSeconds = 2 * 86_400;
const partRows = 1000;
/** Sites that are looked at at once. */
const lookedAtMax = 2;

type Followed = { seq: number; readonly read: PassReader; passes: readonly Pass[] };

export const createPassages = ({ ledger, registry }: PassageEdges): Passages => {
  const followed = new Map<string, Followed>();
  const turns = createTurns(lookedAtMax);
  let heads: { readonly at: Instant; readonly chains: ReturnType<LedgerParts["heads"]> } | null = null;

  /** The same for a second, whoever asks. */
  const headsAt = (now: Instant): ReturnType<LedgerParts["heads"]> => {
    if (heads?.at !== now) heads = { at: now, chains: ledger.heads() };
    return heads.chains;
  };

  const follow = async (chain: Chain, headSeq: number, since: Instant): Promise<readonly Pass[]> => {
    const name = `${chain.terminal}/${toHex(chain.epoch)}`;
    const known = followed.get(name);
    // An older ledger may have been put back.
    const isNew = known === undefined || known.seq > headSeq;
    const log = isNew
      ? { seq: await seqBefore(ledger, chain, headSeq, since), read: createPassReader(), passes: [] }
      : known;
    followed.set(name, log);
    while (log.seq < headSeq) {
      const entries = await ledger.part(chain, log.seq, partRows);
      const last = entries.at(-1);
      if (last === undefined) break;
      log.passes = [...log.passes, ...entries.flatMap((entry) => passIn(log.read, entry))];
      log.seq = last.seq;
    }
    log.passes = log.passes.filter(({ passedAt }) => passedAt >= since);
    return log.passes;
  };

  return (terminal, now) =>
    turns(placeOf(terminal), async () => {
      const here = new Set(
        registry
          .terminals()
          .filter(isBeside(terminal))
          .map(({ id }) => id),
      );
      const passes: Pass[] = [];
      for (const chain of await headsAt(now)) {
        if (here.has(chain.terminal)) passes.push(...(await follow(chain, chain.seq, now - keptSeconds)));
      }
      return passes;
    });
};

/** When somebody last came in there and last left; null where nobody has seen it. */
export const stayOf = (passes: readonly Pass[], pseudonym: string): Stay => {
  const lastOf = (way: Pass["way"]): Instant | null =>
    passes.reduce<Instant | null>(
      (last, pass) => (pass.way === way && pass.pseudonym === pseudonym ? Math.max(last ?? 0, pass.at) : last),
      null,
    );
  return { enteredAt: lastOf("entry"), leftAt: lastOf("exit") };
};

/** Behind it nothing is missing that was written since. */
const seqBefore = async (ledger: LedgerParts, chain: Chain, headSeq: number, since: Instant): Promise<number> => {
  let seq = headSeq;
  while (seq > 0) {
    seq = Math.max(0, seq - partRows);
    const [oldest] = await ledger.part(chain, seq, 1);
    if (oldest?.at != null && oldest.at < since) break;
  }
  return seq;
};

const passIn = (read: PassReader, { seq, bytes, personal }: LedgerEntry): readonly Pass[] => {
  const written = readTransaction(bytes);
  const pseudonym = () => (personal === null ? null : (readPersonal(personal.text)?.pseudonym ?? null));
  const pass = written === null ? null : read(seq, written, pseudonym);
  return pass === null ? [] : [pass];
};

const placeOf = ({ profile: { programme, service, site } }: TerminalRow): string =>
  [programme, service, site].join(" ");
const isBeside = (terminal: TerminalRow) => {
  const place = placeOf(terminal);
  return (other: TerminalRow): boolean => placeOf(other) === place;
};
