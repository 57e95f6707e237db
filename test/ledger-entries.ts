/** Entries, and how they come into a ledger, for tests of ledgers. */
import { columnsOf } from "../edge-server/columns.ts";
import type { Addition, Arrival, Columns, Ledger, Receipt, Settled } from "../edge-server/ports.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { type Chain, type Entry, extendChain, genesisOf } from "../shared/log.ts";
import { readTransaction } from "../shared/transaction.ts";

export const chainA: Chain = { terminal: "gate-1", epoch: new Uint8Array(16).fill(1) };
export const chainB: Chain = { terminal: "gate-1", epoch: new Uint8Array(16).fill(2) };
export const chainC: Chain = { terminal: "gate-2", epoch: new Uint8Array(16).fill(1) };

export type Kept = Entry & Columns;

export const makeEntries = async (
  chain: Chain,
  count: number,
  texts: readonly string[] = [],
): Promise<readonly Kept[]> => {
  const entries: Kept[] = [];
  let head = await genesisOf(chain);
  for (let index = 0; index < count; index++) {
    const bytes = toUtf8(texts[index] ?? JSON.stringify({ v: 1, at: 100 + index, kind: "started" }));
    head = await extendChain(head, bytes);
    entries.push({ ...head, bytes, personal: null, ...columnsOf(readTransaction(bytes)) });
  }
  return entries;
};

export const receiptAt = (seq: number, chain: Chain = chainA): Receipt => ({
  ...chain,
  seq,
  checkpoint: toUtf8(`checkpoint ${seq}`),
  ack: toUtf8(`ack ${seq}`),
});

export const arrivalOf = (chain: Chain, from: number, to: number, changes: Partial<Arrival> = {}): Arrival => ({
  ...chain,
  from,
  to,
  receivedAt: 500,
  isAfterRevocation: false,
  ...changes,
});

/** What of the entries is new, as the intake does it; how many that were. */
export const append = async (
  ledger: Ledger,
  chain: Chain,
  entries: readonly Kept[],
  changes: Partial<Arrival> = {},
  receipt: Pick<Receipt, "checkpoint" | "ack"> = receiptAt(entries.at(-1)?.seq ?? 0, chain),
): Promise<Settled<number>> => {
  const [from, to] = [entries[0]?.seq ?? 1, entries.at(-1)?.seq ?? 0];
  return ledger.settle(arrivalOf(chain, from, to, changes), async ({ head }) => {
    const fresh = entries.filter(({ seq }) => seq > (head?.seq ?? 0));
    return { answer: fresh.length, addition: { kind: "entries", entries: fresh, receipt } };
  });
};

/** Each with what is personal. */
export const makePersonal = async (chain: Chain, count: number): Promise<readonly Kept[]> =>
  (await makeEntries(chain, count)).map((entry) => ({
    ...entry,
    personal: { text: JSON.stringify({ item: String(entry.seq) }), salt: new Uint8Array(16).fill(7) },
  }));

export const keepFork = (ledger: Ledger, chain: Chain, seq: number, text: string, receivedAt = 700) =>
  keepEvidence(ledger, chain, seq, text, "fork", receivedAt);

/** Each text is another batch, which ends in a head of its own. */
export const keepEvidence = (
  ledger: Ledger,
  chain: Chain,
  seq: number,
  text: string,
  cause: "fork" | "altered" | "gap",
  receivedAt = 700,
) => {
  const batch = toUtf8(text);
  const addition: Addition = { kind: "evidence", cause, seq, hash: batch.slice(0, 32), batch };
  return ledger.settle(arrivalOf(chain, seq, seq, { receivedAt }), async () => ({ answer: null, addition }));
};
