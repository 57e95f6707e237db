/**
 * How entries move from a terminal to the ledger (FORMATS, "Log"). The outbox is a cursor over the log: nothing is ever
 * popped, so resending is harmless, and only a signed ack of (seq, hash) moves the cursor.
 *
 *     batch       entries in a row with a checkpoint (batch.ts)
 *     checkpoint  signed by the terminal's key, ack by an edge key: CBOR [terminal, epoch, seq, hash, at]
 *
 * `receiveBatch` is the whole judgement of the server over a batch, pure, so that the simulation and the audit can run it.
 */
import type { Batch, BatchEntry } from "./batch.ts";
import { type Bytes, type Digest, equalBytes, sha256 } from "./bytes.ts";
import { decodeCbor, encodeCbor, readTyped, signTyped, verifySign1 } from "./cose.ts";
import type { PublicKey, SigningKey } from "./keys.ts";
import {
  type Chain,
  type Entry,
  extendChain,
  genesisOf,
  type Head,
  personalHash,
  roomFor,
  roomForPersonal,
} from "./log.ts";
import { type EntryStamp, readStamp } from "./stamp.ts";
import type { Instant } from "./terms.ts";

/** What a checkpoint and an ack say: this chain had this head at this time. */
export type Statement = Chain & Head & { readonly at: Instant };

export type StatementType = "checkpoint" | "ack";

export const signStatement = (type: StatementType, said: Statement, key: SigningKey): Promise<Bytes> =>
  signTyped(type, encodeCbor([said.terminal, said.epoch, said.seq, said.hash, said.at]), key);

/** The statement in `bytes`, or null where it is malformed, of another type, or not signed by one of `keys`. */
export const readStatement = async (
  type: StatementType,
  bytes: Bytes,
  keys: readonly PublicKey[],
): Promise<Statement | null> => {
  const signed = readTyped(bytes, type);
  const key = keys.find((each) => each.kid === signed?.kid);
  if (signed === null || key === undefined || (await verifySign1(signed.sign1, key)) !== "ok") return null;
  return statementIn(signed.payload);
};

/** What `bytes` say, whoever signed them: for what is not believed yet. */
export const readClaim = (type: StatementType, bytes: Bytes): Statement | null => {
  const signed = readTyped(bytes, type);
  return signed === null ? null : statementIn(signed.payload);
};

const statementIn = (payload: Bytes): Statement | null => {
  const fields = decodeCbor(payload)?.value;
  if (!Array.isArray(fields) || fields.length !== 5) return null;
  const [terminal, epoch, seq, hash, at] = fields as readonly unknown[];
  if (typeof terminal !== "string" || !isCount(seq) || !isCount(at)) return null;
  if (!isBytesOf(epoch, 16) || !isBytesOf(hash, 32)) return null;
  return { terminal, epoch, seq, hash, at };
};

/** What the ledger already holds of the chain: its head, and the hash at a seq. */
export type Held = { readonly head: Head; readonly hashAt: (seq: number) => Bytes | null };

/** With what its bytes say; null where they are no transaction. */
export type ReceivedEntry = Entry & { readonly stamp: EntryStamp | null };

/**
 * `append`: these entries are new (none where all were known), and the ack may say `head`. `gap`: send from `next`.
 * `fork`: another history stands under this name. `altered`: bytes and checkpoint do not fit each other.
 * `not-signed`: the checkpoint is not this terminal's.
 */
export type Received =
  | { readonly kind: "append"; readonly entries: readonly ReceivedEntry[]; readonly head: Head }
  | { readonly kind: "gap"; readonly next: number }
  | { readonly kind: "fork"; readonly seq: number }
  | { readonly kind: "altered" }
  | { readonly kind: "not-signed" };

export const receiveBatch = async (
  terminal: string,
  batch: Batch,
  keys: readonly PublicKey[],
  held: Held,
  digest: Digest = sha256,
): Promise<Received> => {
  const checkpoint = await readStatement("checkpoint", batch.checkpoint, keys);
  if (checkpoint === null || checkpoint.terminal !== terminal || !equalBytes(checkpoint.epoch, batch.epoch)) {
    return { kind: "not-signed" };
  }
  if (batch.from > held.head.seq + 1) return { kind: "gap", next: held.head.seq + 1 };

  const before =
    batch.from === 1 ? await genesisOf({ terminal, epoch: batch.epoch }, digest) : headAt(held, batch.from - 1);
  if (before === null) return { kind: "gap", next: 1 };

  const entries = await chainEntries(before, batch.entries, digest);
  const last = entries.at(-1);
  if (last === undefined || checkpoint.seq !== last.seq || !equalBytes(checkpoint.hash, last.hash)) {
    return { kind: "altered" };
  }
  if (!(await allPersonalFit(entries, digest))) return { kind: "altered" };
  // The terminal vouches for these very bytes by its checkpoint; if we hold others, it has told two histories.
  const forked = entries.find((each) => each.seq <= held.head.seq && !isHeld(held, each));
  if (forked !== undefined) return { kind: "fork", seq: forked.seq };

  const fresh = entries.filter((each) => each.seq > held.head.seq);
  return { kind: "append", entries: fresh, head: fresh.at(-1) ?? held.head };
};

const headAt = (held: Held, seq: number): Head | null => {
  const hash = held.hashAt(seq);
  return hash === null ? null : { seq, hash };
};

const isHeld = (held: Held, entry: Entry): boolean => {
  const hash = held.hashAt(entry.seq);
  return hash !== null && equalBytes(hash, entry.hash);
};

const chainEntries = async (
  before: Head,
  entries: readonly BatchEntry[],
  digest: Digest,
): Promise<readonly ReceivedEntry[]> => {
  const chained: ReceivedEntry[] = [];
  const room = roomFor(entries.reduce((most, { bytes }) => Math.max(most, bytes.length), 0));
  let head = before;
  for (const { bytes, personal } of entries) {
    const extended = extendChain(head, bytes, digest, room);
    head = extended instanceof Promise ? await extended : extended; // to wait for each takes as long as its hash
    chained.push({ seq: head.seq, hash: head.hash, bytes, personal, stamp: readStamp(bytes) });
  }
  return chained;
};

const allPersonalFit = async (entries: readonly ReceivedEntry[], digest: Digest): Promise<boolean> => {
  const room = roomForPersonal(entries.reduce((most, { personal }) => Math.max(most, personal?.text.length ?? 0), 0));
  for (const { personal, stamp } of entries) {
    if (personal === null) continue;
    const hash = personalHash(personal, digest, room);
    if (stamp?.personal !== (hash instanceof Promise ? await hash : hash)) return false;
  }
  return true;
};

/** What an ack means to the outbox: the seq up to which the ledger has our very entries, or null. */
export const ackedUpTo = (ack: Statement, chain: Chain, hashAt: (seq: number) => Bytes | null): number | null => {
  const ours = hashAt(ack.seq);
  return isOfChain(ack, chain) && ours !== null && equalBytes(ours, ack.hash) ? ack.seq : null;
};

export const isOfChain = ({ terminal, epoch }: Statement, chain: Chain): boolean =>
  terminal === chain.terminal && equalBytes(epoch, chain.epoch);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isBytes = (value: unknown): value is Bytes => value instanceof Uint8Array;
const isBytesOf = (value: unknown, length: number): value is Bytes => isBytes(value) && value.length === length;
