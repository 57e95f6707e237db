/**
 * What the ledger keeps and nobody believes, each with its cause. Nothing is refused and nothing is dropped: what is kept
 * here stands in the way of nothing behind it.
 *
 *     unreadable        an entry of a chain whose bytes are no transaction that we can read
 *     after-revocation  entries of a chain that came when their terminal was revoked already
 *     no-such-entry     an entry about another one (`of`) that is not there, or comes later in the same chain
 *     fork              another history under the name of a chain; none of it is in the chain
 *     gap, altered      what else its terminal signed and does not fit (see `Evidence`)
 *     full              from here on, nothing more like this is kept of the terminal
 */

import { toBase64url } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { readTransaction } from "../shared/transaction.ts";
import { weighBatch } from "./ledger-doubts.ts";
import type { Evidence, Fork, LedgerEntry, LedgerReader } from "./ports.ts";

export const quarantineCauses = [
  "unreadable",
  "after-revocation",
  "no-such-entry",
  "fork",
  "gap",
  "altered",
  "full",
] as const;
export type QuarantineCause = (typeof quarantineCauses)[number];

/**
 * `where`: TERMINAL/EPOCH/SEQ of the first of `entries`. `receivedAt` is null where it is not told. `overrides`: how many of
 * them are of staff, and in no chain, so that nobody can review them where all others are reviewed.
 */
export type Quarantined = {
  readonly cause: QuarantineCause;
  readonly where: string;
  readonly entries: number;
  readonly overrides?: number;
  readonly receivedAt: Instant | null;
};

/** `counts`: entries by cause, and `overrides` among them, of everything. `listed`: the first thousand; `leftOut` counts the others. */
export type QuarantineResult = {
  readonly counts: Readonly<Record<QuarantineCause, number>>;
  readonly overrides: number;
  readonly listed: readonly Quarantined[];
  readonly leftOut: number;
};

/** Entries come in order of seq, chain by chain or mixed. */
export type Quarantine = {
  readonly addEntry: (entry: QuarantineEntry) => void;
  readonly addFork: (fork: Fork) => void;
  readonly addEvidence: (evidence: Evidence) => void;
  readonly result: () => QuarantineResult;
};
export type QuarantineEntry = Chain &
  Pick<LedgerEntry, "seq" | "bytes"> & { readonly receivedAt: Instant | null; readonly isAfterRevocation: boolean };

export const listQuarantine = async (ledger: LedgerReader): Promise<QuarantineResult> => {
  const quarantine = createQuarantine();
  for (const chain of await ledger.chains()) {
    for await (const entry of ledger.entries(chain)) quarantine.addEntry(entry);
  }
  for await (const fork of ledger.forks()) quarantine.addFork(fork);
  for await (const evidence of ledger.evidence()) quarantine.addEvidence(evidence);
  return quarantine.result();
};

const listedMax = 1000;

export const createQuarantine = (): Quarantine => {
  const counts: Record<QuarantineCause, number> = {
    ...{ unreadable: 0, "after-revocation": 0, "no-such-entry": 0 },
    ...{ fork: 0, gap: 0, altered: 0, full: 0 },
  };
  const listed: Quarantined[] = [];
  let [leftOut, overrides] = [0, 0];
  const heads = new Map<string, number>();
  const revoked = new Map<string, Quarantined>();
  /** Entries about one of another chain, which may be still to come. */
  const waiting: { readonly of: Ref; readonly by: Quarantined }[] = [];

  const list = (each: Quarantined): void => {
    counts[each.cause] += each.entries;
    overrides += each.overrides ?? 0;
    if (listed.length < listedMax) listed.push(each);
    else leftOut += 1;
  };
  const hasEntry = ({ chain, seq }: Ref): boolean => seq <= (heads.get(chain) ?? 0);

  return {
    addEntry: (entry) => {
      const chain = nameOf(entry);
      const transaction = readTransaction(entry.bytes);
      const found = (cause: QuarantineCause): Quarantined => ({
        ...{ cause, where: `${chain}/${entry.seq}`, entries: 1, receivedAt: entry.receivedAt },
      });
      if (entry.isAfterRevocation) {
        const first = revoked.get(chain) ?? found("after-revocation");
        revoked.set(chain, { ...first, entries: revoked.has(chain) ? first.entries + 1 : 1 });
      }
      if (transaction === null) list(found("unreadable"));
      // What a lost chain had is told again under its old name: it need not be here.
      else if (transaction.of !== undefined && transaction.kind !== "recovered") {
        const of = readRef(transaction.of);
        const by = found("no-such-entry");
        if (of === null) list(by);
        else if (!hasEntry(of)) of.chain === chain ? list(by) : waiting.push({ of, by });
      }
      heads.set(chain, Math.max(entry.seq, heads.get(chain) ?? 0));
    },
    addFork: (fork) => list(evidenceOf("fork", fork)),
    addEvidence: (evidence) => list(evidenceOf(evidence.cause, evidence)),
    result: () => {
      for (const each of revoked.values()) list(each);
      revoked.clear();
      for (const { of, by } of waiting.splice(0)) if (!hasEntry(of)) list(by);
      return { counts, overrides, listed, leftOut };
    },
  };
};

type Ref = { readonly chain: string; readonly seq: number };

/** Null for what names no entry. */
const readRef = (of: unknown): Ref | null => {
  const { terminal, epoch, seq } = Object(of) as Readonly<Record<string, unknown>>;
  const isRef = typeof terminal === "string" && typeof epoch === "string" && Number.isSafeInteger(seq);
  return isRef && (seq as number) > 0 ? { chain: `${terminal}/${epoch}`, seq: seq as number } : null;
};

const evidenceOf = (cause: QuarantineCause, { batch, receivedAt, ...place }: Omit<Fork, "cause">): Quarantined => {
  const { entries, overrides } = weighBatch(batch);
  return {
    ...{ cause, where: `${nameOf(place)}/${place.seq}`, receivedAt, entries },
    ...(overrides === 0 ? {} : { overrides }),
  };
};

const nameOf = ({ terminal, epoch }: Chain): string => `${terminal}/${toBase64url(epoch)}`;
