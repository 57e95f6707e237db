/**
 * Erases what is personal beside entries: text and salt, which the bytes only bind by their hash, so that every chain still
 * verifies. What was erased is recorded by how much it was, and by whom and why, never by what it said. In steps, each of
 * them one transaction with its record, so that terminals send on meanwhile; whoever else erases at once does no harm.
 *
 * An erased field does not come back by being sent again: known entries add nothing. It is back after a restore from an
 * older backup: what has passed its age is erased again by itself, everything else by the same command.
 */
import { toBase64url } from "../shared/bytes.ts";
import type { Chain } from "../shared/log.ts";
import type { Instant } from "../shared/terms.ts";
import type { Erasure, Ledger, PersonalRow } from "./ports.ts";

/** `age`: beside entries that came before an instant. `pseudonym`: that name somebody. `epoch` is base64url. */
export type Erasable =
  | { readonly kind: "age"; readonly before: Instant }
  | { readonly kind: "pseudonym"; readonly pseudonym: string }
  | { readonly kind: "terminal"; readonly terminal: string }
  | { readonly kind: "entry"; readonly terminal: string; readonly epoch: string; readonly seq: number };

export type ErasingLedger = Pick<Ledger, "chains" | "personal" | "erase">;

/** How many entries lost what is personal. `pause` is waited for after each step. */
export const erasePersonal = async (
  ledger: ErasingLedger,
  erasable: Erasable,
  record: Pick<Erasure, "at" | "by">,
  pause: () => Promise<void> = async () => {},
): Promise<number> => {
  let entries = 0;
  for (const chain of await ledger.chains()) {
    if (!isOfChain(erasable, chain)) continue;
    let rows = await ledger.personal(chain, erasable.kind === "entry" ? erasable.seq - 1 : 0, stepRows);
    while (rows.length > 0) {
      const seqs = rows.filter((row) => isErasable(erasable, row)).map(({ seq }) => seq);
      if (seqs.length > 0) entries += await ledger.erase(chain, seqs, { ...record, cause: erasable.kind });
      await pause();
      const last = rows.at(-1);
      if (rows.length < stepRows || last === undefined || isPast(erasable, last)) break;
      rows = await ledger.personal(chain, last.seq, stepRows);
    }
  }
  return entries;
};

const stepRows = 500;

const isOfChain = (erasable: Erasable, chain: Chain): boolean =>
  erasable.kind === "age" ||
  erasable.kind === "pseudonym" ||
  (erasable.terminal === chain.terminal &&
    (erasable.kind === "terminal" || erasable.epoch === toBase64url(chain.epoch)));

const isErasable = (erasable: Erasable, { seq, text, receivedAt }: PersonalRow): boolean => {
  if (erasable.kind === "age") return receivedAt < erasable.before;
  if (erasable.kind === "pseudonym") return isAbout(text, erasable.pseudonym);
  return erasable.kind === "terminal" || seq === erasable.seq;
};

/** Nothing of this chain that comes after the row can be meant: entries of a chain come one after another. */
const isPast = (erasable: Erasable, { seq, receivedAt }: PersonalRow): boolean =>
  (erasable.kind === "age" && receivedAt >= erasable.before) || (erasable.kind === "entry" && seq >= erasable.seq);

/** Wherever it stands in the text, also in what a terminal wrote wrongly. A pseudonym is too long to stand there by chance. */
export const isAbout = (text: string, pseudonym: string): boolean =>
  text.includes(pseudonym) || pseudonymIn(text) === pseudonym;

const pseudonymIn = (text: string): unknown => {
  try {
    return Object(JSON.parse(text)).pseudonym;
  } catch {
    return undefined;
  }
};
