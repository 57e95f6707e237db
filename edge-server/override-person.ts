/**
 * Whom an override was for, so that the pattern `one-person` can be found; read from the ledger, where it can be erased.
 * It leaves this file as a word that only tells same from other: a digest with a salt that nobody keeps, remembered for ten
 * minutes, so that what was erased is soon gone here too. What goes on with an override (the items of a session that staff
 * opened) is none of its own.
 */
import { createHash } from "node:crypto";
import { fromBase64url, toBase64url } from "../shared/bytes.ts";
import type { Instant } from "../shared/terms.ts";
import { type EntryRef, readPersonal, readTransaction } from "../shared/transaction.ts";
import { refText } from "./entry-ref.ts";
import type { LedgerEntry, LedgerParts } from "./ports.ts";
import { randomBytes } from "./random.ts";
import { readRef } from "./survey-reading.ts";

/** `person` null: nobody that is known, or not any more. */
export type Overridden = { readonly person: string | null; readonly goesOn: boolean };

export type ReadOverridden = (overrides: readonly EntryRef[]) => Promise<readonly Overridden[]>;

export const rememberedSeconds = 600;
const knownMax = 10_000;
const atOnce = 16;

export const createOverriddenReader = (ledger: Pick<LedgerParts, "part">, now: () => Instant): ReadOverridden => {
  const salt = randomBytes(16);
  const known = new Map<string, Overridden>();
  let rememberedFrom = now();
  const entryAt = async ({ terminal, epoch, seq }: EntryRef): Promise<LedgerEntry | undefined> =>
    (await ledger.part({ terminal, epoch: fromBase64url(epoch) ?? new Uint8Array(0) }, seq - 1, 1)).find(
      (each) => each.seq === seq,
    );
  const wordFor = (pseudonym: string): string =>
    toBase64url(createHash("sha256").update(salt).update(pseudonym).digest().subarray(0, 12));

  const read = async (of: EntryRef): Promise<Overridden> => {
    const entry = await entryAt(of);
    const transaction = entry === undefined ? null : readTransaction(entry.bytes);
    const own = pseudonymIn(entry);
    const answers = own === null ? readRef(transaction?.of) : null;
    const pseudonym = own ?? (answers === null ? null : pseudonymIn(await entryAt(answers)));
    return {
      person: pseudonym === null ? null : wordFor(pseudonym),
      goesOn: readRef(transaction?.under) !== null,
    };
  };

  const find = async (of: EntryRef): Promise<Overridden> => {
    const key = refText(of);
    const found = known.get(key) ?? (await read(of));
    known.set(key, found);
    return found;
  };

  return async (overrides) => {
    if (now() - rememberedFrom >= rememberedSeconds || known.size > knownMax) {
      known.clear();
      rememberedFrom = now();
    }
    const found: Overridden[] = [];
    for (let from = 0; from < overrides.length; from += atOnce) {
      found.push(...(await Promise.all(overrides.slice(from, from + atOnce).map(find))));
    }
    return found;
  };
};

const pseudonymIn = (entry: LedgerEntry | undefined): string | null => {
  if (entry === undefined || entry.personal === null) return null;
  return readPersonal(entry.personal.text)?.pseudonym ?? null;
};
