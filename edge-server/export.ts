/**
 * `ledger export`: one line an entry, chain by chain in order of seq, as ndjson or as CSV (RFC 4180) with a header.
 *
 *     terminal, epoch (base64url), seq, hash (hex), at, kind, transaction,
 *     bytes            the exact text that was hashed, so that anybody can hash again
 *     bytes64          in its place, base64url, where a terminal wrote no UTF-8
 *     checkpoint, ack  base64url, on the entry at which a checkpoint ended, with what answered it
 *
 * `at` and `kind` are null where the bytes are no transaction. What is personal is not exported. `since` keeps entries
 * written at or after it (received, where they do not say); only a whole export can be audited, since a chain has no
 * middle. Streams: one entry at a time.
 */
import { fromUtf8, toBase64url, toHex } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { readTransaction } from "../shared/transaction.ts";
import type { LedgerEntry, LedgerReader, Receipt } from "./ports.ts";

export type ExportOptions = { readonly format: "ndjson" | "csv"; readonly since: Instant | null };

/** Each line ends in its newline. */
export const exportLedger = async function* (
  ledger: Pick<LedgerReader, "chains" | "entries" | "receipts">,
  { format, since }: ExportOptions,
): AsyncIterable<string> {
  if (format === "csv") yield `${columns.join(",")}\r\n`;
  for (const chain of await ledger.chains()) {
    for await (const { entry, receipt } of entriesWithReceipts(ledger, chain)) {
      if (since !== null && (entry.at ?? entry.receivedAt) < since) continue;
      const line = lineOf(entry, receipt);
      yield format === "csv" ? csvOf(line) : `${JSON.stringify(line)}\n`;
    }
  }
};

const columns = [
  "terminal",
  "epoch",
  "seq",
  "hash",
  "at",
  "kind",
  "transaction",
  "bytes",
  "bytes64",
  "checkpoint",
  "ack",
] as const;

type Line = { readonly [column in (typeof columns)[number]]?: unknown };

/** Both come in order of seq. */
const entriesWithReceipts = async function* (
  ledger: Pick<LedgerReader, "entries" | "receipts">,
  chain: Chain,
): AsyncIterable<{ readonly entry: LedgerEntry; readonly receipt: Receipt | null }> {
  const receipts = ledger.receipts(chain)[Symbol.asyncIterator]();
  let next = await receipts.next();
  for await (const entry of ledger.entries(chain)) {
    while (next.done !== true && next.value.seq < entry.seq) next = await receipts.next();
    const isHere = next.done !== true && next.value.seq === entry.seq;
    yield { entry, receipt: isHere ? next.value : null };
  }
};

const lineOf = (entry: LedgerEntry, receipt: Receipt | null): Line => {
  const text = fromUtf8(entry.bytes);
  return {
    terminal: entry.terminal,
    epoch: toBase64url(entry.epoch),
    seq: entry.seq,
    hash: toHex(entry.hash),
    at: entry.at,
    kind: entry.kind,
    transaction: readTransaction(entry.bytes),
    ...(text === null ? { bytes64: toBase64url(entry.bytes) } : { bytes: text }),
    ...(receipt === null ? {} : { checkpoint: toBase64url(receipt.checkpoint), ack: toBase64url(receipt.ack) }),
  };
};

const csvOf = (line: Line): string => `${columns.map((column) => cellOf(line[column])).join(",")}\r\n`;

const cellOf = (value: unknown): string => {
  const text =
    value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
