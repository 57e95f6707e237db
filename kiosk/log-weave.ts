/**
 * One chain out of several copies, any of which may be cut, holed, altered or old. Entry after entry that one is taken,
 * from whichever copy, whose hash follows from the entry before: what is right in one place makes good what is wrong in
 * another. Pure, but for reading the copies; a window at a time, since a log may be large.
 *
 * The chain begins with its genesis, or where older entries were pruned: then its first entry stands for those before it,
 * and is believed as far as the next one follows from it.
 */
import { type Bytes, equalBytes } from "../shared/bytes.ts";
import { type Chain, type Entry, extendChain, genesisOf, type Head, personalHash } from "../shared/log.ts";
import { readTransaction } from "../shared/transaction.ts";
import type { FoundCopy } from "./ports.ts";

/** `same`: as the woven chain. `behind`: a clean beginning of it. A copy that was pruned further is no worse for it. */
export type CopyState = "same" | "behind" | "damaged";

/** Which copy an entry is taken from, by its place among them. */
export type Pick = { readonly firstSeq: number; readonly lastSeq: number; readonly copy: number };

export type Woven =
  | { readonly kind: "forked"; readonly seq: number }
  | {
      readonly kind: "chain";
      /** Of the last unbroken stretch; 1 where it begins with the genesis. */
      readonly firstSeq: number;
      readonly head: Head;
      readonly picks: readonly Pick[];
      /** The first entry that each copy holds of it, and how far it goes on without a fault. */
      readonly holdings: readonly Holding[];
    };

/** `isNamed`: its first entry, where it still has that, follows from the genesis, so that it is the chain it says it is. */
export type Holding = {
  readonly first: number | null;
  readonly last: Head | null;
  readonly isSound: boolean;
  readonly isNamed: boolean;
};

/** What stands at one place, the same in `holders`. `follows`: the hashes, among those before it, that it follows from. */
type Candidate = { readonly entry: Entry; readonly holders: readonly number[]; readonly follows: readonly Bytes[] };
type Row = { readonly seq: number; readonly candidates: readonly Candidate[] };

const windowEntries = 1000;

export const weaveChain = async (chain: Chain, copies: readonly FoundCopy[]): Promise<Woven> => {
  const genesis = await genesisOf(chain);
  const nothing: Holding = { first: null, last: null, isSound: true, isNamed: true };
  let holdings: readonly Holding[] = copies.map(() => nothing);
  let picks: Pick[] = [];
  let head = genesis;
  /** Where the stretch begins after the genesis, unproven until an entry follows from one of these. */
  let bases: Row | null = null;

  const take = (row: Row, picked: Candidate): void => {
    holdings = holdings.map((holding, copy) => holdNext(holding, row, picked, copy));
    picks = pickNext(picks, row.seq, picked.holders[0] ?? 0);
    head = { seq: row.seq, hash: picked.entry.hash };
  };

  for await (const rows of readRows(copies, genesis)) {
    for (const row of rows) {
      const tips = bases?.candidates.map(({ entry }) => entry.hash) ?? [head.hash];
      const isNext = row.seq === (bases?.seq ?? head.seq) + 1;
      const next = isNext ? row.candidates.filter((each) => tips.some((hash) => follows(each, hash))) : [];
      const picked = next.length > 1 ? await pickOne(next) : (next[0] ?? null);
      if (picked === "several") return { kind: "forked", seq: row.seq };
      if (picked === null) {
        holdings = holdings.map(({ first, isSound, isNamed }, copy) => ({
          ...nothing,
          isSound: isSound && first === null && !holds(bases, copy),
          isNamed: isNamed && !(row.seq === 1 && holds(row, copy)),
        }));
        // An entry 1 follows from the genesis, or nothing does from it.
        [picks, bases] = [[], row.seq === 1 ? { seq: 1, candidates: [] } : row];
        continue;
      }
      if (bases !== null) {
        const base = await pickBase(bases, ({ entry }) => follows(picked, entry.hash));
        if (base !== null) take(bases, base);
        bases = null;
      }
      take(row, picked);
    }
  }
  if (bases !== null) {
    const claims = copies.map((copy) => copy.head?.hash ?? new Uint8Array(0));
    const isClaimed = ({ entry }: Candidate) => claims.some((hash) => equalBytes(hash, entry.hash));
    const base = (await pickBase(bases, isClaimed)) ?? bases.candidates[0];
    if (base !== undefined) take(bases, base);
  }
  return { kind: "chain", firstSeq: picks[0]?.firstSeq ?? 1, head, picks, holdings };
};

/** The entries as they were woven. */
export const readWoven =
  (copies: readonly FoundCopy[], picks: readonly Pick[]) =>
  async (seq: number, max: number): Promise<readonly Entry[]> => {
    const pick = picks.find(({ lastSeq }) => lastSeq >= seq);
    if (pick === undefined) return [];
    const from = Math.max(seq, pick.firstSeq);
    return (await copies[pick.copy]?.read(from, Math.min(max, pick.lastSeq - from + 1))) ?? [];
  };

const follows = ({ follows: hashes }: Candidate, hash: Bytes): boolean => hashes.some((each) => equalBytes(each, hash));

const holds = (row: Row | null, copy: number): boolean =>
  row?.candidates.some(({ holders }) => holders.includes(copy)) === true;

const holdNext = (holding: Holding, row: Row, picked: Candidate, copy: number): Holding => {
  const isNamed = holding.isNamed && row.seq !== 1;
  if (!picked.holders.includes(copy)) return holds(row, copy) ? { ...holding, isSound: false, isNamed } : holding;
  const isNext = holding.last === null || holding.last.seq === row.seq - 1;
  return {
    ...holding,
    first: holding.first ?? row.seq,
    last: { seq: row.seq, hash: picked.entry.hash },
    isSound: holding.isSound && isNext,
  };
};

const pickNext = (picks: readonly Pick[], seq: number, copy: number): Pick[] => {
  const last = picks.at(-1);
  return last?.copy === copy
    ? [...picks.slice(0, -1), { ...last, lastSeq: seq }]
    : [...picks, { firstSeq: seq, lastSeq: seq, copy }];
};

/** Of those that follow. They may differ in what is only bound by its hash: then that one whose hash fits. */
const pickOne = async (next: readonly Candidate[]): Promise<Candidate | "several" | null> => {
  const [first, ...others] = next;
  if (first === undefined || others.length === 0) return first ?? null;
  if (others.some(({ entry }) => !equalBytes(entry.hash, first.entry.hash))) return "several";
  for (const each of next) if (await hasItsPersonal(each.entry)) return each;
  return first;
};

/**
 * Nothing is there for its bytes to follow from: they may differ under one hash. The later copies are files, and a file's
 * records have checksums: what is damaged there is not found.
 */
const pickBase = async (bases: Row, isMeant: (candidate: Candidate) => boolean): Promise<Candidate | null> => {
  const meant = bases.candidates.filter(isMeant).toReversed();
  const picked = await pickOne(meant);
  return picked === "several" ? (meant.at(-1) ?? null) : picked;
};

const hasItsPersonal = async ({ bytes, personal }: Entry): Promise<boolean> =>
  readTransaction(bytes)?.personal === (personal === null ? undefined : await personalHash(personal));

/** A window at a time: to wait for each row takes longer than to look at it. */
async function* readRows(copies: readonly FoundCopy[], genesis: Head): AsyncGenerator<readonly Row[]> {
  const readFrom = (from: number) => {
    const reading = Promise.all(copies.map((copy) => copy.read(from, windowEntries)));
    reading.catch(() => {}); // heard of where it is needed
    return reading;
  };
  let reading = readFrom(1);
  let before: { readonly seq: number; readonly hashes: readonly Bytes[] } = { seq: 0, hashes: [genesis.hash] };
  for (;;) {
    const read = await reading;
    const entries = read.map((each) => new Map(each.filter(isEntry).map((entry) => [entry.seq, entry])));
    const seqs = entries.flatMap((each) => [...each.keys()]);
    if (seqs.length === 0) return;
    const start = Math.min(...seqs);
    const end = Math.min(start + windowEntries, Math.max(...seqs) + 1);
    // While this window is hashed, the next one comes from the disk.
    reading = readFrom(start + windowEntries);
    const rows: Promise<Row>[] = [];
    for (let seq = start; seq < end; seq++) {
      const candidates = gatherAt(entries, seq);
      if (candidates.length === 0) continue;
      rows.push(linkRow({ seq, candidates }, before.seq === seq - 1 ? before.hashes : []));
      before = { seq, hashes: candidates.map(({ entry }) => entry.hash) };
    }
    yield await Promise.all(rows);
  }
}

const gatherAt = (entries: readonly ReadonlyMap<number, Entry>[], seq: number): readonly Candidate[] => {
  const candidates: Candidate[] = [];
  for (const [copy, each] of entries.entries()) {
    const entry = each.get(seq);
    if (entry === undefined) continue;
    const at = candidates.findIndex((other) => isSame(other.entry, entry));
    const same = candidates[at];
    if (same === undefined) candidates.push({ entry, holders: [copy], follows: [] });
    else candidates[at] = { ...same, holders: [...same.holders, copy] };
  }
  return candidates;
};

const linkRow = async ({ seq, candidates }: Row, before: readonly Bytes[]): Promise<Row> => ({
  seq,
  candidates: await Promise.all(
    candidates.map(async (candidate) => {
      const { bytes, hash } = candidate.entry;
      const next = await Promise.all(before.map((each) => extendChain({ seq: seq - 1, hash: each }, bytes)));
      return { ...candidate, follows: before.filter((_, at) => equalBytes(next[at]?.hash ?? hash, hash)) };
    }),
  ),
});

const isSame = (a: Entry, b: Entry): boolean =>
  equalBytes(a.hash, b.hash) &&
  equalBytes(a.bytes, b.bytes) &&
  a.personal?.text === b.personal?.text &&
  equalBytes(a.personal?.salt ?? noBytes, b.personal?.salt ?? noBytes);

const noBytes = new Uint8Array(0);

/** A damaged store gives back anything. */
export const isEntry = (found: Partial<Entry>): found is Entry => {
  const { seq, hash, bytes, personal } = found;
  return (
    Number.isSafeInteger(seq) &&
    hash instanceof Uint8Array &&
    hash.length === 32 &&
    bytes instanceof Uint8Array &&
    (personal === null || (typeof personal?.text === "string" && personal.salt instanceof Uint8Array))
  );
};
