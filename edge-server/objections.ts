/**
 * The book of objections: cases that citizens open about an entry, and operators answer, once. All of it is in the ledger, in
 * the server's own chain (shared/objection.ts), and nowhere else: what is kept here in memory is read off that chain, and
 * read on before each question, so that servers that share a ledger know of each other's cases.
 *
 * Whoever objects gets a secret and nobody else: of a case the ledger has its SHA-256. A case costs room for good, so there
 * are bounds on those that are still open: of one entry, and of all.
 */
import { type Bytes, equalBytes, sha256, toBase64url, toHex } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { genesisOf, type Head, makeEntry } from "../shared/log.ts";
import {
  type Objection,
  type ObjectionAnswer,
  type ObjectionOutcome,
  objectionChain,
  readObjection,
  readSaid,
} from "../shared/objection.ts";
import { signStatement } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import { type EntryRef, type Personal, readTransaction } from "../shared/transaction.ts";
import { columnsOf } from "./columns.ts";
import { refText } from "./entry-ref.ts";
import type { Ledger, LedgerEntry } from "./ports.ts";
import { randomBytes } from "./random.ts";

/** Bounds on cases that nobody has answered: about one entry, and by codes alone; nobody fills the places of the others. */
export const openMax: { readonly ofEntry: number; readonly ofAll: number } = { ofEntry: 3, ofAll: 10_000 };

/** `number`: the seq of its entry. */
export type Case = {
  readonly number: number;
  readonly at: Instant;
  readonly of: EntryRef;
  readonly secret: string;
  readonly isOwn: boolean;
  readonly answer: {
    readonly number: number;
    readonly at: Instant;
    readonly by: string;
    readonly outcome: ObjectionOutcome;
  } | null;
};

/** The ledger cannot be asked now. */
type Unavailable = { readonly kind: "unavailable"; readonly cause: string };
export type Opened = { readonly kind: "opened" | "too-many" } | Unavailable;
export type Answered = { readonly kind: "answered" | "answered-before" | "not-there" } | Unavailable;

export type ObjectionBook = {
  /** `pseudonym`: of whoever has shown that the entry is about them; null: anybody. */
  readonly open: (
    asked: {
      readonly of: EntryRef;
      readonly secret: Bytes;
      readonly text: string;
      readonly pseudonym: { readonly value: string; readonly key: number } | null;
    },
    now: Instant,
  ) => Promise<Opened>;
  readonly answer: (
    given: { readonly number: number; readonly by: string; readonly outcome: ObjectionOutcome; readonly text: string },
    now: Instant,
  ) => Promise<Answered>;
  /** The case of that secret about that entry. */
  readonly find: (of: EntryRef, secret: Bytes) => Promise<Case | null>;
  readonly at: (number: number) => Promise<Case | null>;
  /** Newest first, those below `before`. */
  readonly list: (state: "open" | "answered" | null, before: number, rowsMax: number) => Promise<readonly Case[]>;
  /** As far as was read on. */
  readonly openCount: () => number;
  /** Reads what other servers have written. */
  readonly readOn: () => Promise<void>;
  /** What was said in the entry of this number; null where it was erased. */
  readonly said: (number: number) => Promise<string | null>;
};

export type ObjectionEdges = {
  readonly ledger: Pick<Ledger, "part" | "settle">;
  readonly edgeKey: () => Promise<SigningKey>;
};

const partRows = 400;

export const createObjectionBook = ({ ledger, edgeKey }: ObjectionEdges, limits = openMax): ObjectionBook => {
  const boot = toBase64url(randomBytes(9));
  const cases = new Map<number, Case>();
  const numbers = new Map<string, number>();
  const open = new Set<number>();
  let head: Head | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const take = (entry: LedgerEntry): void => {
    head = { seq: entry.seq, hash: entry.hash };
    const transaction = readTransaction(entry.bytes);
    const said = transaction === null ? null : readObjection(transaction);
    if (said?.kind === "objection") {
      const { at, of, secret, isOwn } = said;
      cases.set(entry.seq, { number: entry.seq, at, of, secret, isOwn, answer: null });
      numbers.set(secret, entry.seq);
      open.add(entry.seq);
    }
    const answered = said?.kind === "answer" ? cases.get(said.of.seq) : undefined;
    if (said?.kind !== "answer" || answered === undefined || answered.answer !== null) return;
    const { at, by, outcome } = said;
    cases.set(answered.number, { ...answered, answer: { number: entry.seq, at, by, outcome } });
    open.delete(answered.number);
  };

  const readOn = async (): Promise<Head> => {
    let from = head ?? (await genesisOf(objectionChain));
    for (let isMore = true; isMore; from = head ?? from) {
      const part = await ledger.part(objectionChain, from.seq, partRows);
      for (const entry of part) take(entry);
      isMore = part.length === partRows;
    }
    return from;
  };

  /** One after another: each sees what those before have added. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  /** `judge` says what is to be written after what is known, or null. Another server may add something first: judged again. */
  const write = async (judge: () => Written | null, now: Instant): Promise<Became> => {
    let from = await readOn();
    for (;;) {
      const written = judge();
      if (written === null) return { kind: "refused" };
      const settled = await settleAfter(from, written, now);
      if (settled.kind === "unavailable") return settled;
      const next = await readOn();
      if (settled.answer) return { kind: "written" };
      if (next.seq === from.seq) return { kind: "unavailable", cause: "the ledger has less than was read of it" };
      from = next;
    }
  };

  const settleAfter = async (from: Head, { happening, personal }: Written, now: Instant) => {
    const stamp = { v: 1, at: now, boot, clock: "device" } as const;
    const entry = await makeEntry(from, { ...stamp, ...happening }, personal, randomBytes(16));
    const said = { ...objectionChain, seq: entry.seq, hash: entry.hash, at: now };
    const key = await edgeKey();
    const receipt = {
      checkpoint: await signStatement("checkpoint", said, key),
      ack: await signStatement("ack", said, key),
    };
    const arrival = { ...objectionChain, from: entry.seq, to: entry.seq, receivedAt: now, isAfterRevocation: false };
    const entries = [{ ...entry, ...columnsOf(readTransaction(entry.bytes)) }];
    return ledger.settle<boolean>(arrival, async (held) => {
      const isNext = held.head === null ? from.seq === 0 : equalBytes(held.head.hash, from.hash);
      return { answer: isNext, addition: isNext ? { kind: "entries", entries, receipt } : null };
    });
  };

  const isFull = (of: EntryRef, isOwn: boolean): boolean => {
    const alike = [...open].flatMap((number) => cases.get(number) ?? []).filter((each) => each.isOwn === isOwn);
    const ofEntry = alike.filter((each) => refText(each.of) === refText(of));
    return ofEntry.length >= limits.ofEntry || (!isOwn && alike.length >= limits.ofAll);
  };

  /** What is known by now, of what other servers wrote too. */
  const known = <T>(read: () => T): Promise<T> =>
    inTurn(async () => {
      await readOn();
      return read();
    });

  return {
    open: async ({ of, secret, text, pseudonym }, now) => {
      const isOwn = pseudonym !== null;
      const happening: Objection = {
        ...{ kind: "objection", of, secret: toHex(await sha256(secret)), isOwn },
        ...(isOwn ? { pseudonymKey: pseudonym.key } : {}),
      };
      const personal = { ...(isOwn ? { pseudonym: pseudonym.value } : {}), text };
      const became = await inTurn(() => write(() => (isFull(of, isOwn) ? null : { happening, personal }), now));
      if (became.kind === "unavailable") return became;
      return { kind: became.kind === "written" ? "opened" : "too-many" };
    },
    answer: async ({ number, by, outcome, text }, now) => {
      const of = { ...objectionRef, seq: number };
      const happening: ObjectionAnswer = { kind: "answer", of, by, outcome };
      const became = await inTurn(() =>
        write(() => (open.has(number) ? { happening, personal: { text } } : null), now),
      );
      if (became.kind === "unavailable") return became;
      if (became.kind === "written") return { kind: "answered" };
      return { kind: cases.has(number) ? "answered-before" : "not-there" };
    },
    find: async (of, secret) => {
      const hash = toHex(await sha256(secret));
      return known(() => {
        const found = cases.get(numbers.get(hash) ?? 0);
        return found !== undefined && refText(found.of) === refText(of) ? found : null;
      });
    },
    at: (number) => known(() => cases.get(number) ?? null),
    list: (state, before, rowsMax) =>
      known(() => {
        const wanted = (each: Case): boolean =>
          each.number < before && (state === null || (state === "open") === (each.answer === null));
        return [...cases.values()].reverse().filter(wanted).slice(0, rowsMax);
      }),
    openCount: () => open.size,
    readOn: () => known(() => {}),
    said: async (number) => {
      const [entry] = await ledger.part(objectionChain, number - 1, 1);
      return entry?.seq === number ? readSaid(entry.personal?.text ?? null) : null;
    },
  };
};

type Became = { readonly kind: "written" | "refused" } | Unavailable;
type Written = { readonly happening: Objection | ObjectionAnswer; readonly personal: Personal };

export const objectionRef = { terminal: objectionChain.terminal, epoch: toBase64url(objectionChain.epoch) };
