/**
 * The judgement of `POST /v1/log` (FORMATS, "Log"): what a signed batch adds to the ledger, and what is said to it.
 *
 * The ack is signed before anything is stored and returned only after the entries, the checkpoint and the ack are durable
 * together. No fact is refused: what comes from a revoked terminal is kept and flagged, and a batch that its terminal signed
 * and that does not fit what is held is kept as evidence, without what is personal in it: its hashes prove it without.
 * Batches of one terminal are judged one after another, and terminals take turns, whatever one of them has to send.
 * However many send at once, no more batches are in memory unpacked than the ledger settles at once.
 */
import { type Batch, decodeBatch, encodeBatch } from "../shared/batch.ts";
import type { Bytes, Digest } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Chain, genesisOf } from "../shared/log.ts";
import { type Received, readStatement, receiveBatch, signStatement } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import { createRestingDigest, digest, letOthersGo, type Rest } from "./at-once.ts";
import type { Sender } from "./auth.ts";
import type { Read } from "./body.ts";
import { columnsOf } from "./columns.ts";
import type { Addition, Judge, Ledger } from "./ports.ts";
import { createTurns } from "./turn.ts";

/**
 * `acked`: `added` entries are new, the others were there. See `Received` for what is refused; `malformed`: no batch;
 * `unavailable`: nothing can be said now.
 */
export type Judgement =
  | { readonly kind: "acked"; readonly ack: Bytes; readonly added: number }
  | { readonly kind: "malformed" }
  | { readonly kind: "unavailable"; readonly cause: string }
  | Refused;

type Refused = Exclude<Received, { readonly kind: "append" }>;

/** `unpack` undoes the compression of the batch, and is not asked before it is its turn. */
export type LogIntake = (sender: Sender, unpack: () => Promise<Read<Bytes>>, now: Instant) => Promise<Read<Judgement>>;

/** `edgeKey`: the one in force, asked for each batch: it may be rotated at any time. `rest`: in the middle of a large one. */
export const createLogIntake = (
  ledger: Ledger,
  edgeKey: () => Promise<SigningKey>,
  rest: Rest = letOthersGo,
): LogIntake => {
  const turns = createTurns(ledger.settlingMax);
  return (sender, unpack, now) =>
    turns(sender.terminal.id, async () => {
      const body = await unpack();
      if ("refusal" in body) return body;
      return { value: await takeBatch(ledger, await edgeKey(), sender, body.value, now, createRestingDigest(rest)) };
    });
};

const takeBatch = async (
  ledger: Ledger,
  edgeKey: SigningKey,
  sender: Sender,
  body: Bytes,
  now: Instant,
  ofEntry: Digest,
): Promise<Judgement> => {
  const batch = decodeBatch(body);
  if (batch === null) return { kind: "malformed" };
  const chain: Chain = { terminal: sender.terminal.id, epoch: batch.epoch };
  const { from } = batch;
  const to = from + batch.entries.length - 1;
  const arrival = { ...chain, from, to, receivedAt: now, isAfterRevocation: sender.terminal.revokedAt !== null };
  const settled = await ledger.settle(arrival, judgeBatch(edgeKey, chain, sender, batch, now, ofEntry));
  return settled.kind === "unavailable" ? settled : settled.answer;
};

const judgeBatch =
  (edgeKey: SigningKey, chain: Chain, sender: Sender, batch: Batch, now: Instant, ofEntry: Digest): Judge<Judgement> =>
  async ({ head, hashAt }) => {
    const held = { head: head ?? (await genesisOf(chain, digest)), hashAt };
    const received = await receiveBatch(chain.terminal, batch, [sender.key], held, ofEntry);
    if (received.kind !== "append") return { answer: received, addition: await evidenceOf(received, batch, sender) };

    const ack = await signStatement("ack", { ...chain, ...received.head, at: now }, edgeKey);
    const entries = received.entries.map(({ stamp, ...entry }) => ({ ...entry, ...columnsOf(stamp) }));
    return {
      answer: { kind: "acked", ack, added: entries.length },
      addition: { kind: "entries", entries, receipt: { checkpoint: batch.checkpoint, ack } },
    };
  };

/** Null where the terminal has signed nothing. */
const evidenceOf = async (received: Refused, batch: Batch, { key }: Sender): Promise<Addition | null> => {
  const signed = received.kind === "not-signed" ? null : await readStatement("checkpoint", batch.checkpoint, [key]);
  if (received.kind === "not-signed" || signed === null) return null;
  const seq = received.kind === "fork" ? received.seq : batch.from;
  const bare = encodeBatch({ ...batch, entries: batch.entries.map(({ bytes }) => ({ bytes, personal: null })) });
  return { kind: "evidence", cause: received.kind, seq, hash: signed.hash, batch: bare };
};
