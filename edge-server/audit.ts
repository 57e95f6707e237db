/**
 * `ledger verify`: checks everything that can be checked of a ledger or of an export, and believes neither (promises 2, 3
 * and 5). Streams; memory grows with the number of chains and of distinct policies only.
 *
 * Every hash follows from the one before; every checkpoint is the terminal's and every ack an edge key's, and both say what
 * is there; what is personal is what the bytes bind; what is said beside the bytes is what they say; every recorded policy
 * is a publisher's; every decision comes out the same again; what staff did is what
 * they may; every answer to an objection is the server's own, and the first. Forks are listed, and what else is kept and not believed is
 * counted, as is what lost its personal fields. Where a key or a policy is not at hand the
 * answer is `unknown`, never a pass.
 *
 * What can be proven of an end that was cut off: where a receipt of it is left, an ack names what is not there. Where all of
 * it is gone, the terminal's next batch leaves a gap, and it sends again what it keeps, or raises an alarm. Of a terminal
 * that sends no more, an earlier export tells (`heads`, see audit-earlier.ts), and nothing else does.
 */

import { toBase64url } from "../shared/bytes.ts";
import { importPublicKey } from "../shared/keys.ts";
import type { Chain } from "../shared/log.ts";
import { isObjectionChain } from "../shared/objection.ts";
import type { Root } from "../shared/root.ts";
import { readStamp } from "../shared/stamp.ts";
import { type ChainAudit, createChainAudit } from "./audit-chain.ts";
import { createDecisionAudits } from "./audit-decisions.ts";
import { createEarlierAudit, type EarlierHeads } from "./audit-earlier.ts";
import { createObjectionAudit } from "./audit-objections.ts";
import { createOverrideAudit, overrideKeysOf } from "./audit-overrides.ts";
import { type AuditResult, createTally, type Tally } from "./audit-tally.ts";
import { readExport } from "./export-reader.ts";
import type { LedgerReader, Registry } from "./ports.ts";
import { createQuarantine } from "./quarantine.ts";

/** `roots`: all there have been, oldest first; none where none is at hand. `registry` knows the terminals' keys, and staff. */
export type AuditKeys = {
  readonly roots: readonly Root[];
  readonly registry: (Pick<Registry, "terminal"> & Partial<Pick<Registry, "staff">>) | null;
};

export const auditLedger = async (
  ledger: LedgerReader,
  keys: AuditKeys,
  heads: EarlierHeads = new Map(),
): Promise<AuditResult> => {
  const tally = createTally();
  const earlier = createEarlierAudit(heads, tally);
  const quarantine = createQuarantine();
  const startChain = chainAudits(keys, tally);
  let erasedEntries = 0;
  for (const chain of await ledger.chains()) {
    const audit = await startChain(chain);
    const receipts = ledger.receipts(chain)[Symbol.asyncIterator]();
    let next = await receipts.next();
    for await (const entry of ledger.entries(chain)) {
      await audit.addEntry(entry);
      quarantine.addEntry(entry);
      earlier.addEntry(entry);
      if (entry.personal === null && typeof readStamp(entry.bytes)?.personal === "string") erasedEntries += 1;
      for (; next.done !== true && next.value.seq <= entry.seq; next = await receipts.next())
        await audit.addReceipt(next.value);
    }
    for (; next.done !== true; next = await receipts.next()) await audit.addReceipt(next.value);
    audit.finish();
  }
  earlier.finish();
  for await (const fork of ledger.forks()) {
    const where = `${fork.terminal}/${toBase64url(fork.epoch)}/${fork.seq}`;
    tally.report("fork", where, `the terminal told another history; its batch came at ${fork.receivedAt}`);
    quarantine.addFork(fork);
  }
  for await (const evidence of ledger.evidence()) quarantine.addEvidence(evidence);
  let recorded = 0;
  for await (const erasure of ledger.erasures()) recorded += erasure.entries;
  return tally.result({
    erased: { entries: erasedEntries, recorded },
    quarantined: quarantine.result().counts,
  });
};

/** `chunks`: the bytes of an ndjson export. Its chains may be mixed. */
export const auditExport = async (
  chunks: AsyncIterable<Uint8Array>,
  keys: AuditKeys,
  heads: EarlierHeads = new Map(),
): Promise<AuditResult> => {
  const tally = createTally();
  const earlier = createEarlierAudit(heads, tally);
  const startChain = chainAudits(keys, tally);
  const quarantine = createQuarantine();
  const audits = new Map<string, ChainAudit>();
  for await (const { number, line } of readExport(chunks)) {
    if (line === null) {
      tally.report("unreadable", `line ${number}`, "not a line of an export");
      continue;
    }
    const name = `${line.terminal}/${toBase64url(line.epoch)}`;
    const audit = audits.get(name) ?? (await startChain(line));
    audits.set(name, audit);
    await audit.addEntry({ ...line, personal: null });
    earlier.addEntry(line);
    quarantine.addEntry({ ...line, receivedAt: null, isAfterRevocation: false });
    if (!line.isTransactionOfBytes) {
      tally.report("columns", `${name}/${line.seq}`, "the transaction differs from the bytes");
    }
    if (line.receipt !== null) await audit.addReceipt(line.receipt);
  }
  for (const audit of audits.values()) audit.finish();
  earlier.finish();
  return tally.result({ erased: null, quarantined: quarantine.result().counts });
};

const chainAudits = ({ roots, registry }: AuditKeys, tally: Tally): ((chain: Chain) => Promise<ChainAudit>) => {
  const startDecisions = createDecisionAudits(roots, tally);
  return async (chain) => {
    tally.countChain();
    const isOurs = isObjectionChain(chain);
    const signer = isOurs ? "edge" : await importPublicKey(registry?.terminal(chain.terminal)?.key);
    const decisions = startDecisions();
    const overrides = createOverrideAudit(overrideKeysOf(registry, chain.terminal, decisions.policy));
    const objections = createObjectionAudit(isOurs);
    return createChainAudit(chain, signer, roots, { decisions, overrides, objections }, tally);
  };
};
