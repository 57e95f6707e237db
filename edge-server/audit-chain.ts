/**
 * The audit of one chain, entry by entry in order of seq, each receipt after the entry that it is about. It keeps no more
 * than the last head and the acks that are still waiting for theirs. After something wrong it goes on from what is
 * recorded, so that one damage is named once and does not hide the next.
 */

import { type Bytes, equalBytes, toBase64url } from "../shared/bytes.ts";
import type { PublicKey } from "../shared/keys.ts";
import { type Chain, extendChain, genesisOf, type Head, type PersonalText, personalHash } from "../shared/log.ts";
import { type RecoveredEntry, readRecovered } from "../shared/recovered.ts";
import { isValidAt, type Root } from "../shared/root.ts";
import { readStatement, type Statement, type StatementType } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import { type ReadTransaction, readTransaction } from "../shared/transaction.ts";
import type { DecisionAudit } from "./audit-decisions.ts";
import type { ObjectionAudit } from "./audit-objections.ts";
import type { OverrideAudit, Place } from "./audit-overrides.ts";
import type { Tally } from "./audit-tally.ts";
import { columnsOf } from "./columns.ts";
import type { Receipt } from "./ports.ts";

export type AuditEntry = Head & {
  readonly bytes: Bytes;
  readonly at: Instant | null;
  readonly kind: string | null;
  readonly personal: PersonalText | null;
};

export type AuditReceipt = Omit<Receipt, keyof Chain>;

/** What is looked at in each entry, told again or not. */
export type EntryAudits = {
  readonly decisions: DecisionAudit;
  readonly overrides: OverrideAudit;
  readonly objections: ObjectionAudit;
};

export type ChainAudit = {
  readonly addEntry: (entry: AuditEntry) => Promise<void>;
  readonly addReceipt: (receipt: AuditReceipt) => Promise<void>;
  readonly finish: () => void;
};

/** Whose checkpoints these are: the terminal's by its key, the server's own by its edge keys; null: not at hand. */
export type Signer = PublicKey | "edge" | null;

export const createChainAudit = async (
  chain: Chain,
  signer: Signer,
  roots: readonly Root[],
  audits: EntryAudits,
  tally: Tally,
): Promise<ChainAudit> => {
  let head = await genesisOf(chain);
  let signedSeq = 0;
  const waiting = new Map<number, readonly Bytes[]>();
  const epoch = toBase64url(chain.epoch);
  const at = (seq: number): string => `${chain.terminal}/${epoch}/${seq}`;
  const isOfChain = (said: Statement): boolean =>
    said.terminal === chain.terminal && equalBytes(said.epoch, chain.epoch);

  const isHead = (said: Statement): boolean => said.seq === head.seq && equalBytes(said.hash, head.hash);

  const countAck = (seq: number, isGood: boolean): void => {
    tally.countSignature("acks", isGood ? "good" : "bad");
    if (!isGood) tally.report("ack", at(seq), "an ack that is not of an edge key, or says something else");
  };

  const checkAck = async (receipt: AuditReceipt): Promise<void> => {
    const said = await readByEdge("ack", receipt.ack, roots);
    const isOurs = said !== null && isOfChain(said);
    if (roots.length === 0) tally.countSignature("acks", "unknown");
    else if (!isOurs || said.seq <= head.seq) countAck(receipt.seq, isOurs && isHead(said));
    else waiting.set(said.seq, [...(waiting.get(said.seq) ?? []), said.hash]); // it answered entries sent again, when later ones were there already
  };

  const readCheckpoint = (bytes: Bytes, by: PublicKey | "edge"): Promise<Statement | null> =>
    by === "edge" ? readByEdge("checkpoint", bytes, roots) : readStatement("checkpoint", bytes, [by]);

  const checkCheckpoint = async (receipt: AuditReceipt): Promise<void> => {
    const isUnknown = signer === null || (signer === "edge" && roots.length === 0);
    const said = isUnknown ? null : await readCheckpoint(receipt.checkpoint, signer);
    const isGood = said !== null && isOfChain(said) && isHead(said);
    tally.countSignature("checkpoints", isUnknown ? "unknown" : isGood ? "good" : "bad");
    if (isUnknown || isGood) return;
    tally.report("checkpoint", at(receipt.seq), "not signed by the terminal, or for other entries");
  };

  const auditContent = async (transaction: ReadTransaction, seq: number, place: Place): Promise<void> => {
    await audits.decisions.add(transaction, at(seq));
    for (const wrong of await audits.overrides(transaction, place)) tally.report("override", at(seq), wrong);
    const odd = audits.objections(transaction, seq);
    if (odd !== null) tally.report("objection", at(seq), odd);
  };

  /** It stands nowhere, so that its hash proves nothing here; but a decision in it can be made again. */
  const addRecovered = async ({ of, bytes, personal }: RecoveredEntry, seq: number): Promise<void> => {
    const transaction = readTransaction(bytes);
    if (!(await fitsPersonal(personal, transaction))) {
      tally.report("personal", at(seq), "what is personal is not what the recovered bytes bind");
    }
    if (transaction !== null) await auditContent(transaction, seq, { epoch: of.epoch, seq: of.seq, isTold: true });
  };

  return {
    addEntry: async (entry) => {
      tally.countEntry();
      if (entry.seq <= head.seq) {
        tally.report("out-of-order", at(entry.seq), `it stands after ${head.seq}`);
        return;
      }
      if (entry.seq > head.seq + 1) {
        tally.report("missing", at(head.seq + 1), `the next entry there is ${entry.seq}`);
      } else if (!equalBytes((await extendChain(head, entry.bytes)).hash, entry.hash)) {
        tally.report("altered", at(entry.seq), "the bytes do not have this hash after the entry before");
      }
      head = { seq: entry.seq, hash: entry.hash };

      for (const acked of waiting.get(entry.seq) ?? []) countAck(entry.seq, equalBytes(acked, entry.hash));
      waiting.delete(entry.seq);

      const transaction = readTransaction(entry.bytes);
      if (!(await fitsPersonal(entry.personal, transaction))) {
        tally.report("personal", at(entry.seq), "what is personal is not what the bytes bind");
      }
      const { at: saidAt, kind } = columnsOf(transaction);
      if (entry.at !== saidAt || entry.kind !== kind) {
        tally.report("columns", at(entry.seq), "at or kind differ from the bytes");
      }
      if (transaction === null) return;
      await auditContent(transaction, entry.seq, { epoch, seq: entry.seq, isTold: false });
      const recovered = readRecovered(transaction, entry.personal);
      if (recovered !== null) await addRecovered(recovered, entry.seq);
    },
    addReceipt: async (receipt) => {
      if (receipt.seq !== head.seq) {
        tally.report("cut", at(receipt.seq), `a receipt is there, the entry is not; the last one is ${head.seq}`);
        return;
      }
      signedSeq = receipt.seq;
      await checkCheckpoint(receipt);
      await checkAck(receipt);
    },
    finish: () => {
      for (const [seq, acked] of waiting) {
        for (const _ of acked) tally.countSignature("acks", "bad");
        tally.report("cut", at(seq), `acknowledged, but the last entry is ${head.seq}`);
      }
      if (signedSeq < head.seq) tally.report("unsigned", at(signedSeq + 1), `no checkpoint up to ${head.seq}`);
    },
  };
};

/**
 * An edge key counts only for its time, and the newest root that names it has the last word on that: an earlier one could
 * not know that it would be stolen.
 */
const readByEdge = async (type: StatementType, bytes: Bytes, roots: readonly Root[]): Promise<Statement | null> => {
  const edges = new Map(roots.flatMap((root) => root.edges).map((timed) => [timed.key.kid, timed]));
  for (const timed of edges.values()) {
    const said = await readStatement(type, bytes, [timed.key]);
    if (said !== null && isValidAt(timed, said.at)) return said;
  }
  return null;
};

/** What was erased is not there, and nothing is wrong with that. */
const fitsPersonal = async (personal: PersonalText | null, transaction: ReadTransaction | null): Promise<boolean> =>
  personal === null || transaction?.personal === (await personalHash(personal));
