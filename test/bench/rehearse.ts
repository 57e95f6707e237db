/**
 * A rehearsal over a month of a city, in the thread that the server runs it in, beside what it takes to read the same
 * entries and decide nothing. Meanwhile this thread answers, as the server's would: how late it is at the most is what
 * whoever waits for an ack would notice of it. All decisions are touched: the pack has another price for everybody.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import { createRehearsalThread } from "../../edge-server/adapters/rehearsal-thread.ts";
import { pathsIn } from "../../edge-server/settings.ts";
import type { Policy } from "../../shared/policy.ts";
import { now, samplePack, samplePolicy, sampleRules } from "../sample.ts";
import type { Row } from "./main.ts";
import { writeSqliteMonth } from "./settle-ledger.ts";

export const rehearsedTaps = 500_000;
const monthSeconds = 31 * 86_400;

export const measureRehearse = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-bench-"));
  try {
    const { ledger: path } = pathsIn(folder);
    writeSqliteMonth(path, rehearsedTaps, { from: now, policy: "00".repeat(32), signedPolicy: "" });
    const reading = await readAlone(path);
    const before = memoryNow();
    const waits = watchTicks();
    const startedAt = performance.now();
    const result = await createRehearsalThread({ folder, databaseUrl: null })(
      {
        proposal: { kind: "policy", before: samplePolicy, after: dearer },
        cuts: [],
        ...{ from: now, until: now + monthSeconds },
      },
      new AbortController().signal,
      () => waits.noteMemory(),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const { latest, memory } = waits.stop();
    const decisions = result?.services.reduce((sum, each) => sum + each.decisions, 0) ?? 0;
    const perSecond = Math.round(decisions / seconds);
    return [
      {
        ...{ part: "rehearse", name: "decisions made twice, each second", value: perSecond, unit: "/s" },
        ...{
          peer: `reading alone ${Math.round(decisions / reading)}`,
          ratio: rounded(reading / seconds),
          goal: null,
          met: null,
        },
      },
      {
        ...{
          part: "rehearse",
          name: "how late the server's thread is meanwhile, at most",
          value: rounded(latest),
          unit: "ms",
        },
        ...{ peer: null, ratio: null, goal: null, met: null },
      },
      {
        ...{ part: "rehearse", name: "memory more than before", value: Math.round(memory - before), unit: "MB" },
        ...{ peer: null, ratio: null, goal: null, met: null },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const dearer: Policy = {
  ...samplePolicy,
  packs: [
    {
      ...samplePack,
      version: 4,
      services: {
        metro: { ...sampleRules("metro"), fullPrice: 500 },
        bike: { ...sampleRules("bike"), fullPrice: 160 },
      },
    },
  ],
};

/** Seconds. */
const readAlone = async (path: string): Promise<number> => {
  const ledger = createSqliteLedger(path);
  const startedAt = performance.now();
  let chars = 0;
  for await (const { text } of ledger.everything()) chars += text?.length ?? 0;
  await ledger.close();
  if (chars === 0) throw new Error("there is nothing to read");
  return (performance.now() - startedAt) / 1000;
};

const memoryNow = (): number => process.memoryUsage.rss() / 1024 / 1024;

/** Every 5 ms this thread has something to do. */
const watchTicks = () => {
  let [due, latest, memory] = [performance.now() + 5, 0, 0];
  const timer = setInterval(() => {
    latest = Math.max(latest, performance.now() - due);
    due = performance.now() + 5;
  }, 5);
  return {
    noteMemory: () => {
      memory = Math.max(memory, memoryNow());
    },
    stop: () => {
      clearInterval(timer);
      return { latest, memory };
    },
  };
};

const rounded = (value: number): number => Math.round(value * 100) / 100;
