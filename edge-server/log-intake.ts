/**
 * The judgement of `POST /v1/log` (FORMATS, "Log"): what a signed batch adds to the ledger, and what is said to it.
 *
 * The ack is signed before anything is stored and returned only after the entries, the checkpoint and the ack are durable
 * together. No fact is refused: what comes from a revoked terminal is kept and flagged, and a batch that tells another
 * history than the one held is kept as evidence. Batches are judged one after another: what one terminal sends twice at
 * once is stored once, and however many send at once, one batch is in memory unpacked.
 */
import type { Bytes } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Chain, genesisOf } from "../shared/log.ts";
import { decodeBatch, type Held, type Received, receiveBatch, signStatement } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import type { Sender } from "./auth.ts";
import type { Read } from "./body.ts";
import type { Ledger } from "./ports.ts";
import { createTurn } from "./turn.ts";

/** `acked`: `added` entries are new, the others were there. See `Received` for what is refused; `malformed`: no batch. */
export type Judgement =
  | { readonly kind: "acked"; readonly ack: Bytes; readonly added: number }
  | { readonly kind: "malformed" }
  | Exclude<Received, { readonly kind: "append" }>;

/** `unpack` undoes the compression of the batch, and is not asked before it is its turn. */
export type LogIntake = (sender: Sender, unpack: () => Promise<Read<Bytes>>, now: Instant) => Promise<Read<Judgement>>;

/** `edgeKey`: the one in force, asked for each batch: it may be rotated at any time. */
export const createLogIntake = (ledger: Ledger, edgeKey: () => Promise<SigningKey>): LogIntake => {
  const inTurn = createTurn();
  return (sender, unpack, now) =>
    inTurn(async () => {
      const body = await unpack();
      if ("refusal" in body) return body;
      return { value: await judgeBatch(ledger, await edgeKey(), sender, body.value, now) };
    });
};

const judgeBatch = async (
  ledger: Ledger,
  edgeKey: SigningKey,
  sender: Sender,
  body: Bytes,
  now: Instant,
): Promise<Judgement> => {
  const batch = decodeBatch(body);
  if (batch === null) return { kind: "malformed" };
  const chain: Chain = { terminal: sender.terminal.id, epoch: batch.epoch };
  const held: Held = {
    head: ledger.head(chain) ?? (await genesisOf(chain)),
    hashAt: (seq) => ledger.hashAt(chain, seq),
  };
  const received = await receiveBatch(chain.terminal, batch, [sender.key], held);
  if (received.kind === "fork") ledger.keepFork({ ...chain, seq: received.seq, batch: body, receivedAt: now });
  if (received.kind !== "append") return received;

  const ack = await signStatement("ack", { ...chain, ...received.head, at: now }, edgeKey);
  const seq = batch.from + batch.entries.length - 1;
  const receipt = { ...chain, seq, checkpoint: batch.checkpoint, ack };
  ledger.append(chain, received.entries, receipt, now, sender.terminal.revokedAt !== null);
  return { kind: "acked", ack, added: received.entries.length };
};
