/**
 * Whom an override was for, so that the pattern `one-person` can be found; read from the ledger, where it can be erased.
 * It leaves this file as a word that only tells same from other: a digest with a salt that nobody keeps, remembered for ten
 * minutes, so that what was erased is soon gone here too. What goes on with an override (the items of a session that staff
 * opened) is none of its own.
 */
import { createHash } from "node:crypto";
import { toBase64url } from "../shared/bytes.ts";
import type { Instant } from "../shared/terms.ts";
import { type EntryRef, readPersonal, readTransaction } from "../shared/transaction.ts";
import { refText } from "./entry-ref.ts";
import { findEntries } from "./entry-view.ts";
import type { LedgerEntry, LedgerParts } from "./ports.ts";
import { randomBytes } from "./random.ts";
import { readRef } from "./survey-reading.ts";

/** `person` null: nobody that is known, or not any more. */
export type Overridden = { readonly person: string | null; readonly goesOn: boolean };

export type ReadOverridden = (overrides: readonly EntryRef[]) => Promise<readonly Overridden[]>;

export const rememberedSeconds = 600;
const knownMax = 10_000;

export const createOverriddenReader = (ledger: Pick<LedgerParts, "at">, now: () => Instant): ReadOverridden => {
  const salt = randomBytes(16);
  const known = new Map<string, Overridden>();
  let rememberedFrom = now();
  const wordFor = (pseudonym: string): string =>
    toBase64url(createHash("sha256").update(salt).update(pseudonym).digest().subarray(0, 12));

  /** Where an override says nobody itself, the refusal that it answers may. */
  const read = async (refs: readonly EntryRef[]): Promise<void> => {
    const entries = await findEntries(ledger, refs);
    const read = entries.map((entry) => {
      const transaction = entry === null ? null : readTransaction(entry.bytes);
      const own = pseudonymIn(entry);
      return { own, answers: own === null ? readRef(transaction?.of) : null, under: readRef(transaction?.under) };
    });
    const asked = read.flatMap(({ answers }) => answers ?? []);
    const answered = await findEntries(ledger, asked);
    const persons = new Map(asked.map((of, index) => [of, pseudonymIn(answered[index] ?? null)]));
    for (const [index, of] of refs.entries()) {
      const { own = null, answers = null, under = null } = read[index] ?? {};
      const pseudonym = own ?? (answers === null ? null : (persons.get(answers) ?? null));
      known.set(refText(of), { person: pseudonym === null ? null : wordFor(pseudonym), goesOn: under !== null });
    }
  };

  return async (overrides) => {
    if (now() - rememberedFrom >= rememberedSeconds || known.size > knownMax) {
      known.clear();
      rememberedFrom = now();
    }
    await read(overrides.filter((of) => !known.has(refText(of))));
    return overrides.map((of) => known.get(refText(of)) ?? nobody);
  };
};

const nobody: Overridden = { person: null, goesOn: false };

const pseudonymIn = (entry: LedgerEntry | null): string | null => {
  if (entry === null || entry.personal === null) return null;
  return readPersonal(entry.personal.text)?.pseudonym ?? null;
};
