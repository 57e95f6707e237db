/**
 * What a batch adds to a chain, with what is searched by beside it: the judgement of shared/sync.ts as the server asks for
 * it. Here, or in a thread of its own (adapters/reception-thread.ts), it is the same.
 */
import { hash } from "node:crypto";
import type { Digest } from "../shared/bytes.ts";
import type { PublicKey } from "../shared/keys.ts";
import type { Entry, Head } from "../shared/log.ts";
import { type Batch, type Held, type Received, receiveBatch } from "../shared/sync.ts";
import { columnsOf } from "./columns.ts";
import type { Columns } from "./ports.ts";

export type Reception =
  | { readonly kind: "append"; readonly entries: readonly (Entry & Columns)[]; readonly head: Head }
  | Exclude<Received, { readonly kind: "append" }>;

/** `held` knows the places of the batch and the one before. */
export type Receive = (terminal: string, batch: Batch, key: PublicKey, held: Held) => Promise<Reception>;

export const receiveHere: Receive = async (terminal, batch, key, held) => {
  const received = await receiveBatch(terminal, batch, [key], held, digest);
  if (received.kind !== "append") return received;
  const entries = received.entries.map(({ transaction, seq, hash, bytes, personal }) => {
    const { at, kind } = columnsOf(transaction);
    return { seq, hash, bytes, personal, at, kind };
  });
  return { kind: "append", entries, head: received.head };
};

/** At once: a promise for each of so many small entries costs more than the hash. */
const digest: Digest = (bytes) => {
  const text = hash("sha256", bytes, "binary"); // in half the time of a buffer
  const digested = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) digested[i] = text.charCodeAt(i);
  return digested;
};
