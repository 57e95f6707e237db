/**
 * Exports made for the console: one at a time, into a file of their own beside the records, as `ledger export` writes
 * them. They go on when the page is closed, say how far they are, and are kept for a day or until the server ends. A file
 * that is being made has another name, so that nobody is given half of one.
 */
import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ExportJob } from "../shared/admin.ts";
import type { Instant } from "../shared/terms.ts";
import { exportLedger } from "./export.ts";
import type { Ledger } from "./ports.ts";

export type ExportJobs = {
  /** Null where one is under way already. */
  readonly start: (asked: Pick<ExportJob, "format" | "since">, total: number) => ExportJob | null;
  /** Newest first. */
  readonly list: () => readonly ExportJob[];
  /** The path of its file; null before it is whole. */
  readonly file: (number: number) => { readonly path: string; readonly job: ExportJob } | null;
  readonly stop: () => Promise<void>;
};

const keptSeconds = 86_400;
const keptMax = 5;

export const createExportJobs = (folder: string, ledger: Pick<Ledger, "snapshot">, now: () => Instant): ExportJobs => {
  rmSync(folder, { recursive: true, force: true });
  let jobs: readonly ExportJob[] = [];
  let number = 0;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  const change = (job: ExportJob, changes: Partial<ExportJob>): void => {
    jobs = jobs.map((each) => (each.number === job.number ? { ...each, ...changes } : each));
  };
  const pathOf = ({ number, format }: ExportJob): string => join(folder, `${number}.${format}`);

  const run = async (job: ExportJob): Promise<void> => {
    const draft = `${pathOf(job)}.new`;
    try {
      const snapshot = await ledger.snapshot();
      try {
        await pipeline(
          Readable.from(
            counted(exportLedger(snapshot, job), (entries) => {
              if (isStopped) throw new Error("the server ended");
              change(job, { entries });
            }),
          ),
          createWriteStream(draft, { mode: 0o600 }),
        );
      } finally {
        await snapshot.close();
      }
      renameSync(draft, pathOf(job));
      change(job, { state: "done", bytes: statSync(pathOf(job)).size });
    } catch (error) {
      rmSync(draft, { force: true });
      change(job, { state: "failed", cause: error instanceof Error ? error.message : String(error) });
    }
  };

  const dropOld = (): void => {
    const kept = jobs.filter((job, index) => index < keptMax && now() - job.at < keptSeconds);
    for (const job of jobs) if (!kept.includes(job)) rmSync(pathOf(job), { force: true });
    jobs = kept;
  };

  return {
    start: (asked, total) => {
      if (jobs.some(({ state }) => state === "running")) return null;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const job: ExportJob = {
        ...asked,
        number: ++number,
        at: now(),
        state: "running",
        entries: 0,
        total,
        bytes: 0,
        cause: "",
      };
      jobs = [job, ...jobs];
      dropOld();
      running = run(job);
      return job;
    },
    list: () => {
      dropOld();
      return jobs;
    },
    file: (wanted) => {
      const job = jobs.find((each) => each.number === wanted && each.state === "done");
      return job === undefined || !readdirSync(folder).includes(`${job.number}.${job.format}`)
        ? null
        : { path: pathOf(job), job };
    },
    stop: async () => {
      isStopped = true;
      await running;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** So long at a time, and as long a rest: whoever waits for an ack, or looks at the console, goes in between. */
const sliceMilliseconds = 5;

const counted = async function* (lines: AsyncIterable<string>, say: (lines: number) => void): AsyncIterable<string> {
  let count = 0;
  let text = "";
  let until = performance.now() + sliceMilliseconds;
  for await (const line of lines) {
    text += line;
    count += 1;
    if (performance.now() < until) continue;
    say(count);
    yield text;
    text = "";
    await new Promise<void>((resolve) => setTimeout(resolve, sliceMilliseconds));
    until = performance.now() + sliceMilliseconds;
  }
  say(count);
  yield text;
};
