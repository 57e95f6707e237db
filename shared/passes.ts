/**
 * Who went in and who came out, as one log tells it: let through by a decision, or by staff, and then seen to pass. What
 * nobody was seen to do is no pass.
 */
import type { Instant, Request } from "./terms.ts";
import type { ReadTransaction } from "./transaction.ts";

export type Way = "entry" | "exit";

/** `at`: when it was decided; `passedAt`: when it was seen. */
export type Pass = {
  readonly way: Way;
  readonly at: Instant;
  readonly passedAt: Instant;
  /** Null where no code was needed, or what was personal is gone. */
  readonly pseudonym: string | null;
};

/** Takes the entries of one log in their order; `pseudonym` stands beside the entry. */
export type PassReader = (seq: number, written: ReadTransaction, pseudonym: () => string | null) => Pass | null;

type Permitted = { readonly way: Way; readonly at: Instant; readonly pseudonym: string | null };

/** Longer than anybody stands before a gate. */
const waitingMax = 200;

export const createPassReader = (): PassReader => {
  /** By seq. */
  const permitted = new Map<number, Permitted>();
  const remember = (seq: number, answer: Permitted): null => {
    permitted.set(seq, answer);
    const [oldest] = permitted.keys();
    if (permitted.size > waitingMax && oldest !== undefined) permitted.delete(oldest);
    return null;
  };

  return (seq, { kind, at, of, request, outcome }, pseudonym) => {
    if (kind === "decided") {
      const way = wayIn(request);
      return way === null ? null : remember(seq, { way, at, pseudonym: pseudonym() });
    }
    const answered = permitted.get(seqIn(of));
    if (answered === undefined) return null;
    if (kind === "override") return remember(seq, { ...answered, at });
    if (kind !== "acted") return null;
    permitted.delete(seqIn(of));
    return outcome === "completed" ? { ...answered, passedAt: at } : null;
  };
};

const wayIn = (request: unknown): Way | null => {
  if (typeof request !== "object" || request === null) return null;
  const { action } = request as Partial<Request>;
  return action === "entry" || action === "exit" ? action : null;
};

const seqIn = (of: unknown): number => (typeof of === "object" && of !== null && "seq" in of ? Number(of.seq) : 0);
