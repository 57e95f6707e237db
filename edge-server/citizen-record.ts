/**
 * Everything that is kept about a pseudonym: the entries that name it, with what is personal beside them; the entries that
 * say what became of those; and the lines of statements. In plain words, too, since the person it is about may ask.
 */
import { toBase64url } from "../shared/bytes.ts";
import { type ReadTransaction, readTransactionText } from "../shared/transaction.ts";
import { isAbout } from "./erasure.ts";
import type { ArrivedEntry, WholeReader } from "./ports.ts";
import type { Line } from "./settle.ts";
import type { Correction } from "./settle-corrections.ts";
import { type Ref, refOf } from "./tap.ts";

export type KeptEntry = {
  readonly entry: Ref;
  readonly transaction: ReadTransaction | null;
  /** As it stands beside the entry; null: nothing. */
  readonly personal: string | null;
};

export type KeptLine = { readonly period: string; readonly line: Line | Correction };

export type CitizenRecord = {
  readonly pseudonym: string;
  readonly entries: readonly KeptEntry[];
  readonly lines: readonly KeptLine[];
};

/** By time. Reads the ledger twice: what is said of an entry may come before it. */
export const findEntries = async (
  ledger: Pick<WholeReader, "everything">,
  pseudonym: string,
): Promise<readonly KeptEntry[]> => {
  const named = new Set<Ref>();
  for await (const entry of ledger.everything()) {
    if (entry.personal !== null && isAbout(entry.personal, pseudonym)) named.add(nameOf(entry));
  }
  const found: KeptEntry[] = [];
  if (named.size === 0) return found;
  for await (const entry of ledger.everything()) {
    const ref = nameOf(entry);
    const transaction = entry.text === null ? null : readTransactionText(entry.text);
    if (!named.has(ref) && !named.has(ofIn(transaction))) continue;
    found.push({ entry: ref, transaction, personal: entry.personal });
  }
  return found.sort((a, b) => (a.transaction?.at ?? 0) - (b.transaction?.at ?? 0));
};

const nameOf = ({ chain, seq }: ArrivedEntry): Ref =>
  refOf({ terminal: chain.terminal, epoch: toBase64url(chain.epoch), seq });

const ofIn = (transaction: ReadTransaction | null): Ref => {
  const of = Object(transaction?.of) as {
    readonly terminal?: unknown;
    readonly epoch?: unknown;
    readonly seq?: unknown;
  };
  return `${of.terminal}/${of.epoch}/${of.seq}`;
};

/** One line each. */
export const tellEntry = ({ entry, transaction, personal }: KeptEntry): string => {
  if (transaction === null) return `${entry}: cannot be read`;
  const when = new Date(transaction.at * 1000).toISOString();
  return `${when}  ${wordsOf(transaction)}${personal === null ? "" : `; beside it: ${personal}`}  (${entry})`;
};

const wordsOf = (transaction: ReadTransaction): string => {
  const { kind } = transaction;
  if (kind === "decided") {
    const { service, action, place } = Object(transaction.request);
    const { effect, reason, owed } = Object(transaction.result);
    const answer = effect === "permit" ? "let through" : "referred to the ordinary way in";
    return `${service}, ${action} at ${Object(place).site}: ${answer}, because ${reason}${owed === true ? "; something may be owed" : ""}`;
  }
  if (kind === "acted") return `what became of it: ${transaction.outcome}`;
  if (kind === "agreed")
    return `terms ${transaction.accepted === true ? "accepted" : "not accepted"}, deposit ${transaction.deposit}`;
  if (kind === "payment") return `payment: ${transaction.order} ${transaction.amount}, ${transaction.outcome}`;
  if (kind === "override") return "staff let you through";
  if (kind === "annulled") return "staff took it back";
  if (kind === "objection")
    return transaction.isOwn === true ? "you objected" : "somebody with the receipt's code objected";
  if (kind === "answer") return `the operator answered an objection: ${transaction.outcome}`;
  return kind;
};

export const tellLine = ({ period, line }: KeptLine): string => {
  const { service, kind, amount, owed, paid, currency } = line;
  const owing = owed === 0 ? "" : `, of which ${owed} goes back to you`;
  const had = paid === 0 ? "" : `, paid already ${paid}`;
  return `${period}  ${service}, ${kind}: ${amount} ${currency} (minor units)${owing}${had}  (${line.entries.join(", ")})`;
};
