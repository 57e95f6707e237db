/**
 * Judges large batches in a thread of its own, so that the one that answers and stores goes on meanwhile; small ones here,
 * since the way there and back takes longer. The thread starts with the first large batch. There and back go a few large
 * buffers, which change hands, rather than many small ones, which would be copied.
 */
import { Worker } from "node:worker_threads";
import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import type { PublicKey } from "../../shared/keys.ts";
import type { Head } from "../../shared/log.ts";
import type { Batch, Held } from "../../shared/sync.ts";
import type { Columns } from "../ports.ts";
import { type Receive, type Reception, receiveHere } from "../reception.ts";

export type ReceptionThread = { readonly receive: Receive; readonly close: () => Promise<void> };

/** `hashes`: those held at the places of the batch and the one before. */
export type ReceptionQuestion = {
  readonly number: number;
  readonly terminal: string;
  readonly batch: PackedBatch;
  readonly key: PublicKey;
  readonly head: Head;
  readonly hashes: ReadonlyMap<number, Bytes>;
};

/** The bytes of all entries, one after another, and how many of each; the same of the salts. */
export type PackedBatch = Omit<Batch, "entries"> & {
  readonly bytes: Bytes;
  readonly lengths: readonly number[];
  readonly texts: readonly (string | null)[];
  readonly salts: Bytes;
};

/** `append`: the hashes one after another, and the columns, of the last entries of the batch. */
export type ReceptionAnswer = {
  readonly number: number;
  readonly reception:
    | { readonly kind: "append"; readonly hashes: Bytes; readonly columns: readonly Columns[]; readonly head: Head }
    | Exclude<Reception, { readonly kind: "append" }>;
};

export const smallBytesMax = 32 * 1024;
/** What it leaves behind it collects early, rather than grow. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

export const createReceptionThread = (): ReceptionThread => {
  let thread: Worker | null = null;
  let last = 0;
  const waiting = new Map<
    number,
    { readonly resolve: (answer: ReceptionAnswer) => void; readonly reject: (error: Error) => void }
  >();

  /** A thread that ended is an error to those who wait; the next batch starts another. */
  const end = (ended: Worker, error: Error): void => {
    if (thread === ended) thread = null;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./reception.worker.ts", import.meta.url), { resourceLimits });
    started.on("message", (answer: ReceptionAnswer) => {
      waiting.get(answer.number)?.resolve(answer);
      waiting.delete(answer.number);
      if (waiting.size === 0) started.unref();
    });
    started.on("error", (error) => end(started, error instanceof Error ? error : new Error(String(error))));
    started.on("exit", () => end(started, new Error("the thread that judges batches has ended")));
    return started;
  };
  const ask = (question: Omit<ReceptionQuestion, "number">): Promise<ReceptionAnswer> =>
    new Promise((resolve, reject) => {
      thread ??= start();
      thread.ref();
      last += 1;
      waiting.set(last, { resolve, reject });
      const { bytes } = question.batch;
      thread.postMessage({ ...question, number: last } satisfies ReceptionQuestion, [bytes.buffer]);
    });

  return {
    receive: async (terminal, batch, key, held) => {
      const bytesSum = batch.entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (bytesSum <= smallBytesMax) return receiveHere(terminal, batch, key, held);
      const { kid, jwk, curve, cryptoKey } = key;
      const question = { terminal, batch: pack(batch), key: { kid, jwk, curve, cryptoKey }, head: held.head };
      const { reception } = await ask({ ...question, hashes: hashesOf(batch, held) });
      if (reception.kind !== "append") return reception;
      const { hashes, columns, head } = reception;
      const first = batch.entries.length - columns.length;
      const entries = batch.entries.slice(first).map(({ bytes, personal }, index) => {
        const { at, kind } = columns[index] ?? { at: null, kind: null };
        const hash = hashes.subarray(32 * index, 32 * index + 32);
        return { seq: batch.from + first + index, hash, bytes, personal, at, kind };
      });
      return { kind: "append", entries, head };
    },
    close: async () => {
      await thread?.terminate();
    },
  };
};

const pack = ({ entries, ...rest }: Batch): PackedBatch => ({
  ...rest,
  bytes: concatBytes(...entries.map(({ bytes }) => bytes)),
  lengths: entries.map(({ bytes }) => bytes.length),
  texts: entries.map(({ personal }) => personal?.text ?? null),
  salts: concatBytes(...entries.map(({ personal }) => personal?.salt ?? noSalt)),
});
const noSalt = new Uint8Array(16);

export const unpack = ({ bytes, lengths, texts, salts, ...rest }: PackedBatch): Batch => {
  let at = 0;
  const entries = lengths.map((length, index) => {
    const text = texts[index] ?? null;
    const salt = salts.subarray(16 * index, 16 * index + 16);
    at += length;
    return { bytes: bytes.subarray(at - length, at), personal: text === null ? null : { text, salt } };
  });
  return { ...rest, entries };
};

const hashesOf = ({ from, entries }: Batch, { head, hashAt }: Held): ReadonlyMap<number, Bytes> => {
  const hashes = new Map<number, Bytes>();
  for (let seq = from - 1; seq < from + entries.length && seq <= head.seq; seq++) {
    const hash = hashAt(seq);
    if (hash !== null) hashes.set(seq, hash);
  }
  return hashes;
};
