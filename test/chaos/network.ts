/** A terminal whose network does everything that networks do; then it is well, and the ledger has each entry once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../live-city.ts";
import { networkFaults, openGateway } from "./faulty-gateway.ts";
import { undoAtEnd } from "./leftovers.ts";
import { compareLedger, openCity, openTerminal } from "./live-terminal.ts";
import type { Row } from "./main.ts";

/** How often each fault comes. One batch in so many is let through. */
const timesEach = 4;
const wholeOneIn = 5;

export const troubleNetwork = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-network-"));
  const work = undoAtEnd(() => rmSync(folder, { recursive: true, force: true }));
  const city = await openCity();
  const gateway = await openGateway(city.url);
  const terminal = await openTerminal(city, join(folder, "profile"), gateway.origin);
  let batches = 0;
  gateway.setFaults(() => {
    batches += 1;
    if (batches % wholeOneIn === 0) return null;
    // Whichever came least often so far: all come, in an order that shifts against that of the batches let through.
    const often = (fault: string) => gateway.count().get(fault) ?? 0;
    return networkFaults.toSorted((a, b) => often(a) - often(b))[0] ?? null;
  });
  terminal.arrive();
  const isDone = () => networkFaults.every((fault) => (gateway.count().get(fault) ?? 0) >= timesEach);
  await waitUntil(async () => isDone(), 300);
  gateway.setFaults(() => null);
  await new Promise((resolve) => setTimeout(resolve, 4000)); // a tap more nudges the outbox, and what was late has come
  await terminal.leave();
  const { entries, lost, doubled, faults } = await compareLedger(city, terminal, await terminal.drain());
  await terminal.close();
  gateway.close();
  await city.close();
  work.now();
  for (const each of faults) console.error(each);
  for (const [fault, times] of gateway.count()) console.log(`proxy: ${times} times ${fault}`);
  const count = [...gateway.count().values()].reduce((sum, each) => sum + each, 0);
  return [
    {
      part: "proxy",
      name: `${networkFaults.length} faults of networks`,
      found: `${count} faults in ${batches} batches, ${entries} entries, ${lost} lost, ${doubled} doubled`,
      goal: "0, 0; audit passes",
      isKept: entries > 0 && lost + doubled + faults.length === 0,
    },
  ];
};
