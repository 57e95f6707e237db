/** Reads an ndjson export back, line by line (see export.ts), with bounds on what it keeps. Null for what is no such line. */
import * as v from "valibot";
import { type Bytes, fromBase64url, fromHex, toUtf8 } from "../shared/bytes.ts";
import type { Chain, Head } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import { readTransaction } from "../shared/transaction.ts";
import { readLines } from "./lines.ts";
import type { Receipt } from "./ports.ts";

export type ExportLine = Chain &
  Head & {
    readonly bytes: Bytes;
    readonly at: Instant | null;
    readonly kind: string | null;
    /** Whether `transaction` says what the bytes say. */
    readonly isTransactionOfBytes: boolean;
    readonly receipt: Receipt | null;
  };

export type NumberedLine = { readonly number: number; readonly line: ExportLine | null };

/** The largest entry, escaped, twice, with room. */
const lineCharsMax = 8 * 1024 * 1024;

export const readExport = async function* (chunks: AsyncIterable<Uint8Array>): AsyncIterable<NumberedLine> {
  let number = 0;
  for await (const text of readLines(chunks, lineCharsMax)) {
    number += 1;
    if (text !== "") yield { number, line: text === null ? null : readLine(text) };
  }
};

const readLine = (text: string): ExportLine | null => {
  const result = v.safeParse(lineSchema, parseJson(text));
  if (!result.success) return null;
  const { terminal, seq, at, kind, transaction, checkpoint, ack } = result.output;
  const [epoch, hash] = [fromBase64url(result.output.epoch), fromHex(result.output.hash)];
  const bytes = result.output.bytes === undefined ? bytesOf(result.output.bytes64) : toUtf8(result.output.bytes);
  if (epoch?.length !== 16 || hash?.length !== 32 || bytes === null) return null;
  const [signed, answer] = [bytesOf(checkpoint), bytesOf(ack)];
  if ((signed === null) !== (answer === null)) return null;
  const receipt = signed === null || answer === null ? null : { terminal, epoch, seq, checkpoint: signed, ack: answer };
  const isTransactionOfBytes = JSON.stringify(transaction) === JSON.stringify(readTransaction(bytes));
  return { terminal, epoch, seq, hash, bytes, at, kind, isTransactionOfBytes, receipt };
};

const lineSchema = v.object({
  terminal: v.string(),
  epoch: v.string(),
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  hash: v.string(),
  at: v.nullable(v.number()),
  kind: v.nullable(v.string()),
  transaction: v.unknown(),
  bytes: v.optional(v.string()),
  bytes64: v.optional(v.string()),
  checkpoint: v.optional(v.string()),
  ack: v.optional(v.string()),
});

const bytesOf = (text: string | undefined): Bytes | null => (text === undefined ? null : fromBase64url(text));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
