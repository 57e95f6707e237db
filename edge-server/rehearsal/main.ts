/**
 * A rehearsal in a thread of its own, so that whoever waits for an ack waits for nothing of it. It opens the ledger for
 * itself, says how far it is and at last what came out, and ends; any message to it means that it is to stop. Wiring only.
 */
import { parentPort, workerData } from "node:worker_threads";
import { openLedger } from "../adapters/ledger.ts";
import { type AskedRehearsal, rehearseLedger } from "../rehearse-run.ts";
import type { Settings } from "../settings.ts";

/** What it is started with. */
export type RehearsalStart = {
  readonly settings: Pick<Settings, "folder" | "databaseUrl">;
  readonly asked: AskedRehearsal;
};

const { settings, asked } = workerData as RehearsalStart;
const stop = new AbortController();
parentPort?.once("message", () => stop.abort());

const ledger = await openLedger(settings);
try {
  const result = await rehearseLedger(ledger)(asked, stop.signal, (entries) => parentPort?.postMessage({ entries }));
  parentPort?.postMessage({ result });
} finally {
  await ledger.close();
  parentPort?.close();
}
