/**
 * An entry of the ledger as the console shows it. What could tell one citizen from another does not leave the server: not
 * what lies beside the entry, nor the band, nor the identity of a presentation.
 */
import { type EntryAnswer, mayActAs, type OperatorRole, type TransactionRow } from "../shared/admin.ts";
import { fromBase64url, toHex } from "../shared/bytes.ts";
import { leadOf, type ReceiptCode, receiptCodeOf } from "../shared/receipt-code.ts";
import { noteOf } from "../shared/staff-rules.ts";
import { type EntryRef, type ReadTransaction, readPersonal, readTransaction } from "../shared/transaction.ts";
import type { OperatorStore } from "./operators.ts";
import type { LedgerEntry, LedgerParts, Registry } from "./ports.ts";
import type { SurveyStore } from "./survey.ts";
import { fieldsOf, readRef, refOf, reviewedKinds, wordOf } from "./survey-reading.ts";

export const viewRow = async (number: number, entry: LedgerEntry): Promise<TransactionRow> => {
  const transaction = readTransaction(entry.bytes);
  const request = fieldsOf(transaction?.request);
  return {
    number,
    of: refOf(entry),
    at: entry.at,
    receivedAt: entry.receivedAt,
    kind: entry.kind,
    service: shortOf(request.service ?? transaction?.service),
    action: shortOf(request.action ?? transaction?.action),
    site: shortOf(fieldsOf(request.place).site),
    word: wordOf(transaction),
    code: await receiptCodeOf(entry, entry.seq, entry.hash),
  };
};

/** Null where it is not there. */
export const findEntry = async (ledger: Pick<LedgerParts, "at">, of: EntryRef): Promise<LedgerEntry | null> =>
  (await findEntries(ledger, [of]))[0] ?? null;

/** In the order in which they were asked for. */
export const findEntries = (
  ledger: Pick<LedgerParts, "at">,
  refs: readonly EntryRef[],
): Promise<readonly (LedgerEntry | null)[]> =>
  ledger.at(refs.map(({ terminal, epoch, seq }) => ({ terminal, epoch: fromBase64url(epoch) ?? nothing, seq })));
const nothing = new Uint8Array(0);

export type EntryCodeEdges = { readonly ledger: LedgerParts; readonly survey: Pick<SurveyStore, "chainsWith"> };

export const findByCode = async (
  { ledger, survey }: EntryCodeEdges,
  { chain, seq, hash }: ReceiptCode,
): Promise<LedgerEntry | null> => {
  for (const found of survey.chainsWith(chain)) {
    const entry = (await ledger.part(found, seq - 1, 1)).find((each) => each.seq === seq && leadOf(each.hash) === hash);
    if (entry !== undefined) return entry;
  }
  return null;
};

export type EntryEdges = {
  readonly ledger: LedgerParts;
  readonly registry: Pick<Registry, "packs">;
  readonly operators: Pick<OperatorStore, "reviews">;
};

export const viewEntry = async (edges: EntryEdges, entry: LedgerEntry, role: OperatorRole): Promise<EntryAnswer> => {
  const transaction = readTransaction(entry.bytes);
  const of = readRef(transaction?.of);
  const answered = of === null ? null : await findEntry(edges.ledger, of);
  const about = fieldsOf((answered === null ? transaction : readTransaction(answered.bytes))?.request).programme;
  const pack = edges.registry.packs().find(({ programme }) => programme === about);
  return {
    row: await viewRow(0, entry),
    hash: toHex(entry.hash),
    isAfterRevocation: entry.isAfterRevocation,
    transaction: withoutAnybody(transaction),
    answers: answered === null ? [] : [await viewAnswered(answered)],
    policy: pack === undefined ? null : { programme: pack.programme, version: pack.version, objection: pack.objection },
    reviews: (await edges.operators.reviews(refOf(entry))).map(({ at, by, verdict, note }) => ({
      at,
      by,
      verdict,
      note,
    })),
    note: mayActAs(role, "operator") ? noteIn(entry) : null,
  };
};

const noteIn = ({ kind, personal }: LedgerEntry): string | null => {
  const isReviewed = (reviewedKinds as readonly (string | null)[]).includes(kind);
  const note = isReviewed && personal !== null ? readPersonal(personal.text)?.note : undefined;
  return note === undefined ? null : noteOf(note);
};

const viewAnswered = async (entry: LedgerEntry) => ({
  row: await viewRow(0, entry),
  transaction: withoutAnybody(readTransaction(entry.bytes)),
});

const hidden = ["identity", "personal", "pseudonymKey", "signedPolicy", "assertion", "bytes"];

const withoutAnybody = (transaction: ReadTransaction | null): Record<string, unknown> | null => {
  if (transaction === null) return null;
  const shown = Object.fromEntries(Object.entries(transaction).filter(([name]) => !hidden.includes(name)));
  if (shown.knowledge === undefined) return shown;
  const { standing: _, ...knowledge } = fieldsOf(shown.knowledge);
  return { ...shown, knowledge };
};

const shortOf = (value: unknown): string | null => (typeof value === "string" ? value.slice(0, 100) : null);
