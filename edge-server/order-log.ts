/**
 * The log of an order desk: a chain of its own for each run of the server, signed by the desk's key and handed to the same
 * judgement as every terminal's. What it resolves to lies in the ledger. Where the ledger could not tell, the next entries
 * begin a new chain: what was handed in before may be there or not, and is not told again.
 */
import { encodeBatch } from "../shared/batch.ts";
import { toBase64url } from "../shared/bytes.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Chain, type Entry, genesisOf, type Head, makeEntry } from "../shared/log.ts";
import { signStatement } from "../shared/sync.ts";
import type { Instant } from "../shared/terms.ts";
import type { EntryRef, Happening, Personal } from "../shared/transaction.ts";
import type { LogIntake } from "./log-intake.ts";
import type { TerminalRow } from "./ports.ts";
import { randomBytes } from "./random.ts";
import type { RulesNow } from "./rules-now.ts";

/** Each is given what the entries before it are called. */
export type Telling = (refOf: (index: number) => EntryRef) => readonly {
  readonly happening: Happening;
  readonly personal?: Personal;
}[];

export type OrderLog = {
  /** All or nothing, one telling after another. False: nobody knows whether it is there. */
  readonly write: (telling: Telling, rules: RulesNow, at: Instant) => Promise<boolean>;
};

type Written = { readonly chain: Chain; readonly head: Head; readonly policyHash: string | null };

export const createOrderLog = (terminal: TerminalRow, key: SigningKey, takeBatch: LogIntake): OrderLog => {
  const boot = toBase64url(randomBytes(9));
  let written: Written | null = null;

  const begin = async (): Promise<Written> => {
    const chain = { terminal: terminal.id, epoch: randomBytes(16) };
    return { chain, head: await genesisOf(chain), policyHash: null };
  };

  return {
    write: async (telling, rules, at) => {
      const { chain, head, policyHash } = written ?? (await begin());
      written = null;
      const { manifest, policyHash: policy, signedPolicy } = rules;
      const opening: readonly Happening[] = [
        ...(head.seq === 0 ? [{ kind: "started", app: "orders", newEpoch: true } as const] : []),
        ...(policyHash === policy
          ? []
          : [{ kind: "installed", manifest, policy, signedPolicy: toBase64url(signedPolicy) } as const]),
      ];
      const first = head.seq + opening.length + 1;
      const refOf = (index: number): EntryRef => ({
        ...{ terminal: chain.terminal, epoch: toBase64url(chain.epoch) },
        seq: first + index,
      });
      const entries: Entry[] = [];
      for (const each of [...opening.map((happening) => ({ happening })), ...telling(refOf)]) {
        const stamp = { v: 1, at, boot, clock: "device" } as const;
        const { happening, personal = {} } = each as ReturnType<Telling>[number];
        entries.push(await makeEntry(entries.at(-1) ?? head, { ...stamp, ...happening }, personal, randomBytes(16)));
      }
      const last = entries.at(-1);
      if (last === undefined) return true;
      const { seq, hash } = last;
      const checkpoint = await signStatement("checkpoint", { ...chain, seq, hash, at }, key);
      const batch = encodeBatch({ epoch: chain.epoch, from: head.seq + 1, entries, checkpoint });
      const judged = await takeBatch({ terminal, key }, async () => ({ value: batch }), at);
      if ("refusal" in judged || judged.value.kind !== "acked") return false;
      written = { chain, head: { seq, hash }, policyHash: policy };
      return true;
    },
  };
};

/** The terminals of the server's own, in the registry. */
export const deskIdOf = (programme: string): string => `${deskPrefix}${programme}`;
export const isDeskId = (terminal: string): boolean => terminal.startsWith(deskPrefix);
const deskPrefix = "orders-";
