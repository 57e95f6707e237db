/** Reads the ledger on PostgreSQL page by page: nothing is held open in between, and memory is that of a page. */
import { type Bytes, equalBytes, fromUtf8 } from "../../shared/bytes.ts";
import type { Chain, Head, PersonalText } from "../../shared/log.ts";
import type { Instant } from "../../shared/terms.ts";
import type {
  ArrivedEntry,
  Columns,
  Erasure,
  Evidence,
  Fork,
  LedgerEntry,
  LedgerParts,
  Receipt,
  WholeReader,
} from "../ports.ts";
import { type Ask, arrayOf, byteaArrayOf, textArrayOf } from "./postgres.ts";

const pageRows = 200;
/** A batch may be 4 MiB. */
const pageForks = 8;

export const createPostgresReader = (ask: Ask): WholeReader & LedgerParts => ({
  chains: () => ask<Chain>("SELECT terminal, epoch FROM chain ORDER BY received_at, terminal, epoch"),
  heads: () => ask<Chain & { readonly seq: number }>(selectHeads),
  at: async (places) => {
    const rows = await ask<PlacedRow>(selectPlaces, [
      textArrayOf(places.map(({ terminal }) => terminal)),
      byteaArrayOf(places.map(({ epoch }) => epoch)),
      arrayOf(places.map(({ seq }) => seq)),
    ]);
    const found = new Map(rows.map((row) => [row.place, entryOf(row, row)]));
    return places.map((_, index) => found.get(index + 1) ?? null);
  },
  part: (chain, seq, rowsMax) => readPart(ask, chain, seq, rowsMax),
  entries: (chain) => readPages(pageRows, (last: LedgerEntry | null) => readPart(ask, chain, last?.seq ?? 0, pageRows)),
  everything: () => readEverything(ask),
  receipts: ({ terminal, epoch }) =>
    readPages(pageRows, async (last: Receipt | null) => {
      const rows = await ask<Omit<Receipt, keyof Chain>>(selectReceipts, [terminal, epoch, last?.seq ?? 0, pageRows]);
      return rows.map((row) => ({ terminal, epoch, ...row }));
    }),
  forks: () =>
    readPages(pageForks, async (last: Fork | null) => {
      const after =
        last === null ? [-1, "", new Uint8Array(0), 0] : [last.receivedAt, last.terminal, last.epoch, last.seq];
      const rows = await ask<ForkRow>(selectForks, [...after, pageForks]);
      return rows.map(({ terminal, epoch, seq, batch, received_at }) => ({
        ...{ terminal, epoch, seq, batch },
        receivedAt: received_at,
      }));
    }),
  evidence: () =>
    readPages(pageForks, async (last: Evidence | null) => {
      const nothing = new Uint8Array(0);
      const after =
        last === null
          ? [-1, "", nothing, 0, nothing]
          : [last.receivedAt, last.terminal, last.epoch, last.seq, last.hash];
      const rows = await ask<EvidenceRow>(selectEvidence, [...after, pageForks]);
      return rows.map(({ received_at, ...row }) => ({ ...row, receivedAt: received_at }));
    }),
  erasures: () => readErasures(ask),
});

/** By the key, by which every chain is together and in order; much at a time, since nobody waits. */
const readEverything = async function* (ask: Ask): AsyncIterable<ArrivedEntry> {
  let chain: Chain = { terminal: "", epoch: new Uint8Array(0) };
  let rows: readonly ArrivedRow[];
  let seq = 0;
  do {
    rows = await ask<ArrivedRow>(selectEverything, [chain.terminal, chain.epoch, seq, everythingRows]);
    for (const row of rows) {
      const isNext = row.terminal !== chain.terminal || !equalBytes(row.epoch, chain.epoch);
      if (isNext) chain = { terminal: row.terminal, epoch: row.epoch };
      ({ seq } = row);
      yield {
        ...{ chain, seq, text: fromUtf8(row.bytes), at: row.at, kind: row.kind },
        personal: row.text === null ? null : personalTextOf(row.text),
        isAfterRevocation: row.after_revocation,
      };
    }
  } while (rows.length === everythingRows);
};
const everythingRows = 5000;

type ArrivedRow = Chain & Columns & Pick<EntryRow, "seq" | "bytes" | "after_revocation" | "text">;

const readPart = async (ask: Ask, { terminal, epoch }: Chain, seq: number, rowsMax: number) => {
  const rows = await ask<EntryRow>(selectEntries, [terminal, epoch, seq, rowsMax]);
  return rows.map((row) => entryOf({ terminal, epoch }, row));
};

const entryOf = ({ terminal, epoch }: Chain, row: EntryRow): LedgerEntry => {
  const { seq, hash, bytes, at, kind, received_at, after_revocation, text, salt } = row;
  return {
    ...{ terminal, epoch, seq, hash, bytes, at, kind },
    personal: text === null || salt === null ? null : personalOf(text, salt),
    receivedAt: received_at,
    isAfterRevocation: after_revocation,
  };
};

/** `place`: which of those asked for, from 1. */
type PlacedRow = Chain & EntryRow & { readonly place: number };

/** Few columns and no key: all that are of one terminal at a time. */
const readErasures = async function* (ask: Ask): AsyncIterable<Erasure> {
  for (const { terminal } of await ask<Pick<Erasure, "terminal">>("SELECT DISTINCT terminal FROM erasure ORDER BY 1")) {
    yield* await ask<Erasure>("SELECT terminal, at, cause, by, entries FROM erasure WHERE terminal = $1 ORDER BY at", [
      terminal,
    ]);
  }
};

type EntryRow = Head &
  Columns & {
    readonly bytes: Bytes;
    readonly received_at: Instant;
    readonly after_revocation: boolean;
    readonly text: Bytes | null;
    readonly salt: Bytes | null;
  };
type ForkRow = Omit<Fork, "receivedAt"> & { readonly received_at: Instant };

type EvidenceRow = Omit<Evidence, "receivedAt"> & { readonly received_at: Instant };

const selectHeads = `
  SELECT terminal, epoch,
    (SELECT max(seq) FROM entry WHERE entry.terminal = chain.terminal AND entry.epoch = chain.epoch) AS seq
  FROM chain`;
const selectEntries = `
  SELECT seq, hash, bytes, at, kind, received_at, after_revocation, text, salt
  FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
  WHERE terminal = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4`;
const selectPlaces = `
  SELECT place, terminal, epoch, seq, hash, bytes, at, kind, received_at, after_revocation, text, salt
  FROM unnest($1::text[], $2::bytea[], $3::bigint[]) WITH ORDINALITY AS asked (terminal, epoch, seq, place)
  JOIN entry USING (terminal, epoch, seq) LEFT JOIN personal USING (terminal, epoch, seq)`;
const selectEverything = `
  SELECT terminal, epoch, seq, bytes, at, kind, after_revocation, text
  FROM entry LEFT JOIN personal USING (terminal, epoch, seq)
  WHERE (terminal, epoch, seq) > ($1::text, $2::bytea, $3::bigint) ORDER BY terminal, epoch, seq LIMIT $4`;
const selectReceipts = `
  SELECT seq, checkpoint, ack FROM receipt
  WHERE terminal = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4`;
const selectForks = `
  SELECT terminal, epoch, seq, batch, received_at FROM fork
  WHERE (received_at, terminal, epoch, seq) > ($1::bigint, $2::text, $3::bytea, $4::bigint)
  ORDER BY received_at, terminal, epoch, seq LIMIT $5`;

const selectEvidence = `
  SELECT terminal, epoch, seq, hash, cause, batch, received_at FROM evidence
  WHERE (received_at, terminal, epoch, seq, hash) > ($1::bigint, $2::text, $3::bytea, $4::bigint, $5::bytea)
  ORDER BY received_at, terminal, epoch, seq, hash LIMIT $6`;

/** `read` gives what comes after `last`, at most `rows` of it. */
const readPages = async function* <T>(rows: number, read: (last: T | null) => Promise<readonly T[]>): AsyncIterable<T> {
  let page = await read(null);
  while (page.length > 0) {
    yield* page;
    page = page.length < rows ? [] : await read(page.at(-1) ?? null);
  }
};

const personalOf = (bytes: Uint8Array, salt: PersonalText["salt"]): PersonalText => ({
  text: personalTextOf(bytes),
  salt,
});

/** Kept as UTF-8, since a text column takes no NUL. It was text when it came: anything else is a bug. */
export const personalTextOf = (bytes: Uint8Array): string => {
  const text = fromUtf8(bytes);
  if (text === null) throw new TypeError("not a text");
  return text;
};
