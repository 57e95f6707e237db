/**
 * What an entry comes down to on the console, in a word from a list that does not grow whatever a terminal writes:
 *
 *     perk, ordinary, technical     let through; `technical`: on ordinary terms for a cause of ours, and owed
 *     refer:REASON                  referred, with the reasons of decide and verify; `refer:other` for what is none
 *     completed, annulled, timed-out, fault     what became of it
 *     KIND                          other kinds that are known; `other`, and `unreadable` where it is no transaction
 *
 * Nothing personal is looked at.
 */
import { toBase64url } from "../shared/bytes.ts";
import { owedReasons, referReasons, serviceNames } from "../shared/terms.ts";
import { type EntryRef, type ReadTransaction, readTransaction } from "../shared/transaction.ts";
import { faults } from "../shared/verify.ts";
import type { LedgerEntry } from "./ports.ts";

export type SeenEntry = {
  readonly seq: number;
  /** When it was written; when it came, where it does not say. */
  readonly at: number;
  readonly receivedAt: number;
  readonly service: string;
  readonly word: string;
  /** A run of refusals is one entry. */
  readonly count: number;
  readonly started: string | null;
  readonly manifest: number | null;
  /** In or out of service, and why. */
  readonly mode: string | null;
  readonly override: SeenOverride | null;
  /** Why it is kept and not believed. */
  readonly odd: "unreadable" | "after-revocation" | null;
};

export type SeenOverride = {
  readonly kind: string;
  readonly effect: string;
  readonly reason: string;
  readonly factor: string;
  readonly staff: readonly string[];
  readonly answers: EntryRef | null;
};

/** Kinds that somebody has to answer for, and that wait for a review. */
export const reviewedKinds = ["override", "annulled", "release"] as const;
export const isReviewed = (kind: unknown): boolean => (reviewedKinds as readonly unknown[]).includes(kind);

export const readSeen = (entry: LedgerEntry): SeenEntry => {
  const transaction = readTransaction(entry.bytes);
  const { seq, receivedAt } = entry;
  const { kind } = transaction ?? { kind: null };
  return {
    seq,
    at: entry.at ?? receivedAt,
    receivedAt,
    service: serviceOf(transaction),
    word: wordOf(transaction),
    count: kind === "decided" ? countOf(transaction?.count) : 1,
    started: kind === "started" ? textOf(transaction?.app) : null,
    manifest:
      kind === "installed" && Number.isSafeInteger(transaction?.manifest) ? Number(transaction?.manifest) : null,
    mode: kind === "mode" ? `${textOf(transaction?.mode) ?? ""}: ${textOf(transaction?.cause) ?? ""}` : null,
    override: transaction === null ? null : overrideOf(transaction),
    odd: transaction === null ? "unreadable" : entry.isAfterRevocation ? "after-revocation" : null,
  };
};

export const wordOf = (transaction: ReadTransaction | null): string => {
  if (transaction === null) return "unreadable";
  const { kind } = transaction;
  if (kind === "acted") return known(outcomes, transaction.outcome);
  if (kind !== "decided") return known(kinds, kind);
  const { effect, reason } = fieldsOf(transaction.result);
  if (effect !== "permit") return `refer:${known(reasons, reason)}`;
  if (reason === "perk") return "perk";
  return (owedReasons as readonly unknown[]).includes(reason) ? "technical" : "ordinary";
};

const serviceOf = (transaction: ReadTransaction | null): string => {
  const service = fieldsOf(transaction?.request).service ?? transaction?.service;
  return service === undefined ? "none" : known(serviceNames, service);
};

const overrideOf = (transaction: ReadTransaction): SeenOverride | null => {
  const { kind, staff } = transaction;
  if (!isReviewed(kind)) return null;
  return {
    kind,
    effect: textOf(transaction.effect) ?? (kind === "annulled" ? "annul" : kind),
    reason: textOf(transaction.reason) ?? textOf(transaction.cause) ?? "",
    factor: textOf(transaction.factor) ?? "",
    staff: Array.isArray(staff) ? staff.slice(0, 8).flatMap((each) => textOf(each) ?? []) : [],
    answers: readRef(transaction.of),
  };
};

/** Null for what names no entry that could be here. */
export const readRef = (of: unknown): EntryRef | null => {
  const { terminal, epoch, seq } = fieldsOf(of);
  const isRef = typeof terminal === "string" && typeof epoch === "string" && /^[A-Za-z0-9_-]{22}$/.test(epoch);
  if (!isRef || terminal.length > 100 || !Number.isSafeInteger(seq) || Number(seq) < 1) return null;
  return { terminal, epoch, seq: Number(seq) };
};

export const refOf = ({ terminal, epoch, seq }: Pick<LedgerEntry, "terminal" | "epoch" | "seq">): EntryRef => ({
  terminal,
  epoch: toBase64url(epoch),
  seq,
});

const outcomes = ["completed", "annulled", "timed-out", "fault"];
const reasons: readonly string[] = [...referReasons, ...faults];
const kinds = [
  ...["agreed", "started", "installed", "mode", "fault", "recovered"],
  ...["override", "annulled", "badge", "attempt", "declined", "release", "standing"],
  ...["objection", "answer"],
];

const known = (words: readonly string[], word: unknown): string => words.find((each) => each === word) ?? "other";

const textMax = 200;
const textOf = (value: unknown): string | null => (typeof value === "string" ? value.slice(0, textMax) : null);

const countOf = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 1);

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
