/** An operator's records with a ledger that terminals of a made-up city wrote into, for tests of `settle` and what is beside it. */
import { writeFileSync } from "node:fs";
import { openKeyFiles } from "../edge-server/adapters/key-files.ts";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { createSqlitePublishedStore } from "../edge-server/adapters/published-sqlite.ts";
import { columnsOf } from "../edge-server/columns.ts";
import { readPeriod } from "../edge-server/period.ts";
import { hashesOf } from "../edge-server/published.ts";
import { pathsIn } from "../edge-server/settings.ts";
import { type Bytes, fromBase64url, sha256, toBase64url, toHex } from "../shared/bytes.ts";
import { genesisOf, makeEntry, pseudonymOf } from "../shared/log.ts";
import type { Policy } from "../shared/policy.ts";
import { readTransaction } from "../shared/transaction.ts";
import { append, type Kept } from "./ledger-entries.ts";
import { makeRecords, must } from "./records.ts";
import { createLogs, pricedPolicy, type Written } from "./taps.ts";

export const october = readPeriod("2024-09")?.until ?? 0;
export const [hour, day] = [3600, 86_400];

export type SettleCity = {
  readonly data: string;
  readonly logs: ReturnType<typeof createLogs>;
  readonly pseudonymOf: (sub: string) => Promise<string>;
  /** What was written since the last time reaches the ledger. */
  readonly arrive: (isArriving?: (written: Written) => boolean) => Promise<void>;
};

export const makeCity = async (policy: Policy = pricedPolicy): Promise<SettleCity> => {
  const data = await makeRecords();
  const pack = `${data}-pack.json`;
  writeFileSync(pack, JSON.stringify(policy.packs[0]));
  await must(data, "programme", "add", pack);
  const store = createSqlitePublishedStore(pathsIn(data).published);
  const artefact = store.read()?.artefacts.find(({ entry }) => entry.name === "policy");
  const signed = store.artefact(artefact === undefined ? "" : (hashesOf(artefact)[0] ?? "")) ?? new Uint8Array(0);
  store.close();
  const hash = toHex(await sha256(signed));
  const { operator } = await openKeyFiles(pathsIn(data).keys);
  const key = await crypto.subtle.importKey("raw", operator.bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const logs = createLogs(policy, hash);
  const waiting = new Map<string, Written[]>();
  let taken = 0;
  return {
    data,
    logs,
    pseudonymOf: (sub) => pseudonymOf(key, "here", sub),
    arrive: async (isArriving = () => true) => {
      for (const written of logs.written.slice(taken)) {
        waiting.set(written.ref.terminal, [...(waiting.get(written.ref.terminal) ?? []), written]);
      }
      taken = logs.written.length;
      const ledger = createSqliteLedger(pathsIn(data).ledger);
      for (const [terminal, all] of waiting) {
        if (!all.every(isArriving)) continue;
        await appendAll(ledger, terminal, all, signed, hash);
        waiting.delete(terminal);
      }
      await ledger.close();
    },
  };
};

/** The terminal's whole log so far comes at once; the policy stands before the rest. */
const appendAll = async (
  ledger: ReturnType<typeof createSqliteLedger>,
  terminal: string,
  written: readonly Written[],
  signed: Bytes,
  hash: string,
): Promise<void> => {
  const epoch = fromBase64url(written[0]?.ref.epoch ?? "") ?? new Uint8Array(16);
  const chain = { terminal, epoch };
  let head = (await ledger.head(chain)) ?? (await genesisOf(chain));
  const entries: Kept[] = [];
  const salt = new Uint8Array(16).fill(7);
  for (const { ref, transaction, personal } of written) {
    const entry = await makeEntry(head, transaction, personal, salt);
    if (entry.seq !== ref.seq) throw new Error("not the entry that was named");
    head = entry;
    entries.push({ ...entry, ...columnsOf(readTransaction(entry.bytes)) });
  }
  await append(ledger, chain, entries);
  const own = { terminal: `${terminal}-policy`, epoch };
  if ((await ledger.head(own)) !== null) return;
  const installed = { kind: "installed", manifest: 1, policy: hash, signedPolicy: toBase64url(signed) } as const;
  const stamp = { v: 1, at: october, boot: "boot", clock: "device" } as const;
  const entry = await makeEntry(await genesisOf(own), { ...stamp, ...installed }, {}, salt);
  await append(ledger, own, [{ ...entry, ...columnsOf(readTransaction(entry.bytes)) }]);
};
