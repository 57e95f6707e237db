/**
 * What is judged when all is over: everything reconnected, every terminal served once more, and every outbox is empty.
 * The ledger is read as any auditor reads it, and compared with what the observer has seen.
 */
import { auditLedger } from "../../edge-server/audit.ts";
import type { Ledger, TerminalRow } from "../../edge-server/ports.ts";
import { fromBase64url, toBase64url } from "../../shared/bytes.ts";
import type { Root } from "../../shared/root.ts";
import type { EntryRef } from "../../shared/transaction.ts";
import { readTransaction } from "../../shared/transaction.ts";
import type { Device } from "./device.ts";
import { nameOf } from "./media.ts";
import type { Observer } from "./observer.ts";

export type Verdict = {
  readonly entries: number;
  readonly opened: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  /** See observer.ts. */
  readonly excused: { readonly destroyed: number; readonly dropped: number };
  readonly recovered: number;
};

export type VerdictParts = {
  readonly observer: Observer;
  readonly ledger: Ledger;
  readonly root: Root;
  readonly terminal: (id: string) => TerminalRow | null;
  readonly devices: readonly Device[];
};

/** What an auditor says of what a transaction says, however well it stands in its chain. */
const contentFaults: ReadonlySet<string> = new Set(["policy", "decision", "override", "personal"]);

export const judge = async ({ observer, ledger, root, terminal, devices }: VerdictParts): Promise<Verdict> => {
  const { facts, violate } = observer;
  const seen = new Set<string>();
  const recovered = new Set<string>();
  /** Entries that tell again what a damage left of others. */
  const toldDamaged = new Set<string>();
  const outcomes = new Map<string, string>();
  const count = { entries: 0, lost: 0, doubled: 0, reordered: 0, destroyed: 0, dropped: 0 };

  for (const chain of await ledger.chains()) {
    let newest = 0;
    for await (const { seq, hash, bytes, personal } of ledger.entries(chain)) {
      const where = `${chain.terminal}/${toBase64url(chain.epoch)}/${seq}`;
      const name = nameOf(hash);
      const fact = facts.get(name);
      count.entries += 1;
      if (fact === undefined || fact.entry.seq !== seq || fact.chain.terminal !== chain.terminal) {
        violate(`the ledger has ${where}, which never happened`);
      } else if (fact.entry.personal?.text !== personal?.text && !fact.wasDestroyed)
        violate(`the ledger lost what is personal of ${where}`);
      if (seen.has(name)) {
        count.doubled += 1;
        violate(`the ledger has ${where} twice`);
      }
      if (seq !== newest + 1) {
        count.reordered += 1;
        violate(`the ledger has ${where} after ${newest}`);
      }
      newest = seq;
      seen.add(name);
      const said = readTransaction(bytes);
      if (said?.kind === "recovered" && typeof said.hash === "string") {
        const original = nameOf(fromBase64url(said.hash) ?? new Uint8Array(0));
        const before = facts.get(original);
        if (before !== undefined && said.bytes === toBase64url(before.entry.bytes)) recovered.add(original);
        else if (fact !== undefined && observer.damaged.has(fact.device)) toldDamaged.add(where);
      }
      // What was altered on the way may name nothing.
      if (said?.kind === "acted" && said.of !== undefined) {
        const { terminal: by, epoch, seq: of } = said.of as EntryRef;
        outcomes.set(`${by}/${epoch}/${of}`, String(said.outcome));
      }
    }
  }

  for (const device of devices) {
    for (const [name, fact] of facts) {
      if (fact.device !== device.name || !fact.isAnswered || fact.said.kind === "recovered") continue;
      if (seen.has(name) || recovered.has(name)) continue;
      if (fact.excuse !== null) count[fact.excuse] += 1;
      else {
        count.lost += 1;
        violate(
          `${fact.chain.terminal}/${toBase64url(fact.chain.epoch)}/${fact.entry.seq} (${fact.said.kind}) is lost`,
        );
      }
    }
  }

  // A profile that was put back may use a place twice: then each of the two happened.
  const moved = new Map<string, Set<string | null>>();
  for (const { of, outcome } of observer.movements) {
    const ref = `${of.terminal}/${of.epoch}/${of.seq}`;
    moved.set(ref, (moved.get(ref) ?? new Set()).add(outcome));
  }
  for (const [ref, outcome] of outcomes) {
    if (moved.get(ref)?.has(outcome) !== true) violate(`the ledger says ${outcome} of ${ref}, the gate did not`);
  }

  const audit = await auditLedger(ledger, { roots: [root], registry: { terminal } });
  for (const { fault, where, detail } of audit.problems) {
    const isCaused =
      fault === "fork"
        ? devices.some(({ name }) => where.startsWith(name) && observer.damaged.has(name))
        : contentFaults.has(fault) && toldDamaged.has(where);
    if (!isCaused) violate(`audit: ${fault} ${where}: ${detail}`);
  }
  const { destroyed, dropped, ...counted } = count;
  return {
    ...counted,
    opened: observer.movements.length,
    excused: { destroyed, dropped },
    recovered: recovered.size,
  };
};
