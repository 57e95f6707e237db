/**
 * Takes what this terminal has not handed in yet off it: as sealed rescues (shared/rescue.ts), from whatever can be read.
 *
 * Everything that was found of its logs counts: the copies of the one in use, and the remains of lost ones. Of each chain
 * the unacknowledged stretches are woven together (log-weave.ts) and cut into batches; copies that tell two histories give
 * one each, and the ledger judges. Nothing is changed here: the entries stay until an ack comes for them.
 *
 * Without its keys a terminal can neither sign nor seal: where the database does not open, nothing can be taken off.
 */

import { encodeBatch } from "../../shared/batch.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { toHex } from "../../shared/bytes.ts";
import type { Chain, Entry } from "../../shared/log.ts";
import {
  encodeRescue,
  type OperatorKey,
  rescueBatchesMax,
  rescueContentBytesMax,
  sealRescue,
} from "../../shared/rescue.ts";
import { signStatement } from "../../shared/sync.ts";
import type { Instant } from "../../shared/terms.ts";
import { readWoven, weaveChain } from "../log-weave.ts";
import { cutBatch } from "../outbox.ts";
import type { FoundCopy, Identity, Random } from "../ports.ts";

export type Source = () => Promise<readonly FoundCopy[]>;

export type RescueParts = {
  readonly identity: Identity;
  /** Where entries may lie. One that rejects is passed over. */
  readonly sources: () => readonly Source[];
  /** Looked at only where one of those cannot be read. */
  readonly spare: Source;
  readonly gzip: (bytes: Bytes) => Promise<Bytes>;
  readonly random: Random;
  readonly now: () => Instant;
};

/** `unread`: why a source could not be read, in English. */
export type Gathered = {
  readonly entries: number;
  readonly rescues: readonly Bytes[];
  readonly unread: readonly string[];
};

export const gatherRescues = async (parts: RescueParts): Promise<Gathered> => {
  const sources = parts.sources();
  const gathered = await gatherFrom(sources, parts);
  if (gathered.unread.length === 0 || sources.includes(parts.spare)) return gathered;
  return gatherFrom([...sources, parts.spare], parts);
};

const gatherFrom = async (sources: readonly Source[], parts: RescueParts): Promise<Gathered> => {
  const { identity } = parts;
  const unread: string[] = [];
  const found: FoundCopy[] = [];
  for (const source of sources) {
    try {
      found.push(...(await source()).map((copy) => readable(copy, unread)));
    } catch (reason) {
      unread.push(causeOf(reason));
    }
  }
  const packs: Bytes[][] = [[]];
  let entries = 0;
  for (const chain of chainsOf(found, identity.terminal)) {
    for await (const batch of batchesOf(chain, found, parts)) {
      entries += batch.count;
      const pack = packs.at(-1) ?? [];
      if (hasRoom(pack, batch.bytes)) pack.push(batch.bytes);
      else packs.push([batch.bytes]);
    }
  }
  const rescues: Bytes[] = [];
  for (const pack of packs) if (pack.length > 0) rescues.push(await sealBatches(pack, parts));
  return { entries, rescues, unread };
};

export const operatorKeyOf = ({ operatorKey, operatorKeyVersion }: Identity): OperatorKey => ({
  key: operatorKey,
  version: operatorKeyVersion,
});

const sealBatches = async (batches: readonly Bytes[], { identity, gzip, random }: RescueParts): Promise<Bytes> =>
  sealRescue(await gzip(encodeRescue(identity.terminal, batches)), operatorKeyOf(identity), random.bytes(16));

/** With what CBOR puts around each, and around them all. */
const hasRoom = (pack: readonly Bytes[], batch: Bytes): boolean =>
  pack.length < rescueBatchesMax &&
  [...pack, batch].reduce((sum, { length }) => sum + length + 9, aroundBytes) <= rescueContentBytesMax;

const aroundBytes = 128;

const chainsOf = (found: readonly FoundCopy[], terminal: string): readonly Chain[] =>
  found
    .flatMap(({ chain }) => (chain?.terminal === terminal && chain.epoch?.length === 16 ? [chain] : []))
    .filter((chain, at, all) => all.findIndex((each) => nameOf(each) === nameOf(chain)) === at);

const nameOf = ({ epoch }: Chain): string => toHex(epoch);

async function* batchesOf(
  chain: Chain,
  found: readonly FoundCopy[],
  { identity, now }: RescueParts,
): AsyncGenerator<{ readonly bytes: Bytes; readonly count: number }> {
  // A copy that lost its chain's name may still hold entries of it.
  const copies = found.filter((copy) => copy.chain === null || nameOf(copy.chain) === nameOf(chain));
  const ackedSeq = Math.max(0, ...copies.map((copy) => (copy.chain === null ? 0 : copy.ackedSeq)));
  for (const stretch of await stretchesOf(chain, copies, ackedSeq, Number.MAX_SAFE_INTEGER)) {
    for (let seq = Math.max(stretch.firstSeq, ackedSeq + 1); seq <= stretch.lastSeq; ) {
      const entries = cutBatch(await readOn(stretch, seq));
      const last = entries.at(-1);
      if (last === undefined) break;
      const said = { ...chain, seq: last.seq, hash: last.hash, at: now() };
      const checkpoint = await signStatement("checkpoint", said, identity.key);
      yield { bytes: encodeBatch({ epoch: chain.epoch, from: seq, entries, checkpoint }), count: entries.length };
      seq = last.seq + 1;
    }
  }
}

const chunk = 500;

type Stretch = Pick<FoundCopy, "read"> & { readonly firstSeq: number; readonly lastSeq: number };

/** Every unbroken stretch before `end`, in order. The last acknowledged entry is read too: the next one follows from it. */
const stretchesOf = async (
  chain: Chain,
  copies: readonly FoundCopy[],
  ackedSeq: number,
  end: number,
): Promise<readonly Stretch[]> => {
  const within = copies.map((copy) => ({
    ...copy,
    read: async (seq: number, max: number) =>
      (await copy.read(Math.max(seq, ackedSeq), max)).filter((entry) => entry.seq < end),
  }));
  const woven = await weaveChain(chain, within);
  if (woven.kind === "forked") {
    const [only] = copies;
    // One copy that is at odds with itself tells nothing that could be believed.
    if (only === undefined || copies.length === 1) return [];
    const told = await Promise.all(copies.map((copy) => stretchesOf(chain, [copy], ackedSeq, end)));
    return told.flat();
  }
  const { firstSeq, head, picks } = woven;
  if (picks.length === 0) return [];
  const before = firstSeq > ackedSeq + 1 ? await stretchesOf(chain, copies, ackedSeq, firstSeq) : [];
  return [...before, { firstSeq, lastSeq: head.seq, read: readWoven(within, picks) }];
};

/** What one batch may take, from whichever copies it comes. */
const readOn = async ({ read, lastSeq }: Stretch, from: number): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  const end = Math.min(from + chunk - 1, lastSeq);
  while (from + entries.length <= end) {
    const seq = from + entries.length;
    const next = (await read(seq, end - seq + 1)).filter((entry, index) => entry.seq === seq + index);
    if (next.length === 0) break;
    entries.push(...next);
  }
  return entries;
};

/** A copy that fails while it is read counts as far as it could be read. */
const readable = (copy: FoundCopy, unread: string[]): FoundCopy => ({
  ...copy,
  read: async (seq, max) => {
    try {
      return await copy.read(seq, max);
    } catch (reason) {
      unread.push(causeOf(reason));
      return [];
    }
  },
});

const causeOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
